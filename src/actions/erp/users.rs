//! The members of a repository as users of its Projects. Nobody is removed, and nobody gets a welcome mail.

use serde_json::{Map, Value, json};

use crate::frappe::auth::Caller;
use crate::frappe::bench_http::Document;
use crate::frappe::site::Site;
use crate::store::{access, projects};

use super::wish::{UsersWish, Wish};
use super::{ActionError, Made, Outcome, desk, object};

/// How often a Project is read again that somebody else saved meanwhile.
const ATTEMPTS: usize = 4;

/// Adds the matched members to every Project that the repository is connected with, as `caller`; gives what became of each.
pub(in crate::actions) async fn add_members(
    site: &Site,
    caller: &Caller,
    repository: &str,
) -> Result<Vec<Map<String, Value>>, ActionError> {
    let mut told = Vec::new();
    for project in access::projects_of(site.db(), repository).await? {
        let wish = Wish::Users(UsersWish {
            repository: repository.to_owned(),
            project: project.clone(),
        });
        let mut answer = match desk::alone(site, caller, &wish).await {
            Ok(Value::Object(answer)) => answer,
            Ok(_) => Map::new(),
            // One Project that the caller may not write is no reason to leave out the next.
            Err(
                error
                @ (ActionError::Forbidden(_) | ActionError::Missing(_) | ActionError::NotReady(_) | ActionError::Invalid(_)),
            ) => object([("error", json!(error.to_string()))]),
            Err(error) => return Err(error),
        };
        answer.remove("success");
        answer.insert("project".to_owned(), json!(project));
        told.push(answer);
    }
    Ok(told)
}

/// Adds the matched members of one repository to one Project.
pub(super) async fn perform(site: &Site, caller: &Caller, wish: &UsersWish) -> Result<Outcome, ActionError> {
    let members = projects::members_of(site.db(), &wish.repository).await?;
    let bench = match site.bench() {
        Ok(bench) => bench,
        Err(error) => return Ok(Outcome::NotDone(error)),
    };
    let mut attempts = 1;
    loop {
        let read = match bench.read(caller, "Project", &wish.project).await {
            Ok(read) => read,
            Err(error) => return Ok(Outcome::NotDone(error)),
        };
        let (present, added) = split(&read, &members.users);
        if added.is_empty() {
            return Ok(Outcome::There(made(wish, &present, &added)));
        }
        match bench.update(caller, ("Project", &wish.project), &with(&read, &added)).await {
            Ok(_) => return Ok(Outcome::Done(made(wish, &present, &added))),
            Err(error) if error.is_class("TimestampMismatchError") && attempts < ATTEMPTS => attempts += 1,
            Err(error) => return Ok(Outcome::NotDone(error)),
        }
    }
}

/// Those of `users` who are rows of the Project, and those who are not.
fn split(project: &Document, users: &[String]) -> (Vec<String>, Vec<String>) {
    let rows = project.get("users").and_then(Value::as_array);
    let there: Vec<String> = rows
        .into_iter()
        .flatten()
        .filter_map(|row| Some(row["user"].as_str()?.to_lowercase()))
        .collect();
    users.iter().cloned().partition(|user| there.contains(&user.to_lowercase()))
}

/// The whole table as it was read and the new rows, and the moment that it was read of: Frappe refuses where somebody saved since.
fn with(project: &Document, added: &[String]) -> Document {
    let mut rows = project.get("users").and_then(Value::as_array).cloned().unwrap_or_default();
    // Marked as welcomed, or ERPNext would write to them.
    rows.extend(added.iter().map(|user| json!({"user": user, "welcome_email_sent": 1})));
    object([
        ("users", Value::Array(rows)),
        ("modified", project.get("modified").cloned().unwrap_or_default()),
    ])
}

fn made(wish: &UsersWish, present: &[String], added: &[String]) -> Made {
    let UsersWish { repository, project } = wish;
    let sentence = if added.is_empty() {
        format!("All members of {repository} who are users here belong to project {project}")
    } else {
        format!("{} of {repository} belong to project {project} now", added.join(", "))
    };
    Made {
        doctype: "Project",
        name: project.clone(),
        sentence,
        answer: object([("added", json!(added)), ("present", json!(present))]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f26_nobody_is_removed_and_nobody_is_welcomed() {
        let read = json!({"modified": "m", "users": [{"name": "r1", "user": "Ann@x.com", "welcome_email_sent": 0, "view_attachments": 1}]});
        let read = read.as_object().expect("an object");
        let users = ["ann@x.com".to_owned(), "bob@x.com".to_owned()];
        let (present, added) = split(read, &users);
        assert_eq!((present.as_slice(), added.as_slice()), (&users[..1], &users[1..]));
        let sent = with(read, &added);
        assert_eq!(
            Value::Object(sent),
            json!({
                "users": [
                    {"name": "r1", "user": "Ann@x.com", "welcome_email_sent": 0, "view_attachments": 1},
                    {"user": "bob@x.com", "welcome_email_sent": 1},
                ],
                "modified": "m",
            })
        );
    }
}
