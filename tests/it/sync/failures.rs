//! GitHub's failures: each leaves one clear sentence where people look, one Error Log row for a failed run, and everything else as
//! it was.

use erpnext_github::domain::Entity;
use erpnext_github::sim::github::{Block, Effect, Fault};
use erpnext_github::store::runs::RunStatus;

use crate::support::mirror::Mirror;

/// A mirror of `octo/web` that was synced once, whose world then has news.
pub(super) async fn synced() -> Mirror {
    let mirror = Mirror::new(|world| {
        world
            .repository("octo/web")
            .with_issues(5)
            .with_pull_requests(3)
            .with_branches(3);
    })
    .await;
    let first = mirror.sync("octo/web").await;
    assert_eq!(first.status, RunStatus::Completed, "{first:?}");
    mirror.erp.clock().advance(chrono::TimeDelta::hours(1));
    let mut world = mirror.github.world();
    let web = world.repository("octo/web");
    web.open_issue("News");
    web.delete_item(1);
    web.delete_branch("feature/branch-0000");
    drop(world);
    mirror
}

/// Cursors and bookkeeping of a complete sync; a failed run moves none of it.
pub(super) async fn progress(mirror: &Mirror) -> Vec<Vec<Option<String>>> {
    mirror
        .erp
        .query(
            "SELECT r.is_synced, r.last_synced, c.cursor_at, c.walked_at FROM tabRepository r \
             LEFT JOIN erpnext_github_cursor c ON c.repository_id = r.github_id AND c.entity = 'items'",
        )
        .await
}

