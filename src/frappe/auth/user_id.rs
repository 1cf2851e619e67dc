//! Whom a secret of his own is asked for by. It is made from a caller who showed who he is, or from what was written down in
//! his own name, so that nobody asks for another's by mistake.

use std::fmt;

use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use super::{Caller, Means};

/// The user who calls.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UserId(String);

impl UserId {
    /// The user of that name, as a row says that was written down in his own name: what he asked for is gone on with, or he lent his
    /// connection to an integration.
    #[must_use]
    pub fn of_record(user: &str) -> Self {
        Self(user.to_owned())
    }

    /// Name of his User document.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One session of one user, as far as it may be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionMark(String);

impl SessionMark {
    /// The hash of the session's secret id, as hex.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Caller {
    /// Who calls; none for nobody in particular.
    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        (!self.is_guest()).then(|| UserId(self.user.clone()))
    }

    /// The browser's session that he calls from; none for keys, and for nobody in particular.
    #[must_use]
    pub fn session_mark(&self) -> Option<SessionMark> {
        match &self.means {
            Means::Session { sid, .. } if !self.is_guest() => {
                Some(SessionMark(hex::encode(Sha256::digest(sid.expose_secret().as_bytes()))))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_known_again_and_never_shown() {
        let of = |sid: &str| Caller {
            user: "jane@x.com".to_owned(),
            means: Means::Session {
                sid: sid.into(),
                csrf_token: None,
            },
            ..Caller::guest()
        };
        let mark = of("verySecret").session_mark().expect("a session");
        assert_eq!(Some(&mark), of("verySecret").session_mark().as_ref());
        assert_ne!(Some(&mark), of("another").session_mark().as_ref());
        assert!(!format!("{mark:?}").contains("verySecret"));
        assert_eq!(of("x").user_id().expect("somebody").as_str(), "jane@x.com");
        let guest = Caller::guest();
        assert!(guest.user_id().is_none() && guest.session_mark().is_none());
    }
}
