//! The kinds of failure, each with what it means and what to do.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::github::retry::{Api, RetryAdvice};

/// Kind of a failed call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// 401: the token is wrong, expired or revoked.
    Unauthorized,
    /// 401: GitHub does not know the App by this id and key.
    AppRefused,
    /// 401 to a token that was made a moment before.
    RenewedInVain,
    /// 403: the App's installation is suspended.
    Suspended {
        /// Page on which an owner of the account ends that.
        url: Option<String>,
    },
    /// 404: the App is not installed there any more.
    NotInstalled {
        /// Page on which it is installed.
        url: Option<String>,
    },
    /// The installation was not granted what a token is needed for: GitHub says so (422), or it was known before.
    NotGranted {
        /// All that was asked for, or what is known to be lacking, in GitHub's words.
        permissions: String,
        /// Page on which an owner of the account grants it.
        url: Option<String>,
    },
    /// 422: the installation does not reach a repository that a token was asked for.
    NotSelected {
        /// Page on which an owner of the account selects repositories.
        url: Option<String>,
    },
    /// 403: the token may not do this.
    Forbidden(Scopes),
    /// 403: the organisation wants the token authorised for single sign-on.
    SsoRequired {
        /// Page on which its owner does that.
        url: Option<String>,
    },
    /// 404: not there, or not visible for the token; GitHub tells both alike.
    NotFound(Scopes),
    /// A redirect that is not followed: of a query, without a target, or one too many.
    Moved {
        /// Path of the target, if it was named.
        to: Option<String>,
    },
    /// A redirect or a page link to another host, which never gets the token.
    CrossHostRedirect {
        /// That host.
        host: String,
    },
    /// 409: GitHub cannot do it in the present state, for example in an empty repository.
    Conflict,
    /// 410: switched off or deleted; issues of a repository without them are.
    Gone,
    /// 451: GitHub withholds it for legal reasons.
    UnavailableForLegalReasons,
    /// 422: the request is not accepted.
    Invalid,
    /// 403, 429, or a GraphQL error in a 200: too many requests.
    RateLimited {
        /// When GitHub answers again.
        until: DateTime<Utc>,
        /// A secondary limit (too fast), not the points of the hour.
        secondary: bool,
    },
    /// Not asked: what is left of the hour is kept for people.
    KeptForPeople {
        /// When points come back.
        until: DateTime<Utc>,
        /// Points that are kept (`rate_limit_threshold`).
        points: u64,
    },
    /// Not asked: as much is being asked already as GitHub allows at a time.
    Paced {
        /// When it is worth asking again.
        until: DateTime<Utc>,
    },
    /// Not asked: what may be asked cannot be looked up.
    NoBudget {
        /// Why.
        reason: String,
    },
    /// 5xx.
    Server,
    /// No whole answer within the time allowed.
    Timeout,
    /// No connection.
    Unreachable {
        /// The system's words.
        reason: String,
    },
    /// The answer broke off: connection reset, body shorter than announced, JSON cut.
    Truncated {
        /// Where.
        reason: String,
    },
    /// 200 without a body.
    EmptyBody,
    /// The answer is not what GitHub's description says.
    Decode {
        /// JSON path of the odd place, `.` for the whole.
        at: String,
        /// What is odd there.
        reason: String,
    },
    /// The answer is larger than we take.
    TooLarge {
        /// The bound, in bytes.
        limit: usize,
    },
    /// A GraphQL query failed as a whole.
    GraphQl {
        /// GitHub's type of the first error, such as `FORBIDDEN`.
        kind: String,
    },
    /// Not asked: the person in whose name it would be has no connection that can be used.
    NoGrant {
        /// Why, and what to do: a whole sentence.
        sentence: String,
    },
    /// Not asked: the connection of the person in whose name it would be cannot be used just now.
    GrantNotReady {
        /// Why, and what to do: a whole sentence.
        sentence: String,
    },
    /// Any other status.
    Unexpected,
    /// Somebody asked us to stop before GitHub had answered.
    Stopped,
    /// The call cannot be made as we are set up.
    Setup {
        /// Why.
        reason: String,
        /// What to do.
        action: &'static str,
    },
}

/// What GitHub says a token needs, and has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes {
    /// One of these scopes is enough (classic tokens); empty when GitHub does not say or needs none.
    pub accepted: Vec<String>,
    /// Scopes of the token; none for fine-grained ones, which have no scopes.
    pub granted: Option<Vec<String>>,
    /// Permissions that a fine-grained token needs, in GitHub's words, such as `issues=read`.
    pub permissions: Option<String>,
    /// It is an App that lacks them.
    pub of_app: bool,
}

