//! A name on GitHub may be another repository's by now: what is written goes to the one that is mirrored, or nowhere.

use chrono::TimeDelta;
use erpnext_github::actions::settle_site;
use erpnext_github::sim::github::{Effect, Fault};
use serde_json::json;

use super::{CREATE_ISSUE, GITHUB_API, rows};
use crate::desk::company;
use crate::support::mirror::Mirror;

/// The mirrored repository is `octo/site` from now on, and somebody made another `octo/web`.
fn takes_the_name(mirror: &Mirror) {
    let mut world = mirror.github.world();
    world.rename_repository("octo/web", "octo/site");
    world.repository("octo/web").with_issues(3).push("fix/one");
    world.repository("octo/site").push("fix/one");
}

/// How many issues the two have.
fn issues(mirror: &Mirror) -> (usize, usize) {
    let world = mirror.github.world();
    let of = |name: &str| world.find(name).expect("a repository").items.len();
    (of("octo/site"), of("octo/web"))
}

/// Requests that were to change something.
fn written(mirror: &Mirror) -> Vec<String> {
    let requests = mirror.github.requests();
    let writes = requests
        .iter()
        .filter(|one| one.method != "GET" && one.operation.is_none())
        .map(|one| format!("{} {}", one.method, one.path));
    writes.collect()
}

#[tokio::test]
async fn what_is_renamed_only_is_written_to_under_its_old_name() {
    let (mirror, desk) = company().await;
    mirror.github.world().rename_repository("octo/web", "octo/site");
    let form = [("repository", "octo/web"), ("title", "x")];
    let answer = desk.post("pusher@x.com", CREATE_ISSUE, &form).await;
    assert_eq!(answer.message()["issue"]["number"], 4, "{answer:?}");
    assert_eq!(answer.message().get("warning"), None, "{answer:?}");
    assert_eq!(rows(&mirror).await, ["create_issue 4 done 1"]);
    mirror.finish().await;
}

#[tokio::test]
async fn nothing_is_written_to_a_stranger_who_has_the_name_by_now() {
    let (mirror, desk) = company().await;
    mirror
        .erp
        .erp()
        .set_single("GitHub Settings", "public_url", "https://erp.example.com")
        .await
        .expect("set");
    takes_the_name(&mirror);
    let form = [
        ("repo_full_name", "octo/web"),
        ("title", "x"),
        ("issue_number", "2"),
        ("assignees", "octo"),
        ("pr_number", "2"),
        ("reviewers", "octo"),
        ("head", "fix/one"),
        ("base", "main"),
        ("action", "add_collaborator"),
        ("identifier", "member"),
        ("issues", "[{\"title\": \"x\"}]"),
    ];
    for method in [
        "create_issue",
        "create_pull_request",
        "assign_issue",
        "add_pr_reviewer",
        "manage_repo_access",
        "create_repository_webhook",
        "bulk_create_issues",
    ] {
        let answer = desk.post("admin@x.com", &format!("{GITHUB_API}{method}"), &form).await;
        assert!(
            answer.status == 417
                && answer
                    .sentence()
                    .contains("another repository has the name octo/web on GitHub"),
            "{method}: {answer:?}"
        );
    }
    assert_eq!((written(&mirror), issues(&mirror)), (Vec::new(), (3, 3)));
    assert_eq!(rows(&mirror).await.len(), 0, "nothing was begun");
    mirror.finish().await;
}

#[tokio::test]
async fn a_batch_goes_on_in_its_repository_whatever_that_is_called_by_now() {
    for is_known_here in [true, false] {
        let (mirror, desk) = company().await;
        let limit = Effect::SecondaryLimit {
            status: 403,
            retry_after: Some(600),
        };
        let limited = Fault::on("/repos/octo/web/issues", limit).of_method("POST");
        mirror.github.world().faults.push(limited);
        let list = json!([{"title": "a"}, {"title": "b"}]).to_string();
        let form = [("repository", "octo/web"), ("issues", &*list)];
        let answer = desk
            .post("admin@x.com", &format!("{GITHUB_API}bulk_create_issues"), &form)
            .await;
        assert_eq!(answer.message()["status"], "waiting", "{answer:?}");
        mirror.erp.clock().advance(TimeDelta::minutes(11));
        takes_the_name(&mirror);
        if is_known_here {
            mirror.sync("octo/site").await;
        }
        settle_site(&mirror.impatient().await).await.expect("settled");
        if is_known_here {
            assert_eq!(issues(&mirror), (5, 3));
            assert_eq!(rows(&mirror).await, ["create_issue 4 done 1", "create_issue 5 done 1"]);
        } else {
            assert_eq!(issues(&mirror), (3, 3), "nobody here knows its new name yet");
            let kept = rows(&mirror).await;
            assert!(
                kept.iter()
                    .all(|row| row.starts_with("create_issue 0 failed 0 another repository")),
                "{kept:?}"
            );
        }
        mirror.finish().await;
    }
}

#[tokio::test]
async fn a_lost_one_is_looked_for_in_its_repository_and_not_in_the_strangers() {
    let (mirror, desk) = company().await;
    let on = |method, effect| Fault::on("/repos/octo/web/issues", effect).of_method(method);
    mirror.github.world().faults.push(on("POST", Effect::Lost));
    mirror
        .github
        .world()
        .faults
        .push(Fault::status("/repos/octo/web/issues", 451).of_method("GET").always());
    let form = [("repository", "octo/web"), ("title", "Only once")];
    let answer = desk.post("pusher@x.com", CREATE_ISSUE, &form).await;
    assert_eq!(answer.status, 417, "nobody can tell: {answer:?}");
    mirror.github.world().faults.clear();
    takes_the_name(&mirror);
    mirror.erp.clock().advance(TimeDelta::minutes(3));
    settle_site(&mirror.impatient().await).await.expect("settled");
    let kept = rows(&mirror).await;
    assert!(
        kept[0].starts_with("create_issue 0 unknown 0"),
        "it is not known where to look: {kept:?}"
    );
    mirror.sync("octo/site").await;
    mirror.erp.clock().advance(TimeDelta::minutes(3));
    settle_site(&mirror.impatient().await).await.expect("settled");
    assert_eq!(rows(&mirror).await, ["create_issue 4 done 1"]);
    mirror.finish().await;
}
