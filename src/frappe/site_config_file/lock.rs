//! The lock under which Frappe itself changes a site's configuration.
//!
//! `frappe/installer.py: update_site_config` (v14 and later) holds `locks/site_config.lock` in the site's folder, an ordinary
//! `flock`. A lock file that we make must be usable by the bench's user, or we would lock Frappe out of its own configuration.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::Path;
use std::time::{Duration, Instant};

use super::SiteFileError;

/// How long we wait for the lock; Frappe holds it for the writing of one small file.
const PATIENCE: Duration = Duration::from_secs(10);
/// Pause between two attempts.
const PAUSE: Duration = Duration::from_millis(20);

/// The lock, held until dropped; none where the site has no folder for locks or ours cannot be made.
pub(super) struct BenchLock {
    /// Closing it gives the lock back.
    file: Option<File>,
}

impl Drop for BenchLock {
    fn drop(&mut self) {
        // A failure is one of closing as well, which gives the lock back in any case.
        let _closed_anyway = self.file.take().map(|file| file.unlock());
    }
}

/// Takes the lock that belongs to this `site_config.json`.
pub(super) fn acquire(config_file: &Path) -> Result<BenchLock, SiteFileError> {
    let Some(path) = config_file.parent().map(|site| site.join("locks/site_config.lock")) else {
        return Ok(BenchLock { file: None });
    };
    let until = Instant::now() + PATIENCE;
    loop {
        let Some(file) = open(&path, config_file) else {
            // The comparison before the rename still guards against others.
            return Ok(BenchLock { file: None });
        };
        match file.try_lock() {
            Ok(()) if is_still_there(&file, &path) => return Ok(BenchLock { file: Some(file) }),
            // Some versions of the bench's lock remove the file when they are done: what we hold is then nobody's lock.
            Ok(()) | Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(_)) => return Ok(BenchLock { file: None }),
        }
        if Instant::now() > until {
            return Err(SiteFileError::Busy {
                path: config_file.to_owned(),
            });
        }
        std::thread::sleep(PAUSE);
    }
}

fn open(path: &Path, config_file: &Path) -> Option<File> {
    OpenOptions::new()
        .read(true)
        .open(path)
        .or_else(|_missing| make(path, config_file))
        .ok()
}

/// Makes the lock file as the owner of the configuration would.
fn make(path: &Path, config_file: &Path) -> std::io::Result<File> {
    let owner = fs::metadata(config_file)?;
    let folder = path.parent().ok_or(std::io::ErrorKind::NotFound)?;
    let file = tempfile::Builder::new().prefix(".site_config.").tempfile_in(folder)?;
    let made = file.as_file().metadata()?;
    if (made.uid(), made.gid()) != (owner.uid(), owner.gid()) {
        fchown(file.as_file(), Some(owner.uid()), Some(owner.gid()))?;
    }
    file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
    match file.persist_noclobber(path) {
        Ok(file) => Ok(file),
        // Another process was faster: its file is as good.
        Err(_taken) => File::open(path),
    }
}

fn is_still_there(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::metadata(path)) {
        (Ok(held), Ok(named)) => (held.dev(), held.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_of_frappes_lock_is_waited_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = folder.path().join("site_config.json");
        fs::write(&config, "{}").expect("written");
        fs::create_dir(folder.path().join("locks")).expect("made");
        let bench = File::create(folder.path().join("locks/site_config.lock")).expect("made");
        bench.lock().expect("locked");
        std::thread::scope(|scope| {
            let ours = scope.spawn(|| acquire(&config).map(|lock| lock.file.is_some()));
            std::thread::sleep(PAUSE * 5);
            assert!(!ours.is_finished(), "it waits");
            bench.unlock().expect("unlocked");
            assert!(ours.join().expect("ended").expect("locked"), "and then holds it");
        });
    }

    #[test]
    fn a_site_without_a_folder_for_locks_has_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let lock = acquire(&folder.path().join("site_config.json")).expect("no error");
        assert!(lock.file.is_none());
    }
}
