//! Where a scenario plays: a mirrored site with people around `octo/web`, the sidecar, and the desk for tests before both; or a
//! real desk.

use std::sync::atomic::{AtomicU32, Ordering};

use erpnext_github::sim::github::World;
use erpnext_github::store::readers;
use serde_json::Value;

use crate::desk::company_of;
use crate::support::bench::Bench;
use crate::support::desk::Desk;
use crate::support::github_app::deliver;
use crate::support::mirror::Mirror;
use crate::support::{TestSite, Told};

use super::chromium::Sheet;
use super::front::{Front, Way};
use super::real::RealDesk;

/// The form of a Task is for those who may write it.
const WRITERS: [&str; 3] = ["admin@x.com", "manager@x.com", "pusher@x.com"];

/// A site of the test's own, with its desk.
pub(super) struct Stage {
    pub(super) mirror: Mirror,
    pub(super) desk: Desk,
    front: Front,
    /// Who plays the scenarios for every desk.
    person: &'static str,
    tasks: AtomicU32,
    deliveries: AtomicU32,
    _bench: Bench,
    _told: Told,
}

impl Stage {
    /// The company of the desk's tests.
    pub(super) async fn new() -> Self {
        let told = Told::listen().await;
        let site = told.site().await;
        Self::on(site, told, "admin@x.com").await
    }

    /// The same people on the site of the dump, and one of its own, a System Manager, who plays; none where there is no dump.
    async fn real_site(scenario: &str) -> Option<Self> {
        let told = Told::listen().await;
        let site = told.real_site(scenario).await?;
        Some(Self::on(site, told, "gh.admin@example.com").await)
    }

    async fn on(site: TestSite, told: Told, person: &'static str) -> Self {
        let (mirror, desk) = company_of(site).await;
        Desk::log_in(&mirror, person).await;
        for user in WRITERS
            .into_iter()
            .chain([person].into_iter().filter(|person| !WRITERS.contains(person)))
        {
            let (parent, role) = (("User", user, "roles"), [("role", "Projects User")]);
            mirror.erp.erp().add_child("Has Role", parent, &role).await.expect("a role");
        }
        // Who works on a repository reads it.
        readers::settle(mirror.site()).await.expect("settled");
        let bench = Bench::of(&mirror.erp).await;
        let front = Front::start(mirror.site(), desk.base(), told.redis()).await;
        Self {
            mirror,
            desk,
            front,
            person,
            tasks: AtomicU32::new(9),
            deliveries: AtomicU32::new(0),
            _bench: bench,
            _told: told,
        }
    }

    /// A browser in which `user` is logged in.
    pub(super) async fn sheet(&self, user: &str) -> Sheet {
        let sid = user.split('@').next().unwrap_or(user);
        Sheet::open(self.front.base(), Some(sid)).await
    }

    /// A browser in which `user` looks at a form.
    pub(super) async fn form(&self, user: &str, doctype: &str, name: &str) -> Sheet {
        let sheet = self.sheet(user).await;
        sheet.form(doctype, name).await;
        sheet
    }

    /// Where people open the site.
    pub(super) fn base(&self) -> &str {
        self.front.base()
    }

    /// Puts something into the way to the sidecar.
    pub(super) fn set_way(&self, way: Way) {
        self.front.set_way(way);
    }

    /// A Task of `octo/web` in the Project that it is connected with.
    pub(super) async fn task(&self, name: &str, subject: &str) {
        let erp = self.mirror.erp.erp();
        erp.add_task(name, subject, Some("TRY-1")).await.expect("a task");
        erp.set("Task", name, "github_repo", "octo/web").await.expect("set");
    }

    /// Bodies of what GitHub was asked to write under a path that ends like this.
    pub(super) fn written(&self, end: &str) -> Vec<Value> {
        let requests = self.mirror.github.requests();
        let writes = requests.iter().filter(|one| one.method != "GET" && one.path.ends_with(end));
        let bodies = writes.filter_map(|one| one.body.as_deref());
        bodies.map(|body| serde_json::from_str(body).expect("JSON")).collect()
    }

    /// Has GitHub change, and tell the App's webhook of it.
    pub(super) async fn happens(&self, story: impl FnOnce(&mut World)) {
        let before = self.mirror.github.world().clone();
        story(&mut self.mirror.github.world());
        self.tell(&before).await;
    }

