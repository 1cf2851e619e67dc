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

/// What tells one way from all others, and who gave it out: 256 random bits, a dot, and a signature over them. Whoever comes back shows it.
#[derive(Debug, Clone)]
pub struct State(SecretString);

impl State {
    /// A fresh one, which `sign` signs: it takes a text and gives the 32 bytes of its signature.
    #[must_use]
    pub fn random(sign: impl FnOnce(&str) -> [u8; BYTES]) -> Self {
        let random = random();
        let signature = URL_SAFE_NO_PAD.encode(sign(random.expose_secret()));
        Self(format!("{}.{signature}", random.expose_secret()).into())
    }

    /// One that came back, and that `is_signed` says is ours: it takes a text and the bytes of a signature. None for what is not.
    #[must_use]
    pub fn parse(text: &str, is_signed: impl FnOnce(&str, &[u8]) -> bool) -> Option<Self> {
        let (random, signature) = text.split_once('.')?;
        let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == BYTES);
        decoded(random)?;
        is_signed(random, &decoded(signature)?).then(|| Self(text.into()))
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
        let (one, other) = (State::random(|_| [7; 32]), State::random(|_| [7; 32]));
        assert_ne!(one.expose(), other.expose());
        assert_eq!(one.expose().len(), 43 + 1 + 43, "256 bits, and those of its signature");
        let back = State::parse(one.expose(), |random, signature| random.len() == 43 && signature == [7; 32]).expect("a state");
        assert_eq!(back.hash(), one.hash());
        assert_ne!(one.hash(), other.hash());
        let verifier = Verifier::random();
        let shown = format!("{one:?} {verifier:?}");
        assert!(!shown.contains(one.expose()) && !shown.contains(verifier.secret().expose_secret()));
    }

    #[test]
    fn what_cannot_be_a_state_is_none() {
        let fine = "A".repeat(43);
        assert!(State::parse(&format!("{fine}.{fine}"), |_, _| true).is_some());
        assert!(
            State::parse(&format!("{fine}.{fine}"), |_, _| false).is_none(),
            "nobody signed it"
        );
        let [long, short, odd] = ["A".repeat(44), "A".repeat(42), "ü".repeat(22)];
        for text in ["", ".", "abc", "=", "a b", &fine, &long, &odd] {
            assert!(State::parse(text, |_, _| true).is_none(), "{text}");
        }
        for wrong in [&long, &short, &odd] {
            for text in [format!("{fine}.{wrong}"), format!("{wrong}.{fine}")] {
                assert!(State::parse(&text, |_, _| true).is_none(), "{text}");
            }
        }
    }
}
