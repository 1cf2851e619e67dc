//! What a sync costs: no call per item, and no transaction open while GitHub is asked.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use erpnext_github::sim::github::{Effect, Fault, Gate, World};
use erpnext_github::store::runs::RunStatus;

use crate::support::mirror::Mirror;

fn scaled(world: &mut World) {
    // A tenth of the reference workload of issues and pull requests, all branches and members.
    world
        .repository("octo/web")
        .with_issues(1_000)
        .with_pull_requests(500)
        .with_branches(200)
        .with_members(50);
}

/// Lists that have little in them here: `parts_cost` is about what they cost.
const LISTS: [&str; 5] = ["/labels", "/milestones", "/releases", "/issues/comments", "/commits"];

pub(super) fn is_part(path: &str) -> bool {
    LISTS.iter().any(|list| path.ends_with(list))
}

#[tokio::test]
async fn s3_the_reference_workload_needs_at_most_215_requests() {
    let mirror = Mirror::new(|world| {
        world
            .repository("octo/web")
            .with_issues(10_000)
            .with_pull_requests(5_000)
            .with_branches(200)
            .with_members(50);
    })
    .await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    let stored = "SELECT CONCAT_WS(' ', (SELECT COUNT(*) FROM `tabRepository Issue`), (SELECT COUNT(*) FROM `tabRepository Pull Request`), \
                  (SELECT COUNT(*) FROM `tabRepository Branch`), (SELECT COUNT(*) FROM `tabRepository Member`))";
    assert_eq!(mirror.erp.value(stored).await, "10000 5000 200 50");
    // The bar counts the repository, issues, pull requests, branches and members; the other lists have one of their own.
    let requests = mirror.github.requests();
    let counted = requests.iter().filter(|one| !is_part(&one.path)).count();
    assert!(counted <= 215, "{counted} requests");
    assert_eq!(requests.len() - counted, LISTS.len(), "one page of each");
    mirror.finish().await;
}

#[tokio::test]
async fn f23_s3_the_first_sync_needs_one_request_a_page_and_one_query_a_hundred() {
    let mirror = Mirror::new(scaled).await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    let requests = mirror.github.requests();
    let of = |part: &str| requests.iter().filter(|one| one.path.ends_with(part)).count();
    let queries = |name: &str| {
        let is = |query: &str| query.contains(name);
        requests
            .iter()
            .filter(|one| one.operation.as_ref().is_some_and(|sent| is(&sent.query)))
            .count()
    };
    assert_eq!(of("/repos/octo/web"), 1);
    // And what changed while they were read.
    assert_eq!(of("/issues"), 15 + 1);
    // The first page once more: nothing is stored yet that would show that none was passed over.
    assert_eq!(of("/branches"), 2 + 1);
    assert_eq!(of("/collaborators"), 1);
    // Open and closed ones are asked for apart, so that one query more than full hundreds may be needed.
    assert!(
        (5..=6).contains(&queries("PullRequestDetails")),
        "{}",
        queries("PullRequestDetails")
    );
    assert_eq!(queries("CommitDates"), 2);
    assert_eq!(queries("PublicEmails"), 1);
    for list in LISTS {
        assert_eq!(of(list), 1, "{list}");
    }
    let own = 1 + 16 + 3 + 1 + queries("PullRequestDetails") + 2 + 1;
    assert_eq!(requests.len(), own + LISTS.len(), "reviews come with the details");
    let numbered = |path: &str| {
        path.rsplit('/')
            .next()
            .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()))
    };
    assert!(!requests.iter().any(|one| numbered(&one.path)), "a call for one item");
    let noted = mirror
        .erp
        .value("SELECT CONCAT(requests, ' ', points > 0) FROM `tabGitHub Sync Run`")
        .await;
    // The people are asked about after the repository's own run.
    assert_eq!(noted, format!("{} 1", requests.len() - 1));
    mirror.finish().await;
}

#[tokio::test]
async fn s3_a_second_sync_asks_for_what_changed_alone() {
    let mirror = Mirror::new(scaled).await;
    mirror.sync("octo/web").await;
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror.github.forget_requests();
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    let requests = mirror.github.requests();
    let paths: Vec<&str> = requests
        .iter()
        .map(|one| one.path.as_str())
        .filter(|path| !is_part(path))
        .collect();
    // The repository, one page of issues, two of branches, one of members; and what the last five minutes had of pull requests.
    assert!(paths.len() <= 7, "{paths:?}");
    let queries: Vec<&str> = requests
        .iter()
        .filter_map(|one| Some(one.operation.as_ref()?.query.as_str()))
        .collect();
    assert!(
        queries.iter().all(|query| query.contains("PullRequestDetails")),
        "no head is new, nobody is unknown: {queries:?}"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn s3_no_transaction_and_no_lock_is_held_while_github_is_asked() {
    for (path, part) in [
        ("/repos/octo/web/issues", "page=2"),
        ("/repos/octo/web/branches", ""),
        ("/repos/octo/web/collaborators", ""),
        ("/repos/octo/web/labels", ""),
        ("/repos/octo/web/milestones", ""),
        ("/repos/octo/web/releases", ""),
        ("/repos/octo/web/issues/comments", ""),
        ("/repos/octo/web/commits", ""),
        ("/graphql", "PullRequestDetails"),
        ("/graphql", "CommitDates"),
        ("/graphql", "StillThere"),
        ("/graphql", "NodesThere"),
        ("/graphql", "PublicEmails"),
    ] {
        let mirror = Arc::new(
            Mirror::new(|world| {
                world
                    .repository("octo/web")
                    .with_issues(120)
                    .with_pull_requests(3)
                    .with_branches(3)
                    .add_label("given up");
            })
            .await,
        );
        mirror.sync("octo/web").await;
        let mut world = mirror.github.world();
        let web = world.repository("octo/web");
        web.delete_item(1);
        web.push("main");
        web.delete_label("given up");
        web.edit(2).assigned_to("newcomer");
        let gate = Gate::closed();
        world
            .faults
            .push(Fault::on(path, Effect::Held(gate.clone())).containing(part));
        drop(world);
        let run = tokio::spawn({
            let mirror = mirror.clone();
            async move { mirror.sync_full("octo/web").await }
        });
        tokio::select! {
            () = gate.reached(1) => {}
            report = async { while !run.is_finished() { tokio::task::yield_now().await } } => panic!("{path} {part} was not asked: {report:?}"),
        }
        // What was read before may still be being stored; that ends without GitHub's answer.
        let user = mirror.erp.scratch().credentials().database.clone();
        let open = format!(
            "SELECT COUNT(*) FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id \
             WHERE p.user = '{user}'"
        );
        // InnoDB answers from a copy until nobody has looked for a tenth of a second.
        let look = async || {
            tokio::time::sleep(Duration::from_millis(120)).await;
            mirror.erp.value(&open).await
        };
        let mut looks = 0;
        while look().await != "0" {
            looks += 1;
            assert!(looks < 20, "a transaction stays open while {path} {part} is asked");
        }
        assert_eq!(look().await, "0", "{path} {part}");
        gate.open();
        let report = run.await.expect("the run");
        assert_eq!(report.status, RunStatus::Completed, "{report:?}");
        Arc::into_inner(mirror).expect("alone").finish().await;
    }
}
