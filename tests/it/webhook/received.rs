//! What is taken, and what is not.

use chrono::TimeDelta;
use erpnext_github::frappe::encryption_key;
use erpnext_github::frappe::secrets;
use erpnext_github::frappe::zone::frappe_text;
use erpnext_github::webhook::signature::{HEADER, sign};
use erpnext_github::webhook::{LARGEST, Receiver};
use secrecy::SecretString;
use serde_json::json;

use super::Hooked;
use crate::support::Log;

#[tokio::test]
async fn f24_what_is_not_signed_is_401_and_leaves_nothing() {
    let hooked = Hooked::new(|_| {}).await;
    let body = json!({"action": "opened"}).to_string().into_bytes();
    let other = sign(&SecretString::from("another"), &body);
    let sha1 = "sha1=5d61605c3feea9799210ddcb71307d4ba264225f";
    for headers in [
        vec![("x-github-event", "issues")],
        vec![("x-github-event", "issues"), (HEADER, "")],
        vec![("x-github-event", "issues"), (HEADER, other.as_str())],
        vec![("x-github-event", "issues"), ("x-hub-signature", sha1)],
    ] {
        let (status, answer) = hooked.send(&headers, body.clone()).await;
        assert_eq!(status, 401, "{headers:?}");
        assert_eq!(answer["exc_type"], "AuthenticationError", "{answer}");
    }
    assert_eq!(hooked.count("tabGitHub Event").await, "0");
    assert_eq!(hooked.count("erpnext_github_payload").await, "0");
    let metrics = hooked
        .desk
        .request(reqwest::Method::GET, "/metrics")
        .send()
        .await
        .expect("an answer");
    let metrics = metrics.text().await.expect("text");
    let counted = metrics
        .lines()
        .find_map(|line| line.strip_prefix("erpnext_github_deliveries_refused_total "));
    let counted: u64 = counted.and_then(|number| number.parse().ok()).unwrap_or_default();
    assert!(counted >= 4, "{metrics}");
}

#[tokio::test]
async fn g0_18_json_and_forms_are_taken_and_committed_before_the_answer() {
    let hooked = Hooked::new(|_| {}).await;
    let payload = hooked.payload("created", json!({})).await.to_string();
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("payload", &payload)
        .finish();
    for (id, kind, body) in [
        ("json", "application/json", payload),
        ("form", "application/x-www-form-urlencoded", form),
    ] {
        let body = body.into_bytes();
        let signature = sign(&hooked.secret, &body);
        let headers = [
            ("x-github-delivery", id),
            ("x-github-event", "watch"),
            ("content-type", kind),
            ("x-github-hook-id", "77"),
            (HEADER, signature.as_str()),
        ];
        let (status, answer) = hooked.send(&headers, body).await;
        assert_eq!(status, 202, "{answer}");
        let sql = format!(
            "SELECT CONCAT_WS('|', event, action, repository, repository_id > 0, sender, status, hook_id, source, size > 100) \
             FROM `tabGitHub Event` WHERE name = '{id}'"
        );
        let row = hooked.mirror.erp.value(&sql).await;
        assert_eq!(row, "watch|created|octo/web|1|octo|ignored|77|user oauth|1");
    }
}

