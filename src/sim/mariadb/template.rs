//! An initialised data directory: made by MariaDB's own program, and kept so that it need not be made again.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::ScratchError;
use super::folder::is_root;
use super::options::ServerOptions;
use super::programs::Programs;

/// Counts up when the way of making a template changes, so that older ones are not used.
const FORMAT: u32 = 1;
/// The program's messages are shown up to this many characters, the last ones.
const SHOWN: usize = 2000;

/// Puts an initialised data directory at `target`: a copy of the kept template, which is made first where there is none.
pub(super) fn prepare(programs: &Programs, options: &ServerOptions, target: &Path) -> Result<(), ScratchError> {
    let Some(cache) = &options.template_cache else {
        return initialise(programs, target);
    };
    let template = cache.join(key(&programs.version));
    if !template.is_dir() {
        make_template(programs, cache, &template)?;
    }
    copy_tree(&template, target)
}

/// Made beside its place and then renamed, so that nobody copies half a template. Two processes may both make one; one wins.
fn make_template(programs: &Programs, cache: &Path, template: &Path) -> Result<(), ScratchError> {
    std::fs::create_dir_all(cache).map_err(ScratchError::file("making", cache))?;
    let workshop = tempfile::Builder::new()
        .prefix(".making-")
        .tempdir_in(cache)
        .map_err(ScratchError::file("making a folder in", cache))?;
    let made = workshop.path().join("data");
    initialise(programs, &made)?;
    match std::fs::rename(&made, template) {
        Err(_) if template.is_dir() => Ok(()),
        result => result.map_err(ScratchError::file("renaming", &made)),
    }
}

fn initialise(programs: &Programs, target: &Path) -> Result<(), ScratchError> {
    let mut command = Command::new(&programs.installer);
    command
        .arg("--no-defaults")
        .arg(format!("--datadir={}", target.display()))
        .args([
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--skip-name-resolve",
        ])
        // A small template is quick to copy.
        .args(["--innodb-log-file-size=16M", "--innodb-autoextend-increment=1"]);
    if is_root() {
        command.arg("--user=root");
    }
    let output = command.output().map_err(ScratchError::file("running", &programs.installer))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said: Vec<char> = String::from_utf8_lossy(&said).trim().chars().collect();
    Err(ScratchError::Failed {
        what: "making a data directory with mariadb-install-db",
        reason: said[said.len().saturating_sub(SHOWN)..].iter().collect(),
    })
}

/// The version as a folder name, with the user: files of one user cannot be served by another.
fn key(version: &str) -> String {
    let version: String = version
        .split("Ver ")
        .last()
        .unwrap_or_default()
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() || letter == '.' {
                letter
            } else {
                '_'
            }
        })
        .take(60)
        .collect();
    format!("{version}-{}-{FORMAT}", nix::unistd::geteuid())
}

fn copy_tree(from: &Path, to: &Path) -> Result<(), ScratchError> {
    std::fs::create_dir(to).map_err(ScratchError::file("making", to))?;
    let entries = std::fs::read_dir(from).map_err(ScratchError::file("reading", from))?;
    for entry in entries {
        let entry = entry.map_err(ScratchError::file("reading", from))?;
        let (source, target): (PathBuf, PathBuf) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy_tree(&source, &target)?;
        } else {
            std::fs::copy(&source, &target).map_err(ScratchError::file("copying", &source))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn the_key_is_a_folder_name_of_its_version() {
        let key = key("mariadbd  Ver 10.11.6-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)");
        assert!(key.starts_with("10.11.6_MariaDB_0_deb12u1"), "{key}");
        assert!(!key.contains('/') && !key.contains(' '), "{key}");
    }
}
