//! F-10, F-12: what is awkward on GitHub, mirrored in one run, and again without a write.

use erpnext_github::domain::Entity;
use erpnext_github::sim::github::{HeadRepository, World};
use erpnext_github::store::runs::RunStatus;

use crate::support::mirror::Mirror;

fn awkward(world: &mut World) {
    world.bot("dependabot");
    let web = world.repository("octo/web");
    web.open_issue(&"🚀 ".repeat(500)).with_body(&"漢".repeat(65_536));
    web.open_issue("By nobody").by_ghost();
    web.open_issue("By a bot")
        .by("dependabot[bot]")
        .assigned_to("dependabot[bot]");
    let labelled = web.open_issue("Many labels");
    for number in 0..30 {
        labelled.labelled(&format!("a rather long label, number {number}"));
    }
    let milestone = web.add_milestone(&"m".repeat(255));
    web.open_issue("With a milestone").milestone = Some(milestone);
    web.open_issue("Locked").locked = true;
    web.open_issue("Typed").issue_type = Some("Bug".to_owned());
    for reason in ["completed", "not_planned", "duplicate"] {
        let number = web.open_issue(reason).number;
        web.close(number, reason);
    }
    let number = web.open_issue("Reopened").number;
    web.close(number, "completed");
    web.reopen(number);
    for name in ["Main", "MAIN", "a/b-c", "a-b/c", "release/2026.03"] {
        web.push(name);
    }
}

#[tokio::test]
async fn f10_a_world_of_odd_things_is_mirrored_whole() {
    let mirror = Mirror::new(awkward).await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(report.entities[&Entity::Issue].counts.created, 11);
    assert_eq!(report.entities[&Entity::Branch].counts.created, 6);
    for (what, expected) in [
        (
            "CHAR_LENGTH(title) = 1000 AND body = REPEAT('漢', 65536) AND title LIKE '🚀 🚀%'",
            "1",
        ),
        ("title = 'By nobody' AND author IS NULL AND author_id IS NULL", "1"),
        ("author = 'dependabot[bot]' AND author_id <> ''", "1"),
        ("CHAR_LENGTH(labels) > 800 AND labels LIKE '%number 29'", "1"),
        ("milestone = REPEAT('m', 255)", "1"),
        ("locked = 1", "1"),
        ("issue_type = 'Bug'", "1"),
        ("state = 'closed' AND closed_at IS NOT NULL AND state_reason = title", "3"),
        ("state = 'open' AND state_reason = 'reopened' AND closed_at IS NULL", "1"),
    ] {
        let count = mirror
            .erp
            .value(&format!("SELECT COUNT(*) FROM `tabRepository Issue` WHERE {what}"))
            .await;
        assert_eq!(count, expected, "{what}");
    }
    let bot = mirror
        .erp
        .value("SELECT github_username FROM `tabRepository Issue Assignee`")
        .await;
    assert_eq!(bot, "dependabot[bot]");
    let before = mirror.mirror().await;
    mirror.sync_full("octo/web").await;
    assert_eq!(mirror.mirror().await, before);
    mirror.finish().await;
}

#[tokio::test]
async fn f10_the_account_of_an_author_that_is_deleted_later_stops_nothing() {
    let mirror = Mirror::new(|world| {
        world.user("leaver");
        let web = world.repository("octo/web");
        web.open_issue("One").by("leaver").assigned_to("leaver");
        let pull = web.open_pull_request("Two", "topic").by("leaver").number;
        web.merge(pull, "leaver");
    })
    .await;
    mirror.sync("octo/web").await;
    mirror.github.world().delete_account("leaver");
    let report = mirror.sync_full("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    let left = "SELECT COUNT(author) + (SELECT COUNT(author) + COUNT(merged_by) FROM `tabRepository Pull Request`) \
                + (SELECT COUNT(*) FROM `tabRepository Issue Assignee`) FROM `tabRepository Issue`";
    assert_eq!(mirror.erp.value(left).await, "0");
    mirror.finish().await;
}

#[tokio::test]
async fn f12_merged_is_a_state_of_its_own_with_when_and_by_whom() {
    let mirror = Mirror::new(|world| {
        let web = world.repository("octo/web");
        web.open_pull_request("Open", "a");
        let draft = web.open_pull_request("Draft", "b");
        draft.pull_request.as_mut().expect("a pull request").draft = true;
        let closed = web.open_pull_request("Closed", "c").number;
        web.close(closed, "completed");
        let merged = web.open_pull_request("Merged", "d").number;
        web.merge(merged, "octo");
        let fork = web.open_pull_request("From a fork", "e");
        fork.pull_request.as_mut().expect("a pull request").head_repository = HeadRepository::Fork("friend/web".to_owned());
        let gone = web.open_pull_request("From a fork that is gone", "f");
        gone.pull_request.as_mut().expect("a pull request").head_repository = HeadRepository::Gone;
    })
    .await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    let stored = mirror
        .erp
        .query(
            "SELECT CONCAT_WS(' ', title, state, draft, merged_at, merged_by, head_branch, IFNULL(head_repository, '-')) \
             FROM `tabRepository Pull Request` ORDER BY pr_number",
        )
        .await
        .concat();
    let stored: Vec<String> = stored.into_iter().map(Option::unwrap_or_default).collect();
    assert_eq!(
        stored,
        [
            "Open open 0 a octo/web",
            "Draft open 1 b octo/web",
            "Closed closed 0 c octo/web",
            "Merged merged 0 2026-03-01 07:00:00.000000 octo d octo/web",
            "From a fork open 0 e friend/web",
            "From a fork that is gone open 0 f -"
        ]
    );
    mirror.finish().await;
}

#[tokio::test]
async fn f12_a_pull_request_that_is_merged_or_reopened_later_says_so_after_the_next_run() {
    let mirror = Mirror::new(|world| {
        let web = world.repository("octo/web");
        web.open_pull_request("To be merged", "a");
        let closed = web.open_pull_request("To be reopened", "b").number;
        web.close(closed, "completed");
    })
    .await;
    mirror.sync("octo/web").await;
    let states = "SELECT GROUP_CONCAT(state, ' ', IFNULL(merged_by, '-') ORDER BY pr_number) FROM `tabRepository Pull Request`";
    assert_eq!(mirror.erp.value(states).await, "open -,closed -");
    mirror.erp.clock().advance(chrono::TimeDelta::hours(1));
    let mut world = mirror.github.world();
    world.repository("octo/web").merge(1, "octo");
    world.repository("octo/web").reopen(2);
    drop(world);
    mirror.sync("octo/web").await;
    assert_eq!(mirror.erp.value(states).await, "merged octo,open -");
    mirror.finish().await;
}
