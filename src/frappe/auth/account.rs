//! The user behind a session or key: may he come in at all, and from here?

use std::net::IpAddr;

use mysql_async::prelude::FromValue;

use crate::frappe::db::{Db, DbError, Row};
use crate::frappe::singles;

use super::AuthError;

/// A user as far as signing in goes.
#[derive(Debug, Clone)]
pub(super) struct Account {
    /// Name of the document.
    pub(super) user: String,
    /// True for a System User, who may open the desk.
    pub(super) desk: bool,
    /// Beginnings of the addresses that he may come from; empty means any.
    restrict_ip: Vec<String>,
    /// Whether two-factor login lifts that.
    bypass: bool,
}

/// What is read of a user `u`, in the order in which [`take`] takes it.
pub(super) const COLUMNS: &str = "u.name, u.enabled, u.user_type, u.restrict_ip, u.bypass_restrict_ip_check_if_2fa_enabled";

/// The user whose [`COLUMNS`] begin at that place of a row; none where there is none, or he is disabled.
pub(super) fn take(row: &mut Row, at: usize) -> Option<Account> {
    let user: String = taken(row, at)?;
    let enabled: bool = taken(row, at + 1)?;
    let kind: Option<String> = taken(row, at + 2);
    let restrict_ip: String = taken(row, at + 3).unwrap_or_default();
    let account = Account {
        // Administrator has no type of his own in some sites.
        desk: kind.as_deref() == Some("System User") || user == "Administrator",
        user,
        restrict_ip: restrict_ip
            .split([',', '\n'])
            .map(|part| part.trim().to_owned())
            .filter(|part| !part.is_empty())
            .collect(),
        bypass: taken(row, at + 4).unwrap_or_default(),
    };
    enabled.then_some(account)
}

/// A value of a row; none for NULL.
fn taken<T: FromValue>(row: &mut Row, at: usize) -> Option<T> {
    row.take_opt::<Option<T>, _>(at).and_then(Result::ok).flatten()
}

/// An enabled user; none where there is no such user or he is disabled.
pub(super) async fn enabled(db: &Db, user: &str) -> Result<Option<Account>, DbError> {
    const WHAT: &str = "reading a user";
    let sql = format!("SELECT {COLUMNS} FROM `tabUser` u WHERE u.name = ?");
    let row = db.row(WHAT, &sql, (user,)).await?;
    Ok(row.and_then(|mut row| take(&mut row, 0)))
}

impl Account {
    /// Holds him to the addresses that he is restricted to, as Frappe's `validate_ip_address` does.
    pub(super) async fn require_address(&self, db: &Db, address: Option<IpAddr>) -> Result<(), AuthError> {
        if self.restrict_ip.is_empty() {
            return Ok(());
        }
        let address = address.map(|address| address.to_string()).unwrap_or_default();
        if self.restrict_ip.iter().any(|beginning| address.starts_with(beginning)) {
            return Ok(());
        }
        let on = async |field: &'static str| -> Result<bool, DbError> {
            let value = singles::read_field(db, "System Settings", field).await?;
            Ok(value.is_some_and(|value| value.trim() == "1"))
        };
        let for_all = on("bypass_restrict_ip_check_if_2fa_enabled").await?;
        if for_all || (self.bypass && on("enable_two_factor_auth").await?) {
            return Ok(());
        }
        Err(AuthError::Address)
    }
}
