//! A repository that another account owns by now: it leaves the App's integration of the old one in the transaction that learns of it.

use erpnext_github::domain::Repository;

use super::Desk;
use super::made::repository;

const OLD: u64 = 71;
const NEW: u64 = 72;

async fn integration(desk: &Desk, name: &str, auth_type: &str, account: u64) {
    let sql = format!(
        "INSERT INTO `tabGitHub Integration` (name, integration_name, auth_type, enabled, account_login, account_id, creation, modified) \
         VALUES ('{name}', '{name}', '{auth_type}', 1, '{name}', '{account}', NOW(), NOW())"
    );
    desk.execute(&sql).await;
}

/// The repository 7 as an account has it, so many seconds later.
fn of(name: &str, owner: u64, later: i64) -> Repository {
    let mut one = repository(7, name);
    one.owner.id = owner;
    one.owner.login = name.split('/').next().unwrap_or_default().to_owned();
    one.updated_at += chrono::TimeDelta::seconds(later);
    one
}

async fn stands(desk: &Desk) -> Vec<String> {
    desk.column("SELECT CONCAT_WS(' ', name, IFNULL(integration, '-'), enabled) FROM tabRepository")
        .await
}

#[tokio::test]
async fn g1_15_a_repository_that_moves_between_connected_accounts_gets_the_integration_of_the_new_one() {
    let desk = Desk::new().await;
    integration(&desk, "old", "GitHub App", OLD).await;
    integration(&desk, "new", "GitHub App", NEW).await;
    desk.repository(&of("old/name", OLD, 0)).await;
    desk.execute("UPDATE tabRepository SET integration = 'old', enabled = 1")
        .await;
    // Another name in the same account, and an account that was renamed, change nothing.
    desk.repository(&of("old/named", OLD, 1)).await;
    desk.repository(&of("elder/named", OLD, 2)).await;
    assert_eq!(stands(&desk).await, ["elder/named old 1"]);
    desk.repository(&of("new/named", NEW, 3)).await;
    assert_eq!(stands(&desk).await, ["new/named new 1"]);
    // What is heard late says nothing of now.
    desk.repository(&of("new/named", OLD, 2)).await;
    assert_eq!(stands(&desk).await, ["new/named new 1"]);
    // An account that is not connected.
    desk.repository(&of("far/named", 73, 4)).await;
    assert_eq!(stands(&desk).await, ["far/named - 1"]);
}

#[tokio::test]
async fn a_repository_that_moves_stays_with_an_integration_that_is_no_apps() {
    let desk = Desk::new().await;
    integration(&desk, "old", "Personal Access Token", OLD).await;
    integration(&desk, "new", "GitHub App", NEW).await;
    desk.repository(&of("old/name", OLD, 0)).await;
    desk.execute("UPDATE tabRepository SET integration = 'old', enabled = 1")
        .await;
    desk.repository(&of("new/name", NEW, 1)).await;
    assert_eq!(stands(&desk).await, ["new/name old 1"]);
}
