//! What it costs to know that nothing happened, and what little did: every question of before is asked again word for word, by the tag of
//! its answer.

use chrono::TimeDelta;
use erpnext_github::domain::Entity;
use erpnext_github::sim::github::{Effect, Fault, Gate, RecordedRequest, Token, World};
use erpnext_github::store::runs::RunStatus;
use secrecy::SecretString;

use super::requests::is_part;
use crate::support::mirror::Mirror;

const ITEMS: &str = "/repos/octo/web/issues";

fn tenth(world: &mut World) {
    world
        .repository("octo/web")
        .with_issues(1_000)
        .with_pull_requests(500)
        .with_branches(200)
        .with_members(50);
}

/// Everything after a first sync an hour ago.
async fn synced(story: impl FnOnce(&mut World)) -> Mirror {
    let mirror = Mirror::new(story).await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror.github.forget_requests();
    mirror
}

/// What was asked for since the last time.
fn asked(mirror: &Mirror) -> Vec<RecordedRequest> {
    let requests = mirror.github.requests();
    mirror.github.forget_requests();
    requests
}

fn shown(requests: &[RecordedRequest]) -> Vec<String> {
    requests
        .iter()
        .map(|one| format!("{} {}", one.status, one.target()))
        .collect()
}

#[tokio::test]
async fn s4_the_unchanged_workload_costs_at_most_eight_requests_and_no_point() {
    let mirror = synced(tenth).await;
    for _ in 0..3 {
        let report = mirror.sync("octo/web").await;
        assert_eq!(report.status, RunStatus::Completed, "{report:?}");
        assert_eq!(report.cost.points, 0, "{report:?}");
        let requests = asked(&mirror);
        assert!(requests.iter().all(|one| one.status == 304), "{:?}", shown(&requests));
        let counted = requests.iter().filter(|one| !is_part(&one.path)).count();
        assert!(counted <= 8, "{:?}", shown(&requests));
        assert!(
            requests.len() - counted <= 4,
            "one of each further list: {:?}",
            shown(&requests)
        );
        mirror.erp.clock().advance(TimeDelta::hours(1));
    }
    let cursor = "SELECT cursor_at FROM erpnext_github_cursor WHERE entity = 'items'";
    assert_eq!(
        mirror.erp.value(cursor).await,
        "2026-03-01 15:00:00.000000",
        "what nothing changed is known up to then"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn s4_k_changed_items_cost_a_request_a_hundred_and_eight_more() {
    let mirror = synced(tenth).await;
    for (changed, pulls) in [(3, 1), (50, 50), (130, 30), (450, 220)] {
        let mut world = mirror.github.world();
        let web = world.repository("octo/web");
        let of = |is_pull: bool| {
            web.items
                .values()
                .filter(move |item| item.is_pull_request() == is_pull)
                .map(|item| item.number)
        };
        let numbers: Vec<u64> = of(true).take(pulls).chain(of(false).take(changed - pulls)).collect();
        for number in numbers {
            web.edit(number).title = format!("Changed with {changed}");
        }
        drop(world);
        let report = mirror.sync("octo/web").await;
        assert_eq!(report.status, RunStatus::Completed, "{report:?}");
        let updated = |entity| report.entities[&entity].counts.updated;
        assert_eq!(updated(Entity::PullRequest), pulls as u64, "{report:?}");
        assert_eq!(updated(Entity::Issue), (changed - pulls) as u64, "{report:?}");
        let requests = asked(&mirror);
        let counted = requests.iter().filter(|one| !is_part(&one.path)).count();
        let most = changed.div_ceil(100) + pulls.div_ceil(100) + 8;
        assert!(counted <= most, "{counted} > {most}: {:?}", shown(&requests));
        mirror.erp.clock().advance(TimeDelta::minutes(30));
        // Where more changed in one moment than the next question should bring again, it takes a run until nothing is asked for in vain.
        let mut points = Vec::new();
        for _ in 0..3 {
            points.push(mirror.sync("octo/web").await.cost.points);
            mirror.erp.clock().advance(TimeDelta::minutes(30));
        }
        assert_eq!(points[2], 0, "{points:?}");
        assert!(changed > 50 || points[0] == 0, "{points:?}");
        asked(&mirror);
    }
    mirror.finish().await;
}

#[tokio::test]
async fn s4_what_is_known_already_is_not_asked_for_in_detail_again() {
    let mirror = synced(|world| {
        world.repository("octo/web").with_issues(5).with_pull_requests(20);
    })
    .await;
    let change = |number: u64| mirror.github.world().repository("octo/web").edit(number).title = "Changed".to_owned();
    for _ in 0..3 {
        change(7);
        let report = mirror.sync("octo/web").await;
        let fetched: u64 = [Entity::Issue, Entity::PullRequest]
            .iter()
            .map(|entity| report.entities[entity].fetched)
            .sum();
        // With what changed in the last minutes before the last run.
        assert!(fetched <= 2, "{report:?}");
        mirror.erp.clock().advance(TimeDelta::hours(1));
        change(8);
        mirror.sync("octo/web").await;
        mirror.erp.clock().advance(TimeDelta::hours(1));
    }
    let since = mirror
        .github
        .requests()
        .into_iter()
        .filter(|one| one.path == ITEMS)
        .map(|one| one.query);
    let since: std::collections::BTreeSet<String> = since.collect();
    assert_eq!(since.len(), 1, "the same question all along: {since:?}");
    mirror.finish().await;
}

#[tokio::test]
async fn s4_a_change_in_the_second_in_which_it_was_asked_is_not_taken_for_known() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(3);
    })
    .await;
    mirror.sync("octo/web").await;
    let title = "SELECT title FROM `tabRepository Issue` WHERE issue_number = 2";
    for word in ["first", "second", "third"] {
        // The clock stands still: `updated_at` tells nothing of these apart.
        mirror.github.world().repository("octo/web").edit(2).title = word.to_owned();
        mirror.sync("octo/web").await;
        assert_eq!(mirror.erp.value(title).await, word);
    }
    mirror.finish().await;
}

