//! A DocType as its JSON file describes it.

use serde_json::{Map, Value};

use super::MODULE;

/// Properties of a row, by column, as the file has them.
pub(crate) type Properties = Map<String, Value>;

/// Keys of a DocType file that are no columns of `tabDocType`, or that are set by setup itself.
const NOT_COLUMNS: [&str; 14] = [
    "actions",
    "creation",
    "docstatus",
    "doctype",
    "field_order",
    "fields",
    "idx",
    "links",
    "modified",
    "modified_by",
    "name",
    "owner",
    "permissions",
    "states",
];

/// Field types that have no column (`frappe/database/mariadb/database.py`: absent from the type map).
const NO_COLUMN: [&str; 11] = [
    "Section Break",
    "Column Break",
    "Tab Break",
    "HTML",
    "Button",
    "Heading",
    "Image",
    "Fold",
    "Table",
    "Table MultiSelect",
    "",
];

/// One DocType.
#[derive(Debug, Clone)]
pub struct DocType {
    /// Its name.
    pub name: String,
    /// Rows of it live in a table of another DocType's form.
    pub is_table: bool,
    /// It has one document, kept in `tabSingles`.
    pub is_single: bool,
    /// Field that lists are sorted by.
    pub sort_field: String,
    /// Its fields in order.
    pub fields: Vec<DocField>,
    /// Rows of `tabDocPerm`.
    pub(crate) permissions: Vec<Properties>,
    /// Rows of `tabDocType Link`.
    pub(crate) links: Vec<Properties>,
    /// Rows of `tabDocType State`.
    pub(crate) states: Vec<Properties>,
    /// The columns of its row in `tabDocType`.
    pub(crate) properties: Properties,
}

/// One field of a DocType.
#[derive(Debug, Clone)]
pub struct DocField {
    /// Its name, which is also the column's.
    pub fieldname: String,
    /// Frappe's word for its kind.
    pub fieldtype: String,
    /// Length, 0 where the type's own is used.
    pub length: u32,
    /// Default as text, if any.
    pub default: Option<String>,
    /// Wants an index.
    pub search_index: bool,
    /// Wants a unique index.
    pub unique: bool,
    /// Is never stored.
    pub is_virtual: bool,
    /// The columns of its row in `tabDocField` or `tabCustom Field`.
    pub(crate) properties: Properties,
}

impl DocType {
    /// Reads a file's text; the error is a sentence without the file's name.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut all: Properties = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let name = text_of(&all, "name").to_owned();
        let fields: Vec<DocField> = list(&all, "fields")?
            .into_iter()
            .map(DocField::new)
            .collect::<Result<_, String>>()?;
        let order: Vec<&str> = all
            .get("field_order")
            .and_then(Value::as_array)
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        if !order.iter().eq(fields.iter().map(|field| &field.fieldname)) {
            return Err("`field_order` and `fields` do not say the same".to_owned());
        }
        if text_of(&all, "doctype") != "DocType" || text_of(&all, "module") != MODULE || !flag(&all, "custom") || name.is_empty()
        {
            return Err(format!("must be a DocType with a name, of module {MODULE}, with custom 1"));
        }
        let doctype = Self {
            name,
            is_table: flag(&all, "istable"),
            is_single: flag(&all, "issingle"),
            sort_field: text_of(&all, "sort_field").to_owned(),
            fields,
            permissions: list(&all, "permissions")?,
            links: list(&all, "links")?,
            states: list(&all, "states")?,
            properties: Properties::new(),
        };
        all.retain(|key, _| !NOT_COLUMNS.contains(&key.as_str()));
        Ok(Self {
            properties: all,
            ..doctype
        })
    }

    /// Its table; a single has none.
    #[must_use]
    pub fn table(&self) -> Option<String> {
        (!self.is_single).then(|| format!("tab{}", self.name))
    }

    /// One of its fields.
    #[must_use]
    pub fn field(&self, fieldname: &str) -> Option<&DocField> {
        self.fields.iter().find(|field| field.fieldname == fieldname)
    }

    /// The fields that are stored in a column (or, for a single, in a row) of their own.
    pub fn stored_fields(&self) -> impl Iterator<Item = &DocField> {
        self.fields.iter().filter(|field| field.is_stored())
    }
}

impl DocField {
    /// A field from its properties.
    pub(crate) fn new(properties: Properties) -> Result<Self, String> {
        let fieldname = text_of(&properties, "fieldname").to_owned();
        if fieldname.is_empty() {
            return Err("a field has no `fieldname`".to_owned());
        }
        let length = properties.get("length").and_then(Value::as_u64).unwrap_or_default();
        Ok(Self {
            fieldtype: text_of(&properties, "fieldtype").to_owned(),
            length: u32::try_from(length).map_err(|error| format!("{fieldname}: {error}"))?,
            default: properties.get("default").and_then(Value::as_str).map(str::to_owned),
            search_index: flag(&properties, "search_index"),
            unique: flag(&properties, "unique"),
            is_virtual: flag(&properties, "is_virtual"),
            fieldname,
            properties,
        })
    }

    /// True when the field has a column.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        !self.is_virtual && !NO_COLUMN.contains(&self.fieldtype.as_str())
    }

    /// People only read it in the form.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        flag(&self.properties, "read_only")
    }

    /// A document must have it.
    #[must_use]
    pub fn is_required(&self) -> bool {
        flag(&self.properties, "reqd")
    }

    /// A User Permission on what it links to hides nothing.
    #[must_use]
    pub fn ignores_user_permissions(&self) -> bool {
        flag(&self.properties, "ignore_user_permissions")
    }

    /// A property as text, empty where it is not set.
    #[must_use]
    pub fn text(&self, property: &str) -> &str {
        text_of(&self.properties, property)
    }
}

fn text_of<'a>(properties: &'a Properties, key: &str) -> &'a str {
    properties.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn flag(properties: &Properties, key: &str) -> bool {
    properties.get(key).and_then(Value::as_i64) == Some(1)
}

fn list(properties: &Properties, key: &str) -> Result<Vec<Properties>, String> {
    let Some(rows) = properties.get(key).and_then(Value::as_array) else {
        return Ok(Vec::new());
    };
    rows.iter()
        .map(|row| {
            row.as_object()
                .cloned()
                .ok_or_else(|| format!("`{key}` holds something that is no object"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_contradicts_itself_is_refused() {
        let text = r#"{"doctype": "DocType", "name": "X", "module": "GitHub", "custom": 1,
            "field_order": ["a", "b"], "fields": [{"fieldname": "a", "fieldtype": "Data"}]}"#;
        assert!(DocType::parse(text).expect_err("must be refused").contains("field_order"));
    }

    #[test]
    fn a_field_without_a_column_is_not_stored() {
        let field = |fieldtype: &str| {
            let properties = serde_json::json!({ "fieldname": "a", "fieldtype": fieldtype });
            DocField::new(properties.as_object().cloned().expect("object")).expect("a field")
        };
        assert!(field("Data").is_stored() && field("Password").is_stored());
        assert!(!field("Table").is_stored() && !field("Column Break").is_stored());
    }
}
