//! What setup must know of a site besides its tables and our own rows, read in a handful of statements.

use std::collections::{BTreeMap, BTreeSet};

use mysql_async::Value;
use mysql_async::prelude::FromRow;

use super::blueprint::{Blueprint, MODULE};
use super::metadata::{integration_user, webhook_name};
use crate::frappe::db::{DbConn, DbError, Refusal};

/// The facts.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// The server's own words for its version.
    pub(crate) server: String,
    /// `SHOW GRANTS`.
    pub(crate) grants: Vec<String>,
    /// Apps of the site.
    pub(crate) installed_apps: Vec<String>,
    /// DocTypes that have one of our names, with their modules.
    pub(crate) doctypes: BTreeMap<String, String>,
    /// `custom` of a Module Def that has our name.
    pub(crate) module_is_custom: Option<bool>,
    /// Fields of others on the DocTypes that we extend, by DocType and field: fieldtype and whether it is a Custom Field.
    pub(crate) fields: BTreeMap<(String, String), (String, bool)>,
    /// Names of all roles.
    pub(crate) roles: BTreeSet<String>,
    /// Roles of the Custom DocPerm rows on our DocTypes.
    pub(crate) custom_permissions: BTreeMap<String, Vec<String>>,
    /// Names of applied patches.
    pub(crate) patches: BTreeSet<String>,
    /// Rows of `erpnext_github_site`.
    pub(crate) site: BTreeMap<String, String>,
    /// Rows of GitHub Settings in `tabSingles`.
    pub(crate) settings: BTreeMap<String, String>,
    /// Secrets that are stored, as (DocType, name, field).
    pub(crate) secrets: BTreeSet<(String, String, String)>,
}

impl Facts {
    /// Reads them.
    pub(crate) async fn read(conn: &mut DbConn, blueprint: &Blueprint, site: &str) -> Result<Self, DbError> {
        let mut facts = Self {
            server: texts(conn, "SELECT VERSION()", Vec::new()).await?.concat(),
            grants: texts(conn, "SHOW GRANTS", Vec::new()).await?,
            ..Self::default()
        };
        facts.read_apps(conn).await?;
        facts.read_names(conn, blueprint).await?;
        facts.read_fields(conn, blueprint).await?;
        facts.read_ours(conn, blueprint, site).await?;
        Ok(facts)
    }

    /// True when the DocType has the field by itself.
    pub(crate) fn has_standard_field(&self, doctype: &str, fieldname: &str) -> bool {
        let field = self.fields.get(&(doctype.to_owned(), fieldname.to_owned()));
        field.is_some_and(|(_, is_custom)| !is_custom)
    }

    /// True when that secret is stored.
    pub(crate) fn has_secret(&self, doctype: &str, name: &str, field: &str) -> bool {
        self.secrets
            .contains(&(doctype.to_owned(), name.to_owned(), field.to_owned()))
    }

    async fn read_apps(&mut self, conn: &mut DbConn) -> Result<(), DbError> {
        let lists = texts(
            conn,
            "SELECT IFNULL(defvalue, '') FROM `tabDefaultValue` WHERE parent = '__global' AND defkey = 'installed_apps'",
            Vec::new(),
        )
        .await?;
        for list in lists {
            self.installed_apps
                .extend(serde_json::from_str::<Vec<String>>(&list).unwrap_or_default());
        }
        Ok(())
    }

    async fn read_names(&mut self, conn: &mut DbConn, blueprint: &Blueprint) -> Result<(), DbError> {
        let names = blueprint.doctype_names();
        let marks = vec!["?"; names.len()].join(", ");
        let params = || -> Vec<Value> { names.iter().map(|name| Value::from(*name)).collect() };
        let sql = format!("SELECT name, IFNULL(module, '') FROM `tabDocType` WHERE name IN ({marks})");
        self.doctypes = pairs(conn, &sql, params()).await?.into_iter().collect();
        let sql = format!("SELECT parent, IFNULL(role, '') FROM `tabCustom DocPerm` WHERE parent IN ({marks}) AND permlevel = 0");
        for (doctype, role) in pairs(conn, &sql, params()).await? {
            self.custom_permissions.entry(doctype).or_default().push(role);
        }
        let sql = "SELECT CAST(custom AS CHAR) FROM `tabModule Def` WHERE name = ?";
        let module = texts(conn, sql, vec![MODULE.into()]).await?;
        self.module_is_custom = module.first().map(|custom| custom == "1");
        self.roles = texts(conn, "SELECT name FROM `tabRole`", Vec::new())
            .await?
            .into_iter()
            .collect();
        Ok(())
    }

