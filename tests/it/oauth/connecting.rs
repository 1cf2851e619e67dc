//! Somebody connects his account: one account is one user, a code is good once, and what is stored opens in its own place alone.

use erpnext_github::actions::grants::{GrantError, Grants, Turns};
use erpnext_github::frappe::permissions::{Right, Roles, with_document};
use erpnext_github::github::oauth::{OAuthError, Refusal, Refused};
use erpnext_github::sim::github::{Effect, Fault};
use serde_json::json;

use super::{APP, Stage, account_of, id};

const USERS: &str = "SELECT GROUP_CONCAT(SUBSTRING_INDEX(name, '@', 1), '=', github_username, ' ', github_user_id ORDER BY name) \
                     FROM tabUser WHERE github_user_id > ''";

#[tokio::test]
async fn g3_2_somebody_connects_his_account_and_acts_as_it() {
    let stage = Stage::new().await;
    let page = stage.begin("ann").await;
    let asked = |key: &str| {
        page.query_pairs()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.into_owned())
    };
    assert_eq!(page.path(), "/login/oauth/authorize");
    assert_eq!(
        [
            asked("client_id").as_deref(),
            asked("allow_signup").as_deref(),
            asked("code_challenge_method").as_deref()
        ],
        [Some(APP.0), Some("false"), Some("S256")]
    );
    let connected = stage.connect("ann", "ann-hub").await;
    let number = stage.github.world().account("ann-hub").expect("an account").id;
    assert_eq!((connected.github_id, connected.login.as_str()), (number, "ann-hub"));
    assert_eq!(stage.standing().await, "ann=ann-hub active");
    assert_eq!(
        stage.test.value(USERS).await,
        format!("ann=ann-hub {number}"),
        "g0.3: the number, not the login alone"
    );
    assert_eq!(stage.acts_as("ann").await, "ann-hub");
    let error = stage.token("ben").await.expect_err("nobody's");
    assert!(
        matches!(error, GrantError::NotConnected(_)) && error.needs_connecting(),
        "{error}"
    );
    assert_eq!(
        error.to_string(),
        "ben@x.com is not connected with GitHub: connect GitHub first"
    );
    assert_eq!(stage.github.unexpected(), Vec::<String>::new());
}

#[tokio::test]
async fn g3_5_his_token_sees_installations_and_their_repositories() {
    let stage = Stage::new().await;
    {
        let mut world = stage.github.world();
        for name in ["ann-hub/one", "ann-hub/two"] {
            world.repository(name);
        }
        let one = world.repository("ann-hub/two").id;
        APP.0.clone_into(&mut world.app("erp").client_id);
        world.install("erp", "ann-hub");
        world.install("erp", "ann-hub").only([one]);
        for number in 1..120 {
            let login = format!("org-{number:03}");
            world.organization(&login).owners = vec!["ann-hub".to_owned()];
            world.install("erp", &login);
        }
        world.organization("strangers").owners = vec!["ben-hub".to_owned()];
        world.install("erp", "strangers");
    }
    stage.connect("ann", "ann-hub").await;
    let client = stage.token("ann").await.expect("a token").client().expect("a client");
    let mut pages = client.visible_installations();
    let (mut seen, mut read) = (Vec::new(), 0);
    while let Some(page) = pages.next().await.expect("a page") {
        assert_eq!(page.odd, []);
        seen.extend(page.items);
        read += 1;
    }
    assert_eq!((seen.len(), read), (120, 2));
    assert!(!seen[0].has_all_repositories && seen[1].has_all_repositories);
    assert_eq!(
        seen[0].account.as_ref().map(|account| account.login.as_str()),
        Some("ann-hub")
    );
    let mut inside = client.repositories_visible_in(seen[0].id);
    let names: Vec<String> = inside
        .next()
        .await
        .expect("a page")
        .expect("some")
        .items
        .iter()
        .map(|one| one.name.to_string())
        .collect();
    assert_eq!(names, ["ann-hub/two"]);
    stage
        .github
        .world()
        .faults
        .push(Fault::edit("/user/installations", |body| body["installations"] = json!(3)));
    let error = client.visible_installations().next().await.expect_err("no list").to_string();
    assert!(error.contains("installations: it is no list"), "{error}");
}

