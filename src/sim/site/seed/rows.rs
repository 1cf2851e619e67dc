//! Collects rows and writes them as few INSERT statements.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::super::tables::{self, Table};
use super::super::{FrappeMajor, SiteError};
use crate::sim::mariadb::sql_text;

/// When everything on a fresh site was made, in the site's own time.
const MADE_AT: &str = "2026-01-05 08:00:00.000000";

/// Rows by table and column list, in the order in which they were added.
pub(super) struct Rows {
    major: FrappeMajor,
    tables: &'static [Table],
    groups: Vec<Group>,
    /// Rows named by a hash so far.
    hashes: u32,
    /// Rows so far of each (child table, parent, field), for `idx`.
    children: BTreeMap<(String, String, String), u32>,
    mistakes: Vec<String>,
}

struct Group {
    table: String,
    columns: Vec<String>,
    values: Vec<String>,
}

impl Rows {
    pub(super) fn new(major: FrappeMajor) -> Result<Self, SiteError> {
        Ok(Self {
            major,
            tables: tables::all()?,
            groups: Vec::new(),
            hashes: 0,
            children: BTreeMap::new(),
            mistakes: Vec::new(),
        })
    }

    pub(super) fn major(&self) -> FrappeMajor {
        self.major
    }

    pub(super) fn tables(&self) -> &'static [Table] {
        self.tables
    }

    /// A document with a name.
    pub(super) fn named(&mut self, doctype: &str, name: &str, values: &[(&str, &str)]) {
        self.document(doctype, name, &[], values);
    }

    /// A document named by ten letters, as Frappe names what has no other name.
    pub(super) fn hashed(&mut self, doctype: &str, values: &[(&str, &str)]) {
        let name = self.hash();
        self.document(doctype, &name, &[], values);
    }

    /// A child row of (parent DocType, parent, field); `idx` counts by itself.
    pub(super) fn child(&mut self, doctype: &str, (parent_type, parent, field): (&str, &str, &str), values: &[(&str, &str)]) {
        let name = self.hash();
        let count = self
            .children
            .entry((doctype.to_owned(), parent.to_owned(), field.to_owned()))
            .or_default();
        *count += 1;
        let idx = count.to_string();
        let place = [
            ("parent", parent),
            ("parenttype", parent_type),
            ("parentfield", field),
            ("idx", &idx),
        ];
        self.document(doctype, &name, &place, values);
    }

    /// Fields of a Single, with the bookkeeping rows that Frappe writes beside them.
    pub(super) fn single(&mut self, doctype: &str, values: &[(&str, &str)]) {
        let bookkeeping = [
            ("name", doctype),
            ("owner", "Administrator"),
            ("modified_by", "Administrator"),
            ("creation", MADE_AT),
            ("modified", MADE_AT),
            ("docstatus", "0"),
            ("idx", "0"),
        ];
        for (field, value) in bookkeeping.iter().chain(values) {
            self.bare("tabSingles", &[("doctype", doctype), ("field", field), ("value", value)]);
        }
    }

    /// A row of a table without standard columns.
    pub(super) fn bare(&mut self, table: &str, values: &[(&str, &str)]) {
        let literals = values
            .iter()
            .map(|(column, value)| ((*column).to_owned(), sql_text(value)))
            .collect();
        self.insert(table.to_owned(), literals);
    }

    /// All rows as statements.
    pub(super) fn sql(self) -> Result<String, SiteError> {
        if let Some(mistake) = self.mistakes.first() {
            return Err(SiteError::Row(mistake.clone()));
        }
        let mut sql = String::new();
        for group in &self.groups {
            // Writing to a String cannot fail.
            let _ = writeln!(
                sql,
                "INSERT INTO `{}` (`{}`) VALUES\n{};",
                group.table,
                group.columns.join("`, `"),
                group.values.join(",\n")
            );
        }
        Ok(sql)
    }

    /// Ten letters of Frappe's alphabet; the same site always gets the same ones.
    fn hash(&mut self) -> String {
        self.hashes += 1;
        format!("seed{:06x}", self.hashes)
    }

    fn document(&mut self, doctype: &str, name: &str, place: &[(&str, &str)], values: &[(&str, &str)]) {
        let Some(table) = self.tables.iter().find(|table| table.name == doctype) else {
            self.mistakes
                .push(format!("a seed row is of `{doctype}`, which has no table"));
            return;
        };
        let present = table.columns_of(self.major);
        let standard = [
            ("name", name),
            ("owner", "Administrator"),
            ("modified_by", "Administrator"),
            ("creation", MADE_AT),
            ("modified", MADE_AT),
        ];
        let mut literals: Vec<(String, String)> = standard
            .iter()
            .chain(place)
            .map(|(column, value)| ((*column).to_owned(), sql_text(value)))
            .collect();
        for (column, value) in values {
            if present.iter().any(|known| known.name == *column) {
                // Frappe keeps an empty field as NULL.
                let literal = if value.is_empty() {
                    "NULL".to_owned()
                } else {
                    sql_text(value)
                };
                literals.push(((*column).to_owned(), literal));
            } else if !table.knows(column) {
                // A column of another version is passed over; one of no version is a slip of the pen.
                self.mistakes
                    .push(format!("`{doctype}` has no column `{column}` in any version"));
            }
        }
        self.insert(table.sql_name(), literals);
    }

    fn insert(&mut self, table: String, literals: Vec<(String, String)>) {
        let (columns, values): (Vec<String>, Vec<String>) = literals.into_iter().unzip();
        let row = format!("({})", values.join(", "));
        match self
            .groups
            .iter_mut()
            .find(|group| group.table == table && group.columns == columns)
        {
            Some(group) => group.values.push(row),
            None => self.groups.push(Group {
                table,
                columns,
                values: vec![row],
            }),
        }
    }
}
