//! An installation for all repositories: none is followed by itself, and the page asks which ones the Project is about.

use chrono::TimeDelta;
use erpnext_github::domain::Visibility;
use erpnext_github::jobs::Work;
use serde_json::json;

use super::{PAGES, Stage, session};
use crate::jobs::runner;
use crate::support::github_app::APP;

const DESK: &str = "desk@x.com";

#[tokio::test]
async fn g0_15_of_an_installation_for_all_somebody_chooses_what_his_project_is_about() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    let hidden = {
        let mut world = stage.mirror.github.world();
        world.organization("acme").owners.push("mona".to_owned());
        world.repository("elsewhere/secret").with_visibility(Visibility::Private).id
    };
    stage
        .happens(|world| {
            world.install(APP, "acme").all();
        })
        .await;
    let rows = stage.installations().await;
    assert!(rows.contains("processed NEW-1 all 000"), "{rows}");
    let page = stage.open(session(DESK), PAGES).await;
    assert!(
        page.kind == "choose-repositories" && page.text.contains("> acme/web</label>"),
        "{}",
        page.text
    );
    let name = stage.mirror.erp.value("SELECT name FROM `tabGitHub App Installation`").await;
    let web = stage.mirror.github.world().repository("acme/web").id.to_string();
    let choose = async |user: &str, project: &str, ids: &str| {
        let arguments = [("installation", name.as_str()), ("project", project), ("repositories", ids)];
        stage.call(user, "choose_repositories", &arguments).await.status
    };
    assert_eq!(choose("member@x.com", "NEW-1", &format!("[\"{web}\"]")).await, 403);
    assert_eq!(
        choose(DESK, "NEW-1", &format!("[\"{hidden}\"]")).await,
        417,
        "GitHub does not show it there"
    );
    assert_eq!(choose(DESK, "NEW-1", "[]").await, 417);
    assert_eq!(stage.followed().await, " | NEW-1=-,TRY-1=octo/web");
    assert_eq!(choose(DESK, "NEW-1", &format!("[\"{web}\"]")).await, 200);
    assert_eq!(stage.followed().await, "acme/web=1 | NEW-1=acme/web,TRY-1=octo/web");
    assert_eq!(stage.open(session(DESK), PAGES).await.kind, "done");
    // It is uninstalled: what was chosen is followed no longer.
    let id = stage
        .mirror
        .erp
        .value("SELECT installation_id FROM `tabGitHub App Installation`")
        .await;
    let id: u64 = id.parse().expect("a number");
    stage.happens(|world| world.uninstall(id)).await;
    assert_eq!(stage.followed().await, "acme/web=0 | NEW-1=-,TRY-1=octo/web");
    stage.finish().await;
}

#[tokio::test]
async fn g0_15_what_somebody_switched_off_here_is_told_and_what_was_renamed_is_found() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    {
        let mut world = stage.mirror.github.world();
        world.organization("acme").owners.push("mona".to_owned());
    }
    stage
        .happens(|world| {
            world.install(APP, "acme").all();
        })
        .await;
    let name = stage.mirror.erp.value("SELECT name FROM `tabGitHub App Installation`").await;
    let ids = {
        let mut world = stage.mirror.github.world();
        ["acme/web", "acme/api"].map(|name| world.repository(name).id)
    };
    let choose = async |ids: &str| {
        let arguments = [("installation", name.as_str()), ("project", "NEW-1"), ("repositories", ids)];
        let answer = stage.call(DESK, "choose_repositories", &arguments).await;
        let message = answer.message();
        (message["repositories"].clone(), message["not_mirrored"].clone())
    };
    let web = format!("[\"{}\"]", ids[0]);
    assert_eq!(choose(&web).await, (json!(["acme/web"]), json!([])));
    let erp = stage.mirror.erp.erp();
    erp.set("Repository", "acme/web", "enabled", "0").await.expect("set");
    stage.mirror.github.world().rename_repository("acme/web", "acme/site");
    let both = format!("[\"{}\", \"{}\"]", ids[0], ids[1]);
    assert_eq!(
        choose(&both).await,
        (json!(["acme/site", "acme/api"]), json!(["acme/site"])),
        "one of them brings nothing"
    );
    assert_eq!(
        stage.followed().await,
        "acme/api=1,acme/site=0 | NEW-1=acme/site,TRY-1=octo/web"
    );
    stage.finish().await;
}

#[tokio::test]
async fn what_leaves_an_installation_for_all_is_followed_no_longer_after_the_hourly_look() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    stage
        .mirror
        .github
        .world()
        .organization("acme")
        .owners
        .push("mona".to_owned());
    stage
        .happens(|world| {
            world.install(APP, "acme").all();
        })
        .await;
    let name = stage.mirror.erp.value("SELECT name FROM `tabGitHub App Installation`").await;
    let ids = {
        let mut world = stage.mirror.github.world();
        ["acme/api", "acme/web"].map(|name| world.repository(name).id)
    };
    let ids = format!("[\"{}\", \"{}\"]", ids[0], ids[1]);
    let arguments = [("installation", name.as_str()), ("project", "NEW-1"), ("repositories", &*ids)];
    assert_eq!(stage.call(DESK, "choose_repositories", &arguments).await.status, 200);
    assert_eq!(
        stage.followed().await,
        "acme/api=1,acme/web=1 | NEW-1=acme/api,TRY-1=octo/web"
    );
    // Nobody tells of it: the installation is for all, and stays so.
    stage.mirror.github.world().rename_repository("acme/api", "elsewhere/api");
    stage.mirror.erp.clock().advance(TimeDelta::hours(1));
    runner(&stage.mirror).step(Work::Redeliver).await;
    assert_eq!(
        stage.followed().await,
        "acme/api=0,acme/web=1 | NEW-1=acme/web,TRY-1=octo/web"
    );
    let asked = stage.mirror.github.requests().len();
    runner(&stage.mirror).step(Work::Redeliver).await;
    assert_eq!(stage.mirror.github.requests().len(), asked, "once an hour");
    stage.finish().await;
}

#[tokio::test]
async fn an_installation_for_all_without_a_project_says_where_to_go_on() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    stage.address(DESK, "install_app", &[]).await;
    stage
        .happens(|world| {
            world.install(APP, "acme").all();
        })
        .await;
    let page = stage.open(session(DESK), PAGES).await;
    assert!(
        page.kind == "done" && page.text.contains("href=\"/app/github-integration\""),
        "{}",
        page.text
    );
    stage.finish().await;
}
