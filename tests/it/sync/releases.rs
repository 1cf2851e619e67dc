//! Releases and milestones: what GitHub has is what the tables say, and what is gone goes.

use chrono::TimeDelta;
use erpnext_github::domain::Entity;
use erpnext_github::sim::github::Fault;
use erpnext_github::store::runs::RunStatus;

use crate::support::mirror::Mirror;

const RELEASES: &str = "SELECT CONCAT_WS(' | ', title, tag_name, IFNULL(author, '-'), draft, prerelease, IFNULL(published_at, '-'), \
                        (SELECT IFNULL(GROUP_CONCAT(asset_name ORDER BY idx), '-') FROM `tabRepository Release Asset` a WHERE a.parent = r.name)) \
                        FROM `tabRepository Release` r ORDER BY CAST(github_id AS UNSIGNED)";

async fn mirror() -> Mirror {
    Mirror::new(|world| {
        let web = world.repository("octo/web");
        web.publish_release("v1.0").body = Some("- Everything".to_owned());
        let unnamed = web.publish_release("v1.1-rc");
        (unnamed.name, unnamed.prerelease) = (Some(" ".to_owned()), true);
        web.publish_release("v2").make_draft().author = None;
    })
    .await
}

#[tokio::test]
async fn s4_a_release_is_stored_with_its_files_and_a_draft_is_one() {
    let mirror = mirror().await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(
        mirror.column(RELEASES).await,
        [
            "Release v1.0 | v1.0 | octo | 0 | 0 | 2026-03-01 07:00:00.000000 | web-v1.0.tar.gz",
            "v1.1-rc | v1.1-rc | octo | 0 | 1 | 2026-03-01 07:00:00.000000 | web-v1.1-rc.tar.gz",
            "Release v2 | v2 | - | 1 | 0 | - | web-v2.tar.gz",
        ]
    );
    let rest = "SELECT CONCAT_WS(' ', url, repository, body, github_version > 0, LENGTH(name)) FROM `tabRepository Release` WHERE tag_name = 'v1.0'";
    assert_eq!(
        mirror.erp.value(rest).await,
        "https://github.com/octo/web/releases/tag/v1.0 octo/web - Everything 1 16"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn s4_what_happens_to_a_release_is_followed_and_downloads_are_no_news() {
    let mirror = mirror().await;
    mirror.sync("octo/web").await;
    let names = "SELECT GROUP_CONCAT(name, modified ORDER BY name) FROM `tabRepository Release` WHERE tag_name <> 'v2'";
    let before = mirror.erp.value(names).await;
    mirror.erp.clock().advance(TimeDelta::hours(1));
    let mut world = mirror.github.world();
    let web = world.repository("octo/web");
    web.releases[0].assets[0].downloads = 7;
    let (now, draft) = (web.now(), web.edit_release("v2"));
    (draft.draft, draft.published_at) = (false, Some(now));
    draft.assets.clear();
    drop(world);
    let report = mirror.sync("octo/web").await;
    let counts = &report.entities[&Entity::Release].counts;
    assert_eq!((counts.created, counts.updated, counts.unchanged), (0, 1, 2), "{report:?}");
    assert_eq!(mirror.erp.value(names).await, before, "a download is nobody's change");
    assert_eq!(
        mirror.column(RELEASES).await[2],
        "Release v2 | v2 | - | 0 | 0 | 2026-03-01 08:00:00.000000 | -"
    );
    mirror.github.world().repository("octo/web").delete_release("v1.1-rc");
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.entities[&Entity::Release].counts.deleted, 1, "{report:?}");
    assert_eq!(mirror.column(RELEASES).await.len(), 2);
    assert_eq!(
        mirror.erp.value("SELECT COUNT(*) FROM `tabRepository Release Asset`").await,
        "1"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn s4_a_release_that_somebodys_document_refers_to_is_marked_and_kept() {
    let mirror = mirror().await;
    mirror.sync("octo/web").await;
    let name = mirror
        .erp
        .value("SELECT name FROM `tabRepository Release` WHERE tag_name = 'v1.0'")
        .await;
    let erp = mirror.erp.erp();
    erp.add_todo("jane@example.com", "Repository Release", &name, "Tell the customers")
        .await
        .expect("a todo");
    let mut world = mirror.github.world();
    world.repository("octo/web").delete_release("v1.0");
    world.repository("octo/web").delete_release("v2");
    drop(world);
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.entities[&Entity::Release].counts.deleted, 2, "{report:?}");
    let left = "SELECT CONCAT(tag_name, deleted_on_github) FROM `tabRepository Release` ORDER BY 1";
    assert_eq!(mirror.column(left).await, ["v1.01", "v1.1-rc0"]);
    mirror.finish().await;
}

#[tokio::test]
async fn s4_what_a_list_left_out_but_github_still_has_is_not_deleted() {
    let mirror = mirror().await;
    mirror.sync("octo/web").await;
    let shorter = Fault::edit("/repos/octo/web/releases", |body| {
        if let Some(rows) = body.as_array_mut() {
            rows.drain(..2);
        }
    });
    mirror.github.world().faults.push(shorter);
    let report = mirror.sync_full("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(mirror.column(RELEASES).await.len(), 3);
    mirror.finish().await;
}

#[tokio::test]
async fn s4_where_github_gives_no_clear_answer_nothing_is_deleted() {
    let mirror = mirror().await;
    mirror.sync("octo/web").await;
    let mut world = mirror.github.world();
    world.repository("octo/web").delete_release("v1.0");
    let unclear = Fault::edit("/graphql", |body| {
        if let Some(body) = body.as_object_mut() {
            body.remove("errors");
        }
    });
    world.faults.push(unclear.containing("NodesThere"));
    drop(world);
    mirror.sync_full("octo/web").await;
    assert_eq!(mirror.column(RELEASES).await.len(), 3);
    mirror.sync_full("octo/web").await;
    assert_eq!(mirror.column(RELEASES).await.len(), 2);
    mirror.finish().await;
}

#[tokio::test]
async fn s4_what_was_said_to_be_gone_and_is_listed_again_comes_back() {
    let mirror = mirror().await;
    mirror.sync("octo/web").await;
    let hidden = mirror.github.world().repository("octo/web").releases.remove(0);
    mirror.sync_full("octo/web").await;
    assert_eq!(mirror.column(RELEASES).await.len(), 2);
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror.github.world().repository("octo/web").releases.insert(0, hidden);
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.entities[&Entity::Release].counts.created, 1, "{report:?}");
    assert_eq!(mirror.column(RELEASES).await.len(), 3);
    let graves = "SELECT COUNT(*) FROM erpnext_github_tombstone";
    assert_eq!(mirror.erp.value(graves).await, "0");
    mirror.finish().await;
}

#[tokio::test]
async fn s4_a_release_that_is_not_what_github_describes_stops_no_other_and_is_asked_for_again() {
    let mirror = mirror().await;
    let odd = Fault::edit("/repos/octo/web/releases", |body| body[1]["id"] = serde_json::json!("seven"));
    mirror.github.world().faults.push(odd);
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
    assert!(
        report.entities[&Entity::Release].reasons[0].starts_with("v1.1-rc: at id"),
        "{report:?}"
    );
    assert_eq!(mirror.column(RELEASES).await.len(), 2);
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(mirror.column(RELEASES).await.len(), 3);
    mirror.finish().await;
}

const MILESTONES: &str = "SELECT CONCAT_WS(' | ', milestone_number, title, state, IFNULL(due_on, '-'), open_issues, closed_issues) \
                          FROM `tabRepository Milestone` ORDER BY milestone_number";

#[tokio::test]
async fn s4_a_milestone_follows_its_issues_and_its_end() {
    let mirror = Mirror::new(|world| {
        let web = world.repository("octo/web");
        let (spring, _) = (web.add_milestone("Spring"), web.add_milestone(&"m".repeat(255)));
        web.open_issue("One").milestone = Some(spring);
        web.open_issue("Two").milestone = Some(spring);
        let due = web.now() + TimeDelta::days(3);
        web.edit_milestone(spring).due_on = Some(due);
    })
    .await;
    mirror.sync("octo/web").await;
    let long = format!("2 | {} | open | - | 0 | 0", "m".repeat(255));
    assert_eq!(
        mirror.column(MILESTONES).await,
        ["1 | Spring | open | 2026-03-04 07:00:00.000000 | 2 | 0", long.as_str()]
    );
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror.github.world().repository("octo/web").close(1, "completed");
    mirror.sync("octo/web").await;
    assert_eq!(
        mirror.column(MILESTONES).await[0],
        "1 | Spring | open | 2026-03-04 07:00:00.000000 | 1 | 1"
    );
    let mut world = mirror.github.world();
    let web = world.repository("octo/web");
    web.close_milestone(1);
    web.delete_milestone(2);
    drop(world);
    mirror.sync("octo/web").await;
    assert_eq!(
        mirror.column(MILESTONES).await,
        ["1 | Spring | closed | 2026-03-04 07:00:00.000000 | 1 | 1"]
    );
    mirror.finish().await;
}

#[tokio::test]
async fn s4_a_repository_whose_issues_are_switched_off_keeps_its_milestones() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").add_milestone("Spring");
    })
    .await;
    mirror.sync("octo/web").await;
    let mut world = mirror.github.world();
    world.repository("octo/web").has_issues = false;
    world.faults.push(Fault::status("/repos/octo/web/milestones", 410).always());
    drop(world);
    let report = mirror.sync_full("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(mirror.column(MILESTONES).await, ["1 | Spring | open | - | 0 | 0"]);
    mirror.finish().await;
}
