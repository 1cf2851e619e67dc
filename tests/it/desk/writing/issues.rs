//! Opening issues.

use erpnext_github::sim::github::{Effect, Fault, Gate};
use serde_json::{Value, json};

use super::{CREATE_ISSUE, GITHUB_API, rows, sent, titles};
use crate::desk::company;

#[tokio::test]
async fn an_issue_is_opened_mirrored_and_answered_in_the_old_shape() {
    let (mirror, desk) = company().await;
    let form = [
        ("repository", "octo/web"),
        ("title", " It breaks "),
        ("body", "Really\n\nSo"),
        ("assignees", "[\"pusher@x.com\", \"octo\"]"),
        ("labels", "bug, odd"),
    ];
    let answer = desk.post("pusher@x.com", CREATE_ISSUE, &form).await;
    let message = answer.message();
    let issue = &message["issue"];
    assert_eq!(
        [&issue["number"], &issue["title"], &issue["body"], &message["local_doc"]],
        [&json!(4), &json!("It breaks"), &json!("Really\n\nSo"), &json!("octo/web-#4")],
        "{message}"
    );
    assert_eq!(message.get("warning"), None, "{message}");
    let stored = "SELECT CONCAT_WS('|', title, body, labels, author, state, owner, (SELECT GROUP_CONCAT(CONCAT(github_username, '=', \
                  IFNULL(user, '')) ORDER BY idx) FROM `tabRepository Issue Assignee` WHERE parent = i.name)) \
                  FROM `tabRepository Issue` i WHERE name = 'octo/web-#4'";
    assert_eq!(
        mirror.erp.value(stored).await,
        "It breaks|Really\n\nSo|bug,odd|octo|open|pusher@x.com|pusher=pusher@x.com,octo="
    );
    assert_eq!(rows(&mirror).await, ["create_issue 4 done 1"]);
    let row = "SELECT CONCAT_WS('|', repository, asked_by, acting_login, url, sent_at IS NOT NULL, settled_at IS NOT NULL, _claim IS NULL) \
               FROM `tabGitHub Write`";
    assert_eq!(
        mirror.erp.value(row).await,
        format!(
            "octo/web|pusher@x.com|octo|{}|1|1|1",
            issue["html_url"].as_str().expect("a page")
        )
    );
    // The next sync finds nothing to do about it; it brings the label that GitHub made for it.
    let before = mirror.mirror().await;
    mirror.sync("octo/web").await;
    let without_stamps = |text: String| {
        text.lines()
            .filter(|line| !line.starts_with("INSERT INTO `tabRepository Label`"))
            .collect::<String>()
    };
    assert_eq!(without_stamps(mirror.mirror().await).len(), without_stamps(before).len());
    mirror.finish().await;
}

#[tokio::test]
async fn lists_come_in_every_form() {
    let (mirror, desk) = company().await;
    for (title, assignees, labels) in [
        ("json", "[\"pusher\"]", "[\"bug\"]"),
        ("commas", "pusher, Pusher", "bug,bug"),
        ("one", "pusher@x.com", "bug"),
    ] {
        let form = [
            ("repo_full_name", "octo/web"),
            ("title", title),
            ("assignees", assignees),
            ("labels", labels),
        ];
        let answer = desk.post("admin@x.com", CREATE_ISSUE, &form).await;
        let issue = &answer.message()["issue"];
        assert_eq!(issue["assignees"].as_array().map(Vec::len), Some(1), "{title}: {issue}");
        assert_eq!(issue["labels"][0]["name"], "bug", "{title}: {issue}");
    }
    mirror.finish().await;
}

#[tokio::test]
async fn the_row_is_there_before_the_request_leaves() {
    let (mirror, desk) = company().await;
    let gate = Gate::closed();
    let held = Fault::on("/repos/octo/web/issues", Effect::Held(gate.clone())).of_method("POST");
    mirror.github.world().faults.push(held);
    let form = [("repository", "octo/web"), ("title", "Held")];
    let pressed = desk.post("admin@x.com", CREATE_ISSUE, &form);
    let meanwhile = async {
        gate.reached(1).await;
        assert_eq!(rows(&mirror).await, ["create_issue 0 sending 0"]);
        gate.open();
    };
    let (answer, ()) = tokio::join!(pressed, meanwhile);
    assert_eq!(answer.message()["issue"]["number"], 4);
    mirror.finish().await;
}

