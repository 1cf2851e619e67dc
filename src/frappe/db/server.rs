//! What the database server is.

use std::fmt;

use chrono::{DateTime, Utc};
use mysql_async::prelude::FromRow;

use super::{Db, DbError};

/// The server's clock.
///
/// # Errors
/// When the database cannot be read.
pub async fn server_time(db: &Db) -> Result<DateTime<Utc>, DbError> {
    const WHAT: &str = "reading the server's clock";
    let row = db.row(WHAT, "SELECT UNIX_TIMESTAMP()", ()).await?;
    let seconds = row.map(|row| <(i64,)>::from_row(row).0).unwrap_or_default();
    Ok(DateTime::from_timestamp(seconds, 0).unwrap_or_default())
}

/// The oldest MariaDB that Frappe 14 runs on, and so do we.
pub const OLDEST: (u16, u16) = (10, 3);

/// The server's own words on its version, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerVersion {
    text: String,
    release: Option<(u16, u16)>,
}

impl ServerVersion {
    /// Asks the server.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(db: &Db) -> Result<Self, DbError> {
        const WHAT: &str = "reading the server's version";
        let row = db.row(WHAT, "SELECT VERSION()", ()).await?;
        Ok(Self::of(&row.map(|row| <(String,)>::from_row(row).0).unwrap_or_default()))
    }

    /// Reads a version such as `10.11.6-MariaDB-0+deb12u1`. Behind some proxies it begins with `5.5.5-`, which MariaDB once
    /// put there for old replicas.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let release = text
            .contains("MariaDB")
            .then(|| text.strip_prefix("5.5.5-").unwrap_or(text))
            .and_then(|own| {
                let mut numbers = own.split(['.', '-']);
                Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
            });
        Self {
            text: text.to_owned(),
            release,
        }
    }

    /// True for a MariaDB, false for `MySQL` and what nobody knows.
    #[must_use]
    pub fn is_mariadb(&self) -> bool {
        self.release.is_some()
    }

    /// True when the server is one that we can work with.
    #[must_use]
    pub fn is_supported(&self) -> bool {
        self.release.is_some_and(|release| release >= OLDEST)
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        for (text, mariadb, supported) in [
            ("10.11.6-MariaDB-0+deb12u1", true, true),
            ("5.5.5-10.3.39-MariaDB", true, true),
            ("10.2.44-MariaDB", true, false),
            ("11.4.2-MariaDB-log", true, true),
            ("8.0.36", false, false),
            ("", false, false),
        ] {
            let version = ServerVersion::of(text);
            assert_eq!((version.is_mariadb(), version.is_supported()), (mariadb, supported), "{text}");
        }
    }
}
