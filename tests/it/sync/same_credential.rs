//! A run ends where its repository is to be read with another credential, and not where the same one, or what it belongs to, is called something else by now.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use erpnext_github::frappe::db::DbError;
use erpnext_github::github::{Client, GithubError};
use erpnext_github::sim::github::{Effect, Fault, Gate};
use erpnext_github::store::runs::{RunStatus, Trigger};
use erpnext_github::sync::{Grouped, Pace, Personal, Reach, Reached, RunOptions, Selection, SiteReport, SyncContext, sync_site};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::credentials::store;
use crate::support::mirror::Mirror;

/// Tells how often somebody looked with which credential a repository is read.
struct Counted {
    inner: Arc<dyn Reach>,
    looks: Semaphore,
}

impl Reach for Counted {
    fn of_repository<'a>(&'a self, repository: &'a str) -> BoxFuture<'a, Result<Reached, DbError>> {
        async move {
            let reached = self.inner.of_repository(repository).await;
            self.looks.add_permits(1);
            reached
        }
        .boxed()
    }

    fn of_repository_let_go<'a>(&'a self, repository: &'a str, integration: &'a str) -> BoxFuture<'a, Result<Reached, DbError>> {
        self.inner.of_repository_let_go(repository, integration)
    }

    fn groups(&self) -> BoxFuture<'_, Result<BTreeMap<String, Grouped>, DbError>> {
        self.inner.groups()
    }

    fn of_site(&self) -> BoxFuture<'_, Result<Option<String>, DbError>> {
        self.inner.of_site()
    }

    fn as_person<'a>(&'a self, user: &'a str) -> BoxFuture<'a, Result<Personal, GithubError>> {
        self.inner.as_person(user)
    }

    fn as_app(&self) -> BoxFuture<'_, Result<Client, DbError>> {
        self.inner.as_app()
    }
}

/// A context that looks all the time whether something was switched off, and what tells of the looks.
async fn watching(mirror: &Mirror) -> (SyncContext, Arc<Counted>) {
    let mut context = mirror.context().await;
    context.pace = Pace {
        switches: Duration::from_millis(1),
        ..Pace::default()
    };
    let counted = Arc::new(Counted {
        inner: context.reach.clone(),
        looks: Semaphore::new(0),
    });
    context.reach = counted.clone();
    (context, counted)
}

fn begin(context: &SyncContext, name: &str) -> JoinHandle<SiteReport> {
    let context = context.clone();
    let selection = Selection {
        repositories: vec![name.parse().expect("a name")],
        owners: Vec::new(),
    };
    let options = RunOptions {
        full: false,
        trigger: Trigger::Command,
    };
    tokio::spawn(async move { sync_site(&context, &selection, options).await.expect("a report") })
}

/// Runs the repository of that name; while GitHub is asked for its branches, which come after its document, looks are taken.
async fn looked_at(mirror: &Mirror, name: &str) -> SiteReport {
    let gate = Gate::closed();
    let held = Fault::on(&format!("/repos/{name}/branches"), Effect::Held(gate.clone()));
    mirror.github.world().faults.push(held);
    let (context, counted) = watching(mirror).await;
    let run = begin(&context, name);
    gate.reached(1).await;
    let known = format!("SELECT COUNT(*) FROM tabRepository WHERE name = '{name}'");
    assert_eq!(mirror.erp.value(&known).await, "1", "the document is there, and has its name");
    counted.looks.forget_permits(usize::MAX >> 3);
    // A run that is asked to stop looks no more.
    let looks = async { counted.looks.acquire_many(3).await.expect("open").forget() };
    let looked = tokio::time::timeout(Duration::from_secs(20), looks).await;
    gate.open();
    let report = run.await.expect("the task");
    assert!(looked.is_ok(), "it was stopped: {report:?}");
    report
}

fn completed(report: &SiteReport) {
    assert_eq!(report.repositories.len(), 1, "{report:?}");
    assert_eq!(report.repositories[0].status, RunStatus::Completed, "{report:?}");
}

#[tokio::test]
async fn g1_11_a_repository_with_a_token_of_its_own_that_was_renamed_is_read_to_its_end() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(3);
    })
    .await;
    mirror.sync("octo/web").await;
    mirror.github.world().token("token-of-web", "octo");
    store(&mirror, ("Repository", "octo/web", "access_token"), "token-of-web").await;
    mirror.github.world().rename_repository("octo/web", "octo/site");
    completed(&looked_at(&mirror, "octo/site").await);
    mirror.finish().await;
}

#[tokio::test]
async fn g1_11_the_first_run_of_a_repository_is_read_to_its_end_though_an_installation_reaches_it() {
    let mirror = Mirror::new(|world| {
        world.organization("acme").owners.push("octo".to_owned());
        world.repository("acme/new").with_issues(3);
    })
    .await;
    // What is known of the installation counts once the document says whose the repository is.
    for sql in [
        "INSERT INTO erpnext_github_app_key (host, fingerprint, sealed, entered_at) VALUES ('x', '', '', NOW())",
        "INSERT INTO tabSingles (doctype, field, value) VALUES ('GitHub Settings', 'app_client_id', 'Iv1.x')",
        "INSERT INTO `tabGitHub App Installation` (name, owner, installation_id, account_login, repository_selection) \
         VALUES ('inst', 'Administrator', '7', 'acme', 'all')",
    ] {
        mirror.erp.scratch().execute(sql).await.expect(sql);
    }
    let (owner, id) = {
        let world = mirror.github.world();
        (world.account("acme").expect("it").id, world.find("acme/new").expect("it").id)
    };
    for sql in [
        format!("UPDATE `tabGitHub App Installation` SET account_id = '{owner}'"),
        format!(
            "INSERT INTO erpnext_github_installation_repository (installation_id, repository_id, followed) VALUES (7, {id}, 1)"
        ),
    ] {
        mirror.erp.query(&sql).await;
    }
    completed(&looked_at(&mirror, "acme/new").await);
    mirror.finish().await;
}
