//! From a manifest to an App that can be used.

use erpnext_github::domain::Feature;
use erpnext_github::github::app::{AppIdentity, AppKey, events_for, manifest};
use erpnext_github::github::{Credential, WriteFailure};
use erpnext_github::sim::github::World;
use erpnext_github::webhook::events;
use url::Url;

use super::Stage;

/// What whoever is signed in sends from a page of GitHub; gives status, address to go to, and text.
async fn send(stage: &Stage, path: &str, fields: &[(&str, &str)]) -> (u16, String, String) {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .expect("a client");
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let request = client.post(format!("{}{path}", stage.fake.base_url())).body(body);
    let answer = request.send().await.expect("an answer");
    let to = answer
        .headers()
        .get("location")
        .map(|to| to.to_str().expect("text").to_owned());
    (
        answer.status().as_u16(),
        to.unwrap_or_default(),
        answer.text().await.expect("text"),
    )
}

#[tokio::test]
async fn two_clicks_make_an_app_that_works() {
    let stage = Stage::new(|_| {}).await;
    let site = Url::parse("https://erp.example.com").expect("an address");
    let text = manifest(&site, "ERPNext of Acme", false, Feature::of_an_app()).text();
    let (status, _, page) = send(
        &stage,
        "/organizations/acme/settings/apps/new?state=signed-state",
        &[("manifest", &text)],
    )
    .await;
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("Create GitHub App for acme"), "{page}");
    let agreed = [
        ("manifest", text.as_str()),
        ("state", "signed-state"),
        ("owner", "acme"),
        ("name", "ERPNext of Acme"),
    ];
    let (status, to, _) = send(&stage, "/settings/apps/manifest", &agreed).await;
    assert_eq!(status, 302);
    let to = Url::parse(&to).expect("an address");
    assert_eq!(to.path(), "/integrations/github/app-created");
    let sent: std::collections::HashMap<_, _> = to.query_pairs().into_owned().collect();
    assert_eq!(sent["state"], "signed-state");
    let nobody = stage.client(&Credential::Nobody);
    let made = nobody.convert_manifest(&sent["code"]).await.expect("an App");
    assert_eq!(made.app.slug.as_deref(), Some("erpnext-of-acme"));
    assert_eq!(made.app.owner, "acme");
    assert_eq!(made.app.permissions.to_string(), permissions());
    assert!(!made.client_id.is_empty() && made.webhook_secret.is_some());
    let key = AppKey::from_pem(&made.key).expect("a key");
    let app = stage.client(&AppIdentity::new(made.client_id, made.app.slug, key).credential());
    assert_eq!(app.github_app().await.expect("it works").value.name, "ERPNext of Acme");
    let again = nobody.convert_manifest(&sent["code"]).await.expect_err("a code is good once");
    assert!(matches!(again, WriteFailure::NotDone(error) if error.status() == Some(404)));
    stage.done();
}

fn permissions() -> String {
    erpnext_github::domain::Grants::for_features(Feature::of_an_app()).to_string()
}

#[tokio::test]
async fn a_code_is_good_for_an_hour() {
    let stage = Stage::new(|_| {}).await;
    let site = Url::parse("https://erp.example.com").expect("an address");
    let text = manifest(&site, "Late", true, [Feature::Issues]).text();
    let agreed = [("manifest", text.as_str()), ("owner", World::VIEWER)];
    let (_, to, _) = send(&stage, "/settings/apps/manifest", &agreed).await;
    let to = Url::parse(&to).expect("an address");
    let code = to
        .query_pairs()
        .find(|(key, _)| key == "code")
        .expect("a code")
        .1
        .into_owned();
    stage.pass(60);
    let nobody = stage.client(&Credential::Nobody);
    nobody.convert_manifest(&code).await.expect_err("it is over");
    stage.done();
}

#[test]
fn an_app_is_told_of_everything_that_is_handled() {
    let permissions = erpnext_github::domain::Grants::for_features(Feature::of_an_app());
    let told: Vec<&str> = events_for(&permissions).collect();
    // It tells of a webhook's own end, and an App's webhook ends with the App.
    let mut handled: Vec<&str> = events::handled().filter(|event| *event != "meta").collect();
    // Only an App is told of these, and only where it asks.
    handled.extend(["installation_target", "membership", "organization", "team"]);
    handled.sort_unstable();
    assert_eq!(told, handled);
}
