//! The signature with which a bench's Webhook rows sign what they post: HMAC-SHA256 of the body, in base64
//! (`frappe/integrations/doctype/webhook/webhook.py`, `enable_security`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The header that holds it.
pub const HEADER: &str = "x-frappe-webhook-signature";

/// True when one of `secrets` signed just this body. The comparison takes the same time wherever the two differ.
#[must_use]
pub fn is_signed(secrets: &[SecretString], body: &[u8], signature: &str) -> bool {
    let Ok(signature) = STANDARD.decode(signature.trim()) else {
        return false;
    };
    secrets.iter().any(|secret| {
        let secret = secret.expose_secret();
        // An empty key would let everybody sign.
        !secret.is_empty()
            && Hmac::<Sha256>::new_from_slice(secret.as_bytes())
                .is_ok_and(|mac| mac.chain_update(body).verify_slice(&signature).is_ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Python's `base64.b64encode(hmac.new(b"key", b"body", sha256).digest())` gives.
    const SIGNATURE: &str = "UVquEztDXUAAlWcx9orlz164XU8NxqVG0r/NNZXsGuE=";

    #[test]
    fn d15_only_the_secret_over_just_this_body_fits() {
        let secrets = ["other", "key"].map(SecretString::from);
        assert!(is_signed(&secrets, b"body", SIGNATURE));
        assert!(is_signed(&secrets, b"body", &format!(" {SIGNATURE}\n")));
        assert!(!is_signed(&secrets, b"body ", SIGNATURE));
        assert!(!is_signed(&secrets[..1], b"body", SIGNATURE));
        for odd in ["", "not base64!", "aGY=", &SIGNATURE[1..]] {
            assert!(!is_signed(&secrets, b"body", odd), "{odd}");
        }
        assert!(!is_signed(&[SecretString::from("")], b"body", SIGNATURE));
        assert!(!is_signed(&[], b"body", SIGNATURE));
    }
}
