//! What somebody began in his own name and left: it is gone on with by his own connection, or not at all; and who leaves is disconnected.

use chrono::TimeDelta;
use erpnext_github::actions::settle_site;
use erpnext_github::app::settings;
use erpnext_github::frappe::zone::frappe_text;
use erpnext_github::jobs::Work;
use erpnext_github::sim::github::{Collaborator, Effect, Fault, Permission};
use erpnext_github::sim::site::FrappeMajor;
use serde_json::json;

use super::person::{CLIENT, connect, set_up};
use crate::desk::company_of;
use crate::frappe::redis_server::RedisServer;
use crate::jobs::runner;
use crate::support::TestSite;
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;

const API: &str = "erpnext_github_integration.github_api.";
const ADMIN: &str = "admin@x.com";
const ISSUES: &str = "/repos/octo/web/issues";
/// What became of each write, and in whose name.
const ROWS: &str = "SELECT IFNULL(GROUP_CONCAT(CONCAT_WS(' ', acting_as, acting_login, status) ORDER BY position, creation SEPARATOR '; '), '') \
                    FROM `tabGitHub Write`";
const REASONS: &str = "SELECT IFNULL(GROUP_CONCAT(DISTINCT reason), '') FROM `tabGitHub Write`";

/// An admin who is connected as `boss`, beside a site whose own token is that of `octo`.
async fn stage() -> (Mirror, Desk, RedisServer) {
    let (site, redis) = TestSite::cached(FrappeMajor::V15).await;
    let (mirror, desk) = company_of(site).await;
    for login in ["boss", "other-boss"] {
        let admin = Collaborator::new(login, Permission::Admin);
        mirror.github.world().repository("octo/web").with_member(admin);
    }
    set_up(&mirror).await;
    connect(&mirror, ADMIN, "boss").await;
    (mirror, desk, redis)
}

/// A list of which nothing was sent, because GitHub wants a long pause.
async fn left_batch() -> (Mirror, Desk, RedisServer) {
    let (mirror, desk, redis) = stage().await;
    let limit = Effect::SecondaryLimit {
        status: 403,
        retry_after: Some(600),
    };
    mirror.github.world().faults.push(Fault::on(ISSUES, limit).of_method("POST"));
    let list = json!([{"title": "a"}, {"title": "b"}]).to_string();
    let form = [("repository", "octo/web"), ("issues", &*list)];
    let answer = desk.post(ADMIN, &format!("{API}bulk_create_issues"), &form).await;
    assert_eq!(answer.message()["status"], "waiting", "{answer:?}");
    assert_eq!(mirror.erp.value(ROWS).await, "user boss waiting; user boss waiting");
    mirror.erp.clock().advance(TimeDelta::minutes(11));
    (mirror, desk, redis)
}

/// An issue of which nobody knows whether it was opened: what was asked ended in `effect`, and what looks for it is not answered.
async fn lost_write(effect: Effect) -> (Mirror, Desk, RedisServer) {
    let (mirror, desk, redis) = stage().await;
    let faults = [
        Fault::on(ISSUES, effect).of_method("POST"),
        Fault::status(ISSUES, 503).of_method("GET").times(9),
    ];
    mirror.github.world().faults.extend(faults);
    let form = [("repo_full_name", "octo/web"), ("title", "a")];
    let answer = desk.post(ADMIN, &format!("{API}create_issue"), &form).await;
    assert_eq!(answer.status, 417, "nobody can tell: {answer:?}");
    assert_eq!(mirror.erp.value(ROWS).await, "user boss unknown");
    mirror.github.world().faults.clear();
    mirror.erp.clock().advance(TimeDelta::minutes(2));
    (mirror, desk, redis)
}

/// Who opened issues by these forms.
fn authors(mirror: &Mirror) -> Vec<String> {
    let world = mirror.github.world();
    let home = world.find("octo/web").expect("the repository");
    let ours = home.items.values().filter(|item| ["a", "b"].contains(&item.title.as_str()));
    ours.map(|item| item.author.clone().unwrap_or_default()).collect()
}

/// By whom GitHub was asked about the repository since then, each once.
fn askers(mirror: &Mirror, from: usize) -> Vec<String> {
    super::asked_by(mirror, "octo/web", from)
}

async fn settle(mirror: &Mirror) -> usize {
    settle_site(&mirror.impatient().await).await.expect("the database works")
}

/// Saves a User a moment later, and has the desk looked at.
async fn disable(mirror: &Mirror, user: &str) {
    let zone = mirror.site().zone().await.expect("a zone");
    mirror.erp.clock().advance(TimeDelta::seconds(20));
    let now = frappe_text(zone.to_local(mirror.site().clock().now()));
    let sql = format!("UPDATE tabUser SET enabled = 0, modified = '{now}' WHERE name = '{user}'");
    mirror.erp.query(&sql).await;
    runner(mirror).step(Work::LookAtDesk).await;
}

