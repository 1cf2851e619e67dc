//! An App is made on GitHub from our manifest, in two clicks.

use std::sync::Arc;

use chrono::TimeDelta;
use erpnext_github::sim::github::{Effect, Fault};
use serde_json::Value;
use url::Url;

use super::{Stage, path_of};

const ADMIN: &str = "admin@x.com";

/// Goes to GitHub's page and agrees; where that leads.
pub(super) async fn agree(stage: &Stage, name: &str) -> String {
    let answer = stage
        .call(
            ADMIN,
            "create_app",
            &[("name", name), ("personal", "1"), ("back_to", "/app/github-settings")],
        )
        .await;
    let url = Url::parse(super::text(answer.message(), "url")).expect("an address");
    let manifest = super::text(&answer.message()["fields"], "manifest").to_owned();
    let way = super::query(&url)["state"].clone();
    let form: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("manifest", manifest.as_str()), ("state", &way), ("owner", "mona")])
        .finish();
    let address = format!("{}/settings/apps/manifest", stage.mirror.github.base_url());
    path_of(&stage.press(&Url::parse(&address).expect("an address"), &form).await)
}

#[tokio::test]
async fn g3_1_an_app_that_somebody_agreed_to_is_stored_with_its_secrets() {
    let stage = Stage::without_app().await;
    let erp = stage.mirror.erp.erp();
    erp.set_single("GitHub Settings", "public_url", super::SITE)
        .await
        .expect("set");
    let back = agree(&stage, "First").await;
    assert!(back.starts_with("/integrations/github/app-created?code="), "{back}");
    let page = stage.open("admin", &back).await;
    assert_eq!((page.kind.as_str(), page.status), ("app-made", 200), "{}", page.text);
    assert!(page.text.contains("href=\"/app/github-settings\""));
    let stored = stage
        .mirror
        .erp
        .value("SELECT GROUP_CONCAT(field ORDER BY field) FROM tabSingles WHERE doctype = 'GitHub Settings' AND field LIKE 'app_%' AND value > ''")
        .await;
    for field in ["app_id", "app_slug", "app_client_id", "app_key_fingerprint"] {
        assert!(stored.contains(field), "{field} in {stored}");
    }
    assert!(
        stage
            .mirror
            .app()
            .github_app(stage.mirror.site())
            .await
            .expect("readable")
            .is_some()
    );
    let mine = stage
        .desk
        .get(ADMIN, "erpnext_github_integration.desk.my_connection", &[])
        .await;
    assert_eq!(mine.message()["can_install"], Value::Bool(true));
    assert_eq!(stage.open("admin", &back).await.kind, "state-used");
    // A code that was used, on a way that is good.
    let fresh = agree(&stage, "Second").await;
    let way = super::query(&Url::parse(&format!("{}{fresh}", super::SITE)).expect("an address"))["state"].clone();
    let page = stage
        .open("admin", &format!("/integrations/github/app-created?code=none&state={way}"))
        .await;
    assert!(
        page.kind == "refused" && page.text.contains("older than an hour"),
        "{}",
        page.text
    );
    stage.finish().await;
}

#[tokio::test]
async fn an_app_that_cannot_be_kept_leaves_the_one_before_as_it_was_and_says_where_to_get_the_key() {
    let stage = Stage::without_app().await;
    let erp = stage.mirror.erp.erp();
    erp.set_single("GitHub Settings", "public_url", super::SITE)
        .await
        .expect("set");
    let first = agree(&stage, "First").await;
    assert_eq!(stage.open("admin", &first).await.kind, "app-made");
    let stored = "SELECT CONCAT_WS('|', (SELECT GROUP_CONCAT(value ORDER BY field) FROM tabSingles WHERE doctype = 'GitHub Settings' \
                  AND field LIKE 'app_%'), (SELECT HEX(GROUP_CONCAT(sealed)) FROM erpnext_github_app_key), \
                  (SELECT GROUP_CONCAT(password ORDER BY fieldname) FROM `__Auth` WHERE doctype = 'GitHub Settings'))";
    let before = stage.mirror.erp.value(stored).await;
    // What GitHub says of the next one does not fit its field.
    let too_long = |answer: &mut Value| answer["slug"] = "x".repeat(200).into();
    let fault = Fault::on("/app-manifests/*", Effect::Edited(Arc::new(too_long)));
    stage.mirror.github.world().faults.push(fault);
    let second = agree(&stage, "Second").await;
    let page = stage.open("admin", &second).await;
    assert!(
        page.kind == "refused" && page.text.contains("could not be kept here") && page.text.contains("make a private key"),
        "{} {}",
        page.kind,
        page.text
    );
    assert!(page.text.contains("at most 140 characters"), "{}", page.text);
    assert_eq!(stage.mirror.erp.value(stored).await, before);
    stage.finish().await;
}

#[tokio::test]
async fn whoever_makes_an_app_may_take_an_hour_as_githubs_code_lasts() {
    let stage = Stage::without_app().await;
    let erp = stage.mirror.erp.erp();
    erp.set_single("GitHub Settings", "public_url", super::SITE)
        .await
        .expect("set");
    let back = agree(&stage, "First").await;
    stage.mirror.erp.clock().advance(TimeDelta::minutes(59));
    let page = stage.open("admin", &back).await;
    assert_eq!((page.kind.as_str(), page.status), ("app-made", 200), "{}", page.text);
    stage.finish().await;
}

#[tokio::test]
async fn an_app_that_is_made_and_not_kept_is_told_at_every_wrong_end_of_its_way_back() {
    let stage = Stage::without_app().await;
    let erp = stage.mirror.erp.erp();
    erp.set_single("GitHub Settings", "public_url", super::SITE)
        .await
        .expect("set");
    let apps = format!("href=\"{}/settings/apps\"", stage.mirror.github.base_url());
    let tells = |page: &super::Page, kind: &str, why: &str| {
        let said = [
            why,
            "An App was made on GitHub, and nothing of it is kept here",
            "make a private key",
            &apps,
        ];
        let lacks: Vec<&str> = said.into_iter().filter(|one| !page.text.contains(one)).collect();
        assert!(
            page.kind == kind && lacks.is_empty() && !page.text.contains("installation of the App"),
            "{kind} lacks {lacks:?}: {}",
            page.text
        );
    };
    let late = agree(&stage, "Late").await;
    stage.mirror.erp.clock().advance(TimeDelta::minutes(61));
    tells(&stage.open("admin", &late).await, "state-ended", "good for an hour");
    tells(&stage.open("admin", &late).await, "state-used", "used already");
    let others = agree(&stage, "Others").await;
    tells(
        &stage.open("desk", &others).await,
        "state-of-other",
        "another user or session",
    );
    let made_up = "/integrations/github/app-created?code=none&state=none";
    tells(&stage.open("admin", made_up).await, "state-used", "did not begin here");
    // GitHub cannot give it just now, and the way is used up.
    let away = agree(&stage, "Away").await;
    let faults = Fault::status("/app-manifests/*", 503);
    stage.mirror.github.world().faults.push(faults.always());
    tells(
        &stage.open("admin", &away).await,
        "refused",
        "GitHub has a failure of its own",
    );
    // Whoever did not agree has no App there.
    let plain = stage.open("admin", "/integrations/github/app-created").await;
    assert!(
        plain.kind == "state-used" && !plain.text.contains("An App was made"),
        "{}",
        plain.text
    );
    stage.finish().await;
}
