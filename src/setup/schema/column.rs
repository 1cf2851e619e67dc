//! From a field to its column: type, `NOT NULL` and default as Frappe's own schema code would have them.

use super::dialect::Dialect;
use super::quoted;
use crate::setup::blueprint::DocField;

/// Length of a text column where the field gives none (`frappe.db.VARCHAR_LEN`).
const VARCHAR: u32 = 140;
/// 15.101 and later raise shorter lengths to this.
const VARCHAR_MIN: u32 = 64;
/// Longest `varchar` that Frappe makes.
const VARCHAR_MAX: u32 = 1000;

/// Defaults that Frappe fills in itself when a document is made, so that they are none of the column's.
const FILLED_BY_FRAPPE: [&str; 7] = ["_Login", "__user", "_Full Name", "Today", "__today", "now", "Now"];

/// A column as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnDef {
    /// Name.
    pub(crate) name: String,
    /// Type as `information_schema` prints it.
    pub(crate) sql_type: String,
    /// `NOT NULL`.
    pub(crate) not_null: bool,
    /// Default as text, without quotes.
    pub(crate) default: Option<String>,
}

impl ColumnDef {
    /// A column that may be empty and has no default.
    pub(crate) fn nullable(name: &str, sql_type: &str) -> Self {
        Self {
            name: name.to_owned(),
            sql_type: sql_type.to_owned(),
            not_null: false,
            default: None,
        }
    }

    /// A number that is 0 where nothing is said.
    pub(crate) fn number(name: &str, sql_type: &str, default: &str) -> Self {
        Self {
            name: name.to_owned(),
            sql_type: sql_type.to_owned(),
            not_null: true,
            default: Some(default.to_owned()),
        }
    }

    /// The column of a field; none when the field has none.
    pub(crate) fn of(field: &DocField, dialect: Dialect) -> Option<Self> {
        if !field.is_stored() {
            return None;
        }
        let name = &field.fieldname;
        let number = |sql_type: &str| {
            let default = field.default.as_deref().filter(|text| text.parse::<f64>().is_ok());
            Some(Self::number(name, sql_type, default.unwrap_or("0")))
        };
        let sql_type = match field.fieldtype.as_str() {
            "Check" => return number(dialect.flag()),
            "Int" => return number(&dialect.int(field.length)),
            "Float" | "Currency" | "Percent" => return number("decimal(21,9)"),
            "Long Int" => "bigint(20)".to_owned(),
            "Duration" => "decimal(21,9)".to_owned(),
            "Rating" => "decimal(3,2)".to_owned(),
            "Small Text" | "Text" | "Password" | "Attach" | "Attach Image" => "text".to_owned(),
            "Long Text" | "Code" | "Text Editor" | "Markdown Editor" | "HTML Editor" | "Signature" | "Barcode"
            | "Geolocation" | "JSON" => "longtext".to_owned(),
            "Date" => "date".to_owned(),
            "Datetime" => "datetime(6)".to_owned(),
            "Time" => "time(6)".to_owned(),
            _ if field.length == 0 => format!("varchar({VARCHAR})"),
            _ => format!("varchar({})", field.length.clamp(VARCHAR_MIN, VARCHAR_MAX)),
        };
        let default = field.default.clone();
        Some(Self {
            default: default.filter(|text| !text.is_empty() && !text.starts_with(':') && !FILLED_BY_FRAPPE.contains(&&**text)),
            ..Self::nullable(name, &sql_type)
        })
    }

    /// The column as a statement writes it.
    pub(crate) fn sql(&self) -> String {
        let mut sql = format!("{} {}", quoted(&self.name), self.sql_type);
        if self.not_null {
            sql.push_str(" NOT NULL");
        }
        if let Some(default) = &self.default {
            let is_number = self.not_null && default.parse::<f64>().is_ok();
            sql.push_str(" DEFAULT ");
            if is_number {
                sql.push_str(default);
            } else {
                sql.push_str(&quoted_text(default));
            }
        }
        sql
    }
}

/// A text in quotes.
fn quoted_text(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const V15: Dialect = Dialect {
        major: 15,
        tiny_flags: false,
    };
    const V16: Dialect = Dialect {
        major: 16,
        tiny_flags: true,
    };

    fn column(dialect: Dialect, json: &serde_json::Value) -> String {
        let field = DocField::new(json.as_object().cloned().expect("object")).expect("a field");
        ColumnDef::of(&field, dialect).map_or_else(|| "none".to_owned(), |column| column.sql())
    }

    #[test]
    fn types_are_those_of_the_version() {
        let json = |fieldtype: &str, length: u32| serde_json::json!({"fieldname": "f", "fieldtype": fieldtype, "length": length});
        assert_eq!(column(V15, &json("Check", 0)), "`f` int(1) NOT NULL DEFAULT 0");
        assert_eq!(column(V16, &json("Check", 0)), "`f` tinyint(4) NOT NULL DEFAULT 0");
        assert_eq!(column(V15, &json("Int", 20)), "`f` bigint(20) NOT NULL DEFAULT 0");
        assert_eq!(column(V15, &json("Int", 8)), "`f` int(8) NOT NULL DEFAULT 0");
        assert_eq!(column(V16, &json("Int", 8)), "`f` int(11) NOT NULL DEFAULT 0");
        assert_eq!(column(V15, &json("Data", 0)), "`f` varchar(140)");
        assert_eq!(column(V15, &json("Link", 20)), "`f` varchar(64)");
        assert_eq!(column(V15, &json("Select", 255)), "`f` varchar(255)");
        assert_eq!(column(V15, &json("Float", 0)), "`f` decimal(21,9) NOT NULL DEFAULT 0");
        assert_eq!(column(V15, &json("Password", 0)), "`f` text");
        assert_eq!(column(V15, &json("Table", 0)), "none");
    }

    #[test]
    fn defaults_are_the_columns_unless_frappe_fills_them_in() {
        let json =
            |fieldtype: &str, default: &str| serde_json::json!({"fieldname": "f", "fieldtype": fieldtype, "default": default});
        assert_eq!(column(V15, &json("Select", "it's")), "`f` varchar(140) DEFAULT 'it''s'");
        assert_eq!(column(V15, &json("Check", "1")), "`f` int(1) NOT NULL DEFAULT 1");
        assert_eq!(column(V15, &json("Date", "Today")), "`f` date");
        assert_eq!(column(V15, &json("Link", ":User")), "`f` varchar(140)");
    }
}
