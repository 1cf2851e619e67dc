//! Through the App there is one integration for an account, also where it is made or changed by form or REST.

use erpnext_github::sim::github::World;
use erpnext_github::store::runs::RunStatus;

use super::{ADMIN, call, stage};
use crate::support::desk::Desk;
use crate::support::github_app::{APP, enter, register};
use crate::support::mirror::Mirror;

const SITE: &str = "https://erp.example.com";
const HOME: &str = "acme/web";

/// A company whose App is installed in two accounts.
pub(super) async fn installed() -> (Mirror, Desk) {
    let (mirror, desk) = stage().await;
    {
        let mut world = mirror.github.world();
        register(&mut world, SITE);
        let asked = [
            ("metadata", "read"),
            ("contents", "read"),
            ("issues", "write"),
            ("pull_requests", "write"),
        ];
        world.app(APP).asking_for(&asked);
        world.install(APP, "acme");
        world.install(APP, "guild");
    }
    enter(&mirror, SITE).await;
    (mirror, desk)
}

/// What a save of a GitHub Admin leaves: only what the form asks for.
pub(super) async fn made(mirror: &Mirror, name: &str, login: &str) {
    let sql = format!(
        "INSERT INTO `tabGitHub Integration` (name, integration_name, auth_type, enabled, account_login, service_repositories, \
         service_pull_requests, service_issues, service_webhooks, owner, modified_by, creation, modified) \
         VALUES ('{name}', '{name}', 'GitHub App', 1, '{login}', 1, 1, 1, 1, '{ADMIN}', '{ADMIN}', '2026-01-01', '2026-01-01')"
    );
    mirror.erp.query(&sql).await;
}

async fn change(mirror: &Mirror, name: &str, what: &str) {
    let sql = format!(
        "UPDATE `tabGitHub Integration` SET {what}, modified = DATE_ADD(modified, INTERVAL 1 SECOND) WHERE name = '{name}'"
    );
    mirror.erp.query(&sql).await;
}

/// How it is, looked at anew.
pub(super) async fn health(desk: &Desk, name: &str) -> String {
    let answer = call(desk, "check_integration", &[("integration", name)]).await;
    let health = answer.message();
    format!(
        "{} {}",
        health["state"].as_str().unwrap_or_default(),
        health["reason"].as_str().unwrap_or_default()
    )
}

/// Account and number of an integration, and the one that it holds.
async fn account(mirror: &Mirror, name: &str) -> String {
    let sql = format!(
        "SELECT CONCAT_WS(' ', account_login, IFNULL(account_type, '-'), IFNULL(account_id, '-'), IFNULL(app_account_id, '-')) \
         FROM `tabGitHub Integration` WHERE name = '{name}'"
    );
    mirror.erp.value(&sql).await
}

fn number(world: &mut World, login: &str) -> u64 {
    world.organization(login).id
}

#[tokio::test]
async fn g1_1_an_integration_that_a_form_made_holds_its_account_and_a_second_one_is_not_used() {
    let (mirror, desk) = installed().await;
    let (acme, guild) = {
        let mut world = mirror.github.world();
        (number(&mut world, "acme"), number(&mut world, "guild"))
    };
    made(&mirror, "Ours", "ACME").await;
    assert_eq!(health(&desk, "Ours").await.trim(), "ok");
    assert_eq!(account(&mirror, "Ours").await, format!("acme Organization {acme} {acme}"));
    made(&mirror, "Again", "acme").await;
    let refused = health(&desk, "Again").await;
    let sentence = "failing acme is connected through the GitHub App already, as Ours: use Ours for its repositories, and delete Again or enter another account there";
    assert_eq!(refused, sentence);
    assert_eq!(account(&mirror, "Again").await, format!("acme Organization {acme} -"));
    // Nothing is asked by it.
    mirror.sync(HOME).await;
    let choose = |name: &str| format!("UPDATE tabRepository SET integration = '{name}' WHERE name = '{HOME}'");
    mirror.erp.query(&choose("Again")).await;
    let from = mirror.github.requests().len();
    let report = mirror.sync(HOME).await;
    assert!(
        report.reason().contains("connected through the GitHub App already, as Ours"),
        "{report:?}"
    );
    assert_eq!(mirror.github.requests().len(), from, "nobody was asked");
    mirror.erp.query(&choose("Ours")).await;
    assert_eq!(mirror.sync(HOME).await.status, RunStatus::Completed);
    // Another account is entered in the first: the second one may be used, and holds what is free.
    change(&mirror, "Ours", "account_login = 'guild'").await;
    assert_eq!(health(&desk, "Ours").await.trim(), "ok");
    assert_eq!(account(&mirror, "Ours").await, format!("guild Organization {guild} {guild}"));
    assert_eq!(health(&desk, "Again").await.trim(), "ok");
    assert_eq!(account(&mirror, "Again").await, format!("acme Organization {acme} {acme}"));
    // By another way it is no integration of the App, and holds nothing.
    change(&mirror, "Again", "auth_type = 'Personal Access Token'").await;
    health(&desk, "Again").await;
    made(&mirror, "Third", "acme").await;
    assert_eq!(health(&desk, "Third").await.trim(), "ok");
    assert_eq!(account(&mirror, "Third").await, format!("acme Organization {acme} {acme}"));
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn g1_1_of_saves_at_the_same_time_one_holds_the_account_and_the_other_is_whole_and_says_so() {
    let (mirror, desk) = installed().await;
    let acme = number(&mut mirror.github.world(), "acme");
    for name in ["One", "Two", "Three"] {
        made(&mirror, name, "acme").await;
    }
    for _ in 0..4 {
        change(&mirror, "One", "app_account_id = NULL, account_id = NULL").await;
        mirror
            .erp
            .query("UPDATE `tabGitHub Integration` SET app_account_id = NULL, account_id = NULL, health = NULL")
            .await;
        let looks = tokio::join!(health(&desk, "One"), health(&desk, "Two"), health(&desk, "Three"));
        let looks = [looks.0, looks.1, looks.2];
        let held = looks.iter().filter(|look| look.trim() == "ok").count();
        let told = looks
            .iter()
            .filter(|look| look.contains("connected through the GitHub App already, as "))
            .count();
        assert_eq!((held, told), (1, 2), "{looks:?}");
        let whole = "SELECT GROUP_CONCAT(DISTINCT CONCAT_WS(' ', account_login, account_type, account_id) SEPARATOR ', ') FROM `tabGitHub Integration`";
        assert_eq!(mirror.erp.value(whole).await, format!("acme Organization {acme}"));
        let holders = "SELECT COUNT(*) FROM `tabGitHub Integration` WHERE app_account_id <> ''";
        assert_eq!(mirror.erp.value(holders).await, "1");
    }
    mirror.finish().await;
}
