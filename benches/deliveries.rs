//! GitHub's deliveries: how many a second are committed to the disk and answered, how long each waits for its answer, and how long
//! after it was received a change is seen in its row.
//!
//! `cargo bench --features sim --bench deliveries`
#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]

mod processes;

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use erpnext_github::config::paths::WEBHOOK;
use erpnext_github::sim::github::World;
use erpnext_github::webhook::signature::{HEADER, sign};
use processes::{Ended, REPOSITORY, Stage, Workload, answers, free_address, is_github, run};
use secrecy::SecretString;
use serde_json::{Value, json};

/// Issues that deliveries tell of.
const WORKLOAD: Workload = [2_000, 100, 20, 10];
/// Deliveries of a burst.
const BURST: usize = 10_000;
/// Connections that bring them.
const CONNECTIONS: usize = 50;
/// Bytes of a body, from and to.
const BODY: [usize; 2] = [8_000, 25_000];
/// Deliveries that come one after the other, each looked for in its row.
const WATCHED: usize = 200;
/// Between two of them.
const PAUSE: Duration = Duration::from_millis(25);
/// What they are signed with.
const SECRET: &str = "a secret of this benchmark";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    if is_github(WORKLOAD).await? {
        return Ok(());
    }
    // The HTTP library wants one, although nothing here is encrypted.
    let _there_already = rustls::crypto::ring::default_provider().install_default();
    let stage = Stage::set().await?;
    run(stage.program(&["settings", "set", "webhook_secret", "--stdin"]), Some(SECRET))?;
    run(stage.program(&["sync", "--repo", REPOSITORY]), None)?;
    let post = Post::open(&stage).await?;
    let deliveries = post.deliveries(&stage, BURST + WATCHED).await?;
    let (burst, watched) = deliveries.split_at(BURST);
    accepted(&stage, &post, burst).await?;
    seen(&stage, &post, watched).await
}

/// A delivery, signed.
struct Delivery {
    id: String,
    issue: String,
    title: String,
    body: Vec<u8>,
    signature: String,
}

/// The way to the program.
struct Post {
    _serving: Ended,
    http: reqwest::Client,
    url: String,
    site: String,
}

impl Post {
    async fn open(stage: &Stage) -> anyhow::Result<Self> {
        let address = free_address()?;
        let child = stage
            .program(&["serve", "--listen", &address])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let serving = Ended(child);
        answers(&address).await?;
        Ok(Self {
            _serving: serving,
            http: reqwest::Client::builder().no_proxy().build()?,
            url: format!("http://{address}{WEBHOOK}"),
            site: stage.site.site_name().to_owned(),
        })
    }

    /// Edits of issues, each newer than the one before, in GitHub's own form.
    async fn deliveries(&self, stage: &Stage, count: usize) -> anyhow::Result<Vec<Delivery>> {
        let repository = self.of_github(stage, "").await?;
        let issues = self.of_github(stage, "/issues?state=all&per_page=100").await?;
        let mut issues: Vec<Value> = issues.as_array().context("no list of issues")?.clone();
        // Pull requests are in the list as well.
        issues.retain(|issue| issue.get("pull_request").is_none());
        ensure!(!issues.is_empty(), "the list has no issue");
        let secret = SecretString::from(SECRET);
        let mut deliveries = Vec::with_capacity(count);
        for number in 0..count {
            let mut issue = issues[number % issues.len()].clone();
            let title = format!("Edited {number}");
            let updated: DateTime<Utc> = issue["updated_at"].as_str().context("no time of change")?.parse()?;
            let updated = updated + TimeDelta::seconds(1 + i64::try_from(number)?);
            issue["title"] = json!(title);
            issue["updated_at"] = json!(updated.to_rfc3339_opts(SecondsFormat::Secs, true));
            let name = format!("{REPOSITORY}-#{}", issue["number"]);
            let payload = filled(
                json!({"action": "edited", "issue": issue, "repository": repository, "sender": issue["user"]}),
                number,
            );
            let body = payload.to_string().into_bytes();
            deliveries.push(Delivery {
                id: format!("{number:08x}-0000-4000-8000-000000000000"),
                issue: name,
                title,
                signature: sign(&secret, &body),
                body,
            });
        }
        Ok(deliveries)
    }

    async fn of_github(&self, stage: &Stage, path: &str) -> anyhow::Result<Value> {
        let url = format!("http://{}/repos/{REPOSITORY}{path}", stage.github_address);
        let request = self.http.get(url).bearer_auth(World::TOKEN).header("User-Agent", "benchmark");
        let request = request.header("X-GitHub-Api-Version", "2022-11-28");
        Ok(serde_json::from_str(
            &request.send().await?.error_for_status()?.text().await?,
        )?)
    }

