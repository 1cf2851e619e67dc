//! The reference workload: a first sync, the same again where nothing changed, and again where something did.

use anyhow::{Context as _, ensure};
use erpnext_github::sim::mariadb::is_write;

use super::Bench;
use super::choice::Group;
use super::floors::{self, Rows};
use super::github::{Asked, Github};
use super::stage::{Ran, Stage, mirror};
use super::table::{Line, float, median};
use crate::program::REPOSITORY;

/// Seconds that a run may take where nothing changed.
const AGAIN: f64 = 0.3;
/// Records a second that a full sync brings.
const RECORDS: f64 = 10_000.0;
/// Requests of a full sync besides its pages, and of one where little changed.
const BESIDES: [u64; 2] = [12, 8];
/// How many changed, and how many of them are pull requests.
const CHANGES: [[u64; 2]; 2] = [[3, 1], [250, 120]];

/// Lists that the bars leave out: what comes after the repository in their addresses.
const OTHER_LISTS: [&str; 5] = ["labels", "milestones", "releases", "issues/comments", "commits"];

pub(super) async fn measure(bench: &Bench) -> anyhow::Result<()> {
    let mut github = Github::reference(bench.reference())?;
    let mut stage = None;
    let (mut seconds, mut peaks, mut floors, mut asked) = (Vec::new(), Vec::new(), Floors::default(), Vec::new());
    let rounds = if bench.choice.has(Group::Full) {
        bench.choice.rounds
    } else {
        1
    };
    for _ in 0..rounds {
        if let Some(before) = stage.take() {
            Stage::strike(before).await?;
        }
        let new = Stage::set(&bench.server, &github).await?;
        github.forget()?;
        let ran = first(&new)?;
        seconds.push(ran.seconds);
        peaks.push(ran.peak);
        asked = github.asked()?;
        if bench.choice.has(Group::Full) {
            floors.take(bench, &new, &github, &asked).await?;
        }
        stage = Some(new);
    }
    let stage = stage.context("there is no round")?;
    if bench.choice.has(Group::Full) {
        tell_full(bench, &asked, median(seconds), median(peaks), floors);
    }
    if bench.choice.has(Group::Again) {
        again(bench, &mut github, &stage).await?;
    }
    if bench.choice.has(Group::Changed) {
        changed(bench, &mut github, &stage)?;
    }
    stage.strike().await
}

/// The first sync of the repository.
pub(super) fn first(stage: &Stage) -> anyhow::Result<Ran> {
    let ran = stage.sync(&["--repo", REPOSITORY])?;
    ensure!(ran.repositories.len() == 1, "one repository was to be synced");
    Ok(ran)
}

/// What the same work takes at least.
#[derive(Default)]
struct Floors {
    download: Vec<f64>,
    load: Vec<f64>,
}

impl Floors {
    async fn take(&mut self, bench: &Bench, stage: &Stage, github: &Github, asked: &[Asked]) -> anyhow::Result<()> {
        self.download.push(floors::download(&github.api, asked).await?);
        let database = &stage.site().credentials().database;
        let rows = Rows::read(&bench.server, database, &mirror()).await?;
        self.load.push(rows.load(&bench.server).await?);
        Ok(())
    }
}

fn tell_full(bench: &Bench, asked: &[Asked], seconds: f64, peak: f64, floors: Floors) {
    let [issues, pulls, branches, members] = bench.reference();
    let pages: u64 = [issues + pulls, pulls, branches, members].into_iter().map(pages).sum();
    let bar = pages + BESIDES[0];
    let [counted, others] = apart(asked);
    Line::new(
        format!("full sync of {issues} issues, {pulls} pull requests: requests"),
        format!("{counted} (+{others} of other lists)"),
        format!("<= {bar}"),
        counted <= bar,
    )
    .print();
    let (download, load) = (median(floors.download), median(floors.load));
    let rate = float(issues + pulls + branches + members) / seconds;
    Line::new(
        "  records a second, end to end",
        format!("{rate:.0} ({seconds:.2} s)"),
        format!(">= {RECORDS}"),
        rate >= RECORDS,
    )
    .beside(
        format!("client {download:.2} s, loader {load:.2} s"),
        seconds / download.max(load),
    )
    .print();
    Line::told("  peak memory", format!("{peak:.1} MB")).print();
}

