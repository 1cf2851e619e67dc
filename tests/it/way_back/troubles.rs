//! What keeps an organization from being connected, as far as it is known from the caller's own installations: each with the page that mends it.

use erpnext_github::sim::github::Fault;
use serde_json::Value;

use super::{Stage, text};
use crate::support::github_app::APP;

const ADMIN: &str = "admin@x.com";
const BEGUN: &str = "You began to install the App, and GitHub has not told of it: it was not finished there, or an owner was asked and has not accepted yet.";

impl Stage {
    /// What is known to keep organizations away, and what else it may be: sentence and link.
    async fn troubles(&self) -> [Vec<(String, String)>; 2] {
        let answer = self
            .call(ADMIN, "connectable_organizations", &[("method", "GitHub App")])
            .await;
        let all = answer.message()["troubleshooting"].as_array().expect("a list").clone();
        let (known, other): (Vec<Value>, Vec<Value>) = all.into_iter().partition(|one| one["known"] == true);
        [known, other].map(|some| {
            let both = |one: &Value| (text(one, "text").to_owned(), text(one, "url").to_owned());
            some.iter().map(both).collect()
        })
    }

    /// What is known.
    async fn known(&self) -> Vec<(String, String)> {
        let [known, _] = self.troubles().await;
        known
    }

    /// A page of GitHub's.
    fn at_github(&self, path: &str) -> String {
        format!("{}/{path}", self.mirror.github.base_url())
    }
}

#[tokio::test]
async fn g1_16_the_callers_own_installations_that_cannot_be_used_are_told_with_the_page_that_mends_each() {
    let stage = Stage::new().await;
    stage.connect(ADMIN, "mona").await;
    // What somebody else began is his.
    stage.connect("desk@x.com", "hubot").await;
    stage.address("desk@x.com", "install_app", &[("project", "NEW-1")]).await;
    let [known, other] = stage.troubles().await;
    assert_eq!(known, []);
    let install = stage.at_github(&format!("apps/{APP}/installations/new"));
    assert!(
        other[0].0.starts_with("The App is not installed there") && other[0].1 == install,
        "{other:?}"
    );
    stage.address(ADMIN, "install_app", &[("project", "TRY-1")]).await;
    let begun = (BEGUN.to_owned(), stage.at_github("settings/installations"));
    assert_eq!(stage.known().await, std::slice::from_ref(&begun));
    // It is installed on GitHub, and what it reaches cannot be read.
    stage
        .mirror
        .github
        .world()
        .faults
        .push(Fault::status("/installation/repositories", 403).always());
    let mut id = 0;
    stage
        .happens(|world| {
            let web = world.repository("acme/web").id;
            id = world.install(APP, "acme").only([web]).id;
        })
        .await;
    // As GitHub tells it.
    let web = stage.mirror.github.world().web_url.clone();
    let manage = format!("{web}/organizations/acme/settings/installations/{id}");
    let unread = stage.known().await;
    let [(sentence, url)] = unread.as_slice() else {
        panic!("{unread:?}");
    };
    let reason = sentence.strip_prefix("The App is installed in acme and could not be read, which is tried again by itself: ");
    assert!(
        reason.is_some_and(|reason| reason.contains("GitHub")) && *url == manage,
        "{unread:?}"
    );
    // It can be read, and an owner suspends it.
    stage.mirror.github.world().faults.clear();
    stage
        .happens(|world| {
            world.install(APP, "acme").suspend("mona");
        })
        .await;
    let suspended = ("The App is suspended in acme: have an owner unsuspend it.".to_owned(), manage);
    assert_eq!(stage.known().await, [suspended]);
    stage
        .happens(|world| {
            world.install(APP, "acme").unsuspend();
        })
        .await;
    assert_eq!(stage.known().await, [], "nothing keeps it away");
    // One that was uninstalled is not his any more; he may begin again.
    stage.happens(|world| world.uninstall(id)).await;
    assert_eq!(stage.known().await, []);
    stage.address(ADMIN, "install_app", &[("project", "TRY-1")]).await;
    assert_eq!(stage.known().await, [begun]);
    stage.finish().await;
}