/// Who has the role, and who is confined to which repositories.
const READERS: &str = "SELECT CONCAT_WS('|', \
     (SELECT GROUP_CONCAT(SUBSTRING_INDEX(parent, '@', 1) ORDER BY parent) FROM `tabHas Role` WHERE role = 'GitHub User' AND parenttype = 'User'), \
     (SELECT GROUP_CONCAT(SUBSTRING_INDEX(user, '@', 1), '>', for_value ORDER BY user, for_value) FROM `tabUser Permission` \
      WHERE allow = 'Repository'))";

impl Stage {
    /// Repositories that somebody may read, by Frappe's permissions.
    async fn readable(&self, user: &str) -> Vec<&'static str> {
        let site = self.test.site();
        let roles = Roles::read(site.db(), &format!("{user}@x.com"), true).await.expect("roles");
        let mut readable = Vec::new();
        for name in ["octo/api", "octo/web"] {
            let may = with_document(site, &roles, "Repository", name, Right::Read).await;
            if may.expect("answered") {
                readable.push(name);
            }
        }
        readable
    }
}

#[tokio::test]
async fn g3_5_who_connects_his_account_reads_its_repositories_at_once_and_no_other() {
    let stage = Stage::new().await;
    // Mirrored before anybody connected: nobody knows whose accounts their members are.
    for (repository, login) in [("octo/web", "ann-hub"), ("octo/api", "ben-hub")] {
        let erp = stage.test.erp();
        erp.insert("Repository", repository, &[("full_name", repository)])
            .await
            .expect("a repository");
        let member = [("repo_full_name", repository), ("github_username", login)];
        erp.add_child("Repository Member", ("Repository", repository, "members_table"), &member)
            .await
            .expect("a member");
    }
    assert_eq!(stage.test.value(READERS).await, "");
    assert!(stage.readable("ann").await.is_empty());
    let connected = stage.connect("ann", "ann-hub").await;
    assert_eq!(connected.rows, 1, "her row of a member names her");
    assert_eq!(stage.test.value(READERS).await, "ann|ann>octo/web");
    assert_eq!(stage.readable("ann").await, ["octo/web"]);
    assert!(stage.readable("ben").await.is_empty());
    stage.connect("ben", "ben-hub").await;
    assert_eq!(stage.test.value(READERS).await, "ann,ben|ann>octo/web,ben>octo/api");
    assert_eq!(stage.readable("ben").await, ["octo/api"]);
    // Another account is other repositories.
    stage.connect("ann", "ann-two").await;
    assert_eq!(stage.test.value(READERS).await, "ben|ben>octo/api");
    assert!(stage.readable("ann").await.is_empty());
}

#[tokio::test]
async fn a_code_is_good_once_and_with_its_own_verifier() {
    let stage = Stage::new().await;
    let refused = |result: Result<_, GrantError>| {
        let error = result.expect_err("refused");
        assert!(
            matches!(&error, GrantError::OAuth(error) if error.refusal() == Some(Refusal::BadVerificationCode)),
            "{error}"
        );
        assert!(
            error.needs_connecting() && error.to_string().ends_with("connect GitHub again"),
            "{error}"
        );
    };
    let (way, code) = stage.come_back("ann", "ann-hub").await;
    stage.grants().connect(&way, &code).await.expect("connected");
    refused(stage.grants().connect(&way, &code).await);
    let (_, code) = stage.come_back("ann", "ann-hub").await;
    let (other, _) = stage.come_back("ann", "ann-hub").await;
    refused(stage.grants().connect(&other, &code).await);
    assert_eq!(stage.acts_as("ann").await, "ann-hub", "the connection that is there stays");
}

