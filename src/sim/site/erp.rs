//! What people do in ERPNext, as rows: for tests that need one more user or task.
//!
//! Columns are asked of the database, so that it works on every version, on a dump, and after an installation added columns.

use std::collections::BTreeMap;

use super::{ScratchSite, SiteError};
use crate::sim::mariadb::sql_text;

/// When rows are made, in the site's own time.
const MADE_AT: &str = "2026-02-02 09:00:00.000000";

/// Adds rows to a site.
#[derive(Debug, Clone, Copy)]
pub struct Erp<'a> {
    site: &'a ScratchSite,
}

impl<'a> Erp<'a> {
    pub(super) fn new(site: &'a ScratchSite) -> Self {
        Self { site }
    }

    pub(super) fn site(&self) -> &ScratchSite {
        self.site
    }

    /// A System User, enabled, with these roles; his name is his e-mail address.
    ///
    /// # Errors
    /// When the server refuses, for example because he is there.
    pub async fn add_user(&self, email: &str, full_name: &str, roles: &[&str]) -> Result<(), SiteError> {
        let (first, last) = full_name.split_once(' ').unwrap_or((full_name, ""));
        let values = [
            ("email", email),
            ("first_name", first),
            ("last_name", last),
            ("full_name", full_name),
            ("user_type", "System User"),
            ("enabled", "1"),
            ("send_welcome_email", "0"),
        ];
        self.insert("User", email, &values).await?;
        for role in roles {
            self.add_child("Has Role", ("User", email, "roles"), &[("role", role)])
                .await?;
        }
        Ok(())
    }

    /// A project.
    ///
    /// # Errors
    /// When the server refuses, for example because the title is taken.
    pub async fn add_project(&self, name: &str, title: &str) -> Result<(), SiteError> {
        let values = [
            ("naming_series", "PROJ-.####"),
            ("project_name", title),
            ("status", "Open"),
            ("is_active", "Yes"),
            ("company", "Example"),
        ];
        self.insert("Project", name, &values).await
    }

