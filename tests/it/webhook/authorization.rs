//! `github_app_authorization`: what somebody takes back on GitHub is gone here with the delivery that says so.

use chrono::TimeDelta;
use erpnext_github::sim::github::{Authorization, World};
use erpnext_github::store::Stamp;
use erpnext_github::store::grants::{self, GrantRow, Made, SealedPair, Standing};
use erpnext_github::store::hooks::{self, Home};
use erpnext_github::webhook::signature::{HEADER, sign};
use serde_json::{Value, json};

use super::Hooked;
use crate::github_contract::wrong_delivery;

const STANDING: &str = "SELECT CONCAT_WS(' ', status, access_token IS NULL, refresh_token IS NULL) FROM erpnext_github_grant";

/// Connects jane with the account `ada`; what is sealed is not looked at here.
async fn connect(hooked: &Hooked) {
    let site = hooked.mirror.site();
    let grant = GrantRow {
        user: "jane@x.com".to_owned(),
        github_id: hooked.mirror.github.world().account("ada").expect("an account").id,
        login: "ada".to_owned(),
        avatar_url: String::new(),
        client_id: "Iv23fake".to_owned(),
        host: hooked.mirror.github.base_url().to_owned(),
        standing: Standing::Active,
        since: site.clock().now(),
        scopes: String::new(),
        is_enabled: true,
        is_himself: true,
        tokens: SealedPair {
            number: SealedPair::new_number(),
            access: Some(vec![1]),
            access_ends_at: None,
            refresh: Some(vec![1]),
            refresh_ends_at: None,
        },
        rotating_since: None,
    };
    let stamp = Stamp::now(site, "jane@x.com").await.expect("a stamp");
    let made = grants::make(site.db(), &stamp, &grant).await.expect("made");
    assert!(matches!(made, Made::Connected(_)), "{made:?}");
}

async fn connected() -> (Hooked, Value) {
    let authorized = |world: &mut World| {
        world.user("ada");
        world.oauth.authorizations.push(Authorization {
            client_id: "Iv23fake".to_owned(),
            login: "ada".to_owned(),
        });
    };
    let hooked = Hooked::new(authorized).await;
    hooked
        .mirror
        .erp
        .erp()
        .add_user("jane@x.com", "jane", &[])
        .await
        .expect("a user");
    connect(&hooked).await;
    let told = hooked.changes(|world| world.revoke_authorization("Iv23fake", "ada"));
    assert_eq!(told.len(), 1);
    let payload: Value = serde_json::from_str(&told[0].payload).expect("JSON");
    assert_eq!(wrong_delivery(told[0].event, &payload), Vec::<String>::new());
    (hooked, payload)
}

#[tokio::test]
async fn g3_12_a_delivery_ends_the_connection_that_it_tells_of() {
    let (hooked, payload) = connected().await;
    assert_eq!(hooked.value(STANDING).await, "active 0 0");
    assert_eq!(hooked.deliver_by_app("one", "github_app_authorization", &payload).await, 202);
    assert_eq!(hooked.event("one").await.0, "processed");
    assert_eq!(hooked.value(STANDING).await, "revoked 1 1");

    // Told once more, of somebody whom nobody is, and of nobody.
    let stranger = json!({"action": "revoked", "sender": {"id": 4_711, "login": "eve"}});
    for (id, payload, status) in [
        ("two", &payload, "ignored"),
        ("three", &stranger, "ignored"),
        ("four", &json!({"action": "revoked"}), "errored"),
    ] {
        assert_eq!(hooked.deliver_by_app(id, "github_app_authorization", payload).await, 202);
        let (ended, reason) = hooked.event(id).await;
        assert_eq!(ended, status, "{reason}");
    }
}

#[tokio::test]
async fn nobody_but_the_app_tells_of_authorisations_and_installations() {
    let (hooked, payload) = connected().await;
    let created = json!({"action": "created", "installation": {"id": 5}, "repositories": [], "sender": payload["sender"]});
    for (event, payload) in [("github_app_authorization", &payload), ("installation", &created)] {
        // Whoever set a repository's webhook up by hand knows its secret, and writes the headers as he likes.
        let body = payload.to_string().into_bytes();
        let signature = sign(&hooked.secret, &body);
        let headers = [
            ("x-github-delivery", event.replace('_', "-")),
            ("x-github-event", event.to_owned()),
            ("x-github-hook-installation-target-type", "integration".to_owned()),
            (HEADER, signature),
        ];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(hooked.send(&headers, body).await.0, 202);
        hooked.desk.ended().await;
        let ended = hooked.event(&event.replace('_', "-")).await;
        assert!(ended.0 == "ignored" && ended.1.contains("App Webhook Secret"), "{ended:?}");
    }
    assert_eq!(hooked.value(STANDING).await, "active 0 0");
    assert_eq!(hooked.count("tabGitHub App Installation").await, "0");
}

#[tokio::test]
async fn one_secret_for_all_webhooks_is_the_apps_too() {
    let (hooked, payload) = connected().await;
    hooked.enter_app_secret(&hooked.secret).await;
    assert_eq!(hooked.deliver("one", "github_app_authorization", &payload).await, 202);
    assert_eq!(hooked.event("one").await.0, "processed");
    assert_eq!(hooked.value(STANDING).await, "revoked 1 1");
}

#[tokio::test]
async fn who_connected_again_before_it_was_worked_on_stays_connected() {
    let (hooked, payload) = connected().await;
    assert_eq!(hooked.deliver_by_app("one", "github_app_authorization", &payload).await, 202);
    hooked.mirror.erp.clock().advance(TimeDelta::minutes(1));
    connect(&hooked).await;
    // The same delivery is worked on again, as after a fault.
    let sql = "UPDATE `tabGitHub Event` SET status = 'unprocessed', attempts = 0 WHERE name = 'one'";
    hooked.mirror.erp.scratch().execute(sql).await.expect("put back");
    hooked.work().await;
    assert_eq!(hooked.event("one").await.0, "ignored");
    assert_eq!(hooked.value(STANDING).await, "active 0 0");
}

#[tokio::test]
async fn g3_12_what_comes_late_because_it_was_asked_for_again_ends_no_connection_that_was_made_since() {
    let (hooked, payload) = connected().await;
    let site = hooked.mirror.site();
    // GitHub told of it while nobody listened; jane connects an hour later, and then it is delivered again.
    let told_at = site.clock().now();
    hooked.mirror.erp.clock().advance(TimeDelta::hours(1));
    connect(&hooked).await;
    hooked.mirror.erp.clock().advance(TimeDelta::hours(1));
    let home = Home::App("7".to_owned());
    for (guid, first) in [("late", told_at), ("now", site.clock().now())] {
        let begun = hooks::begin_attempt(site.db(), (guid, first), &home, site.clock().now()).await;
        assert!(begun.expect("noted"));
    }
    assert_eq!(hooked.deliver_by_app("late", "github_app_authorization", &payload).await, 202);
    let (ended, reason) = hooked.event("late").await;
    assert_eq!(ended, "ignored");
    assert!(reason.contains("connected again since"), "{reason}");
    assert_eq!(hooked.value(STANDING).await, "active 0 0");

    // One that GitHub tried first after he connected is about what he has now.
    assert_eq!(hooked.deliver_by_app("now", "github_app_authorization", &payload).await, 202);
    assert_eq!(hooked.event("now").await.0, "processed");
    assert_eq!(hooked.value(STANDING).await, "revoked 1 1");
}
