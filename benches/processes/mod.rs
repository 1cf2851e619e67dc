//! What the benchmarks of the desk and of deliveries stand on: MariaDB (durable), GitHub and the program, each in a process of its own.

mod program;

use std::process::Command;
use std::sync::Arc;

use anyhow::ensure;
use erpnext_github::clock::SystemClock;
use erpnext_github::sim::github::{self, World};
use erpnext_github::sim::mariadb::{ScratchServer, ServerOptions};
use erpnext_github::sim::site::{FrappeMajor, SiteOptions, SmallSite};
use tokio::net::TcpListener;

use program::{BUFFER_POOL, PROGRAM};
pub(crate) use program::{Ended, REPOSITORY, answers, free_address, run};

/// Address that the GitHub process listens on, given to it in this variable.
const GITHUB_LISTENS: &str = "BENCH_GITHUB_LISTENS";

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
