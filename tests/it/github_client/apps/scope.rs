//! What an installation sees: its repositories, and itself as a bot.

use erpnext_github::domain::Visibility;
use erpnext_github::github::app::Narrowing;
use erpnext_github::github::{Acting, Pages};
use erpnext_github::sim::github::World;

use super::{APP, Stage};

/// `acme` with three private repositories and a public one, of which the App was given two.
fn selected(world: &mut World) {
    let web = world.repository("acme/web").id;
    for name in ["acme/api", "acme/secret"] {
        world.repository(name).with_visibility(Visibility::Private);
    }
    world.repository("acme/open");
    let api = world.repository("acme/api").id;
    world.install(APP, "acme").only([web, api]);
}

async fn names(mut pages: Pages<erpnext_github::domain::Repository>) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(page) = pages.next().await.expect("a page") {
        assert!(page.odd.is_empty(), "{:?}", page.odd);
        all.extend(page.items.iter().map(|one| one.name.to_string()));
    }
    all.sort();
    all
}

#[tokio::test]
async fn g3_10_an_installation_sees_what_was_selected_for_it() {
    let stage = Stage::new(selected).await;
    let client = stage.installed().await;
    let expected = ["acme/api", "acme/web"];
    assert_eq!(names(client.installation_repositories()).await, expected);
    assert_eq!(names(client.repositories_reached()).await, expected);
    assert_eq!(names(client.repositories_of("Acme")).await, expected);
    let hidden = client.repository(&"acme/secret".parse().expect("a name")).await;
    assert!(hidden.expect_err("not selected").is_gone());
    stage.done();
}

#[tokio::test]
async fn a_token_for_one_repository_sees_no_other() {
    let stage = Stage::new(selected).await;
    let api = stage.fake.world().repository("acme/api").id;
    let acme = stage.acme().await;
    let client = stage.client(&stage.credential("site", &acme, Narrowing::default().in_repositories([api])));
    assert_eq!(names(client.installation_repositories()).await, ["acme/api"]);
    let other = client.repository(&"acme/web".parse().expect("a name")).await;
    assert!(other.expect_err("another token's").is_gone());
    stage.done();
}

#[tokio::test]
async fn many_repositories_come_page_by_page() {
    let stage = Stage::new(|world| {
        for number in 0..230 {
            world.repository(&format!("acme/r{number:03}"));
        }
    })
    .await;
    let client = stage.installed().await;
    assert_eq!(names(client.installation_repositories()).await.len(), 231);
    stage.done();
}

#[tokio::test]
async fn an_installation_acts_as_a_bot_and_an_app_as_nobody() {
    let stage = Stage::new(|_| {}).await;
    let client = stage.installed().await;
    let viewer = client.viewer().await.expect("a bot");
    assert_eq!(viewer.login, "erp-of-acme[bot]");
    assert_eq!(viewer.scopes, None);
    assert_eq!(viewer.budget.map(|budget| budget.limit), Some(5_000));
    assert_eq!(client.acting(), Acting::Installation { account: "acme" });
    let app = stage.app();
    assert_eq!(app.acting(), Acting::App);
    let error = app.viewer().await.expect_err("it has no account");
    assert!(
        error.to_string().starts_with("a GitHub App has no account of its own"),
        "{error}"
    );
    let asked = stage.fake.requests();
    assert!(asked.iter().all(|request| request.path != "/user"), "GitHub would refuse it");
    stage.done();
}

#[tokio::test]
async fn g3_10_each_installation_has_its_own_token_and_its_own_limits() {
    let stage = Stage::new(|world| {
        world.repository("globex/api").with_visibility(Visibility::Private);
        world.install(APP, "globex");
    })
    .await;
    for (login, name, hidden) in [("acme", "acme/web", "globex/api"), ("globex", "globex/api", "acme/web")] {
        let installation = stage.found(login).await;
        let client = stage.client(&stage.credential("site", &installation, Narrowing::default()));
        client.repository(&name.parse().expect("a name")).await.expect("its own");
        let other = client.repository(&hidden.parse().expect("a name")).await;
        assert!(other.expect_err("another's").is_gone());
    }
    let mut charged: Vec<String> = stage.fake.requests().into_iter().map(|request| request.credential).collect();
    charged.sort();
    charged.dedup();
    assert_eq!(charged.len(), 3, "the App and its two installations: {charged:?}");
    stage.done();
}
