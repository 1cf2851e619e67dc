//! What deliveries do to the parts of a repository.

use chrono::TimeDelta;
use erpnext_github::domain::ReviewState;
use erpnext_github::sim::github::Delivery;
use serde_json::{Value, json};

use super::Hooked;

fn a_second(hooked: &Hooked) {
    hooked.mirror.erp.clock().advance(TimeDelta::seconds(2));
}

#[tokio::test]
async fn a_comment_is_there_at_once_and_its_issue_counts_it() {
    let hooked = Hooked::new(|world| {
        world.repository("octo/web").open_issue("One");
    })
    .await;
    a_second(&hooked);
    let made = hooked.changes(|world| {
        world.repository("octo/web").comment_by(1, "ada-l", "First");
    });
    hooked.tell(&made).await;
    let comments = "SELECT IFNULL(GROUP_CONCAT(CONCAT_WS('|', issue, author, body)), '') FROM `tabRepository Comment`";
    let counted = "SELECT comments FROM `tabRepository Issue`";
    assert_eq!(hooked.value(comments).await, "octo/web-#1|ada-l|First");
    assert_eq!(hooked.value(counted).await, "1");
    a_second(&hooked);
    let id = *hooked
        .mirror
        .github
        .world()
        .repository("octo/web")
        .comments
        .keys()
        .next()
        .expect("one");
    let edited = hooked.changes(|world| world.repository("octo/web").edit_comment(id, "Second"));
    hooked.tell(&edited).await;
    hooked.tell(&made).await;
    assert_eq!(
        hooked.value(comments).await,
        "octo/web-#1|ada-l|Second",
        "an old word comes late"
    );
    a_second(&hooked);
    hooked.happens(|world| world.repository("octo/web").delete_comment(id)).await;
    hooked.tell(&edited).await;
    assert_eq!(hooked.value(comments).await, "", "what is deleted stays so");
    assert_eq!(hooked.value(counted).await, "0");
}

#[tokio::test]
async fn an_issue_from_elsewhere_brings_its_comments() {
    let hooked = Hooked::new(|world| {
        let other = world.repository("octo/other");
        other.open_issue("Moves");
        other.comment_by(1, "ada-l", "Said there");
    })
    .await;
    let told = hooked.changes(|world| {
        world.transfer_issue("octo/other", 1, "octo/web");
    });
    hooked.tell(&of_web(told)).await;
    let comments = "SELECT CONCAT_WS('|', issue, body) FROM `tabRepository Comment`";
    assert_eq!(hooked.value(comments).await, "octo/web-#1|Said there");
    let told = hooked.changes(|world| {
        world.transfer_issue("octo/web", 1, "octo/other");
    });
    hooked.tell(&of_web(told)).await;
    assert_eq!(hooked.count("tabRepository Issue").await, "0");
    assert_eq!(hooked.count("tabRepository Comment").await, "0", "and takes them along");
}

/// What the hook of `octo/web` delivers of these.
fn of_web(told: Vec<Delivery>) -> Vec<Delivery> {
    let is_its = |one: &Delivery| {
        let payload: Value = serde_json::from_str(&one.payload).expect("JSON");
        payload["repository"]["full_name"] == "octo/web"
    };
    told.into_iter().filter(is_its).collect()
}

#[tokio::test]
async fn reviews_are_there_at_once_and_the_pull_request_says_what_they_came_to() {
    let hooked = Hooked::new(|world| {
        world.repository("octo/web").open_pull_request("A change", "change");
    })
    .await;
    a_second(&hooked);
    let submitted = hooked.changes(|world| {
        world.repository("octo/web").review(1, "ada-l", ReviewState::Approved);
    });
    hooked.tell(&submitted).await;
    let reviews = "SELECT CONCAT_WS('|', pull_request, reviewer, state) FROM `tabRepository Review`";
    let decision = "SELECT review_decision FROM `tabRepository Pull Request`";
    assert_eq!(hooked.value(reviews).await, "octo/web-#1|ada-l|approved");
    assert_eq!(hooked.value(decision).await, "approved");
    a_second(&hooked);
    hooked
        .happens(|world| {
            let web = world.repository("octo/web");
            let id = web.item(1).and_then(|item| item.pull_request.as_ref()).expect("one").reviews[0].id;
            web.dismiss_review(1, id);
        })
        .await;
    hooked.tell(&submitted).await;
    assert_eq!(hooked.value(reviews).await, "octo/web-#1|ada-l|dismissed");
}

