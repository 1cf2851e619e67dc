//! Secrets that not even a System Manager shall read out: sealed by us (AES-256-GCM), not in Frappe's way, which its own server opens for
//! whoever may run a script in the desk.
//!
//! The key is derived from the site's `encryption_key` (HKDF with SHA-256). What a secret is sealed for ([`Place`]) is bound to it as
//! associated data, with the site's name: moved to another row, user, purpose or site it does not open. A sealed secret is bytes: one for
//! the version, twelve of a random nonce, the ciphertext, sixteen of its tag.

use std::fmt;

use rand::RngCore;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::hmac::{self, HMAC_SHA256};
use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretString};

use super::encryption_key::{self, EncryptionKey, EncryptionKeyError};
use super::site::Site;

/// The form in which secrets are sealed now. Another one gets another number and another key.
const VERSION: u8 = 1;
/// What the derived key is for, so that nothing else derives the same one.
const SALT: &[u8] = b"erpnext-github vault";
/// The same for this version alone.
const INFO: &[&[u8]] = &[b"sealed secrets, version 1"];
/// What the key is for with which texts are signed.
const SIGNING: &[&[u8]] = &[b"signed texts, version 1"];
/// Bytes of a signature.
pub const SIGNATURE: usize = 32;
/// Bytes before the ciphertext.
const HEAD: usize = 1 + NONCE_LEN;

/// What a secret is sealed for. All of it must be the same when it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Name of the User whose it is; empty for a secret of the site.
    pub user: &'a str,
    /// What it is, such as `access token`; also how sentences call it.
    pub purpose: &'static str,
    /// What tells the row that it lies in from others of the user.
    pub row: &'a str,
}

