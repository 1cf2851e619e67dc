//! `hooks`, as the built program.

use serde_json::Value;

use super::program::{Ended, finish, program};
use crate::jobs::runner;
use crate::support::github_app::{APP, enter, register};
use crate::support::mirror::Mirror;
use erpnext_github::jobs::Work;

pub(super) async fn run(mirror: &Mirror, arguments: &[&str]) -> Ended {
    let mut command = program(arguments);
    command.current_dir(mirror.erp.bench_root());
    let ended = tokio::task::spawn_blocking(move || finish(command, "")).await;
    ended.expect("it ran")
}

#[tokio::test(flavor = "multi_thread")]
async fn f41_hooks_are_made_shown_pinged_redelivered_and_removed_on_the_command_line() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web");
    })
    .await;
    mirror.sync("octo/web").await;
    let scratch = mirror.erp.scratch();
    for (key, url) in [
        ("github_api_url", mirror.github.base_url().to_owned()),
        ("github_graphql_url", mirror.github.graphql_url()),
    ] {
        scratch.set_config(key, url.into()).expect("the file");
    }
    // An address has no name that somebody would have to know.
    let erp = mirror.erp.erp();
    erp.set_single("GitHub Settings", "public_url", "https://203.0.113.7")
        .await
        .expect("set");
    let hooks = || mirror.github.world().find("octo/web").expect("it").hooks.clone();
    let repo = ["--repo", "octo/web"];
    let with = |command: &[&'static str]| ["hooks"].iter().chain(command).chain(&repo).copied().collect::<Vec<&str>>();

    let none = run(&mirror, &with(&["ping"])).await;
    assert_eq!(none.code, 2, "{none:?}");
    assert!(none.stderr.contains("hooks ensure"), "{none:?}");
    let made = run(&mirror, &with(&["ensure", "--events", "issues,push"])).await;
    assert_eq!(made.code, 0, "{made:?}");
    assert!(made.stdout.contains("was made: https://203.0.113.7/"), "{made:?}");
    assert_eq!(
        (hooks().len(), hooks()[0].events.clone()),
        (1, vec!["issues".to_owned(), "push".to_owned()])
    );
    let listed = run(&mirror, &["hooks", "list", "--json"]).await;
    let answer: Value = serde_json::from_str(&listed.stdout).expect("JSON");
    assert_eq!(answer["sites"][0]["webhooks"][0]["name"], "octo/web", "{answer}");

    assert_eq!(run(&mirror, &with(&["ping"])).await.code, 0);
    assert_eq!(hooks()[0].pings, 1);
    let delivered = run(&mirror, &with(&["deliveries"])).await;
    assert!(delivered.stdout.contains("200 OK  ping"), "{delivered:?}");
    let id = hooks()[0].deliveries[0].id.to_string();
    let again = run(&mirror, &["hooks", "redeliver", &id, "--repo", "octo/web"]).await;
    assert_eq!(again.code, 0, "{again:?}");
    assert_eq!(hooks()[0].deliveries.len(), 2);

    // The App's own is shown beside them, and is not removed with them.
    register(&mut mirror.github.world(), "https://203.0.113.7");
    enter(&mirror, "https://203.0.113.7").await;
    let now = mirror.site().clock().now();
    mirror
        .github
        .world()
        .app(APP)
        .hook
        .delivered("of the App", "installation", now, 502);
    mirror.erp.clock().advance(chrono::TimeDelta::minutes(1));
    runner(&mirror).step(Work::RepairHooks).await;
    let listed = run(&mirror, &["hooks", "list"]).await;
    assert!(listed.stdout.contains(&format!("GitHub App {APP} ")), "{listed:?}");
    let delivered = run(&mirror, &["hooks", "deliveries", "--app"]).await;
    assert!(
        delivered.stdout.contains("Invalid HTTP Response: 502  installation"),
        "{delivered:?}"
    );
    let removed = run(&mirror, &["hooks", "remove", "--all"]).await;
    assert_eq!((removed.code, hooks().len()), (0, 0), "{removed:?}");
    let check = "SELECT manage_webhook FROM tabRepository";
    assert_eq!(mirror.erp.value(check).await, "0");
    mirror.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f41_uninstall_names_the_hooks_that_would_go_on_delivering() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web");
    })
    .await;
    let row = "INSERT INTO erpnext_github_hook (home, repository_id, name, hook_id, due_at, sweep_due_at) \
               VALUES ('repository:1', 1, 'octo/web', 7, '2026-03-01', '2026-03-01')";
    mirror.erp.scratch().execute(row).await.expect("a row");
    let ended = run(&mirror, &["uninstall", "--yes"]).await;
    assert!(
        ended
            .stdout
            .contains("1 webhooks on GitHub would go on delivering (octo/web)")
            && ended.stdout.contains("hooks remove --all"),
        "{ended:?}"
    );
}
