//! Whose an installation is that GitHub tells of: of whoever set out for it, not long ago, and of no other row of his.

use chrono::TimeDelta;
use erpnext_github::domain::Visibility;
use erpnext_github::sim::github::{Collaborator, Permission};
use erpnext_github::store::{Stamp, installations};

use super::Stage;
use crate::support::github_app::APP;

const DESK: &str = "desk@x.com";
const MEMBER: &str = "member@x.com";

impl Stage {
    /// Whose the installation is, and whether he is not known to have installed it.
    async fn whose(&self) -> String {
        let sql = "SELECT CONCAT_WS('|', owner, _requested) FROM `tabGitHub App Installation`";
        self.mirror.erp.value(sql).await
    }
}

#[tokio::test]
async fn what_github_tells_of_another_installation_is_not_what_somebody_set_out_for() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    // One that was there before, and that is not known here.
    let web = {
        let mut world = stage.mirror.github.world();
        world.organization("beta");
        let (web, other) = (world.repository("acme/web").id, world.repository("beta/web").id);
        world.install(APP, "beta").only([other]);
        web
    };
    stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    stage
        .happens(|world| {
            world.install(APP, "beta").suspend("mona");
        })
        .await;
    let rows = stage.installations().await;
    assert!(rows.contains("desk initiated_here - NEW-1 - 000"), "{rows}");
    assert!(rows.contains("desk initiated_on_github processed - selected 100"), "{rows}");
    stage
        .happens(|world| {
            world.install(APP, "acme").only([web]);
        })
        .await;
    let rows = stage.installations().await;
    assert!(rows.contains("desk initiated_here processed NEW-1 selected 000"), "{rows}");
    assert_eq!(stage.followed().await, "acme/web=1 | NEW-1=acme/web,TRY-1=octo/web");
    stage.finish().await;
}

#[tokio::test]
async fn who_set_out_two_days_ago_did_not_set_out_for_what_is_installed_now() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    stage.mirror.erp.clock().advance(TimeDelta::hours(25));
    let story = |world: &mut erpnext_github::sim::github::World| {
        let web = world.repository("acme/web").id;
        world.install(APP, "acme").only([web]);
    };
    stage.happens(story).await;
    let rows = stage.installations().await;
    assert!(rows.contains("desk initiated_here - NEW-1 - 000"), "{rows}");
    assert!(rows.contains("desk initiated_on_github processed - selected 000"), "{rows}");
    // Who sets out anew uses it again.
    stage.address(DESK, "install_app", &[("project", "TRY-1")]).await;
    let rows = stage.installations().await;
    assert!(rows.contains("desk initiated_here - TRY-1 - 000"), "{rows}");
    stage.finish().await;
}

#[tokio::test]
async fn what_was_made_before_somebody_set_out_is_not_what_he_set_out_for_however_late_it_is_told() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    let before = stage.world();
    {
        let mut world = stage.mirror.github.world();
        let web = world.repository("acme/web").id;
        world.install(APP, "acme").only([web]);
    }
    let late = stage.mirror.github.deliveries_since(&before);
    stage.mirror.erp.clock().advance(TimeDelta::hours(1));
    stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    for (turn, delivery) in late.iter().enumerate() {
        let id = format!("late-{turn}");
        let status = crate::support::github_app::deliver(&stage.mirror, &stage.desk, &id, delivery).await;
        assert_eq!(status, 202);
    }
    let rows = stage.installations().await;
    assert!(rows.contains("desk initiated_here - NEW-1 - 000"), "{rows}");
    assert!(rows.contains("desk initiated_on_github processed - selected 000"), "{rows}");
    stage.finish().await;
}

#[tokio::test]
async fn an_installation_whose_making_is_told_late_is_still_what_somebody_set_out_for() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    let ids = {
        let mut world = stage.mirror.github.world();
        ["acme/web", "acme/api"].map(|name| world.repository(name).id)
    };
    let before = stage.world();
    stage.mirror.github.world().install(APP, "acme").only([ids[0]]);
    let made = stage.mirror.github.deliveries_since(&before);
    stage
        .happens(|world| {
            world.install(APP, "acme").only(ids);
        })
        .await;
    let rows = stage.installations().await;
    assert!(rows.contains("desk initiated_here - NEW-1 - 000"), "{rows}");
    for (turn, delivery) in made.iter().enumerate() {
        let id = format!("late-{turn}");
        let status = crate::support::github_app::deliver(&stage.mirror, &stage.desk, &id, delivery).await;
        assert_eq!(status, 202);
    }
    assert_eq!(
        stage.installations().await,
        "desk initiated_here processed NEW-1 selected 000"
    );
    stage.finish().await;
}

