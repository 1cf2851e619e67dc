//! The rows that make our DocTypes, fields, roles and connections known to Frappe.

mod client_scripts;
mod doctype;
mod doctype_fields;
mod hooks;
mod order;
mod reports;
mod user;
mod workspace;

use std::collections::BTreeMap;

use super::blueprint::Blueprint;
use super::facts::Facts;
use super::ledger::Ledger;
use super::options::SetupOptions;
use super::rows::{Cell, WantedRow};

pub(crate) use doctype_fields::arrange;
pub use hooks::webhook_name;
pub use user::integration_user;
pub(crate) use workspace::leave_to_others;

/// What the wanted rows depend on besides the files.
pub(crate) struct Context<'a> {
    /// The files.
    pub(crate) blueprint: &'a Blueprint,
    /// Site folder.
    pub(crate) site: &'a str,
    /// What the operator said.
    pub(crate) options: &'a SetupOptions,
    /// What was made before.
    pub(crate) ledger: &'a Ledger,
    /// What there is.
    pub(crate) facts: &'a Facts,
}

/// All rows that a site is to have.
pub(crate) fn wanted(context: &Context<'_>) -> Vec<WantedRow> {
    let mut rows = hooks::module_and_roles(context);
    for doctype in &context.blueprint.doctypes {
        rows.extend(doctype::rows(context, doctype));
    }
    rows.extend(doctype::rows_beside_custom_permissions(context));
    rows.extend(hooks::custom_fields(context));
    rows.extend(hooks::dashboard_links(context));
    rows.extend(hooks::workflow_states(context));
    rows.extend(hooks::webhooks(context));
    rows.extend(client_scripts::rows(context));
    rows.extend(reports::rows(context));
    rows.extend(workspace::rows(context));
    rows.extend(user::rows(context));
    rows
}

/// The columns of a row from pairs.
fn cells<const N: usize>(pairs: [(&str, Cell); N]) -> BTreeMap<String, Cell> {
    pairs.into_iter().map(|(column, cell)| (column.to_owned(), cell)).collect()
}

/// The columns of a row from the properties of a file.
fn cells_of(properties: &serde_json::Map<String, serde_json::Value>) -> BTreeMap<String, Cell> {
    properties
        .iter()
        .filter_map(|(column, value)| Some((column.clone(), Cell::of_json(value)?)))
        .collect()
}
