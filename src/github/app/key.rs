//! A GitHub App's private key.

use std::fmt;

use ring::rand::SystemRandom;
use ring::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};

/// An RSA key, checked. It shows itself to nobody.
pub struct AppKey {
    pair: RsaKeyPair,
    fingerprint: String,
}

/// Why a text is no key of a GitHub App; the sentence is meant for the person who entered it, and holds nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no private key of a GitHub App ({0}): paste the whole .pem file that GitHub gave when the key was made")]
pub struct InvalidAppKey(&'static str);

impl AppKey {
    /// Reads a key in PEM form: PKCS#1, as GitHub gives it, or PKCS#8.
    ///
    /// # Errors
    /// In one sentence, what is not such a key.
    pub fn from_pem(pem: &SecretString) -> Result<Self, InvalidAppKey> {
        let text = pem.expose_secret().trim();
        if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
            return Err(InvalidAppKey("it is protected by a password"));
        }
        let is = |label: &str| text.contains(&format!("BEGIN {label}"));
        if is("PUBLIC KEY") || is("RSA PUBLIC KEY") || text.starts_with("ssh-") {
            return Err(InvalidAppKey("it is a public key"));
        }
        if is("OPENSSH PRIVATE KEY") {
            return Err(InvalidAppKey("it is in the form of OpenSSH"));
        }
        if is("CERTIFICATE") {
            return Err(InvalidAppKey("it is a certificate"));
        }
        if is("EC PRIVATE KEY") || is("DSA PRIVATE KEY") {
            return Err(InvalidAppKey("it is no RSA key"));
        }
        let der = PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| InvalidAppKey("it is no key in PEM form"))?;
        let pair = match &der {
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
            _ => return Err(InvalidAppKey("it is no RSA key")),
        };
        let pair = pair.map_err(|_| InvalidAppKey("it is no whole RSA key of 2048 bits or more"))?;
        let fingerprint = hex::encode(&Sha256::digest(pair.public_key().as_ref())[..16]);
        Ok(Self { pair, fingerprint })
    }

    /// Tells the key from others; made of its public half.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The signature of `message` by RS256; none where the system has no random numbers, which blind the computation.
    pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .ok()?;
        Some(signature)
    }
}

impl fmt::Debug for AppKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppKey(..)")
    }
}
