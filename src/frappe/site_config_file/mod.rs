//! Changing one key of a site's `site_config.json` beside a running bench.
//!
//! The file holds the site's database password: it is replaced whole (temporary file, then rename), never opened for writing,
//! and keeps its owner, its mode, every other key and its own style to the byte. Frappe's own lock is held meanwhile, and a
//! change that somebody made without that lock is noticed and built upon. These calls block for as long as the lock is taken.

mod lock;
mod text;

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::replace_file::{self, Outcome};

/// How often a change is begun anew because somebody else changed the file in between.
const ATTEMPTS: usize = 20;

/// Why the file could not be changed. No message holds a value of the file.
#[derive(Debug, thiserror::Error)]
pub enum SiteFileError {
    /// It cannot be read, or holds no JSON object.
    #[error("{path}: {reason}; correct the file")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// It cannot be replaced, or not without changing who owns it.
    #[error("{path} cannot be written ({reason})")]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// What stands in the way.
        reason: String,
    },
    /// Others hold the lock, or change the file faster than we can.
    #[error("{path} is being changed by another process; try again")]
    Busy {
        /// The file.
        path: PathBuf,
    },
}

/// Sets a key, whether or not it is there.
///
/// # Errors
/// When the file cannot be read or replaced.
pub fn set_key(path: &Path, key: &str, value: &Value) -> Result<(), SiteFileError> {
    edit(path, |values, text| {
        if values.get(key) == Some(value) {
            None
        } else {
            text::set(text, key, value)
        }
    })
}

/// Removes a key; a file without it is left alone.
///
/// # Errors
/// When the file cannot be read or replaced.
pub fn remove_key(path: &Path, key: &str) -> Result<(), SiteFileError> {
    edit(path, |values, text| {
        values.contains_key(key).then(|| text::remove(text, key)).flatten()
    })
}

/// Sets a key unless it holds something already, and gives what it holds in the end, which may be another process' value.
///
/// # Errors
/// When the file cannot be read or replaced.
pub(super) fn set_if_absent(path: &Path, key: &str, value: &Value) -> Result<Value, SiteFileError> {
    edit(path, |values, text| {
        if is_absent(values.get(key)) {
            text::set(text, key, value)
        } else {
            None
        }
    })?;
    let (values, _) = read(path)?;
    Ok(values.get(key).cloned().unwrap_or(Value::Null))
}

/// True for what Frappe's own code would not take for a value: nothing, null, an empty text.
fn is_absent(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(_) => false,
    }
}

/// Replaces the file by what `change` makes of its text; nothing happens where that is none.
fn edit(path: &Path, change: impl Fn(&Map<String, Value>, &str) -> Option<String>) -> Result<(), SiteFileError> {
    let _lock = lock::acquire(path)?;
    for _ in 0..ATTEMPTS {
        let (values, old) = read(path)?;
        let Some(new) = change(&values, &old) else {
            return Ok(());
        };
        match replace_file::replace(path, old.as_bytes(), new.as_bytes()) {
            Ok(Outcome::Replaced) => return Ok(()),
            Ok(Outcome::Overtaken) => {}
            Err(error) => {
                return Err(SiteFileError::NotWritable {
                    path: path.to_owned(),
                    reason: error.to_string(),
                });
            }
        }
    }
    Err(SiteFileError::Busy { path: path.to_owned() })
}

