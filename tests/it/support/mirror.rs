//! An installed site beside a fake GitHub, and runs between the two.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use erpnext_github::app::{App, settings};
use erpnext_github::clock::SharedClock;
use erpnext_github::config::{HostLayer, Resolver};
use erpnext_github::domain::budget::Rules;
use erpnext_github::frappe::bench::Bench;
use erpnext_github::frappe::db::Databases;
use erpnext_github::frappe::site::Site;
use erpnext_github::github::RetryPolicy;
use erpnext_github::setup::{self, SetupOptions};
use erpnext_github::sim::github::{FakeGithub, World};
use erpnext_github::sim::site::FrappeMajor;
use erpnext_github::store::runs::Trigger;
use erpnext_github::store::{owned_columns, repositories};
use erpnext_github::sync::{RepositoryReport, RunOptions, Selection, SiteReport, SyncContext, sync_site};
use erpnext_github::telemetry::Silent;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::TestSite;
use crate::github_contract::wrong_requests;

/// The token that every test's world knows.
pub(crate) const TOKEN: &str = "token-of-the-tests";

/// The tables that mirror GitHub.
const MIRROR: [&str; 15] = [
    "tabRepository",
    "tabRepository Branch",
    "tabRepository Member",
    "tabRepository Issue",
    "tabRepository Issue Assignee",
    "tabRepository Pull Request",
    "tabRepository PR Assignee",
    "tabRepository PR Reviewer",
    "tabRepository Label",
    "tabRepository Milestone",
    "tabRepository Release",
    "tabRepository Release Asset",
    "tabRepository Comment",
    "tabRepository Review",
    "tabRepository Commit",
];

/// A site that is installed and connected, and its GitHub.
pub(crate) struct Mirror {
    /// The site.
    pub(crate) erp: TestSite,
    /// GitHub.
    pub(crate) github: FakeGithub,
    app: App,
}

/// GitHub's rules, but for what only time can show: no test waits a second between two writes.
pub(crate) fn at_once() -> Rules {
    Rules {
        write_gap_ms: 0,
        ..Rules::default()
    }
}

/// A process of its own, as far as leases can tell.
fn app_of(erp: &TestSite, github: &FakeGithub, databases: Databases) -> App {
    let hosts = HostLayer::of_flags(Some(github.base_url().to_owned()), Some(github.graphql_url()), None);
    App::new(
        Bench::locate(Some(erp.bench_root()), Path::new("/"), BTreeMap::new()).expect("a bench"),
        databases,
        erp.site().clock().clone(),
        [HostLayer::default(), hosts],
    )
    .with_resolver(Resolver::knowing(|name| !name.starts_with("nowhere.")))
    .with_github_rules(at_once())
}

impl Mirror {
    /// A v15 site beside a world that `story` fills; the account `octo` owns the token.
    pub(crate) async fn new(story: impl FnOnce(&mut World)) -> Self {
        Self::on(TestSite::new(FrappeMajor::V15).await, story).await
    }

    /// The same beside another site.
    pub(crate) async fn on(erp: TestSite, story: impl FnOnce(&mut World)) -> Self {
        let clock: SharedClock = erp.site().clock().clone();
        let mut world = World::new(clock);
        world.user("octo");
        world.token(TOKEN, "octo");
        story(&mut world);
        let github = FakeGithub::start(world).await.expect("a fake GitHub");
        let told = |_: &str| {};
        setup::install(erp.site(), &SetupOptions::default(), &told)
            .await
            .expect("installed");
        let app = app_of(&erp, &github, Databases::new(20));
        settings::set(
            &app,
            erp.site(),
            "personal_access_token",
            &SecretString::from(TOKEN),
            "Administrator",
        )
        .await
        .expect("the token is stored");
        Self { erp, github, app }
    }

    /// The wiring that commands use.
    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    /// The wiring of another process that works on the same site and the same GitHub.
    pub(crate) fn replica(&self) -> App {
        self.over(Databases::new(20))
    }

    /// The same with connections that other sites share.
    pub(crate) fn over(&self, databases: Databases) -> App {
        app_of(&self.erp, &self.github, databases)
    }

    /// What a run works with. Nobody looks whether something is switched off meanwhile, which is at its own time: who wants it says so.
    pub(crate) async fn context(&self) -> SyncContext {
        let context = self
            .app
            .sync_context(self.erp.site(), Arc::new(Silent), CancellationToken::new());
        let mut context = context.await.expect("the site can be synced");
        context.pace.switches = Duration::from_secs(3600);
        context
    }

    /// Runs `selection` and gives the report.
    pub(crate) async fn run(&self, selection: &Selection, full: bool) -> SiteReport {
        let options = RunOptions {
            full,
            trigger: Trigger::Command,
        };
        sync_site(&self.context().await, selection, options)
            .await
            .expect("the database works")
    }

    /// Syncs one repository as `sync --repo` does; the report must be of it alone.
    pub(crate) async fn sync(&self, repository: &str) -> RepositoryReport {
        self.sync_as(repository, false).await
    }

    /// Syncs one repository as `sync --full --repo` does.
    pub(crate) async fn sync_full(&self, repository: &str) -> RepositoryReport {
        self.sync_as(repository, true).await
    }

