//! F-14: what GitHub refuses of one repository is noted on that repository's document, whoever has its name by now.

use std::sync::Arc;

use erpnext_github::sim::github::{Effect, Fault, Gate};
use erpnext_github::store::runs::RunStatus;
use erpnext_github::sync::Selection;

use crate::support::mirror::Mirror;

async fn two() -> Mirror {
    let mirror = Mirror::new(|world| {
        world.repository("octo/a").with_issues(2);
        world.repository("octo/b").with_issues(1);
    })
    .await;
    mirror.sync("octo/a").await;
    mirror.sync("octo/b").await;
    mirror.erp.clock().advance(chrono::TimeDelta::hours(1));
    mirror
}

/// What stands on the two documents, the one that was `octo/a` first: name, marked or not, whether there is an error.
async fn notes(mirror: &Mirror) -> Vec<String> {
    let sql = "SELECT CONCAT_WS(' ', name, deleted_on_github, last_sync_error <> '') FROM tabRepository \
               ORDER BY CAST(github_id AS UNSIGNED)";
    mirror.erp.query(sql).await.concat().into_iter().flatten().collect()
}

/// How the runs of each document ended, and of which document the Error Log speaks.
async fn runs(mirror: &Mirror) -> Vec<String> {
    let sql = "SELECT CONCAT_WS(' ', repository, status) FROM `tabGitHub Sync Run` WHERE started_at >= '2026-03-01 08:00:00' \
               UNION ALL SELECT CONCAT('log ', reference_name) FROM `tabError Log` ORDER BY 1";
    mirror.erp.query(sql).await.concat().into_iter().flatten().collect()
}

#[tokio::test]
async fn f14_a_rename_onto_a_deleted_repositorys_name_marks_the_deleted_one_and_no_other() {
    let mirror = two().await;
    let aside = format!("gh.{}/b", mirror.github.world().repository("octo/b").id);
    let mut world = mirror.github.world();
    world.delete_repository("octo/b");
    world.rename_repository("octo/a", "octo/b");
    drop(world);
    let report = mirror.run(&Selection::default(), false).await;
    assert_eq!(notes(&mirror).await, ["octo/b 0 0".to_owned(), format!("{aside} 1 1")]);
    assert_eq!(
        runs(&mirror).await,
        [
            format!("{aside} Failed"),
            format!("log {aside}"),
            "octo/b Completed".to_owned()
        ]
    );
    let refused = &report.repositories[1];
    assert_eq!(
        (refused.repository.as_str(), refused.status),
        (aside.as_str(), RunStatus::Failed)
    );
    let sentence = refused.error.clone().unwrap_or_default();
    assert!(sentence.contains(&format!("no longer shows {aside}")), "{sentence}");
    let marked = format!("SELECT modified FROM tabRepository WHERE name = '{aside}'");
    let modified = mirror.erp.value(&marked).await;
    mirror.erp.clock().advance(chrono::TimeDelta::hours(25));
    mirror.run(&Selection::default(), false).await;
    assert_eq!(mirror.erp.value(&marked).await, modified, "marked once");
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn f14_a_refusal_that_comes_after_another_process_gave_the_name_away_is_noted_on_the_right_document() {
    let mirror = Arc::new(two().await);
    let aside = format!("gh.{}/b", mirror.github.world().repository("octo/b").id);
    // The answer about b is on its way when b is moved and a takes its name.
    let gate = Gate::closed();
    let path = "/repos/octo/b";
    let faults = [Fault::on(path, Effect::Held(gate.clone())), Fault::status(path, 451)];
    mirror.github.world().faults.extend(faults);
    let run = tokio::spawn({
        let mirror = mirror.clone();
        async move { mirror.sync_in(&mirror.impatient().await, "octo/b", false).await }
    });
    gate.reached(1).await;
    let mut world = mirror.github.world();
    world.rename_repository("octo/b", "octo/c");
    world.rename_repository("octo/a", "octo/b");
    drop(world);
    mirror.sync("octo/a").await;
    gate.open();
    let report = run.await.expect("the run");
    assert_eq!(
        (report.repository.as_str(), report.status),
        (aside.as_str(), RunStatus::Failed)
    );
    assert_eq!(notes(&mirror).await, ["octo/b 0 0".to_owned(), format!("{aside} 0 1")]);
    assert_eq!(
        runs(&mirror).await,
        [
            format!("{aside} Failed"),
            format!("log {aside}"),
            "octo/b Completed".to_owned()
        ]
    );
    Arc::into_inner(mirror).expect("alone").finish_with_errors(1).await;
}

#[tokio::test]
async fn f14_a_repository_that_takes_anothers_name_leaves_the_others_run_alone() {
    let mirror = Arc::new(two().await);
    let aside = format!("gh.{}/b", mirror.github.world().repository("octo/b").id);
    // A run of b is under way, in a process of its own, while a takes the name that b has here.
    let gate = Gate::closed();
    let held = Fault::on("/repos/octo/b/collaborators", Effect::Held(gate.clone()));
    mirror.github.world().faults.push(held);
    let run = tokio::spawn({
        let mirror = mirror.clone();
        async move { mirror.sync_in(&mirror.impatient().await, "octo/b", false).await }
    });
    gate.reached(1).await;
    let mut world = mirror.github.world();
    world.rename_repository("octo/b", "octo/c");
    world.rename_repository("octo/a", "octo/b");
    drop(world);
    mirror.sync("octo/a").await;
    assert_eq!(
        runs(&mirror).await,
        [format!("{aside} Running"), "octo/b Completed".to_owned()]
    );
    gate.open();
    run.await.expect("the run");
    assert_eq!(
        runs(&mirror).await,
        [format!("{aside} Completed"), "octo/b Completed".to_owned()]
    );
    Arc::into_inner(mirror).expect("alone").finish().await;
}
