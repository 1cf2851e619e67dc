//! Does GitHub accept the token, and may it read what we mirror?

use chrono::{DateTime, Utc};

use crate::github::{Client, Viewer};
use crate::health::{CheckId, CheckResult};

/// What a classic token should be able to do.
struct Need {
    /// One of these scopes is enough; the first is the one to ask for.
    scopes: &'static [&'static str],
    /// What happens without any of them.
    without: &'static str,
}

/// By GitHub's documentation of the calls that we make.
const NEEDS: [Need; 3] = [
    Need {
        scopes: &["repo"],
        without: "private repositories and members are not read",
    },
    Need {
        scopes: &["read:org", "write:org", "admin:org"],
        without: "members, and teams that are asked for a review, are not read",
    },
    Need {
        scopes: &["read:user", "user:email", "user"],
        without: "people are not recognised by their public e-mail address",
    },
];

/// Asks with the client that the site's credential gave; gives GitHub's clock too. A person waits for the answer.
pub(in crate::health) async fn check(client: &Client) -> (CheckResult, Option<DateTime<Utc>>) {
    let client = client.for_a_person();
    match client.viewer_now().await {
        Ok(viewer) => (judge(client.hosts().api.as_str(), &viewer.value), Some(viewer.date)),
        Err(error) => {
            let told = CheckResult::failed_by(CheckId::Github, error.to_string(), error.is_unreachable());
            (told, None)
        }
    }
}

fn judge(api: &str, viewer: &Viewer) -> CheckResult {
    let id = CheckId::Github;
    let known = format!("{api} knows the token as {}'s", viewer.login);
    if let Some(app) = viewer.login.strip_suffix("[bot]") {
        return CheckResult::ok(id, format!("{api} knows us as the GitHub App {app}"));
    }
    let Some(scopes) = &viewer.scopes else {
        return CheckResult::ok(
            id,
            format!(
                "{known}, a fine-grained one, whose permissions GitHub does not tell: it needs reading of Contents, Issues, Metadata and Pull requests"
            ),
        );
    };
    let missing: Vec<String> = NEEDS
        .iter()
        .filter(|need| !need.scopes.iter().any(|scope| scopes.iter().any(|has| has == scope)))
        .map(|need| format!("without {} {}", need.scopes[0], need.without))
        .collect();
    let has = if scopes.is_empty() {
        "no scope".to_owned()
    } else {
        format!("the scopes {}", scopes.join(", "))
    };
    if missing.is_empty() {
        CheckResult::ok(id, format!("{known}, with {has}"))
    } else {
        CheckResult::warning(id, format!("{known}, with {has}; {}", missing.join("; ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::CheckStatus;

    fn told(scopes: Option<&[&str]>) -> CheckResult {
        let viewer = Viewer {
            expires_at: None,
            login: "mona".to_owned(),
            id: 1,
            scopes: scopes.map(|scopes| scopes.iter().map(|scope| (*scope).to_owned()).collect()),
            budget: None,
        };
        judge("https://api.github.com/", &viewer)
    }

    #[test]
    fn missing_scopes_are_told_with_what_they_are_for() {
        for enough in [
            &["repo", "read:org", "read:user"][..],
            &["repo", "admin:org", "user:email"],
            &["user", "repo", "write:org"],
        ] {
            assert_eq!(told(Some(enough)).status, CheckStatus::Ok, "{enough:?}");
        }
        let some = told(Some(&["public_repo", "read:org"]));
        assert_eq!(some.status, CheckStatus::Warning);
        assert!(
            some.message.contains("mona")
                && some.message.contains("without repo private")
                && some.message.contains("without read:user"),
            "{some:?}"
        );
        assert!(!some.message.contains("without read:org"), "{some:?}");
        let none = told(Some(&[]));
        assert!(none.message.contains("with no scope; "), "{none:?}");
        let fine = told(None);
        assert_eq!(fine.status, CheckStatus::Ok);
        assert!(fine.message.contains("Pull requests"), "{fine:?}");
    }

    #[test]
    fn an_app_has_no_scopes_to_lack() {
        let viewer = Viewer {
            expires_at: None,
            login: "erp-of-acme[bot]".to_owned(),
            id: 7,
            scopes: None,
            budget: None,
        };
        let told = judge("https://api.github.com/", &viewer);
        assert_eq!(told.status, CheckStatus::Ok);
        assert_eq!(told.message, "https://api.github.com/ knows us as the GitHub App erp-of-acme");
    }
}
