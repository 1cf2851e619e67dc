//! G4 11: releases that a rule gives to a Task or a Project are shown on its form, to those who read their repository.

use erpnext_github::store::{Stamp, release_rules};
use serde_json::{Value, json};

use super::company;
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;

const TASK: &str = "TASK-2026-00001";

async fn overview(desk: &Desk, user: &str, what: &str, arguments: &[(&str, &str)]) -> Value {
    let path = format!("erpnext_github_integration.desk.{what}");
    desk.get(user, &path, arguments).await.message().clone()
}

/// Tags and addresses of what is shown.
fn shown(overview: &Value) -> Vec<(&str, &str)> {
    let releases = overview["releases"].as_array().map(Vec::as_slice).unwrap_or_default();
    releases
        .iter()
        .map(|one| {
            (
                one["tag_name"].as_str().unwrap_or_default(),
                one["preview_url"].as_str().unwrap_or("-"),
            )
        })
        .collect()
}

/// A company with releases of two repositories, which a rule of each gives to a Project or a Task.
async fn with_rules(target: (&str, &str)) -> (Mirror, Desk) {
    let (mirror, desk) = company().await;
    mirror.erp.erp().add_project("NEW-1", "A new one").await.expect("a project");
    {
        let mut world = mirror.github.world();
        world.repository("octo/web").publish_release("v1.0");
        world.repository("octo/web").publish_release("v2.0").draft = true;
        world.repository("octo/secret").publish_release("s1.0");
    }
    let erp = mirror.erp.erp();
    for repository in ["octo/web", "octo/secret"] {
        mirror.sync(repository).await;
        let values = [
            ("repository", repository),
            ("tag_pattern", "*"),
            ("prereleases", "Any"),
            ("enabled", "1"),
            target,
        ];
        erp.insert("GitHub Release Rule", repository, &values).await.expect("a rule");
    }
    let stamp = Stamp::now(mirror.site(), "Administrator").await.expect("a stamp");
    let touched = release_rules::settle(mirror.site().db(), &stamp).await.expect("settled");
    assert_eq!(touched.len(), 3);
    let name = mirror
        .erp
        .value("SELECT name FROM `tabRepository Release` WHERE tag_name = 'v1.0'")
        .await;
    erp.set("Repository Release", &name, "preview_url", "https://v1.example.com/")
        .await
        .expect("set");
    (mirror, desk)
}

#[tokio::test]
async fn g4_11_a_task_shows_its_releases_whether_it_has_a_repository_or_not() {
    let (mirror, desk) = with_rules(("task", TASK)).await;
    let task = [("task", TASK)];
    for repository in ["", "octo/web"] {
        let erp = mirror.erp.erp();
        erp.set("Task", TASK, "github_repo", repository).await.expect("set");
        let all = overview(&desk, "Administrator", "task_overview", &task).await;
        let mut found = shown(&all);
        found.sort_unstable();
        assert_eq!(found, [("s1.0", "-"), ("v1.0", "https://v1.example.com/")], "{all}");
        // Somebody who may read the Task, and neither repository.
        let none = overview(&desk, "desk@x.com", "task_overview", &task).await;
        assert_eq!((&none["task"], shown(&none)), (&json!(TASK), Vec::new()), "{none}");
    }
    mirror.finish().await;
}

#[tokio::test]
async fn g4_11_a_project_shows_releases_of_a_repository_that_it_is_not_connected_with() {
    let (mirror, desk) = with_rules(("project", "NEW-1")).await;
    let project = [("project", "NEW-1")];
    let all = overview(&desk, "Administrator", "project_overview", &project).await;
    let mut found = shown(&all);
    found.sort_unstable();
    assert_eq!(all["repositories"], json!([]), "{all}");
    assert_eq!(found, [("s1.0", "-"), ("v1.0", "https://v1.example.com/")], "{all}");
    let none = overview(&desk, "desk@x.com", "project_overview", &project).await;
    assert_eq!((&none["project"], shown(&none)), (&json!("NEW-1"), Vec::new()), "{none}");
    // It is connected with one of them: the releases of the other one are shown all the same.
    mirror.erp.connect("NEW-1", "octo/web").await;
    let all = overview(&desk, "Administrator", "project_overview", &project).await;
    assert_eq!(
        (all["repositories"].as_array().map(Vec::len), shown(&all).len()),
        (Some(1), 2),
        "{all}"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn g4_11_whose_a_release_is_is_told_to_those_who_may_know_the_project() {
    let (mirror, desk) = with_rules(("project", "TRY-1")).await;
    let erp = mirror.erp.erp();
    let name = mirror
        .erp
        .value("SELECT name FROM `tabRepository Release` WHERE tag_name = 'v1.0'")
        .await;
    erp.set("Repository Release", &name, "task", TASK).await.expect("set");
    let method = "erpnext_github_integration.desk.release_belongs";
    let whose = async |user: &str| {
        let arguments = [("repository", "octo/web"), ("name", name.as_str())];
        let answer = desk.get(user, method, &arguments).await;
        assert_eq!(answer.status, 200, "{user} {answer:?}");
        (answer.message()["project"].clone(), answer.message()["task"].clone())
    };
    let (project, task) = (json!("TRY-1"), json!(TASK));
    for (user, wanted) in [
        ("admin@x.com", (&project, &task)),
        ("manager@x.com", (&project, &Value::Null)),
        ("member@x.com", (&Value::Null, &Value::Null)),
        ("pusher@x.com", (&Value::Null, &Value::Null)),
    ] {
        let told = whose(user).await;
        assert_eq!((&told.0, &told.1), wanted, "{user}");
    }
    erp.add_child("Project User", ("Project", "TRY-1", "users"), &[("user", "member@x.com")])
        .await
        .expect("one of its users");
    assert_eq!(whose("member@x.com").await, (project, Value::Null));
    // A release of another repository is not there for him, and neither is one that is not there.
    for other in ["no-such", name.as_str()] {
        let arguments = [("repository", "octo/secret"), ("name", other)];
        assert_eq!(desk.get("member@x.com", method, &arguments).await.status, 403, "{other}");
        assert_eq!(desk.get("admin@x.com", method, &arguments).await.status, 404, "{other}");
    }
    mirror.finish().await;
}

#[tokio::test]
async fn g4_11_a_release_is_given_to_no_project_and_no_task_that_is_not_there() {
    let (mirror, desk) = company().await;
    let method = "erpnext_github_integration.desk.release_target";
    for (arguments, refused) in [
        (vec![], None),
        (vec![("project", "TRY-1"), ("task", TASK)], None),
        (
            vec![("project", "TRY-2")],
            Some("there is no Project TRY-2: write the name of one that is there"),
        ),
        (
            vec![("project", "TRY-1"), ("task", "TASK-9")],
            Some("there is no Task TASK-9: write the name of one that is there"),
        ),
    ] {
        let answer = desk.get("admin@x.com", method, &arguments).await;
        match refused {
            Some(sentence) => assert!(answer.status == 417 && answer.sentence().contains(sentence), "{answer:?}"),
            None => assert_eq!(answer.status, 200, "{answer:?}"),
        }
    }
    mirror.finish().await;
}
