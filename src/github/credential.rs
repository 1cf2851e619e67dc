//! What GitHub knows us by.

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

/// How a call proves who it is from. Neither `Debug` nor an error ever shows it.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A personal access token, classic or fine-grained.
    Token(SecretString),
}

impl Credential {
    /// The `Authorization` header, marked as sensitive so that nobody downstream prints it.
    ///
    /// # Errors
    /// Says in words why the text cannot be a token.
    pub(super) fn header(&self) -> Result<HeaderValue, &'static str> {
        let Self::Token(token) = self;
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_sent_trimmed_and_never_shown() {
        let token = Credential::Token(SecretString::from("ghp_verySecret1\n"));
        let header = token.header().expect("a token");
        assert_eq!(header.to_str().expect("ascii"), "Bearer ghp_verySecret1");
        assert!(!format!("{token:?} {header:?}").contains("verySecret"));
        for bad in ["", "  ", "two words", "zwölf", "a\nb"] {
            assert!(Credential::Token(SecretString::from(bad)).header().is_err(), "{bad:?}");
        }
    }
}
