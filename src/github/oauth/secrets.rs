//! The two secrets of one way to GitHub and back: the state, which comes back in the address, and the verifier, which never leaves us
//! until the code is exchanged (PKCE, RFC 7636).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngCore;
use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// Bytes of each: 256 bits.
const BYTES: usize = 32;

/// What tells one way from all others; whoever comes back shows it.
#[derive(Debug, Clone)]
pub struct State(SecretString);

impl State {
    /// A fresh one.
    #[must_use]
    pub fn random() -> Self {
        Self(random())
    }

    /// One that came back; none for what cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == BYTES).then(|| Self(text.into()))
    }

    /// What is kept of it: nobody can go back from the hash to the state.
    #[must_use]
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.0.expose_secret().as_bytes()))
    }

    /// As it stands in addresses.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// What proves at the exchange that whoever has the code is whoever began.
#[derive(Debug, Clone)]
pub struct Verifier(SecretString);

impl Verifier {
    /// A fresh one.
    #[must_use]
    pub fn random() -> Self {
        Self(random())
    }

    /// One that was kept.
    #[must_use]
    pub fn kept(secret: SecretString) -> Self {
        Self(secret)
    }

    /// The secret, to be kept sealed and to be sent once.
    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.0
    }

    /// What GitHub is shown at the beginning (method `S256`).
    #[must_use]
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.0.expose_secret().as_bytes()))
    }
}

fn random() -> SecretString {
    let mut bytes = [0; BYTES];
    rand::rng().fill_bytes(&mut bytes);
    let text = URL_SAFE_NO_PAD.encode(bytes);
    bytes.zeroize();
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_example_holds() {
        // RFC 7636, appendix B.
        let verifier = Verifier::kept("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into());
        assert_eq!(verifier.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn each_is_new_and_long_enough() {
        let (one, other) = (State::random(), State::random());
        assert_ne!(one.expose(), other.expose());
        assert_eq!(one.expose().len(), 43, "256 bits");
        let back = State::parse(one.expose()).expect("a state");
        assert_eq!(back.hash(), one.hash());
        assert_ne!(one.hash(), other.hash());
        let verifier = Verifier::random();
        let shown = format!("{one:?} {verifier:?}");
        assert!(!shown.contains(one.expose()) && !shown.contains(verifier.secret().expose_secret()));
    }

    #[test]
    fn what_cannot_be_a_state_is_none() {
        for text in ["", "abc", "=", "a b", &"x".repeat(44), &"ü".repeat(22)] {
            assert!(State::parse(text).is_none(), "{text}");
        }
    }
}
