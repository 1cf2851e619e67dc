//! Which credential a repository is asked for with, and that one that fails is its own affair.

use chrono::TimeDelta;
use erpnext_github::sync::Selection;

use super::{asked_by, integration, set, store};
use crate::support::mirror::Mirror;

/// Three repositories, each with the credential of somebody else.
pub(super) async fn three() -> Mirror {
    let mirror = Mirror::new(|world| {
        for name in ["octo/own", "octo/of-acme", "octo/plain"] {
            world.repository(name).with_issues(2);
        }
        world.token("token-of-the-repository", "own-er");
        world.token("token-of-acme", "acme-er");
    })
    .await;
    for name in ["octo/own", "octo/of-acme", "octo/plain"] {
        mirror.sync(name).await;
    }
    integration(&mirror, "Acme", "token-of-acme").await;
    set(&mirror, "octo/of-acme", "integration", "Acme").await;
    store(&mirror, ("Repository", "octo/own", "access_token"), "token-of-the-repository").await;
    mirror
}

#[tokio::test]
async fn g4_each_repository_is_asked_for_with_its_own_credential_within_its_own_budget() {
    let mirror = three().await;
    let from = mirror.github.requests().len();
    mirror.run(&Selection::default(), true).await;
    assert_eq!(asked_by(&mirror, "octo/own", from), ["own-er"]);
    assert_eq!(asked_by(&mirror, "octo/of-acme", from), ["acme-er"]);
    assert_eq!(asked_by(&mirror, "octo/plain", from), ["octo"]);
    let budgets = "SELECT COUNT(*) FROM erpnext_github_budget";
    assert_eq!(mirror.erp.value(budgets).await, "3");
    mirror.finish().await;
}

#[tokio::test]
async fn a_credential_that_fails_stops_its_own_repositories_alone_and_its_sentence_is_kept() {
    let mirror = three().await;
    let now = mirror.site().clock().now();
    mirror
        .github
        .world()
        .token("token-of-acme", "acme-er")
        .expiring(now - TimeDelta::minutes(1));
    let report = mirror.run(&Selection::default(), true).await;
    let ended: Vec<(&str, bool)> = report
        .repositories
        .iter()
        .map(|run| (run.repository.as_str(), run.error.is_none()))
        .collect();
    assert_eq!(ended.len(), 3, "{report:?}");
    for (name, ended_well) in ended {
        assert_eq!(ended_well, name != "octo/of-acme", "{name}");
    }
    let kept = "SELECT last_sync_error FROM tabRepository WHERE name = 'octo/of-acme'";
    let sentence = mirror.erp.value(kept).await;
    assert!(sentence.contains("does not accept the token"), "{sentence}");
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn an_integration_that_is_switched_off_is_not_asked_and_says_so_where_somebody_asks() {
    let mirror = three().await;
    mirror.erp.query("UPDATE `tabGitHub Integration` SET enabled = 0").await;
    let from = mirror.github.requests().len();
    let report = mirror.sync("octo/of-acme").await;
    assert!(
        report.reason().contains("the GitHub Integration Acme is switched off"),
        "{report:?}"
    );
    assert_eq!(mirror.github.requests().len(), from, "nobody was asked");
    mirror.finish_with_errors(1).await;
}