#[tokio::test]
async fn who_only_asked_for_an_installation_gets_no_repository_that_github_does_not_show_to_him() {
    let stage = Stage::new().await;
    stage.connect(DESK, "hubot").await;
    stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    let ids = {
        let mut world = stage.mirror.github.world();
        let ids = ["acme/web", "acme/api"].map(|name| world.repository(name).id);
        let reader = Collaborator::new("hubot", Permission::Pull);
        world
            .repository("acme/web")
            .with_visibility(Visibility::Private)
            .with_member(reader);
        world.repository("acme/api").with_visibility(Visibility::Private);
        ids
    };
    // An owner, who is nobody here, agrees.
    stage
        .happens(|world| {
            world.install(APP, "acme").only(ids).requested_by("hubot");
        })
        .await;
    assert_eq!(
        stage.installations().await,
        "desk initiated_here processed NEW-1 selected 000"
    );
    assert_eq!(
        stage.followed().await,
        "acme/api=1,acme/web=1 | NEW-1=acme/web,TRY-1=octo/web"
    );
    let sql = "SELECT GROUP_CONCAT(repository) FROM `tabGitHub Project Repository` WHERE project = 'NEW-1'";
    assert_eq!(stage.mirror.erp.value(sql).await, "acme/web");
    // He chooses another Project: no more of them is connected by that.
    let name = stage.mirror.erp.value("SELECT name FROM `tabGitHub App Installation`").await;
    let chosen = [("installation", name.as_str()), ("project", "TRY-1")];
    let done = stage.call(DESK, "finish_installation", &chosen).await;
    assert_eq!(done.message()["repositories"], serde_json::json!(["acme/web"]), "{done:?}");
    stage.finish().await;
}

#[tokio::test]
async fn whoever_did_something_with_an_installation_has_it_wholly_once_it_is_known_to_be_his() {
    let stage = Stage::new().await;
    stage.connect(MEMBER, "hubot").await;
    let id = {
        let mut world = stage.mirror.github.world();
        world.organization("acme").owners.push("mona".to_owned());
        let web = world.repository("acme/web").with_visibility(Visibility::Private).id;
        world.install(APP, "acme").only([web]).id.to_string()
    };
    stage
        .happens(|world| {
            world.install(APP, "acme").suspend("hubot");
        })
        .await;
    assert_eq!(stage.whose().await, format!("{MEMBER}|1"));
    stage
        .happens(|world| {
            world.install(APP, "acme").unsuspend();
        })
        .await;
    let check = async || {
        let answer = stage.call(MEMBER, "check_installation", &[("installation_id", &id)]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        stage.whose().await
    };
    assert_eq!(check().await, format!("{MEMBER}|1"));
    // What he chooses a Project for is no more than GitHub shows to him.
    let erp = stage.mirror.erp.erp();
    erp.set("Project", "NEW-1", "owner", MEMBER).await.expect("set");
    let name = stage.mirror.erp.value("SELECT name FROM `tabGitHub App Installation`").await;
    let chosen = [("installation", name.as_str()), ("project", "NEW-1")];
    let done = stage.call(MEMBER, "finish_installation", &chosen).await;
    assert_eq!(done.message()["repositories"], serde_json::json!([]), "{done:?}");
    stage
        .mirror
        .github
        .world()
        .organization("acme")
        .owners
        .push("hubot".to_owned());
    assert_eq!(check().await, format!("{MEMBER}|0"));
    assert_eq!(stage.followed().await, "acme/web=1 | NEW-1=acme/web,TRY-1=octo/web");
    stage.finish().await;
}

#[tokio::test]
async fn an_installation_is_whose_who_made_it_also_where_another_word_came_first() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    stage.connect(MEMBER, "hubot").await;
    let before = stage.world();
    {
        let mut world = stage.mirror.github.world();
        let web = world.repository("acme/web").id;
        world.install(APP, "acme").only([web]);
    }
    let made = stage.mirror.github.deliveries_since(&before);
    stage
        .happens(|world| {
            world.install(APP, "acme").suspend("hubot");
        })
        .await;
    assert_eq!(stage.whose().await, format!("{MEMBER}|1"));
    for (turn, delivery) in made.iter().enumerate() {
        let id = format!("late-{turn}");
        let status = crate::support::github_app::deliver(&stage.mirror, &stage.desk, &id, delivery).await;
        assert_eq!(status, 202);
    }
    assert_eq!(stage.whose().await, format!("{DESK}|0"));
    stage.finish().await;
}

#[tokio::test]
async fn who_set_out_in_the_hour_that_autumn_repeats_set_out_for_what_is_installed_then() {
    let stage = Stage::new().await;
    let erp = stage.mirror.erp.erp();
    erp.set_system_setting("time_zone", "Europe/Berlin").await.expect("set");
    stage.connect(DESK, "mona").await;
    // Five minutes before the clock is put back, and twenty minutes later, at a quarter past two once more.
    let clock = stage.mirror.erp.clock();
    let began: chrono::DateTime<chrono::Utc> = "2027-10-31T00:55:00Z".parse().expect("a moment");
    clock.advance(began - stage.mirror.site().clock().now());
    let stamp = Stamp::now(stage.mirror.site(), DESK).await.expect("a stamp");
    installations::begin(stage.mirror.site().db(), &stamp, "NEW-1")
        .await
        .expect("begun");
    clock.advance(TimeDelta::minutes(20));
    stage
        .happens(|world| {
            let web = world.repository("acme/web").id;
            world.install(APP, "acme").only([web]);
        })
        .await;
    assert_eq!(
        stage.installations().await,
        "desk initiated_here processed NEW-1 selected 000"
    );
    stage.finish().await;
}
