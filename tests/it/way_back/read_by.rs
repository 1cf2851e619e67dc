//! By whom the repositories of an installation are read, on a site that has a token from before: one that sees none of them.

use chrono::TimeDelta;
use erpnext_github::domain::Visibility;
use erpnext_github::jobs::Work;
use erpnext_github::store::runs::RunStatus;
use erpnext_github::store::{Stamp, installations};

use super::Stage;
use crate::jobs::runner;
use crate::support::github_app::APP;

const DESK: &str = "desk@x.com";
/// What the mirror needs of the App.
const GRANTED: [(&str, &str); 4] = [
    ("metadata", "read"),
    ("contents", "read"),
    ("issues", "write"),
    ("pull_requests", "write"),
];

/// Whether `acme/web` is taken for gone, and whether it is said why it was not read.
const LEFT: &str =
    "SELECT CONCAT_WS('|', deleted_on_github, last_sync_error LIKE '%GitHub App%') FROM tabRepository WHERE name = 'acme/web'";

/// The repositories of `acme` are private, and mona's alone; desk@x.com is mona, and set out to install the App.
async fn private() -> Stage {
    let stage = Stage::new().await;
    {
        let mut world = stage.mirror.github.world();
        world.organization("acme").owners = vec!["mona".to_owned()];
        for name in ["acme/web", "acme/api"] {
            world.repository(name).with_visibility(Visibility::Private).with_issues(2);
        }
        world.app(APP).asking_for(&GRANTED);
    }
    stage.connect(DESK, "mona").await;
    stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    stage
}

/// How a sync of `repository` ends, and whether the site's token was used for it.
async fn synced(stage: &Stage, repository: &str) -> (RunStatus, bool) {
    let from = stage.mirror.github.requests().len();
    let report = stage.mirror.sync(repository).await;
    let part = format!("/repos/{repository}");
    let all = stage.mirror.github.requests();
    let by_token = all
        .iter()
        .skip(from)
        .any(|one| one.path.contains(&part) && one.credential == "octo");
    (report.status, by_token)
}