    /// Delivers what GitHub tells of everything since `before`.
    pub(super) async fn tell(&self, before: &World) {
        for delivery in self.mirror.github.deliveries_since(before) {
            let id = format!("told-{}", self.deliveries.fetch_add(1, Ordering::Relaxed));
            assert_eq!(deliver(&self.mirror, &self.desk, &id, &delivery).await, 202);
        }
    }

    /// First value of a query on the site.
    pub(super) async fn value(&self, sql: &str) -> String {
        self.mirror.erp.value(sql).await
    }

    /// Nothing may be left running, and GitHub was asked nothing odd.
    pub(super) async fn finish(self) {
        self.finish_with_errors(0).await;
    }

    /// The same, where exactly `errors` rows were to be left in the Error Log.
    pub(super) async fn finish_with_errors(self, errors: usize) {
        self.desk.ended().await;
        drop(self.front);
        self.mirror.finish_with_errors(errors).await;
    }
}

/// Where a scenario for every desk plays.
pub(super) enum Anywhere {
    /// The desk for tests.
    Small(Box<Stage>),
    /// A real one.
    Real(RealDesk),
}

impl Anywhere {
    /// The desk for tests.
    pub(super) async fn small() -> Self {
        Self::Small(Box::new(Stage::new().await))
    }

    /// The desk for tests on the site of the dump, if there is one.
    pub(super) async fn real_site(scenario: &str) -> Option<Self> {
        let stage = Stage::real_site(scenario).await?;
        Some(Self::Small(Box::new(stage)))
    }

    /// The desk that the environment names, if it does.
    pub(super) async fn real(scenario: &str) -> Option<Self> {
        RealDesk::named(scenario).await.map(Self::Real)
    }

    /// A browser in which a GitHub Admin is logged in.
    pub(super) async fn sheet(&self) -> Sheet {
        match self {
            Self::Small(stage) => stage.sheet(stage.person).await,
            Self::Real(desk) => desk.sheet().await,
        }
    }

    /// A browser in which he looks at a form.
    pub(super) async fn form(&self, doctype: &str, name: &str) -> Sheet {
        let sheet = self.sheet().await;
        sheet.form(doctype, name).await;
        sheet
    }

    /// A Repository that was synced.
    pub(super) fn repository(&self) -> &str {
        match self {
            Self::Small(_) => "octo/web",
            Self::Real(desk) => desk.repository(),
        }
    }

    /// A new Task of that Repository.
    pub(super) async fn task(&self, subject: &str) -> String {
        match self {
            Self::Small(stage) => {
                let name = format!("TASK-{}", stage.tasks.fetch_add(1, Ordering::Relaxed));
                stage.task(&name, subject).await;
                name
            }
            Self::Real(desk) => desk.task(subject).await,
        }
    }

    /// What the scenario left behind is looked at.
    pub(super) async fn finish(self) {
        if let Self::Small(stage) = self {
            stage.finish().await;
        }
    }
}

/// Makes tests of scenarios `async fn(&Anywhere)`: each on the desk for tests and on a real one where there is one, and all of them on the
/// site of the dump.
macro_rules! on_every_desk {
    ($($scenario:ident),* $(,)?) => {
        mod on_the_desk_for_tests {
            $(#[tokio::test]
            async fn $scenario() {
                let stage = $crate::browser::stage::Anywhere::small().await;
                super::$scenario(&stage).await;
                stage.finish().await;
            })*
        }
        /// One after the other, as on a desk that people work on.
        #[tokio::test]
        async fn on_the_site_of_the_dump_one_of_its_people_presses_everything() {
            let name = "on_the_site_of_the_dump_one_of_its_people_presses_everything";
            if let Some(stage) = $crate::browser::stage::Anywhere::real_site(name).await {
                $(println!(stringify!($scenario));
                $scenario(&stage).await;)*
                stage.finish().await;
            }
        }
        mod on_a_real_desk {
            $(#[tokio::test]
            async fn $scenario() {
                if let Some(stage) = $crate::browser::stage::Anywhere::real(stringify!($scenario)).await {
                    super::$scenario(&stage).await;
                    stage.finish().await;
                }
            })*
        }
    };
}
pub(super) use on_every_desk;
