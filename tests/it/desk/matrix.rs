//! Each method times each kind of caller: the whole table of who may call what.

use erpnext_github::actions::{METHODS, Method as ActionMethod, Who};
use reqwest::Method;

use super::{PEOPLE, company};
use crate::support::desk::As;

/// Who may call methods of a row, among the people of [`PEOPLE`] and Administrator.
fn allowed(method: &ActionMethod) -> &'static [&'static str] {
    // None of the others has Frappe's own right to create; `erp::who` tries it with those who have.
    if method.creates.is_some() {
        return &["Administrator"];
    }
    match method.who {
        // Admins lead every Project, and finish what others installed; none of the others installed the App.
        Who::Admin | Who::Installer => &["Administrator", "admin@x.com", "system@x.com"],
        Who::Worker | Who::IssueWorker => &[
            "Administrator",
            "admin@x.com",
            "system@x.com",
            "manager@x.com",
            "pusher@x.com",
        ],
        Who::ProjectLead => &["Administrator", "admin@x.com", "system@x.com", "manager@x.com"],
        // Members, and the manager of the connected Project.
        Who::Reader | Who::FeedReader => &[
            "Administrator",
            "admin@x.com",
            "system@x.com",
            "manager@x.com",
            "pusher@x.com",
            "member@x.com",
        ],
        Who::ProjectReader | Who::TaskReader => &["Administrator", "desk@x.com"],
        // Who may write the Project and not read the repository connects nothing (`people::taken_back`).
        Who::ProjectWriter => &["Administrator"],
        Who::DeskUser => &[
            "Administrator",
            "admin@x.com",
            "system@x.com",
            "manager@x.com",
            "pusher@x.com",
            "member@x.com",
            "desk@x.com",
        ],
        Who::Oneself => &[
            "Administrator",
            "admin@x.com",
            "system@x.com",
            "manager@x.com",
            "pusher@x.com",
            "member@x.com",
            "desk@x.com",
            "website@x.com",
        ],
    }
}

#[tokio::test]
async fn f01_every_method_is_answered_for_those_of_its_row_and_refused_to_all_others() {
    let (mirror, desk) = company().await;
    let may_write = [("role", "Projects User"), ("read", "1"), ("write", "1"), ("permlevel", "0")];
    let erp = mirror.erp.erp();
    erp.add_child("DocPerm", ("DocType", "Project", "permissions"), &may_write)
        .await
        .expect("a row");
    let people = PEOPLE.iter().map(|(user, _)| *user).chain(["Administrator"]);
    for user in people {
        for method in METHODS {
            let mut arguments = vec![
                ("repo_full_name", "octo/web"),
                ("issue_name", "octo/web-#1"),
                ("project", "TRY-1"),
            ];
            if method.who == Who::TaskReader {
                // Others link what they make with it, and hold the caller to it, too.
                arguments.push(("task", "TASK-2026-00001"));
            }
            let answer = desk.post(user, method.path, &arguments).await;
            let may = allowed(method).contains(&user);
            // Allowed, a method may still find its other arguments missing.
            let refused = matches!(answer.status, 401 | 403);
            assert_eq!(!refused, may, "{user} {}: {answer:?}", method.path);
            if refused {
                assert!(!answer.sentence().is_empty(), "{answer:?}");
            }
        }
    }
    // What was begun for somebody goes on after its answer.
    desk.ended().await;
    mirror.finish().await;
}

#[tokio::test]
async fn f02_nobody_a_stranger_and_a_forged_write_get_nothing() {
    let (mirror, desk) = company().await;
    let arguments = [("repo_full_name", "octo/web")];
    for method in METHODS {
        let nobody = As {
            sid: None,
            csrf_token: None,
        };
        let answer = desk.call(Method::POST, nobody, method.path, &arguments).await;
        assert_eq!(answer.status, 403, "{} {answer:?}", method.path);
        assert!(answer.body.get("session_expired").is_none());
        let over = As {
            sid: Some("long-gone"),
            csrf_token: None,
        };
        let answer = desk.call(Method::POST, over, method.path, &arguments).await;
        assert_eq!(
            (answer.status, &answer.body["session_expired"]),
            (403, &1.into()),
            "{answer:?}"
        );
        for csrf_token in [None, Some("token-desk")] {
            let forged = As {
                sid: Some("admin"),
                csrf_token,
            };
            let answer = desk.call(Method::POST, forged, method.path, &arguments).await;
            assert_eq!(
                (answer.status, &answer.body["exc_type"]),
                (400, &"CSRFTokenError".into()),
                "{answer:?}"
            );
        }
        // F-2: a link that an admin opens changes nothing.
        let answer = desk.get("admin@x.com", method.path, &arguments).await;
        assert_eq!(answer.status == 403, method.writes, "{} {answer:?}", method.path);
    }
    // What was begun for somebody goes on after its answer.
    desk.ended().await;
    mirror.finish().await;
}

#[tokio::test]
async fn what_somebody_may_not_read_looks_the_same_as_what_is_not_there() {
    let (mirror, desk) = company().await;
    let method = "erpnext_github_integration.api.get_repository_statistics";
    for user in ["member@x.com", "desk@x.com"] {
        let hidden = desk.post(user, method, &[("repo_full_name", "octo/secret")]).await;
        let absent = desk.post(user, method, &[("repo_full_name", "octo/absent")]).await;
        assert_eq!((hidden.status, absent.status), (403, 403));
        assert_eq!(hidden.sentence().replace("secret", "absent"), absent.sentence());
    }
    let told = desk.post("admin@x.com", method, &[("repo_full_name", "octo/absent")]).await;
    assert_eq!((told.status, &told.body["exc_type"]), (404, &"DoesNotExistError".into()));
    mirror.finish().await;
}
