//! Why an organisation is not among those that can be connected: told by what shows them to the person, the GitHub App or an OAuth App.

use super::Stage;
use crate::support::github_app::APP;

const ADMIN: &str = "admin@x.com";

impl Stage {
    /// What the wizard says is missing, each with its page, where `mona` belongs to an organisation of which she sees no repository.
    async fn missing(&self) -> Vec<(String, String)> {
        {
            let mut world = self.mirror.github.world();
            world.user("octo");
            let guild = world.organization("guild");
            guild.owners = vec!["octo".to_owned()];
            guild.with_member("mona");
        }
        self.connect(ADMIN, "mona").await;
        let found = self.call(ADMIN, "connectable_organizations", &[("method", "OAuth")]).await;
        let told = found.message()["troubleshooting"].as_array().expect("a list").clone();
        let text = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
        told.iter().map(|one| (text(one, "text"), text(one, "url"))).collect()
    }
}

fn has(missing: &[(String, String)], words: &str, page: &str) -> bool {
    missing.iter().any(|(text, url)| text.contains(words) && url.contains(page))
}

#[tokio::test]
async fn g1_6_16_through_the_github_app_it_is_not_installed_there() {
    let stage = Stage::new().await;
    let missing = stage.missing().await;
    let install = format!("/apps/{APP}/installations/new");
    for words in ["GitHub shows no repository of guild", "The App is not installed there"] {
        assert!(has(&missing, words, &install), "{words}: {missing:?}");
    }
    assert!(!has(&missing, "third-party", ""), "that is about OAuth Apps: {missing:?}");
    stage.finish().await;
}

#[tokio::test]
async fn g1_6_16_through_an_oauth_app_third_party_access_is_not_granted() {
    let stage = Stage::with_oauth_app().await;
    let missing = stage.missing().await;
    let granted = "/settings/connections/applications/an-oauth-app";
    for words in ["GitHub shows no repository of guild", "restricts third-party access"] {
        assert!(has(&missing, words, granted), "{words}: {missing:?}");
    }
    assert!(!has(&missing, "not installed", ""), "there is no GitHub App: {missing:?}");
    stage.finish().await;
}
