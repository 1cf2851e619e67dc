//! G0 17: an event reaches every Project that follows its repository, and no other.

use chrono::TimeDelta;
use erpnext_github::store::project_links::{self, Flags};
use serde_json::json;

use super::Hooked;
use crate::support::Told;
use crate::support::mirror::Mirror;

/// Deliveries with the Projects that they reached.
const REACHED: &str = "SELECT IFNULL(GROUP_CONCAT(x ORDER BY x SEPARATOR ' '), '') FROM ( \
     SELECT CONCAT(e.event, '>', GROUP_CONCAT(p.project ORDER BY p.idx)) AS x FROM `tabGitHub Event` e \
     JOIN `tabGitHub Event Project` p ON p.parent = e.name AND p.parenttype = 'GitHub Event' AND p.parentfield = 'projects' \
     GROUP BY e.name) r";

/// Two repositories; A follows all of the first, B its pull requests alone, C is connected and does not follow, D follows the other one.
async fn company() -> (Hooked, Told) {
    let told = Told::listen().await;
    let mirror = Mirror::on(told.site().await, |world| {
        world.repository("octo/web").with_issues(1).with_pull_requests(1);
        world.repository("octo/api");
    })
    .await;
    mirror.sync("octo/web").await;
    mirror.sync("octo/api").await;
    let pulls = Flags {
        issues: Some(false),
        releases: Some(false),
        ..Flags::default()
    };
    let not = Flags {
        following: Some(false),
        ..Flags::default()
    };
    for (project, repository, flags) in [
        ("A", "octo/web", Flags::default()),
        ("B", "octo/web", pulls),
        ("C", "octo/web", not),
        ("D", "octo/api", Flags::default()),
    ] {
        mirror.erp.erp().add_project(project, project).await.expect("a project");
        project_links::join(mirror.site(), "Administrator", (project, repository), &flags)
            .await
            .expect("joined");
        mirror.erp.clock().advance(TimeDelta::seconds(1));
    }
    (Hooked::of(mirror).await, told)
}

#[tokio::test]
async fn g0_17_an_event_reaches_those_who_follow_it_and_no_other() {
    let (hooked, mut told) = company().await;
    hooked
        .happens(|world| {
            world.repository("octo/web").open_issue("Broken");
        })
        .await;
    assert_eq!(hooked.value(REACHED).await, "issues>A");
    hooked
        .happens(|world| {
            world.repository("octo/web").open_pull_request("A fix", "fix");
        })
        .await;
    let reached = hooked.value(REACHED).await;
    assert!(reached.contains("pull_request>A,B"), "{reached}");
    assert!(!reached.contains('C') && !reached.contains('D'), "{reached}");
    hooked
        .happens(|world| {
            world.repository("octo/web").publish_release("v1");
        })
        .await;
    assert!(hooked.value(REACHED).await.contains("release>A"));
    // Open forms of those Projects are told, and theirs alone.
    let heard = told
        .until(|message| message["event"] == "github_project_news" && message["message"]["project"] == "B")
        .await;
    let rooms: Vec<&str> = heard
        .iter()
        .filter(|message| message["event"] == "github_project_news")
        .filter_map(|message| message["room"].as_str())
        .collect();
    assert!(rooms.iter().all(|room| room.starts_with("doc:Project/")), "{rooms:?}");
}

#[tokio::test]
async fn g0_17_a_comment_belongs_to_what_it_is_on_and_an_ignored_event_reaches_nobody() {
    let (hooked, _told) = company().await;
    hooked
        .happens(|world| {
            world.repository("octo/web").comment_by(2, "octo", "On the pull request");
        })
        .await;
    assert!(hooked.value(REACHED).await.contains("issue_comment>A,B"));
    let id = hooked
        .value("SELECT github_id FROM tabRepository WHERE name = 'octo/web'")
        .await;
    let id: u64 = id.parse().expect("a number");
    let payload = json!({"action": "started", "repository": {"id": id, "full_name": "octo/web"}});
    assert_eq!(hooked.deliver("ignored", "watch", &payload).await, 202);
    let (status, reason) = hooked.event("ignored").await;
    assert_eq!(status, "ignored");
    assert!(!reason.is_empty());
    let rows = "SELECT COUNT(*) FROM `tabGitHub Event Project` WHERE parent = 'ignored'";
    assert_eq!(hooked.value(rows).await, "0");
}

#[tokio::test]
async fn g0_17_a_delivery_that_is_processed_once_more_keeps_what_it_reached() {
    let (hooked, _told) = company().await;
    let deliveries = hooked.changes(|world| {
        world.repository("octo/web").open_issue("Broken");
    });
    hooked.tell(&deliveries).await;
    let before = hooked.value(REACHED).await;
    let name = hooked.value("SELECT MIN(name) FROM `tabGitHub Event`").await;
    let again = format!("UPDATE `tabGitHub Event` SET status = 'unprocessed' WHERE name = '{name}'");
    hooked.mirror.erp.scratch().execute(&again).await.expect("waits again");
    hooked
        .happens(|world| {
            world.repository("octo/web").open_issue("Another");
        })
        .await;
    assert_eq!(hooked.event(&name).await.0, "processed");
    assert_eq!(hooked.value(REACHED).await, format!("{before} issues>A"));
    // Old deliveries take it along.
    let old = "UPDATE `tabGitHub Event` SET received_at = '2020-01-01'";
    hooked.mirror.erp.scratch().execute(old).await.expect("old");
    let stamp = erpnext_github::store::Stamp::now(hooked.mirror.site(), "Administrator")
        .await
        .expect("a stamp");
    let keep = erpnext_github::store::inbox::Keep { events: 30, errors: 90 };
    erpnext_github::store::inbox::prune(hooked.mirror.site().db(), &stamp, keep)
        .await
        .expect("pruned");
    assert_eq!(hooked.value("SELECT COUNT(*) FROM `tabGitHub Event Project`").await, "0");
}
