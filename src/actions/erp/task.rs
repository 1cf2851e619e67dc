//! A Task of a mirrored issue.

use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::domain::text::cut_chars;
use crate::frappe::auth::Caller;
use crate::frappe::bench_http::Document;
use crate::frappe::db::{DbError, retry_conflicts};
use crate::frappe::markup::escape;
use crate::frappe::site::Site;
use crate::store::issue_tasks::{self, IssueFacts};
use crate::store::{Stamp, access, projects};

use super::wish::TaskWish;
use super::{ActionError, Made, Outcome, linked, object};

/// `subject` is a varchar(140), and Frappe refuses what does not fit.
const SUBJECT: usize = 140;

/// Makes the Task, unless the issue has one; the link from the issue to it is repaired either way.
pub(super) async fn perform(site: &Site, caller: &Caller, wish: &TaskWish) -> Result<Outcome, ActionError> {
    let db = site.db();
    let Some(issue) = issue_tasks::issue(db, &wish.issue).await? else {
        return Err(ActionError::Missing(format!(
            "there is no Repository Issue {}: sync the repository first",
            wish.issue
        )));
    };
    let stamp = Stamp::now(site, caller.user.as_str()).await?;
    if let Some(task) = issue_tasks::task_of(db, &issue).await? {
        let warning = link(site, &issue, &task, &stamp).await;
        return Ok(Outcome::There(made(
            &issue,
            task,
            "A task already exists for this GitHub issue",
            warning,
        )));
    }
    let (project, candidates) = project_of(site, &issue, wish).await?;
    let values = values(&issue, wish, project.as_deref(), stamp.local_now().date());
    let saved = match site.bench() {
        Ok(bench) => bench.insert(caller, "Task", &values).await,
        Err(error) => Err(error),
    };
    let saved = match saved {
        Ok(saved) => saved,
        Err(error) => return Ok(Outcome::NotDone(error)),
    };
    let task = saved.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let warning = link(site, &issue, &task, &stamp).await;
    let mut made = made(&issue, task, "A task was created for this GitHub issue", warning);
    made.answer.extend(object([
        ("project", json!(project)),
        ("status", saved.get("status").cloned().unwrap_or_default()),
        ("subject", saved.get("subject").cloned().unwrap_or_default()),
    ]));
    if !candidates.is_empty() {
        made.answer.insert("projects".to_owned(), json!(candidates));
    }
    Ok(Outcome::Done(made))
}

fn made(issue: &IssueFacts, task: String, said: &str, warning: Option<String>) -> Made {
    let mut answer = object([("task", json!(task)), ("issue", json!(issue.name))]);
    answer.extend(warning.map(|warning| ("warning".to_owned(), json!(warning))));
    Made {
        doctype: "Task",
        sentence: format!("{said} ({}): {task}", issue.name),
        name: task,
        answer,
    }
}

/// The Project that was named, or the one that the repository is connected with. Where there are several, none is taken, and they
/// are given beside.
async fn project_of(site: &Site, issue: &IssueFacts, wish: &TaskWish) -> Result<(Option<String>, Vec<String>), ActionError> {
    if let Some(named) = &wish.project {
        return match projects::named(site.db(), named).await? {
            Some(project) => Ok((Some(project), Vec::new())),
            None => Err(ActionError::Missing(format!("there is no Project {named}"))),
        };
    }
    let mut connected = access::projects_of(site.db(), &issue.repository).await?;
    Ok(match connected.len() {
        0 | 1 => (connected.pop(), Vec::new()),
        _ => (None, connected),
    })
}

/// What Frappe is sent.
fn values(issue: &IssueFacts, wish: &TaskWish, project: Option<&str>, today: NaiveDate) -> Document {
    let title = wish.title.as_deref().unwrap_or(&issue.title).trim();
    let title = if title.is_empty() { issue.name.as_str() } else { title };
    // Lines of a title would be lines of a list.
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let subject = cut_chars(&title, SUBJECT);
    let full = (subject.len() < title.len()).then_some(title.as_str());
    let mut values = object([
        ("subject", json!(subject)),
        ("description", json!(description(full, &issue.body))),
        ("project", json!(project)),
        ("github_repo", json!(issue.repository)),
        ("github_issue_doc", json!(issue.name)),
        ("github_issue_number", json!(issue.number)),
        ("status", json!(if issue.closed { "Completed" } else { "Open" })),
    ]);
    if issue.closed {
        // ERPNext demands a day, and none that is to come.
        let day = issue.closed_at.map_or(today, |closed| closed.date().min(today));
        values.insert("completed_on".to_owned(), json!(day.to_string()));
    }
    values
}

/// GitHub's text as paragraphs; a title that was cut stands in full before it.
fn description(title: Option<&str>, body: &str) -> String {
    let mut html = title.map_or_else(String::new, |title| format!("<p><strong>{}</strong></p>", escape(title)));
    let body = body.replace("\r\n", "\n");
    for paragraph in body
        .split("\n\n")
        .map(str::trim_end)
        .filter(|paragraph| !paragraph.trim().is_empty())
    {
        let lines: Vec<String> = paragraph.trim_start_matches('\n').lines().map(escape).collect();
        html.push_str("<p>");
        html.push_str(&lines.join("<br>"));
        html.push_str("</p>");
    }
    html
}

/// Notes the Task on the issue's document.
async fn link(site: &Site, issue: &IssueFacts, task: &str, stamp: &Stamp) -> Option<String> {
    let linking = retry_conflicts(|| async {
        let mut tx = site.db().begin().await?;
        let changed = issue_tasks::link(&mut tx, &issue.name, task, stamp).await?;
        tx.commit().await?;
        Ok::<_, DbError>(changed)
    });
    let result = linking.await;
    linked(site, stamp, ("Repository Issue", &issue.name), result).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issue(title: &str, body: &str) -> IssueFacts {
        IssueFacts {
            name: "octo/web-#7".to_owned(),
            repository: "octo/web".to_owned(),
            number: 7,
            title: title.to_owned(),
            body: body.to_owned(),
            closed: false,
            closed_at: None,
            task: None,
        }
    }

    fn plain() -> TaskWish {
        TaskWish {
            issue: "octo/web-#7".to_owned(),
            title: None,
            project: None,
        }
    }

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 1).expect("a day")
    }

    #[test]
    fn g2_3_a_long_title_is_cut_and_stands_in_full_first_in_the_description() {
        let title = format!("{}<b>", "ä".repeat(150));
        let values = values(&issue(&title, "a <script>\r\nb\n\n\nc"), &plain(), None, today());
        assert_eq!(values["subject"], json!("ä".repeat(140)));
        let description = values["description"].as_str().expect("a text");
        assert_eq!(
            description,
            format!(
                "<p><strong>{}&lt;b&gt;</strong></p><p>a &lt;script&gt;<br>b</p><p>c</p>",
                "ä".repeat(150)
            )
        );
    }

    #[test]
    fn a_closed_issue_is_a_completed_task_of_no_later_day_than_today() {
        let mut closed = issue("x", "");
        closed.closed = true;
        for (at, day) in [
            (None, "2026-03-01"),
            (Some("2026-02-10T23:00:00"), "2026-02-10"),
            (Some("2026-03-02T01:00:00"), "2026-03-01"),
        ] {
            closed.closed_at = at.map(|at| at.parse().expect("a time"));
            let values = values(&closed, &plain(), None, today());
            assert_eq!(
                (&values["status"], &values["completed_on"]),
                (&json!("Completed"), &json!(day))
            );
        }
        assert!(!values(&issue("x", ""), &plain(), None, today()).contains_key("completed_on"));
    }
}
