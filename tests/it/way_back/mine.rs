//! One's own connection where something is not as it should be: taken back unheard, the App gone, the site switched off; and what is said of it.

use erpnext_github::app::settings;
use erpnext_github::frappe::site_config_file;
use erpnext_github::jobs::Work;
use secrecy::SecretString;
use serde_json::Value;

use super::{PAGES, SITE, Stage, session};
use crate::jobs::runner;
use crate::support::github_app::APP;

const DESK: &str = "desk@x.com";
const GRANTS: &str = "SELECT COUNT(*) FROM erpnext_github_grant";

impl Stage {
    /// People authorise an OAuth App, `an-oauth-app`, and there is no GitHub App.
    pub(super) async fn with_oauth_app() -> Self {
        let stage = Stage::without_app().await;
        stage
            .mirror
            .github
            .world()
            .oauth_app("an-oauth-app", "its-secret")
            .with_callback(&format!("{SITE}{PAGES}"));
        for (field, value) in [
            ("public_url", SITE),
            ("oauth_client_id", "an-oauth-app"),
            ("oauth_client_secret", "its-secret"),
        ] {
            let value = SecretString::from(value.to_owned());
            settings::set(stage.mirror.app(), stage.mirror.site(), field, &value, "Administrator")
                .await
                .expect("set");
        }
        stage
    }

    async fn mine(&self, query: &[(&str, &str)]) -> Value {
        let path = "erpnext_github_integration.desk.my_connection";
        self.desk.get(DESK, path, query).await.message().clone()
    }

    fn client_id(&self) -> String {
        self.mirror.github.world().app(APP).client_id.clone()
    }

    async fn set(&self, field: &str, value: &str) {
        let erp = self.mirror.erp.erp();
        erp.set_single("GitHub Settings", field, value).await.expect("set");
    }
}

#[tokio::test]
async fn what_was_taken_back_unheard_shows_as_not_connected_with_the_reason() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    let id = stage.client_id();
    stage.mirror.github.world().revoke_authorization(&id, "mona");
    for query in [&[("check", "1")][..], &[("installations", "1")], &[]] {
        let mine = stage.mine(query).await;
        let problem = mine["problem"].as_str().unwrap_or_default();
        assert!(
            mine["connected"] == false && mine["login"] == "mona" && problem.contains("taken back on GitHub"),
            "{query:?} {mine}"
        );
    }
    let refused = stage.call(DESK, "install_app", &[]).await;
    assert_eq!(refused.body["connect_github"], 1, "{refused:?}");
    stage.finish().await;
}

#[tokio::test]
async fn a_connection_can_be_ended_once_the_app_is_gone_and_what_is_left_on_github_is_said() {
    let stage = Stage::new().await;
    let id = stage.client_id();
    stage.connect(DESK, "mona").await;
    stage.set("app_client_id", "").await;
    let mine = stage.mine(&[]).await;
    assert!(
        mine["configured"] == false && mine["connected"] == false && mine["login"] == "mona",
        "{mine}"
    );
    let gone = stage.call(DESK, "disconnect_github", &[]).await;
    let left = gone.message()["warning"].as_str().unwrap_or_default();
    let page = format!("{}/settings/connections/applications/{id}", stage.mirror.github.base_url());
    assert!(gone.message()["login"] == "mona" && left.contains(&page), "{gone:?}");
    assert_eq!(stage.mirror.erp.value(GRANTS).await, "0");
    // Who leaves then is ended as well.
    stage.set("app_client_id", &id).await;
    stage.connect(DESK, "mona").await;
    let runner = runner(&stage.mirror);
    runner.step(Work::LookAtDesk).await;
    runner.step(Work::LookAtDesk).await;
    stage.set("app_client_id", "").await;
    let erp = stage.mirror.erp.erp();
    erp.set("User", DESK, "enabled", "0").await.expect("set");
    erp.set("User", DESK, "modified", "2026-03-01 08:00:30").await.expect("set");
    runner.step(Work::LookAtDesk).await;
    assert_eq!(stage.mirror.erp.value(GRANTS).await, "0");
    stage.finish().await;
}

#[tokio::test]
async fn where_the_site_is_switched_off_github_is_not_asked_and_disconnecting_works() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    let page = stage.address(DESK, "connect_github", &[]).await;
    let back = stage.authorize(&page, "mona", true).await;
    stage.set("enabled", "0").await;
    let asked = stage.mirror.github.requests().len();
    for method in ["connect_github", "install_app"] {
        let refused = stage.call(DESK, method, &[]).await;
        assert!(
            refused.status == 417 && refused.body.to_string().contains("switched off"),
            "{method} {refused:?}"
        );
    }
    let mine = stage.mine(&[("installations", "1"), ("check", "1")]).await;
    assert!(
        mine["connected"] == true && mine["off"].as_str().unwrap_or_default().contains("switched off"),
        "{mine}"
    );
    for path in [
        back.as_str(),
        &format!("{PAGES}setup?installation_id=4711"),
        &format!("{PAGES}?installation_id=4711"),
    ] {
        let page = stage.open(session(DESK), path).await;
        assert!(
            page.kind == "switched-off" && page.text.contains("GitHub Settings"),
            "{path} {}",
            page.text
        );
    }
    assert_eq!(stage.mirror.github.requests().len(), asked);
    let gone = stage.call(DESK, "disconnect_github", &[]).await;
    assert_eq!(gone.message()["login"], "mona", "{gone:?}");
    assert_eq!(stage.mirror.erp.value(GRANTS).await, "0");
    stage.finish().await;
}