#[tokio::test]
async fn two_secrets_are_taken_while_the_old_one_has_time_left() {
    let hooked = Hooked::new(|_| {}).await;
    let site = hooked.mirror.site();
    let old = SecretString::from("the old one");
    let key = encryption_key::existing(site.config()).expect("readable").expect("a key");
    let mut conn = site.db().conn().await.expect("a connection");
    secrets::store_single(&mut conn, &key, "GitHub Settings", "previous_webhook_secret", &old)
        .await
        .expect("stored");
    let body = b"{}".to_vec();
    let signature = sign(&old, &body);
    let headers = [("x-github-event", "watch"), (HEADER, signature.as_str())];
    let (status, _) = hooked.send(&headers, body.clone()).await;
    assert_eq!(status, 401, "a replaced secret without an end has ended");
    let until = site
        .zone()
        .await
        .expect("a zone")
        .to_local(site.clock().now() + TimeDelta::hours(1));
    let erp = hooked.mirror.erp.erp();
    erp.set_single("GitHub Settings", "previous_secret_until", &frappe_text(until))
        .await
        .expect("set");
    // What was read a moment ago is not read again; another process begins anew.
    let again = crate::support::desk::Desk::of(&hooked.mirror).await;
    let hooked = Hooked { desk: again, ..hooked };
    let log = Log::listen("info");
    let (status, answer) = hooked.send(&headers, body.clone()).await;
    assert_eq!(status, 202, "{answer}");
    let told = log.text();
    assert!(
        told.contains("\"secret\":\"previous\"") && !told.contains("the old one"),
        "{told}"
    );
    let present = sign(&hooked.secret, &body);
    let (status, _) = hooked
        .send(&[("x-github-event", "fork"), (HEADER, present.as_str())], body)
        .await;
    assert_eq!(status, 202);
    let stored = hooked.count("tabGitHub Event").await;
    assert_eq!(stored, "1", "the same body is the same delivery where it has no id");
}

#[tokio::test]
async fn without_a_secret_nothing_is_taken() {
    let hooked = Hooked::new(|_| {}).await;
    hooked
        .mirror
        .erp
        .query("DELETE FROM `__Auth` WHERE fieldname = 'webhook_secret'")
        .await;
    let erp = hooked.mirror.erp.erp();
    erp.set_single("GitHub Settings", "webhook_secret", "").await.expect("set");
    let (status, answer) = hooked
        .send(&[("x-github-event", "issues"), (HEADER, "sha256=00")], b"{}".to_vec())
        .await;
    assert_eq!(status, 503, "{answer}");
    assert!(answer.to_string().contains("no webhook secret is stored"), "{answer}");
}

#[tokio::test]
async fn twenty_five_mebibytes_of_random_text_are_kept_and_one_byte_more_is_not() {
    let hooked = Hooked::new(|_| {}).await;
    let noise: String = (0..LARGEST).map(|at| char::from(b'a' + (random(at) % 26))).collect();
    let envelope = json!({"action": "x", "noise": ""}).to_string().len();
    let body = json!({"action": "x", "noise": noise[envelope..]}).to_string().into_bytes();
    assert_eq!(body.len(), LARGEST);
    let signature = sign(&hooked.secret, &body);
    let headers = [
        ("x-github-delivery", "large"),
        ("x-github-event", "brand_new"),
        (HEADER, signature.as_str()),
    ];
    let (status, answer) = hooked.send(&headers, body.clone()).await;
    assert_eq!(status, 202, "{answer}");
    let stored = erpnext_github::store::inbox::read_payload(hooked.mirror.site().db(), "large")
        .await
        .expect("readable")
        .expect("a payload");
    let stored = erpnext_github::webhook::compression::decompress(&stored, LARGEST).expect("as it was");
    assert!(stored == body, "what comes out is what went in");

    let (status, answer) = hooked.send(&headers, [body, b" ".to_vec()].concat()).await;
    assert_eq!(status, 413, "{answer}");
    let (status, answer) = hooked
        .send(
            &[headers[0], headers[1], headers[2], ("content-encoding", "gzip")],
            b"{}".to_vec(),
        )
        .await;
    assert_eq!(status, 415, "{answer}");
}

/// Text that does not shrink.
fn random(at: usize) -> u8 {
    let mixed = (at as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9).to_be_bytes()[0]
}

