//! The tables of the small site: descriptions as text, read into [`Table`]s, and made into DDL.

mod ddl;
mod model;
mod parse;

use std::sync::OnceLock;

pub(super) use model::{Column, Flag, Kind, Link, Table};

use super::{FrappeMajor, SiteError};

const FILES: [(&str, &str); 6] = [
    ("meta.txt", include_str!("meta.txt")),
    ("desk.txt", include_str!("desk.txt")),
    ("people.txt", include_str!("people.txt")),
    ("system.txt", include_str!("system.txt")),
    ("trail.txt", include_str!("trail.txt")),
    ("erpnext.txt", include_str!("erpnext.txt")),
];

/// All tables, read once.
pub(super) fn all() -> Result<&'static [Table], SiteError> {
    static TABLES: OnceLock<Result<Vec<Table>, String>> = OnceLock::new();
    TABLES
        .get_or_init(|| {
            let mut tables = Vec::new();
            for (file, text) in FILES {
                tables.extend(parse::tables(text).map_err(|error| format!("{file}: {error}"))?);
            }
            Ok(tables)
        })
        .as_deref()
        .map_err(|error| SiteError::Tables(error.clone()))
}

/// Names of the tables of a small site, as the database has them (`tabProject`, `__Auth`).
///
/// # Errors
/// When a description cannot be understood.
pub fn table_names() -> Result<Vec<String>, SiteError> {
    Ok(all()?.iter().map(Table::sql_name).collect())
}

/// Statements that make all tables and sequences of a version.
pub(super) fn create_sql(major: FrappeMajor) -> Result<String, SiteError> {
    Ok(all()?.iter().map(|table| ddl::create_table(table, major)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_description_is_understood_and_links_point_at_tables() {
        let tables = all().expect("descriptions");
        assert!(tables.len() > 60, "{}", tables.len());
        for table in tables {
            for column in &table.columns {
                match &column.link {
                    Some(Link::To { doctype, .. }) => {
                        assert!(tables.iter().any(|other| other.name == *doctype), "{}: {doctype}", table.name);
                    }
                    Some(Link::Dynamic { field, .. }) => {
                        assert!(
                            table.columns.iter().any(|other| other.name == *field),
                            "{}: {field}",
                            table.name
                        );
                    }
                    None => {}
                }
            }
            for (field, child) in &table.child_tables {
                assert!(
                    tables.iter().any(|other| other.name == *child),
                    "{}.{field}: {child}",
                    table.name
                );
            }
        }
    }

    #[test]
    fn no_table_is_described_twice() {
        let mut names = table_names().expect("descriptions");
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
