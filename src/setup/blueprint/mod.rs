//! What is to be installed, read from the files that are embedded into the binary: `doctypes/`, `hooks/`, `client_scripts/` and
//! `patches/`.
//!
//! The files are the truth; nothing here adds to them.

mod client_script;
mod doctype;
mod hooks;
mod patch;
mod report;
mod workspace;

use std::sync::OnceLock;

use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};

pub(crate) use client_script::ClientScript;
pub use doctype::{DocField, DocType};
pub(crate) use hooks::{CustomField, DashboardLink, DocEvent, HiddenColumn, StorageIndex};
pub(crate) use patch::Patch;
pub(crate) use report::Report;
pub(crate) use workspace::Workspace;

use hooks::Storage;

/// Module that all our DocTypes are in; also the name of our Module Def.
pub const MODULE: &str = "GitHub";

/// The table that everything made is recorded in.
pub(crate) const LEDGER_TABLE: &str = "erpnext_github_installed";

static DOCTYPES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/doctypes");
static HOOKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/hooks");
static PATCHES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/patches");

/// An embedded file that cannot be used: a mistake of ours, which the tests find.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{file} in this binary is broken ({reason}): report it, and use another release")]
pub struct BlueprintError {
    /// Path within the project.
    pub file: String,
    /// What is wrong.
    pub reason: String,
}

/// Everything that a site gets.
#[derive(Debug)]
pub(crate) struct Blueprint {
    /// Our DocTypes, by name.
    pub(crate) doctypes: Vec<DocType>,
    /// Fields on DocTypes of others.
    pub(crate) custom_fields: Vec<CustomField>,
    /// Roles, as rows of `tabRole`.
    pub(crate) roles: Vec<doctype::Properties>,
    /// Connections on DocTypes of others.
    pub(crate) dashboard_links: Vec<DashboardLink>,
    /// Workflow states, as rows of `tabWorkflow State`.
    pub(crate) workflow_states: Vec<doctype::Properties>,
    /// Saves in the desk that we are told of.
    pub(crate) doc_events: Vec<DocEvent>,
    /// Scripts of forms and lists.
    pub(crate) client_scripts: Vec<ClientScript>,
    /// Reports of the desk.
    pub(crate) reports: Vec<Report>,
    /// The page of the desk that leads to our documents.
    pub(crate) workspace: Workspace,
    /// Columns that no form shows.
    pub(crate) hidden_columns: Vec<HiddenColumn>,
    /// Indexes that DocType JSON cannot express.
    pub(crate) indexes: Vec<StorageIndex>,
    /// Patches in order.
    pub(crate) patches: Vec<Patch>,
    /// Changes whenever one of the files does.
    pub(crate) fingerprint: String,
}

impl Blueprint {
    /// The embedded one, parsed once.
    pub(crate) fn embedded() -> Result<&'static Self, BlueprintError> {
        static PARSED: OnceLock<Result<Blueprint, BlueprintError>> = OnceLock::new();
        PARSED.get_or_init(Self::parse).as_ref().map_err(Clone::clone)
    }

    fn parse() -> Result<Self, BlueprintError> {
        let mut doctypes = Vec::new();
        for (file, text) in files(&DOCTYPES, "doctypes", "json")? {
            doctypes.push(DocType::parse(text).map_err(|reason| BlueprintError { file, reason })?);
        }
        doctypes.sort_by(|a, b| a.name.cmp(&b.name));
        let storage: Storage = hook("storage.json")?;
        let mut patches = Vec::new();
        for (file, text) in files(&PATCHES, "patches", "sql")? {
            patches.push(Patch::parse(&file, text).map_err(|reason| BlueprintError { file, reason })?);
        }
        Ok(Self {
            doctypes,
            custom_fields: hooks::custom_fields(hook("custom_fields.json")?).map_err(|reason| BlueprintError {
                file: "hooks/custom_fields.json".to_owned(),
                reason,
            })?,
            roles: hook("roles.json")?,
            dashboard_links: hook("dashboard_links.json")?,
            workflow_states: hook("workflow_states.json")?,
            doc_events: hook("doc_events.json")?,
            client_scripts: client_script::assemble(hook("client_scripts.json")?)?,
            reports: report::reports()?,
            workspace: hook("workspace.json")?,
            hidden_columns: storage.columns,
            indexes: storage.indexes,
            patches,
            fingerprint: fingerprint()?,
        })
    }

    /// One of our DocTypes.
    pub(crate) fn doctype(&self, name: &str) -> Option<&DocType> {
        self.doctypes.iter().find(|one| one.name == name)
    }

    /// Names of all our DocTypes.
    pub(crate) fn doctype_names(&self) -> Vec<&str> {
        self.doctypes.iter().map(|one| one.name.as_str()).collect()
    }

    /// Names of the tables that patches make, the ledger last.
    pub(crate) fn internal_tables(&self) -> Vec<&str> {
        let statements = self.patches.iter().flat_map(|patch| &patch.statements);
        let mut tables: Vec<&str> = statements
            .filter_map(|statement| statement.strip_prefix("CREATE TABLE IF NOT EXISTS `")?.split('`').next())
            .collect();
        tables.sort_by_key(|table| *table == LEDGER_TABLE);
        tables
    }

    /// DocTypes of others that get columns from us, each once, in order.
    pub(crate) fn extended_doctypes(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.custom_fields.iter().map(|field| field.doctype.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// Our DocTypes as they are installed, by name: the truth for every column that we read or write.
///
/// # Errors
/// When an embedded file is broken.
pub fn doctypes() -> Result<&'static [DocType], BlueprintError> {
    Ok(&Blueprint::embedded()?.doctypes)
}

/// Name and text of a folder's files with that ending, sorted by name.
fn files(dir: &'static Dir<'_>, folder: &str, ending: &str) -> Result<Vec<(String, &'static str)>, BlueprintError> {
    let mut found = Vec::new();
    for file in dir
        .files()
        .filter(|file| file.path().extension().is_some_and(|it| it == ending))
    {
        let name = format!("{folder}/{}", file.path().display());
        let text = file.contents_utf8().ok_or_else(|| BlueprintError {
            file: name.clone(),
            reason: "no UTF-8".to_owned(),
        })?;
        found.push((name, text));
    }
    found.sort_unstable();
    Ok(found)
}

fn hook_text(name: &str) -> Result<&'static str, BlueprintError> {
    HOOKS
        .get_file(name)
        .and_then(include_dir::File::contents_utf8)
        .ok_or_else(|| BlueprintError {
            file: format!("hooks/{name}"),
            reason: "missing".to_owned(),
        })
}

