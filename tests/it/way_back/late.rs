//! Ways back that are not the plain one: by the App's callback, too late, twice, and while the installation is being read.

use chrono::TimeDelta;

use super::{PAGES, Stage, query, session};
use crate::support::github_app::APP;

const DESK: &str = "desk@x.com";

#[tokio::test]
async fn an_app_that_people_authorise_as_they_install_it_leads_to_the_page_of_the_installation() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    stage
        .mirror
        .github
        .world()
        .organization("acme")
        .owners
        .push("mona".to_owned());
    let page = stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    let setup = stage.install(&page, &["acme/web"]).await;
    // GitHub leaves the setup URL of such an App aside.
    let back = setup.replace("/setup?", "/callback?code=not-asked-for&");
    let done = stage.open(session(DESK), &back).await;
    assert!(
        done.kind == "done" && done.text.contains("belongs to the Project NEW-1"),
        "{} {}",
        done.kind,
        done.text
    );
    // What somebody installed on GitHub's own pages has no state.
    let id = stage.mirror.github.world().install(APP, "acme").id;
    let stateless = format!("{PAGES}callback?code=not-asked-for&installation_id={id}&setup_action=install");
    assert_eq!(stage.open(session(DESK), &stateless).await.kind, "done");
    assert_eq!(stage.open("member", &stateless).await.kind, "not-yours");
    // An owner is asked.
    let page = stage.address(DESK, "install_app", &[]).await;
    let asked = format!("{PAGES}callback?setup_action=request&state={}", query(&page)["state"]);
    assert_eq!(stage.open(session(DESK), &asked).await.kind, "requested");
    // The same way without a number is none of connecting.
    let page = stage.address(DESK, "install_app", &[]).await;
    let odd = format!("{PAGES}callback?code=x&state={}", query(&page)["state"]);
    assert_eq!(stage.open(session(DESK), &odd).await.kind, "state-used");
    stage.finish().await;
}

#[tokio::test]
async fn who_took_longer_than_ten_minutes_or_comes_twice_is_told_how_his_installation_is() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    let page = stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    let before = stage.world();
    stage.mirror.erp.clock().advance(TimeDelta::minutes(11));
    let back = stage.install(&page, &["acme/web"]).await;
    stage.tell(&before).await;
    let late = stage.open(session(DESK), &back).await;
    assert!(
        late.kind == "done"
            && late.text.contains("This way back has ended")
            && late.text.contains("belongs to the Project NEW-1"),
        "{} {}",
        late.kind,
        late.text
    );
    let twice = stage.open(session(DESK), &back).await;
    assert!(
        twice.kind == "done" && twice.text.contains("was used already"),
        "{}",
        twice.text
    );
    assert_eq!(stage.open("member", &back).await.kind, "state-used", "it is not his");
    // A number that leads nowhere.
    let page = stage.address(DESK, "install_app", &[]).await;
    stage.mirror.erp.clock().advance(TimeDelta::minutes(11));
    let nowhere = format!("{PAGES}setup?installation_id=4711&state={}", query(&page)["state"]);
    assert_eq!(stage.open(session(DESK), &nowhere).await.kind, "state-ended");
    stage.finish().await;
}

#[tokio::test]
async fn whoever_leads_a_project_finds_it_among_many_of_others() {
    let stage = Stage::new().await;
    let many = "INSERT INTO tabProject (name, project_name, status, owner, creation, modified, docstatus, idx) \
                WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 250) \
                SELECT CONCAT('OTHER-', i), CONCAT('Another ', i), 'Open', 'Administrator', '2099-01-01', '2099-01-01', 0, 0 FROM n";
    stage.mirror.erp.scratch().execute(many).await.expect("projects");
    stage.connect(DESK, "mona").await;
    stage
        .happens(|world| {
            let web = world.repository("acme/web").id;
            world.install(APP, "acme").only([web]);
        })
        .await;
    let page = stage.open(session(DESK), PAGES).await;
    assert!(
        page.kind == "choose-project" && page.text.contains("value=\"NEW-1\"") && !page.text.contains("OTHER-"),
        "{}",
        page.text
    );
    assert!(page.text.contains("GitHub Installations"), "{}", page.text);
    let led = "UPDATE tabProject SET status = 'Completed' WHERE owner = 'desk@x.com' OR project_manager = 'desk@x.com'";
    stage.mirror.erp.scratch().execute(led).await.expect("done");
    let page = stage.open(session(DESK), PAGES).await;
    assert!(
        page.text.contains("There is no open Project that you lead") && page.text.contains("GitHub Installations"),
        "{}",
        page.text
    );
    stage.finish().await;
}

#[tokio::test]
async fn what_github_told_of_and_is_being_read_is_not_waited_for() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    let untold = stage.open(session(DESK), PAGES).await;
    assert!(
        untold.kind == "waiting" && untold.text.contains("has not told"),
        "{}",
        untold.text
    );
    stage
        .happens(|world| {
            let web = world.repository("acme/web").id;
            world.install(APP, "acme").only([web]);
        })
        .await;
    let told = "UPDATE `tabGitHub App Installation` SET processing = 'processing'";
    stage.mirror.erp.scratch().execute(told).await.expect("told");
    let read = stage.open(session(DESK), PAGES).await;
    assert!(
        read.kind == "waiting"
            && read.text.contains("The installation in acme is being read")
            && !read.text.contains("has not told"),
        "{}",
        read.text
    );
    assert!(read.text.contains("data-waits=\"1\"") && read.text.contains("id=\"check\""));
    stage.finish().await;
}
