//! The pages on which an App is registered, installed and managed: what stands on them, and where they lead.

use erpnext_github::domain::{Feature, Grants};
use erpnext_github::github::app::events_for;
use erpnext_github::sim::github::World;
use reqwest::redirect::Policy;
use serde_json::json;
use url::Url;

use super::openapi::events_of_apps;
use super::probe::Probe;

/// What a page is answered with: status, where it leads, text.
struct Page {
    status: u16,
    to: String,
    text: String,
}

/// Opens a page, or sends a form there.
async fn open(probe: &Probe, path: &str, form: Option<&[(&str, &str)]>) -> Page {
    let client = reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .build()
        .expect("a client");
    let url = format!("{}{path}", probe.fake.base_url());
    let request = match form {
        None => client.get(url),
        Some(fields) => client.post(url).body(
            url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(fields)
                .finish(),
        ),
    };
    let answer = request.send().await.expect("an answer");
    let to = answer
        .headers()
        .get("location")
        .map(|to| to.to_str().expect("text").to_owned());
    Page {
        status: answer.status().as_u16(),
        to: to.unwrap_or_default(),
        text: answer.text().await.expect("text"),
    }
}

fn query(to: &str) -> Vec<(String, String)> {
    Url::parse(to).expect("an address").query_pairs().into_owned().collect()
}

fn world() -> World {
    let mut world = World::default();
    world.repository("acme/web");
    world.repository("acme/api");
    world.organization("globex").members.push(World::VIEWER.to_owned());
    world.organization("globex").owners = vec!["somebody".to_owned()];
    let app = world.app("erp").asking_for(&[("issues", "read")]);
    app.setup_url = Some("https://erp.example.com/integrations/github/setup".to_owned());
    app.setup_on_update = true;
    world
}

#[tokio::test]
async fn a_manifest_that_github_refuses_makes_no_app() {
    let probe = Probe::new(world()).await;
    let manifest = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut manifest = json!({
            "name": "A name", "url": "https://erp.example.com", "redirect_url": "https://erp.example.com/x",
            "hook_attributes": { "url": "https://erp.example.com/h" }, "default_events": ["issues"],
            "default_permissions": { "issues": "read" },
        });
        change(&mut manifest);
        manifest.to_string()
    };
    for (text, why) in [
        ("no JSON".to_owned(), "Manifest is not valid JSON"),
        (manifest(&|one| one["name"] = json!("x".repeat(35))), "Name is too long"),
        (
            manifest(&|one| one["redirect_url"] = json!("nowhere")),
            "/redirect_url must be a valid URL",
        ),
        (
            manifest(&|one| one["default_events"] = json!(["installation"])),
            "Default events unsupported: installation",
        ),
    ] {
        let page = open(&probe, "/settings/apps/new", Some(&[("manifest", &text)])).await;
        assert_eq!(page.status, 422, "{why}");
        assert!(page.text.contains(why), "{}", page.text);
    }
    let hostile = manifest(&|one| one["name"] = json!("<script>x"));
    let page = open(&probe, "/settings/apps/new?state=%22%3E", Some(&[("manifest", &hostile)])).await;
    assert!(page.status == 200 && !page.text.contains("<script>"), "{}", page.text);
    let taken = manifest(&|one| one["name"] = json!("ERP"));
    let agreed = [("manifest", taken.as_str()), ("owner", "mona")];
    let page = open(&probe, "/settings/apps/manifest", Some(&agreed)).await;
    assert!(page.text.contains("Name is already taken"), "{}", page.text);
    let other = open(
        &probe,
        "/organizations/globex/settings/apps/new",
        Some(&[("manifest", &taken)]),
    )
    .await;
    assert_eq!(other.status, 404, "only owners make Apps there");
    probe.done();
}

/// What GitHub tells every App, and what it tells of other things than repositories: an App does not subscribe to it.
const NOT_SUBSCRIBED: [&str; 4] = [
    "github_app_authorization",
    "installation",
    "installation_repositories",
    "ping",
];