#[tokio::test]
async fn g4_what_was_picked_is_read_by_the_app_before_the_sites_token() {
    let stage = private().await;
    stage
        .happens(|world| {
            let web = world.repository("acme/web").id;
            world.install(APP, "acme").only([web]);
        })
        .await;
    let way = "SELECT CONCAT_WS('|', (SELECT value FROM tabSingles WHERE doctype = 'GitHub Settings' AND field = 'auth_type'), integration) \
               FROM tabRepository WHERE name = 'acme/web'";
    assert_ne!(
        stage.mirror.erp.value(way).await,
        "GitHub App",
        "the token stays the site's way"
    );
    assert_eq!(synced(&stage, "acme/web").await, (RunStatus::Completed, false));
    let issues = "SELECT COUNT(*) FROM `tabRepository Issue` WHERE repository = 'acme/web'";
    assert_eq!(stage.mirror.erp.value(issues).await, "2");
    // What is no installation's is the token's, as before.
    assert_eq!(synced(&stage, "octo/web").await, (RunStatus::Completed, true));
    // One that is suspended is not asked.
    stage
        .happens(|world| {
            let id = *world.installations.keys().next().expect("one");
            world.installations.get_mut(&id).expect("there").suspend("mona");
        })
        .await;
    assert_eq!(synced(&stage, "acme/web").await, (RunStatus::Failed, false));
    assert_eq!(
        stage.mirror.erp.value(LEFT).await,
        "0|1",
        "GitHub has it still, and the reason is said"
    );
    stage
        .happens(|world| {
            let id = *world.installations.keys().next().expect("one");
            world.installations.get_mut(&id).expect("there").unsuspend();
        })
        .await;
    assert_eq!(synced(&stage, "acme/web").await, (RunStatus::Completed, false));
    stage.desk.ended().await;
    stage.mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn g4_what_was_chosen_of_an_installation_for_all_is_read_by_the_app() {
    let stage = private().await;
    stage
        .happens(|world| {
            world.install(APP, "acme").all();
        })
        .await;
    let name = stage.mirror.erp.value("SELECT name FROM `tabGitHub App Installation`").await;
    let web = stage.mirror.github.world().repository("acme/web").id;
    let ids = format!("[\"{web}\"]");
    let arguments = [("installation", name.as_str()), ("project", "NEW-1"), ("repositories", &ids)];
    assert_eq!(stage.call(DESK, "choose_repositories", &arguments).await.status, 200);
    assert_eq!(synced(&stage, "acme/web").await, (RunStatus::Completed, false));
    // Without an App there is nothing to ask by: what the token does not see is not taken for gone.
    let key = "DELETE FROM `erpnext_github_app_key`";
    stage.mirror.erp.scratch().execute(key).await.expect("removed");
    assert_eq!(synced(&stage, "acme/web").await, (RunStatus::Failed, false));
    assert_eq!(stage.mirror.erp.value(LEFT).await, "0|1");
    stage.desk.ended().await;
    stage.mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn g4_what_was_mirrored_by_the_sites_token_goes_on_so_whatever_an_installation_reaches() {
    let stage = Stage::new().await;
    {
        let mut world = stage.mirror.github.world();
        world.organization("acme").owners = vec!["octo".to_owned(), "mona".to_owned()];
        world.repository("acme/web");
        world.app(APP).asking_for(&GRANTED);
    }
    assert_eq!(synced(&stage, "acme/web").await, (RunStatus::Completed, true));
    stage.connect(DESK, "mona").await;
    stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    stage
        .happens(|world| {
            world.install(APP, "acme").all();
        })
        .await;
    assert_eq!(
        synced(&stage, "acme/web").await,
        (RunStatus::Completed, true),
        "it is granted no webhooks"
    );
    let web = stage.mirror.github.world().repository("acme/web").id;
    stage
        .happens(|world| {
            let id = *world.installations.keys().next().expect("one");
            world.installations.get_mut(&id).expect("there").only([web]);
        })
        .await;
    assert_eq!(synced(&stage, "acme/web").await, (RunStatus::Completed, true));
    stage.finish().await;
}

#[tokio::test]
async fn g4_what_is_connected_from_the_list_of_a_project_is_read_by_the_app_and_reaches_that_project_alone() {
    let stage = private().await;
    stage
        .happens(|world| {
            world.install(APP, "acme").all();
        })
        .await;
    let id = stage.mirror.github.world().install(APP, "acme").id.to_string();
    let arguments = [
        ("project", "TRY-1"),
        ("installation", id.as_str()),
        ("repositories", r#"["acme/web"]"#),
    ];
    let connected = stage.call(DESK, "connect_visible_repositories", &arguments).await;
    assert_eq!(connected.status, 200, "{connected:?}");
    assert_eq!(synced(&stage, "acme/web").await, (RunStatus::Completed, false));
    stage.mirror.erp.clock().advance(TimeDelta::hours(25));
    runner(&stage.mirror).step(Work::Refresh).await;
    let projects = "SELECT GROUP_CONCAT(project) FROM `tabGitHub Project Repository` WHERE repository = 'acme/web'";
    assert_eq!(
        stage.mirror.erp.value(projects).await,
        "TRY-1",
        "the installation is for NEW-1"
    );
    // Nor is it when the Project of the installation is chosen anew, by an admin, who may connect all.
    let name = stage.mirror.erp.value("SELECT name FROM `tabGitHub App Installation`").await;
    let chosen = [("installation", name.as_str()), ("project", "NEW-1")];
    let done = stage.call("admin@x.com", "finish_installation", &chosen).await;
    assert_eq!(done.status, 200, "{done:?}");
    assert_eq!(stage.mirror.erp.value(projects).await, "TRY-1");
    stage.finish().await;
}

#[tokio::test]
async fn g4_of_two_installations_whichever_is_told_of_first_the_one_that_stays_reads_the_repository() {
    let stage = private().await;
    let web = stage.mirror.github.world().repository("acme/web").id;
    stage
        .happens(|world| {
            world.install(APP, "acme").only([web]);
        })
        .await;
    // A second one reaches it before GitHub tells that the first one does not.
    let stamp = Stamp::now(stage.mirror.site(), DESK).await.expect("a stamp");
    let db = stage.mirror.site().db();
    installations::follow(db, &stamp, 99, web, false).await.expect("noted");
    let first = stage.mirror.github.world().install(APP, "acme").id;
    installations::leave(db, &stamp, first, web).await.expect("left");
    let left = "SELECT GROUP_CONCAT(installation_id, '|', followed) FROM erpnext_github_installation_repository";
    assert_eq!(stage.mirror.erp.value(left).await, "99|1");
    let enabled = "SELECT enabled FROM tabRepository WHERE name = 'acme/web'";
    assert_eq!(stage.mirror.erp.value(enabled).await, "1");
    stage.finish().await;
}
