//! What an installation may not, may not any more, or may not yet: each told with the page that mends it.

use erpnext_github::domain::{Feature, Level, Permission};
use erpnext_github::github::app::Narrowing;
use erpnext_github::github::{ErrorKind, GithubError, HookHome, HookRef, Write, WriteFailure};

use super::{Stage, grants};
use crate::github_client::web;

/// The error of asking for the repository with a token that is narrowed so.
async fn refused(stage: &Stage, narrowing: Narrowing) -> GithubError {
    let acme = stage.acme().await;
    let client = stage.client(&stage.credential("site", &acme, narrowing));
    client.repository(&web()).await.expect_err("refused")
}

/// Where an owner of `acme` manages the installation.
async fn page(stage: &Stage) -> String {
    format!(
        "https://github.com/organizations/acme/settings/installations/{}",
        stage.acme().await.id
    )
}

#[tokio::test]
async fn g3_7_a_suspended_installation_is_told_with_its_page() {
    let stage = Stage::new(|_| {}).await;
    let client = stage.installed().await;
    client.repository(&web()).await.expect("not yet");
    let (id, page) = (stage.acme().await.id, page(&stage).await);
    if let Some(one) = stage.fake.world().installations.get_mut(&id) {
        one.suspend("mona");
    }
    // With the token that it has, and where it has none.
    for error in [
        client.repository(&web()).await.expect_err("suspended"),
        refused(&stage, Narrowing::default().in_repositories([])).await,
        refused(&stage, Narrowing::to([Feature::Issues], &stage.acme().await.permissions)).await,
    ] {
        assert_eq!(error.kind(), &ErrorKind::Suspended { url: Some(page.clone()) });
        assert!(error.is_outage() && error.status() == Some(403), "{error}");
        assert!(
            error
                .to_string()
                .ends_with(&format!("; have an owner of the account unsuspend it at {page}")),
            "{error}"
        );
    }
    assert!(stage.acme().await.suspended_at.is_some());
    if let Some(one) = stage.fake.world().installations.get_mut(&id) {
        one.unsuspend();
    }
    client.repository(&web()).await.expect("again");
    stage.done();
}

#[tokio::test]
async fn an_installation_that_is_removed_in_mid_run_is_told_with_the_page_that_installs_it() {
    let stage = Stage::new(|_| {}).await;
    let client = stage.installed().await;
    client.repository(&web()).await.expect("not yet");
    let id = stage.acme().await.id;
    stage.fake.world().uninstall(id);
    let error = client.repository(&web()).await.expect_err("it is gone");
    assert!(matches!(error.kind(), ErrorKind::NotInstalled { .. }), "{error}");
    let install = format!("{}apps/erp-of-acme/installations/new", stage.hosts.web);
    assert!(
        error.to_string().ends_with(&format!("; install it again at {install}")),
        "{error}"
    );
    assert!(error.is_outage() && !error.is_gone(), "the repository is there: {error}");
    stage.done();
}

#[tokio::test]
async fn what_was_not_granted_is_named() {
    let stage = Stage::new(|_| {}).await;
    let wanted = grants(&[("issues", Level::Read), ("deployments", Level::Read)]);
    let error = refused(&stage, Narrowing::to_permissions(wanted)).await;
    let page = page(&stage).await;
    assert!(matches!(error.kind(), ErrorKind::NotGranted { .. }), "{error}");
    let text = error.to_string();
    let begins =
        "the GitHub App's installation was not granted all of what is needed (deployments=read, issues=read) (POST /app/";
    assert!(text.starts_with(begins), "{text}");
    assert!(
        text.ends_with(&format!(
            "; have an owner of the account accept the App's permissions at {page}"
        )),
        "{text}"
    );
    stage.done();
}

#[tokio::test]
async fn a_repository_that_is_not_selected_is_told() {
    let stage = Stage::new(|world| {
        let web = world.repository("acme/web").id;
        world.install(super::APP, "acme").only([web]);
        world.repository("acme/secret");
    })
    .await;
    let secret = stage.fake.world().repository("acme/secret").id;
    let error = refused(&stage, Narrowing::default().in_repositories([secret])).await;
    assert!(matches!(error.kind(), ErrorKind::NotSelected { url: Some(_) }), "{error}");
    stage.done();
}

