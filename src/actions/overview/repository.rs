//! `desk.repository_overview`.

use serde_json::{Value, json};

use crate::frappe::permissions::Right;
use crate::frappe::zone::frappe_text;
use crate::store::{access, overview};

use super::lacking::lacking;
use crate::actions::rights::{Rights, known_repository};
use crate::actions::{ActionError, Arguments, answer};

/// What a Repository is on GitHub, what is open in it, how its last sync went, and what the caller may do with it.
pub(in crate::actions) async fn of_repository(rights: &Rights<'_>, arguments: &Arguments) -> Result<Value, ActionError> {
    let (db, name) = (rights.site.db(), known_repository(rights.site, arguments).await?);
    let entry = overview::entry(db, &name).await?;
    let names = [name];
    let open = overview::open_items(db, &names).await?;
    let [name] = &names;
    let open = open.get(name).copied().unwrap_or_default();
    let compared = entry.as_ref().and_then(|entry| entry.last_compared);
    let mut answer = answer(entry)?;
    answer["last_compared"] = match compared {
        Some(at) => frappe_text(rights.site.zone().await?.to_local(at)).into(),
        None => Value::Null,
    };
    answer["open_issues"] = open.issues.into();
    answer["open_pull_requests"] = open.pull_requests.into();
    answer["running"] = json!(overview::last_run(db, name, true).await?.map(|run| run.name));
    answer["last_run"] = match overview::last_run(db, name, false).await? {
        Some(run) => {
            let failed = overview::failed_steps(db, &run.name).await?;
            let mut run = json!(run);
            run["failed"] = json!(failed);
            run
        }
        None => Value::Null,
    };
    answer["latest_release"] = json!(overview::latest_release(db, name).await?);
    answer["deliveries"] = json!(overview::recent_deliveries(db, name).await?);
    let mut projects = Vec::new();
    for project in access::projects_of(db, name).await? {
        if rights.may_with_project(&project, Right::Read).await? {
            projects.push(project);
        }
    }
    answer["projects"] = json!(projects);
    let work = rights.works_on(name).await?;
    answer["lacking"] = if work || rights.is_admin() {
        lacking(rights.site, name).await?
    } else {
        json!({})
    };
    answer["may"] = json!({
        "work": work,
        "admin": rights.is_admin(),
        "create_task": work && rights.creates("Task").await?,
        "create_project": work && rights.creates("Project").await?,
    });
    Ok(answer)
}
