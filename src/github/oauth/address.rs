//! The address of GitHub's page on which a person authorises the App.

use url::Url;

use super::{OAuth, State, Verifier};

/// What somebody is sent to GitHub with.
#[derive(Debug, Clone, Copy)]
pub struct Authorize<'a> {
    /// Where GitHub sends him back to; one of those that the App is registered with.
    pub redirect_uri: &'a Url,
    /// What tells this way from others.
    pub state: &'a State,
    /// What only whoever began knows.
    pub verifier: &'a Verifier,
    /// Scopes that an OAuth App asks for. A GitHub App has permissions instead.
    pub scopes: &'a [&'a str],
    /// The account that is most likely meant.
    pub login: Option<&'a str>,
    /// GitHub lets him choose among his accounts, even where he is signed in with one.
    pub chooses_account: bool,
}

impl OAuth {
    /// The address. It holds the state, so that it belongs into no log.
    #[must_use]
    pub fn authorize(&self, wanted: &Authorize<'_>) -> Url {
        let mut url = self.web_url(&["login", "oauth", "authorize"]);
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("client_id", self.client_id())
                .append_pair("redirect_uri", wanted.redirect_uri.as_str())
                .append_pair("state", wanted.state.expose())
                .append_pair("code_challenge", &wanted.verifier.challenge())
                .append_pair("code_challenge_method", "S256")
                .append_pair("allow_signup", "false");
            if !wanted.scopes.is_empty() {
                query.append_pair("scope", &wanted.scopes.join(" "));
            }
            if let Some(login) = wanted.login {
                query.append_pair("login", login);
            }
            if wanted.chooses_account {
                query.append_pair("prompt", "select_account");
            }
        }
        url
    }
}