/// The file's values and its text. A worker of the bench truncates the file before it writes it, so that a file that is no
/// JSON is looked at again before it is called broken.
fn read(path: &Path) -> Result<(Map<String, Value>, String), SiteFileError> {
    /// Pauses of a few milliseconds: as long as a small file may take to be written.
    const PAUSES_MS: [u64; 4] = [1, 5, 20, 80];
    let unreadable = |reason: String| SiteFileError::Unreadable {
        path: path.to_owned(),
        reason,
    };
    let mut pauses = PAUSES_MS.iter();
    loop {
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
        match (serde_json::from_str(&text), pauses.next()) {
            (Ok(Value::Object(values)), _) => return Ok((values, text)),
            (Ok(_), _) => return Err(unreadable("holds JSON that is no object".to_owned())),
            (Err(_), Some(pause)) => std::thread::sleep(std::time::Duration::from_millis(*pause)),
            (Err(error), None) => return Err(unreadable(format!("is no JSON ({error})"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::*;

    const FRAPPES: &str =
        "{\n \"db_name\": \"_1bd3e0294da19198\",\n \"db_password\": \"pa\\u00df \\\"x\\\"\",\n \"limits\": {\"a\": 1e5}\n}";

    fn site(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("site_config.json");
        std::fs::write(&path, text).expect("written");
        (folder, path)
    }

    fn text(path: &Path) -> String {
        std::fs::read_to_string(path).expect("readable")
    }

    #[test]
    fn a_key_comes_and_goes_without_a_trace() {
        for before in [
            FRAPPES,
            "{\"db_name\":\"x\",\"a\":1}\n",
            "{\n    \"z\": 1,\n    \"b\": [1, 2]\n}\n",
            "{}",
        ] {
            let (folder, path) = site(before);
            set_key(&path, "erpnext_github_instance_id", &Value::from("4f")).expect("set");
            let values: Value = serde_json::from_str(&text(&path)).expect("JSON");
            assert_eq!(values["erpnext_github_instance_id"], "4f");
            remove_key(&path, "erpnext_github_instance_id").expect("removed");
            assert_eq!(text(&path), before, "every other byte is as it was");
            assert_eq!(
                std::fs::read_dir(folder.path()).expect("readable").count(),
                1,
                "nothing is left beside it"
            );
        }
    }

    #[test]
    fn a_key_takes_its_place_in_frappes_order() {
        let (_folder, path) = site(FRAPPES);
        set_key(&path, "encryption_key", &Value::from("k")).expect("set");
        assert_eq!(
            text(&path),
            FRAPPES.replace(" \"limits\"", " \"encryption_key\": \"k\",\n \"limits\""),
            "indent 1, sorted, escapes and numbers untouched"
        );
        set_key(&path, "encryption_key", &Value::from("k2")).expect("set again");
        assert!(text(&path).contains("\n \"encryption_key\": \"k2\",\n \"limits\": {\"a\": 1e5}\n}"));
    }

    #[test]
    fn owner_mode_and_links_are_kept() {
        let (folder, path) = site(FRAPPES);
        std::fs::create_dir(folder.path().join("locks")).expect("made");
        // Only root can give a file away; for anybody else it stays his own.
        let _given = std::os::unix::fs::chown(&path, Some(12_345), Some(54_321));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("mode");
        let link = folder.path().join("link.json");
        std::os::unix::fs::symlink(&path, &link).expect("linked");
        let before = path.metadata().expect("there");
        set_key(&link, "a", &Value::from(true)).expect("set");
        let after = path.metadata().expect("there");
        assert_eq!(after.mode() & 0o7777, 0o640);
        assert_eq!((after.uid(), after.gid()), (before.uid(), before.gid()));
        let lock = folder.path().join("locks/site_config.lock").metadata().expect("made");
        assert_eq!(
            (lock.uid(), lock.mode() & 0o777),
            (before.uid(), 0o644),
            "the bench can take our lock too"
        );
        assert!(
            link.symlink_metadata().expect("there").file_type().is_symlink(),
            "the link still is one"
        );
        assert!(text(&path).contains("\"a\": true"));
    }

    #[test]
    fn another_process_value_wins() {
        let (_folder, path) = site(r#"{"encryption_key": "theirs"}"#);
        let found = set_if_absent(&path, "encryption_key", &Value::from("ours")).expect("read");
        assert_eq!(found, "theirs");
        assert_eq!(text(&path), r#"{"encryption_key": "theirs"}"#);
        let (_folder, path) = site(r#"{"encryption_key": ""}"#);
        assert_eq!(
            set_if_absent(&path, "encryption_key", &Value::from("ours")).expect("set"),
            "ours"
        );
    }

    #[test]
    fn writers_beside_each_other_lose_nothing() {
        let (folder, path) = site("{}");
        std::fs::create_dir(folder.path().join("locks")).expect("made");
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let path = &path;
                scope.spawn(move || {
                    for n in 0..5 {
                        set_key(path, &format!("k{writer}_{n}"), &Value::from(n)).expect("set");
                    }
                });
            }
        });
        let values: Map<String, Value> = serde_json::from_str(&text(&path)).expect("JSON");
        assert_eq!(values.len(), 40);
        assert!(
            folder.path().join("locks/site_config.lock").is_file(),
            "Frappe's lock was held"
        );
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let (_folder, path) = site("[1]");
        let message = set_key(&path, "a", &Value::from(1)).expect_err("no object").to_string();
        assert!(
            message.contains("site_config.json: holds JSON that is no object"),
            "{message}"
        );
        let message = set_key(Path::new("/nowhere/site_config.json"), "a", &Value::from(1))
            .expect_err("no file")
            .to_string();
        assert!(message.starts_with("/nowhere/site_config.json: "), "{message}");
    }
}
