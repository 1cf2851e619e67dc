//! The reports of the desk: what they are, their statements, and what their pages do.

use include_dir::{Dir, File, include_dir};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{BlueprintError, files};

static REPORTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/hooks/reports");

/// Folder of the files, as errors name it.
const FOLDER: &str = "hooks/reports";

/// A Query Report.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Report {
    /// Its name.
    pub(crate) name: String,
    /// The DocType whose right to be reported on is needed.
    pub(crate) ref_doctype: String,
    /// Who may open it.
    pub(crate) roles: Vec<String>,
    /// Filters that Frappe knows.
    pub(crate) filters: Vec<Map<String, Value>>,
    /// The statement.
    #[serde(skip)]
    pub(crate) query: String,
    /// What its page does.
    #[serde(skip)]
    pub(crate) script: String,
}

/// All reports, by the names of their files.
pub(super) fn reports() -> Result<Vec<Report>, BlueprintError> {
    let mut reports = Vec::new();
    for (file, text) in files(&REPORTS, FOLDER, "json")? {
        let mut report: Report = serde_json::from_str(text).map_err(|error| BlueprintError {
            file: file.clone(),
            reason: error.to_string(),
        })?;
        report.query = beside(&file, "sql")?;
        report.script = beside(&file, "js")?;
        reports.push(report);
    }
    Ok(reports)
}

/// The file of the same name with another ending.
fn beside(file: &str, ending: &str) -> Result<String, BlueprintError> {
    let last = file.rsplit('/').next().unwrap_or(file);
    let name = format!("{}{ending}", last.trim_end_matches("json"));
    let text = REPORTS.get_file(&name).and_then(File::contents_utf8);
    text.map(str::to_owned).ok_or_else(|| BlueprintError {
        file: format!("{FOLDER}/{name}"),
        reason: "missing".to_owned(),
    })
}

/// Name and text of every file, for the fingerprint.
pub(super) fn sources() -> Result<Vec<(String, &'static str)>, BlueprintError> {
    let mut all = Vec::new();
    for ending in ["json", "sql", "js"] {
        all.extend(files(&REPORTS, FOLDER, ending)?);
    }
    Ok(all)
}