#[tokio::test]
async fn who_says_no_is_sent_back_with_that_word() {
    let stage = Stage::new().await;
    let page = stage.begin("ann").await;
    let back = stage.at_github(&page, "ann-hub", false).await;
    assert_eq!(back.get("code"), None);
    let refused = Refused::new(&back["error"]);
    assert_eq!(refused.refusal, Refusal::AccessDenied);
    assert_eq!(
        refused.to_string(),
        "access was denied on GitHub (access_denied); connect GitHub again if that was not meant"
    );
}

#[tokio::test]
async fn one_account_is_one_user_and_the_other_is_told_so() {
    let stage = Stage::new().await;
    stage.connect("ann", "ann-hub").await;
    let error = stage.try_connect("ben", "ann-hub").await.expect_err("taken");
    assert!(matches!(error, GrantError::Taken { .. }), "{error}");
    assert!(
        error
            .to_string()
            .starts_with("ann-hub is the GitHub account of ann@x.com already: "),
        "{error}"
    );
    assert_eq!(stage.standing().await, "ann=ann-hub active");
    assert_eq!(stage.live_tokens(), 1, "what GitHub gave for ben is ended");
    assert_eq!(stage.acts_as("ann").await, "ann-hub");
    // Also where the User of the one says nothing of it any more.
    let sql = "UPDATE tabUser SET github_username = '', github_user_id = '' WHERE name = 'ann@x.com'";
    stage.test.scratch().execute(sql).await.expect("cleared");
    let error = stage.try_connect("ben", "ann-hub").await.expect_err("taken");
    assert!(
        matches!(&error, GrantError::Taken { other, .. } if other == "ann@x.com"),
        "{error}"
    );
    let number = stage
        .test
        .value("SELECT github_user_id FROM tabUser WHERE name = 'ben@x.com'")
        .await;
    assert_eq!(number, "", "ben's User says nothing of it");
}

#[tokio::test]
async fn who_connects_again_has_new_tokens_and_the_old_ones_end() {
    let stage = Stage::new().await;
    stage.connect("ann", "ann-hub").await;
    let old = stage.token("ann").await.expect("a token");
    stage.connect("ann", "ann-hub").await;
    assert_eq!((account_of(&old).await, stage.live_tokens()), (None, 1));
    stage.connect("ann", "ann-two").await;
    assert_eq!(
        (stage.standing().await.as_str(), stage.live_tokens()),
        ("ann=ann-two active", 1)
    );
    assert_eq!(stage.acts_as("ann").await, "ann-two");
}

#[tokio::test]
async fn what_github_gave_is_ended_where_it_cannot_be_used() {
    let stage = Stage::new().await;
    stage.github.world().faults.push(Fault::status("/user", 403));
    let error = stage.try_connect("ann", "ann-hub").await.expect_err("no account");
    assert!(matches!(error, GrantError::Github(_)), "{error}");
    let disabled = "UPDATE tabUser SET enabled = 0 WHERE name = 'ann@x.com'";
    stage.test.scratch().execute(disabled).await.expect("disabled");
    let error = stage.try_connect("ann", "ann-hub").await.expect_err("disabled");
    assert!(matches!(error, GrantError::Disabled(_)), "{error}");
    assert_eq!((stage.live_tokens(), stage.standing().await.as_str()), (0, ""));
}

