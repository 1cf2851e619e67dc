//! GitHub's word of an installation does not come: it is found by asking, for whose it is and for nobody else, and what comes late changes nothing.

use chrono::TimeDelta;
use erpnext_github::domain::Visibility;
use erpnext_github::jobs::Work;
use erpnext_github::sim::github::{Collaborator, Permission, World};

use super::{PAGES, Stage, session};
use crate::jobs::runner;
use crate::support::github_app::{APP, deliver};

const DESK: &str = "desk@x.com";
const MEMBER: &str = "member@x.com";

/// The number of the installation in `acme`, which GitHub shows to those who may see it.
fn number(world: &mut World) -> u64 {
    world.install(APP, "acme").id
}

fn owns(world: &mut World, login: &str) {
    world.organization("acme").owners.push(login.to_owned());
}

impl Stage {
    async fn check(&self, user: &str, arguments: &[(&str, &str)]) -> String {
        let answer = self.call(user, "check_installation", arguments).await;
        if answer.status == 200 {
            return format!("{} {}", answer.message()["found"], answer.message()["stage"]);
        }
        answer.status.to_string()
    }
}

#[tokio::test]
async fn g0_7_an_installation_is_found_on_the_way_back_where_githubs_word_is_lost_and_late_it_changes_nothing() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    owns(&mut stage.mirror.github.world(), "mona");
    let page = stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    let before = stage.world();
    let back = stage.install(&page, &["acme/web"]).await;
    let id = number(&mut stage.mirror.github.world());
    let done = stage.open(session(DESK), &back).await;
    assert!(
        done.kind == "done" && done.text.contains("belongs to the Project NEW-1"),
        "{}",
        done.text
    );
    let (rows, followed) = (stage.installations().await, stage.followed().await);
    assert_eq!(rows, "desk initiated_here processed NEW-1 selected 000");
    assert_eq!(followed, "acme/web=1 | NEW-1=acme/web,TRY-1=octo/web");
    // He takes one away again; the word that comes late does not bring it back.
    let taken = [("project", "NEW-1"), ("repository", "acme/web")];
    stage.call("Administrator", "disconnect_repository", &taken).await;
    stage.tell(&before).await;
    assert_eq!(stage.installations().await, rows);
    assert_eq!(stage.followed().await, "acme/web=1 | NEW-1=-,TRY-1=octo/web");
    assert_eq!(
        stage.check(DESK, &[("installation_id", &id.to_string())]).await,
        "true \"done\""
    );
    stage.finish().await;
}

#[tokio::test]
async fn g0_13_what_an_address_says_claims_nothing_and_check_again_finds_what_is_ones_own() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    stage.connect(MEMBER, "hubot").await;
    let id = {
        let mut world = stage.mirror.github.world();
        let web = world.repository("acme/web").id;
        world.repository("acme/api");
        world.install(APP, "acme").only([web]);
        number(&mut world)
    };
    let at = format!("{PAGES}setup?installation_id={id}");
    let arguments = [("installation_id", id.to_string())];
    let named: Vec<(&str, &str)> = arguments.iter().map(|(key, value)| (*key, value.as_str())).collect();
    // GitHub does not show it to him.
    assert_eq!(stage.check(MEMBER, &named).await, "false null");
    // He is a member who reads one of the repositories, and is not who installs Apps there.
    {
        let mut world = stage.mirror.github.world();
        world.organization("acme").members.push("hubot".to_owned());
        let reader = Collaborator::new("hubot", Permission::Pull);
        world
            .repository("acme/web")
            .with_visibility(Visibility::Private)
            .with_member(reader);
        let ids = ["acme/web", "acme/api"].map(|name| world.repository(name).id);
        world.repository("acme/api").with_visibility(Visibility::Private);
        world.install(APP, "acme").only(ids);
        owns(&mut world, "mona");
    }
    assert_eq!(stage.check(MEMBER, &named).await, "false null");
    assert_eq!(stage.installations().await, "");
    // Whoever opens an address without having set out changes nothing by it; the button does.
    let page = stage.open(session(DESK), &at).await;
    assert!(page.kind == "waiting" && page.text.contains("id=\"check\""), "{}", page.text);
    assert_eq!(stage.installations().await, "");
    assert_eq!(stage.check(DESK, &named).await, "true \"waits_for_project\"");
    assert_eq!(
        stage.installations().await,
        "desk initiated_on_github processed - selected 000"
    );
    assert_eq!(stage.check(MEMBER, &named).await, "403");
    assert_eq!(stage.open(session(DESK), &at).await.kind, "choose-project");
    stage.finish().await;
}

#[tokio::test]
async fn g0_12_the_schedule_finds_what_somebody_waits_for_and_makes_lost_words_good() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    // One that was there long before is not what he set out for.
    stage.mirror.erp.clock().advance(TimeDelta::days(1));
    let id = {
        let mut world = stage.mirror.github.world();
        let web = world.repository("acme/web").id;
        owns(&mut world, "mona");
        world.install(APP, "acme").only([web]);
        number(&mut world)
    };
    let runner = runner(&stage.mirror);
    let sweep = async || {
        runner.step(Work::Redeliver).await;
        stage.installations().await
    };
    assert_eq!(sweep().await, "desk initiated_here processed NEW-1 selected 000");
    assert_eq!(stage.followed().await, "acme/web=1 | NEW-1=acme/web,TRY-1=octo/web");
    stage.mirror.github.world().install(APP, "acme").suspend("mona");
    assert_eq!(
        sweep().await,
        "desk initiated_here processed NEW-1 selected 000",
        "once an hour"
    );
    stage.mirror.erp.clock().advance(TimeDelta::hours(1));
    // Its owner gave the App another name meanwhile, by which its pages are found.
    stage.mirror.github.world().app(APP).slug = "renamed-on-github".to_owned();
    assert_eq!(sweep().await, "desk initiated_here processed NEW-1 selected 100");
    let slug = "SELECT value FROM tabSingles WHERE doctype = 'GitHub Settings' AND field = 'app_slug'";
    assert_eq!(stage.mirror.erp.value(slug).await, "renamed-on-github");
    stage.mirror.github.world().app("renamed-on-github").slug = APP.to_owned();
    let asked = stage.mirror.github.requests().len();
    assert_eq!(stage.open(session(DESK), PAGES).await.kind, "suspended");
    stage.mirror.github.world().install(APP, "acme").unsuspend();
    assert_eq!(stage.check(DESK, &[]).await, "true \"done\"");
    assert!(stage.mirror.github.requests().len() > asked);
    let before = stage.world();
    stage.mirror.github.world().uninstall(id);
    stage.mirror.erp.clock().advance(TimeDelta::hours(1));
    assert_eq!(sweep().await, "desk initiated_here processed NEW-1 selected 010");
    assert_eq!(stage.followed().await, "acme/web=0 | NEW-1=-,TRY-1=octo/web");
    for delivery in stage.mirror.github.deliveries_since(&before) {
        assert_eq!(deliver(&stage.mirror, &stage.desk, "late", &delivery).await, 202);
    }
    assert_eq!(
        stage.installations().await,
        "desk initiated_here processed NEW-1 selected 010"
    );
    stage.finish().await;
}