#[tokio::test]
async fn an_app_subscribes_to_what_github_describes_for_apps_alone() {
    let described = events_of_apps();
    let is_of_apps = |event: &str| described.get(event) == Some(&true) && !NOT_SUBSCRIBED.contains(&event);
    let wanted: Vec<&str> = events_for(&Grants::for_features(Feature::of_an_app())).collect();
    let strange: Vec<&&str> = wanted.iter().filter(|event| !is_of_apps(event)).collect();
    assert!(wanted.len() > 20 && strange.is_empty(), "our manifest: {strange:?}");
    // The fake takes none that is not for Apps, of all that GitHub has.
    let probe = Probe::new(world()).await;
    let mut taken = Vec::new();
    for event in described.keys().map(String::as_str).chain(["no_such_event"]) {
        let manifest = json!({
            "name": "A name", "url": "https://erp.example.com", "redirect_url": "https://erp.example.com/x",
            "hook_attributes": { "url": "https://erp.example.com/h" }, "default_events": [event], "default_permissions": {},
        });
        let page = open(&probe, "/settings/apps/new", Some(&[("manifest", &manifest.to_string())])).await;
        match page.status {
            200 => taken.push(event),
            status => assert_eq!(status, 422, "{event}: {}", page.text),
        }
    }
    let strange: Vec<&&str> = taken.iter().filter(|event| !is_of_apps(event)).collect();
    assert!(strange.is_empty(), "the fake: {strange:?}");
    let refused: Vec<&&str> = wanted.iter().filter(|event| !taken.contains(event)).collect();
    assert!(refused.is_empty(), "the fake does not know {refused:?}");
    probe.done();
}

#[tokio::test]
async fn installing_sends_back_with_the_installation_and_the_state() {
    let probe = Probe::new(world()).await;
    let page = open(&probe, "/apps/erp/installations/new?state=signed", None).await;
    for part in [
        "value=\"signed\"",
        "value=\"acme\"",
        "value=\"globex\"",
        "acme/web",
        "All repositories",
    ] {
        assert!(page.text.contains(part), "{part} in {}", page.text);
    }
    let api = probe.fake.world().repository("acme/api").id.to_string();
    let install = async |fields: &[(&str, &str)]| open(&probe, "/apps/erp/installations", Some(fields)).await;
    let chosen = [
        ("account", "acme"),
        ("state", "signed"),
        ("selection", "selected"),
        ("repository", api.as_str()),
    ];
    let done = install(&chosen).await;
    assert_eq!(done.status, 302);
    let (id, picked) = {
        let world = probe.fake.world();
        let one = world.installations.values().next().expect("an installation");
        (one.id.to_string(), one.repositories.clone())
    };
    assert_eq!(picked.map(|ids| ids.len()), Some(1));
    let pairs = |action: &str| {
        [
            ("installation_id", id.as_str()),
            ("setup_action", action),
            ("state", "signed"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .to_vec()
    };
    assert_eq!(query(&done.to), pairs("install"));
    let again = install(&[("account", "acme"), ("state", "signed"), ("selection", "all")]).await;
    assert_eq!(query(&again.to), pairs("update"));
    let asked = install(&[("account", "globex"), ("state", "signed")]).await;
    assert_eq!(
        query(&asked.to),
        [("setup_action", "request"), ("state", "signed")].map(|(key, value)| (key.to_owned(), value.to_owned()))
    );
    assert_eq!(install(&[("account", "somebody-else")]).await.status, 404);
    assert_eq!(probe.fake.world().installations.len(), 1);
    probe.done();
}

#[tokio::test]
async fn an_owner_manages_an_installation_on_its_page() {
    let mut world = world();
    let id = world.install("erp", "acme").id;
    world.app("erp").asking_for(&[("contents", "read")]);
    let path = format!("/organizations/acme/settings/installations/{id}");
    let probe = Probe::new(world).await;
    let press = async |action: &str| open(&probe, &path, Some(&[("action", action), ("selection", "all")])).await;
    let page = open(&probe, &path, None).await;
    assert!(
        page.text.contains("Accept new permissions") && page.text.contains("Suspend"),
        "{}",
        page.text
    );
    press("accept").await;
    press("suspend").await;
    let page = open(&probe, &path, None).await;
    assert!(
        !page.text.contains("Accept new permissions") && page.text.contains("Unsuspend"),
        "{}",
        page.text
    );
    press("unsuspend").await;
    let saved = press("update").await;
    let expected = [("installation_id", id.to_string()), ("setup_action", "update".to_owned())];
    assert_eq!(query(&saved.to), expected.map(|(key, value)| (key.to_owned(), value)));
    assert_eq!(press("uninstall").await.status, 302);
    assert_eq!(open(&probe, &path, None).await.status, 404);
    probe.done();
}
