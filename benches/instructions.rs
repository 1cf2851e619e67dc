//! Instructions that the hot paths take for a page of a hundred issues: a guard against regressions that depends on no machine and no
//! load. Each path runs under callgrind twice, once so many times and once twice as often; the difference is the path, without
//! the start of the process. Neither symbols nor marks in the code are needed for that.
//!
//! `make bench-instructions`; with `UPDATE=1` what was counted becomes what is expected (`benches/instructions.txt`). GitHub and
//! MariaDB, where a path speaks to them, are other processes, whose instructions are not counted.
#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use erpnext_github::clock::SystemClock;
use erpnext_github::config::Hosts;
use erpnext_github::domain::{Change, ChangeSet, Issue};
use erpnext_github::frappe::db::Databases;
use erpnext_github::frappe::site::Site;
use erpnext_github::frappe::site_config::SiteConfig;
use erpnext_github::github::{Client, ClientOptions, Credential, FeedItem, payload};
use erpnext_github::setup::{self, SetupOptions};
use erpnext_github::sim::github::{FakeGithub, World};
use erpnext_github::sim::mariadb::{ScratchServer, ServerOptions};
use erpnext_github::sim::site::{FrappeMajor, SiteOptions, SmallSite};
use erpnext_github::store::{People, Stamp, Writer, apply};
use secrecy::SecretString;
use serde_json::value::RawValue;

/// The paths, and how often each runs at first.
const PATHS: [(&str, usize); 4] = [("decode", 20), ("read", 20), ("unchanged", 10), ("new", 10)];
/// More or fewer instructions than this share of what is expected are told.
const TOLERANCE: f64 = 0.03;
/// Which path this process is, how often it runs it, and where GitHub and the site are.
const PATH: &str = "INSTRUCTIONS_PATH";
const TIMES: &str = "INSTRUCTIONS_TIMES";
const API: &str = "INSTRUCTIONS_API";
const SITES: &str = "INSTRUCTIONS_SITES";
const SITE: &str = "INSTRUCTIONS_SITE";
/// A page of nothing but issues.
const REPOSITORY: &str = "acme/reference";
const ISSUES: usize = 100;

fn main() -> anyhow::Result<()> {
    if let Ok(path) = std::env::var(PATH) {
        // One thread: what several do while they wait for each other is no part of the path.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        return runtime.block_on(walk(&path, variable(TIMES)?.parse()?));
    }
    tokio::runtime::Runtime::new()?.block_on(compare())
}

fn variable(name: &str) -> anyhow::Result<String> {
    std::env::var(name).with_context(|| format!("{name} is not set"))
}

/// One path, so many times.
async fn walk(path: &str, times: usize) -> anyhow::Result<()> {
    let _there_already = rustls::crypto::ring::default_provider().install_default();
    let page = page().await?;
    match path {
        "decode" => {
            for _ in 0..times {
                black_box(issues(black_box(&page))?);
            }
            Ok(())
        }
        "read" => read(times).await,
        "unchanged" => unchanged(issues(&page)?, times).await,
        "new" => new(&issues(&page)?, times).await,
        other => bail!("there is no path `{other}`"),
    }
}

/// The first page as GitHub sends it.
async fn page() -> anyhow::Result<String> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let url = format!("{}/repos/{REPOSITORY}/issues?state=all&per_page={ISSUES}", variable(API)?);
    let request = http.get(url).bearer_auth(World::TOKEN).header("User-Agent", "benchmark");
    Ok(request.send().await?.error_for_status()?.text().await?)
}

/// Its text as domain values.
fn issues(page: &str) -> anyhow::Result<Vec<Issue>> {
    let raw: Vec<&RawValue> = serde_json::from_str(page)?;
    let mut issues = Vec::with_capacity(raw.len());
    for one in raw {
        match payload::item(one)? {
            FeedItem::Issue(issue) => issues.push(issue),
            FeedItem::PullRequest(_) => bail!("the page is to hold issues alone"),
        }
    }
    Ok(issues)
}

/// A page asked for and read, as a sync does it.
async fn read(times: usize) -> anyhow::Result<()> {
    let hosts = Hosts::of_api(&variable(API)?)?;
    let credential = Credential::Token(SecretString::from(World::TOKEN));
    let client = Client::new(hosts, &credential, Arc::new(SystemClock), ClientOptions::default())?;
    let name = REPOSITORY.parse()?;
    for _ in 0..times {
        let page = client.items(&name, None).next().await?;
        ensure!(page.is_some_and(|page| page.items.len() == ISSUES), "a page is not whole");
    }
    Ok(())
}

/// The site, with the repository in it and nothing else.
async fn home() -> anyhow::Result<(Site, u64)> {
    let config = SiteConfig::read(Path::new(&variable(SITES)?), &variable(SITE)?, &BTreeMap::new())?;
    let site = Site::new(config, &Databases::new(2), Arc::new(SystemClock))?;
    for table in ["tabRepository", "tabRepository Issue", "tabRepository Issue Assignee"] {
        site.db().exec("emptying", &format!("TRUNCATE TABLE `{table}`"), ()).await?;
    }
    let http = reqwest::Client::builder().no_proxy().build()?;
    let request = http
        .get(format!("{}/repos/{REPOSITORY}", variable(API)?))
        .bearer_auth(World::TOKEN);
    let text = request.header("User-Agent", "benchmark").send().await?.text().await?;
    let repository = payload::repository(text.as_str())?;
    let id = repository.id;
    put(&site, &ChangeSet::one(id, Change::Repository(Box::new(repository)))).await?;
    Ok((site, id))
}

