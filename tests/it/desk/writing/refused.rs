//! Every write, against everything that GitHub and the database may say to it: sent once, told in a sentence, and its row says what is known.

use chrono::TimeDelta;
use erpnext_github::actions::settle_site;
use erpnext_github::sim::github::{Effect, Fault, Permission};

use super::{CREATE_ISSUE, GITHUB_API, rows, titles};
use crate::desk::company;
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;

/// Each write by its method and arguments.
const WRITES: [(&str, &[(&str, &str)]); 9] = [
    ("create_issue", &[("repository", "acme/app"), ("title", "x")]),
    (
        "create_pull_request",
        &[("repository", "acme/app"), ("title", "x"), ("head", "fix"), ("base", "main")],
    ),
    (
        "assign_issue",
        &[("repo_full_name", "acme/app"), ("issue_number", "1"), ("assignees", "octo")],
    ),
    (
        "add_pr_reviewer",
        &[("repo_full_name", "acme/app"), ("pr_number", "2"), ("reviewers", "pusher")],
    ),
    (
        "manage_repo_access",
        &[
            ("repo_full_name", "acme/app"),
            ("action", "add_collaborator"),
            ("identifier", "member"),
        ],
    ),
    (
        "manage_repo_access",
        &[
            ("repo_full_name", "acme/app"),
            ("action", "remove_collaborator"),
            ("identifier", "pusher"),
        ],
    ),
    (
        "manage_repo_access",
        &[("repo_full_name", "acme/app"), ("action", "add_team"), ("identifier", "core")],
    ),
    (
        "manage_repo_access",
        &[
            ("repo_full_name", "acme/app"),
            ("action", "remove_team"),
            ("identifier", "old"),
        ],
    ),
    (
        "create_repository_webhook",
        &[("repo_full_name", "acme/app"), ("webhook_url", "https://erp.example.com/x")],
    ),
];

async fn ready() -> (Mirror, Desk) {
    let (mirror, desk) = company().await;
    let mut world = mirror.github.world();
    world.organization("acme").owners.push("octo".to_owned());
    for team in ["core", "old"] {
        world.team("acme", team);
    }
    let app = world.repository("acme/app");
    app.with_issues(1).with_pull_requests(1);
    app.with_member(erpnext_github::sim::github::Collaborator::new("pusher", Permission::Push));
    app.push("fix");
    world.grant_team("acme/app", "old", Permission::Push);
    drop(world);
    mirror.sync("acme/app").await;
    mirror.github.forget_requests();
    (mirror, desk)
}

fn written(mirror: &Mirror) -> usize {
    let requests = mirror.github.requests();
    requests
        .iter()
        .filter(|one| one.method != "GET" && one.operation.is_none())
        .count()
}

/// Status of a row as [`rows`] gives it.
fn status(row: &str) -> &str {
    row.split(' ').nth(2).unwrap_or_default()
}

fn plain(status: u16) -> Effect {
    Effect::Answer {
        status,
        headers: Vec::new(),
        body: None,
    }
}

