//! Loading and dumping through MariaDB's own client programs.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flate2::read::MultiGzDecoder;

use super::server::write_private;
use super::{Credentials, ScratchError, ScratchServer};

/// Set before a dump is read: without a file for each table a `ROW_FORMAT=COMPRESSED` table is kept uncompressed, which strict
/// mode would refuse.
const PREAMBLE: &[u8] = b"SET SESSION innodb_strict_mode = OFF;\n";

/// What makes two dumps of equal data equal: no time, no host, rows in the order of their key, one statement a row.
const DUMP_OPTIONS: [&str; 8] = [
    "--skip-dump-date",
    "--skip-comments",
    "--order-by-primary",
    "--hex-blob",
    "--skip-extended-insert",
    "--skip-add-locks",
    "--skip-disable-keys",
    "--skip-lock-tables",
];

impl ScratchServer {
    /// Loads a file of statements, `.sql` or `.sql.gz`, into a database, as `bench restore` does.
    ///
    /// # Errors
    /// When the file cannot be read, or the server refuses a statement: those before it have been run.
    pub async fn load_dump(&self, database: &str, path: &Path) -> Result<(), ScratchError> {
        let command = self.program(&self.programs().client, &[database]);
        let path = path.to_owned();
        tokio::task::spawn_blocking(move || feed(command, &path))
            .await
            .map_err(ScratchError::task("loading a dump"))?
    }

    /// The whole database as statements: equal data gives an equal text, byte for byte.
    ///
    /// # Errors
    /// When the dump program fails.
    pub async fn dump(&self, database: &str) -> Result<String, ScratchError> {
        self.dump_tables(database, &[]).await
    }

    /// Like [`Self::dump`] for the named tables alone (`tabProject`); all tables when none is named.
    ///
    /// # Errors
    /// When the dump program fails, for example because there is no such table.
    pub async fn dump_tables(&self, database: &str, tables: &[&str]) -> Result<String, ScratchError> {
        let mut arguments = DUMP_OPTIONS.to_vec();
        arguments.push(database);
        arguments.extend(tables);
        let mut command = self.program(&self.programs().dumper, &arguments);
        let output = tokio::task::spawn_blocking(move || command.output())
            .await
            .map_err(ScratchError::task("dumping a database"))?
            .map_err(ScratchError::file("running", &self.programs().dumper))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(ScratchError::Failed {
            what: "dumping a database",
            reason: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        })
    }

    /// What a person types to look into a database, with the rights of its user. The password is in `file`, which is made in the
    /// server's folder and only we can read, so that no list of processes and no shell history shows it.
    ///
    /// # Errors
    /// When the file cannot be written, for example because it is there.
    pub fn shell_command(&self, credentials: &Credentials, file: &str) -> Result<String, ScratchError> {
        use secrecy::ExposeSecret as _;
        let file = self.folder().join(file);
        let text = format!(
            "[client]\nuser={}\npassword={}\nsocket={}\ndefault-character-set=utf8mb4\n[mysql]\ndatabase={}\n",
            credentials.user(),
            credentials.password.expose_secret(),
            self.socket().display(),
            credentials.database
        );
        write_private(&file, &text)?;
        let program = &self.programs().client;
        // Everybody has this folder in PATH; others are named.
        let program = program.strip_prefix("/usr/bin").unwrap_or(program);
        Ok(format!("{} --defaults-file={}", program.display(), file.display()))
    }

    /// A client program as the administrator. The password is in a file, never among the arguments.
    fn program(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .arg(format!("--defaults-file={}", self.client_file().display()))
            .arg("--default-character-set=utf8mb4")
            .args(arguments);
        command
    }
}

/// Runs the client with the file, unpacked, as its input.
fn feed(mut command: Command, path: &Path) -> Result<(), ScratchError> {
    let file = File::open(path).map_err(ScratchError::file("reading", path))?;
    let mut source: Box<dyn Read> = if path.extension().is_some_and(|extension| extension == "gz") {
        Box::new(MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let program = PathBuf::from(command.get_program());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(ScratchError::file("running", &program))?;
    let fed = match child.stdin.take() {
        Some(mut input) => input
            .write_all(PREAMBLE)
            .and_then(|()| std::io::copy(&mut source, &mut input)),
        None => Ok(0),
    };
    let output = child.wait_with_output().map_err(ScratchError::file("running", &program))?;
    if !output.status.success() {
        // Said first: a client that gives up also breaks the pipe.
        return Err(ScratchError::Failed {
            what: "loading a dump",
            reason: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        });
    }
    fed.map(|_bytes| ()).map_err(ScratchError::file("reading", path))
}