/// Why a secret cannot be had. The sentence never holds any of it.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// There is no key, or it cannot be used.
    #[error("{0}")]
    Key(#[from] EncryptionKeyError),
    /// The site has no key although something was sealed with one.
    #[error("the stored {0} is sealed, but site_config.json has no encryption_key: put the key back")]
    NoKey(&'static str),
    /// It was sealed with another key, for something else, or is none.
    #[error("the stored {0} cannot be opened: this site's encryption_key was changed, or it was sealed for something else")]
    DoesNotOpen(&'static str),
    /// Nothing can be sealed.
    #[error("the {0} cannot be sealed on this machine")]
    NotSealed(&'static str),
}

/// A site's vault. It shows nothing of itself.
pub struct Vault {
    key: LessSafeKey,
    signing: hmac::Key,
    site: String,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("site", &self.site).finish_non_exhaustive()
    }
}

impl Vault {
    /// The vault of `site`, to put something in: a key is made where the site has none.
    ///
    /// # Errors
    /// When there is no key to be had.
    pub fn to_seal(site: &Site) -> Result<Self, VaultError> {
        let key = encryption_key::ensure(site.config())?;
        Self::of(&key, site.name()).ok_or(VaultError::NotSealed("secret"))
    }

    /// The vault of `site`, to take `purpose` out of it.
    ///
    /// # Errors
    /// When there is no key.
    pub fn to_open(site: &Site, purpose: &'static str) -> Result<Self, VaultError> {
        let key = encryption_key::existing(site.config())?.ok_or(VaultError::NoKey(purpose))?;
        Self::of(&key, site.name()).ok_or(VaultError::DoesNotOpen(purpose))
    }

    fn of(key: &EncryptionKey, site: &str) -> Option<Self> {
        let extracted = Salt::new(HKDF_SHA256, SALT).extract(key.material());
        let derived: UnboundKey = extracted.expand(INFO, &AES_256_GCM).ok()?.into();
        Some(Self {
            key: LessSafeKey::new(derived),
            signing: extracted.expand(SIGNING, HMAC_SHA256).ok()?.into(),
            site: site.to_owned(),
        })
    }

    /// A signature by which the site knows again what it gave out for `purpose` (HMAC with SHA-256). Another site's is none.
    #[must_use]
    pub fn sign(&self, purpose: &'static str, text: &str) -> [u8; SIGNATURE] {
        let mut bytes = [0; SIGNATURE];
        let tag = hmac::sign(&self.signing, &self.signed(purpose, text));
        bytes.copy_from_slice(tag.as_ref());
        bytes
    }

    /// Whether [`Self::sign`] made the signature; how long that takes to say tells nothing of it.
    #[must_use]
    pub fn is_signed(&self, purpose: &'static str, text: &str, signature: &[u8]) -> bool {
        hmac::verify(&self.signing, &self.signed(purpose, text), signature).is_ok()
    }

    fn signed(&self, purpose: &'static str, text: &str) -> Vec<u8> {
        parted(Vec::new(), &[&self.site, purpose, text])
    }

    /// Seals `secret` for `place`. The same secret looks different each time.
    ///
    /// # Errors
    /// [`VaultError::NotSealed`], which no secret of ours meets: it is for texts of gigabytes.
    pub fn seal(&self, place: Place<'_>, secret: &SecretString) -> Result<Vec<u8>, VaultError> {
        let mut nonce = [0; NONCE_LEN];
        rand::rng().fill_bytes(&mut nonce);
        let plain = secret.expose_secret().as_bytes();
        // As large as it gets, so that no copy of the plain text is left behind when it grows.
        let mut sealed = Vec::with_capacity(HEAD + plain.len() + AES_256_GCM.tag_len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self
            .key
            .seal_in_place_separate_tag(nonce, Aad::from(self.context(place)), &mut sealed[HEAD..]);
        let Ok(tag) = tag else {
            sealed.zeroize();
            return Err(VaultError::NotSealed(place.purpose));
        };
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// Opens what was sealed for `place`.
    ///
    /// # Errors
    /// [`VaultError::DoesNotOpen`], whatever is wrong with it.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<SecretString, VaultError> {
        self.opened(place, sealed).ok_or(VaultError::DoesNotOpen(place.purpose))
    }

    fn opened(&self, place: Place<'_>, sealed: &[u8]) -> Option<SecretString> {
        let (version, rest) = sealed.split_first()?;
        if *version != VERSION {
            return None;
        }
        let (nonce, text) = rest.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut buffer = text.to_vec();
        let plain = self
            .key
            .open_in_place(nonce, Aad::from(self.context(place)), &mut buffer)
            .ok()
            // Copied exactly as large as it is: what grows or shrinks is moved, and leaves its bytes behind.
            .and_then(|plain| std::str::from_utf8(plain).ok())
            .map(|text| SecretString::from(text.to_owned()));
        buffer.zeroize();
        plain
    }

    /// Version, site and place as bytes that no other site and place has: each part after its length.
    fn context(&self, place: Place<'_>) -> Vec<u8> {
        parted(vec![VERSION], &[&self.site, place.user, place.purpose, place.row])
    }
}

/// The parts after what is there, so that no two lists of them are the same bytes.
fn parted(mut bytes: Vec<u8>, parts: &[&str]) -> Vec<u8> {
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: Place<'static> = Place {
        user: "jane@x.com",
        purpose: "access token",
        row: "7",
    };

    fn vault(key: &SecretString, site: &str) -> Vault {
        let key = EncryptionKey::parse(key.expose_secret()).expect("a key");
        Vault::of(&key, site).expect("a vault")
    }

    #[test]
    fn what_is_signed_is_known_again_by_its_site_and_for_its_purpose_alone() {
        let key = EncryptionKey::generate();
        let here = vault(&key, "one.example");
        let signature = here.sign("state", "a text");
        assert!(here.is_signed("state", "a text", &signature));
        assert!(vault(&key, "one.example").is_signed("state", "a text", &signature));
        assert!(!vault(&key, "two.example").is_signed("state", "a text", &signature));
        assert!(!vault(&EncryptionKey::generate(), "one.example").is_signed("state", "a text", &signature));
        for (purpose, text) in [("state", "a texts"), ("other", "a text"), ("statea", " text")] {
            assert!(!here.is_signed(purpose, text, &signature), "{purpose} {text}");
        }
        let mut other = signature;
        other[0] ^= 1;
        for wrong in [&other[..], &signature[..31], &[]] {
            assert!(!here.is_signed("state", "a text", wrong));
        }
    }

    #[test]
    fn what_is_sealed_opens_in_its_own_place_alone() {
        let key = EncryptionKey::generate();
        let here = vault(&key, "one.example");
        let secret = SecretString::from("ghu_ünïcode");
        let sealed = here.seal(HOME, &secret).expect("sealed");
        assert_eq!(here.open(HOME, &sealed).expect("opens").expose_secret(), "ghu_ünïcode");
        assert_ne!(here.seal(HOME, &secret).expect("sealed"), sealed, "a nonce of its own");
        let elsewhere = [
            Place {
                user: "joe@x.com",
                ..HOME
            },
            Place {
                user: "JANE@x.com",
                ..HOME
            },
            Place {
                purpose: "refresh token",
                ..HOME
            },
            Place { row: "8", ..HOME },
            // The same letters, otherwise divided.
            Place {
                user: "jane@x.co",
                row: "7",
                purpose: "maccess token",
            },
        ];
        for place in elsewhere {
            let error = here.open(place, &sealed).expect_err("another place");
            assert!(matches!(error, VaultError::DoesNotOpen(_)), "{place:?}");
        }
        assert!(vault(&key, "two.example").open(HOME, &sealed).is_err(), "another site");
        assert!(
            vault(&EncryptionKey::generate(), "one.example").open(HOME, &sealed).is_err(),
            "another key"
        );
    }

    #[test]
    fn whatever_is_changed_does_not_open_and_never_panics() {
        let here = vault(&EncryptionKey::generate(), "one.example");
        let sealed = here.seal(HOME, &SecretString::from("secret")).expect("sealed");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(here.open(HOME, &changed).is_err(), "byte {at}");
            assert!(here.open(HOME, &sealed[..at]).is_err(), "{at} bytes");
        }
        let empty = here.seal(HOME, &SecretString::from("")).expect("sealed");
        assert_eq!(here.open(HOME, &empty).expect("opens").expose_secret(), "");
    }

    #[test]
    fn nothing_of_it_is_shown() {
        let key = EncryptionKey::generate();
        let here = vault(&key, "one.example");
        let sealed = here.seal(HOME, &SecretString::from("verySecret")).expect("sealed");
        assert!(!sealed.windows(10).any(|part| part == b"verySecret"));
        let shown = format!("{here:?} {:?}", here.open(HOME, &sealed));
        assert!(
            !shown.contains("verySecret") && !shown.contains(key.expose_secret()),
            "{shown}"
        );
        let error = here.open(HOME, b"\x01verySecret").expect_err("no sealed text").to_string();
        assert!(
            error.starts_with("the stored access token cannot be opened") && !error.contains("verySecret"),
            "{error}"
        );
    }
}
