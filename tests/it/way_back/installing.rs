//! Installing the App from a Project, and from GitHub's own pages: each page until it is done.

use super::{PAGES, Stage, session};
use crate::support::github_app::not_listed_yet;

const DESK: &str = "desk@x.com";

impl Stage {
    /// Whose tokens were sent with the question which repositories an installation reaches.
    fn listed_by(&self) -> Vec<String> {
        let asked = self.mirror.github.requests().into_iter();
        let listed = asked.filter(|request| request.path == "/installation/repositories");
        listed.map(|request| request.credential).collect()
    }
}

#[tokio::test]
async fn g0_4_7_13_an_app_that_is_installed_from_a_project_has_its_picked_repositories_followed() {
    let stage = Stage::new().await;
    let refused = stage.call(DESK, "install_app", &[("project", "NEW-1")]).await;
    assert_eq!(
        (refused.status, &refused.body["connect_github"]),
        (417, &1.into()),
        "{refused:?}"
    );
    stage.connect(DESK, "mona").await;
    let page = stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    assert_eq!(stage.installations().await, "desk initiated_here - NEW-1 - 000");
    let before = stage.world();
    let back = stage.install(&page, &["acme/web"]).await;
    not_listed_yet(&mut stage.mirror.github.world());
    let waiting = stage.open(session(DESK), &back).await;
    assert!(
        waiting.kind == "waiting" && waiting.text.contains("Do not close this window"),
        "{}",
        waiting.text
    );
    assert!(waiting.text.contains("data-waits=\"1\""));
    // The way back is used up, and he waits on.
    let again = stage.open(session(DESK), &back).await;
    assert!(
        again.kind == "waiting" && again.text.contains("This way back was used already"),
        "{}",
        again.text
    );
    stage.tell(&before).await;
    assert_eq!(
        stage.installations().await,
        "desk initiated_here processed NEW-1 selected 000"
    );
    assert_eq!(stage.followed().await, "acme/web=1 | NEW-1=acme/web,TRY-1=octo/web");
    assert!(
        stage.listed_by().iter().all(|one| one.starts_with("installation:")) && !stage.listed_by().is_empty(),
        "by its own token: {:?}",
        stage.listed_by()
    );
    let done = stage.open(session(DESK), PAGES).await;
    assert!(
        done.kind == "done" && done.text.contains("belongs to the Project NEW-1"),
        "{}",
        done.text
    );
    assert!(done.text.contains("href=\"/app/project/NEW%2D1\"") || done.text.contains("href=\"/app/project/NEW-1\""));
    let latest = stage
        .desk
        .get(DESK, "erpnext_github_integration.desk.latest_installation", &[])
        .await;
    assert_eq!(
        (&latest.message()["stage"], &latest.message()["account"]),
        (&"done".into(), &"acme".into())
    );
    stage.finish().await;
}

#[tokio::test]
async fn g0_8_what_was_installed_on_github_waits_for_a_project_of_its_user() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    let before = stage.world();
    let address = url::Url::parse("https://x.test/?").expect("an address");
    let back = stage.install(&address, &["acme/web", "acme/api"]).await;
    assert_eq!(stage.open(session(DESK), &back).await.kind, "waiting");
    stage.tell(&before).await;
    assert_eq!(
        stage.installations().await,
        "desk initiated_on_github processed - selected 000"
    );
    assert_eq!(stage.followed().await, "acme/api=1,acme/web=1 | NEW-1=-,TRY-1=octo/web");
    let page = stage.open(session(DESK), &back).await;
    assert!(
        page.kind == "choose-project" && page.text.contains("value=\"NEW-1\""),
        "{}",
        page.text
    );
    assert_eq!(stage.open("member", &back).await.kind, "not-yours");
    // A page of somebody else's that waits for it goes on, and is told nothing but that.
    let number = stage
        .mirror
        .erp
        .value("SELECT installation_id FROM `tabGitHub App Installation`")
        .await;
    let latest = "erpnext_github_integration.desk.latest_installation";
    let told = stage.desk.get("member@x.com", latest, &[("installation_id", &number)]).await;
    let nothing_more = serde_json::json!({"installation_id": number, "is_yours": false, "is_under_way": false});
    assert_eq!(told.message(), &nothing_more);
    let name = stage.mirror.erp.value("SELECT name FROM `tabGitHub App Installation`").await;
    for user in ["member@x.com", "manager@x.com"] {
        let refused = stage
            .call(user, "finish_installation", &[("installation", &name), ("project", "NEW-1")])
            .await;
        assert_eq!(refused.status, 403, "{user} {refused:?}");
    }
    let finished = stage
        .call(DESK, "finish_installation", &[("installation", &name), ("project", "NEW-1")])
        .await;
    assert_eq!(finished.message()["project"], "NEW-1");
    assert_eq!(stage.open(session(DESK), &back).await.kind, "done");
    let connected = stage
        .mirror
        .erp
        .value("SELECT GROUP_CONCAT(name ORDER BY name) FROM tabRepository WHERE project = 'NEW-1'")
        .await;
    assert_eq!(connected, "acme/api,acme/web");
    stage.finish().await;
}

