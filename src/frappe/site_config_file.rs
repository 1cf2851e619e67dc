//! Stand-in until the frappe room brings its own: editing `site_config.json`.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::site_config::read_object;

/// The file cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct SiteConfigFileError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong.
    pub reason: String,
}

fn edit(path: &Path, change: impl FnOnce(&mut Map<String, Value>)) -> Result<(), SiteConfigFileError> {
    let error = |error: std::io::Error| SiteConfigFileError {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let mut values = read_object(path).map_err(error)?;
    change(&mut values);
    let text = serde_json::to_string_pretty(&values).map_err(std::io::Error::other).map_err(error)?;
    std::fs::write(path, text).map_err(error)
}

/// Reads one text.
pub(crate) fn text(path: &Path, key: &str) -> Result<Option<String>, SiteConfigFileError> {
    let values = read_object(path).map_err(|error| SiteConfigFileError {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    Ok(values.get(key).and_then(Value::as_str).map(str::to_owned))
}

/// Sets one key.
///
/// # Errors
/// When the file cannot be read or written.
pub fn set_key(path: &Path, key: &str, value: &Value) -> Result<(), SiteConfigFileError> {
    edit(path, |values| {
        values.insert(key.to_owned(), value.clone());
    })
}

/// Removes one key.
///
/// # Errors
/// When the file cannot be read or written.
pub fn remove_key(path: &Path, key: &str) -> Result<(), SiteConfigFileError> {
    edit(path, |values| {
        values.shift_remove(key);
    })
}
