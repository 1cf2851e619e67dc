//! A desk method that is permission-checked and needs no GitHub: how long fifty people wait who call once a second each, and how
//! many calls a second one core answers.
//!
//! `cargo bench --features sim --bench desk`
#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]

mod processes;

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use chrono::Utc;
use processes::{Ended, REPOSITORY, Stage, Workload, answers, free_address, is_github, run};

/// Enough rows that a scan would show.
const WORKLOAD: Workload = [2_000, 1_000, 100, 50];
/// People at their desks.
const PEOPLE: u32 = 50;
/// Calls of each, one a second.
const CALLS: u32 = 20;
/// How long as many calls as possible are made.
const FULL_SPEED: Duration = Duration::from_secs(10);
/// Connections that make them.
const CONNECTIONS: u32 = 16;
/// The measured method; its caller reads the repository by his role and a User Permission, which is the longest way to a yes.
const METHOD: &str = "erpnext_github_integration.api.get_repository_statistics";
/// The kernel's clock ticks a second, as `/proc` counts them.
const TICKS: f64 = 100.0;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    if is_github(WORKLOAD).await? {
        return Ok(());
    }
    // The HTTP library wants one, although nothing here is encrypted.
    let _there_already = rustls::crypto::ring::default_provider().install_default();
    let stage = Stage::set().await?;
    run(stage.program(&["sync", "--repo", REPOSITORY]), None)?;
    people(&stage).await?;
    let serving = serve(&stage).await?;
    once_a_second(&stage, &serving).await?;
    full_speed(&stage, &serving).await
}

fn user(number: u32) -> String {
    format!("person{number}@example.com")
}

/// The program as a server; ended with the value.
struct Serving {
    process: Ended,
    address: String,
}

/// Starts it, and waits until it answers.
async fn serve(stage: &Stage) -> anyhow::Result<Serving> {
    let address = free_address()?;
    let child = stage
        .program(&["serve", "--listen", &address])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let process = Ended(child);
    answers(&address).await?;
    Ok(Serving { process, address })
}

/// Everybody may read the repository, and has a session.
async fn people(stage: &Stage) -> anyhow::Result<()> {
    let erp = stage.site.erp();
    // The small site's clock stands in UTC.
    let now = Utc::now().format("%Y-%m-%d %H:%M:%S%.6f").to_string();
    for number in 0..PEOPLE {
        let user = user(number);
        erp.add_user(&user, "Some Body", &["GitHub User"]).await?;
        let confined = [("user", user.as_str()), ("allow", "Repository"), ("for_value", REPOSITORY)];
        erp.insert("User Permission", &format!("of-{number}"), &confined).await?;
        erp.add_session(&user, &format!("sid-{number}"), "token", &now).await?;
    }
    Ok(())
}

/// One call; gives how long it took.
async fn call(http: &reqwest::Client, stage: &Stage, serving: &Serving, number: u32) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let url = format!("http://{}/api/method/{METHOD}?repo_full_name={REPOSITORY}", serving.address);
    let answer = http
        .get(url)
        .header("Cookie", format!("sid=sid-{number}"))
        .header("X-Frappe-Site-Name", stage.site.site_name())
        .send()
        .await?;
    let (status, text) = (answer.status(), answer.text().await?);
    ensure!(status.is_success(), "{status}: {text}");
    Ok(began.elapsed())
}

async fn once_a_second(stage: &Stage, serving: &Serving) -> anyhow::Result<()> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let began = Instant::now();
    let everybody = (0..PEOPLE).map(|number| {
        let http = &http;
        async move {
            let mut took = Vec::new();
            for round in 0..CALLS {
                let due = Duration::from_secs(1) * round + Duration::from_secs(1) * number / PEOPLE;
                tokio::time::sleep(due.saturating_sub(began.elapsed())).await;
                took.push(call(http, stage, serving, number).await?);
            }
            anyhow::Ok(took)
        }
    });
    let mut took: Vec<Duration> = futures_util::future::try_join_all(everybody).await?.concat();
    took.sort();
    let at = |share: usize| took[(took.len() - 1) * share / 100].as_secs_f64() * 1_000.0;
    println!("{PEOPLE} people, a call a second each, {} calls: milliseconds", took.len());
    println!("{:>8} {:>8} {:>8} {:>8}", "p50", "p95", "p99", "max");
    println!("{:>8.2} {:>8.2} {:>8.2} {:>8.2}", at(50), at(95), at(99), at(100));
    Ok(())
}

async fn full_speed(stage: &Stage, serving: &Serving) -> anyhow::Result<()> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let (began, spent) = (Instant::now(), cpu_seconds(serving.process.0.id())?);
    let all = (0..CONNECTIONS).map(|connection| {
        let http = &http;
        async move {
            let mut calls = 0_u32;
            while began.elapsed() < FULL_SPEED {
                call(http, stage, serving, connection % PEOPLE).await?;
                calls += 1;
            }
            anyhow::Ok(calls)
        }
    });
    let calls: u32 = futures_util::future::try_join_all(all).await?.into_iter().sum();
    let (seconds, spent) = (began.elapsed().as_secs_f64(), cpu_seconds(serving.process.0.id())? - spent);
    println!("\nfull speed over {CONNECTIONS} connections, with driver and MariaDB on the same machine");
    println!(
        "{:>12} {:>20} {:>24}",
        "calls/s", "CPU s of the program", "calls/s of one full core"
    );
    println!(
        "{:>12.0} {spent:>20.2} {:>24.0}",
        f64::from(calls) / seconds,
        f64::from(calls) / spent
    );
    Ok(())
}

/// Seconds that a process has computed, its own and the kernel's for it.
fn cpu_seconds(process: u32) -> anyhow::Result<f64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name, in brackets, may hold anything.
    let (_name, rest) = text.rsplit_once(')').context("no process name")?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |at: usize| -> anyhow::Result<f64> { Ok(fields.get(at).context("no such field")?.parse()?) };
    Ok((ticks(11)? + ticks(12)?) / TICKS)
}