#[tokio::test]
async fn a_batch_is_gone_on_with_by_the_schedule_in_the_name_of_whoever_began_it() {
    let (mirror, _desk, _redis) = left_batch().await;
    // His token has ended meanwhile, and is renewed.
    mirror.erp.clock().advance(TimeDelta::hours(8));
    let from = mirror.github.requests().len();
    assert_eq!(settle(&mirror).await, 1);
    assert_eq!(mirror.erp.value(ROWS).await, "user boss done; user boss done");
    assert_eq!(authors(&mirror), ["boss", "boss"]);
    assert_eq!(askers(&mirror, from), ["boss"], "nobody else is asked with");
    mirror.finish().await;
}

#[tokio::test]
async fn the_same_list_of_another_user_is_another_batch_in_his_own_name() {
    let (mirror, desk, _redis) = left_batch().await;
    connect(&mirror, "Administrator", "other-boss").await;
    let list = json!([{"title": "a"}, {"title": "b"}]).to_string();
    let form = [("repository", "octo/web"), ("issues", &*list)];
    let answer = desk.post("Administrator", &format!("{API}bulk_create_issues"), &form).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(authors(&mirror), ["other-boss", "other-boss"], "what boss left waits for him");
    let whose = "SELECT GROUP_CONCAT(CONCAT_WS(' ', asked_by, acting_login, status) ORDER BY acting_login, position SEPARATOR '; ') FROM `tabGitHub Write`";
    let done = "Administrator other-boss done; Administrator other-boss done";
    assert_eq!(
        mirror.erp.value(whose).await,
        format!("{ADMIN} boss waiting; {ADMIN} boss waiting; {done}")
    );
    assert_eq!(settle(&mirror).await, 1);
    assert_eq!(
        mirror.erp.value(whose).await,
        format!("{ADMIN} boss done; {ADMIN} boss done; {done}")
    );
    mirror.finish().await;
}

