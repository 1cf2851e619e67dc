//! D15: the bench's own word that something was saved, signed, does what the next look would do.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use erpnext_github::setup::doc_event_secrets;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Method;
use secrecy::ExposeSecret as _;
use sha2::Sha256;

use super::CONFINED;
use crate::desk::company;
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;

const BODY: &str = r#"{"doctype": "Project", "name": "TRY-1", "modified": "2026-03-01 07:00:00.000000"}"#;

async fn signature(mirror: &Mirror, body: &str) -> String {
    let secrets = doc_event_secrets(mirror.site()).await.expect("readable");
    assert_eq!(secrets.len(), 1, "all rows share one");
    let mac = Hmac::<Sha256>::new_from_slice(secrets[0].expose_secret().as_bytes()).expect("a key");
    STANDARD.encode(mac.chain_update(body).finalize().into_bytes())
}

async fn tell(desk: &Desk, site: &str, body: &str, signature: Option<&str>) -> u16 {
    let mut request = desk
        .request(Method::POST, &format!("/internal/doc-event/{site}"))
        .header("content-type", "application/json")
        .body(body.to_owned());
    if let Some(signature) = signature {
        request = request.header("X-Frappe-Webhook-Signature", signature);
    }
    Desk::answer(request).await.status
}

#[tokio::test]
async fn d15_a_signed_word_of_the_bench_is_acted_on_at_once() {
    let (mirror, desk) = company().await;
    let site = mirror.site().name().to_owned();
    let before = mirror.erp.value(CONFINED).await;
    assert!(!before.contains("manager"), "{before}");
    let signature = signature(&mirror, BODY).await;
    assert_eq!(tell(&desk, &site, BODY, Some(&signature)).await, 202);
    desk.ended().await;
    let after = mirror.erp.value(CONFINED).await;
    assert!(after.contains("manager>octo/web"), "{after}");
    mirror.finish().await;
}

#[tokio::test]
async fn d15_who_cannot_sign_learns_and_changes_nothing() {
    let (mirror, desk) = company().await;
    let site = mirror.site().name().to_owned();
    let good = signature(&mirror, BODY).await;
    let other = signature(&mirror, "another body").await;
    let before = mirror.erp.dump().await;
    for (name, body, signature) in [
        (site.as_str(), BODY, None),
        (&site, BODY, Some("")),
        (&site, BODY, Some("bm9uc2Vuc2U=")),
        (&site, BODY, Some(other.as_str())),
        (&site, "", Some(good.as_str())),
        ("no.such.site", BODY, Some(&good)),
        ("..", BODY, Some(&good)),
    ] {
        let status = tell(&desk, name, body, signature).await;
        assert!(matches!(status, 401 | 404), "{name} {signature:?}: {status}");
    }
    assert_eq!(tell(&desk, &site, &"x".repeat(64 * 1024 + 1), Some(&good)).await, 413);
    let get = desk.request(Method::GET, &format!("/internal/doc-event/{site}"));
    assert_eq!(Desk::answer(get).await.status, 405);
    desk.ended().await;
    assert!(before == mirror.erp.dump().await);
    mirror.finish().await;
}
