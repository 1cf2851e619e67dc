//! Whose token it is.

use chrono::{DateTime, Utc};

use crate::github::client::{Answer, Client, Fetched, Request};
use crate::github::error::{ErrorKind, GithubError, scope_list};
use crate::github::renewable::Acting;
use crate::github::wire;

/// Under which GitHub says when a token ends.
const EXPIRES: &str = "github-authentication-token-expiration";

/// `2026-11-30 12:00:00 UTC`, or with `+0000`.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim().replace("UTC", "+0000");
    let parsed = DateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S %z").ok()?;
    Some(parsed.to_utc())
}

/// The account behind the credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// Login.
    pub login: String,
    /// Numeric id.
    pub id: u64,
    /// Scopes of a classic token, empty if it has none; none for a fine-grained token and for an App, which have
    /// permissions instead.
    pub scopes: Option<Vec<String>>,
    /// When the token ends; none where it does not, or GitHub does not say.
    pub expires_at: Option<DateTime<Utc>>,
    /// What is left of the REST budget; none where the server has no limits.
    pub budget: Option<Budget>,
}

/// How much of an hour's budget is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Points left.
    pub remaining: u64,
    /// Points of an hour.
    pub limit: u64,
    /// When the hour is over.
    pub reset: DateTime<Utc>,
}

impl Budget {
    fn of(answer: &Answer) -> Option<Self> {
        let number = |name| answer.header(name)?.trim().parse::<u64>().ok();
        let reset = i64::try_from(number("x-ratelimit-reset")?).ok()?;
        Some(Self {
            remaining: number("x-ratelimit-remaining")?,
            limit: number("x-ratelimit-limit")?,
            reset: DateTime::from_timestamp(reset, 0)?,
        })
    }
}

impl Client {
    /// Asks who the token belongs to. An installation of a GitHub App acts as a bot, whose login ends in `[bot]`.
    ///
    /// # Errors
    /// As any read. A GitHub App itself acts as nobody.
    pub async fn viewer(&self) -> Result<Viewer, GithubError> {
        Ok(self.viewer_now().await?.value)
    }

    /// The same with GitHub's clock.
    ///
    /// # Errors
    /// As [`Self::viewer`].
    pub async fn viewer_now(&self) -> Result<Fetched<Viewer>, GithubError> {
        match self.acting() {
            Acting::Person => {}
            Acting::Installation { .. } => return self.bot_now().await,
            Acting::App => {
                return Err(GithubError::setup(
                    "a GitHub App has no account of its own",
                    "report this: one of its installations was to be asked",
                ));
            }
        }
        let request = Request::get(self.rest_url(&["user"], &[]));
        self.read(&request, |answer| {
            let user: wire::Viewer = answer.json()?;
            let value = Viewer {
                login: user.login,
                id: user.id,
                scopes: answer.header("x-oauth-scopes").map(scope_list),
                expires_at: answer.header(EXPIRES).and_then(moment),
                budget: Budget::of(answer),
            };
            Ok(Fetched {
                value,
                date: answer.date(),
            })
        })
        .await
    }

    /// The same for an installation, to which GitHub refuses `GET /user`. What is left of its limits costs nothing to ask.
    async fn bot_now(&self) -> Result<Fetched<Viewer>, GithubError> {
        let (login, id) = self.acting_account().await?;
        let request = Request::get(self.rest_url(&["rate_limit"], &[]));
        self.read(&request, |answer| {
            let value = Viewer {
                login: login.clone(),
                id,
                scopes: None,
                expires_at: None,
                budget: Budget::of(answer),
            };
            Ok(Fetched {
                value,
                date: answer.date(),
            })
        })
        .await
    }

    /// As [`Self::viewer`], asked once per client: what is told of its limits is as old as the client.
    ///
    /// # Errors
    /// As [`Self::viewer`].
    pub async fn known_viewer(&self) -> Result<&Viewer, GithubError> {
        self.viewer_cell().get_or_try_init(|| self.viewer()).await
    }

    /// True when the token belongs to `login`; asked once per client. A credential without an account belongs to nobody.
    pub(super) async fn is_viewer(&self, login: &str) -> Result<bool, GithubError> {
        if self.acting() != Acting::Person {
            return Ok(false);
        }
        match self.known_viewer().await {
            Ok(viewer) => Ok(viewer.login.eq_ignore_ascii_case(login)),
            Err(error) if matches!(error.kind(), ErrorKind::Forbidden(_) | ErrorKind::NotFound(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_in_which_github_writes_an_end_are_read() {
        let expected = "2026-11-30T10:00:00Z".parse().ok();
        assert_eq!(moment("2026-11-30 10:00:00 UTC"), expected);
        assert_eq!(moment("2026-11-30 12:00:00 +0200"), expected);
        assert_eq!(moment("soon"), None);
    }
}