#[tokio::test]
async fn a_push_brings_its_commits_and_a_forced_one_takes_some_away() {
    let hooked = Hooked::new(|world| {
        world.repository("octo/web").with_commits(3);
    })
    .await;
    let commits = "SELECT COUNT(*) FROM `tabRepository Commit`";
    let before: u64 = hooked.value(commits).await.parse().expect("a number");
    a_second(&hooked);
    let pushed = hooked.changes(|world| {
        world.repository("octo/web").push("main");
    });
    hooked.tell(&pushed).await;
    assert_eq!(hooked.value(commits).await, (before + 1).to_string());
    let brief = "SELECT COUNT(*) FROM `tabRepository Commit` WHERE authored_at IS NULL OR author_id IS NULL";
    assert_eq!(hooked.value(brief).await, "0", "what a push does not tell was read");
    hooked
        .happens(|world| {
            world.repository("octo/web").push("topic");
        })
        .await;
    assert_eq!(
        hooked.value(commits).await,
        (before + 1).to_string(),
        "the default branch alone"
    );
    a_second(&hooked);
    hooked
        .happens(|world| {
            world.repository("octo/web").force_push("main");
        })
        .await;
    assert_eq!(hooked.value(commits).await, (before + 1).to_string(), "one for another");
    hooked.tell(&pushed).await;
    assert_eq!(
        hooked.value(commits).await,
        (before + 1).to_string(),
        "a late word of what is gone"
    );
    let tag = json!({"ref": "refs/tags/v1", "before": "0", "after": "1", "created": true, "commits": []});
    let payload = hooked.payload("", tag).await;
    assert_eq!(hooked.deliver("tag", "push", &payload).await, 202);
    assert_eq!(hooked.event("tag").await.0, "processed");
    let branches = "SELECT GROUP_CONCAT(branch_name ORDER BY 1) FROM `tabRepository Branch`";
    assert_eq!(hooked.value(branches).await, "main,topic");
}

#[tokio::test]
async fn g4_4_a_release_is_followed_through_its_life() {
    let hooked = Hooked::new(|_| {}).await;
    let row = "SELECT IFNULL(GROUP_CONCAT(CONCAT_WS('|', tag_name, draft, prerelease, published_at > '')), '') FROM `tabRepository Release`";
    hooked
        .happens(|world| {
            world.repository("octo/web").publish_release("v1").make_draft();
        })
        .await;
    assert_eq!(hooked.value(row).await, "v1|1|0");
    a_second(&hooked);
    let published = hooked.changes(|world| {
        let web = world.repository("octo/web");
        let now = web.now();
        let release = web.edit_release("v1");
        (release.draft, release.published_at) = (false, Some(now));
        release.body = Some("What is new".to_owned());
    });
    hooked.tell(&published).await;
    assert_eq!(hooked.value(row).await, "v1|0|0|1");
    let whole = "SELECT CONCAT_WS('|', r.title, r.body, r.author, r.url LIKE 'http%/releases/%', a.asset_name, a.size > 0) \
                 FROM `tabRepository Release` r JOIN `tabRepository Release Asset` a ON a.parent = r.name";
    assert_eq!(hooked.value(whole).await, "Release v1|What is new|octo|1|web-v1.tar.gz|1");
    a_second(&hooked);
    hooked
        .happens(|world| world.repository("octo/web").edit_release("v1").prerelease = true)
        .await;
    hooked.tell(&published).await;
    assert_eq!(hooked.value(row).await, "v1|0|1|1", "an old word comes late");
    a_second(&hooked);
    hooked
        .happens(|world| {
            world.repository("octo/web").edit_release("v1").make_draft();
        })
        .await;
    assert_eq!(hooked.value(row).await, "v1|1|1");
    a_second(&hooked);
    hooked
        .happens(|world| world.repository("octo/web").delete_release("v1"))
        .await;
    hooked.tell(&published).await;
    assert_eq!(hooked.value(row).await, "");
    assert_eq!(hooked.count("tabRepository Release Asset").await, "0");
}

#[tokio::test]
async fn labels_are_read_whatever_the_order_and_their_names_reach_the_issues() {
    let hooked = Hooked::new(|world| {
        let web = world.repository("octo/web");
        // Two pages, so that what changes on the second one leaves the tag of the first as it is.
        web.with_labels(120);
        web.open_issue("One").labelled("area/0119");
    })
    .await;
    let old = hooked.changes(|world| {
        a_second(&hooked);
        world.repository("octo/web").edit(1).title = "Another".to_owned();
    });
    let first = hooked.changes(|world| world.repository("octo/web").rename_label("area/0119", "first"));
    let second = hooked.changes(|world| world.repository("octo/web").rename_label("first", "second"));
    hooked.tell(&second).await;
    hooked.tell(&first).await;
    let (labels, held) = (
        "SELECT COUNT(*) FROM `tabRepository Label` WHERE label_name = 'second'",
        "SELECT CONCAT_WS('|', title, labels) FROM `tabRepository Issue`",
    );
    assert_eq!(hooked.value(labels).await, "1");
    assert_eq!(hooked.value(held).await, "One|second");
    hooked.tell(&old).await;
    assert_eq!(
        hooked.value(held).await,
        "Another|second",
        "an old word of the issue knows the old name"
    );
    let deleted = hooked.changes(|world| world.repository("octo/web").delete_label("second"));
    hooked.tell(&deleted).await;
    hooked.tell(&second).await;
    assert_eq!(hooked.value(labels).await, "0");
    assert_eq!(hooked.value(held).await, "Another|");
    hooked.tell(&old).await;
    assert_eq!(hooked.value(held).await, "Another|");
}