#[tokio::test]
async fn s4_rows_that_are_not_what_the_tags_stand_for_are_read_again() {
    let mirror = synced(|world| {
        world.repository("octo/web").with_branches(150).with_members(5);
    })
    .await;
    let before = mirror.mirror().await;
    for change in [
        "UPDATE `tabRepository Branch` SET commit_sha = REPEAT('0', 40) WHERE branch_name = 'feature/branch-0120'",
        "DELETE FROM `tabRepository Branch` WHERE branch_name = 'feature/branch-0003'",
        "UPDATE `tabRepository Member` SET permission = 'pull' WHERE github_username = 'member-003'",
        "UPDATE tabRepository SET description = 'Not what GitHub says'",
    ] {
        mirror.erp.scratch().execute(change).await.expect(change);
        assert_ne!(mirror.mirror().await, before);
        let report = mirror.sync("octo/web").await;
        assert_eq!(report.status, RunStatus::Completed, "{report:?}");
        asked(&mirror);
        let sql = "SELECT CONCAT((SELECT COUNT(*) FROM `tabRepository Branch` WHERE commit_sha NOT LIKE '000000%'), ' ', \
                   (SELECT COUNT(*) FROM `tabRepository Member` WHERE permission = 'pull'), ' ', \
                   (SELECT description FROM tabRepository) = 'Not what GitHub says')";
        let now = mirror.erp.value(sql).await;
        assert!(now.ends_with(" 0") && now.starts_with("15"), "{change}: {now}");
        let quiet = mirror.sync("octo/web").await;
        assert_eq!(quiet.cost.points, 0, "{change}: {:?}", shown(&asked(&mirror)));
    }
    mirror.finish().await;
}

#[tokio::test]
async fn s4_a_change_on_a_later_page_of_branches_is_found_and_the_others_are_not_read_for_nothing() {
    let mirror = synced(|world| {
        world.repository("octo/web").with_branches(350);
    })
    .await;
    mirror.github.world().repository("octo/web").push("feature/branch-0290");
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.entities[&Entity::Branch].counts.updated, 1, "{report:?}");
    let requests = asked(&mirror);
    let pages: Vec<u16> = requests
        .iter()
        .filter(|one| one.path.ends_with("/branches"))
        .map(|one| one.status)
        .collect();
    let known = pages.iter().filter(|status| **status == 304).count();
    assert_eq!((pages.len(), known), (4 + 3, 3), "{:?}", shown(&requests));
    mirror.finish().await;
}

#[tokio::test]
async fn s4_another_credential_reads_once_and_then_knows_as_well() {
    let mirror = synced(|world| {
        world.repository("octo/web").with_issues(30).with_branches(3).with_members(2);
        world.tokens.push(Token::classic("another-token", "octo"));
    })
    .await;
    let token = SecretString::from("another-token");
    erpnext_github::app::settings::set(
        mirror.app(),
        mirror.erp.site(),
        "personal_access_token",
        &token,
        "Administrator",
    )
    .await
    .expect("the token is stored");
    mirror.github.forget_requests();
    let report = mirror.sync("octo/web").await;
    assert!(report.cost.points > 0, "{report:?}");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    assert_eq!(mirror.sync("octo/web").await.cost.points, 0);
    mirror.finish().await;
}

