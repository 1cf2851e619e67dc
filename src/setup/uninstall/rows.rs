//! The part of a removal that is one transaction: every row, and with it everything that Frappe knows of us.

use std::collections::{BTreeMap, BTreeSet};

use mysql_async::Value;

use super::hanging::{self, Goes, HANGING, KEPT};
use super::{owned, references};
use crate::frappe::db::{DbConn, DbError};
use crate::frappe::site::Site;
use crate::setup::ledger::{self, Entry, Kind, Ledger};
use crate::setup::rows::Record;
use crate::setup::schema::{Catalog, quoted};
use crate::setup::{SETTINGS, state};
use crate::store::readers::ROLE as MEMBER_ROLE;

/// Rows a statement.
const CHUNK: usize = 500;
const WHAT: &str = "removing rows";

/// What the search of the desk looks in.
const SEARCH: &str = "__global_search";
/// Tables whose rows need a look before they go.
const NOT_AT_ONCE: [&str; 3] = ["tabUser", "tabRole", "__Auth"];

/// Tables whose rows hang on a user of ours, by the column that names him.
const OF_USER: [(&str, &str); 4] = [
    ("tabHas Role", "parent"),
    ("tabUser Permission", "user"),
    ("tabNotification Settings", "name"),
    ("tabDefaultValue", "parent"),
];

/// Child tables of a page of the desk.
const IN_WORKSPACE: [&str; 7] = [
    "tabWorkspace Link",
    "tabWorkspace Shortcut",
    "tabWorkspace Chart",
    "tabWorkspace Number Card",
    "tabWorkspace Quick List",
    "tabWorkspace Custom Block",
    "tabHas Role",
];

/// Child tables of a report.
const IN_REPORT: [&str; 3] = ["tabReport Filter", "tabReport Column", "tabHas Role"];

/// Our documents that people may add rows to, by their tables, DocTypes and tables of rows.
const ADDED_TO: [(&str, &str, &[&str]); 2] = [
    ("tabWorkspace", "Workspace", &IN_WORKSPACE),
    ("tabReport", "Report", &IN_REPORT),
];

/// What was removed.
#[derive(Debug, Default)]
pub(super) struct Removed {
    pub(super) rows: u64,
    pub(super) kept: Vec<String>,
}

/// Removes the rows. `internal` says which of our own tables are there.
pub(super) async fn remove(site: &Site, ledger: &Ledger, internal: &Catalog, keep_data: bool) -> Result<Removed, DbError> {
    let mut conn = site.db().conn().await?;
    let mut tables: BTreeSet<&str> = HANGING.iter().map(|hanging| hanging.table).collect();
    tables.extend(KEPT.iter().map(|kept| kept.table));
    tables.extend(OF_USER.map(|(table, _)| table));
    tables.extend(ADDED_TO.iter().flat_map(|(_, _, tables)| tables.iter().copied()));
    tables.extend(["tabRole", "tabUser", "tabProperty Setter", "__Auth"]);
    tables.extend(ledger.of_kind(Kind::Row).map(|entry| entry.table.as_str()));
    let catalog = Catalog::read(&mut conn, &owned(&tables.into_iter().collect::<Vec<_>>())).await?;
    drop(conn);
    let mut tx = site.db().begin().await?;
    let mut removal = RowRemoval {
        conn: &mut tx,
        ledger,
        catalog: &catalog,
        keep_data,
        done: Removed::default(),
    };
    if internal.has_table("erpnext_github_site") {
        state::erase(removal.conn).await?;
    }
    removal.restore_rows_of_others().await?;
    removal.our_rows().await?;
    removal.hanging_rows().await?;
    removal.count_kept().await?;
    removal.users().await?;
    removal.roles().await?;
    removal.strike_all().await?;
    let done = removal.done;
    tx.commit().await?;
    Ok(done)
}

struct RowRemoval<'a> {
    conn: &'a mut DbConn,
    ledger: &'a Ledger,
    catalog: &'a Catalog,
    keep_data: bool,
    done: Removed,
}

impl<'a> RowRemoval<'a> {
    fn entries(&self) -> impl Iterator<Item = &'a Entry> + use<'a> {
        let (ledger, catalog) = (self.ledger, self.catalog);
        ledger.of_kind(Kind::Row).filter(move |entry| catalog.has_table(&entry.table))
    }