#[tokio::test]
async fn g0_1_who_installs_for_a_project_leads_it_as_who_connects_a_repository() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    let erp = stage.mirror.erp.erp();
    erp.add_project("THEIRS", "Of others").await.expect("a project");
    let before = stage.world();
    let address = url::Url::parse("https://x.test/?").expect("an address");
    let back = stage.install(&address, &["acme/web"]).await;
    stage.tell(&before).await;
    let name = stage.mirror.erp.value("SELECT name FROM `tabGitHub App Installation`").await;
    // He may write it, and does not lead it.
    for (method, arguments) in [
        ("install_app", vec![("project", "THEIRS")]),
        ("connect_repository", vec![("project", "THEIRS"), ("repository", "acme/web")]),
        (
            "finish_installation",
            vec![("project", "THEIRS"), ("installation", name.as_str())],
        ),
    ] {
        let refused = stage.call(DESK, method, &arguments).await;
        assert!(
            refused.status == 403 && refused.body.to_string().contains("you do not lead the Project THEIRS"),
            "{method} {refused:?}"
        );
    }
    let page = stage.open(session(DESK), &back).await;
    assert!(
        page.kind == "choose-project" && page.text.contains("value=\"NEW-1\"") && !page.text.contains("THEIRS"),
        "{}",
        page.text
    );
    // Who led it when he began, and does not any more.
    let begun = "UPDATE `tabGitHub App Installation` SET originating_project = 'THEIRS'";
    stage.mirror.erp.scratch().execute(begun).await.expect("as if");
    stage
        .happens(|world| {
            let ids = ["acme/web", "acme/api"].map(|name| world.repository(name).id);
            world.install(APP, "acme").only(ids);
        })
        .await;
    let row = "SELECT CONCAT_WS('|', originating_project, reason) FROM `tabGitHub App Installation`";
    let told = stage.mirror.erp.value(row).await;
    assert!(told.contains("does not lead the Project THEIRS"), "{told}");
    stage.finish().await;
}

#[tokio::test]
async fn g0_14_installations_are_told_with_what_the_project_is_connected_with() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    // Begun and not finished: GitHub does not show it.
    stage.address(DESK, "install_app", &[("project", "TRY-1")]).await;
    let id = {
        let mut world = stage.mirror.github.world();
        let web = world.repository("acme/web").id;
        world.install(APP, "acme").only([web]).id.to_string()
    };
    let list = async || {
        let mine = stage.mine(&[("installations", "1"), ("project", "NEW-1")]).await;
        let all = mine["installations"].as_array().expect("a list").clone();
        let told = |one: &Value| format!("{} {} {} {}", one["account"], one["connected"], one["visible"], one["note"]);
        all.iter().map(told).collect::<Vec<_>>()
    };
    let before = list().await;
    assert_eq!(before.len(), 2, "{before:?}");
    assert_eq!(before[0], "\"acme\" false true null");
    assert!(
        before[1].starts_with("null false false") && before[1].contains("an owner was asked"),
        "{before:?}"
    );
    // What GitHub does not show to him there is not connected, however it is called.
    let names = "[\"acme/web\", \"acme/api\", \"octo/secret\"]";
    let arguments = [("project", "NEW-1"), ("installation", id.as_str()), ("repositories", names)];
    let refused = stage.call("member@x.com", "connect_visible_repositories", &arguments).await;
    assert_eq!(refused.status, 403, "{refused:?}");
    let answer = stage.call(DESK, "connect_visible_repositories", &arguments).await;
    let answer = answer.message();
    assert_eq!(answer["repositories"], serde_json::json!(["acme/web"]), "{answer}");
    assert_eq!(answer["failures"].as_array().map(Vec::len), Some(2), "{answer}");
    assert_eq!(list().await[0], "\"acme\" true true null");
    let seen = stage.mine(&[("installation", id.as_str()), ("project", "NEW-1")]).await;
    assert_eq!(seen["repositories"][0]["connected"], true, "{seen}");
    // What a Project is connected with is for those who may read it.
    let no_rights = "DELETE FROM tabDocPerm WHERE parent = 'Project' AND role = 'Projects User'";
    stage.mirror.erp.scratch().execute(no_rights).await.expect("taken");
    let (path, query) = (
        "erpnext_github_integration.desk.my_connection",
        [("installations", "1"), ("project", "NEW-1")],
    );
    assert_eq!(stage.desk.get(DESK, path, &query).await.status, 403);
    stage.finish().await;
}