impl Scopes {
    /// What to give the token, where GitHub's headers let us say it.
    fn missing(&self) -> Option<String> {
        if let Some(granted) = &self.granted {
            let lacks = !self.accepted.is_empty() && !self.accepted.iter().any(|scope| granted.contains(scope));
            let has = if granted.is_empty() {
                "none".to_owned()
            } else {
                granted.join(", ")
            };
            return lacks.then(|| format!("the scope {} (it has: {has})", self.accepted.join(" or ")));
        }
        self.permissions.as_ref().map(|text| format!("the permission {text}"))
    }
}

impl ErrorKind {
    /// First half of the sentence: what happened.
    pub(in crate::github) fn what(&self) -> String {
        match self {
            Self::Unauthorized => "GitHub does not accept the token".to_owned(),
            Self::AppRefused => "GitHub does not know the GitHub App by this id and key".to_owned(),
            Self::RenewedInVain => "GitHub does not accept the token, though it was just made".to_owned(),
            Self::Suspended { .. } => "the GitHub App's installation is suspended".to_owned(),
            Self::NotInstalled { .. } => "the GitHub App is not installed there any more".to_owned(),
            Self::NotGranted { permissions, .. } => {
                format!("the GitHub App's installation was not granted all of what is needed ({permissions})")
            }
            Self::NotSelected { .. } => "the GitHub App's installation does not reach the repository".to_owned(),
            Self::Forbidden(Scopes { of_app: true, .. }) => "GitHub refuses this to the GitHub App".to_owned(),
            Self::Forbidden(_) => "GitHub refuses this to the token".to_owned(),
            Self::SsoRequired { .. } => "the organisation's single sign-on keeps the token out".to_owned(),
            Self::NotFound(_) => "GitHub has no such thing, or does not show it to this token".to_owned(),
            Self::Moved { to: Some(to) } => format!("GitHub sends this call elsewhere, to {to}"),
            Self::Moved { to: None } => "GitHub sends this call elsewhere and does not say where".to_owned(),
            Self::CrossHostRedirect { host } => {
                format!("GitHub's answer leads to another host, {host}, which must not see the token")
            }
            Self::Conflict => "GitHub cannot do this in the present state".to_owned(),
            Self::Gone => "this is switched off or deleted on GitHub".to_owned(),
            Self::UnavailableForLegalReasons => "GitHub withholds this for legal reasons".to_owned(),
            Self::Invalid => "GitHub does not accept the request".to_owned(),
            Self::RateLimited { until, secondary } => {
                let which = if *secondary {
                    "GitHub asks us to slow down"
                } else {
                    "GitHub's rate limit is used up"
                };
                format!("{which} until {}", moment(until))
            }
            Self::KeptForPeople { until, points } => {
                let until = moment(until);
                format!(
                    "GitHub's rate limit is used up for background work until {until}; the last {points} points are kept for people"
                )
            }
            Self::Paced { until } => format!(
                "as much as GitHub allows at a time is being asked for until {}",
                moment(until)
            ),
            Self::NoBudget { reason } => format!("GitHub was not asked, because what its limits leave is not known: {reason}"),
            Self::Server => "GitHub has a failure of its own".to_owned(),
            Self::Timeout => "GitHub did not answer in time".to_owned(),
            Self::Unreachable { reason } => format!("GitHub cannot be reached: {reason}"),
            Self::Truncated { reason } => format!("GitHub's answer broke off: {reason}"),
            Self::EmptyBody => "GitHub's answer was empty".to_owned(),
            Self::Decode { at, reason } => format!("GitHub's answer is not understood at {at}: {reason}"),
            Self::TooLarge { limit } => format!("GitHub's answer is larger than {} MiB", limit / (1024 * 1024)),
            Self::GraphQl { kind } => format!("GitHub refuses the query: {kind}"),
            Self::NoGrant { sentence } | Self::GrantNotReady { sentence } => sentence.clone(),
            Self::Unexpected => "GitHub gave an answer that is not foreseen".to_owned(),
            Self::Stopped => "stopped before GitHub had answered".to_owned(),
            Self::Setup { reason, .. } => reason.clone(),
        }
    }

