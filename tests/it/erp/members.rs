//! `sync_repo_members`: members of the repository become users of its Projects.

use erpnext_github::sim::github::{Collaborator, Permission};
use erpnext_github::sim::site::SiteFault;
use erpnext_github::sync::Selection;
use serde_json::json;

use super::{Mirror, SYNC_MEMBERS, company_with_bench, text};

const WEB: [(&str, &str); 1] = [("repo_full_name", "octo/web")];

/// Users of a Project, in their order.
async fn users(mirror: &Mirror, project: &str) -> Vec<String> {
    let sql = format!("SELECT user FROM `tabProject User` WHERE parent = '{project}' ORDER BY idx");
    mirror.erp.query(&sql).await.into_iter().flatten().flatten().collect()
}

#[tokio::test]
async fn f26_g2_5_matched_members_are_added_nobody_is_removed_and_nobody_gets_a_mail() {
    let (mirror, desk, bench) = company_with_bench().await;
    let erp = mirror.erp.erp();
    let there = [("user", "desk@x.com"), ("welcome_email_sent", "1"), ("view_attachments", "1")];
    erp.add_child("Project User", ("Project", "TRY-1", "users"), &there)
        .await
        .expect("a row");
    let row = "SELECT name, creation, view_attachments FROM `tabProject User` WHERE user = 'desk@x.com'";
    let before = mirror.erp.query(row).await;
    let answer = desk.post("manager@x.com", SYNC_MEMBERS, &WEB).await;
    let message = answer.message();
    assert_eq!(message["members"], 3, "octo, pusher and member: {message}");
    assert_eq!(message["added"], json!(["member@x.com", "pusher@x.com"]), "{message}");
    assert_eq!((&message["present"], &message["unmatched"]), (&json!([]), &json!(["octo"])));
    assert!(message.get("warning").is_none(), "{message}");
    let mut all = users(&mirror, "TRY-1").await;
    assert_eq!(all.remove(0), "desk@x.com");
    all.sort();
    assert_eq!(all, ["member@x.com", "pusher@x.com"]);
    assert_eq!(mirror.erp.query(row).await, before, "the row that was there is the same one");
    assert_eq!(bench.http().mails(), Vec::<String>::new());
    let again = desk.post("manager@x.com", SYNC_MEMBERS, &WEB).await;
    assert_eq!(
        (&again.message()["added"], &again.message()["present"]),
        (&json!([]), &json!(["member@x.com", "pusher@x.com"]))
    );
    assert_eq!(bench.writes().len(), 1, "what is whole is not written");
    mirror.finish().await;
}

#[tokio::test]
async fn f26_a_project_that_somebody_saves_meanwhile_is_read_again() {
    let (mirror, desk, bench) = company_with_bench().await;
    // The reading is the first request, the writing the second.
    for fault in [None, Some(SiteFault::Overtaken)] {
        bench.http().script(fault);
    }
    let answer = desk.post("manager@x.com", SYNC_MEMBERS, &WEB).await;
    assert_eq!(
        answer.message()["added"],
        json!(["member@x.com", "pusher@x.com"]),
        "{answer:?}"
    );
    let statuses: Vec<Option<u16>> = bench.writes().iter().map(|write| write.status).collect();
    assert_eq!(statuses, [Some(417), Some(200)]);
    mirror.finish().await;
}

#[tokio::test]
async fn f26_what_the_caller_may_not_write_is_said_and_the_members_are_synced_all_the_same() {
    let (mirror, desk, bench) = company_with_bench().await;
    // An admin of the integration who has no role of ERPNext.
    let answer = desk.post("admin@x.com", SYNC_MEMBERS, &WEB).await;
    let message = answer.message();
    assert_eq!((&message["members"], &message["added"]), (&json!(3), &json!([])), "{message}");
    assert!(text(message, "warning").contains("TRY-1: "), "{message}");
    assert!(!text(message, "warning").contains('<'), "{message}");
    assert_eq!(users(&mirror, "TRY-1").await, Vec::<String>::new());
    assert_eq!(bench.writes().len(), 0);
    let runs = mirror
        .erp
        .value("SELECT COUNT(*) FROM `tabGitHub Sync Run` WHERE status = 'Completed' AND repository = 'octo/web'")
        .await;
    assert_eq!(runs, "2", "the first sync, and this one");
    mirror.finish().await;
}

#[tokio::test]
async fn f17_a_sync_of_members_is_no_sync_of_the_repository() {
    let (mirror, desk, _bench) = company_with_bench().await;
    let note = "SELECT last_synced, is_synced, last_sync_error FROM tabRepository WHERE name = 'octo/web'";
    let cursors = "SELECT * FROM erpnext_github_cursor ORDER BY repository_id, entity";
    let before = (mirror.erp.query(note).await, mirror.erp.query(cursors).await);
    mirror.erp.clock().advance(chrono::TimeDelta::hours(1));
    desk.post("manager@x.com", SYNC_MEMBERS, &WEB).await.message();
    assert_eq!((mirror.erp.query(note).await, mirror.erp.query(cursors).await), before);
    mirror.finish().await;
}

#[tokio::test]
async fn g2_5_a_member_who_is_known_by_his_public_address_alone_is_added_too() {
    let (mirror, desk, _bench) = company_with_bench().await;
    {
        let mut world = mirror.github.world();
        world.user("some-body").with_email("desk@x.com");
        world
            .repository("octo/web")
            .with_member(Collaborator::new("some-body", Permission::Push));
    }
    mirror.run(&Selection::default(), false).await;
    let answer = desk.post("manager@x.com", SYNC_MEMBERS, &WEB).await;
    let added = json!(["desk@x.com", "member@x.com", "pusher@x.com"]);
    assert_eq!(answer.message()["added"], added, "{answer:?}");
    mirror.finish().await;
}
