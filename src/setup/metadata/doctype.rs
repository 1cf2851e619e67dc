//! Rows of one DocType: itself, its fields, permissions, connections and states.

use crate::setup::blueprint::DocType;
use crate::setup::rows::{Cell, Parent, WantedRow, WhenRemoved};

use super::{Context, cells, cells_of};

/// Rights that a permission row names. SQL's own defaults are 1 for many, so that each is written (`frappe-internals.md` 3.6).
const RIGHTS: [&str; 17] = [
    "select",
    "read",
    "write",
    "create",
    "delete",
    "submit",
    "cancel",
    "amend",
    "report",
    "export",
    "import",
    "share",
    "print",
    "email",
    "if_owner",
    "permlevel",
    "set_user_permissions",
];
/// Rights of somebody who may do everything that can be done with our DocTypes.
const EVERYTHING: [&str; 9] = [
    "read", "write", "create", "delete", "report", "export", "share", "print", "email",
];
/// Everybody who has the desk. Frappe has this role from 15 on: on 14 nobody can be given anything by it.
const DESK_USER: &str = "Desk User";
/// Who must never be locked out (design D2).
const SYSTEM_MANAGER: &str = "System Manager";

/// All rows of a DocType.
pub(super) fn rows(context: &Context<'_>, doctype: &DocType) -> Vec<WantedRow> {
    let parent = |field| Parent {
        name: doctype.name.clone(),
        doctype: "DocType",
        field,
    };
    let mut rows = vec![WantedRow::document(
        "tabDocType",
        &doctype.name,
        cells_of(&doctype.properties),
    )];
    for (field, idx) in doctype.fields.iter().zip(1..) {
        let values = cells_of(&field.properties);
        rows.push(WantedRow::child("tabDocField", parent("fields"), &["fieldname"], values, idx));
    }
    // Without them every reader of a parent lists the child rows of all of them, and a save of the DocType in the desk drops them.
    let when_removed = if doctype.is_table {
        WhenRemoved::Restore
    } else {
        WhenRemoved::Respect
    };
    let has_desk_user = context.facts.roles.contains(DESK_USER);
    let permissions = doctype.permissions.iter().filter(|permission| {
        let role = permission.get("role").and_then(serde_json::Value::as_str);
        has_desk_user || role != Some(DESK_USER)
    });
    for (permission, idx) in permissions.zip(1..) {
        let mut values = cells(RIGHTS.map(|right| (right, Cell::Int(0))));
        values.extend(cells_of(permission));
        let identity = &["role", "permlevel", "if_owner"];
        let row = WantedRow::child("tabDocPerm", parent("permissions"), identity, values, idx);
        rows.push(row.when_removed(when_removed));
    }
    for (link, idx) in doctype.links.iter().zip(1..) {
        let mut values = cells_of(link);
        // Frappe reads rows with custom = 1 once more, beside the DocType's own.
        values.insert("custom".to_owned(), Cell::Int(0));
        let identity = &["link_doctype", "link_fieldname"];
        let row = WantedRow::child("tabDocType Link", parent("links"), identity, values, idx);
        rows.push(row.when_removed(WhenRemoved::Respect));
    }
    for (state, idx) in doctype.states.iter().zip(1..) {
        let row = WantedRow::child("tabDocType State", parent("states"), &["title"], cells_of(state), idx);
        rows.push(row.when_removed(WhenRemoved::Respect));
    }
    rows
}

/// One Custom DocPerm makes Frappe ignore all permissions of a DocType: where an administrator has one for ours, System
/// Manager is added there, so that nobody is locked out.
pub(super) fn rows_beside_custom_permissions(context: &Context<'_>) -> Vec<WantedRow> {
    let ours = context.blueprint.doctypes.iter().filter(|doctype| !doctype.is_table);
    ours.filter(|doctype| {
        let roles = context.facts.custom_permissions.get(&doctype.name);
        roles.is_some_and(|roles| !roles.iter().any(|role| role == SYSTEM_MANAGER))
    })
    .map(|doctype| {
        let mut values = cells(RIGHTS.map(|right| (right, Cell::Int(0))));
        values.extend(cells(EVERYTHING.map(|right| (right, Cell::Int(1)))));
        values.insert("parent".to_owned(), doctype.name.as_str().into());
        values.insert("role".to_owned(), SYSTEM_MANAGER.into());
        WantedRow::document("tabCustom DocPerm", &format!("{}-{SYSTEM_MANAGER}", doctype.name), values)
    })
    .collect()
}