    /// Syncs one repository with `context`, which may differ from that of commands (see [`Self::impatient`]).
    pub(crate) async fn sync_in(&self, context: &SyncContext, repository: &str, full: bool) -> RepositoryReport {
        let selection = Selection {
            repositories: vec![repository.parse().expect("a name")],
            owners: Vec::new(),
        };
        let options = RunOptions {
            full,
            trigger: Trigger::Command,
        };
        let mut report = sync_site(context, &selection, options).await.expect("the database works");
        assert_eq!(report.repositories.len(), 1, "{report:?}");
        report.repositories.remove(0)
    }

    /// What a run works with that asks GitHub for nothing twice, so that no test waits.
    pub(crate) async fn impatient(&self) -> SyncContext {
        let mut context = self.context().await;
        context.client = context.client.with_retry(RetryPolicy::never());
        context
    }

    async fn sync_as(&self, repository: &str, full: bool) -> RepositoryReport {
        let selection = Selection {
            repositories: vec![repository.parse().expect("a name")],
            owners: Vec::new(),
        };
        let mut report = self.run(&selection, full).await;
        assert!(report.errors.is_empty(), "{:?}", report.errors);
        assert_eq!(report.repositories.len(), 1, "{report:?}");
        report.repositories.remove(0)
    }

    /// What a run that fails must leave alone: everything but the note on the Repository that it failed.
    pub(crate) async fn mirror_without_notes(&self) -> String {
        let repositories = self
            .erp
            .query(
                "SELECT name, modified, full_name, github_id, visibility, description, default_branch, branches_total, is_synced, \
                 last_synced, deleted_on_github, enabled, project FROM tabRepository ORDER BY name",
            )
            .await;
        let others = self.erp.dump_tables(&MIRROR[1..]).await;
        format!("{repositories:?}\n{others}")
    }

    /// The tables that mirror GitHub, as text.
    pub(crate) async fn mirror(&self) -> String {
        self.erp.dump_tables(&MIRROR).await
    }

    /// Everything that GitHub owns, row by row, without the stamps of when it was written.
    pub(crate) async fn owned(&self) -> Vec<String> {
        self.owned_but(&[]).await
    }

    /// The same without what is named: a DocType, or one of its columns (`Repository Branch.committed_at`).
    pub(crate) async fn owned_but(&self, left_out: &[&str]) -> Vec<String> {
        let mut lines = Vec::new();
        for table in owned_columns() {
            if left_out.contains(&table.doctype) {
                continue;
            }
            let shown = |column: &&str| match *column {
                column if left_out.contains(&format!("{}.{column}", table.doctype).as_str()) => "'?'".to_owned(),
                // What GitHub has not computed leaves what was computed before; only who was there then knows it.
                "mergeable_state" => "IF(state = 'open', '?', IFNULL(mergeable_state, '-'))".to_owned(),
                column => format!("IFNULL(`{column}`, '-')"),
            };
            let columns: Vec<String> = table.columns.iter().map(shown).collect();
            let sql = format!(
                "SELECT CONCAT_WS(' | ', name, {}) FROM `tab{}` ORDER BY name",
                columns.join(", "),
                table.doctype
            );
            let rows = self.erp.query(&sql).await.concat().into_iter().flatten();
            lines.extend(rows.map(|row| format!("{}: {row}", table.doctype)));
        }
        lines
    }

    /// First column of a query, NULL as empty text.
    pub(crate) async fn column(&self, sql: &str) -> Vec<String> {
        let rows = self.erp.query(sql).await;
        rows.into_iter().map(|mut row| row.remove(0).unwrap_or_default()).collect()
    }

    /// The paths that were asked for since the last time, without the lists of every run; `graphql` stands for a query.
    pub(crate) fn asked_for(&self, what: &[&str]) -> Vec<String> {
        let requests = self.github.requests();
        self.github.forget_requests();
        let of = |path: &str| what.iter().find(|part| path.ends_with(*part)).map(|part| (*part).to_owned());
        requests.iter().filter_map(|request| of(&request.path)).collect()
    }

    /// The site as the program works with it.
    pub(crate) fn site(&self) -> &Site {
        self.erp.site()
    }

    /// What must hold at the end of every test that did not expect otherwise: GitHub was asked nothing odd, no run is
    /// marked as running, nothing is in the Error Log.
    pub(crate) async fn finish(self) {
        self.finish_with_errors(0).await;
    }

    /// The same, where exactly `errors` rows were to be left in the Error Log.
    pub(crate) async fn finish_with_errors(self, errors: usize) {
        assert_eq!(
            self.github.unexpected(),
            Vec::<String>::new(),
            "GitHub was asked something that it does not know"
        );
        assert_eq!(
            wrong_requests(&self.github.requests()),
            Vec::<String>::new(),
            "GitHub's description does not know what it was asked"
        );
        assert_eq!(
            self.erp
                .value("SELECT COUNT(*) FROM `tabGitHub Sync Run` WHERE status = 'Running'")
                .await,
            "0"
        );
        let logged = self.erp.query("SELECT method, error FROM `tabError Log`").await;
        assert_eq!(logged.len(), errors, "{logged:?}");
        assert!(repositories::list(self.site().db()).await.is_ok());
    }
}