#[tokio::test]
async fn the_same_delivery_is_taken_once_and_again_where_it_was_not_processed() {
    let hooked = Hooked::new(|world| {
        world.repository("octo/web").open_issue("one");
    })
    .await;
    let issue = hooked.object("repos/octo/web/issues/1").await;
    let payload = hooked.payload("edited", json!({"issue": issue})).await;
    assert_eq!(hooked.deliver("one", "issues", &payload).await, 202);
    assert_eq!(hooked.event("one").await.0, "processed");
    assert_eq!(hooked.deliver("one", "issues", &payload).await, 200);
    assert_eq!(hooked.count("tabGitHub Event").await, "1");

    let odd = hooked.payload("edited", json!({"issue": {"number": "x"}})).await;
    assert_eq!(hooked.deliver("two", "issues", &odd).await, 202);
    let (status, reason) = hooked.event("two").await;
    assert_eq!(status, "errored", "{reason}");
    assert!(reason.starts_with("the payload is not understood"), "{reason}");
    assert_eq!(
        hooked.deliver("two", "issues", &payload).await,
        202,
        "GitHub delivers what failed again"
    );
    assert_eq!(hooked.event("two").await, ("processed".to_owned(), String::new()));
}

#[tokio::test]
async fn get_is_refused_and_what_is_no_json_too() {
    let hooked = Hooked::new(|_| {}).await;
    let answer = crate::support::desk::Desk::answer(hooked.desk.request(reqwest::Method::GET, super::PATH)).await;
    assert_eq!(answer.status, 403);
    let signature = sign(&hooked.secret, b"no json");
    let (status, _) = hooked.send(&[(HEADER, signature.as_str())], b"no json".to_vec()).await;
    assert_eq!(status, 400);
}

/// Whoever held a connection and waited for another one would keep the others from theirs.
#[tokio::test]
async fn more_first_deliveries_at_once_than_there_are_connections_are_all_taken() {
    let hooked = Hooked::new(|_| {}).await;
    let payload = hooked.payload("started", json!({})).await;
    let all = (0..60).map(|number| {
        let (hooked, payload) = (&hooked, &payload);
        async move { hooked.deliver(&format!("first-{number}"), "watch", payload).await }
    });
    let answers = futures_util::future::join_all(all).await;
    assert_eq!(answers, [202; 60]);
    hooked.mirror.finish().await;
}

#[tokio::test]
async fn g0_18_an_event_has_its_type_action_source_and_status_and_a_ping_is_answered() {
    let hooked = Hooked::new(|_| {}).await;
    let payload =
        json!({"zen": "Keep it.", "hook_id": 7, "installation": {"id": 5}, "hook": {"type": "App"}, "sender": {"login": "octo"}});
    let starred = json!({"action": "started", "installation": {"id": 5}, "sender": {"login": "octo"}});
    let secret = SecretString::from("the secret of the App's webhook");
    hooked.enter_app_secret(&secret).await;
    for (id, event, payload, row) in [
        ("ping-1", "ping", payload, "ping-1|ping||application|7|5|octo|processed|0"),
        (
            "star-1",
            "watch",
            starred,
            "star-1|watch|started|application|7|5|octo|ignored|1",
        ),
    ] {
        let body = payload.to_string().into_bytes();
        let signature = sign(&secret, &body);
        let headers = [
            ("x-github-delivery", id),
            ("x-github-event", event),
            ("x-github-hook-installation-target-type", "integration"),
            ("x-github-hook-id", "7"),
            (HEADER, signature.as_str()),
        ];
        let (status, answer) = hooked.send(&headers, body).await;
        assert_eq!((status, &answer["message"]), (202, &json!("ok")), "{answer}");
        let sql = format!(
            "SELECT CONCAT_WS('|', delivery_id, event, IFNULL(action, ''), source, hook_id, installation_id, sender, status, \
             IFNULL(reason, '') > '') FROM `tabGitHub Event` WHERE name = '{id}'"
        );
        assert_eq!(hooked.value(&sql).await, row);
    }
    hooked.mirror.finish().await;
}

