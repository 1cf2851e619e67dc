//! Which credential a repository is asked for with, and that one that fails is its own affair.

use chrono::TimeDelta;
use erpnext_github::domain::Entity;
use erpnext_github::sim::github::{Collaborator, Permission};
use erpnext_github::store::repositories;
use erpnext_github::store::runs::{RunStatus, Trigger};
use erpnext_github::sync::{Import, Selection, import_items, sync_members};

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

/// What a button reads of one repository alone: its members, and its issues or pull requests.
#[tokio::test]
async fn g4_members_and_imports_are_asked_for_with_the_credential_of_their_repository_too() {
    let mirror = three().await;
    let forget = "DELETE FROM __Auth WHERE doctype = 'GitHub Settings' AND fieldname = 'personal_access_token'";
    let others = [("octo/own", "own-er"), ("octo/of-acme", "acme-er")];
    for (name, by) in others {
        let admin = Collaborator::new(by, Permission::Admin);
        mirror.github.world().repository(name).with_member(admin);
    }
    for has_site_token in [true, false] {
        if !has_site_token {
            mirror.erp.scratch().execute(forget).await.expect("forgotten");
        }
        for (name, by) in others {
            let context = mirror.context().await;
            let tracked = repositories::find(mirror.site().db(), name)
                .await
                .expect("read")
                .expect("there");
            let from = mirror.github.requests().len();
            let (members, _) = sync_members(&context, &tracked, Trigger::Button).await.expect("read");
            let import = Import {
                entity: Entity::Issue,
                rewrite: false,
            };
            let issues = import_items(&context, &tracked, import).await.expect("read");
            assert_eq!(
                [members.status, issues.status],
                [RunStatus::Completed; 2],
                "{name}: {members:?} {issues:?}"
            );
            assert_eq!(asked_by(&mirror, name, from), [by]);
        }
    }
    let gone = "SELECT COUNT(*) FROM tabRepository WHERE deleted_on_github = 1";
    assert_eq!(mirror.erp.value(gone).await, "0");
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