    /// A task, of a project or of none.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn add_task(&self, name: &str, subject: &str, project: Option<&str>) -> Result<(), SiteError> {
        let values = [
            ("subject", subject),
            ("project", project.unwrap_or_default()),
            ("status", "Open"),
            ("priority", "Low"),
        ];
        self.insert("Task", name, &values).await
    }

    /// An open `ToDo` for a user about a document; gives its name.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn add_todo(&self, user: &str, doctype: &str, document: &str, text: &str) -> Result<String, SiteError> {
        let values = [
            ("allocated_to", user),
            ("reference_type", doctype),
            ("reference_name", document),
            ("description", text),
            ("status", "Open"),
        ];
        let name = hash();
        self.insert("ToDo", &name, &values).await?;
        Ok(name)
    }

    /// A comment by a user on a document; gives its name.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn add_comment(&self, user: &str, doctype: &str, document: &str, text: &str) -> Result<String, SiteError> {
        let values = [
            ("comment_type", "Comment"),
            ("comment_email", user),
            ("reference_doctype", doctype),
            ("reference_name", document),
            ("content", text),
            ("published", "0"),
        ];
        let name = hash();
        self.insert("Comment", &name, &values).await?;
        Ok(name)
    }

    /// A file attached to a document; gives its name.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn add_file(&self, doctype: &str, document: &str, file_name: &str) -> Result<String, SiteError> {
        let values = [
            ("file_name", file_name),
            ("file_url", &format!("/files/{file_name}")),
            ("attached_to_doctype", doctype),
            ("attached_to_name", document),
            ("folder", "Home/Attachments"),
        ];
        let name = hash();
        self.insert("File", &name, &values).await?;
        Ok(name)
    }

    /// A version of a document, with `data` as its JSON. Works where version 14 counts them too.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn add_version(&self, doctype: &str, document: &str, data: &str) -> Result<(), SiteError> {
        let values = [("ref_doctype", doctype), ("docname", document), ("data", data)];
        self.insert("Version", &hash(), &values).await
    }

    /// A document with any columns; those not given are at their defaults, an empty text is NULL. Where the version names such
    /// documents by a sequence, `name` is passed over.
    ///
    /// # Errors
    /// When there is no such table or column, or the server refuses.
    pub async fn insert(&self, doctype: &str, name: &str, values: &[(&str, &str)]) -> Result<(), SiteError> {
        self.write_row(doctype, name, values).await
    }

    /// A child row of (parent DocType, parent, field), after those that are there.
    ///
    /// # Errors
    /// When there is no such table or column, or the server refuses.
    pub async fn add_child(
        &self,
        doctype: &str,
        (parent_type, parent, field): (&str, &str, &str),
        values: &[(&str, &str)],
    ) -> Result<(), SiteError> {
        let count = self
            .site
            .query(&format!(
                "SELECT COUNT(*) + 1 FROM `tab{doctype}` WHERE parent = {} AND parenttype = {} AND parentfield = {}",
                sql_text(parent),
                sql_text(parent_type),
                sql_text(field)
            ))
            .await?;
        let idx = count.into_iter().flatten().flatten().next().unwrap_or_default();
        let mut all = vec![
            ("parent", parent),
            ("parenttype", parent_type),
            ("parentfield", field),
            ("idx", idx.as_str()),
        ];
        all.extend_from_slice(values);
        self.write_row(doctype, &hash(), &all).await
    }

    /// Sets one column of one document, `modified` left alone: for a column that an installation added
    /// (`User.github_username`) as for any other.
    ///
    /// # Errors
    /// When there is no such document, table or column.
    pub async fn set(&self, doctype: &str, name: &str, column: &str, value: &str) -> Result<(), SiteError> {
        let found = self
            .site
            .query(&format!("SELECT 1 FROM `tab{doctype}` WHERE name = {}", sql_text(name)))
            .await?;
        if found.is_empty() {
            return Err(SiteError::Row(format!("there is no {doctype} `{name}` to change")));
        }
        let sql = format!(
            "UPDATE `tab{doctype}` SET `{column}` = {} WHERE name = {}",
            literal(value),
            sql_text(name)
        );
        self.site.execute(&sql).await
    }

    /// Sets one field of a Single.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn set_single(&self, doctype: &str, field: &str, value: &str) -> Result<(), SiteError> {
        let (doctype, field, value) = (sql_text(doctype), sql_text(field), sql_text(value));
        self.site
            .execute(&format!(
                "DELETE FROM tabSingles WHERE doctype = {doctype} AND field = {field}; \
                 INSERT INTO tabSingles (doctype, field, value) VALUES ({doctype}, {field}, {value})"
            ))
            .await
    }

    /// Sets a field of System Settings where Frappe keeps it: in the Single and among the site's defaults.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn set_system_setting(&self, field: &str, value: &str) -> Result<(), SiteError> {
        self.set_single("System Settings", field, value).await?;
        let sql = format!(
            "UPDATE tabDefaultValue SET defvalue = {} WHERE parent = '__default' AND defkey = {}",
            sql_text(value),
            sql_text(field)
        );
        self.site.execute(&sql).await
    }

    async fn write_row(&self, doctype: &str, name: &str, values: &[(&str, &str)]) -> Result<(), SiteError> {
        let table = format!("tab{doctype}");
        let columns = self.columns(&table).await?;
        if columns.is_empty() {
            return Err(SiteError::Row(format!("there is no table `{table}` on this site")));
        }
        let counted = columns.get("name").is_some_and(|kind| kind == "bigint");
        let sequence = format!("NEXTVAL(`{}_id_seq`)", doctype.to_lowercase().replace(' ', "_"));
        let mut names = vec!["`name`".to_owned()];
        let mut literals = vec![if counted { sequence } else { sql_text(name) }];
        let standard = [
            ("owner", "Administrator"),
            ("modified_by", "Administrator"),
            ("creation", MADE_AT),
            ("modified", MADE_AT),
        ];
        for (column, value) in standard.iter().chain(values) {
            if !columns.contains_key(*column) {
                return Err(SiteError::Row(format!("`{table}` has no column `{column}` on this site")));
            }
            names.push(format!("`{column}`"));
            literals.push(literal(value));
        }
        let sql = format!(
            "INSERT INTO `{table}` ({}) VALUES ({})",
            names.join(", "),
            literals.join(", ")
        );
        self.site.execute(&sql).await
    }

    /// Columns with their types' names.
    pub(super) async fn columns(&self, table: &str) -> Result<BTreeMap<String, String>, SiteError> {
        let rows = self
            .site
            .query(&format!(
                "SELECT column_name, data_type FROM information_schema.columns \
                 WHERE table_schema = DATABASE() AND table_name = {}",
                sql_text(table)
            ))
            .await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| match <[Option<String>; 2]>::try_from(row) {
                Ok([Some(name), Some(kind)]) => Some((name, kind)),
                _ => None,
            })
            .collect())
    }
}

/// An empty field is NULL, as Frappe keeps it.
fn literal(value: &str) -> String {
    if value.is_empty() {
        "NULL".to_owned()
    } else {
        sql_text(value)
    }
}

/// Ten hexadecimal digits: a name as good as Frappe's.
fn hash() -> String {
    hex::encode(rand::random::<[u8; 5]>())
}
