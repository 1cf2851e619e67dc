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

#[cfg(test)]
mod tests {
    use super::*;

    fn bench(sites: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(root.path().join("sites")).expect("made");
        std::fs::write(root.path().join("sites").join(COMMON_FILE), "{}").expect("written");
        for site in sites {
            std::fs::create_dir_all(root.path().join("sites").join(site)).expect("made");
            std::fs::write(root.path().join("sites").join(site).join(SITE_FILE), r#"{"db_name": "x"}"#).expect("written");
        }
        root
    }

    fn locate(flag: Option<&Path>, working_directory: &Path, variable: Option<&Path>) -> Result<PathBuf, BenchError> {
        let variable = variable.map(|path| ("ERPNEXT_GITHUB_BENCH".to_owned(), path.display().to_string()));
        let environment = variable.into_iter().collect();
        Bench::locate(flag, working_directory, environment).map(|bench| bench.root().to_owned())
    }

    #[test]
    fn flag_then_folder_then_variable() {
        let (flag, here, variable) = (bench(&[]), bench(&["a.localhost"]), bench(&[]));
        let deep = here.path().join("sites/a.localhost");
        let nowhere = tempfile::tempdir().expect("a folder");
        let found = |flag, cwd, variable| locate(flag, cwd, variable).expect("a bench");
        assert_eq!(found(Some(flag.path()), &deep, Some(variable.path())), flag.path());
        assert_eq!(found(None, &deep, Some(variable.path())), here.path());
        assert_eq!(found(None, nowhere.path(), Some(variable.path())), variable.path());
        let message = locate(None, nowhere.path(), None).expect_err("none").to_string();
        assert!(message.contains("--bench PATH"), "{message}");
        let message = locate(Some(nowhere.path()), &deep, None).expect_err("no bench").to_string();
        assert!(
            message.contains("is no bench"),
            "a wrong flag is not silently passed over: {message}"
        );
    }

    #[test]
    fn an_unknown_site_is_told_with_those_that_exist() {
        let root = bench(&["b.localhost", "a.localhost"]);
        std::fs::create_dir(root.path().join("sites/assets")).expect("made");
        let bench = Bench::locate(Some(root.path()), Path::new("/"), BTreeMap::new()).expect("a bench");
        assert_eq!(
            bench.site_names(),
            ["a.localhost", "b.localhost"],
            "folders without a configuration are no sites"
        );
        assert_eq!(bench.site("a.localhost").expect("there").site, "a.localhost");
        let message = bench.site("c.localhost").expect_err("unknown").to_string();
        assert!(message.starts_with("there is no site `c.localhost` in "), "{message}");
        assert!(message.ends_with("known sites are a.localhost, b.localhost"), "{message}");
    }

    #[test]
    fn a_name_cannot_leave_the_folder_of_sites() {
        let root = bench(&["a.localhost"]);
        // A file that a name with dots would reach.
        std::fs::write(root.path().join(SITE_FILE), r#"{"db_name": "x"}"#).expect("written");
        let bench = Bench::locate(Some(root.path()), Path::new("/"), BTreeMap::new()).expect("a bench");
        for name in [
            "..",
            "../x",
            "a.localhost/../..",
            "/etc",
            ".",
            "",
            "a b",
            "a\0b",
            "ä",
            "a.localhost/",
        ] {
            let refused = bench.site(name);
            assert!(
                matches!(refused, Err(SiteConfigError::Unknown { .. })),
                "{name:?}: {refused:?}"
            );
        }
    }
}
