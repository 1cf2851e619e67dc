//! The reference workload against the fake GitHub: seconds, requests, rows a second and peak memory of the first sync and of
//! the second, with MariaDB (durable), GitHub and the program each in a process of its own.
//!
//! `cargo bench --features sim --bench reference`; `REFERENCE=issues,pulls,branches,members` makes it smaller or larger.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the figures are what this program is for"
)]

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use erpnext_github::clock::SystemClock;
use erpnext_github::sim::github::{self, World};
use erpnext_github::sim::mariadb::{ScratchServer, ServerOptions};
use erpnext_github::sim::site::{FrappeMajor, SiteOptions, SmallSite};
use nix::sys::resource::{UsageWho, getrusage};
use serde_json::Value;
use tokio::net::TcpListener;

/// The program that is measured.
const PROGRAM: &str = env!("CARGO_BIN_EXE_erpnext-github");
/// Token of the world; its account owns the repository.
const TOKEN: &str = World::TOKEN;
/// The repository of [`World::reference`].
const REPOSITORY: &str = "acme/reference";
/// Buffer pool of the measured server, in MiB.
const BUFFER_POOL: u32 = 1_024;
/// Address that the GitHub process listens on, given to it in this variable.
const GITHUB_LISTENS: &str = "REFERENCE_GITHUB";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let size = size()?;
    match std::env::var(GITHUB_LISTENS) {
        Ok(address) => be_github(&address, size).await,
        Err(_not_asked) => measure(size).await,
    }
}

/// Issues, pull requests, branches, members.
fn size() -> anyhow::Result<[u64; 4]> {
    let text = std::env::var("REFERENCE").unwrap_or_else(|_| "10000,5000,200,50".to_owned());
    let numbers: Vec<u64> = text
        .split(',')
        .map(str::parse)
        .collect::<Result<_, _>>()
        .context("REFERENCE wants four numbers")?;
    numbers.try_into().ok().context("REFERENCE wants four numbers")
}

async fn be_github(address: &str, [issues, pulls, branches, members]: [u64; 4]) -> anyhow::Result<()> {
    let world = World::reference(issues, pulls, branches, members).with_clock(Arc::new(SystemClock));
    ensure!(world.find(REPOSITORY).is_some(), "the reference world has no {REPOSITORY}");
    let listener = TcpListener::bind(address).await?;
    Ok(github::serve(world, listener).await?)
}

async fn measure(workload: [u64; 4]) -> anyhow::Result<()> {
    let mariadb = ScratchServer::start(ServerOptions::durable(BUFFER_POOL)).await?;
    let site = SmallSite::create(&mariadb, FrappeMajor::V15, SiteOptions::default()).await?;
    let github = Github::start()?;
    github.wait().await?;
    let bench = site.bench_root().display().to_string();
    let program = |arguments: &[&str]| {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .args(["--bench", &bench])
            .env("ERPNEXT_GITHUB_API_URL", format!("http://{}", github.address));
        command
    };
    run(program(&["install"]), None)?;
    run(program(&["settings", "set", "personal_access_token", "--stdin"]), Some(TOKEN))?;
    let records: u64 = workload.iter().sum();
    println!("{records} records: {workload:?} issues, pull requests, branches, members");
    println!(
        "{:<22} {:>9} {:>9} {:>9} {:>11} {:>9}",
        "", "seconds", "requests", "points", "records/s", "peak MB"
    );
    for (name, arguments) in [
        ("first sync", &["sync", "--json", "--repo", REPOSITORY][..]),
        ("second sync", &["sync", "--json"]),
        ("second complete walk", &["sync", "--json", "--full"]),
    ] {
        let began = Instant::now();
        let answer: Value = serde_json::from_slice(&run(program(arguments), None)?)?;
        let seconds = began.elapsed().as_secs_f64();
        let peak = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss() / 1_024;
        let report = &answer["sites"][0]["repositories"][0];
        ensure!(report["status"] == "Completed", "the sync did not complete: {answer:#}");
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = records as f64 / seconds;
        println!(
            "{name:<22} {seconds:>9.2} {:>9} {:>9} {rate:>11.0} {peak:>9}",
            report["requests"], report["points"]
        );
    }
    println!("(peak memory is the largest of all runs so far; seconds are of the whole process, its start included)");
    Ok(())
}

/// Runs a command to its end and gives what it printed.
fn run(mut command: Command, input: Option<&str>) -> anyhow::Result<Vec<u8>> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut stdin = child.stdin.take().context("no standard input")?;
    stdin.write_all(input.unwrap_or_default().as_bytes())?;
    drop(stdin);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
    }
    ensure!(
        output.status.success(),
        "{command:?} failed: {}",
        String::from_utf8_lossy(&output.stdout)
    );
    Ok(output.stdout)
}

/// GitHub in a process of its own, ended with this value.
struct Github {
    child: Child,
    address: String,
}

impl Github {
    fn start() -> anyhow::Result<Self> {
        // A port that was free a moment ago; the other process takes it.
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let child = Command::new(std::env::current_exe()?).env(GITHUB_LISTENS, &address).spawn()?;
        Ok(Self { child, address })
    }

    /// Until it answers.
    async fn wait(&self) -> anyhow::Result<()> {
        for _ in 0..600 {
            if tokio::net::TcpStream::connect(&self.address).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        anyhow::bail!("the fake GitHub did not start")
    }
}

impl Drop for Github {
    fn drop(&mut self) {
        // It has nothing to save.
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}