#[tokio::test]
async fn f8_who_has_no_login_is_named_and_nothing_is_sent() {
    let (mirror, desk) = company().await;
    mirror.github.forget_requests();
    let form = [
        ("repository", "octo/web"),
        ("title", "x"),
        ("assignees", "pusher@x.com, desk@x.com, nobody@x.com"),
    ];
    let answer = desk.post("admin@x.com", CREATE_ISSUE, &form).await;
    assert_eq!(answer.status, 417);
    let sentence = answer.sentence();
    assert!(
        sentence.contains("desk@x.com has no GitHub login") && sentence.contains("nobody@x.com") && !sentence.contains("pusher"),
        "{sentence}"
    );
    assert_eq!((sent(&mirror, "POST"), rows(&mirror).await.len()), (0, 0));
    mirror.finish().await;
}

#[tokio::test]
async fn what_github_refuses_is_one_sentence_and_the_row_says_failed() {
    let (mirror, desk) = company().await;
    let form = [("repository", "octo/web"), ("title", "x"), ("assignees", "stranger")];
    let answer = desk.post("admin@x.com", CREATE_ISSUE, &form).await;
    assert_eq!((answer.status, &answer.body["exc_type"]), (417, &json!("ValidationError")));
    let sentence = answer.sentence();
    assert!(
        sentence.contains("stranger cannot be assigned") && sentence.contains("change what GitHub complains of"),
        "{sentence}"
    );
    let kept = rows(&mirror).await;
    assert!(
        kept[0].starts_with("create_issue 0 failed 0 GitHub does not accept"),
        "{kept:?}"
    );
    for (status, part) in [
        (403, "refuses this to the token"),
        (404, "has no such thing"),
        (410, "switched off"),
    ] {
        let fault = Fault::status("/repos/octo/web/issues", status).of_method("POST");
        mirror.github.world().faults.push(fault);
        let answer = desk
            .post("admin@x.com", CREATE_ISSUE, &[("repository", "octo/web"), ("title", "y")])
            .await;
        assert_eq!(answer.status, 417);
        assert!(answer.sentence().contains(part), "{answer:?}");
    }
    assert_eq!(titles(&mirror).len(), 3, "nothing was opened");
    assert_eq!(sent(&mirror, "POST"), 4, "and nothing was tried twice");
    mirror.finish().await;
}

#[tokio::test]
async fn f34_a_limit_is_told_with_its_time_and_nobody_waits_for_it() {
    let (mirror, desk) = company().await;
    let limit = Effect::SecondaryLimit {
        status: 403,
        retry_after: Some(60),
    };
    let fault = Fault::on("/repos/octo/web/issues", limit).of_method("POST");
    mirror.github.world().faults.push(fault);
    let answer = desk
        .post("admin@x.com", CREATE_ISSUE, &[("repository", "octo/web"), ("title", "x")])
        .await;
    assert_eq!(answer.status, 417);
    assert!(answer.sentence().contains("2026-03-01T12:01:00Z"), "{answer:?}");
    assert_eq!(sent(&mirror, "POST"), 1);
    mirror.finish().await;
}

#[tokio::test]
async fn f21_a_name_that_leads_elsewhere_is_refused() {
    let (mirror, desk) = company().await;
    mirror.github.forget_requests();
    for name in ["o/../../user/repos?x=", "octo/..", "octo/web/issues", "octo/we b"] {
        let answer = desk
            .post("admin@x.com", CREATE_ISSUE, &[("repository", name), ("title", "x")])
            .await;
        assert_eq!(answer.status, 417, "{name} {answer:?}");
        assert!(answer.sentence().contains("is not a repository name"), "{answer:?}");
    }
    let form = [
        ("repo_full_name", "octo/web"),
        ("action", "add_collaborator"),
        ("identifier", "../../x"),
    ];
    let answer = desk
        .post("admin@x.com", &format!("{GITHUB_API}manage_repo_access"), &form)
        .await;
    assert_eq!(answer.status, 417, "{answer:?}");
    assert_eq!(mirror.github.requests().len(), 0);
    mirror.finish().await;
}

#[tokio::test]
async fn what_is_missing_or_too_long_is_said_before_anything_is_sent() {
    let (mirror, desk) = company().await;
    let (title, body) = ("ü".repeat(257), "漢".repeat(65_537));
    for (form, part) in [
        (vec![("repository", "octo/web")], "`title` is missing"),
        (vec![("repository", "octo/web"), ("title", title.as_str())], "257 characters"),
        (
            vec![("repository", "octo/web"), ("title", "x"), ("body", body.as_str())],
            "65537 characters",
        ),
        (vec![("title", "x")], "`repo_full_name` is missing"),
    ] {
        let answer = desk.post("admin@x.com", CREATE_ISSUE, &form).await;
        assert!(answer.status == 417 && answer.sentence().contains(part), "{part}: {answer:?}");
    }
    assert_eq!(rows(&mirror).await.len(), 0);
    mirror.finish().await;
}

