//! The webhook of a repository that an integration lets go: it is removed by the credential that made it, and what GitHub does not show is not taken for gone.

use chrono::TimeDelta;
use erpnext_github::domain::Visibility;
use erpnext_github::frappe::{encryption_key, secrets};
use erpnext_github::store::{Stamp, integration_repositories};

use super::hooks::{hooks, reachable, switch, turn};
use super::services::INTEGRATION;
use crate::support::mirror::Mirror;

const ROWS: &str = "SELECT GROUP_CONCAT(CONCAT(name, ' ', is_leaving) ORDER BY name) FROM erpnext_github_hook";

/// `guild/tool`, with a webhook, belongs to an integration with a token of the owner of its organisation; that of the site does not see it any more.
async fn stage() -> Mirror {
    let mirror = reachable(|world| {
        world.organization("guild").owners.push("boss".to_owned());
        world.repository("guild/tool");
        world.token("token-of-ours", "boss");
    })
    .await;
    mirror.sync("guild/tool").await;
    mirror.erp.query(INTEGRATION).await;
    let belongs = "UPDATE tabRepository SET integration = 'Ours' WHERE name = 'guild/tool'";
    mirror.erp.query(belongs).await;
    let key = encryption_key::ensure(mirror.site().config()).expect("a key");
    let mut conn = mirror.site().db().conn().await.expect("a connection");
    let field = ("GitHub Integration", "Ours", "personal_access_token");
    let stored = secrets::store(&mut conn, &key, field.0, field.1, field.2, &"token-of-ours".into()).await;
    stored.expect("stored");
    drop(conn);
    switch(&mirror, "guild/tool", "1").await;
    turn(&mirror).await;
    assert_eq!(hooks(&mirror, "guild/tool").len(), 1);
    mirror.github.world().repository("guild/tool").visibility = Visibility::Private;
    mirror
}

async fn let_go(mirror: &Mirror) {
    let stamp = Stamp::now(mirror.site(), "Administrator").await.expect("a stamp");
    let was_its = integration_repositories::unfollow(mirror.site().db(), &stamp, "Ours", "guild/tool").await;
    assert!(was_its.expect("noted"));
}

#[tokio::test]
async fn g1_15_the_webhook_of_what_is_let_go_is_removed_by_the_credential_that_made_it() {
    let mirror = stage().await;
    let_go(&mirror).await;
    mirror.github.forget_requests();
    turn(&mirror).await;
    assert_eq!(hooks(&mirror, "guild/tool").len(), 0);
    assert_eq!(mirror.erp.value(ROWS).await, "");
    let asked = mirror.github.requests();
    let removal = asked.iter().find(|one| one.method == "DELETE").expect("the removal");
    assert_eq!(removal.credential, "boss");
    mirror.finish().await;
}

#[tokio::test]
async fn g1_15_a_webhook_that_github_does_not_show_is_not_forgotten_and_holds_no_other_up() {
    let mirror = stage().await;
    let_go(&mirror).await;
    mirror.erp.query("DELETE FROM `tabGitHub Integration`").await;
    switch(&mirror, "octo/web", "1").await;
    turn(&mirror).await;
    assert_eq!((hooks(&mirror, "guild/tool").len(), hooks(&mirror, "octo/web").len()), (1, 1));
    assert_eq!(mirror.erp.value(ROWS).await, "guild/tool 1,octo/web 0");
    let problem = "SELECT problem FROM erpnext_github_hook WHERE name = 'guild/tool'";
    let problem = mirror.erp.value(problem).await;
    assert!(
        problem.contains("may still be there") && problem.contains("delete the webhook on GitHub"),
        "{problem}"
    );
    // Somebody gives the site's account the right to see it.
    mirror.github.world().organization("guild").owners.push("octo".to_owned());
    mirror.erp.clock().advance(TimeDelta::hours(1));
    turn(&mirror).await;
    assert_eq!(hooks(&mirror, "guild/tool").len(), 0);
    assert_eq!(mirror.erp.value(ROWS).await, "octo/web 0");
    mirror.finish().await;
}

#[tokio::test]
async fn g1_15_the_webhook_of_a_repository_that_is_gone_goes_with_it() {
    let mirror = stage().await;
    mirror.erp.query("DELETE FROM `tabGitHub Integration`").await;
    let gone = "UPDATE tabRepository SET integration = NULL, deleted_on_github = 1 WHERE name = 'guild/tool'";
    mirror.erp.query(gone).await;
    turn(&mirror).await;
    assert_eq!(mirror.erp.value(ROWS).await, "");
    mirror.finish().await;
}

#[tokio::test]
async fn g1_15_whoever_follows_it_next_has_its_webhook_from_then_on() {
    let mirror = stage().await;
    let_go(&mirror).await;
    let id = mirror
        .erp
        .value("SELECT github_id FROM tabRepository WHERE name = 'guild/tool'")
        .await;
    let stamp = Stamp::now(mirror.site(), "Administrator").await.expect("a stamp");
    let db = mirror.site().db();
    let followed = integration_repositories::follow(db, &stamp, "Ours", id.parse().expect("a number")).await;
    assert!(followed.expect("noted"));
    let left = "SELECT IFNULL(left_integration, '-') FROM erpnext_github_hook WHERE name = 'guild/tool'";
    assert_eq!(mirror.erp.value(left).await, "-");
    mirror.finish().await;
}

#[tokio::test]
async fn g1_15_a_webhook_that_is_not_shown_for_weeks_is_taken_for_gone() {
    let mirror = stage().await;
    let_go(&mirror).await;
    mirror.github.world().repositories.clear();
    turn(&mirror).await;
    assert_ne!(mirror.erp.value(ROWS).await, "", "it may only not be shown");
    mirror
        .erp
        .query("UPDATE erpnext_github_hook SET attempts = 30, due_at = '2020-01-01'")
        .await;
    turn(&mirror).await;
    assert_eq!(mirror.erp.value(ROWS).await, "");
    mirror.finish().await;
}
