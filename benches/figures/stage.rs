//! A site with the integration installed, and runs of the program on it.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use erpnext_github::clock::SystemClock;
use erpnext_github::frappe::site::Site;
use erpnext_github::sim::github::World;
use erpnext_github::sim::mariadb::ScratchServer;
use erpnext_github::sim::site::{FrappeMajor, SiteOptions, SmallSite};
use erpnext_github::store::owned_columns;
use serde_json::Value;

use super::github::Github;
use crate::program::{PROGRAM, run};

/// How often the memory of a process is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// The tables that mirror GitHub.
pub(crate) fn mirror() -> Vec<String> {
    let all = owned_columns();
    all.iter().map(|table| format!("tab{}", table.doctype)).collect()
}

/// A site of its own, with the token entered.
pub(crate) struct Stage {
    site: SmallSite,
    api: String,
}

/// A run of the program.
pub(crate) struct Ran {
    /// From its start to its end.
    pub(crate) seconds: f64,
    /// The most memory that it held at a time, in MB of 1,000,000 bytes.
    pub(crate) peak: f64,
    /// The repositories that it tells of.
    pub(crate) repositories: Vec<Value>,
}

impl Stage {
    /// Makes the site and installs the integration.
    pub(crate) async fn set(server: &ScratchServer, github: &Github) -> anyhow::Result<Self> {
        let stage = Self {
            site: SmallSite::create(server, FrappeMajor::V15, SiteOptions::default()).await?,
            api: github.api.clone(),
        };
        run(stage.program(&["install"]), None)?;
        // Its account owns the repositories.
        let token = Some(World::TOKEN);
        run(stage.program(&["settings", "set", "personal_access_token", "--stdin"]), token)?;
        Ok(stage)
    }

    /// Removes the database, so that the server has nothing to do for it any more.
    pub(crate) async fn strike(self) -> anyhow::Result<()> {
        Ok(self.site.drop_database().await?)
    }

    /// The site.
    pub(crate) fn site(&self) -> &SmallSite {
        &self.site
    }

    /// The site as the program works with it.
    pub(crate) fn open(&self) -> anyhow::Result<Site> {
        Ok(self.site.open(Arc::new(SystemClock))?)
    }

    /// The program, with these arguments, on this stage.
    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .arg("--bench")
            .arg(self.site.bench_root())
            .env("ERPNEXT_GITHUB_API_URL", &self.api);
        command
    }

    /// `sync --json` with further arguments; every repository must be whole afterwards.
    pub(crate) fn sync(&self, arguments: &[&str]) -> anyhow::Result<Ran> {
        let mut command = self.program(&[&["sync", "--json"], arguments].concat());
        let began = Instant::now();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let status = format!("/proc/{}/status", child.id());
        let watch = thread::spawn(move || peak(&status));
        let output = child.wait_with_output()?;
        let seconds = began.elapsed().as_secs_f64();
        let said = String::from_utf8_lossy(&output.stdout);
        ensure!(
            output.status.success(),
            "{command:?} failed: {said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let answer: Value = serde_json::from_str(&said)?;
        let repositories = answer["sites"][0]["repositories"].as_array().cloned().unwrap_or_default();
        for report in &repositories {
            ensure!(report["status"] == "Completed", "a sync did not complete: {report:#}");
        }
        Ok(Ran {
            seconds,
            peak: watch.join().ok().context("the memory could not be watched")?,
            repositories,
        })
    }
}

/// The highest mark of a process that lives, as the kernel keeps it: what it was at the last look before the end.
fn peak(status: &str) -> f64 {
    let mut kilobytes = 0.0;
    while let Some(mark) = mark(status) {
        kilobytes = mark;
        thread::sleep(LOOK);
    }
    kilobytes * 1_024.0 / 1e6
}

/// `VmHWM` in KiB; none of a process that is over.
fn mark(status: &str) -> Option<f64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// Statements that the server has run for anybody.
pub(crate) async fn statements(server: &ScratchServer) -> anyhow::Result<u64> {
    let rows = server.query("mysql", "SHOW GLOBAL STATUS LIKE 'Questions'").await?;
    let text = rows.into_iter().flatten().nth(1).flatten();
    Ok(text.context("no such status")?.parse()?)
}
