//! What people see and type on a terminal.

use std::process::Command;

use erpnext_github::setup;
use erpnext_github::sim::github::{Effect, Fault, Gate};
use erpnext_github::sim::site::FrappeMajor;

use super::program::{finish, program};
use super::pty::OnTerminal;
use crate::support::TestSite;
use crate::support::mirror::Mirror;

fn on(site: &TestSite, arguments: &[&str]) -> Command {
    let mut command = program(arguments);
    command.current_dir(site.bench_root());
    command
}

async fn tables_of_ours(site: &TestSite) -> String {
    site.value(
        "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME LIKE 'tabRepository%'",
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_wants_the_sites_name_typed() {
    let site = TestSite::new(FrappeMajor::V15).await;
    let before = site.dump().await;
    setup::install(site.site(), &setup::SetupOptions::default(), &|_| ())
        .await
        .expect("installed");
    site.erp()
        .insert("Repository", "acme/web", &[("full_name", "acme/web")])
        .await
        .expect("a row");
    let installed = tables_of_ours(&site).await;
    let asks = |shown: &str| shown.contains(&format!("Type the site's name ({}) to go on:", site.site().name()));
    for wrong in ["", "yes", "erp.example.co"] {
        let mut program = OnTerminal::start(on(&site, &["uninstall"]));
        let shown = program.until(asks);
        assert!(
            shown.contains("1  rows of tabRepository"),
            "what is lost is told first: {shown}"
        );
        program.type_line(wrong);
        let (code, shown) = program.end();
        assert_eq!(code, Some(2), "{shown}");
        assert!(shown.contains("nothing was removed"), "{shown}");
        assert_eq!(tables_of_ours(&site).await, installed);
    }
    let mut program = OnTerminal::start(on(&site, &["uninstall"]));
    program.until(asks);
    program.type_line(site.site().name());
    let (code, shown) = program.end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains(": removed "), "{shown}");
    assert!(before == site.dump().await, "something was left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_of_all_sites_takes_one_that_is_half_removed() {
    let site = TestSite::new(FrappeMajor::V15).await;
    let before = site.dump().await;
    setup::install(site.site(), &setup::SetupOptions::default(), &|_| ())
        .await
        .expect("installed");
    // As a removal leaves it that gave up at the first table.
    let half = "DELETE FROM erpnext_github_site";
    site.scratch().execute(half).await.expect("half removed");
    let ended = finish(on(&site, &["sync", "--site", "all"]), "");
    assert_eq!(ended.code, 0, "to others it is none that is installed: {ended:?}");
    let ended = finish(on(&site, &["uninstall", "--site", "all", "--yes"]), "");
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(before == site.dump().await, "something was left");
}

#[tokio::test(flavor = "multi_thread")]
async fn long_work_shows_a_bar_with_count_rate_and_time_left() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(250);
    })
    .await;
    let gate = Gate::closed();
    let last_page = Fault::on("/repos/octo/web/issues", Effect::Held(gate.clone())).containing("page=3");
    mirror.github.world().faults.push(last_page);
    let api = ["--github-api-url", mirror.github.base_url()];
    let mut program = OnTerminal::start(on(&mirror.erp, &[&["sync", "--repo", "octo/web"], &api[..]].concat()));
    gate.reached(1).await;
    // The bar is drawn again and again while the run waits.
    program.until(|shown| shown.split(['\r', '\n']).any(|line| is_bar(&without_escapes(line))));
    gate.open();
    let (code, shown) = program.end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("250 read"), "{shown}");
    mirror.finish().await;
}

/// `octo/web: issues and pull requests [...] 100/300 498/s 1s left`: two of three pages have come, the first is stored.
fn is_bar(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().rev().collect();
    let ["left", time, rate, count, ..] = words.as_slice() else {
        return false;
    };
    let is_number = |text: Option<&str>| text.is_some_and(|text| text.parse::<u64>().is_ok());
    line.contains("octo/web: issues")
        && *count == "100/300"
        && is_number(rate.strip_suffix("/s"))
        && is_number(time.strip_suffix(['s', 'm']))
}

/// The text without what moves the cursor and colours it.
fn without_escapes(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char == '\u{1b}' {
            // The sequences that programs use here end with a letter.
            let _sequence = chars.find(char::is_ascii_alphabetic);
        } else {
            plain.push(char);
        }
    }
    plain
}