#[tokio::test]
async fn an_answer_with_tokens_that_is_cut_or_odd_says_nothing_of_them() {
    let stage = Stage::new().await;
    for effect in [
        Effect::Truncated,
        Effect::Empty,
        Effect::Edited(std::sync::Arc::new(|body| body["expires_in"] = json!("ghu_notANumber"))),
    ] {
        stage.github.world().faults.push(Fault::on(super::TOKENS, effect));
        let error = stage.try_connect("ann", "ann-hub").await.expect_err("odd");
        assert!(matches!(error, GrantError::OAuth(OAuthError::Unknown(_))), "{error}");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("ghu_") && !shown.contains("ghr_"), "{shown}");
    }
    let wrong = stage.oauth((APP.0, "another-secret"));
    let grants = Grants::new(stage.test.site(), wrong, "process-1", &Turns::default());
    let (way, code) = stage.come_back("ann", "ann-hub").await;
    let error = grants.connect(&way, &code).await.expect_err("no secret").to_string();
    assert!(
        error.starts_with("GitHub does not accept the App's client id and client secret (incorrect_client_credentials); "),
        "{error}"
    );
}

#[tokio::test]
async fn a_sealed_token_opens_in_its_own_place_alone() {
    let stage = Stage::new().await;
    stage.connect("ann", "ann-hub").await;
    stage.connect("ben", "ben-hub").await;
    let own = stage
        .test
        .value("SELECT HEX(access_token) FROM erpnext_github_grant WHERE user = 'ann@x.com'")
        .await;
    let moved = [
        // Ann's into Ben's row; her refresh token as her access token; her row under another account, for another GitHub.
        (
            "ben",
            format!("UPDATE erpnext_github_grant SET access_token = X'{own}' WHERE user = 'ben@x.com'"),
        ),
        (
            "ann",
            "UPDATE erpnext_github_grant SET access_token = refresh_token WHERE user = 'ann@x.com'".to_owned(),
        ),
        (
            "ann",
            // Her User says so, too: who she is by it does not stand in the way.
            format!(
                "UPDATE erpnext_github_grant g JOIN tabUser u ON u.name = g.user SET g.access_token = X'{own}', g.github_id = 1, \
                 u.github_user_id = '1' WHERE g.user = 'ann@x.com'"
            ),
        ),
    ];
    for (user, sql) in moved {
        stage.test.scratch().execute(&sql).await.expect("moved");
        let error = stage.token(user).await.expect_err("another place");
        assert!(
            matches!(error, GrantError::Sealed(_)) && error.needs_connecting(),
            "{sql}: {error}"
        );
    }
    stage.connect("ann", "ann-hub").await;
    assert_eq!(stage.acts_as("ann").await, "ann-hub");
    let config = stage
        .test
        .bench_root()
        .join("sites")
        .join(stage.test.scratch().site_name())
        .join("site_config.json");
    let text = std::fs::read_to_string(&config).expect("the configuration");
    let mut values: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    values["encryption_key"] = json!("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=");
    std::fs::write(&config, values.to_string()).expect("written");
    let error = stage.token("ann").await.expect_err("another key");
    assert_eq!(
        error.to_string(),
        "the stored access token cannot be opened: this site's encryption_key was changed, or it was sealed for something else: connect GitHub again"
    );
    stage.connect("ann", "ann-hub").await;
    assert_eq!(stage.acts_as("ann").await, "ann-hub", "and that is all there is to do");
}

#[tokio::test]
async fn a_token_goes_to_the_app_and_the_github_that_it_was_made_with() {
    let stage = Stage::new().await;
    stage.connect("ann", "ann-hub").await;
    let other_app = Grants::new(
        stage.test.site(),
        stage.oauth(("Iv23other", "x")),
        "process-1",
        &Turns::default(),
    );
    let error = other_app.token(&id("ann")).await.expect_err("another App");
    assert!(
        matches!(error, GrantError::ForOther { .. }) && error.needs_connecting(),
        "{error}"
    );
    let sql = "UPDATE erpnext_github_grant SET host = 'https://github.example.com'";
    stage.test.scratch().execute(sql).await.expect("written");
    let before = stage.github.requests().len();
    let error = stage.token("ann").await.expect_err("another GitHub").to_string();
    assert!(
        error.contains("https://github.example.com") && error.ends_with(": connect GitHub again"),
        "{error}"
    );
    assert_eq!(stage.github.requests().len(), before, "nobody was asked");
}
