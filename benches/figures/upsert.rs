//! The store without GitHub: prepared pages, three at a time, put through `store::apply` into empty tables, beside a loader that inserts the
//! same rows. A run stores issues and pull requests in two transactions side by side, and so is it measured; one after the other is told, too.

use std::time::Instant;

use anyhow::{Context as _, bail, ensure};
use erpnext_github::domain::{Change, ChangeSet, Repository};
use erpnext_github::frappe::db::DbError;
use erpnext_github::frappe::site::Site;
use erpnext_github::github::{FeedItem, payload};
use erpnext_github::store::lease::{self, Taken};
use erpnext_github::store::{People, Stamp, Writer, apply};
use serde_json::value::RawValue;

use super::Bench;
use super::floors::{self, Rows};
use super::github::Github;
use super::stage::{Stage, mirror};
use super::table::{Line, float, median};
use crate::program::REPOSITORY;

/// Rows a second, and the share of a bare loader's.
const BARS: [f64; 2] = [25_000.0, 0.7];
/// Things in one change: what a run stores together where GitHub is faster than the database.
const TOGETHER: usize = 300;

pub(super) async fn measure(bench: &Bench) -> anyhow::Result<()> {
    let github = Github::reference(bench.reference())?;
    let stage = Stage::set(&bench.server, &github).await?;
    let prepared = Prepared::read(&github).await?;
    let site = stage.open()?;
    let (mut ours, mut bare, mut rows, mut share) = (Vec::new(), Vec::new(), 0, Vec::new());
    let mut in_turn = Vec::new();
    for _ in 0..bench.choice.rounds {
        empty(&stage).await?;
        let alone = prepared.apply(&site, Way::InTurn).await?;
        empty(&stage).await?;
        let seconds = prepared.apply(&site, Way::SideBySide).await?;
        let stored = Rows::read(&bench.server, &stage.site().credentials().database, &items()).await?;
        rows = stored.count();
        ensure!(rows >= prepared.things(), "{rows} rows are stored");
        let loaded = stored.load(&bench.server).await?;
        ours.push(float(rows) / seconds);
        bare.push(float(rows) / loaded);
        share.push(loaded / seconds);
        in_turn.push((float(rows) / alone, loaded / alone));
    }
    let (ours, bare, share) = (median(ours), median(bare), median(share));
    let (rates, shares): (Vec<f64>, Vec<f64>) = in_turn.into_iter().unzip();
    Line::new(
        format!("upsert alone, {rows} rows into empty tables: rows a second"),
        format!("{ours:.0}"),
        format!(">= {}", BARS[0]),
        ours >= BARS[0],
    )
    .print();
    Line::new(
        "  share of the bare loader",
        format!("{share:.2}"),
        format!(">= {}", BARS[1]),
        share >= BARS[1],
    )
    .beside(format!("loader {bare:.0} rows a s"), 1.0 / share)
    .print();
    println!(
        "one transaction after the other: {:.0} rows a second, {:.2} of the loader",
        median(rates),
        median(shares)
    );
    stage.strike().await
}

/// The tables that issues and pull requests go to.
fn items() -> Vec<String> {
    let of_items = |table: &String| {
        ["tabRepository Issue", "tabRepository Pull Request", "tabRepository PR"]
            .iter()
            .any(|start| table.starts_with(start))
    };
    mirror().into_iter().filter(of_items).collect()
}

async fn empty(stage: &Stage) -> anyhow::Result<()> {
    for table in mirror() {
        stage.site().execute(&format!("TRUNCATE TABLE `{table}`")).await?;
    }
    Ok(())
}

/// How the pages are stored.
#[derive(Clone, Copy)]
enum Way {
    /// Issues in one transaction and pull requests in another, as a run does.
    SideBySide,
    /// One transaction after the other.
    InTurn,
}

/// What is to be stored.
struct Prepared {
    repository: Repository,
    issues: Vec<ChangeSet>,
    pulls: Vec<ChangeSet>,
}

impl Prepared {
    async fn read(github: &Github) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        let text = floors::get(&http, &github.api, &format!("/repos/{REPOSITORY}")).await?;
        let repository = payload::repository(text.as_str())?;
        let issues = list(&http, github, "issues", |raw| match payload::item(raw)? {
            FeedItem::Issue(issue) => Ok(Some(issue)),
            FeedItem::PullRequest(_) => Ok(None),
        });
        let issues = issues.await?;
        let pulls = list(&http, github, "pulls", |raw| Ok(Some(payload::pull_request(raw)?))).await?;
        let issues = issues.chunks(TOGETHER).map(|some| Change::Issues(some.to_vec()));
        let pulls = pulls.chunks(TOGETHER).map(|some| Change::PullRequests(some.to_vec()));
        let id = repository.id;
        Ok(Self {
            issues: issues.map(|change| ChangeSet::one(id, change)).collect(),
            pulls: pulls.map(|change| ChangeSet::one(id, change)).collect(),
            repository,
        })
    }

    /// Issues and pull requests.
    fn things(&self) -> u64 {
        let count = |change: &Change| match change {
            Change::Issues(all) => all.len(),
            Change::PullRequests(all) => all.len(),
            _ => 0,
        };
        self.issues
            .iter()
            .chain(&self.pulls)
            .flat_map(|page| &page.changes)
            .map(count)
            .sum::<usize>() as u64
    }

    /// Seconds that it takes to store the pages.
    async fn apply(&self, site: &Site, way: Way) -> anyhow::Result<f64> {
        let (stamp, people) = (Stamp::now(site, "Administrator").await?, People::default());
        let Taken::Ours(lease) = lease::take(site.db(), &lease::of_repository(self.repository.id), "benchmark").await? else {
            bail!("somebody else has the repository");
        };
        let writer = Writer {
            site,
            stamp: &stamp,
            people: &people,
            lease: Some(&lease),
            is_first: true,
        };
        let home = Change::Repository(Box::new(self.repository.clone()));
        apply(&writer, &ChangeSet::one(self.repository.id, home)).await?;
        let began = Instant::now();
        match way {
            Way::SideBySide => drop(tokio::try_join!(store(&writer, &self.issues), store(&writer, &self.pulls))?),
            Way::InTurn => {
                store(&writer, &self.issues).await?;
                store(&writer, &self.pulls).await?;
            }
        }
        let seconds = began.elapsed().as_secs_f64();
        lease.release(site.db()).await?;
        Ok(seconds)
    }
}

async fn store(writer: &Writer<'_>, pages: &[ChangeSet]) -> Result<(), DbError> {
    for page in pages {
        apply(writer, page).await?;
    }
    Ok(())
}

/// All of a list in the order of a first sync, as `read` takes each.
async fn list<T>(
    http: &reqwest::Client,
    github: &Github,
    name: &str,
    read: impl Fn(&RawValue) -> anyhow::Result<Option<T>>,
) -> anyhow::Result<Vec<T>> {
    let mut all = Vec::new();
    for page in 1.. {
        let target = format!("/repos/{REPOSITORY}/{name}?state=all&sort=created&direction=asc&per_page=100&page={page}");
        let text = floors::get(http, &github.api, &target).await?;
        let raw: Vec<&RawValue> = serde_json::from_str(&text).context("a page is no list")?;
        if raw.is_empty() {
            break;
        }
        for one in raw {
            all.extend(read(one)?);
        }
    }
    Ok(all)
}