    fn of_table(&self, table: &str) -> Vec<&'a Entry> {
        let ours = self
            .entries()
            .filter(|entry| entry.table == table && entry.record().was.is_none());
        ours.collect()
    }

    /// Rows that were not ours get back what we replaced, unless somebody changed it since.
    async fn restore_rows_of_others(&mut self) -> Result<(), DbError> {
        for entry in self.entries() {
            let Record { wrote, was: Some(was) } = entry.record() else {
                continue;
            };
            for (column, before) in was {
                let column_name = quoted(&column);
                let sql = format!(
                    "UPDATE {} SET {column_name} = ? WHERE name = ? AND {column_name} <=> ?",
                    quoted(&entry.table)
                );
                let written = wrote.get(&column).map_or(Value::NULL, Value::from);
                let params = vec![Value::from(&before), entry.item.as_str().into(), written];
                self.conn.exec("putting back what was replaced", &sql, params).await?;
            }
            let key = format!("User/{}/api_secret", entry.item);
            if entry.table == "tabUser" && self.ledger.has(Kind::Row, "__Auth", &key) {
                let sql = "UPDATE `tabUser` SET api_key = NULL, api_secret = NULL WHERE name = ?";
                self.conn.exec("taking the key back", sql, (&entry.item,)).await?;
            }
        }
        Ok(())
    }

    async fn our_rows(&mut self) -> Result<(), DbError> {
        let mut tables: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for entry in self.entries() {
            if entry.record().was.is_none() && !NOT_AT_ONCE.contains(&entry.table.as_str()) {
                tables.entry(&entry.table).or_default().push(&entry.item);
            }
        }
        // What people added to our page of the desk, or to a report of ours, goes with it.
        for (of, doctype, tables) in ADDED_TO {
            for document in self.of_table(of) {
                for table in tables.iter().filter(|table| self.catalog.has_table(table)) {
                    let sql = format!("DELETE FROM {} WHERE parenttype = ? AND parent = ?", quoted(table));
                    self.done.rows += self.conn.exec(WHAT, &sql, (doctype, &document.item)).await?;
                }
            }
        }
        for (table, names) in tables {
            for chunk in names.chunks(CHUNK) {
                self.delete(table, "name", chunk).await?;
                self.forget_found(table, chunk).await?;
            }
        }
        for entry in self.of_table("__Auth") {
            let key: [String; 3] = serde_json::from_str(entry.extra.as_deref().unwrap_or_default()).unwrap_or_default();
            let [doctype, name, field] = key;
            if !(self.keep_data && doctype == SETTINGS) {
                let sql = "DELETE FROM `__Auth` WHERE doctype = ? AND name = ? AND fieldname = ?";
                self.done.rows += self.conn.exec(WHAT, sql, (doctype, name, field)).await?;
            }
        }
        Ok(())
    }

    /// What the search of the desk found of documents that go with them.
    async fn forget_found(&mut self, table: &str, names: &[&str]) -> Result<(), DbError> {
        let Some(doctype) = table.strip_prefix("tab").filter(|_| self.catalog.has_table(SEARCH)) else {
            return Ok(());
        };
        let marks = vec!["?"; names.len()].join(", ");
        let sql = format!("DELETE FROM {} WHERE doctype = ? AND name IN ({marks})", quoted(SEARCH));
        let params: Vec<Value> = std::iter::once(&doctype)
            .chain(names)
            .map(|text| Value::from(*text))
            .collect();
        self.done.rows += self.conn.exec(WHAT, &sql, params).await?;
        Ok(())
    }

    async fn hanging_rows(&mut self) -> Result<(), DbError> {
        for hanging in &HANGING {
            let doctypes = hanging.doctypes(self.ledger);
            let goes = hanging.goes == Goes::WithMetadata || !self.keep_data;
            if goes && !doctypes.is_empty() && self.catalog.has_table(hanging.table) {
                self.done.rows += hanging::remove(self.conn, hanging, &doctypes).await?;
            }
        }
        if self.catalog.has_table("tabProperty Setter") {
            let fields = self.of_table("tabCustom Field");
            for (doctype, field) in fields.iter().filter_map(|entry| entry.item.rsplit_once('-')) {
                let sql = "DELETE FROM `tabProperty Setter` WHERE doc_type = ? AND field_name = ?";
                self.done.rows += self.conn.exec(WHAT, sql, (doctype, field)).await?;
            }
        }
        Ok(())
    }

    /// What is about our documents and stays when they go.
    async fn count_kept(&mut self) -> Result<(), DbError> {
        if self.keep_data {
            return Ok(());
        }
        let doctypes: Vec<&str> = self.ledger.doctypes_with_data().into_iter().collect();
        for kept in &KEPT {
            let told = kept.told(self.conn, self.catalog, &doctypes).await?;
            self.done.kept.extend(told);
        }
        Ok(())
    }

    /// A user whom rows of others name is disabled, and his key is taken away.
    async fn users(&mut self) -> Result<(), DbError> {
        for user in self.of_table("tabUser").into_iter().map(|entry| entry.item.as_str()) {
            for (table, column) in OF_USER {
                if self.catalog.has_table(table) {
                    self.delete(table, column, &[user]).await?;
                }
            }
            if let Some(table) = references::find(self.conn, "User", user, &self.going()).await? {
                let sql = "UPDATE `tabUser` SET enabled = 0, api_key = NULL, api_secret = NULL WHERE name = ?";
                self.conn.exec("disabling a user", sql, (user,)).await?;
                self.done.kept.push(format!(
                    "the user {user} is disabled, not deleted: rows of {table} refer to him"
                ));
            } else {
                self.delete("tabUser", "name", &[user]).await?;
            }
        }
        Ok(())
    }

    /// A role that people were given by hand, or that rows of others name, stays as it is: it gives nothing without our DocTypes, while of a
    /// disabled one Frappe strips a user at his next save, so that nobody could give it back.
    async fn roles(&mut self) -> Result<(), DbError> {
        for role in self.of_table("tabRole").into_iter().map(|entry| entry.item.as_str()) {
            if role == MEMBER_ROLE && !self.keep_data {
                let sql = "DELETE FROM `tabHas Role` WHERE role = ? AND parenttype = 'User'";
                self.done.rows += self.conn.exec(WHAT, sql, (role,)).await?;
            }
            if let Some(table) = references::find(self.conn, "Role", role, &self.going()).await? {
                self.done.kept.push(format!(
                    "the role {role} stays, and gives nothing any more: rows of {table} refer to it"
                ));
            } else {
                self.delete("tabRole", "name", &[role]).await?;
            }
        }
        Ok(())
    }

    /// Tables that are dropped afterwards: what stands in them is no reason to keep anything.
    fn going(&self) -> BTreeSet<String> {
        if self.keep_data {
            return BTreeSet::new();
        }
        self.ledger.of_kind(Kind::Table).map(|entry| entry.table.clone()).collect()
    }

    async fn delete(&mut self, table: &str, column: &str, values: &[&str]) -> Result<(), DbError> {
        let marks = vec!["?"; values.len()].join(", ");
        let sql = format!("DELETE FROM {} WHERE {} IN ({marks})", quoted(table), quoted(column));
        let params: Vec<Value> = values.iter().map(|value| Value::from(*value)).collect();
        self.done.rows += self.conn.exec(WHAT, &sql, params).await?;
        Ok(())
    }

    /// What is gone is struck out of the ledger; what stays with the data stays in it.
    async fn strike_all(&mut self) -> Result<(), DbError> {
        let stays = |entry: &Entry| self.keep_data && entry.table == "__Auth" && entry.item.starts_with(SETTINGS);
        let mut struck: BTreeMap<(Kind, &str), Vec<&str>> = BTreeMap::new();
        let singles = self.ledger.of_kind(Kind::Single).filter(|_| !self.keep_data);
        let gone = self
            .ledger
            .of_kind(Kind::Row)
            .chain(singles)
            .chain(self.ledger.of_kind(Kind::FileKey));
        for entry in gone.filter(|entry| !stays(entry)) {
            struck.entry((entry.kind, &entry.table)).or_default().push(&entry.item);
        }
        for ((kind, table), items) in struck {
            ledger::strike(self.conn, kind, table, &items).await?;
        }
        Ok(())
    }
}
