//! The folder that a scratch server lives in, and the sweep of folders that crashed runs left behind.
//!
//! A folder is held by a lock on a file in it. The system lets go of the lock when the process ends, however it ends, so that a
//! folder whose lock can be had is nobody's.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::ScratchError;

/// Every folder of ours begins with this.
const PREFIX: &str = "erpnext-github-mariadb-";
/// A younger folder is left alone by the sweep: its owner may not have locked it yet.
const GRACE: Duration = Duration::from_secs(60);
/// Memory is used for the files where at least this much is free there.
const ROOM_IN_MEMORY: u64 = 4 << 30;
/// A unix socket's path may have 107 bytes on Linux.
const SOCKET_PATH_LIMIT: usize = 100;
/// Where Linux keeps files in memory.
const MEMORY: &str = "/dev/shm";

/// A running server's folder, held as long as this value lives.
#[derive(Debug)]
pub(super) struct RunFolder {
    path: PathBuf,
    /// The lock; released with the file.
    _held: File,
}

impl RunFolder {
    /// Makes a folder: in memory where there is room (`in_memory`), else among the temporary files.
    pub(super) fn create(in_memory: bool) -> Result<Self, ScratchError> {
        let base = base_folder(in_memory);
        for base in [Path::new(MEMORY), &std::env::temp_dir(), Path::new("/tmp")] {
            sweep(base, GRACE);
        }
        let path = tempfile::Builder::new()
            .prefix(PREFIX)
            .tempdir_in(&base)
            .map_err(ScratchError::file("making a folder in", &base))?
            .keep();
        let lock_path = path.join("lock");
        let held = File::create(&lock_path).map_err(ScratchError::file("making", &lock_path))?;
        held.lock().map_err(ScratchError::file("locking", &lock_path))?;
        let folder = Self { path, _held: held };
        std::fs::create_dir(folder.tmp()).map_err(ScratchError::file("making", folder.tmp()))?;
        Ok(folder)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.path.join("mysqld.sock")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.path.join("server.log")
    }

    pub(super) fn tmp(&self) -> PathBuf {
        self.path.join("tmp")
    }

    /// Written by the server when it is ready.
    pub(super) fn pid_file(&self) -> PathBuf {
        self.path.join("ready.pid")
    }

    /// Written by the watcher as soon as it has started the server.
    pub(super) fn started_file(&self) -> PathBuf {
        started_file(&self.path)
    }

    /// Statements that the server runs before it accepts a connection.
    pub(super) fn init_file(&self) -> PathBuf {
        self.path.join("init.sql")
    }

    /// Option file with the administrator's password, for the client programs.
    pub(super) fn client_file(&self) -> PathBuf {
        self.path.join("client.cnf")
    }

    /// The server's process, if it runs.
    pub(super) fn server_pid(&self) -> Option<Pid> {
        server_pid(&self.path)
    }

    /// Last lines of the server's log, for messages.
    pub(super) fn log_tail(&self) -> String {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(8)..].join("\n")
    }
}

impl Drop for RunFolder {
    /// Ends a server that still runs there and removes the folder. The watcher does both; this is for when it was killed, or never
    /// came to be.
    fn drop(&mut self) {
        clear(&self.path);
    }
}

/// True where this process is root, whom MariaDB wants named.
pub(super) fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

fn base_folder(in_memory: bool) -> PathBuf {
    let memory = Path::new(MEMORY);
    let free = nix::sys::statvfs::statvfs(memory).map_or(0, |room| room.blocks_available() * room.fragment_size());
    let writable = nix::unistd::access(memory, nix::unistd::AccessFlags::W_OK).is_ok();
    if in_memory && writable && free >= ROOM_IN_MEMORY {
        return memory.to_owned();
    }
    let temporary = std::env::temp_dir();
    if temporary.as_os_str().len() + PREFIX.len() + "XXXXXX/mysqld.sock".len() < SOCKET_PATH_LIMIT {
        temporary
    } else {
        PathBuf::from("/tmp")
    }
}

/// Removes the folders in `base` that no living process holds and that are older than `grace`.
fn sweep(base: &Path, grace: Duration) {
    let Ok(entries) = std::fs::read_dir(base) else { return };
    for entry in entries.filter_map(Result::ok) {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let young = entry
            .metadata()
            .and_then(|meta| meta.modified())
            .is_ok_and(|made| made.elapsed().is_ok_and(|age| age < grace));
        // Another user's folder cannot be opened for writing, and is left alone with it.
        let ours = File::options().write(true).open(entry.path().join("lock"));
        if !young && ours.is_ok_and(|lock| lock.try_lock().is_ok()) {
            clear(&entry.path());
        }
    }
}

fn started_file(folder: &Path) -> PathBuf {
    folder.join("server.pid")
}

/// The process named in the folder, if it lives and is the server of this very folder: numbers of processes are used again.
fn server_pid(folder: &Path) -> Option<Pid> {
    let pid: i32 = std::fs::read_to_string(started_file(folder)).ok()?.trim().parse().ok()?;
    match std::fs::read(format!("/proc/{pid}/cmdline")) {
        Ok(line) if !String::from_utf8_lossy(&line).contains(&*folder.to_string_lossy()) => None,
        Ok(_) => Some(Pid::from_raw(pid)),
        // A system without /proc can only be asked whether the process lives.
        Err(_) if !Path::new("/proc/self").exists() && kill(Pid::from_raw(pid), None).is_ok() => Some(Pid::from_raw(pid)),
        Err(_) => None,
    }
}

fn clear(folder: &Path) {
    if let Some(pid) = server_pid(folder) {
        // It may have ended by itself meanwhile; nothing in the folder is worth an orderly end.
        let _ended = kill(pid, Signal::SIGKILL);
    }
    // What cannot be removed now is tried again by the next run.
    let _removed = std::fs::remove_dir_all(folder);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sweep_takes_what_nobody_holds_and_leaves_the_rest() {
        let base = tempfile::tempdir().expect("a folder");
        let folder = |name: &str| {
            let path = base.path().join(name);
            std::fs::create_dir(&path).expect("a folder");
            File::create(path.join("lock")).expect("a file")
        };
        drop(folder("erpnext-github-mariadb-dead"));
        let held = folder("erpnext-github-mariadb-held");
        held.lock().expect("a lock");
        drop(folder("somebody-elses"));
        sweep(base.path(), Duration::ZERO);
        let mut left: Vec<String> = std::fs::read_dir(base.path())
            .expect("the folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        left.sort();
        assert_eq!(left, ["erpnext-github-mariadb-held", "somebody-elses"]);
    }

    #[test]
    fn a_folder_goes_with_its_owner_even_when_no_server_ever_ran_there() {
        let folder = RunFolder::create(false).expect("a folder");
        let path = folder.path().to_owned();
        assert!(path.is_dir());
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn a_young_folder_is_left_alone() {
        let base = tempfile::tempdir().expect("a folder");
        let path = base.path().join("erpnext-github-mariadb-young");
        std::fs::create_dir(&path).expect("a folder");
        File::create(path.join("lock")).expect("a file");
        sweep(base.path(), GRACE);
        assert!(path.is_dir());
    }
}
