//! Where the tables do not tell who calls, the bench is asked: its hooks may know a scheme that we do not.

use secrecy::SecretString;

use super::{AuthError, Caller, Means, Presented, account, identify};
use crate::frappe::bench_http::BenchHttpError;
use crate::frappe::site::Site;

/// What a strange page could do with this request.
#[derive(Debug, Clone, Copy)]
pub enum Forgery<'a> {
    /// Nothing: it only reads.
    Harmless,
    /// It may write: this token came along to show that the site's own page sends it.
    Token(Option<&'a SecretString>),
}

/// Like [`identify`], and asks the bench where the tables are not understood. A session that only the bench can read has its token
/// checked by the bench as well.
///
/// # Errors
/// As [`identify`]; [`AuthError::NotUnderstood`] where the bench does not answer either.
pub async fn identify_or_ask(site: &Site, presented: &Presented, forgery: Forgery<'_>) -> Result<Caller, AuthError> {
    match identify(site, presented).await {
        Err(AuthError::NotUnderstood) => ask(site, presented, forgery).await,
        known => known,
    }
}

async fn ask(site: &Site, presented: &Presented, forgery: Forgery<'_>) -> Result<Caller, AuthError> {
    let token = match forgery {
        Forgery::Harmless => None,
        Forgery::Token(token) => Some(token),
    };
    let bench = site.bench().map_err(|error| unknown(site, &error))?;
    let user = match bench.logged_user(presented, token).await {
        Ok(user) => user,
        Err(BenchHttpError::Refused(refusal)) if refusal.status == 400 => return Err(AuthError::CsrfToken),
        Err(BenchHttpError::Refused(_)) if presented.authorization.is_some() => return Err(AuthError::Refused),
        // The bench lets no Guest ask: the session is over.
        Err(BenchHttpError::Refused(_)) => {
            return Ok(Caller {
                session_expired: true,
                ..Caller::guest()
            });
        }
        Err(error) => return Err(unknown(site, &error)),
    };
    let account = account::enabled(site.db(), &user).await?.ok_or(AuthError::Refused)?;
    let means = match (&presented.authorization, &presented.sid) {
        (Some(header), _) => Means::Authorization {
            header: header.clone(),
            source: presented.source.clone(),
        },
        (None, Some(sid)) => Means::Session {
            sid: sid.clone(),
            // The bench found it good.
            csrf_token: token.flatten().cloned(),
        },
        (None, None) => Means::None,
    };
    Ok(Caller {
        user: account.user,
        desk: account.desk,
        means,
        address: presented.address,
        session_expired: false,
    })
}

fn unknown(site: &Site, error: &BenchHttpError) -> AuthError {
    tracing::debug!(site = site.name(), %error, "the bench could not be asked who calls");
    AuthError::NotUnderstood
}
