//! `link_repository_to_project`: a Project names a repository, and both sides of the link follow.

use serde_json::{Value, json};

use crate::frappe::modified::modified;
use crate::store::{project_links, readers};

use super::rights::Rights;
use super::{ActionError, Call, PROJECT};

/// Connects the Project with the repository, whatever it named before. The caller reads the repository, or works on it: the people of
/// the Project will.
pub(super) async fn project(call: &Call<'_>, rights: &Rights<'_>) -> Result<Value, ActionError> {
    let repository = rights.connectable(call.arguments).await?;
    let project = call.arguments.required(&[PROJECT])?;
    let connected = project_links::connect(call.site, &call.caller.user, &project, &repository).await?;
    readers::settle(call.site).await?;
    Ok(json!({
        "success": true,
        "message": if connected.before == repository {
            format!("{project} is connected with {repository} already")
        } else {
            format!("{project} is connected with {repository}")
        },
        "project": project,
        "repository": repository,
        "before": Some(connected.before).filter(|before| !before.is_empty()),
        "modified": modified(call.site.db(), "Project", &project).await?,
    }))
}