#[tokio::test]
async fn g3_9_whoever_changed_an_installation_on_github_comes_back_to_how_it_stands() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    let page = stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    let before = stage.world();
    let back = stage.install(&page, &["acme/web"]).await;
    stage.tell(&before).await;
    // With his state he came back from installing; the number alone is what GitHub sends after a change on its own pages.
    assert_eq!(stage.open(session(DESK), &back).await.kind, "done");
    let number = stage
        .mirror
        .erp
        .value("SELECT installation_id FROM `tabGitHub App Installation`")
        .await;
    let changed = format!("{PAGES}setup?installation_id={number}&setup_action=update");
    let page = stage.open(session(DESK), &changed).await;
    assert!(
        page.kind == "done" && page.text.contains("belongs to the Project NEW-1"),
        "{}",
        page.text
    );
    assert_eq!(stage.open("member", &changed).await.kind, "not-yours");
    stage.finish().await;
}

#[tokio::test]
async fn whoever_types_numbers_leaves_the_apps_points_for_tokens() {
    let stage = Stage::new().await;
    // What the App itself may still ask in this hour.
    stage.mirror.github.world().limits.core = 1_000;
    let asked = || {
        let requests = stage.mirror.github.requests();
        requests
            .iter()
            .filter(|one| one.path.starts_with("/app/installations/"))
            .count()
    };
    for number in 5_001..5_040 {
        let page = stage
            .open(
                session(DESK),
                &format!("{PAGES}setup?installation_id={number}&setup_action=install"),
            )
            .await;
        assert!(
            ["no-such-installation", "waiting"].contains(&page.kind.as_str()),
            "{}",
            page.kind
        );
    }
    assert!(asked() <= 2, "{} were asked for", asked());
    stage.finish().await;
}

#[tokio::test]
async fn g0_13_every_wrong_end_of_an_installation_has_its_page() {
    let stage = Stage::new().await;
    let setup = |query: &str| format!("{PAGES}setup?{query}");
    for (query, kind) in [
        ("", "missing-installation"),
        ("setup_action=install", "missing-installation"),
        ("setup_action=request", "requested"),
        ("installation_id=4711&setup_action=install", "no-such-installation"),
        ("installation_id=x", "no-such-installation"),
        ("installation_id=-1", "no-such-installation"),
        ("installation_id=1&state=none", "state-used"),
    ] {
        let page = stage.open(session(DESK), &setup(query)).await;
        assert_eq!(page.kind, kind, "{query}: {}", page.text);
    }
    // The state of connecting is none of installing.
    let page = stage.address(DESK, "connect_github", &[]).await;
    let way = super::query(&page)["state"].clone();
    assert_eq!(
        stage
            .open(session(DESK), &setup(&format!("installation_id=1&state={way}")))
            .await
            .kind,
        "state-used"
    );
    stage.finish().await;
}
