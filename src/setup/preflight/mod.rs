//! Looked at before anything is changed: may we, can we, and would it fit.

mod grants;

use std::collections::BTreeMap;

use serde::Serialize;

use super::blueprint::{Blueprint, MODULE};
use super::facts::Facts;
use super::ledger::{Kind, Ledger};
use super::schema::row_size::{PAGE_LIMIT, RowSize, SERVER_LIMIT};
use super::schema::{Catalog, ColumnDef, Dialect};

/// The Python app that this program takes the place of.
const PYTHON_APP: &str = "erpnext_github_integration";
/// Oldest MariaDB: the floor of Frappe 14, and the first that adds columns without rebuilding the table.
const OLDEST_MARIADB: (u32, u32) = (10, 3);

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// What.
    pub what: String,
    /// Whether it is as it must be.
    pub ok: bool,
    /// What was found; where it is not as it must be, a sentence that says what to do.
    pub found: String,
}

/// What the checks look at.
pub(crate) struct Ground<'a> {
    pub(crate) blueprint: &'a Blueprint,
    pub(crate) catalog: &'a Catalog,
    pub(crate) ledger: &'a Ledger,
    pub(crate) facts: &'a Facts,
    pub(crate) dialect: Dialect,
    pub(crate) database: &'a str,
}

/// All checks, in the order in which a reader wants them.
pub(crate) fn checks(ground: &Ground<'_>) -> Vec<Check> {
    let mut checks = vec![
        server(&ground.facts.server),
        python_app(&ground.facts.installed_apps),
        erpnext(ground.catalog),
        grants::check(&ground.facts.grants, ground.database),
        names(ground),
        leftover_tables(ground),
        foreign_fields(ground),
    ];
    checks.extend(row_sizes(ground));
    checks
}

fn check(what: &str, complaint: Option<String>, found: &str) -> Check {
    Check {
        what: what.to_owned(),
        ok: complaint.is_none(),
        found: complaint.unwrap_or_else(|| found.to_owned()),
    }
}

fn server(version: &str) -> Check {
    let mut numbers = version.split(['.', '-']).map_while(|part| part.parse::<u32>().ok());
    let number = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    let complaint = if !version.contains("MariaDB") {
        Some(format!(
            "the database server is {version}, which is no MariaDB: only MariaDB is supported"
        ))
    } else if number < OLDEST_MARIADB {
        Some(format!("MariaDB {version} is too old: 10.3 or later is needed"))
    } else {
        None
    };
    check("database server", complaint, version)
}

fn python_app(apps: &[String]) -> Check {
    let complaint = apps.iter().any(|app| app == PYTHON_APP).then(|| {
        format!("the Python app {PYTHON_APP} is installed and owns the same DocTypes: uninstall it first (bench --site SITE uninstall-app {PYTHON_APP})")
    });
    check("the Python app", complaint, "not installed")
}

fn erpnext(catalog: &Catalog) -> Check {
    let missing: Vec<&str> = ["tabProject", "tabTask"]
        .into_iter()
        .filter(|table| !catalog.has_table(table))
        .collect();
    let complaint = (!missing.is_empty()).then(|| {
        format!(
            "ERPNext is not installed ({} is missing): install it on this site first",
            missing.join(" and ")
        )
    });
    check("ERPNext", complaint, "installed")
}

/// DocTypes and a module of our names that are not ours.
fn names(ground: &Ground<'_>) -> Check {
    let (facts, ledger) = (ground.facts, ground.ledger);
    let foreign: Vec<String> = facts
        .doctypes
        .iter()
        .filter(|(name, _)| !ledger.has(Kind::Row, "tabDocType", name))
        .map(|(name, module)| format!("{name} (of module {module})"))
        .collect();
    let complaint = if !foreign.is_empty() {
        Some(format!(
            "there are DocTypes of our names that we did not make: {}; rename or delete them, or uninstall the app that they belong to",
            foreign.join(", ")
        ))
    } else if facts.module_is_custom == Some(false) {
        Some(format!(
            "the module {MODULE} belongs to an app: rename it, or uninstall that app"
        ))
    } else {
        None
    };
    check("names", complaint, "free, or ours")
}

