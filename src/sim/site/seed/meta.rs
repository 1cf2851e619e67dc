//! The site's description of itself: modules, DocTypes, their fields and permissions.

use std::collections::BTreeSet;

use super::super::tables::{Column, Flag, Kind, Link, Table};
use super::rows::Rows;

/// Modules that belong to ERPNext; the others are Frappe's.
const ERPNEXT_MODULES: [&str; 4] = ["Projects", "Support", "Setup", "Accounts"];

/// Singles that are spoken of: name and module.
const SINGLES: [(&str, &str); 4] = [
    ("System Settings", "Core"),
    ("Installed Applications", "Core"),
    ("Log Settings", "Core"),
    ("Global Defaults", "Setup"),
];

/// Standard permissions: DocType, role, level, rights. What is not named is not given.
const PERMISSIONS: [(&str, &str, &str, &str); 9] = [
    (
        "Project",
        "Projects User",
        "0",
        "read write create delete report share print email",
    ),
    ("Project", "Desk User", "1", "read report"),
    (
        "Project",
        "Projects Manager",
        "0",
        "read write create delete report export share print email",
    ),
    ("Project", "Employee", "0", "select report export share print email"),
    (
        "Task",
        "Projects User",
        "0",
        "read write create delete report share print email",
    ),
    (
        "Issue",
        "Support Team",
        "0",
        "read write create delete report share print email",
    ),
    ("ToDo", "All", "0", "read write create delete report share print email"),
    (
        "User",
        "System Manager",
        "0",
        "read write create delete report export import share print email",
    ),
    ("User", "Desk User", "0", "select"),
];

/// Rights of a DocPerm row; SQL's defaults of many are 1, so that each is written.
const RIGHTS: [&str; 15] = [
    "select", "read", "write", "create", "delete", "submit", "cancel", "amend", "report", "export", "import", "share", "print",
    "email", "if_owner",
];

pub(super) fn add(rows: &mut Rows) {
    let tables = rows.tables();
    let mut modules: BTreeSet<&str> = SINGLES.iter().map(|(_, module)| *module).collect();
    modules.extend(tables.iter().filter_map(|table| table.module.as_deref()));
    for module in modules {
        let app = if ERPNEXT_MODULES.contains(&module) {
            "erpnext"
        } else {
            "frappe"
        };
        rows.named(
            "Module Def",
            module,
            &[("module_name", module), ("app_name", app), ("custom", "0")],
        );
    }
    for (name, module) in SINGLES {
        rows.named(
            "DocType",
            name,
            &[("module", module), ("issingle", "1"), ("allow_rename", "0")],
        );
    }
    for table in tables {
        if let Some(module) = &table.module {
            doctype(rows, table, module);
        }
    }
    for (doctype, role, level, rights) in PERMISSIONS {
        let rights: Vec<&str> = rights.split(' ').collect();
        let mut values = vec![("role", role), ("permlevel", level)];
        values.extend(RIGHTS.map(|right| (right, if rights.contains(&right) { "1" } else { "0" })));
        rows.child("DocPerm", ("DocType", doctype, "permissions"), &values);
    }
}

fn doctype(rows: &mut Rows, table: &Table, module: &str) {
    let flag = |on| if on { "1" } else { "0" };
    let mut values = vec![
        ("module", module),
        ("custom", "0"),
        ("issingle", "0"),
        ("istable", flag(table.is(Flag::Child) && table.name != "File")),
        ("engine", if table.is(Flag::MyIsam) { "MyISAM" } else { "InnoDB" }),
    ];
    values.extend(table.doctype.iter().map(|(key, value)| (key.as_str(), value.as_str())));
    rows.named("DocType", &table.name, &values);
    for column in &table.columns_of(rows.major()) {
        if column.link.is_some() || table.is(Flag::Fields) {
            field(rows, &table.name, column);
        }
    }
    for (name, child) in &table.child_tables {
        add_field(rows, &table.name, name, ("Table", child), "0");
    }
}

/// A DocField row. Its type is what the column and the link tell; Frappe's own may be a narrower one (Select for Data, ...).
fn field(rows: &mut Rows, doctype: &str, column: &Column) {
    let (kind, ignores) = match &column.link {
        Some(Link::To {
            doctype,
            ignores_user_permissions,
        }) => (("Link", doctype.as_str()), *ignores_user_permissions),
        Some(Link::Dynamic {
            field,
            ignores_user_permissions,
        }) => (("Dynamic Link", field.as_str()), *ignores_user_permissions),
        None => ((field_type(column.kind), ""), false),
    };
    add_field(rows, doctype, &column.name, kind, if ignores { "1" } else { "0" });
}

fn add_field(rows: &mut Rows, doctype: &str, name: &str, (kind, options): (&str, &str), ignores: &str) {
    rows.child(
        "DocField",
        ("DocType", doctype, "fields"),
        &[
            ("fieldname", name),
            ("label", &label(name)),
            ("fieldtype", kind),
            ("options", options),
            ("ignore_user_permissions", ignores),
        ],
    );
}

fn field_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Varchar(_) => "Data",
        Kind::Text => "Small Text",
        Kind::Long => "Text Editor",
        Kind::Json => "JSON",
        Kind::Check => "Check",
        Kind::Int(_) | Kind::Big => "Int",
        Kind::Decimal => "Float",
        Kind::Date => "Date",
        Kind::Time => "Time",
        Kind::Datetime => "Datetime",
    }
}

/// `expected_start_date` becomes "Expected Start Date".
fn label(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect::<String>())
                .unwrap_or_default()
        })
        .collect::<Vec<_>>()
        .join(" ")
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn labels_are_words() {
        assert_eq!(label("expected_start_date"), "Expected Start Date");
        assert_eq!(label("_seen"), "Seen");
    }
}
