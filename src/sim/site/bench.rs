//! A bench folder: what a sidecar reads of a bench, and nothing of Frappe itself.

use std::fs;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::{RedisUrls, SiteError};
use crate::frappe::site_config::{COMMON_FILE, SITE_FILE};
use crate::sim::mariadb::ScratchServer;

/// A bench folder; removed with its last clone.
#[derive(Debug, Clone)]
pub struct BenchFolder(Arc<TempDir>);

impl BenchFolder {
    /// Makes `sites/` with `apps.txt` and a `common_site_config.json` that holds the Redis addresses. It lies in the server's own
    /// folder, so that it goes with the server if the program is killed.
    ///
    /// # Errors
    /// When the files cannot be written.
    pub fn create(server: &ScratchServer, redis: &RedisUrls) -> Result<Self, SiteError> {
        let folder = tempfile::Builder::new()
            .prefix("bench-")
            .tempdir_in(server.folder())
            .map_err(SiteError::file("making a folder in", server.folder()))?;
        let bench = Self(Arc::new(folder));
        make_dir(&bench.sites())?;
        write(&bench.sites().join("apps.txt"), "frappe\nerpnext\n")?;
        let common = json!({
            "redis_cache": redis.cache,
            "redis_queue": redis.queue,
            "redis_socketio": redis.cache,
            // Nobody listens there, until a test serves the site.
            "webserver_port": 1,
            "socketio_port": 9000,
        });
        write_json(&bench.sites().join(COMMON_FILE), &common)?;
        Ok(bench)
    }

    /// The bench's folder, for `--bench`.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.0.path()
    }

    /// The folder of the sites.
    #[must_use]
    pub fn sites(&self) -> PathBuf {
        self.root().join("sites")
    }

    /// Changes one key of `common_site_config.json`; null removes it.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn set_common(&self, key: &str, value: Value) -> Result<(), SiteError> {
        set_key(&self.sites().join(COMMON_FILE), key, value)
    }

    /// Makes a site's folder with its `site_config.json`.
    pub(super) fn add_site(&self, name: &str, config: &Map<String, Value>) -> Result<(), SiteError> {
        let site = self.sites().join(name);
        for folder in ["private/files", "public/files", "logs", "locks"] {
            make_dir(&site.join(folder))?;
        }
        write_json(&site.join(SITE_FILE), &Value::Object(config.clone()))
    }
}

/// Changes one key of a JSON file, the others and the file's mode kept; null removes it.
pub(super) fn set_key(path: &Path, key: &str, value: Value) -> Result<(), SiteError> {
    let text = fs::read_to_string(path).map_err(SiteError::file("reading", path))?;
    let mut values: Map<String, Value> =
        serde_json::from_str(&text).map_err(|error| SiteError::file("reading", path)(std::io::Error::other(error)))?;
    if value.is_null() {
        values.shift_remove(key);
    } else {
        values.insert(key.to_owned(), value);
    }
    let mode = fs::metadata(path)
        .map_err(SiteError::file("reading", path))?
        .permissions()
        .mode();
    write_json(path, &Value::Object(values))?;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(SiteError::file("writing", path))
}

fn make_dir(path: &Path) -> Result<(), SiteError> {
    fs::create_dir_all(path).map_err(SiteError::file("making", path))
}

fn write_json(path: &Path, value: &Value) -> Result<(), SiteError> {
    // One blank of indentation, as Frappe writes it.
    let mut text = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b" ");
    serde::Serialize::serialize(value, &mut serde_json::Serializer::with_formatter(&mut text, formatter))
        .map_err(|error| SiteError::file("writing", path)(std::io::Error::other(error)))?;
    write(path, &String::from_utf8_lossy(&text))
}

/// Written beside its place and renamed, so that a reader never sees half a file.
fn write(path: &Path, text: &str) -> Result<(), SiteError> {
    use std::io::Write as _;
    let beside = path.with_extension("new");
    fs::File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o640)
        .open(&beside)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&beside, path))
        .map_err(SiteError::file("writing", path))
}