#[tokio::test]
async fn a_permission_that_is_missing_for_a_request_is_named() {
    let stage = Stage::new(|world| {
        world.install(super::APP, "acme").without("pull_requests");
    })
    .await;
    let client = stage.installed().await;
    let error = client.pull_requests(&web()).next().await.expect_err("not granted");
    let text = error.to_string();
    assert!(
        text.starts_with("GitHub refuses this to the GitHub App (GET /repos/acme/web/pulls: 403,"),
        "{text}"
    );
    assert!(
        text.contains("give the App the permission pull_requests=read on GitHub"),
        "{text}"
    );
    assert!(!error.is_outage(), "everything else goes on");
    client.items(&web(), None).next().await.expect("issues are granted");
    stage.done();
}

#[tokio::test]
async fn work_is_narrowed_to_what_was_granted_so_that_it_goes_on() {
    let stage = Stage::new(|world| {
        world.install(super::APP, "acme").without("members");
    })
    .await;
    let acme = stage.acme().await;
    let narrowing = Narrowing::to(Feature::of_the_mirror(), &acme.permissions);
    let client = stage.client(&stage.credential("site", &acme, narrowing));
    client.items(&web(), None).next().await.expect("a page");
    let granted = stage.fake.world().tokens.iter().find_map(|token| token.grant.clone());
    let permissions = granted.expect("a token").permissions;
    let shown: Vec<String> = permissions.iter().map(|(name, level)| format!("{name}={level}")).collect();
    assert_eq!(shown, ["contents=read", "issues=read", "metadata=read", "pull_requests=read"]);
    stage.done();
}

#[tokio::test]
async fn what_is_known_not_to_be_granted_is_refused_without_a_token_for_everything() {
    let stage = Stage::new(|world| {
        let acme = world.install(super::APP, "acme");
        for lacking in ["administration", "members", "metadata", "pull_requests"] {
            acme.without(lacking);
        }
    })
    .await;
    let (acme, page, id) = (
        stage.acme().await,
        page(&stage).await,
        stage.fake.world().repository("acme/web").id,
    );
    let client = stage.client(&stage.credential("site", &acme, Narrowing::to_read(&acme.permissions)));
    client.repository(&web()).await.expect("what was granted is read");
    let asked = stage.fake.requests().len();
    let access = Write::AddCollaborator {
        login: "mona".parse().expect("a login"),
        permission: Permission::Pull,
    };
    let sent = client.for_write(&access, Some(id)).carry_out(&web(), &access).await;
    let Err(WriteFailure::NotDone(error)) = sent else {
        panic!("{sent:?}");
    };
    assert!(
        matches!(error.kind(), ErrorKind::NotGranted { permissions, url: Some(url) } if permissions == "administration=write, members=read" && *url == page),
        "{error}"
    );
    let hook = HookRef {
        organization: None,
        id: 7,
    };
    let again = Write::RedeliverWebhook { hook, delivery: 3 };
    let home = HookHome::Repository(web());
    let sent = client.for_write(&again, None).redeliver(&home, 7, 3).await;
    let Err(WriteFailure::NotDone(error)) = sent else {
        panic!("{sent:?}");
    };
    assert!(
        matches!(error.kind(), ErrorKind::NotGranted { permissions, .. } if permissions == "repository_hooks=write"),
        "{error}"
    );
    let error = refused(&stage, Narrowing::to([Feature::Previews], &acme.permissions)).await;
    assert!(matches!(error.kind(), ErrorKind::NotGranted { .. }), "{error}");
    let tokens = |path: &str| path.ends_with("/access_tokens");
    let since = stage.fake.requests().split_off(asked);
    assert!(!since.iter().any(|one| tokens(&one.path)), "GitHub was asked for a token");
    stage.done();
}
