//! Where MariaDB's programs are.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::ScratchError;

/// Looked into after PATH: servers are often not in an ordinary user's PATH.
const MORE_FOLDERS: [&str; 5] = ["/usr/sbin", "/usr/libexec", "/usr/local/sbin", "/usr/local/bin", "/usr/bin"];

/// The programs that a scratch server needs.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    pub(super) server: PathBuf,
    pub(super) installer: PathBuf,
    pub(super) client: PathBuf,
    pub(super) dumper: PathBuf,
    /// What the server says of itself.
    pub(super) version: String,
}

impl Programs {
    /// Finds them under their present or their older names.
    pub(super) fn find() -> Result<Self, ScratchError> {
        let server = find(&["mariadbd", "mysqld"], "mariadb-server", "mariadb-server")?;
        let version = version_of(&server)?;
        if !version.contains("MariaDB") {
            return Err(ScratchError::NotMariaDb { path: server, version });
        }
        Ok(Self {
            server,
            installer: find(
                &["mariadb-install-db", "mysql_install_db"],
                "mariadb-server",
                "mariadb-server",
            )?,
            client: find(&["mariadb", "mysql"], "mariadb-client", "mariadb")?,
            dumper: find(&["mariadb-dump", "mysqldump"], "mariadb-client", "mariadb")?,
            version,
        })
    }
}

fn find(names: &[&'static str; 2], debian: &'static str, fedora: &'static str) -> Result<PathBuf, ScratchError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path)
        .chain(MORE_FOLDERS.iter().map(PathBuf::from))
        .collect();
    find_in(names, &folders).ok_or(ScratchError::Missing {
        program: names[0],
        debian,
        fedora,
    })
}

/// The first of `names` that is in any of `folders`; a present name anywhere beats an older one.
fn find_in(names: &[&str], folders: &[PathBuf]) -> Option<PathBuf> {
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|path| path.is_file())
}

fn version_of(server: &Path) -> Result<String, ScratchError> {
    let output = Command::new(server)
        .args(["--no-defaults", "--version"])
        .output()
        .map_err(ScratchError::file("running", server))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_present_name_is_preferred_and_the_older_one_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let folders = [folder.path().join("nothing"), folder.path().to_owned()];
        let names = ["mariadbd", "mysqld"];
        assert_eq!(find_in(&names, &folders), None);
        for name in ["mysqld", "mariadbd"] {
            std::fs::write(folder.path().join(name), "").expect("a file");
            assert_eq!(find_in(&names, &folders), Some(folder.path().join(name)));
        }
    }

    #[test]
    fn a_missing_program_names_its_package() {
        let error = find(&["no-such-server", "nor-this-one"], "mariadb-server", "mariadb-server").expect_err("not there");
        let text = error.to_string();
        assert!(
            text.contains("`no-such-server`") && text.contains("apt-get install mariadb-server"),
            "{text}"
        );
    }
}
