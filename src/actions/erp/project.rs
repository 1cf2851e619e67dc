//! A Project of a mirrored repository.

use serde_json::{Value, json};

use crate::domain::text::cut_chars;
use crate::frappe::auth::Caller;
use crate::frappe::bench_http::{BenchHttpError, Document};
use crate::frappe::db::{DbError, retry_conflicts};
use crate::frappe::defaults;
use crate::frappe::site::Site;
use crate::store::{Stamp, access, projects};

use super::wish::ProjectWish;
use super::{ActionError, Made, Outcome, linked, object};

/// `project_name` is a varchar(140), and Frappe refuses what does not fit.
const TITLE: usize = 140;

/// Makes the Project, unless the repository is connected with one; the link from the repository to it is repaired either way.
pub(super) async fn perform(site: &Site, caller: &Caller, wish: &ProjectWish) -> Result<Outcome, ActionError> {
    let db = site.db();
    let stamp = Stamp::now(site, caller.user.as_str()).await?;
    if let Some(project) = access::projects_of(db, &wish.repository).await?.into_iter().next() {
        let warning = link(site, &wish.repository, &project, &stamp).await;
        let said = "A project is already linked to this repository";
        return Ok(Outcome::There(made(&wish.repository, project, said, warning)));
    }
    let company = match &wish.company {
        Some(company) => company.clone(),
        None => match defaults::company_of(db, &caller.user).await? {
            Some(company) => company,
            None => return ask_for_company(site).await,
        },
    };
    let saved = match insert(site, caller, wish, &company).await? {
        Ok(saved) => saved,
        Err(error) => return Ok(Outcome::NotDone(error)),
    };
    let text = |field: &str| saved.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let warning = link(site, &wish.repository, &text("name"), &stamp).await;
    let said = "A project was created for this repository";
    let mut made = made(&wish.repository, text("name"), said, warning);
    made.answer.extend(object([
        ("project_name", json!(text("project_name"))),
        ("company", json!(text("company"))),
    ]));
    Ok(Outcome::Done(made))
}

/// Under the first title that is free: the one that was wished, or what follows from the repository's name; then its full name.
async fn insert(
    site: &Site,
    caller: &Caller,
    wish: &ProjectWish,
    company: &str,
) -> Result<Result<Document, BenchHttpError>, ActionError> {
    let short = wish.repository.rsplit('/').next().unwrap_or(&wish.repository);
    let first = wish.title.clone().unwrap_or_else(|| format!("{short} Project"));
    let bench = match site.bench() {
        Ok(bench) => bench,
        Err(error) => return Ok(Err(error)),
    };
    let mut refused = None;
    for title in [cut_chars(&first, TITLE), &wish.repository] {
        if projects::titled(site.db(), title).await?.is_some() {
            continue;
        }
        let values = object([
            ("project_name", json!(title)),
            ("repository", json!(wish.repository)),
            ("company", json!(company)),
            ("status", json!("Open")),
        ]);
        match bench.insert(caller, "Project", &values).await {
            // Somebody took the title this very moment.
            Err(error) if error.is_class("UniqueValidationError") || error.is_class("DuplicateEntryError") => {
                refused = Some(error);
            }
            other => return Ok(other),
        }
    }
    match refused {
        Some(error) => Ok(Err(error)),
        None => Err(ActionError::invalid(format!(
            "there are projects with the names {first} and {} already: give another one as `project_name`, or link one of them to the repository",
            wish.repository
        ))),
    }
}

async fn ask_for_company(site: &Site) -> Result<Outcome, ActionError> {
    let companies = defaults::companies(site.db()).await?;
    let sentence = "You have no default company: name the project's as `company`".to_owned();
    let offered = object([("needs", json!(["company"])), ("companies", json!(companies))]);
    Ok(Outcome::Asks(sentence, offered))
}

fn made(repository: &str, project: String, said: &str, warning: Option<String>) -> Made {
    let mut answer = object([("project", json!(project)), ("repository", json!(repository))]);
    answer.extend(warning.map(|warning| ("warning".to_owned(), json!(warning))));
    Made {
        doctype: "Project",
        sentence: format!("{said} ({repository}): {project}"),
        name: project,
        answer,
    }
}

/// Notes the Project on the repository's document.
async fn link(site: &Site, repository: &str, project: &str, stamp: &Stamp) -> Option<String> {
    let linking = retry_conflicts(|| async {
        let mut tx = site.db().begin().await?;
        let changed = projects::link(&mut tx, repository, project, stamp).await?;
        tx.commit().await?;
        Ok::<_, DbError>(changed)
    });
    let result = linking.await;
    linked(site, stamp, ("Repository", repository), result).await
}
