//! What `hooks/` says that ERPNext must know about us.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::doctype::{DocField, Properties};

/// A field of ours on a DocType of others.
#[derive(Debug, Clone)]
pub(crate) struct CustomField {
    /// The DocType that gets it.
    pub(crate) doctype: String,
    /// The field.
    pub(crate) field: DocField,
}

impl CustomField {
    /// Name of its row, as Frappe forms it.
    pub(crate) fn name(&self) -> String {
        format!("{}-{}", self.doctype, self.field.fieldname)
    }

    /// The table that gets the column.
    pub(crate) fn table(&self) -> String {
        format!("tab{}", self.doctype)
    }
}

/// The fields of `custom_fields.json`: lists by DocType, as Frappe's own `create_custom_fields` takes them.
pub(super) fn custom_fields(lists: BTreeMap<String, Vec<Properties>>) -> Result<Vec<CustomField>, String> {
    let mut fields = Vec::new();
    for (doctype, list) in lists {
        for properties in list {
            fields.push(CustomField {
                doctype: doctype.clone(),
                field: DocField::new(properties)?,
            });
        }
    }
    Ok(fields)
}

/// A connection of ours on a DocType of others.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct DashboardLink {
    /// The DocType whose form shows it.
    pub(crate) parent: String,
    /// Heading.
    pub(crate) group: String,
    /// The DocType that is counted.
    pub(crate) link_doctype: String,
    /// Its field that holds the parent's name.
    pub(crate) link_fieldname: String,
}

/// A save in the desk that we are told of.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct DocEvent {
    /// DocType that is saved.
    pub(crate) doctype: String,
    /// Frappe's name of the event.
    pub(crate) event: String,
}

/// `storage.json`: what DocType JSON cannot express.
#[derive(Debug, Deserialize)]
pub(super) struct Storage {
    pub(super) columns: Vec<HiddenColumn>,
    pub(super) indexes: Vec<StorageIndex>,
}

/// A column that no form shows; its name begins with `_`, so that Frappe leaves it alone.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct HiddenColumn {
    /// One of our DocTypes.
    pub(crate) doctype: String,
    /// Column.
    pub(crate) column: String,
    /// Type with its constraints, as MariaDB prints it.
    #[serde(rename = "type")]
    pub(crate) sql_type: String,
}

/// An index over several columns; Frappe's schema sync leaves such ones alone.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct StorageIndex {
    /// The DocType whose table gets it.
    pub(crate) doctype: String,
    /// Its name.
    pub(crate) name: String,
    /// Its columns in order.
    pub(crate) columns: Vec<String>,
    /// 1 for a unique one.
    pub(crate) unique: u8,
}
