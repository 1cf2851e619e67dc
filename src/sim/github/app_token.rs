//! The JSON Web Token of a GitHub App, checked as GitHub checks it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::Value;

use super::world::World;

/// What an installation is told that was suspended.
pub(super) const SUSPENDED: &str = "This installation has been suspended";
/// What whoever sends something else than such a token is told.
pub(super) const NOT_DECODED: &str = "A JSON web token could not be decoded";
/// GitHub takes no token that is good for longer, in seconds.
const LONGEST: i64 = 600;

/// True for what looks like one; tokens of installations may have dots as well.
pub(super) fn is_one(secret: &str) -> bool {
    secret.split('.').count() == 3 && !secret.starts_with("gh")
}

/// Id of the App that it is from, or GitHub's refusal.
pub(super) fn read(token: &str, world: &World) -> Result<u64, (u16, &'static str)> {
    const BAD: (u16, &str) = (401, NOT_DECODED);
    let (message, signature) = token.rsplit_once('.').ok_or(BAD)?;
    let (header, claims) = message.split_once('.').ok_or(BAD)?;
    let json = |part: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
        serde_json::from_slice::<Value>(&bytes).ok()
    };
    let (header, claims) = (json(header).ok_or(BAD)?, json(claims).ok_or(BAD)?);
    if header["alg"] != "RS256" {
        return Err(BAD);
    }
    let issuer = match &claims["iss"] {
        Value::Number(id) => id.to_string(),
        Value::String(id) => id.clone(),
        _ => return Err(BAD),
    };
    let app = world
        .apps
        .iter()
        .find(|app| app.client_id == issuer || app.id.to_string() == issuer);
    let app = app.ok_or((404, "Integration not found"))?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| BAD)?;
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, app.public_key())
        .verify(message.as_bytes(), &signature)
        .map_err(|_| BAD)?;
    let now = world.now().timestamp();
    let (Some(begins), Some(ends)) = (claims["iat"].as_i64(), claims["exp"].as_i64()) else {
        return Err(BAD);
    };
    if begins > now {
        return Err((
            401,
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
        ));
    }
    if ends <= now {
        return Err((
            401,
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
        ));
    }
    if ends > now + LONGEST {
        return Err((401, "'Expiration time' claim ('exp') is too far in the future"));
    }
    Ok(app.id)
}