#[tokio::test]
async fn a_batch_that_was_begun_by_a_token_is_not_gone_on_with_by_one_of_another_account() {
    let (site, _redis) = TestSite::cached(FrappeMajor::V15).await;
    let (mirror, desk) = company_of(site).await;
    let limit = Effect::SecondaryLimit {
        status: 403,
        retry_after: Some(600),
    };
    mirror.github.world().faults.push(Fault::on(ISSUES, limit).of_method("POST"));
    let list = json!([{"title": "a"}, {"title": "b"}]).to_string();
    let form = [("repository", "octo/web"), ("issues", &*list)];
    let answer = desk.post(ADMIN, &format!("{API}bulk_create_issues"), &form).await;
    assert_eq!(answer.message()["status"], "waiting", "{answer:?}");
    assert_eq!(mirror.erp.value(ROWS).await, "token octo waiting; token octo waiting");
    // An administrator stores a token of somebody else meanwhile.
    {
        let mut world = mirror.github.world();
        world.token("token-of-somebody-else", "other-boss");
        let admin = Collaborator::new("other-boss", Permission::Admin);
        world.repository("octo/web").with_member(admin);
    }
    let secret = "token-of-somebody-else".into();
    let stored = settings::set(mirror.app(), mirror.site(), "personal_access_token", &secret, "Administrator").await;
    stored.expect("stored");
    mirror.erp.clock().advance(TimeDelta::minutes(11));
    settle(&mirror).await;
    assert_eq!(mirror.erp.value(ROWS).await, "token octo failed; token octo failed");
    let reasons = mirror.erp.value(REASONS).await;
    assert!(
        reasons.contains("begun by a token of octo") && reasons.contains("press again"),
        "{reasons}"
    );
    assert_eq!(authors(&mirror), Vec::<String>::new());
    let again = desk.post(ADMIN, &format!("{API}bulk_create_issues"), &form).await;
    assert_eq!(again.status, 200, "{again:?}");
    assert_eq!(
        authors(&mirror),
        ["other-boss", "other-boss"],
        "pressed again, it is another batch"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn a_batch_of_who_disconnected_or_connected_another_account_fails_and_nothing_goes_out_in_another_name() {
    for connects_another in [false, true] {
        let (mirror, desk, _redis) = left_batch().await;
        let gone = desk
            .post(ADMIN, "erpnext_github_integration.desk.disconnect_github", &[])
            .await;
        assert_eq!(gone.status, 200, "{gone:?}");
        if connects_another {
            connect(&mirror, ADMIN, "other-boss").await;
        }
        let from = mirror.github.requests().len();
        settle(&mirror).await;
        assert_eq!(mirror.erp.value(ROWS).await, "user boss failed; user boss failed");
        let reasons = mirror.erp.value(REASONS).await;
        let words = if connects_another {
            "has connected other-boss since"
        } else {
            "connect GitHub first"
        };
        assert!(reasons.contains(words), "{reasons}");
        assert_eq!((authors(&mirror), askers(&mirror, from)), (Vec::new(), Vec::new()));
        assert_eq!(settle(&mirror).await, 0, "it is over");
        mirror.finish().await;
    }
}

#[tokio::test]
async fn a_lost_write_is_looked_for_by_who_asked_for_it() {
    for effect in [Effect::Lost, Effect::Refused] {
        let is_done = matches!(effect, Effect::Lost);
        let (mirror, _desk, _redis) = lost_write(effect).await;
        let from = mirror.github.requests().len();
        assert_eq!(settle(&mirror).await, 1);
        let (row, opened) = if is_done {
            ("user boss done", 1)
        } else {
            ("user boss failed", 0)
        };
        assert_eq!((mirror.erp.value(ROWS).await.as_str(), authors(&mirror).len()), (row, opened));
        assert_eq!(askers(&mirror, from), ["boss"]);
        mirror.finish().await;
    }
}

/// Disconnects, has the account be called `chief` by now, and connects `login`.
async fn renamed(mirror: &Mirror, desk: &Desk, login: &str) {
    let gone = desk
        .post(ADMIN, "erpnext_github_integration.desk.disconnect_github", &[])
        .await;
    assert_eq!(gone.status, 200, "{gone:?}");
    mirror.github.world().rename_account("boss", "chief");
    connect(mirror, ADMIN, login).await;
    mirror.erp.clock().advance(TimeDelta::minutes(2));
}

#[tokio::test]
async fn a_person_is_known_by_his_number_whatever_he_is_called_by_now() {
    let (mirror, desk, _redis) = left_batch().await;
    renamed(&mirror, &desk, "chief").await;
    assert_eq!(settle(&mirror).await, 1);
    assert_eq!(mirror.erp.value(ROWS).await, "user boss done; user boss done");
    assert_eq!(authors(&mirror), ["chief", "chief"]);
    mirror.finish().await;

    // He was renamed, and connected all the time, or again: what he did is found under his new name.
    for connects_again in [false, true] {
        let (mirror, desk, _redis) = lost_write(Effect::Lost).await;
        if connects_again {
            renamed(&mirror, &desk, "chief").await;
        } else {
            mirror.github.world().rename_account("boss", "chief");
        }
        assert_eq!(settle(&mirror).await, 1);
        assert_eq!(mirror.erp.value(ROWS).await, "user boss done");
        assert_eq!(authors(&mirror), ["chief"], "it was opened once");
        mirror.finish().await;
    }
}

#[tokio::test]
async fn who_has_the_login_of_somebody_else_by_now_is_not_he() {
    let (mirror, desk, _redis) = left_batch().await;
    renamed(&mirror, &desk, "boss").await;
    let from = mirror.github.requests().len();
    settle(&mirror).await;
    assert_eq!(mirror.erp.value(ROWS).await, "user boss failed; user boss failed");
    let reasons = mirror.erp.value(REASONS).await;
    assert!(
        reasons.contains("has connected another account, which is called boss by now"),
        "{reasons}"
    );
    assert_eq!((authors(&mirror), askers(&mirror, from)), (Vec::new(), Vec::new()));
    mirror.finish().await;
}

#[tokio::test]
async fn a_lost_write_of_who_disconnected_waits_for_him_and_is_not_looked_for_in_another_name() {
    let (mirror, desk, _redis) = lost_write(Effect::Lost).await;
    desk.post(ADMIN, "erpnext_github_integration.desk.disconnect_github", &[])
        .await
        .message();
    let from = mirror.github.requests().len();
    assert_eq!(settle(&mirror).await, 0);
    assert_eq!(mirror.erp.value(ROWS).await, "user boss unknown");
    assert_eq!(askers(&mirror, from), Vec::<String>::new());
    connect(&mirror, ADMIN, "boss").await;
    mirror.erp.clock().advance(TimeDelta::minutes(2));
    assert_eq!(settle(&mirror).await, 1);
    assert_eq!(mirror.erp.value(ROWS).await, "user boss done");
    assert_eq!(authors(&mirror), ["boss"], "it was opened once");
    mirror.finish().await;
}

#[tokio::test]
async fn who_is_disabled_or_deleted_is_disconnected_here_and_on_github() {
    let (mirror, _desk, _redis) = stage().await;
    connect(&mirror, "pusher@x.com", "pusher").await;
    runner(&mirror).step(Work::LookAtDesk).await;
    let connected = "SELECT IFNULL(GROUP_CONCAT(user ORDER BY user), '') FROM erpnext_github_grant";
    let authorized = |mirror: &Mirror| -> Vec<String> {
        let world = mirror.github.world();
        world.oauth.authorizations.iter().map(|one| one.login.clone()).collect()
    };
    assert_eq!(mirror.erp.value(connected).await, "admin@x.com,pusher@x.com");
    disable(&mirror, ADMIN).await;
    assert_eq!(mirror.erp.value(connected).await, "pusher@x.com");
    assert_eq!(authorized(&mirror), ["pusher"], "{CLIENT} is what he authorised");
    mirror.erp.query("DELETE FROM tabUser WHERE name = 'pusher@x.com'").await;
    // No row tells of a deletion: everything is looked at every ten minutes.
    mirror.erp.clock().advance(TimeDelta::minutes(11));
    runner(&mirror).step(Work::LookAtDesk).await;
    assert_eq!(
        (mirror.erp.value(connected).await.as_str(), authorized(&mirror)),
        ("", Vec::new())
    );
    mirror.finish().await;
}