#[tokio::test]
async fn a_milestone_is_followed_and_counts_its_issues() {
    let hooked = Hooked::new(|world| {
        world.repository("octo/web").open_issue("One");
    })
    .await;
    a_second(&hooked);
    hooked
        .happens(|world| {
            let web = world.repository("octo/web");
            let (number, now) = (web.add_milestone("Spring"), web.now());
            web.edit_milestone(number).created_at = now;
        })
        .await;
    let row = "SELECT IFNULL(GROUP_CONCAT(CONCAT_WS('|', title, state, open_issues, closed_issues)), '') FROM `tabRepository Milestone`";
    assert_eq!(hooked.value(row).await, "Spring|open|0|0");
    a_second(&hooked);
    hooked
        .happens(|world| world.repository("octo/web").edit(1).milestone = Some(1))
        .await;
    assert_eq!(hooked.value(row).await, "Spring|open|1|0");
    a_second(&hooked);
    hooked
        .happens(|world| {
            world.repository("octo/web").close(1, "completed");
        })
        .await;
    assert_eq!(hooked.value(row).await, "Spring|open|0|1");
    a_second(&hooked);
    let renamed = hooked.changes(|world| world.repository("octo/web").edit_milestone(1).title = "Summer".to_owned());
    hooked.tell(&renamed).await;
    let held = "SELECT IFNULL(milestone, '') FROM `tabRepository Issue`";
    assert_eq!(hooked.value(held).await, "Summer");
    a_second(&hooked);
    hooked.happens(|world| world.repository("octo/web").close_milestone(1)).await;
    assert_eq!(hooked.value(row).await, "Summer|closed|0|1");
    hooked.happens(|world| world.repository("octo/web").delete_milestone(1)).await;
    hooked.tell(&renamed).await;
    assert_eq!(hooked.value(row).await, "");
    assert_eq!(hooked.value(held).await, "");
}

#[tokio::test]
async fn a_team_that_comes_is_read_with_its_people() {
    let hooked = Hooked::new(|_| {}).await;
    let team = json!({"id": 1, "slug": "makers", "name": "makers"});
    hooked.change(|world| {
        world
            .repository("octo/web")
            .with_member(erpnext_github::sim::github::Collaborator::new(
                "maker",
                erpnext_github::sim::github::Permission::Push,
            ));
    });
    let payload = hooked.payload("", json!({"team": team})).await;
    assert_eq!(hooked.deliver("team", "team_add", &payload).await, 202);
    let members = "SELECT GROUP_CONCAT(github_username ORDER BY 1) FROM `tabRepository Member`";
    assert_eq!(hooked.value(members).await, "maker,octo");
}

#[tokio::test]
async fn a_hook_that_was_deleted_is_told_of_until_something_comes_again() {
    let hooked = Hooked::new(|world| {
        world.repository("octo/web").add_hook("https://erp.example.com/x");
    })
    .await;
    hooked.happens(|world| world.repository("octo/web").hooks.clear()).await;
    let logged = "SELECT method FROM `tabError Log`";
    let title = hooked.value(logged).await;
    assert!(
        title.starts_with("The webhook ") && title.ends_with(" of octo/web was deleted on GitHub"),
        "{title}"
    );
    let db = hooked.mirror.site().db();
    let unheard = erpnext_github::store::inbox::unheard(db).await.expect("readable");
    assert_eq!(unheard, ["octo/web"]);
    a_second(&hooked);
    hooked
        .happens(|world| {
            world.repository("octo/web").open_issue("Heard again");
        })
        .await;
    let unheard = erpnext_github::store::inbox::unheard(db).await.expect("readable");
    assert_eq!(unheard, Vec::<String>::new());
}

#[tokio::test]
async fn stars_are_counted_once_an_hour() {
    let hooked = Hooked::new(|_| {}).await;
    let stars = "SELECT stargazers_count FROM tabRepository";
    let before: u64 = hooked.value(stars).await.parse().expect("a number");
    hooked.happens(|world| world.repository("octo/web").stars += 1).await;
    assert_eq!(hooked.value(stars).await, before.to_string());
    hooked.mirror.erp.clock().advance(TimeDelta::minutes(61));
    erpnext_github::sync::refresh_due(&hooked.mirror.context().await)
        .await
        .expect("read");
    assert_eq!(hooked.value(stars).await, (before + 1).to_string());
}

#[tokio::test]
async fn an_installation_that_says_too_little_is_kept_with_its_reason() {
    let hooked = Hooked::new(|_| {}).await;
    let payload = json!({"action": "created", "installation": {"id": 5}, "repositories": []});
    assert_eq!(hooked.deliver_by_app("i", "installation", &payload).await, 202);
    let (status, reason) = hooked.event("i").await;
    assert_eq!(status, "errored", "{reason:?}");
    assert_ne!(hooked.count("erpnext_github_payload").await, "0");
}