async fn put(site: &Site, set: &ChangeSet) -> anyhow::Result<()> {
    let (stamp, people) = (Stamp::now(site, "Administrator").await?, People::default());
    let writer = Writer {
        site,
        stamp: &stamp,
        people: &people,
        lease: None,
        is_first: false,
    };
    apply(&writer, set).await?;
    Ok(())
}

/// A page that says what is stored: read, compared, not written.
async fn unchanged(issues: Vec<Issue>, times: usize) -> anyhow::Result<()> {
    let (site, id) = home().await?;
    let set = ChangeSet::one(id, Change::Issues(issues));
    put(&site, &set).await?;
    for _ in 0..times {
        put(&site, &set).await?;
    }
    Ok(())
}

/// Pages of issues that nobody has seen: rows, statement and all.
async fn new(issues: &[Issue], times: usize) -> anyhow::Result<()> {
    let most = PATHS.iter().map(|(_, times)| 2 * times).max().unwrap_or_default();
    let page = |step: usize| {
        let later = |issue: &Issue| {
            let mut issue = issue.clone();
            issue.item.number += (step * ISSUES) as u64;
            issue.id += (step * ISSUES) as u64;
            issue.item.node_id = format!("{}{step:04}", issue.item.node_id);
            issue
        };
        issues.iter().map(later).collect::<Vec<_>>()
    };
    let pages: Vec<Vec<Issue>> = (0..most).map(page).collect();
    let (site, id) = home().await?;
    let sets: Vec<ChangeSet> = pages
        .into_iter()
        .map(|page| ChangeSet::one(id, Change::Issues(page)))
        .collect();
    for set in &sets[..times] {
        put(&site, set).await?;
    }
    Ok(())
}

/// Counts all paths, and holds them against what is expected.
async fn compare() -> anyhow::Result<()> {
    let github = FakeGithub::start(World::reference(ISSUES as u64, 0, 1, 1)).await?;
    let server = ScratchServer::start(ServerOptions::default()).await?;
    let site = SmallSite::create(&server, FrappeMajor::V15, SiteOptions::default()).await?;
    setup::install(&site.open(Arc::new(SystemClock))?, &SetupOptions::default(), &|_: &str| {}).await?;
    let mut counted = BTreeMap::new();
    for (path, times) in PATHS {
        let count = |times: usize| {
            let mut command = Command::new("valgrind");
            command
                .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
                .arg(std::env::current_exe()?)
                .env(PATH, path)
                .env(TIMES, times.to_string())
                .env(API, github.base_url())
                .env(SITES, site.bench().sites())
                .env(SITE, site.site_name());
            instructions(command)
        };
        // Off the threads that GitHub answers on.
        let (once, twice) = tokio::task::block_in_place(|| anyhow::Ok((count(times)?, count(2 * times)?)))?;
        counted.insert(path, (twice.saturating_sub(once)) / times as u64);
    }
    judge(&counted)
}

/// What callgrind says at the end.
fn instructions(mut command: Command) -> anyhow::Result<u64> {
    let output = command
        .output()
        .context("valgrind cannot be started: .ci/need valgrind installs it")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed: {said}");
    let total = said.lines().find_map(|line| line.split_once("Collected :"));
    let (_, total) = total.with_context(|| format!("callgrind counted nothing: {said}"))?;
    Ok(total.trim().parse()?)
}

fn judge(counted: &BTreeMap<&str, u64>) -> anyhow::Result<()> {
    let compiler = Command::new("rustc").arg("--version").output()?;
    let compiler = String::from_utf8_lossy(&compiler.stdout).trim().to_owned();
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.txt");
    let is_update = std::env::var_os("UPDATE").is_some_and(|value| !value.is_empty());
    if is_update && !cfg!(debug_assertions) {
        let mut text = format!(
            "# Instructions for a page of {ISSUES} issues, by callgrind; `make bench-instructions UPDATE=1` writes this.\n"
        );
        writeln!(text, "# {compiler}")?;
        for (path, count) in counted {
            writeln!(text, "{path} {count}")?;
        }
        std::fs::write(&file, text)?;
    }
    let text = std::fs::read_to_string(&file).context("benches/instructions.txt says what is expected; UPDATE=1 writes it")?;
    let expected: BTreeMap<&str, u64> = text
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(path, count)| Some((path, count.parse().ok()?)))
        .collect();
    println!("{:<12} {:>14} {:>14} {:>8}", "path", "instructions", "expected", "");
    let mut grown = Vec::new();
    for (path, &count) in counted {
        let wanted = expected.get(path).copied();
        let share = wanted.map(|wanted| share(count, wanted));
        let (wanted, told) = (
            wanted.map_or_else(String::new, |wanted| wanted.to_string()),
            share.map(|share| format!("{:+.1} %", share * 100.0)),
        );
        println!("{path:<12} {count:>14} {wanted:>14} {:>8}", told.unwrap_or_default());
        if share.is_some_and(|share| share > TOLERANCE) {
            grown.push(*path);
        }
        if share.is_none() {
            println!(
                "{:<12} has no expected count yet: `make bench-instructions UPDATE=1` notes it",
                ""
            );
        }
        if share.is_some_and(|share| share < -TOLERANCE) {
            println!(
                "{:<12} takes less than is expected: `make bench-instructions UPDATE=1` notes it",
                ""
            );
        }
    }
    if cfg!(debug_assertions) {
        println!("(a debug build: nothing is compared with what is expected)");
        return Ok(());
    }
    if !text.contains(&compiler) {
        println!("(what is expected was counted with another compiler than {compiler})");
    }
    ensure!(grown.is_empty(), "more instructions than expected: {}", grown.join(", "));
    Ok(())
}

/// How much more than expected.
#[expect(clippy::cast_precision_loss, reason = "a share for people")]
fn share(count: u64, wanted: u64) -> f64 {
    count as f64 / wanted.max(1) as f64 - 1.0
}
