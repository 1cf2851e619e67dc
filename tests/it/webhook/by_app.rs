//! Deliveries of the GitHub App's own webhook: signed with its secret, they are taken as those of a repository's hook are.

use erpnext_github::sim::github::Delivery;
use erpnext_github::webhook::signature::{HEADER, sign};
use secrecy::SecretString;
use serde_json::json;

use super::Hooked;
use crate::github_contract::wrong_delivery;
use crate::support::desk::Desk;
use crate::support::github_app::{APP, register};

const SECRET: &str = "the secret of the App's webhook";

async fn hooked() -> Hooked {
    let hooked = Hooked::new(|world| {
        world.repository("octo/web").with_issues(3);
        register(world, "https://erp.example.com");
        world.app(APP).for_events(&["issues"]);
        world.install(APP, "octo");
    })
    .await;
    hooked.enter_app_secret(&SecretString::from(SECRET)).await;
    hooked
}

/// Sends it as the App's webhook does; the status of the answer.
async fn send(hooked: &Hooked, id: &str, one: &Delivery, secret: &str) -> u16 {
    let body = one.payload.clone().into_bytes();
    let signature = sign(&SecretString::from(secret), &body);
    let headers = [
        ("x-github-delivery", id),
        ("x-github-event", one.event),
        ("x-github-hook-installation-target-type", "integration"),
        (HEADER, signature.as_str()),
    ];
    let (status, _) = hooked.send(&headers, body).await;
    hooked.desk.ended().await;
    status
}

#[tokio::test]
async fn g0_18_what_the_apps_secret_signs_is_taken_and_applied() {
    let hooked = hooked().await;
    let before = hooked.mirror.github.world().clone();
    hooked.change(|world| {
        let web = world.repository("octo/web");
        web.close(1, "completed");
        web.push("main");
    });
    // What it does not subscribe to it is not told.
    let told = hooked.mirror.github.deliveries_of_app_since(&before, APP);
    let [one] = told.as_slice() else {
        panic!("one delivery: {told:?}")
    };
    let payload: serde_json::Value = serde_json::from_str(&one.payload).expect("JSON");
    let installation = hooked.mirror.github.world().installations.keys().next().copied();
    assert_eq!(
        payload["installation"]["id"],
        json!(installation),
        "as GitHub tells of an App's hook"
    );
    assert_eq!(wrong_delivery(one.event, &payload), Vec::<String>::new());
    for (id, secret) in [("other", "another secret of an App"), ("empty", "")] {
        assert_eq!(send(&hooked, id, one, secret).await, 401, "{id}");
    }
    assert_eq!(hooked.count("tabGitHub Event").await, "0");
    assert_eq!(send(&hooked, "good", one, SECRET).await, 202);
    let ended = "SELECT CONCAT_WS(' ', status, source) FROM `tabGitHub Event` WHERE name = 'good'";
    assert_eq!(hooked.value(ended).await, "processed application");
    let state = "SELECT state FROM `tabRepository Issue` WHERE issue_number = 1";
    assert_eq!(hooked.value(state).await, "closed");
    // Changed, the old one is worth nothing; a repository's hook goes on with its own.
    hooked
        .enter_app_secret(&SecretString::from("the next secret of the App"))
        .await;
    let again = Desk::of(&hooked.mirror).await;
    let hooked = Hooked { desk: again, ..hooked };
    assert_eq!(send(&hooked, "late", one, SECRET).await, 401);
    assert_eq!(send(&hooked, "next", one, "the next secret of the App").await, 202);
    assert_eq!(hooked.deliver("of-the-hook", "issues", &payload).await, 202);
    hooked.mirror.finish().await;
}