#[tokio::test]
async fn f28_what_could_not_be_stored_is_a_warning_and_the_next_sync_brings_it() {
    let (mirror, desk) = company().await;
    let broken = "CREATE TRIGGER broken BEFORE INSERT ON `tabRepository Issue` FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no room'";
    mirror.erp.scratch().execute(broken).await.expect("a trigger");
    let answer = desk
        .post("pusher@x.com", CREATE_ISSUE, &[("repository", "octo/web"), ("title", "x")])
        .await;
    let message = answer.message();
    assert_eq!(
        (&message["issue"]["number"], &message["local_doc"]),
        (&json!(4), &Value::Null)
    );
    assert!(
        message["warning"].as_str().expect("a warning").contains("no room"),
        "{message}"
    );
    assert_eq!(rows(&mirror).await, ["create_issue 4 done 0"]);
    mirror.erp.scratch().execute("DROP TRIGGER broken").await.expect("dropped");
    mirror.sync("octo/web").await;
    let stored = "SELECT COUNT(*) FROM `tabRepository Issue` WHERE name = 'octo/web-#4'";
    assert_eq!(mirror.erp.value(stored).await, "1");
    mirror.finish().await;
}

#[tokio::test]
async fn the_dialogs_get_labels_and_people_to_choose_from() {
    let (mirror, desk) = company().await;
    let arguments = [("repo_full_name", "octo/web")];
    let labels = desk
        .get("member@x.com", &format!("{GITHUB_API}list_labels"), &arguments)
        .await;
    let labels = labels.message().as_array().expect("a list");
    assert!(
        labels.iter().any(|one| one["name"] == "bug" && one["color"] == "d73a4a"),
        "{labels:?}"
    );
    assert_eq!(labels[0].as_object().map(serde_json::Map::len), Some(3));
    let people = desk
        .get("member@x.com", &format!("{GITHUB_API}list_assignees"), &arguments)
        .await;
    let logins: Vec<&str> = people
        .message()
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["login"].as_str())
        .collect();
    assert_eq!(logins, ["member", "octo", "pusher"]);
    assert_eq!(people.message()[0]["type"], "User");
    mirror.finish().await;
}

#[tokio::test]
async fn an_issue_is_put_into_an_open_milestone_by_its_title_or_number() {
    let (mirror, desk) = company().await;
    {
        let mut world = mirror.github.world();
        let web = world.repository("octo/web");
        web.add_milestone("Spring");
        let over = web.add_milestone("Winter");
        web.close_milestone(over);
    }
    let listed = async || {
        let arguments = [("repo_full_name", "octo/web")];
        let answer = desk
            .get("member@x.com", &format!("{GITHUB_API}list_milestones"), &arguments)
            .await;
        answer.message().clone()
    };
    assert_eq!(listed().await, json!([]), "what was synced counts");
    mirror.sync("octo/web").await;
    assert_eq!(listed().await[0]["title"], "Spring");
    for milestone in ["Spring", "1"] {
        let form = [("repository", "octo/web"), ("title", "In time"), ("milestone", milestone)];
        let answer = desk.post("pusher@x.com", &format!("{GITHUB_API}create_issue"), &form).await;
        assert_eq!(answer.message()["issue"]["milestone"]["number"], 1, "{answer:?}");
        let number = &answer.message()["issue"]["number"];
        let stored = format!("SELECT milestone FROM `tabRepository Issue` WHERE name = 'octo/web-#{number}'");
        assert_eq!(mirror.erp.value(&stored).await, "Spring");
    }
    let form = [("repository", "octo/web"), ("title", "Too late"), ("milestone", "Winter")];
    let answer = desk.post("pusher@x.com", &format!("{GITHUB_API}create_issue"), &form).await;
    assert_eq!(answer.status, 417, "{answer:?}");
    assert!(answer.sentence().contains("has no open milestone Winter"), "{answer:?}");
    mirror.finish().await;
}

#[tokio::test]
async fn what_is_switched_off_sends_nothing_and_says_so() {
    let (mirror, desk) = company().await;
    let erp = mirror.erp.erp();
    erp.set_single("GitHub Settings", "enabled", "0").await.expect("set");
    erp.set_single("GitHub Settings", "public_url", "https://erp.example.com")
        .await
        .expect("set");
    let form = [
        ("repo_full_name", "octo/web"),
        ("title", "x"),
        ("issue_number", "2"),
        ("assignees", "octo"),
        ("pr_number", "2"),
        ("reviewers", "octo"),
        ("head", "a"),
        ("base", "b"),
        ("action", "add_collaborator"),
        ("identifier", "octo"),
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
            answer.status == 417 && answer.sentence().contains("switched off"),
            "{method}: {answer:?}"
        );
    }
    assert_eq!((sent(&mirror, "POST"), rows(&mirror).await.len()), (0, 0));
    mirror.finish().await;
}
