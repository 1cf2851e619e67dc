//! `/api/method`: the few methods of Frappe that are called from outside the desk.

use serde_json::{Map, Value, json};

use super::refusal::Refusal;
use super::request::Incoming;
use super::server::Shared;
use super::{resource, write};
use crate::frappe::auth::GUEST;
use crate::frappe::permissions::Right;
use crate::sim::mariadb::sql_text;

/// Calls a method; its answer under `message`.
pub(super) async fn call(shared: &Shared, user: &str, method: &str, incoming: &Incoming) -> Result<Value, Refusal> {
    if user == GUEST {
        return Err(Refusal::permission(format!(
            "Function <strong>{method}</strong> is not whitelisted."
        )));
    }
    let message = match method {
        "frappe.auth.get_logged_user" => json!(user),
        "frappe.client.has_permission" => has_permission(shared, user, incoming).await?,
        "frappe.desk.form.assign_to.add" => assign(shared, user, incoming).await?,
        _ => {
            return Err(Refusal::validation(format!(
                "Failed to get method for command {method} with no such method"
            )));
        }
    };
    Ok(json!({ "message": message }))
}

async fn has_permission(shared: &Shared, user: &str, incoming: &Incoming) -> Result<Value, Refusal> {
    let right = match incoming.text("perm_type").as_str() {
        "write" => Right::Write,
        "create" => Right::Create,
        "delete" => Right::Delete,
        _ => Right::Read,
    };
    let (doctype, name) = (incoming.text("doctype"), incoming.text("docname"));
    let may = resource::may(shared, user, (&doctype, &name), right).await?;
    Ok(json!({ "has_permission": may }))
}

/// A `ToDo` for each user who has none yet, and `_assign` of the document.
async fn assign(shared: &Shared, user: &str, incoming: &Incoming) -> Result<Value, Refusal> {
    let (doctype, name) = (incoming.text("doctype"), incoming.text("name"));
    if !resource::may(shared, user, (&doctype, &name), Right::Write).await? {
        return Err(Refusal::permission("Not permitted"));
    }
    let place = format!(
        "reference_type = {} AND reference_name = {} AND status = 'Open'",
        sql_text(&doctype),
        sql_text(&name)
    );
    for one in incoming.list("assign_to") {
        let one = one.as_str().unwrap_or_default().to_owned();
        let sql = format!("SELECT name FROM tabToDo WHERE {place} AND allocated_to = {}", sql_text(&one));
        if shared.value(&sql).await?.is_empty() {
            let mut todo = Map::new();
            for (field, value) in [
                ("allocated_to", one.as_str()),
                ("reference_type", &doctype),
                ("reference_name", &name),
                ("assigned_by", user),
                ("description", &format!("Assignment for {doctype} {name}")),
            ] {
                todo.insert(field.to_owned(), json!(value));
            }
            resource::insert(shared, user, "ToDo", &todo).await?;
        }
    }
    let sql = format!("SELECT allocated_to FROM tabToDo WHERE {place} ORDER BY creation");
    let assigned: Vec<String> = shared.site.query(&sql).await?.into_iter().flatten().flatten().collect();
    let mut values = Map::new();
    values.insert("_assign".to_owned(), json!(json!(assigned).to_string()));
    write::update_row(shared, &doctype, &name, &values).await?;
    Ok(assigned.into_iter().map(|user| json!({ "owner": user })).collect())
}
