//! F-29, F-30: all repositories of an account, whatever their visibility, one failure stopping none of the others.

use erpnext_github::domain::Visibility;
use erpnext_github::sim::github::{Collaborator, Fault, Permission, World};
use erpnext_github::store::runs::RunStatus;
use erpnext_github::sync::Selection;

use crate::support::mirror::Mirror;

fn organisation(world: &mut World) {
    world.organization("acme").owners.push("octo".to_owned());
    for (name, visibility) in [
        ("acme/open", Visibility::Public),
        ("acme/secret", Visibility::Private),
        ("acme/inside", Visibility::Internal),
    ] {
        world.repository(name).with_visibility(visibility).with_issues(1);
    }
    world.repository("acme/old").archived = true;
    // Somebody else's organisation, where the token's account is a collaborator of one private repository.
    world
        .repository("other/shared")
        .with_visibility(Visibility::Private)
        .with_member(Collaborator::new("octo", Permission::Push));
    world.repository("other/hidden").with_visibility(Visibility::Private);
    world.repository("octo/mine");
}

fn all_from(owners: &[&str]) -> Selection {
    Selection {
        repositories: Vec::new(),
        owners: owners.iter().map(|&owner| owner.to_owned()).collect(),
    }
}

const STORED: &str =
    "SELECT GROUP_CONCAT(name, ' ', visibility, ' ', owner_type ORDER BY name SEPARATOR ', ') FROM tabRepository";

#[tokio::test]
async fn f30_an_organisations_public_private_and_internal_repositories() {
    let mirror = Mirror::new(organisation).await;
    let report = mirror.run(&all_from(&["acme"]), false).await;
    assert!(!report.has_failures(), "{report:?}");
    let expected = "acme/inside Internal Organization, acme/old Public Organization, acme/open Public Organization, acme/secret Private Organization";
    assert_eq!(mirror.erp.value(STORED).await, expected);
    assert_eq!(
        mirror.erp.value("SELECT SUM(is_synced AND enabled) FROM tabRepository").await,
        "4"
    );
    assert_eq!(
        mirror
            .erp
            .value("SELECT archived FROM tabRepository WHERE name = 'acme/old'")
            .await,
        "1"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn f30_of_the_tokens_own_account_what_it_owns_and_nothing_of_others() {
    let mirror = Mirror::new(|world| {
        organisation(world);
        world.repository("octo/private").with_visibility(Visibility::Private);
    })
    .await;
    let report = mirror.run(&all_from(&["Octo"]), false).await;
    assert!(!report.has_failures(), "{report:?}");
    let names = "SELECT GROUP_CONCAT(name ORDER BY name) FROM tabRepository";
    assert_eq!(mirror.erp.value(names).await, "octo/mine,octo/private");
    // A server that does not know the parameter lists what the account can reach.
    let reached = Fault::edit("/user/repos", |body| body[0]["full_name"] = "other/shared".into());
    mirror.github.world().faults.push(reached);
    let report = mirror.run(&all_from(&["octo"]), false).await;
    assert_eq!(report.repositories.len(), 1, "{report:?}");
    assert_eq!(mirror.erp.value(names).await, "octo/mine,octo/private");
    mirror.finish().await;
}

#[tokio::test]
async fn f30_what_the_token_may_see_of_others_comes_with_their_name() {
    let mirror = Mirror::new(organisation).await;
    let report = mirror.run(&all_from(&["other"]), false).await;
    assert!(!report.has_failures(), "{report:?}");
    assert_eq!(
        mirror.erp.value(STORED).await,
        "other/shared Private Organization",
        "a collaborator's repository; the hidden one stays hidden"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn f30_one_repository_that_fails_does_not_stop_the_next() {
    let mirror = Mirror::new(|world| {
        organisation(world);
        world.faults.push(Fault::status("/repos/acme/inside", 451).always());
    })
    .await;
    let report = mirror.run(&all_from(&["acme"]), false).await;
    let ended: Vec<_> = report
        .repositories
        .iter()
        .map(|one| (one.repository.as_str(), one.status))
        .collect();
    let done = RunStatus::Completed;
    assert_eq!(
        ended,
        [
            ("acme/inside", RunStatus::Failed),
            ("acme/old", done),
            ("acme/open", done),
            ("acme/secret", done)
        ]
    );
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn f30_an_owner_that_is_not_there_is_told_and_the_others_go_on() {
    let mirror = Mirror::new(organisation).await;
    let report = mirror.run(&all_from(&["nobody-here", "acme"]), false).await;
    assert_eq!(report.errors.len(), 1, "{report:?}");
    assert!(report.errors[0].starts_with("nobody-here: "), "{report:?}");
    assert_eq!(report.repositories.len(), 4, "{report:?}");
    mirror.finish().await;
}

#[tokio::test]
async fn f29_what_is_switched_off_stays_off_and_is_not_synced_unless_it_is_named() {
    let mirror = Mirror::new(organisation).await;
    mirror.run(&all_from(&["acme"]), false).await;
    let off = "UPDATE tabRepository SET enabled = 0, last_synced = NULL WHERE name = 'acme/open'";
    mirror.erp.scratch().execute(off).await.expect("switched off");
    for selection in [all_from(&["acme"]), Selection::default()] {
        let report = mirror.run(&selection, false).await;
        assert_eq!(report.repositories.len(), 3, "{report:?}");
    }
    let state = "SELECT CONCAT(enabled, is_synced, IFNULL(last_synced, '-')) FROM tabRepository WHERE name = 'acme/open'";
    assert_eq!(mirror.erp.value(state).await, "01-");
    mirror.sync("acme/open").await;
    assert_eq!(
        mirror.erp.value(state).await,
        "012026-03-01 07:00:00.000000",
        "named itself, and still off"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn f14_a_new_repository_under_an_old_ones_name_is_mirrored_in_the_same_run() {
    for present in ["acme/aaa", "acme/zzz"] {
        let mirror = Mirror::new(organisation).await;
        mirror.run(&all_from(&["acme"]), false).await;
        let mut world = mirror.github.world();
        world.rename_repository("acme/open", present);
        world.repository("acme/open").open_issue("Of the new one");
        drop(world);
        let report = mirror.run(&all_from(&["acme"]), false).await;
        assert!(!report.has_failures(), "{report:?}");
        let both = "SELECT GROUP_CONCAT(name ORDER BY CAST(github_id AS UNSIGNED)) FROM tabRepository WHERE name IN ('acme/open', 'acme/aaa', 'acme/zzz')";
        assert_eq!(mirror.erp.value(both).await, format!("{present},acme/open"));
        let title = mirror
            .erp
            .value("SELECT title FROM `tabRepository Issue` WHERE repository = 'acme/open'")
            .await;
        assert_eq!(title, "Of the new one");
        mirror.finish().await;
    }
}
