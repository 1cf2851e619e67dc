//! `CREATE TABLE` for a DocType, column for column and index for index as Frappe makes it.

use super::{ColumnDef, Dialect, IndexDef, quoted};
use crate::setup::blueprint::{Blueprint, DocType};

/// Columns that Frappe puts behind the data columns of every table that is none of a child (`frappe/model/__init__.py`).
const OPTIONAL: [&str; 4] = ["_user_tags", "_comments", "_assign", "_liked_by"];

/// A table as it is to be.
#[derive(Debug, Clone)]
pub(crate) struct TableDef {
    /// `tabX`.
    pub(crate) name: String,
    /// Columns in order, those without a field included; `name` is left out.
    pub(crate) columns: Vec<ColumnDef>,
    /// Columns of [`crate::setup::blueprint::HiddenColumn`], with their types in full.
    pub(crate) hidden: Vec<(String, String)>,
    /// Indexes besides the primary key, in order.
    pub(crate) indexes: Vec<IndexDef>,
}

impl TableDef {
    /// The table of one of our DocTypes; none for a single.
    pub(crate) fn of(blueprint: &Blueprint, doctype: &DocType, dialect: Dialect) -> Option<Self> {
        let name = doctype.table()?;
        let mut columns = vec![
            ColumnDef::nullable("creation", "datetime(6)"),
            ColumnDef::nullable("modified", "datetime(6)"),
            ColumnDef::nullable("modified_by", "varchar(140)"),
            ColumnDef::nullable("owner", "varchar(140)"),
            ColumnDef::number("docstatus", dialect.flag(), "0"),
            ColumnDef::number("idx", dialect.idx(), "0"),
        ];
        columns.extend(doctype.fields.iter().filter_map(|field| ColumnDef::of(field, dialect)));
        let mut indexes: Vec<IndexDef> = doctype.fields.iter().filter_map(|field| IndexDef::of(field, false)).collect();
        if doctype.is_table {
            let parents = ["parent", "parentfield", "parenttype"];
            columns.extend(parents.map(|name| ColumnDef::nullable(name, "varchar(140)")));
            indexes.push(IndexDef::on("parent"));
        } else {
            columns.extend(OPTIONAL.map(|name| ColumnDef::nullable(name, "text")));
        }
        let standard = dialect.standard_indexes(doctype.is_table, &doctype.sort_field);
        indexes.extend(standard.into_iter().map(IndexDef::on));
        let ours = |index: &&crate::setup::blueprint::StorageIndex| index.doctype == doctype.name;
        indexes.extend(blueprint.indexes.iter().filter(ours).map(IndexDef::of_storage));
        let hidden = blueprint.hidden_columns.iter().filter(|one| one.doctype == doctype.name);
        Some(Self {
            name,
            columns,
            hidden: hidden.map(|one| (one.column.clone(), one.sql_type.clone())).collect(),
            indexes,
        })
    }

    /// The statement that makes it, or leaves it alone when it is there.
    pub(crate) fn create(&self) -> String {
        let mut lines = vec!["`name` varchar(140) NOT NULL".to_owned()];
        lines.extend(self.columns.iter().map(ColumnDef::sql));
        lines.extend(
            self.hidden
                .iter()
                .map(|(name, sql_type)| format!("{} {sql_type}", quoted(name))),
        );
        lines.push("PRIMARY KEY (`name`)".to_owned());
        lines.extend(self.indexes.iter().map(|index| index.sql(false)));
        format!(
            "CREATE TABLE IF NOT EXISTS {} (\n  {}\n) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci",
            quoted(&self.name),
            lines.join(",\n  ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn create(name: &str, major: u32) -> String {
        let blueprint = Blueprint::embedded().expect("embedded");
        let dialect = Dialect {
            major,
            tiny_flags: major >= 16,
        };
        TableDef::of(blueprint, blueprint.doctype(name).expect("a DocType"), dialect)
            .expect("a table")
            .create()
    }

    #[test]
    fn a_child_table_is_as_version_15_makes_it() {
        insta::assert_snapshot!(create("Repository Branch", 15), @r"
        CREATE TABLE IF NOT EXISTS `tabRepository Branch` (
          `name` varchar(140) NOT NULL,
          `creation` datetime(6),
          `modified` datetime(6),
          `modified_by` varchar(140),
          `owner` varchar(140),
          `docstatus` int(1) NOT NULL DEFAULT 0,
          `idx` int(8) NOT NULL DEFAULT 0,
          `repo_full_name` varchar(140),
          `branch_name` varchar(255),
          `protected` int(1) NOT NULL DEFAULT 0,
          `commit_sha` varchar(140),
          `last_updated` datetime(6),
          `parent` varchar(140),
          `parentfield` varchar(140),
          `parenttype` varchar(140),
          PRIMARY KEY (`name`),
          INDEX `parent` (`parent`)
        ) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
        ");
    }

    #[test]
    fn versions_differ_in_widths_and_standard_indexes() {
        let (v14, v16) = (create("Repository Branch", 14), create("Repository", 16));
        assert!(v14.contains("INDEX `modified` (`modified`)"));
        assert!(v16.contains("`docstatus` tinyint(4) NOT NULL DEFAULT 0") && v16.contains("`idx` int(11)"));
        assert!(v16.contains("INDEX `creation` (`creation`)") && v16.contains("UNIQUE INDEX `full_name`"));
    }
}
