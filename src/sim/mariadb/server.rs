//! Starting a scratch server, waiting for it, and talking to it as its administrator.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, OptsBuilder};

use super::database::random_word;
use super::folder::{RunFolder, is_root};
use super::programs::Programs;
use super::watcher::Watcher;
use super::{ScratchError, ServerOptions, template};

/// How long a server may take until it answers; minutes on a machine that is busy compiling.
const START_LIMIT: Duration = Duration::from_secs(120);
/// Pause between two questions whether it answers.
const POLL: Duration = Duration::from_millis(10);
/// A port that was free a moment ago may be taken; then another is tried, this often.
const PORT_ATTEMPTS: u32 = 5;

/// A MariaDB server of our own. Cheap to clone; the server ends, and its folder goes, with the last clone or with the program.
#[derive(Clone)]
pub struct ScratchServer(Arc<Running>);

impl std::fmt::Debug for ScratchServer {
    /// The administrator's password is in there.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScratchServer")
            .field("folder", &self.folder())
            .field("port", &self.port())
            .finish_non_exhaustive()
    }
}

struct Running {
    /// Dropped first: ends the server and removes the folder.
    watcher: Watcher,
    folder: RunFolder,
    programs: Programs,
    port: u16,
    admin: Opts,
    captures: tokio::sync::Mutex<()>,
    capturing: AtomicUsize,
}

impl ScratchServer {
    /// Starts a server and waits until it answers. Folders that crashed runs left behind are removed first.
    ///
    /// # Errors
    /// When MariaDB is not installed (the sentence names the package) or does not start (the end of its log is given).
    pub async fn start(options: ServerOptions) -> Result<Self, ScratchError> {
        let mut attempt = 1;
        loop {
            let options = options.clone();
            let launched = tokio::task::spawn_blocking(move || Running::launch(&options))
                .await
                .map_err(ScratchError::task("starting MariaDB"))??;
            match launched.wait_until_ready().await {
                Ok(()) => return Ok(Self(Arc::new(launched))),
                Err(_) if attempt < PORT_ATTEMPTS && launched.folder.log_tail().contains("Bind on TCP/IP port") => attempt += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.0.port
    }

    /// Path of the unix socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.0.folder.socket()
    }

    /// What the server calls itself, for example "mariadbd  Ver 10.11.6-MariaDB ...".
    #[must_use]
    pub fn version(&self) -> &str {
        &self.0.programs.version
    }

    /// Folder of the running server; gone when it has ended.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.0.folder.path()
    }

    /// Process number of the server, for measurements of its memory.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.0.folder.server_pid().and_then(|pid| u32::try_from(pid.as_raw()).ok())
    }

    /// Kills the server as a machine that fails would, and waits until it is gone. Its data and its port stay.
    ///
    /// # Errors
    /// When whoever watches over it is gone, too.
    pub async fn crash(&self) -> Result<(), ScratchError> {
        self.0.watcher.say("crash")?;
        while self.0.folder.server_pid().is_some() {
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    /// Starts the server again after [`Self::crash`], on the same data and port, and waits until it answers.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_again(&self) -> Result<(), ScratchError> {
        // Of the life before; and what a new server does first would take away the users of its databases.
        let _none = std::fs::remove_file(self.0.folder.started_file());
        let init = self.0.folder.init_file();
        std::fs::write(&init, "FLUSH PRIVILEGES;\n").map_err(ScratchError::file("writing", &init))?;
        self.0.watcher.say("start")?;
        self.0.wait_until_ready().await
    }

    /// A new connection as the server's administrator, over the socket. It belongs to the caller's runtime.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn admin(&self) -> Result<Conn, ScratchError> {
        self.0
            .admin()
            .await
            .map_err(ScratchError::sql("connecting to the scratch MariaDB"))
    }

    /// Sets the largest packet that the server takes, in bytes, for connections made from now on, in all its databases.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn set_max_allowed_packet(&self, bytes: u64) -> Result<(), ScratchError> {
        let mut conn = self.admin().await?;
        conn.query_drop(format!("SET GLOBAL max_allowed_packet = {bytes}"))
            .await
            .map_err(ScratchError::sql("setting max_allowed_packet"))
    }

    pub(super) fn programs(&self) -> &Programs {
        &self.0.programs
    }

    /// Option file with the administrator's password, for the client programs.
    pub(super) fn client_file(&self) -> PathBuf {
        self.0.folder.client_file()
    }

    /// Held while the general log is switched on or off.
    pub(super) fn capture_lock(&self) -> &tokio::sync::Mutex<()> {
        &self.0.captures
    }

    /// Number of captures under way.
    pub(super) fn capturing(&self) -> &AtomicUsize {
        &self.0.capturing
    }
}

impl Running {
    /// Blocks: copies or makes a data directory, then starts the server on it.
    fn launch(options: &ServerOptions) -> Result<Self, ScratchError> {
        let programs = Programs::find()?;
        let folder = RunFolder::create(!options.durable)?;
        template::prepare(&programs, options, &folder.data())?;
        let password = random_word();
        write_private(&folder.init_file(), &init_sql(&password))?;
        write_private(
            &folder.client_file(),
            &format!(
                "[client]\nuser=root\npassword={password}\nsocket={}\n",
                folder.socket().display()
            ),
        )?;
        let port = free_port().map_err(ScratchError::file("finding a free port on", "127.0.0.1"))?;
        let arguments = options.arguments(&folder, port, is_root());
        let watcher = Watcher::start(folder.path(), &programs.server, &arguments)?;
        let admin = OptsBuilder::default()
            .user(Some("root"))
            .pass(Some(password))
            .socket(Some(folder.socket().display().to_string()))
            .setup(vec!["SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci, time_zone = '+00:00'"])
            .into();
        Ok(Self {
            watcher,
            folder,
            programs,
            port,
            admin,
            captures: tokio::sync::Mutex::default(),
            capturing: AtomicUsize::new(0),
        })
    }

    async fn admin(&self) -> Result<Conn, mysql_async::Error> {
        Conn::new(self.admin.clone()).await
    }

    async fn wait_until_ready(&self) -> Result<(), ScratchError> {
        let begun = Instant::now();
        loop {
            if self.folder.pid_file().exists() && self.admin().await.is_ok() {
                return Ok(());
            }
            let gone = self.folder.started_file().exists() && self.folder.server_pid().is_none();
            // Between its start and its first instruction a process has the shell's command line: a moment later it is asked again.
            if gone && begun.elapsed() > Duration::from_millis(500) || begun.elapsed() > START_LIMIT {
                return Err(ScratchError::Failed {
                    what: "starting MariaDB",
                    reason: if gone {
                        format!("it ended by itself; its log says:\n{}", self.folder.log_tail())
                    } else {
                        format!(
                            "no answer after {} s; its log says:\n{}",
                            START_LIMIT.as_secs(),
                            self.folder.log_tail()
                        )
                    },
                });
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

/// Run by the server before it takes connections, one statement a line: one administrator, who has a password.
fn init_sql(password: &str) -> String {
    format!(
        "DELETE FROM mysql.global_priv WHERE NOT (User IN ('root', 'mariadb.sys') AND Host = 'localhost');\n\
         FLUSH PRIVILEGES;\n\
         ALTER USER root@localhost IDENTIFIED BY '{password}';\n"
    )
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// A file that only we can read: it holds a password.
pub(super) fn write_private(path: &Path, text: &str) -> Result<(), ScratchError> {
    use std::io::Write as _;
    std::fs::File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(ScratchError::file("writing", path))
}
