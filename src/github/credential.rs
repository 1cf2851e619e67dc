//! What GitHub knows us by.

use std::sync::Arc;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use super::renewable::Renewable;

/// How a call proves who it is from. Neither `Debug` nor an error ever shows it.
#[derive(Debug, Clone)]
pub enum Credential {
    /// None: what GitHub tells everybody, and what is proved by a code of GitHub's.
    Nobody,
    /// A personal access token, classic or fine-grained.
    Token(SecretString),
    /// One that ends and is made anew: of a GitHub App, or of one of its installations.
    Renewable(Arc<dyn Renewable>),
}

/// The `Authorization` header of a client's requests.
pub(super) enum Authorization {
    Nobody,
    Fixed(HeaderValue),
    Renewable(Arc<dyn Renewable>),
}

impl Credential {
    /// How requests are authorised.
    ///
    /// # Errors
    /// Says in words why the text cannot be a token.
    pub(super) fn authorization(&self) -> Result<Authorization, &'static str> {
        Ok(match self {
            Self::Nobody => Authorization::Nobody,
            Self::Token(token) => Authorization::Fixed(bearer(token)?),
            Self::Renewable(renewable) => Authorization::Renewable(Arc::clone(renewable)),
        })
    }
}

/// The `Authorization` header, marked as sensitive so that nobody downstream prints it.
///
/// # Errors
/// Says in words why the text cannot be a token.
pub(super) fn bearer(token: &SecretString) -> Result<HeaderValue, &'static str> {
    let token = token.expose_secret().trim();
    if token.is_empty() {
        return Err("no token is stored");
    }
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("the stored token holds characters that no token has");
    }
    let mut header = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| "the stored token cannot be sent")?;
    header.set_sensitive(true);
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_sent_trimmed_and_never_shown() {
        let token = Credential::Token(SecretString::from("ghp_verySecret1\n"));
        let Ok(Authorization::Fixed(header)) = token.authorization() else {
            panic!("a token is sent as it is");
        };
        assert_eq!(header.to_str().expect("ascii"), "Bearer ghp_verySecret1");
        assert!(!format!("{token:?} {header:?}").contains("verySecret"));
        for bad in ["", "  ", "two words", "zwölf", "a\nb"] {
            assert!(Credential::Token(SecretString::from(bad)).authorization().is_err(), "{bad:?}");
        }
    }
}