    /// Delivers; gives how long the answer took.
    async fn deliver(&self, delivery: &Delivery) -> anyhow::Result<Duration> {
        let began = Instant::now();
        let request = self
            .http
            .post(&self.url)
            .header("X-Frappe-Site-Name", &self.site)
            .header("Content-Type", "application/json")
            .header("X-GitHub-Event", "issues")
            .header("X-GitHub-Delivery", &delivery.id)
            .header(HEADER, &delivery.signature);
        let answer = request.body(delivery.body.clone()).send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status == 202, "{status}: {text}");
        Ok(began.elapsed())
    }
}

/// The payload with a text that makes it as long as some real one.
fn filled(mut payload: Value, number: usize) -> Value {
    let length = payload.to_string().len();
    let wanted = BODY[0] + number.wrapping_mul(7_919) % (BODY[1] - BODY[0]);
    let mut text = payload["issue"]["body"].as_str().unwrap_or_default().to_owned();
    let mut word = number;
    while length + text.len() < wanted {
        word = word
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        text.push_str([" the", " branch", " fails", " when", " somebody", " merges", " again", " #"][word >> 40 & 7]);
        text.push_str(&(word >> 50 & 255).to_string());
    }
    payload["issue"]["body"] = json!(text);
    payload
}

async fn accepted(stage: &Stage, post: &Post, deliveries: &[Delivery]) -> anyhow::Result<()> {
    let bytes: usize = deliveries.iter().map(|delivery| delivery.body.len()).sum();
    let began = Instant::now();
    let lines = (0..CONNECTIONS).map(|line| async move {
        let mut took = Vec::new();
        for delivery in deliveries.iter().skip(line).step_by(CONNECTIONS) {
            took.push(post.deliver(delivery).await?);
        }
        anyhow::Ok(took)
    });
    let took = futures_util::future::try_join_all(lines).await?.concat();
    let seconds = began.elapsed().as_secs_f64();
    let count = stage.site.query("SELECT COUNT(*) FROM `tabGitHub Event`").await?;
    ensure!(count == [[Some(deliveries.len().to_string())]], "{count:?} are stored");
    println!(
        "{} deliveries of {} bytes on average over {CONNECTIONS} connections, each answered after its commit is on the disk",
        deliveries.len(),
        bytes / deliveries.len()
    );
    println!("{:>14} {}", "accepted/s", heads());
    println!(
        "{:>14.0} {}",
        f64::from(u32::try_from(deliveries.len())?) / seconds,
        figures(took)
    );
    // A question that the index answers, so that asking takes nothing from the program.
    until(
        stage,
        "SELECT COUNT(*) FROM (SELECT 1 FROM `tabGitHub Event` WHERE status IN ('unprocessed', 'processing', 'errored') LIMIT 1) AS open",
        "0",
    )
    .await?;
    let seconds = began.elapsed().as_secs_f64();
    let count = stage
        .site
        .query("SELECT COUNT(*) FROM `tabGitHub Event` WHERE status = 'processed'")
        .await?;
    ensure!(count == [[Some(deliveries.len().to_string())]], "{count:?} are processed");
    println!(
        "{:>14.0} processed/s, from the first until the last one is seen in its row\n",
        f64::from(u32::try_from(deliveries.len())?) / seconds
    );
    Ok(())
}

async fn seen(stage: &Stage, post: &Post, deliveries: &[Delivery]) -> anyhow::Result<()> {
    let mut took = Vec::with_capacity(deliveries.len());
    for delivery in deliveries {
        let began = Instant::now();
        post.deliver(delivery).await?;
        let sql = format!("SELECT title FROM `tabRepository Issue` WHERE name = '{}'", delivery.issue);
        until(stage, &sql, &delivery.title).await?;
        took.push(began.elapsed());
        tokio::time::sleep(PAUSE).await;
    }
    println!(
        "{} deliveries one after the other: from sending to the row that says so, in milliseconds",
        deliveries.len()
    );
    println!("{}", heads());
    println!("{}", figures(took));
    Ok(())
}

/// Until a query gives this.
async fn until(stage: &Stage, sql: &str, wanted: &str) -> anyhow::Result<()> {
    let began = Instant::now();
    loop {
        let rows = stage.site.query(sql).await?;
        if rows.first().and_then(|row| row.first()?.as_deref()) == Some(wanted) {
            return Ok(());
        }
        ensure!(
            began.elapsed() < Duration::from_secs(120),
            "`{sql}` gives {rows:?} instead of {wanted}"
        );
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn heads() -> String {
    ["p50 ms", "p95 ms", "p99 ms", "max ms"]
        .map(|head| format!("{head:>9}"))
        .concat()
}

fn figures(mut took: Vec<Duration>) -> String {
    took.sort();
    let at = |share: usize| took[(took.len() - 1) * share / 100].as_secs_f64() * 1_000.0;
    [50, 95, 99, 100].map(|share| format!("{:>9.2}", at(share))).concat()
}