#[tokio::test]
async fn s4_the_first_pages_of_all_lists_are_asked_for_at_the_same_time() {
    let mirror = std::sync::Arc::new(
        synced(|world| {
            world.repository("octo/web").with_issues(30).with_branches(3).with_members(2);
        })
        .await,
    );
    let gate = Gate::closed();
    let held = Fault::on("/repos/octo/web/*", Effect::Held(gate.clone())).always();
    mirror.github.world().faults.push(held);
    let run = tokio::spawn({
        let mirror = mirror.clone();
        async move { mirror.sync("octo/web").await }
    });
    // Issues and pull requests, branches, members, labels, milestones, releases, comments.
    gate.reached(7).await;
    gate.open();
    let report = run.await.expect("the run");
    assert_eq!((report.status, report.cost.points), (RunStatus::Completed, 0), "{report:?}");
    std::sync::Arc::into_inner(mirror).expect("alone").finish().await;
}

#[tokio::test]
async fn s4_without_issues_the_pull_requests_that_changed_come_first_and_the_rest_is_not_read() {
    let mirror = synced(|world| {
        world.repository("octo/web").with_pull_requests(350).without_issues();
    })
    .await;
    assert_eq!(mirror.sync("octo/web").await.cost.points, 0, "{:?}", shown(&asked(&mirror)));
    mirror.erp.clock().advance(TimeDelta::hours(1));
    asked(&mirror);
    let mut world = mirror.github.world();
    let web = world.repository("octo/web");
    let numbers: Vec<u64> = web.items.keys().copied().take(120).collect();
    for number in numbers {
        web.edit(number).title = "Changed".to_owned();
    }
    drop(world);
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.entities[&Entity::PullRequest].counts.updated, 120, "{report:?}");
    let pages = asked(&mirror).iter().filter(|one| one.path.ends_with("/pulls")).count();
    assert_eq!(pages, 2, "the second page ends with one that is known");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    assert_eq!(mirror.sync("octo/web").await.cost.points, 0);
    mirror.finish().await;
}

#[tokio::test]
async fn s4_pages_that_github_refuses_by_number_are_asked_for_by_time() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(700).with_pull_requests(50);
        world.last_numbered_page = Some(2);
    })
    .await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    let stored =
        "SELECT CONCAT((SELECT COUNT(*) FROM `tabRepository Issue`), ' ', (SELECT COUNT(*) FROM `tabRepository Pull Request`))";
    assert_eq!(mirror.erp.value(stored).await, "700 50");
    let fetched: u64 = [Entity::Issue, Entity::PullRequest]
        .iter()
        .map(|entity| report.entities[entity].fetched)
        .sum();
    assert_eq!(fetched, 750, "what was read by number is not read twice: {report:?}");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    assert_eq!(mirror.sync("octo/web").await.cost.points, 0);
    mirror.finish().await;
}

#[tokio::test]
async fn s4_commits_that_github_refuses_by_number_are_asked_for_by_time() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_commits(430);
        world.last_numbered_page = Some(2);
    })
    .await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    let here: u64 = mirror
        .erp
        .value("SELECT COUNT(*) FROM `tabRepository Commit`")
        .await
        .parse()
        .expect("a number");
    // The first one is two years old.
    assert_eq!(here, 429);
    mirror.erp.clock().advance(TimeDelta::hours(1));
    assert_eq!(mirror.sync("octo/web").await.cost.points, 0);
    mirror.finish().await;
}

#[tokio::test]
async fn s4_a_feed_that_outgrows_its_page_is_asked_for_by_time_from_then_on() {
    let mirror = synced(|world| {
        world.repository("octo/web").with_issues(97);
    })
    .await;
    assert_eq!(mirror.sync("octo/web").await.cost.points, 0);
    mirror.erp.clock().advance(TimeDelta::hours(1));
    let mut world = mirror.github.world();
    let web = world.repository("octo/web");
    for number in 0..8 {
        web.open_issue(&format!("New {number}"));
    }
    drop(world);
    let report = mirror.sync("octo/web").await;
    let line = &report.entities[&Entity::Issue];
    assert_eq!((line.fetched, line.counts.created), (8, 8), "{report:?}");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror.github.forget_requests();
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.cost.points, 0, "{:?}", shown(&asked(&mirror)));
    mirror.finish().await;
}