/// Requests that the bars count, and those of other lists.
pub(super) fn apart(asked: &[Asked]) -> [u64; 2] {
    let others = asked.iter().filter(|one| is_of_another_list(&one.target)).count() as u64;
    [asked.len() as u64 - others, others]
}

/// `/repos/OWNER/NAME/labels?...` and `/repositories/ID/labels?...` are.
fn is_of_another_list(target: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default();
    let inside = path.strip_prefix("/repos/").and_then(|rest| rest.splitn(3, '/').nth(2));
    let inside = inside.or_else(|| path.strip_prefix("/repositories/")?.split_once('/').map(|(_, rest)| rest));
    inside.is_some_and(|inside| {
        OTHER_LISTS
            .iter()
            .any(|list| inside == *list || inside.starts_with(&format!("{list}/")))
    })
}

/// Pages of a hundred.
fn pages(things: u64) -> u64 {
    things.div_ceil(100)
}

async fn again(bench: &Bench, github: &mut Github, stage: &Stage) -> anyhow::Result<()> {
    let (mut seconds, mut asked) = (Vec::new(), Vec::new());
    for _ in 0..bench.choice.rounds {
        github.forget()?;
        seconds.push(stage.sync(&[])?.seconds);
        asked = github.asked()?;
    }
    let writes = writes(stage).await?;
    let [counted, others] = apart(&asked);
    Line::new(
        "the same, unchanged: requests",
        format!("{counted} (+{others} of other lists)"),
        format!("<= {}", BESIDES[1]),
        counted <= BESIDES[1],
    )
    .print();
    let same = asked.iter().filter(|one| one.status == 304).count();
    let points: u64 = asked.iter().map(|one| one.points).sum();
    Line::new(
        "  answered 304",
        format!("{same} of {}", asked.len()),
        "all",
        same == asked.len(),
    )
    .print();
    Line::new("  points", points.to_string(), "0", points == 0).print();
    let seconds = median(seconds);
    Line::new("  seconds", format!("{seconds:.3}"), format!("< {AGAIN}"), seconds < AGAIN).print();
    Line::new(
        "  statements that write what GitHub owns",
        writes.len().to_string(),
        "0",
        writes.is_empty(),
    )
    .print();
    for sql in writes.iter().take(3) {
        Line::told(format!("    {}", sql.chars().take(56).collect::<String>()), "").print();
    }
    Ok(())
}

/// Statements of one more run that write to the mirror. What a run notes of itself on the Repository is an UPDATE and does not count; what
/// GitHub says of it would be an INSERT with ON DUPLICATE KEY.
async fn writes(stage: &Stage) -> anyhow::Result<Vec<String>> {
    let capture = stage.site().capture().await?;
    stage.sync(&[])?;
    let mut statements = capture.finish().await?;
    let mirror = mirror();
    statements.retain(|sql| {
        let is_of_us = mirror.iter().any(|table| sql.contains(&format!("`{table}`")));
        let is_note = sql.starts_with("UPDATE `tabRepository` SET");
        is_write(sql) && is_of_us && !is_note
    });
    Ok(statements)
}

fn changed(bench: &Bench, github: &mut Github, stage: &Stage) -> anyhow::Result<()> {
    for [all, pulls] in CHANGES.map(|some| some.map(|count| bench.choice.size(count))) {
        let (mut seconds, mut requests) = (Vec::new(), Vec::new());
        for _ in 0..bench.choice.rounds {
            github.change(all.saturating_sub(pulls), pulls)?;
            github.forget()?;
            seconds.push(stage.sync(&[])?.seconds);
            requests.push(float(apart(&github.asked()?)[0]));
        }
        let (bar, requests) = (pages(all) + pages(pulls) + BESIDES[1], median(requests));
        Line::new(
            format!("{all} changed, {pulls} of them pull requests: requests"),
            format!("{requests:.0} ({:.2} s)", median(seconds)),
            format!("<= {bar}"),
            requests <= float(bar),
        )
        .print();
    }
    Ok(())
}
