//! `X-Hub-Signature-256`: HMAC-SHA256 of the raw body, in hexadecimal behind `sha256=`
//! (<https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries>).

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The header that holds it. Its older sister, `X-Hub-Signature`, is SHA-1 and not looked at.
pub const HEADER: &str = "x-hub-signature-256";

/// Which of `secrets` signed just this body, by place; none where none did. The comparison takes the same time wherever two signatures
/// differ, and an empty secret signs nothing.
#[must_use]
pub fn signer(secrets: &[SecretString], body: &[u8], header: &str) -> Option<usize> {
    let signature = hex::decode(header.trim().strip_prefix("sha256=")?).ok()?;
    secrets.iter().position(|secret| {
        let secret = secret.expose_secret();
        !secret.is_empty()
            && Hmac::<Sha256>::new_from_slice(secret.as_bytes())
                .is_ok_and(|mac| mac.chain_update(body).verify_slice(&signature).is_ok())
    })
}

/// The header for a body, as GitHub writes it.
#[must_use]
pub fn sign(secret: &SecretString, body: &[u8]) -> String {
    Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).map_or_else(
        |_| String::new(),
        |mac| format!("sha256={}", hex::encode(mac.chain_update(body).finalize().into_bytes())),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The vector of GitHub's documentation.
    const SECRET: &str = "It's a Secret to Everybody";
    const BODY: &[u8] = b"Hello, World!";
    const SIGNED: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    #[test]
    fn the_documented_vector_fits_and_nothing_else_does() {
        let secrets = ["another", SECRET].map(SecretString::from);
        assert_eq!(signer(&secrets, BODY, SIGNED), Some(1), "which secret it was is told");
        assert_eq!(signer(&secrets[..1], BODY, SIGNED), None);
        assert_eq!(signer(&secrets, b"Hello, World", SIGNED), None);
        for odd in [
            "",
            "sha256=",
            "sha1=757107ea",
            &SIGNED[7..],
            &SIGNED[..70],
            "sha256=zz",
            "sha256=\u{e9}",
        ] {
            assert_eq!(signer(&secrets, BODY, odd), None, "{odd}");
        }
        assert_eq!(
            signer(&[SecretString::from("")], BODY, &sign(&SecretString::from(""), BODY)),
            None
        );
        assert_eq!(sign(&secrets[1], BODY), SIGNED);
    }

    proptest! {
        #[test]
        fn no_header_is_too_odd(header in "\\PC{0,80}", body in prop::collection::vec(any::<u8>(), 0..64)) {
            prop_assert_eq!(signer(&[SecretString::from("key")], &body, &header), None);
        }
    }
}
