//! What every benchmark stands on: MariaDB (durable), GitHub and the program, each in a process of its own.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use erpnext_github::clock::SystemClock;
use erpnext_github::sim::github::{self, World};
use erpnext_github::sim::mariadb::{ScratchServer, ServerOptions};
use erpnext_github::sim::site::{FrappeMajor, SiteOptions, SmallSite};
use tokio::net::{TcpListener, TcpStream};

/// The program that is measured.
const PROGRAM: &str = env!("CARGO_BIN_EXE_erpnext-github");
/// The repository of [`World::reference`].
pub(crate) const REPOSITORY: &str = "acme/reference";
/// Buffer pool of the measured server, in MiB.
const BUFFER_POOL: u32 = 1_024;
/// Address that the GitHub process listens on, given to it in this variable.
const GITHUB_LISTENS: &str = "BENCH_GITHUB_LISTENS";
/// A process that does not answer after this many looks, a twentieth of a second apart, will not.
const LOOKS: u32 = 600;

/// Issues, pull requests, branches, members.
pub(crate) type Workload = [u64; 4];

/// Answers as GitHub where this process was started to be that; the benchmark is then over.
pub(crate) async fn is_github(workload: Workload) -> anyhow::Result<bool> {
    let Ok(address) = std::env::var(GITHUB_LISTENS) else {
        return Ok(false);
    };
    let [issues, pulls, branches, members] = workload;
    let world = World::reference(issues, pulls, branches, members).with_clock(Arc::new(SystemClock));
    ensure!(world.find(REPOSITORY).is_some(), "the reference world has no {REPOSITORY}");
    github::serve(world, TcpListener::bind(address).await?).await?;
    Ok(true)
}

/// A site with the integration installed, its token entered, and GitHub beside it.
pub(crate) struct Stage {
    pub(crate) site: SmallSite,
    _github: Ended,
    /// Host and port.
    pub(crate) github_address: String,
    _mariadb: ScratchServer,
}

impl Stage {
    pub(crate) async fn set() -> anyhow::Result<Self> {
        let mariadb = ScratchServer::start(ServerOptions::durable(BUFFER_POOL)).await?;
        let site = SmallSite::create(&mariadb, FrappeMajor::V15, SiteOptions::default()).await?;
        let github_address = free_address()?;
        let github = Command::new(std::env::current_exe()?)
            .env(GITHUB_LISTENS, &github_address)
            .spawn()?;
        let stage = Self {
            site,
            _github: Ended(github),
            github_address,
            _mariadb: mariadb,
        };
        answers(&stage.github_address).await?;
        run(stage.program(&["install"]), None)?;
        // Its account owns the repository.
        let token = Some(World::TOKEN);
        run(stage.program(&["settings", "set", "personal_access_token", "--stdin"]), token)?;
        Ok(stage)
    }

    /// The program, with these arguments, on this stage.
    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .arg("--bench")
            .arg(self.site.bench_root())
            .env("ERPNEXT_GITHUB_API_URL", format!("http://{}", self.github_address));
        command
    }
}

/// Runs a command to its end and gives what it printed.
pub(crate) fn run(mut command: Command, input: Option<&str>) -> anyhow::Result<Vec<u8>> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut stdin = child.stdin.take().context("no standard input")?;
    stdin.write_all(input.unwrap_or_default().as_bytes())?;
    drop(stdin);
    let output = child.wait_with_output()?;
    ensure!(
        output.status.success(),
        "{command:?} failed: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(output.stdout)
}

/// An address that was free a moment ago; the process that is given it takes it.
pub(crate) fn free_address() -> anyhow::Result<String> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

/// Until something answers there.
pub(crate) async fn answers(address: &str) -> anyhow::Result<()> {
    for _ in 0..LOOKS {
        if TcpStream::connect(address).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("nothing answers on {address}")
}

/// A process that is ended with this value; it has nothing to save.
pub(crate) struct Ended(pub(crate) Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ended_already = self.0.kill();
        let _reaped = self.0.wait();
    }
}
