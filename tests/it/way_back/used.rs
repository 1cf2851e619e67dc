//! The site works by the App: what GitHub tells of an installation counts at once, and each token may do what it is for.

use erpnext_github::app::settings;
use secrecy::SecretString;

use super::Stage;
use crate::support::github_app::APP;

const DESK: &str = "desk@x.com";
const WEB: &str = "acme/web";

/// The App is installed for `acme/web`, and the site works by it.
async fn stage() -> (Stage, u64) {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    let way = SecretString::from("GitHub App");
    let set = settings::set(stage.mirror.app(), stage.mirror.site(), "auth_type", &way, "Administrator").await;
    set.expect("stored");
    let web = stage.mirror.github.world().repository(WEB).id;
    stage
        .happens(|world| {
            world.install(APP, "acme").only([web]);
        })
        .await;
    (stage, web)
}

impl Stage {
    /// Lists the branches on GitHub: the status, or the sentence that says why not.
    async fn reads(&self) -> String {
        let path = "erpnext_github_integration.github_api.list_branches";
        let answer = self.desk.get("Administrator", path, &[("repo_full_name", WEB)]).await;
        match answer.status {
            200 => "read".to_owned(),
            _ => answer.body["exception"].as_str().unwrap_or_default().to_owned(),
        }
    }

    /// How often GitHub was asked where the App is installed.
    fn looked(&self) -> usize {
        let all = self.mirror.github.requests();
        all.iter().filter(|one| one.path.ends_with("/acme/installation")).count()
    }

    /// What the tokens of installations may do, each once: permissions, and numbers of repositories.
    fn tokens(&self) -> Vec<String> {
        let world = self.mirror.github.world();
        let grants = world.tokens.iter().filter_map(|token| token.grant.as_ref());
        let mut all: Vec<String> = grants
            .map(|grant| {
                let words: Vec<String> = grant
                    .permissions
                    .iter()
                    .map(|(name, level)| format!("{name}={level}"))
                    .collect();
                format!("{} in {:?}", words.join(","), grant.repositories)
            })
            .collect();
        all.sort();
        all.dedup();
        all
    }
}

#[tokio::test]
async fn g3_4_each_token_may_do_what_it_is_for_and_no_more() {
    let (stage, web) = stage().await;
    for _ in 0..3 {
        assert_eq!(stage.reads().await, "read");
    }
    let reading = [
        "contents=read,issues=read,metadata=read in None".to_owned(),
        "metadata=read in None".to_owned(),
    ];
    assert_eq!(stage.tokens(), reading, "which were picked, and what is in them");
    let arguments = [("repo_full_name", WEB), ("title", "By the App")];
    let path = "erpnext_github_integration.github_api.create_issue";
    let made = stage.desk.post("Administrator", path, &arguments).await;
    assert_eq!(made.status, 200, "{made:?}");
    let mut all = reading.to_vec();
    all.push(format!("issues=write,metadata=read in Some({{{web}}})"));
    all.sort();
    assert_eq!(stage.tokens(), all);
    stage.finish().await;
}

#[tokio::test]
async fn g0_12_what_github_tells_of_an_installation_counts_at_once() {
    let (stage, web) = stage().await;
    assert_eq!(stage.reads().await, "read");
    stage
        .happens(|world| {
            world.install(APP, "acme").suspend("mona");
        })
        .await;
    let asked = stage.mirror.github.requests().len();
    let refused = stage.reads().await;
    assert!(refused.contains("suspended"), "{refused}");
    assert_eq!(stage.mirror.github.requests().len(), asked, "nobody is asked");
    stage
        .happens(|world| {
            world.install(APP, "acme").unsuspend();
        })
        .await;
    assert_eq!(stage.reads().await, "read");
    // Uninstalled and installed anew, within the same minute.
    let id = stage.world().installations.keys().next().copied().expect("an installation");
    stage.happens(|world| world.uninstall(id)).await;
    let gone = stage.reads().await;
    assert!(gone.contains("installations/new"), "{gone}");
    assert_eq!(stage.looked(), 1, "GitHub is asked where it told of none");
    stage
        .happens(|world| {
            world.install(APP, "acme").only([web]);
        })
        .await;
    assert_eq!(stage.reads().await, "read");
    assert_eq!(stage.looked(), 1, "what it told is enough");
    // The account's number decides: the row has another name of it, and another account its old one.
    let erp = &stage.mirror.erp;
    erp.query("UPDATE `tabGitHub App Installation` SET account_login = 'acme-corp' WHERE deleted_on_github = 0")
        .await;
    assert_eq!(stage.reads().await, "read");
    assert_eq!(stage.looked(), 1);
    erp.query(
        "UPDATE `tabGitHub App Installation` SET account_login = 'acme', account_id = '4711', suspended = 1 WHERE deleted_on_github = 0",
    )
    .await;
    assert_eq!(stage.reads().await, "read", "that one is somebody else's");
    assert_eq!(stage.looked(), 2);
    stage.finish().await;
}