#[tokio::test]
async fn g2_6_a_delivery_without_its_event_is_worked_on_as_what_its_keys_say() {
    let hooked = Hooked::new(|world| {
        world.repository("octo/web").open_issue("One");
    })
    .await;
    let issue = hooked.object("repos/octo/web/issues/1").await;
    let told = hooked.changes(|world| {
        world.repository("octo/web").comment_by(1, "ada-l", "First");
    });
    let comment = told.iter().find(|one| one.event == "issue_comment").expect("a delivery");
    let labelled = hooked
        .payload("labeled", json!({"issue": issue, "label": {"name": "bug"}}))
        .await;
    let unknown = hooked.payload("moved", json!({"galaxy": {}})).await;
    for (id, body, event, end) in [
        ("comment", comment.payload.clone(), "issue_comment", "processed"),
        ("labelled", labelled.to_string(), "issues", "processed"),
        ("unknown", unknown["sender"].to_string(), "", "unhandled"),
    ] {
        let signature = sign(&hooked.secret, body.as_bytes());
        let headers = [("x-github-delivery", id), (HEADER, signature.as_str())];
        assert_eq!(hooked.send(&headers, body.into_bytes()).await.0, 202, "{id}");
        hooked.desk.ended().await;
        let row = format!("SELECT event FROM `tabGitHub Event` WHERE name = '{id}'");
        assert_eq!(hooked.value(&row).await, event);
        assert_eq!(hooked.event(id).await.0, end, "{id}");
    }
    assert_eq!(hooked.count("tabRepository Comment").await, "1");
    assert!(hooked.event("unknown").await.1.contains("does not say which event"));
}

/// A header that was missing, or a repository that was told otherwise, is why it was not processed.
#[tokio::test]
async fn f24_a_delivery_that_comes_again_is_what_it_is_told_to_be_now() {
    let hooked = Hooked::new(|world| {
        world.repository("octo/web").open_issue("One");
    })
    .await;
    let mut issue = hooked.object("repos/octo/web/issues/1").await;
    issue["title"] = json!("Two");
    issue["updated_at"] = json!("2031-01-01T00:00:00Z");
    let whole = hooked.payload("edited", json!({"issue": issue})).await;
    let first =
        json!({"issue": whole["issue"], "sender": {"login": "ghost"}, "repository": {"id": 999_999, "full_name": "who/ever"}});
    assert_eq!(hooked.deliver("one", "", &first).await, 202);
    let row = "SELECT CONCAT_WS('|', event, IFNULL(action, '-'), repository, sender, status) FROM `tabGitHub Event`";
    assert_eq!(hooked.value(row).await, "|-|who/ever|ghost|unhandled");
    hooked.mirror.erp.clock().advance(TimeDelta::hours(1));
    assert_eq!(hooked.deliver("one", "issues", &whole).await, 202);
    assert_eq!(hooked.value(row).await, "issues|edited|octo/web|octo|processed");
    assert_eq!(hooked.value("SELECT title FROM `tabRepository Issue`").await, "Two");
    let times = "SELECT TIMESTAMPDIFF(MINUTE, creation, received_at) FROM `tabGitHub Event`";
    assert_eq!(hooked.value(times).await, "60", "it is kept as long from now on");
    hooked.mirror.finish().await;
}

#[tokio::test]
async fn deliveries_that_arrive_together_share_a_commit() {
    let hooked = Hooked::new(|_| {}).await;
    let payload = hooked.payload("started", json!({})).await;
    let receiver = Receiver::default();
    hooked.receive(&receiver, "first", "watch", &payload).await;
    hooked.mirror.erp.record().await;
    let all = (0..60).map(|number| {
        let (hooked, receiver, payload) = (&hooked, &receiver, &payload);
        async move { hooked.receive(receiver, &format!("one-{number}"), "watch", payload).await }
    });
    futures_util::future::join_all(all).await;
    let statements = hooked.mirror.erp.statements().await;
    let inserts = statements
        .iter()
        .filter(|one| one.starts_with("INSERT INTO `tabGitHub Event`"))
        .count();
    assert!((1..=3).contains(&inserts), "{inserts} of {statements:?}");
    assert_eq!(hooked.count("tabGitHub Event").await, "61");
}
