//! A bench: the folder whose `sites/` holds the sites.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::site_config::{COMMON_FILE, SITE_FILE, SiteConfig, SiteConfigError};

/// A bench folder that was found to be one.
#[derive(Debug, Clone)]
pub struct Bench {
    root: PathBuf,
    environment: BTreeMap<String, String>,
}

/// Why no bench can be used.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// None was named, and we do not stand in one.
    #[error("no bench found: stand in a bench, give --bench PATH, or set ERPNEXT_GITHUB_BENCH")]
    NotFound,
    /// The named folder is none.
    #[error("{0} is no bench: it has no `sites` folder with a {COMMON_FILE} or a site in it")]
    NoBench(PathBuf),
}

impl Bench {
    /// Finds the bench: the folder given by flag, else the one that `working_directory` lies in, else the one in `ERPNEXT_GITHUB_BENCH`.
    ///
    /// # Errors
    /// When there is none, or the named folder is no bench.
    pub fn locate(
        flag: Option<&Path>,
        working_directory: &Path,
        environment: BTreeMap<String, String>,
    ) -> Result<Self, BenchError> {
        let named = |path: &Path| {
            if is_bench(path) {
                Ok(path.to_owned())
            } else {
                Err(BenchError::NoBench(path.to_owned()))
            }
        };
        let root = match flag {
            Some(path) => named(path)?,
            None => match working_directory.ancestors().find(|folder| is_bench(folder)) {
                Some(folder) => folder.to_owned(),
                None => match environment.get("ERPNEXT_GITHUB_BENCH").filter(|path| !path.is_empty()) {
                    Some(path) => named(Path::new(path))?,
                    None => return Err(BenchError::NotFound),
                },
            },
        };
        Ok(Self { root, environment })
    }

    /// The bench's folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder that holds the sites.
    #[must_use]
    pub fn sites_folder(&self) -> PathBuf {
        self.root.join("sites")
    }

    /// Names of all sites, sorted.
    #[must_use]
    pub fn site_names(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.sites_folder()) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .filter_map(Result::ok)
            .filter(|entry| entry.path().join(SITE_FILE).is_file())
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| is_site_name(name))
            .collect();
        names.sort();
        names
    }

    /// One site's configuration, read afresh.
    ///
    /// # Errors
    /// When there is no such site or its files cannot be read.
    pub fn site(&self, name: &str) -> Result<SiteConfig, SiteConfigError> {
        if !is_site_name(name) || !self.sites_folder().join(name).join(SITE_FILE).is_file() {
            let known = self.site_names();
            return Err(SiteConfigError::Unknown {
                site: name.to_owned(),
                bench: self.root.clone(),
                known: if known.is_empty() {
                    "none".to_owned()
                } else {
                    known.join(", ")
                },
            });
        }
        SiteConfig::read(&self.sites_folder(), name, &self.environment)
    }
}

fn is_bench(folder: &Path) -> bool {
    let sites = folder.join("sites");
    sites.join(COMMON_FILE).is_file()
        || std::fs::read_dir(&sites).is_ok_and(|entries| {
            entries
                .filter_map(Result::ok)
                .any(|entry| entry.path().join(SITE_FILE).is_file())
        })
}

/// What Frappe accepts as a site's folder name; anything else could leave `sites/`.
fn is_site_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}