/// Runs a complete walk that must fail with a sentence that says all of `words`, in the report, on the run's row, on the
/// Repository and in the Error Log; nothing of the mirror may change.
async fn fails(mirror: Mirror, words: &[&str]) {
    let (rows, before) = (mirror.mirror_without_notes().await, progress(&mirror).await);
    let report = mirror.sync_in(&mirror.impatient().await, "octo/web", true).await;
    assert_eq!(report.status, RunStatus::Failed, "{report:?}");
    let sentence = report.error.clone().unwrap_or_default();
    for word in words {
        assert!(sentence.contains(word), "`{sentence}` does not say `{word}`");
    }
    assert!(
        !sentence.contains("token-of-the-tests") && !sentence.contains('\n'),
        "{sentence}"
    );
    let run = mirror
        .erp
        .query("SELECT status, error, repository, finished_at IS NOT NULL FROM `tabGitHub Sync Run` ORDER BY started_at DESC LIMIT 1")
        .await;
    let run: Vec<String> = run.concat().into_iter().map(Option::unwrap_or_default).collect();
    assert_eq!(run, ["Failed", &sentence, "octo/web", "1"]);
    assert_eq!(mirror.erp.value("SELECT last_sync_error FROM tabRepository").await, sentence);
    let logged = mirror
        .erp
        .query("SELECT method, error, reference_doctype, reference_name FROM `tabError Log`")
        .await;
    assert_eq!(logged.len(), 1, "{logged:?}");
    assert!(
        logged[0][1].as_ref().is_some_and(|text| text.contains(&sentence)),
        "{logged:?}"
    );
    assert_eq!(logged[0][3].as_deref(), Some("octo/web"));
    assert_eq!(mirror.mirror_without_notes().await, rows, "a failed run deletes nothing");
    assert_eq!(progress(&mirror).await, before, "a failed run moves no cursor");
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn s3_a_bad_token_is_named_and_nothing_happens() {
    let mirror = synced().await;
    mirror.github.world().tokens.clear();
    fails(
        mirror,
        &[
            "GitHub does not accept the token",
            "401",
            "store a valid token in GitHub Settings",
        ],
    )
    .await;
}

#[tokio::test]
async fn f09_s3_a_used_up_primary_limit_is_an_error_that_names_the_time() {
    use erpnext_github::sim::github::Resource;
    let mirror = synced().await;
    let until = crate::support::noon() + chrono::TimeDelta::hours(2);
    mirror.github.world().limits.exhaust(Resource::Core, until);
    fails(
        mirror,
        &["rate limit is used up until 2026-03-01T14:00:00Z", "try again then"],
    )
    .await;
}

#[tokio::test]
async fn s3_a_secondary_limit_is_an_error_that_names_the_time() {
    for (status, retry_after, time) in [(403, Some(120), "13:02:00Z"), (429, None, "13:01:00Z")] {
        let mirror = synced().await;
        let limit = Effect::SecondaryLimit { status, retry_after };
        mirror
            .github
            .world()
            .faults
            .push(Fault::on("/repos/octo/web", limit).always());
        fails(mirror, &["slow down", time, "try again then"]).await;
    }
}

#[tokio::test]
async fn s3_server_errors_that_stay_broken_bodies_and_resets() {
    let path = "/repos/octo/web";
    for (effect, words) in [
        (Fault::status(path, 502), ["failure of its own", "502"]),
        (Fault::status(path, 503), ["failure of its own", "try again later"]),
        (Fault::on(path, Effect::Truncated), ["broke off", "try again later"]),
        (Fault::on(path, Effect::Empty), ["was empty", "try again later"]),
        (Fault::on(path, Effect::Reset), ["broke off", "try again later"]),
        (Fault::on(path, Effect::Refused), ["broke off", "try again later"]),
        (
            Fault::edit(path, |body| *body = serde_json::json!("surprise")),
            ["not understood", "github_api_url"],
        ),
    ] {
        let mirror = synced().await;
        mirror.github.world().faults.push(effect.always());
        fails(mirror, &words).await;
    }
}

#[tokio::test]
async fn f14_s3_a_repository_that_is_not_there_any_more_is_marked_and_kept() {
    let mirror = synced().await;
    let before = mirror.erp.value("SELECT COUNT(*) FROM `tabRepository Issue`").await;
    mirror.github.world().delete_repository("octo/web");
    let report = mirror.sync_in(&mirror.impatient().await, "octo/web", true).await;
    assert_eq!(report.status, RunStatus::Failed, "{report:?}");
    let sentence = report.error.unwrap_or_default();
    assert!(
        sentence.contains("no longer shows octo/web") && sentence.contains("token"),
        "{sentence}"
    );
    let marked = mirror
        .erp
        .value("SELECT CONCAT(deleted_on_github, last_sync_error) FROM tabRepository")
        .await;
    assert_eq!(marked, format!("1{sentence}"));
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM `tabRepository Issue`").await, before);
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn s3_a_repository_that_comes_back_is_marked_no_more() {
    let mirror = synced().await;
    let hidden = Fault::status("/repos/octo/web", 404).times(1);
    let nowhere = Fault::edit("/graphql", |body| body["data"]["node"] = serde_json::Value::Null);
    mirror.github.world().faults.extend([hidden, nowhere]);
    mirror.sync_in(&mirror.impatient().await, "octo/web", false).await;
    assert_eq!(mirror.erp.value("SELECT deleted_on_github FROM tabRepository").await, "1");
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    let cleared = mirror
        .erp
        .value("SELECT CONCAT(deleted_on_github, '|', last_sync_error) FROM tabRepository")
        .await;
    assert_eq!(cleared, "0|");
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn s3_a_repository_withheld_for_legal_reasons_says_so() {
    let mirror = synced().await;
    mirror.github.world().repository("octo/web").blocked = Some(Block::Legal);
    let report = mirror.sync_in(&mirror.impatient().await, "octo/web", true).await;
    let sentence = report.error.unwrap_or_default();
    assert!(sentence.contains("legal reasons") && sentence.contains("451"), "{sentence}");
    assert_eq!(mirror.erp.value("SELECT last_sync_error FROM tabRepository").await, sentence);
    assert_eq!(
        mirror.erp.value("SELECT COUNT(*) FROM `tabRepository Issue`").await,
        "5",
        "nothing is deleted"
    );
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn s3_a_mistyped_name_is_told_as_one_and_leaves_no_document() {
    let mirror = Mirror::new(|_| {}).await;
    let report = mirror.sync_in(&mirror.impatient().await, "octo/wbe", false).await;
    let sentence = report.error.unwrap_or_default();
    assert!(sentence.contains("404") && sentence.contains("check the name"), "{sentence}");
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM tabRepository").await, "0");
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn s3_a_missing_scope_for_members_lets_the_other_entities_go_on() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(3).with_branches(2);
        world
            .faults
            .push(Fault::status("/repos/octo/web/collaborators", 403).always());
    })
    .await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
    assert_eq!(report.entities[&Entity::Issue].counts.created, 3);
    assert_eq!(report.entities[&Entity::Branch].counts.created, 2);
    let members = &report.entities[&Entity::Member];
    assert_eq!(members.failed, 1);
    assert!(members.reasons[0].contains("403"), "{members:?}");
    let error = mirror.erp.value("SELECT last_sync_error FROM tabRepository").await;
    assert_eq!(error, members.reasons[0]);
    let line = mirror
        .erp
        .value("SELECT reason FROM `tabGitHub Sync Run Entity` WHERE entity = 'Member' AND failed = 1")
        .await;
    assert_eq!(line, members.reasons[0]);
    assert_eq!(
        mirror.erp.value("SELECT is_synced FROM tabRepository").await,
        "0",
        "set by a complete sync only"
    );
    // The issues were all seen, so that their cursor may move.
    assert_ne!(
        mirror
            .erp
            .value("SELECT cursor_at FROM erpnext_github_cursor WHERE entity = 'items'")
            .await,
        ""
    );
    mirror.finish().await;
}
