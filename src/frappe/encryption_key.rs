//! The key under which a site keeps its secrets: `encryption_key` in `site_config.json`, a Fernet key.
//!
//! Frappe makes it when it first encrypts something, so that a site may not have one yet. In version 16 a worker keeps the
//! configuration for up to 60 seconds; one that has not seen our key may still write its own over it, and what we encrypted
//! in between is then told to be entered again.

use std::fmt;
use std::path::PathBuf;

use fernet::Fernet;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::Sha256;

use super::site_config::{SiteConfig, read_object};
use super::site_config_file::{self, SiteFileError};

/// Name of the key in the file.
const KEY: &str = "encryption_key";
/// A moment that no token lies behind. Frappe reads secrets without looking at their age; the library would refuse one that
/// was made by a server whose clock was ahead of ours.
const ANY_TIME: u64 = u64::MAX / 2;

/// A site's key. It shows itself to nobody.
#[derive(Clone)]
pub struct EncryptionKey {
    fernet: Fernet,
    text: SecretString,
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncryptionKey(..)")
    }
}

/// Why there is no key to work with.
#[derive(Debug, thiserror::Error)]
pub enum EncryptionKeyError {
    /// There is one, but it is no Fernet key.
    #[error(
        "{path}: `{KEY}` is no Fernet key (32 bytes as urlsafe base64), so that Frappe itself cannot read this site's secrets: put back the right one"
    )]
    Invalid {
        /// The file that should be corrected.
        path: PathBuf,
    },
    /// There is none and it cannot be added.
    #[error(
        "{path} cannot be written ({reason}): have the bench make the missing `{KEY}` with `bench --site {site} execute frappe.utils.password.encrypt --args '[\"x\"]'`, or add a key named `{KEY}` that holds 32 random bytes as urlsafe base64"
    )]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// Site folder.
        site: String,
        /// What stands in the way.
        reason: String,
    },
    /// The file cannot be read, or is being changed by somebody else.
    #[error("{0}")]
    File(SiteFileError),
}

impl EncryptionKey {
    /// Reads a key as Python does: urlsafe base64, the other alphabet and blanks around it allowed. None for anything that is no key.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().replace('+', "-").replace('/', "_");
        Some(Self {
            fernet: Fernet::new(&text)?,
            text: text.into(),
        })
    }

    /// A fresh key, as `site_config.json` holds it.
    #[must_use]
    pub fn generate() -> SecretString {
        SecretString::from(Fernet::generate_key())
    }

    /// What other keys may be derived from. The same key may be written with its padding or without.
    pub(super) fn material(&self) -> &[u8] {
        self.text.expose_secret().trim_end_matches('=').as_bytes()
    }

    /// The token that stands for a secret.
    #[must_use]
    pub fn encrypt(&self, secret: &SecretString) -> String {
        self.fernet.encrypt(secret.expose_secret().as_bytes())
    }

    /// The secret that a token stands for; none when it was made with another key, or is no token.
    #[must_use]
    pub fn decrypt(&self, token: &str) -> Option<SecretString> {
        let bytes = self.fernet.decrypt_at_time(token.trim(), None, ANY_TIME).ok()?;
        String::from_utf8(bytes).ok().map(SecretString::from)
    }
}