#[tokio::test]
async fn f34_whatever_github_says_a_write_is_sent_once_and_its_row_says_what_is_known() {
    for (method, form) in WRITES {
        let (mirror, desk) = ready().await;
        let mut presses = 0;
        for (effect, is_known) in [
            (plain(401), true),
            (plain(403), true),
            (plain(404), true),
            (plain(409), true),
            (plain(410), true),
            (plain(422), true),
            (
                Effect::SecondaryLimit {
                    status: 429,
                    retry_after: Some(60),
                },
                true,
            ),
            (plain(500), false),
            (plain(502), false),
            (Effect::Refused, false),
        ] {
            {
                let mut world = mirror.github.world();
                for verb in ["POST", "PUT", "PATCH", "DELETE"] {
                    world.faults.push(Fault::on("*", effect.clone()).of_method(verb));
                }
            }
            let answer = desk.post("admin@x.com", &format!("{GITHUB_API}{method}"), form).await;
            presses += 1;
            assert!(
                answer.status == 417 && answer.sentence().len() > 20,
                "{method} {effect:?}: {answer:?}"
            );
            assert_eq!(
                answer.sentence().contains("nobody can tell yet"),
                !is_known,
                "{method} {effect:?}: {answer:?}"
            );
            assert_eq!(written(&mirror), presses, "{method} {effect:?}");
            let kept = rows(&mirror).await;
            assert!(kept.iter().all(|row| status(row) != "done"), "{method} {effect:?}: {kept:?}");
            let unknown = kept.iter().filter(|row| status(row) == "unknown").count();
            assert_eq!(unknown, usize::from(!is_known), "{method} {effect:?}: {kept:?}");
            mirror.github.world().faults.clear();
            mirror.erp.clock().advance(TimeDelta::seconds(90));
        }
        settle_site(&mirror.impatient().await).await.expect("settled");
        let kept = rows(&mirror).await;
        assert_eq!(kept.len(), presses);
        assert!(kept.iter().all(|row| status(row) == "failed"), "{method}: {kept:?}");
        mirror.finish().await;
    }
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_sent() {
    let (mirror, desk) = ready().await;
    let broken = "CREATE TRIGGER broken BEFORE INSERT ON `tabGitHub Write` FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no room'";
    mirror.erp.scratch().execute(broken).await.expect("a trigger");
    for (method, form) in WRITES {
        let answer = desk.post("admin@x.com", &format!("{GITHUB_API}{method}"), form).await;
        assert!(
            answer.status >= 500 && answer.sentence().contains("database refused"),
            "{method}: {answer:?}"
        );
    }
    let list = [("repository", "acme/app"), ("issues", "[{\"title\": \"x\"}]")];
    let answer = desk
        .post("admin@x.com", &format!("{GITHUB_API}bulk_create_issues"), &list)
        .await;
    assert!(answer.status >= 500, "{answer:?}");
    assert_eq!((written(&mirror), rows(&mirror).await.len()), (0, 0));
    mirror.finish().await;
}

#[tokio::test]
async fn an_end_that_cannot_be_noted_is_found_out_later() {
    let (mirror, desk) = ready().await;
    let broken = "CREATE TRIGGER broken BEFORE UPDATE ON `tabGitHub Write` FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no room'";
    mirror.erp.scratch().execute(broken).await.expect("a trigger");
    let form = [("repository", "acme/app"), ("title", "Only once")];
    let answer = desk.post("admin@x.com", CREATE_ISSUE, &form).await;
    assert_eq!(answer.message()["issue"]["number"], 3, "GitHub has it: {answer:?}");
    assert_eq!(rows(&mirror).await, ["create_issue 0 sending 0"]);
    mirror.erp.scratch().execute("DROP TRIGGER broken").await.expect("dropped");
    mirror.erp.clock().advance(TimeDelta::minutes(3));
    settle_site(&mirror.impatient().await).await.expect("settled");
    assert_eq!(rows(&mirror).await, ["create_issue 3 done 1"]);
    assert_eq!(written(&mirror), 1);
    assert_eq!(titles(&mirror).len(), 3, "octo/web was left alone");
    mirror.finish().await;
}

#[tokio::test]
async fn a_process_that_died_between_row_and_request_sent_nothing_and_the_next_press_does() {
    let (mirror, desk) = ready().await;
    let form = [("repository", "acme/app"), ("title", "Again")];
    let limit = Effect::SecondaryLimit {
        status: 403,
        retry_after: Some(60),
    };
    mirror.github.world().faults.push(Fault::on("*", limit).of_method("POST"));
    desk.post("admin@x.com", CREATE_ISSUE, &form).await;
    let dead = "UPDATE `tabGitHub Write` SET status = 'sending', reason = NULL, _claim = 'of a dead one'";
    mirror.erp.scratch().execute(dead).await.expect("set");
    let before = written(&mirror);
    mirror.erp.clock().advance(TimeDelta::minutes(3));
    settle_site(&mirror.impatient().await).await.expect("settled");
    let kept = rows(&mirror).await;
    assert!(
        kept[0].starts_with("create_issue 0 failed 0 GitHub has not got it"),
        "{kept:?}"
    );
    assert_eq!(written(&mirror), before, "nobody asked again");
    let answer = desk.post("admin@x.com", CREATE_ISSUE, &form).await;
    assert_eq!(answer.message()["issue"]["number"], 3, "{answer:?}");
    mirror.finish().await;
}
