//! An installed site beside a fake GitHub, and runs between the two.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use erpnext_github::app::{App, settings};
use erpnext_github::clock::SharedClock;
use erpnext_github::config::HostLayer;
use erpnext_github::frappe::bench::Bench;
use erpnext_github::frappe::db::Databases;
use erpnext_github::frappe::site::Site;
use erpnext_github::setup::{self, SetupOptions};
use erpnext_github::sim::github::{FakeGithub, World};
use erpnext_github::sim::site::FrappeMajor;
use erpnext_github::store::repositories;
use erpnext_github::store::runs::Trigger;
use erpnext_github::sync::{RepositoryReport, RunOptions, Selection, SiteReport, SyncContext, sync_site};
use erpnext_github::telemetry::Silent;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::TestSite;

/// The token that every test's world knows.
const TOKEN: &str = "token-of-the-tests";

/// A site that is installed and connected, and its GitHub.
pub(crate) struct Mirror {
    /// The site.
    pub(crate) erp: TestSite,
    /// GitHub.
    pub(crate) github: FakeGithub,
    app: App,
}

impl Mirror {
    /// A v15 site beside a world that `story` fills; the account `octo` owns the token.
    pub(crate) async fn new(story: impl FnOnce(&mut World)) -> Self {
        Self::on(TestSite::new(FrappeMajor::V15).await, story).await
    }

    /// The same beside another site.
    pub(crate) async fn on(erp: TestSite, story: impl FnOnce(&mut World)) -> Self {
        let clock: SharedClock = erp.site().clock().clone();
        let mut world = World::new(clock.clone());
        world.user("octo");
        world.token(TOKEN, "octo");
        story(&mut world);
        let github = FakeGithub::start(world).await.expect("a fake GitHub");
        let told = |_: &str| {};
        setup::install(erp.site(), &SetupOptions::default(), &told)
            .await
            .expect("installed");
        settings::set(
            erp.site(),
            "personal_access_token",
            &SecretString::from(TOKEN),
            "Administrator",
        )
        .await
        .expect("the token is stored");
        let hosts = HostLayer::of_flags(Some(github.base_url().to_owned()), Some(github.graphql_url()), None);
        let app = App::new(
            Bench::locate(Some(erp.bench_root()), Path::new("/"), BTreeMap::new()).expect("a bench"),
            Databases::new(20),
            clock,
            [HostLayer::default(), hosts],
        );
        Self { erp, github, app }
    }

    /// The wiring that commands use.
    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    /// What a run works with.
    pub(crate) async fn context(&self) -> SyncContext {
        self.app
            .sync_context(self.erp.site(), Arc::new(Silent), CancellationToken::new())
            .await
            .expect("the site can be synced")
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

    /// The tables that mirror GitHub, as text.
    pub(crate) async fn mirror(&self) -> String {
        self.erp
            .dump_tables(&[
                "tabRepository",
                "tabRepository Branch",
                "tabRepository Member",
                "tabRepository Issue",
                "tabRepository Issue Assignee",
                "tabRepository Pull Request",
                "tabRepository PR Assignee",
                "tabRepository PR Reviewer",
            ])
            .await
    }

    /// The site as the program works with it.
    pub(crate) fn site(&self) -> &Site {
        self.erp.site()
    }

    /// What must hold at the end of every test that did not expect otherwise: GitHub was asked nothing odd, no run is
    /// marked as running, nothing is in the Error Log.
    pub(crate) async fn finish(self) {
        assert_eq!(
            self.github.unexpected(),
            Vec::<String>::new(),
            "GitHub was asked something that it does not know"
        );
        assert_eq!(
            self.erp
                .value("SELECT COUNT(*) FROM `tabGitHub Sync Run` WHERE status = 'Running'")
                .await,
            "0"
        );
        assert_eq!(
            self.erp.query("SELECT method, error FROM `tabError Log`").await,
            Vec::<Vec<Option<String>>>::new()
        );
        assert!(repositories::list(self.site().db()).await.is_ok());
    }
}
