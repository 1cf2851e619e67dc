//! An account is renamed on GitHub: what is shown follows, by GitHub's word or by the hourly look, and the document keeps its name.

use chrono::TimeDelta;
use erpnext_github::jobs::Work;
use erpnext_github::sim::github::{Delivery, World};
use serde_json::{Value, json};

use super::ADMIN;
use super::one_account::{health, installed, made};
use crate::github_contract::wrong_delivery;
use crate::jobs::runner;
use crate::support::desk::Desk;
use crate::support::github_app::deliver;
use crate::support::mirror::Mirror;

const TARGET: &str = "installation_target";

/// An integration of `acme`, and the rows of what GitHub told of: of somebody here, or of nobody.
async fn stage(is_known: bool) -> (Mirror, Desk) {
    let (mirror, desk) = installed().await;
    if is_known {
        let id = mirror.github.world().user(World::VIEWER).id;
        let sql = format!("UPDATE tabUser SET github_user_id = '{id}' WHERE name = '{ADMIN}'");
        mirror.erp.query(&sql).await;
    }
    let mut before = mirror.github.world().clone();
    before.installations.clear();
    for (at, delivery) in mirror.github.deliveries_since(&before).iter().enumerate() {
        assert_eq!(deliver(&mirror, &desk, &format!("made-{at}"), delivery).await, 202);
    }
    made(&mirror, "acme", "acme").await;
    assert_eq!(health(&desk, "acme").await.trim(), "ok");
    assert_eq!(shown(&mirror).await, "acme=acme");
    assert_eq!(rows(&mirror).await, "acme,guild");
    (mirror, desk)
}

/// Integrations, and what each calls its account.
async fn shown(mirror: &Mirror) -> String {
    let sql = "SELECT GROUP_CONCAT(CONCAT(name, '=', account_login) ORDER BY name) FROM `tabGitHub Integration`";
    mirror.erp.value(sql).await
}

/// What installations call their accounts.
async fn rows(mirror: &Mirror) -> String {
    let sql = "SELECT GROUP_CONCAT(account_login ORDER BY account_login) FROM `tabGitHub App Installation`";
    mirror.erp.value(sql).await
}

/// Renames an account; what the App is told of that.
fn renames(mirror: &Mirror, from: &str, to: &str) -> Delivery {
    let before = mirror.github.world().clone();
    mirror.github.world().rename_account(from, to);
    let told = mirror.github.deliveries_since(&before).into_iter();
    let mut told: Vec<Delivery> = told.filter(|one| one.event == TARGET).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    told.remove(0)
}

async fn ended(mirror: &Mirror, id: &str) -> String {
    let sql = format!("SELECT CONCAT_WS(' ', event, status, reason) FROM `tabGitHub Event` WHERE name = '{id}'");
    mirror.erp.value(&sql).await
}

#[tokio::test]
async fn what_github_tells_of_a_renamed_account_is_processed_and_shown() {
    let (mirror, desk) = stage(true).await;
    let (first, second) = (renames(&mirror, "acme", "umbrella"), renames(&mirror, "umbrella", "corp"));
    let payload: Value = serde_json::from_str(&first.payload).expect("JSON");
    assert_eq!(wrong_delivery(TARGET, &payload), Vec::<String>::new());
    assert_eq!(deliver(&mirror, &desk, "first", &first).await, 202);
    assert_eq!(ended(&mirror, "first").await.trim(), "installation_target processed");
    assert_eq!(deliver(&mirror, &desk, "second", &second).await, 202);
    assert_eq!(ended(&mirror, "second").await.trim(), "installation_target processed");
    assert_eq!(
        (shown(&mirror).await, rows(&mirror).await),
        ("acme=corp".to_owned(), "corp,guild".to_owned())
    );
    // What comes late changes nothing.
    assert_eq!(deliver(&mirror, &desk, "late", &first).await, 202);
    assert_eq!(
        (shown(&mirror).await, rows(&mirror).await),
        ("acme=corp".to_owned(), "corp,guild".to_owned())
    );
    assert_eq!(health(&desk, "acme").await.trim(), "ok");
    // Of an account that nobody knows here nothing follows.
    let mut other = payload.clone();
    other["account"]["id"] = json!(4711);
    let other = Delivery {
        event: TARGET,
        payload: other.to_string(),
    };
    assert_eq!(deliver(&mirror, &desk, "other", &other).await, 202);
    assert_eq!(
        ended(&mirror, "other").await,
        "installation_target ignored nothing here belongs to the renamed account"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn an_organisations_own_word_of_its_new_name_is_taken_too() {
    let (mirror, desk) = stage(false).await;
    let target: Value = serde_json::from_str(&renames(&mirror, "acme", "umbrella").payload).expect("JSON");
    let payload = json!({
        "action": "renamed", "changes": {"login": {"from": "acme"}},
        "organization": target["account"], "sender": target["sender"],
    });
    let told = |payload: &Value| Delivery {
        event: "organization",
        payload: payload.to_string(),
    };
    assert_eq!(deliver(&mirror, &desk, "told", &told(&payload)).await, 202);
    assert_eq!(ended(&mirror, "told").await.trim(), "organization processed");
    assert_eq!(
        (shown(&mirror).await, rows(&mirror).await),
        ("acme=umbrella".to_owned(), "guild,umbrella".to_owned())
    );
    let mut member = payload.clone();
    member["action"] = json!("member_added");
    assert_eq!(deliver(&mirror, &desk, "member", &told(&member)).await, 202);
    assert_eq!(
        ended(&mirror, "member").await,
        "organization ignored no repository of that organisation is followed"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn where_the_word_is_lost_the_hourly_look_finds_the_new_name_and_the_check_by_its_number() {
    let (mirror, desk) = stage(false).await;
    renames(&mirror, "acme", "umbrella");
    // Somebody else has the old name now, without the App.
    mirror.github.world().organization("acme");
    assert_eq!(health(&desk, "acme").await.trim(), "ok", "it is found by its number");
    assert_eq!(shown(&mirror).await, "acme=umbrella");
    renames(&mirror, "umbrella", "corp");
    renames(&mirror, "guild", "union");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    runner(&mirror).step(Work::Redeliver).await;
    assert_eq!(
        (shown(&mirror).await, rows(&mirror).await),
        ("acme=corp".to_owned(), "corp,union".to_owned())
    );
    mirror.finish().await;
}