    /// Second half of the sentence: what to do.
    pub(super) fn action(&self) -> String {
        let text = match self {
            Self::Unauthorized => "store a valid token in GitHub Settings",
            Self::AppRefused => "store the App's id and a private key that its page on GitHub lists in GitHub Settings",
            Self::RenewedInVain => "look at the App's installation on GitHub, and report this if it stays",
            Self::Suspended { url } => return at_page("have an owner of the account unsuspend it", url.as_ref()),
            Self::NotInstalled { url } => return at_page("install it again", url.as_ref()),
            Self::NotGranted { url, .. } => {
                return at_page("have an owner of the account accept the App's permissions", url.as_ref());
            }
            Self::NotSelected { url } => return at_page("have an owner of the account select it", url.as_ref()),
            Self::Forbidden(scopes @ Scopes { of_app: true, .. }) => {
                let permission = scopes.missing().unwrap_or_else(|| "what it needs".to_owned());
                return format!("give the App {permission} on GitHub, and have an owner of the account accept it");
            }
            Self::Forbidden(scopes) => match scopes.missing() {
                Some(missing) => return format!("give the token {missing} on GitHub, or store another in GitHub Settings"),
                None => "check on GitHub what the token and its owner may do there",
            },
            Self::SsoRequired { url: Some(url) } => return format!("let the owner of the token authorise it at {url}"),
            Self::SsoRequired { url: None } => "let the owner of the token authorise it for the organisation on GitHub",
            Self::NotFound(scopes) => match scopes.missing() {
                Some(missing) => return format!("check the name, or give the token {missing} on GitHub"),
                None => "check the name, and that the token may read it",
            },
            Self::Moved { .. } => "use the new name or address",
            Self::CrossHostRedirect { .. } => "check github_api_url; if GitHub moved, write its new address there",
            Self::Conflict => "nothing needs to be done if the repository is empty; otherwise try again later",
            Self::Gone => "switch it on in the repository's settings on GitHub if you need it",
            Self::UnavailableForLegalReasons => "ask the repository's owner, or disable it here",
            Self::Invalid => "report this with the sentence above: the request was ours",
            Self::KeptForPeople { .. } => "it goes on by itself; lower rate_limit_threshold in GitHub Settings to keep back less",
            Self::Paced { .. } => "try again then",
            Self::NoBudget { .. } => "try again when the site's database answers",
            Self::RateLimited { .. } => "try again then, or use a credential with a higher limit",
            Self::Server => "try again later; githubstatus.com tells about outages",
            Self::Timeout | Self::Truncated { .. } | Self::EmptyBody => {
                "try again later, and check the network and proxy if it stays"
            }
            Self::Unreachable { reason } if reason.contains("certificate") => {
                "add the certificate authority to the system's store, or name its file with --github-ca (ERPNEXT_GITHUB_CA)"
            }
            Self::Unreachable { .. } => "check the network, HTTPS_PROXY and NO_PROXY, and github_api_url",
            Self::Decode { .. } => "check that github_api_url is a GitHub's REST address, and report this if it is",
            Self::TooLarge { .. } => "report this with the sentence above",
            Self::GraphQl { .. } | Self::Unexpected => "report this with the sentence above if it stays",
            Self::NoGrant { .. } => "connect GitHub on your User",
            Self::GrantNotReady { .. } => "try again in a moment",
            Self::Stopped => "begin it again when you like",
            Self::Setup { action, .. } => action,
        };
        text.to_owned()
    }

    /// The same where something was to be changed and that makes a difference.
    pub(super) fn action_of_write(&self) -> Option<String> {
        let text = match self {
            Self::Invalid => "change what GitHub complains of, and try again",
            Self::Conflict => "look at it on GitHub, and try again",
            _ => return None,
        };
        Some(text.to_owned())
    }

    /// The advice where the answer itself gave none.
    pub(super) fn advice(&self, api: Api) -> RetryAdvice {
        match (self, api) {
            (Self::Timeout, Api::GraphQl) => RetryAdvice::Smaller,
            (Self::Timeout | Self::Server | Self::Unreachable { .. } | Self::Truncated { .. } | Self::EmptyBody, _) => {
                RetryAdvice::After(Duration::ZERO)
            }
            (Self::RateLimited { until, .. } | Self::KeptForPeople { until, .. } | Self::Paced { until }, _) => {
                RetryAdvice::At(*until)
            }
            _ => RetryAdvice::No,
        }
    }
}

/// What to do, with the page where that can be done.
fn at_page(what: &str, url: Option<&String>) -> String {
    url.map_or_else(|| format!("{what} on GitHub"), |url| format!("{what} at {url}"))
}

fn moment(at: &DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
