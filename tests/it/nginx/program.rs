//! The real nginx with a configuration of a test's own, listening on a socket file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Where the program is; none, with the reason printed, where it is not installed.
pub(crate) fn binary(test: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    let found = folders.map(|folder| folder.join("nginx")).find(|file| file.is_file());
    if found.is_none() {
        println!("skipped {test}: nginx is not installed (`.ci/need nginx` installs it)");
    }
    found
}

/// A configuration that takes in one file with the servers of a test, and nginx for it.
pub(crate) struct TestNginx {
    binary: PathBuf,
    folder: TempDir,
    running: bool,
}

impl TestNginx {
    /// A configuration; none, with the reason printed, where nginx is not installed. `servers` may name the folder as `FOLDER`.
    pub(crate) fn new(test: &str, servers: &str) -> Option<Self> {
        let nginx = Self {
            binary: binary(test)?,
            folder: TempDir::new().expect("a folder"),
            running: false,
        };
        let folder = nginx.folder.path();
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {}/{kind};\n", folder.display()))
            .concat();
        let user = if nix::unistd::geteuid().is_root() { "user root;" } else { "" };
        let whole = format!(
            "{user}\ndaemon on;\npid {folder}/pid;\nerror_log {folder}/error.log;\nworker_processes 1;\nevents {{ worker_connections 64; }}\n\
             http {{\naccess_log off;\n{temporary}include {folder}/servers.conf;\n}}\n",
            folder = folder.display(),
        );
        fs::write(folder.join("nginx.conf"), whole).expect("written");
        fs::write(nginx.file(), servers.replace("FOLDER", &folder.to_string_lossy())).expect("written");
        Some(nginx)
    }

    /// The file with the servers.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("servers.conf")
    }

    pub(crate) fn text(&self) -> String {
        fs::read_to_string(self.file()).expect("readable")
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What `--nginx` is given.
    pub(crate) fn command(&self) -> String {
        let folder = self.folder.path().display();
        format!(
            "{} -p {folder} -e {folder}/error.log -c {folder}/nginx.conf",
            self.binary.display()
        )
    }

    fn call(&self, more: &[&str]) {
        let command = self.command();
        let mut words = command.split(' ');
        let program = words.next().expect("a program");
        let output = Command::new(program).args(words).args(more).output().expect("nginx");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Starts it; its sockets are there when this returns, because it leaves its terminal only then.
    pub(crate) fn start(&mut self) {
        self.call(&[]);
        self.running = true;
    }

    /// A client whose every request goes through the socket file of that name.
    pub(crate) fn client(&self, socket: &str) -> reqwest::Client {
        // An error means that one is there already.
        let _kept = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::builder()
            .no_proxy()
            .unix_socket(self.folder.path().join(socket))
            .build()
            .expect("a client")
    }
}

impl Drop for TestNginx {
    fn drop(&mut self) {
        if self.running {
            self.call(&["-s", "stop"]);
        }
    }
}