/// What tells whether a secret is the one that was seen before, and nothing else of it. A site without a key has nothing to
/// tell its secrets apart by: there all are alike.
#[must_use]
pub fn fingerprint(key: Option<&EncryptionKey>, secret: &SecretString) -> String {
    // HMAC takes a key of any length.
    let mac = key.and_then(|key| Hmac::<Sha256>::new_from_slice(key.text.expose_secret().as_bytes()).ok());
    let Some(mut mac) = mac else { return String::new() };
    mac.update(secret.expose_secret().as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// The site's key, if it has one. The site's own file is read afresh: a bench worker may have made one since `config` was read.
///
/// # Errors
/// When what is there is no key.
pub fn existing(config: &SiteConfig) -> Result<Option<EncryptionKey>, EncryptionKeyError> {
    let own = read_object(&config.file())
        .ok()
        .and_then(|values| values.get(KEY)?.as_str().map(str::to_owned))
        .filter(|text| !text.trim().is_empty())
        .map(SecretString::from);
    let Some(text) = own.or_else(|| config.encryption_key()) else {
        return Ok(None);
    };
    match EncryptionKey::parse(text.expose_secret()) {
        Some(key) => Ok(Some(key)),
        None => Err(EncryptionKeyError::Invalid { path: config.file() }),
    }
}

/// The site's key, made now if it has none. Where somebody else makes one at the same time, his is taken.
///
/// Blocks for as long as the file's lock is held by others, which is milliseconds.
///
/// # Errors
/// When what is there is no key, or none can be added.
pub fn ensure(config: &SiteConfig) -> Result<EncryptionKey, EncryptionKeyError> {
    if let Some(key) = existing(config)? {
        return Ok(key);
    }
    let path = config.file();
    let fresh = Value::from(EncryptionKey::generate().expose_secret());
    let found = site_config_file::set_if_absent(&path, KEY, &fresh).map_err(|error| match error {
        SiteFileError::NotWritable { path, reason } => EncryptionKeyError::NotWritable {
            path,
            site: config.site.clone(),
            reason,
        },
        other => EncryptionKeyError::File(other),
    })?;
    found
        .as_str()
        .and_then(EncryptionKey::parse)
        .ok_or(EncryptionKeyError::Invalid { path })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;

    /// Key and token of the public Fernet specification's test vectors (`generate.json`, `verify.json`).
    const SPEC_KEY: &str = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
    const SPEC_TOKEN: &str =
        "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==";

    fn site(text: &str) -> (tempfile::TempDir, SiteConfig) {
        let sites = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(sites.path().join("s")).expect("made");
        std::fs::write(sites.path().join("s/site_config.json"), text).expect("written");
        let config = read(sites.path());
        (sites, config)
    }

    fn read(sites: &Path) -> SiteConfig {
        SiteConfig::read(sites, "s", &BTreeMap::new()).expect("readable")
    }

    #[test]
    fn the_specifications_vectors_hold() {
        let key = EncryptionKey::parse(SPEC_KEY).expect("a key");
        assert_eq!(key.decrypt(SPEC_TOKEN).expect("decrypts").expose_secret(), "hello");
        let other = EncryptionKey::parse(&Fernet::generate_key()).expect("a key");
        assert!(other.decrypt(SPEC_TOKEN).is_none(), "another key reads nothing");
        let token = other.encrypt(&SecretString::from("ghp_ß"));
        assert!(token.starts_with("gAAAAA"));
        assert_eq!(other.decrypt(&token).expect("decrypts").expose_secret(), "ghp_ß");
        for broken in ["", "gAAAAA", "***", &token[..token.len() - 8]] {
            assert!(other.decrypt(broken).is_none(), "{broken}");
        }
    }

    #[test]
    fn a_key_is_read_as_python_reads_it() {
        assert!(EncryptionKey::parse(&format!(" {}\n", SPEC_KEY.replace('-', "+").replace('_', "/"))).is_some());
        for no_key in ["", "abc", "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e", "hunter2"] {
            assert!(EncryptionKey::parse(no_key).is_none(), "{no_key}");
        }
    }

    #[test]
    fn a_missing_key_is_made_once() {
        let (sites, config) = site("{\n \"db_name\": \"x\",\n \"host_name\": \"y\"\n}");
        assert!(existing(&config).expect("no error").is_none());
        let made = ensure(&config).expect("made");
        let text = std::fs::read_to_string(config.file()).expect("readable");
        assert!(text.starts_with("{\n \"db_name\": \"x\",\n \"encryption_key\": \""), "{text}");
        let token = made.encrypt(&SecretString::from("s"));
        // The old snapshot of the configuration finds it as well as a new one.
        for config in [&config, &read(sites.path())] {
            assert!(ensure(config).expect("there").decrypt(&token).is_some());
        }
        assert_eq!(std::fs::read_to_string(config.file()).expect("readable"), text);
    }

    #[test]
    fn a_key_that_is_none_is_left_alone_and_told() {
        let (_sites, config) = site(r#"{"db_name": "x", "encryption_key": "hunter2"}"#);
        let message = ensure(&config).expect_err("no key").to_string();
        assert!(
            message.contains("site_config.json: `encryption_key` is no Fernet key"),
            "{message}"
        );
        assert!(!message.contains("hunter2"));
        assert!(std::fs::read_to_string(config.file()).expect("readable").contains("hunter2"));
    }

    #[test]
    fn where_the_file_cannot_be_written_the_key_to_add_is_named_and_none_shown() {
        use std::os::fd::AsRawFd;
        let (_sites, config) = site(r#"{"db_name": "x", "db_password": "hunter2"}"#);
        // A file that has no name any more can be read through its descriptor, and nobody, not even root, can replace it.
        let nameless = std::fs::File::open(config.file()).expect("opened");
        std::fs::remove_file(config.file()).expect("removed");
        std::os::unix::fs::symlink(format!("/proc/self/fd/{}", nameless.as_raw_fd()), config.file()).expect("linked");
        let message = ensure(&config).expect_err("not writable").to_string();
        assert!(message.contains("s/site_config.json cannot be written ("), "{message}");
        assert!(message.contains("`bench --site s execute"), "{message}");
        assert!(
            message.contains("add a key named `encryption_key` that holds 32 random bytes"),
            "{message}"
        );
        assert!(!message.contains("hunter2"));
    }

    #[test]
    fn nothing_shows_the_key() {
        let key = EncryptionKey::parse(SPEC_KEY).expect("a key");
        assert_eq!(format!("{key:?}"), "EncryptionKey(..)");
    }
}