    async fn read_fields(&mut self, conn: &mut DbConn, blueprint: &Blueprint) -> Result<(), DbError> {
        let theirs = blueprint.extended_doctypes();
        let names: BTreeSet<&str> = blueprint
            .custom_fields
            .iter()
            .map(|one| one.field.fieldname.as_str())
            .collect();
        let sql = format!(
            "SELECT parent, fieldname, IFNULL(fieldtype, ''), '0' FROM `tabDocField` WHERE parent IN ({doctypes}) AND fieldname IN ({fields}) \
             UNION ALL SELECT dt, fieldname, IFNULL(fieldtype, ''), '1' FROM `tabCustom Field` WHERE dt IN ({doctypes}) AND fieldname IN ({fields})",
            doctypes = vec!["?"; theirs.len()].join(", "),
            fields = vec!["?"; names.len()].join(", ")
        );
        let once: Vec<Value> = theirs.iter().chain(&names).map(|name| Value::from(*name)).collect();
        let params: Vec<Value> = once.iter().chain(&once).cloned().collect();
        for row in conn.rows("reading fields of others", &sql, params).await? {
            let (doctype, field, fieldtype, custom) = <(String, String, String, String)>::from_row(row);
            self.fields.insert((doctype, field), (fieldtype, custom == "1"));
        }
        Ok(())
    }

    async fn read_ours(&mut self, conn: &mut DbConn, blueprint: &Blueprint, site: &str) -> Result<(), DbError> {
        self.patches = missing_is_none(texts(conn, "SELECT name FROM `erpnext_github_patch`", Vec::new()).await)?
            .into_iter()
            .collect();
        self.site = missing_is_none(pairs(conn, "SELECT k, v FROM `erpnext_github_site`", Vec::new()).await)?
            .into_iter()
            .collect();
        let sql = "SELECT field, IFNULL(value, '') FROM `tabSingles` WHERE doctype = ?";
        self.settings = pairs(conn, sql, vec![super::SETTINGS.into()]).await?.into_iter().collect();
        let mut names: Vec<String> = vec![super::SETTINGS.to_owned(), integration_user(site)];
        names.extend(blueprint.doc_events.iter().map(|event| webhook_name(&event.doctype)));
        let sql = format!(
            "SELECT doctype, name, fieldname FROM `__Auth` WHERE name IN ({})",
            vec!["?"; names.len()].join(", ")
        );
        let params: Vec<Value> = names.iter().map(|name| Value::from(name.as_str())).collect();
        let rows = conn.rows("reading which secrets there are", &sql, params).await?;
        self.secrets = rows.into_iter().map(<(String, String, String)>::from_row).collect();
        Ok(())
    }
}

/// Before the first installation our own tables are not there.
fn missing_is_none<T>(rows: Result<Vec<T>, DbError>) -> Result<Vec<T>, DbError> {
    match rows {
        Err(error) if error.refusal() == Some(Refusal::Missing) => Ok(Vec::new()),
        rows => rows,
    }
}

async fn texts(conn: &mut DbConn, sql: &str, params: Vec<Value>) -> Result<Vec<String>, DbError> {
    let rows = read(conn, sql, params).await?;
    Ok(rows.into_iter().map(|row| <(String,)>::from_row(row).0).collect())
}

async fn pairs(conn: &mut DbConn, sql: &str, params: Vec<Value>) -> Result<Vec<(String, String)>, DbError> {
    let rows = read(conn, sql, params).await?;
    Ok(rows.into_iter().map(<(String, String)>::from_row).collect())
}

async fn read(conn: &mut DbConn, sql: &str, params: Vec<Value>) -> Result<Vec<mysql_async::Row>, DbError> {
    const WHAT: &str = "looking at the site";
    if params.is_empty() {
        conn.rows(WHAT, sql, ()).await
    } else {
        conn.rows(WHAT, sql, params).await
    }
}
