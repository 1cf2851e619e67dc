//! The site is uninstalled, or has its App no more: what people authorised is taken back on GitHub, and tokens of the App end.

use erpnext_github::domain::Login;
use erpnext_github::frappe::{instance, site_config_file};
use erpnext_github::github::app::Narrowing;
use erpnext_github::jobs::Work;
use erpnext_github::setup::{self, UninstallOptions};
use erpnext_github::sim::github::{Effect, Fault};

use super::Stage;
use crate::jobs::runner;
use crate::support::github_app::APP;

impl Stage {
    fn authorizations(&self) -> usize {
        self.mirror.github.world().oauth.authorizations.len()
    }

    /// This process has a token of an installation in `acme`.
    async fn with_a_token(&self) {
        self.mirror.github.world().install(APP, "acme");
        let (app, site) = (self.mirror.app(), self.mirror.site());
        let asking = app.as_app(site).await.expect("an App").expect("an App");
        let login: Login = "acme".parse().expect("a login");
        let found = asking.installation_in_account(&login).await.expect("an answer").expect("it");
        let client = app
            .as_installation(site, &found, Narrowing::default())
            .await
            .expect("a client");
        let name = "acme/web".parse().expect("a name");
        client.expect("a client").repository(&name).await.expect("a repository");
        assert_eq!(self.living(), 1);
    }

    fn living(&self) -> usize {
        let world = self.mirror.github.world();
        world.tokens.iter().filter(|token| token.grant.is_some()).count()
    }

    async fn until_none_lives(&self) {
        while self.living() > 0 {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn g3_12_uninstalling_takes_back_what_everybody_authorised() {
    let stage = Stage::new().await;
    stage.connect("desk@x.com", "mona").await;
    stage.connect("admin@x.com", "ada").await;
    assert_eq!(
        (
            stage.authorizations(),
            stage.mirror.app().people_connected(stage.mirror.site()).await
        ),
        (2, 2)
    );
    let lines = stage.mirror.app().end_connections(stage.mirror.site()).await;
    let name = stage.mirror.site().name();
    assert_eq!(lines, [format!("{name}: 2 connections with GitHub were taken back there")]);
    assert_eq!(stage.authorizations(), 0);
    assert_eq!(
        stage.mirror.app().end_connections(stage.mirror.site()).await,
        Vec::<String>::new()
    );
    stage.finish().await;
}

#[tokio::test]
async fn g3_12_what_could_not_be_taken_back_is_told_with_the_page() {
    let stage = Stage::new().await;
    stage.connect("desk@x.com", "mona").await;
    stage.connect("admin@x.com", "ada").await;
    let refused = Fault::on("/applications/*", Effect::Refused);
    stage.mirror.github.world().faults.push(refused);
    let lines = stage.mirror.app().end_connections(stage.mirror.site()).await;
    let (id, secret) = {
        let mut world = stage.mirror.github.world();
        let app = world.app(APP);
        (app.client_id.clone(), app.client_secret.clone())
    };
    let page = format!(
        "revoke it on {}/settings/connections/applications/{id}",
        stage.mirror.github.base_url()
    );
    assert_eq!((lines.len(), stage.authorizations()), (2, 1), "{lines:?}");
    assert!(lines[0].contains("1 connections") && lines[1].contains(&page), "{lines:?}");
    assert!(!lines.concat().contains(&secret), "{lines:?}");

    // Without the App nobody can be asked.
    stage.connect("desk@x.com", "mona").await;
    stage
        .mirror
        .erp
        .query("DELETE FROM __Auth WHERE fieldname = 'app_client_secret'")
        .await;
    let lines = stage.mirror.app().end_connections(stage.mirror.site()).await;
    assert!(
        lines.len() == 1 && lines[0].contains("(mona)") && lines[0].contains("each revokes it on"),
        "{lines:?}"
    );
    stage.finish().await;
}

#[tokio::test]
async fn g3_12_a_copy_takes_back_nothing_of_the_original() {
    let stage = Stage::new().await;
    stage.connect("desk@x.com", "mona").await;
    let file = stage.mirror.site().config().file();
    let other = "0123456789abcdef0123456789abcdef";
    site_config_file::set_key(&file, instance::FILE_KEY, &other.into()).expect("written");
    stage.mirror.github.forget_requests();
    let lines = stage.mirror.app().end_connections(stage.mirror.site()).await;
    assert!(lines.len() == 1 && lines[0].contains("a copy"), "{lines:?}");
    assert_eq!((stage.authorizations(), stage.mirror.github.requests().len()), (1, 0));
    stage.finish().await;
}

#[tokio::test]
async fn g3_4_tokens_of_the_app_end_with_its_key() {
    let stage = Stage::new().await;
    stage.with_a_token().await;
    let removed = stage.mirror.app().remove_app_key(stage.mirror.site(), "Administrator").await;
    assert!(removed.expect("removed"));
    stage.until_none_lives().await;
    stage.finish().await;
}

#[tokio::test]
async fn g3_4_tokens_of_the_app_end_when_another_one_is_entered() {
    let stage = Stage::new().await;
    stage.with_a_token().await;
    let (app, site) = (stage.mirror.app(), stage.mirror.site());
    assert!(app.github_app(site).await.expect("readable").is_some());
    assert_eq!(stage.living(), 1, "the same App");
    stage
        .mirror
        .erp
        .erp()
        .set_single("GitHub Settings", "app_client_id", "Iv23another")
        .await
        .expect("set");
    assert!(app.github_app(site).await.expect("readable").is_some());
    stage.until_none_lives().await;
    stage.finish().await;
}

#[tokio::test]
async fn g3_4_tokens_of_the_app_end_when_the_site_is_uninstalled_by_another_process() {
    let stage = Stage::new().await;
    stage.with_a_token().await;
    let uninstalled = setup::uninstall(stage.mirror.site(), &UninstallOptions::default(), &|_| ()).await;
    uninstalled.expect("uninstalled");
    runner(&stage.mirror).step(Work::LookAtDesk).await;
    stage.until_none_lives().await;
    stage.desk.ended().await;
}
