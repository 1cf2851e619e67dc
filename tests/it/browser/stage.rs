//! Where a scenario plays: a mirrored site with people around `octo/web`, the sidecar, and the desk for tests before both; or a
//! real desk.

use erpnext_github::store::readers;
use serde_json::Value;

use crate::desk::told_company;
use crate::support::Told;
use crate::support::bench::Bench;
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;

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
    _bench: Bench,
    _told: Told,
}

impl Stage {
    /// The company of the desk's tests.
    pub(super) async fn new() -> Self {
        let (mirror, desk, told) = told_company().await;
        for user in WRITERS {
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

    /// First value of a query on the site.
    pub(super) async fn value(&self, sql: &str) -> String {
        self.mirror.erp.value(sql).await
    }

    /// Nothing may be left running, and GitHub was asked nothing odd.
    pub(super) async fn finish(self) {
        self.desk.ended().await;
        drop(self.front);
        self.mirror.finish().await;
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

    /// The desk that the environment names, if it does.
    pub(super) async fn real(scenario: &str) -> Option<Self> {
        RealDesk::named(scenario).await.map(Self::Real)
    }

    /// A browser in which a GitHub Admin is logged in.
    pub(super) async fn sheet(&self) -> Sheet {
        match self {
            Self::Small(stage) => stage.sheet("admin@x.com").await,
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
                stage.task("TASK-9", subject).await;
                "TASK-9".to_owned()
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

/// Makes two tests of every scenario `async fn(&Anywhere)`: on the desk for tests, and on a real one where there is one.
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
