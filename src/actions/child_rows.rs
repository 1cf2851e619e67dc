//! `desk.child_rows`: what stands in the tables of a form, for whoever may read the document.
//!
//! Frappe gives a child row, asked for by itself, to everybody who may read any document of its parent's type. So the tables stand at a permission
//! level of admins, and everybody else has their rows from here.

use serde_json::{Value, json};

use crate::store::child_rows;

use super::rights::known_repository;
use super::{ActionError, Call};

/// `child_rows(repository, doctype, name)`: rows by field. The caller may read the repository.
pub(super) async fn of(call: &Call<'_>) -> Result<Value, ActionError> {
    let repository = known_repository(call.site, call.arguments).await?;
    let doctype = call.arguments.required(&["doctype"])?;
    let name = call.arguments.required(&["name"])?;
    let rows = child_rows::of_document(call.site.db(), &repository, (&doctype, &name)).await?;
    rows.map(|rows| json!(rows))
        .ok_or_else(|| ActionError::Missing(format!("there is no {doctype} {name} of {repository} that has rows")))
}
