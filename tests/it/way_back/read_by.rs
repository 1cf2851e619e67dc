//! By whom the repositories of an installation are read, on a site that has a token from before: one that sees none of them.

use erpnext_github::domain::Visibility;
use erpnext_github::store::runs::RunStatus;

use super::Stage;
use crate::support::github_app::APP;

const DESK: &str = "desk@x.com";
/// What the mirror needs of the App.
const GRANTED: [(&str, &str); 4] = [
    ("metadata", "read"),
    ("contents", "read"),
    ("issues", "write"),
    ("pull_requests", "write"),
];

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
    let (status, by_token) = synced(&stage, "acme/web").await;
    assert!(status != RunStatus::Completed && by_token, "{status:?}");
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
    // Without an App there is nothing to ask by, whatever rows are left.
    let key = "DELETE FROM `erpnext_github_app_key`";
    stage.mirror.erp.scratch().execute(key).await.expect("removed");
    let (status, by_token) = synced(&stage, "acme/web").await;
    assert!(status != RunStatus::Completed && by_token, "{status:?}");
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