fn hook<T: serde::de::DeserializeOwned>(name: &str) -> Result<T, BlueprintError> {
    serde_json::from_str(hook_text(name)?).map_err(|error| BlueprintError {
        file: format!("hooks/{name}"),
        reason: error.to_string(),
    })
}

/// Hash over everything that ends up in a site's schema.
fn fingerprint() -> Result<String, BlueprintError> {
    let mut hash = Sha256::new();
    let all = [
        files(&DOCTYPES, "doctypes", "json")?,
        files(&HOOKS, "hooks", "json")?,
        client_script::sources()?,
        report::sources()?,
        files(&PATCHES, "patches", "sql")?,
    ];
    for (name, text) in all.into_iter().flatten() {
        hash.update(name.as_bytes());
        hash.update([0]);
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    Ok(hex::encode(hash.finalize()).chars().take(16).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_files_can_be_read() {
        let blueprint = Blueprint::embedded().expect("embedded");
        assert_eq!(blueprint.doctypes.len(), 25);
        assert_eq!(blueprint.extended_doctypes(), ["Project", "Task", "User"]);
        assert_eq!(blueprint.workflow_states.len(), 6);
    }

    #[test]
    fn every_link_leads_to_a_doctype_that_will_be_there() {
        let blueprint = Blueprint::embedded().expect("embedded");
        let theirs = ["Project", "Task", "User"];
        for doctype in &blueprint.doctypes {
            for field in &doctype.fields {
                if matches!(field.fieldtype.as_str(), "Link" | "Table") {
                    let target = field.text("options");
                    assert!(
                        theirs.contains(&target) || blueprint.doctype(target).is_some(),
                        "{}.{} leads to {target}",
                        doctype.name,
                        field.fieldname
                    );
                    let is_child = blueprint.doctype(target).is_some_and(|one| one.is_table);
                    assert_eq!(field.fieldtype == "Table", is_child, "{}.{}", doctype.name, field.fieldname);
                }
            }
        }
    }

    #[test]
    fn every_index_and_connection_names_a_column_that_will_be_there() {
        let blueprint = Blueprint::embedded().expect("embedded");
        let has = |doctype: &str, field: &str| {
            blueprint.doctype(doctype).is_some_and(|one| one.field(field).is_some())
                || blueprint
                    .custom_fields
                    .iter()
                    .any(|one| one.doctype == doctype && one.field.fieldname == field)
                || blueprint
                    .hidden_columns
                    .iter()
                    .any(|one| one.doctype == doctype && one.column == field)
        };
        for index in &blueprint.indexes {
            for column in &index.columns {
                // Every table has it.
                let is_standard = ["creation", "owner"].contains(&column.as_str());
                assert!(is_standard || has(&index.doctype, column), "{}.{column}", index.doctype);
            }
        }
        for link in &blueprint.dashboard_links {
            assert!(has(&link.link_doctype, &link.link_fieldname), "{link:?}");
        }
        for doctype in &blueprint.doctypes {
            for link in &doctype.links {
                let text = |key: &str| link.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
                assert!(has(text("link_doctype"), text("link_fieldname")), "{link:?}");
            }
        }
    }

    #[test]
    fn the_ledger_is_dropped_last() {
        let tables = Blueprint::embedded().expect("embedded").internal_tables();
        assert!(tables.len() > 10, "{tables:?}");
        assert_eq!(tables.last(), Some(&LEDGER_TABLE));
    }
}
