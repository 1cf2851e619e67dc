//! What was begun by a credential that is everybody's: it is gone on with by that one, in whose name its rows say it is, or not at all.

use chrono::TimeDelta;
use erpnext_github::actions::settle_site;
use erpnext_github::sim::github::{Collaborator, Effect, Fault, Gate, Permission};
use erpnext_github::sim::site::FrappeMajor;
use serde_json::json;

use super::person::{connect, set, set_up};
use super::store;
use crate::desk::company_of;
use crate::frappe::redis_server::RedisServer;
use crate::support::TestSite;
use crate::support::desk::{Answer, Desk};
use crate::support::mirror::Mirror;

const BULK: &str = "erpnext_github_integration.github_api.bulk_create_issues";
const ISSUES: &str = "/repos/octo/web/issues";
/// Somebody who is not connected, and somebody who is.
const ADMIN: &str = "admin@x.com";
const CONNECTED: &str = "Administrator";
/// What became of each write, who asked for it, and in whose name.
const ROWS: &str = "SELECT GROUP_CONCAT(CONCAT_WS(' ', asked_by, acting_as, acting_login, status) ORDER BY acting_as DESC, position SEPARATOR '; ') \
                    FROM `tabGitHub Write`";
const REASONS: &str = "SELECT IFNULL(GROUP_CONCAT(DISTINCT reason), '') FROM `tabGitHub Write`";

/// A site whose own token is that of `octo`.
async fn stage() -> (Mirror, Desk, RedisServer) {
    let (site, redis) = TestSite::cached(FrappeMajor::V15).await;
    let (mirror, desk) = company_of(site).await;
    let admin = Collaborator::new("other-boss", Permission::Admin);
    mirror.github.world().repository("octo/web").with_member(admin);
    set_up(&mirror).await;
    (mirror, desk, redis)
}

async fn bulk(desk: &Desk, user: &str, background: &str) -> Answer {
    let list = json!([{"title": "a"}, {"title": "b"}]).to_string();
    let form = [("repository", "octo/web"), ("issues", &*list), ("background", background)];
    desk.post(user, BULK, &form).await
}

/// A list of which nothing was sent yet, because GitHub wants a long pause.
async fn left(mirror: &Mirror, desk: &Desk) {
    let limit = Effect::SecondaryLimit {
        status: 403,
        retry_after: Some(600),
    };
    mirror.github.world().faults.push(Fault::on(ISSUES, limit).of_method("POST"));
    let answer = bulk(desk, ADMIN, "0").await;
    assert_eq!(answer.message()["status"], "waiting", "{answer:?}");
    let waits = "admin@x.com token octo waiting";
    assert_eq!(mirror.erp.value(ROWS).await, format!("{waits}; {waits}"));
    mirror.erp.clock().advance(TimeDelta::minutes(11));
}

/// Who opened issues by these forms.
fn authors(mirror: &Mirror) -> Vec<String> {
    let world = mirror.github.world();
    let home = world.find("octo/web").expect("the repository");
    let ours = home.items.values().filter(|item| ["a", "b"].contains(&item.title.as_str()));
    ours.map(|item| item.author.clone().unwrap_or_default()).collect()
}

#[tokio::test]
async fn who_is_connected_does_not_go_on_with_a_list_that_was_begun_by_the_token() {
    let (mirror, desk, _redis) = stage().await;
    left(&mirror, &desk).await;
    connect(&mirror, CONNECTED, "other-boss").await;
    set(&mirror, "act_without_connection", "0").await;
    let answer = bulk(&desk, CONNECTED, "0").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(authors(&mirror), ["other-boss", "other-boss"]);
    let (done, waits) = ("Administrator user other-boss done", "admin@x.com token octo waiting");
    assert_eq!(mirror.erp.value(ROWS).await, format!("{done}; {done}; {waits}; {waits}"));
    mirror.finish().await;
}

#[tokio::test]
async fn a_list_ends_where_its_repository_has_a_token_of_another_account_in_the_middle_of_it() {
    let (mirror, desk, _redis) = stage().await;
    let gate = Gate::closed();
    let held = Fault::on(ISSUES, Effect::Held(gate.clone())).of_method("POST");
    mirror.github.world().faults.push(held);
    let answer = bulk(&desk, ADMIN, "1").await;
    assert_eq!(answer.message()["status"], "running", "{answer:?}");
    gate.reached(1).await;
    mirror.github.world().token("token-of-other-boss", "other-boss");
    store(&mirror, ("Repository", "octo/web", "access_token"), "token-of-other-boss").await;
    gate.open();
    desk.ended().await;
    assert_eq!(authors(&mirror), ["octo"]);
    let (done, failed) = ("admin@x.com token octo done", "admin@x.com token octo failed");
    assert_eq!(mirror.erp.value(ROWS).await, format!("{done}; {failed}"));
    let reasons = mirror.erp.value(REASONS).await;
    assert!(
        reasons.contains("begun by a token of octo") && reasons.contains("what failed alone"),
        "{reasons}"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn what_was_begun_by_the_app_is_not_gone_on_with_by_a_token() {
    let (mirror, desk, _redis) = stage().await;
    left(&mirror, &desk).await;
    let by_app = "UPDATE `tabGitHub Write` SET acting_as = 'app', acting_login = 'erp[bot]'";
    mirror.erp.query(by_app).await;
    settle_site(&mirror.impatient().await).await.expect("the database works");
    assert_eq!(authors(&mirror), Vec::<String>::new());
    let failed = "admin@x.com app erp[bot] failed";
    assert_eq!(mirror.erp.value(ROWS).await, format!("{failed}; {failed}"));
    let reasons = mirror.erp.value(REASONS).await;
    assert!(
        reasons.contains("by the GitHub App as erp[bot]") && reasons.contains("by a token of octo"),
        "{reasons}"
    );
    mirror.finish().await;
}