/// Tables that a deleted DocType of somebody else left behind.
fn leftover_tables(ground: &Ground<'_>) -> Check {
    let ours = ground.blueprint.doctypes.iter();
    let foreign: Vec<String> = ours
        .filter(|doctype| !ground.facts.doctypes.contains_key(&doctype.name))
        .filter_map(super::blueprint::DocType::table)
        .filter(|table| ground.catalog.has_table(table) && !ground.ledger.has(Kind::Table, table, ""))
        .collect();
    let complaint = (!foreign.is_empty()).then(|| {
        format!(
            "there are tables of our names that we did not make: {}; rename them if they are needed, else drop them",
            foreign.join(", ")
        )
    });
    check("tables", complaint, "free, or ours")
}

/// Fields and columns of others that have our names but another kind.
fn foreign_fields(ground: &Ground<'_>) -> Check {
    let mut wrong = Vec::new();
    for custom in &ground.blueprint.custom_fields {
        let (doctype, field) = (&custom.doctype, &custom.field);
        let key = (doctype.clone(), field.fieldname.clone());
        if let Some((fieldtype, _)) = ground
            .facts
            .fields
            .get(&key)
            .filter(|(fieldtype, _)| *fieldtype != field.fieldtype)
        {
            wrong.push(format!(
                "{doctype}.{} is a {fieldtype}, not a {}",
                field.fieldname, field.fieldtype
            ));
            continue;
        }
        let wanted = ColumnDef::of(field, ground.dialect);
        let there = ground.catalog.column(&custom.table(), &field.fieldname);
        if let (Some(wanted), Some(there)) = (wanted, there)
            && !is_alike(&wanted.sql_type, &there.sql_type)
        {
            let column = format!("column {}.{}", custom.table(), field.fieldname);
            wrong.push(format!("{column} is {}, not {}", there.sql_type, wanted.sql_type));
        }
    }
    let complaint = (!wrong.is_empty()).then(|| {
        format!(
            "there are fields of our names of another kind: {}; rename or delete them",
            wrong.join("; ")
        )
    });
    check("fields", complaint, "free, or as we need them")
}

/// Types that hold the same, whatever their width.
fn is_alike(wanted: &str, there: &str) -> bool {
    let family = |sql_type: &str| match sql_type.split(['(', ' ']).next().unwrap_or_default() {
        "int" | "bigint" | "tinyint" | "smallint" => "number".to_owned(),
        other => other.to_owned(),
    };
    family(wanted) == family(there)
}

/// One check for every table of others that gets columns.
fn row_sizes(ground: &Ground<'_>) -> Vec<Check> {
    let mut more: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for custom in &ground.blueprint.custom_fields {
        if let Some(column) = ColumnDef::of(&custom.field, ground.dialect) {
            let types = more.entry(custom.table()).or_default();
            if !ground.catalog.has_column(&custom.table(), &custom.field.fieldname) {
                types.push(column.sql_type);
            }
        }
    }
    let sizes = more.into_iter().filter_map(|(table, types)| {
        let there = ground.catalog.table(&table)?;
        let size = RowSize::with(there, types.iter().map(String::as_str));
        let said = format!("{} of {SERVER_LIMIT} bytes, {} of {PAGE_LIMIT} in a page", size.server, size.page);
        let complaint = (!size.fits()).then(|| {
            format!("{table} has no room for {} more columns ({said}): turn long Data fields of it into Small Text, or remove custom fields", types.len())
        });
        Some(check(&format!("row size of {table}"), complaint, &said))
    });
    sizes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_told_apart() {
        assert!(server("10.11.19-MariaDB-0+deb12u1").ok);
        assert!(server("10.3.39-MariaDB").ok);
        assert!(!server("10.2.44-MariaDB").ok);
        assert!(!server("8.0.36").ok);
    }

    #[test]
    fn widths_do_not_matter_but_kinds_do() {
        assert!(is_alike("varchar(140)", "varchar(255)") && is_alike("int(11)", "bigint(20)"));
        assert!(!is_alike("int(11)", "varchar(140)"));
    }
}
