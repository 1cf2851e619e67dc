//! What a table description says.

use super::super::FrappeMajor;

/// One table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sim::site) struct Table {
    /// Name of the DocType, or of the table where it is `bare`.
    pub(in crate::sim::site) name: String,
    /// Module, for its row in `tabDocType`.
    pub(in crate::sim::site) module: Option<String>,
    pub(in crate::sim::site) flags: Vec<Flag>,
    /// Version 15's data columns.
    pub(in crate::sim::site) columns: Vec<Column>,
    pub(in crate::sim::site) keys: Vec<Key>,
    /// Columns of the row in `tabDocType` with their values.
    pub(in crate::sim::site) doctype: Vec<(String, String)>,
    /// Table fields: name and child DocType.
    pub(in crate::sim::site) child_tables: Vec<(String, String)>,
    pub(in crate::sim::site) changes: Vec<(FrappeMajor, Change)>,
}

/// A property of a table; the words are explained in `README.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim::site) enum Flag {
    Bare,
    Child,
    Compressed,
    Fields,
    MyIsam,
    Optional,
    Sequence14,
    Wide,
}

/// One data column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sim::site) struct Column {
    pub(in crate::sim::site) name: String,
    pub(in crate::sim::site) kind: Kind,
    pub(in crate::sim::site) nullable: bool,
    pub(in crate::sim::site) default: Option<String>,
    pub(in crate::sim::site) link: Option<Link>,
}

/// Type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim::site) enum Kind {
    Varchar(u16),
    Text,
    Long,
    Json,
    Check,
    Int(u8),
    Big,
    Decimal,
    Date,
    Time,
    Datetime,
}

impl Kind {
    /// Numbers are NOT NULL with a default unless a description says otherwise.
    pub(in crate::sim::site) fn is_number(self) -> bool {
        matches!(self, Self::Check | Self::Int(_) | Self::Big | Self::Decimal)
    }
}

/// What a Link field refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sim::site) enum Link {
    To {
        doctype: String,
        ignores_user_permissions: bool,
    },
    Dynamic {
        field: String,
        ignores_user_permissions: bool,
    },
}

/// An index, or one that is not there although the rules say so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sim::site) struct Key {
    pub(in crate::sim::site) name: String,
    pub(in crate::sim::site) kind: KeyKind,
    /// Columns, with their prefix length where there is one: `file_url(100)`.
    pub(in crate::sim::site) columns: Vec<String>,
}

/// Kind of index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim::site) enum KeyKind {
    Primary,
    Unique,
    Fulltext,
    Plain,
    Absent,
}

/// What is different in another version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sim::site) enum Change {
    Add(Column),
    Remove(String),
    Replace(Column),
}

impl Table {
    /// Name in the database.
    pub(in crate::sim::site) fn sql_name(&self) -> String {
        if self.is(Flag::Bare) {
            self.name.clone()
        } else {
            format!("tab{}", self.name)
        }
    }

    pub(in crate::sim::site) fn is(&self, flag: Flag) -> bool {
        self.flags.contains(&flag)
    }

    /// True where this version names the rows by a sequence.
    pub(in crate::sim::site) fn has_sequence(&self, major: FrappeMajor) -> bool {
        major == FrappeMajor::V14 && self.is(Flag::Sequence14)
    }

    /// Name of that sequence.
    pub(in crate::sim::site) fn sequence(&self) -> String {
        format!("{}_id_seq", self.name.to_lowercase().replace(' ', "_"))
    }

    /// The data columns of a version.
    pub(in crate::sim::site) fn columns_of(&self, major: FrappeMajor) -> Vec<Column> {
        let mut columns = self.columns.clone();
        for (_, change) in self.changes.iter().filter(|(of, _)| *of == major) {
            match change {
                Change::Add(column) => columns.push(column.clone()),
                Change::Remove(name) => columns.retain(|column| column.name != *name),
                Change::Replace(new) => {
                    for column in columns.iter_mut().filter(|column| column.name == new.name) {
                        let link = column.link.take();
                        *column = Column { link, ..new.clone() };
                    }
                }
            }
        }
        columns
    }

    /// True where any version has such a data column.
    pub(in crate::sim::site) fn knows(&self, column: &str) -> bool {
        FrappeMajor::ALL
            .iter()
            .any(|major| self.columns_of(*major).iter().any(|known| known.name == column))
    }
}