#[tokio::test]
async fn g3_3_who_is_not_connected_acts_as_the_app_only_where_the_setting_allows_it() {
    let (stage, _) = stage().await;
    let arguments = [("repo_full_name", WEB), ("title", "By the App")];
    let path = "erpnext_github_integration.github_api.create_issue";
    let made = stage.desk.post("Administrator", path, &arguments).await;
    assert_eq!(made.status, 200, "{made:?}");
    let rows = "SELECT GROUP_CONCAT(CONCAT_WS(' ', asked_by, acting_as, acting_login, status)) FROM `tabGitHub Write`";
    let row = stage.mirror.erp.value(rows).await;
    assert_eq!(row, "Administrator app erp-of-acme[bot] done");
    let no = SecretString::from("0");
    let set = settings::set(
        stage.mirror.app(),
        stage.mirror.site(),
        "act_without_connection",
        &no,
        "Administrator",
    );
    set.await.expect("stored");
    let refused = stage
        .desk
        .post("Administrator", path, &[arguments[0], ("title", "Once more")])
        .await;
    assert_eq!(
        (refused.status, &refused.body["connect_github"]),
        (417, &1.into()),
        "{refused:?}"
    );
    assert_eq!(stage.mirror.erp.value(rows).await, row, "nothing was sent");
    stage.finish().await;
}

#[tokio::test]
async fn a_repository_that_was_unpicked_does_not_make_what_is_known_of_the_installation_old() {
    let (stage, web) = stage().await;
    assert_eq!(stage.reads().await, "read");
    // GitHub has not told of it yet.
    let other = stage.mirror.github.world().repository("acme/api").id;
    stage.mirror.github.world().install(APP, "acme").only([other]);
    let arguments = [("repo_full_name", WEB), ("title", "By the App")];
    let path = "erpnext_github_integration.github_api.create_issue";
    let refused = stage.desk.post("Administrator", path, &arguments).await;
    assert!(refused.status != 200, "{refused:?}");
    stage.mirror.github.world().install(APP, "acme").only([web]);
    for _ in 0..3 {
        assert_eq!(stage.reads().await, "read");
    }
    assert_eq!(stage.looked(), 0, "what GitHub told is believed");
    stage.finish().await;
}

#[tokio::test]
async fn an_installation_in_an_account_that_has_the_login_of_another_is_not_used() {
    let (stage, _) = stage().await;
    assert_eq!(stage.reads().await, "read");
    // The account that is known by its number is called something else by now, and another has its login.
    let erp = &stage.mirror.erp;
    erp.query("DELETE FROM `tabGitHub App Installation`").await;
    erp.query("UPDATE tabRepository SET owner_id = '4711' WHERE name LIKE 'acme/%'")
        .await;
    erp.query("UPDATE `tabGitHub Integration` SET account_id = '4711' WHERE account_login = 'acme'")
        .await;
    let refused = stage.reads().await;
    assert_eq!(stage.looked(), 1, "GitHub was asked");
    assert!(refused.contains("installations/new"), "{refused}");
    stage.finish().await;
}