#[tokio::test]
async fn one_repository_that_fails_keeps_no_other_from_being_connected_and_the_answer_says_which() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    let id = {
        let mut world = stage.mirror.github.world();
        let ids = ["acme/api", "acme/web"].map(|name| world.repository(name).id);
        world.install(APP, "acme").only(ids).id.to_string()
    };
    for (failing, connected) in [("acme/api", "acme/web"), ("acme/web", "acme/api")] {
        let scratch = stage.mirror.erp.scratch();
        let fails = format!(
            "CREATE OR REPLACE TRIGGER fails BEFORE INSERT ON `tabGitHub Project Repository` FOR EACH ROW \
             IF NEW.repository = '{failing}' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no room'; END IF"
        );
        scratch.execute(&fails).await.expect("a trigger");
        let names = "[\"acme/web\", \"acme/api\", \"octo/secret\"]";
        let arguments = [("project", "NEW-1"), ("installation", id.as_str()), ("repositories", names)];
        let answer = stage.call(DESK, "connect_visible_repositories", &arguments).await;
        let answer = answer.message();
        assert_eq!(answer["repositories"], serde_json::json!([connected]), "{answer}");
        let failures = answer["failures"].as_array().expect("a list");
        let reason = |repository: &str| {
            let of = failures.iter().find(|one| one["repository"] == repository);
            of.map(|one| one["reason"].to_string()).unwrap_or_default()
        };
        assert!(
            reason(failing).contains("an administrator finds the reason in the log"),
            "{answer}"
        );
        assert!(reason("octo/secret").contains("does not show it to you"), "{answer}");
        // Who may read what is connected was settled all the same.
        let reads = format!("SELECT COUNT(*) FROM `tabUser Permission` WHERE user = '{DESK}' AND for_value = '{connected}'");
        assert_eq!(stage.mirror.erp.value(&reads).await, "1", "{connected}");
        stage
            .mirror
            .erp
            .query("DELETE FROM `tabGitHub Project Repository` WHERE project = 'NEW-1'")
            .await;
        scratch.execute("DROP TRIGGER fails").await.expect("dropped");
    }
    stage.finish().await;
}

#[tokio::test]
async fn what_is_said_of_a_connection_is_what_it_is_used_for() {
    let stage = Stage::new().await;
    let page = stage.connect(DESK, "mona").await;
    for words in [
        "GitHub Integration by OAuth that you make, or lend it to",
        "an API key of yours",
        "no more than the App was granted",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    for words in ["administrators included", "syncs and webhooks do without"] {
        assert!(!page.text.contains(words), "{words}");
    }
    stage.finish().await;

    let stage = Stage::with_oauth_app().await;
    let page = stage.connect(DESK, "mona").await;
    assert!(
        page.text.contains("repo, read:org") && page.text.contains("all repositories that you can reach"),
        "{}",
        page.text
    );
    let mine = stage.mine(&[]).await;
    assert_eq!(mine["scopes"], serde_json::json!(["repo", "read:org"]), "{mine}");
    stage.finish().await;
}

#[tokio::test]
async fn the_settings_panel_and_the_doctor_know_a_site_that_works_by_the_app() {
    let stage = Stage::new().await;
    stage.set("auth_type", "GitHub App").await;
    let token = "DELETE FROM `__Auth` WHERE doctype = 'GitHub Settings' AND fieldname = 'personal_access_token'";
    stage.mirror.erp.scratch().execute(token).await.expect("no token");
    stage.mirror.github.world().install(APP, "octo");
    let path = "erpnext_github_integration.desk.settings_overview";
    let shown = stage.desk.get("Administrator", path, &[]).await;
    let shown = shown.message();
    let credential = &shown["credential"];
    assert!(
        credential["way"] == "app" && credential["text"] == "the GitHub App" && shown["steps"][0]["done"] == true,
        "{shown}"
    );
    assert_eq!(shown["token"]["login"], format!("{APP}[bot]"), "{shown}");
    // A variable that the process does not have is said by its name.
    stage.set("auth_type", "Personal Access Token").await;
    let file = stage.mirror.site().config().file();
    site_config_file::set_key(&file, "github_token_key", &"GITHUB_OF_NOBODY".into()).expect("written");
    let shown = stage.desk.get("Administrator", path, &[]).await;
    let shown = shown.message();
    assert_eq!(shown["credential"]["way"], "environment", "{shown}");
    let told = shown["token"]["error"].as_str().unwrap_or_default();
    assert!(told.contains("GITHUB_OF_NOBODY"), "{shown}");
    stage.finish().await;
}
