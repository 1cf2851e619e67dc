//! A variable of the environment is for the site that names it in its own file, and for no other.

use erpnext_github::config::Environment;
use erpnext_github::frappe::site_config_file::set_key;
use serde_json::json;

use crate::support::mirror::{Mirror, TOKEN};

async fn without_token() -> Mirror {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web");
    })
    .await;
    for sql in [
        "DELETE FROM `__Auth` WHERE fieldname = 'personal_access_token'",
        "UPDATE tabSingles SET value = '' WHERE field = 'personal_access_token'",
    ] {
        mirror.erp.query(sql).await;
    }
    mirror
}

fn environment(name: &str) -> Environment {
    [(name.to_owned(), TOKEN.to_owned())].into_iter().collect()
}

#[tokio::test]
async fn d16_a_token_of_the_environment_serves_the_site_that_names_it_and_no_other() {
    let (named, other) = (without_token().await, without_token().await);
    set_key(&named.site().config().file(), "github_token_key", &json!(true)).expect("written");
    let app = named.app().clone().with_environment(&environment("GITHUB_AUTH_TOKEN"));
    let client = app
        .github(&app.site(named.site().name()).expect("a site"))
        .await
        .expect("a client");
    assert_eq!(client.viewer().await.expect("answered").login, "octo");
    let app = other.app().clone().with_environment(&environment("GITHUB_AUTH_TOKEN"));
    let refused = app.github(other.site()).await.expect_err("it names none").to_string();
    assert!(refused.contains("no GitHub token is stored"), "{refused}");
    named.finish().await;
    other.finish().await;
}

#[tokio::test]
async fn d16_only_names_of_tokens_are_looked_up_and_one_that_is_missing_is_said() {
    let mirror = without_token().await;
    let app = mirror.app().clone().with_environment(&environment("AWS_SECRET"));
    for (name, part) in [("AWS_SECRET", "no GitHub token is stored"), ("GITHUB_OTHER", "does not have")] {
        set_key(&mirror.site().config().file(), "github_token_key", &json!(name)).expect("written");
        let site = app.site(mirror.site().name()).expect("a site");
        let refused = app.github(&site).await.expect_err(name).to_string();
        assert!(refused.contains(part) && !refused.contains(TOKEN), "{refused}");
        // Whoever asks whether the process is ready is told of a variable that is missing; a site without a token lacks nothing.
        let told = app.require_usable_token(&site).await.err().map(|error| error.to_string());
        assert_eq!(told, Some(refused).filter(|_| name == "GITHUB_OTHER"));
    }
    mirror.finish().await;
}
