//! Where a scenario plays: a mirrored site with people around `octo/web`, the sidecar, and the desk for tests before both.

use serde_json::Value;

use crate::desk::told_company;
use crate::support::Told;
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;

use super::chromium::Sheet;
use super::front::{Front, Way};

/// A site with its desk.
pub(super) struct Stage {
    pub(super) mirror: Mirror,
    pub(super) desk: Desk,
    front: Front,
    _told: Told,
}

impl Stage {
    /// The company of the desk's tests.
    pub(super) async fn new() -> Self {
        let (mirror, desk, told) = told_company().await;
        let front = Front::start(mirror.site(), desk.base(), told.redis()).await;
        Self {
            mirror,
            desk,
            front,
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
