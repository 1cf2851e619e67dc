//! Are people recognised: do cookies arrive, and are the site's sessions in a form that we read?

use crate::frappe::auth;
use crate::frappe::site::Site;
use crate::health::way::{Seen, SessionSeen};
use crate::health::{CheckId, CheckResult};

/// `seen` is what `serve` saw of a cookie, if it was asked. No session of a person is used: their ids do not leave the database.
pub(in crate::health) async fn check(site: &Site, seen: Option<&Seen>) -> CheckResult {
    let id = CheckId::Session;
    let form = match auth::reads_newest_session(site).await {
        Ok(form) => form,
        Err(error) => return CheckResult::failed(id, error.to_string()),
    };
    if form == Some(false) {
        return CheckResult::warning(
            id,
            "the newest session in tabSessions is in a form that is not known: the bench itself is asked who calls, and must run",
        );
    }
    let newest = if form.is_some() {
        "the newest session of the site is understood"
    } else {
        "nobody has a session yet"
    };
    match seen.map(|seen| &seen.session) {
        Some(SessionSeen::Unknown) => CheckResult::ok(id, format!("cookies reach `serve`, which looks sessions up; {newest}")),
        Some(SessionSeen::Missing) => CheckResult::failed(
            id,
            "cookies do not reach `serve`: something between the site's address and it removes them; let it pass on the Cookie header",
        ),
        Some(SessionSeen::Unreadable(reason)) => CheckResult::failed(id, format!("`serve` cannot look sessions up ({reason})")),
        None => CheckResult::ok(id, format!("{newest}; whether cookies arrive could not be asked")),
    }
}
