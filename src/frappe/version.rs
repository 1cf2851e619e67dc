//! Which version of Frappe a site runs on.

use mysql_async::prelude::FromRow;

use super::columns::Columns;
use super::db::{Db, DbError, Refusal};

/// The oldest version whose tables we know.
pub const OLDEST: u16 = 14;

/// Columns that came with version 15, by table. Not all of them came with its first release.
const SINCE_15: [(&str, &str); 4] = [
    ("tabDocType", "queue_in_background"),
    ("tabDocField", "link_filters"),
    ("tabError Log", "trace_id"),
    ("tabUser", "default_workspace"),
];
/// Columns that came with version 16.
const SINCE_16: [(&str, &str); 3] = [
    ("tabDocField", "not_nullable"),
    ("tabWorkspace", "app"),
    ("tabWorkspace", "link_to"),
];

/// A version of Frappe that we can work with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrappeVersion {
    /// 14, 15, 16 and so on.
    pub major: u16,
    /// As Frappe writes it, for example `15.101.1`.
    pub text: String,
}

impl std::fmt::Display for FrappeVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Why a site cannot be worked with.
#[derive(Debug, thiserror::Error)]
pub enum VersionError {
    /// The database cannot be read.
    #[error("{0}")]
    Db(#[from] DbError),
    /// The schema holds no Frappe site, or one that was never finished.
    #[error(
        "site {site}: database {database} holds no Frappe site: correct db_name in site_config.json, or finish `bench new-site`"
    )]
    NoSite {
        /// Site folder.
        site: String,
        /// Schema.
        database: String,
    },
    /// The version is older than what we know.
    #[error("site {site} runs Frappe {version}: version {OLDEST} or later is needed, upgrade the bench first")]
    TooOld {
        /// Site folder.
        site: String,
        /// What it runs.
        version: String,
    },
    /// The version and the tables contradict each other.
    #[error(
        "site {site} says that it runs Frappe {version}, but its tables are those of version {tables}: an upgrade is under way or was broken off; run `bench --site {site} migrate`, then try again"
    )]
    Migrating {
        /// Site folder.
        site: String,
        /// What it says.
        version: String,
        /// What its tables say.
        tables: &'static str,
    },
}

/// Reads the version that the site was last migrated to, and holds the tables against it.
///
/// # Errors
/// As [`VersionError`] says.
pub async fn read(db: &Db) -> Result<FrappeVersion, VersionError> {
    let site = || db.spec().site.clone();
    let no_site = || VersionError::NoSite {
        site: site(),
        database: db.spec().database.clone(),
    };
    let text = match installed(db).await {
        Err(error) if error.refusal() == Some(Refusal::Missing) => return Err(no_site()),
        text => text?.ok_or_else(no_site)?,
    };
    let major: u16 = major_of(&text).ok_or_else(no_site)?;
    if major < OLDEST {
        return Err(VersionError::TooOld {
            site: site(),
            version: text,
        });
    }
    let tables = ["tabDocType", "tabDocField", "tabError Log", "tabUser", "tabWorkspace"];
    let columns = Columns::probe(db, &tables).await?;
    if !columns.has_table("tabDocField") {
        return Err(no_site());
    }
    match contradiction(major, &columns) {
        Some(tables) => Err(VersionError::Migrating {
            site: site(),
            version: text,
            tables,
        }),
        None => Ok(FrappeVersion { major, text }),
    }
}

async fn installed(db: &Db) -> Result<Option<String>, DbError> {
    const WHAT: &str = "reading Frappe's version";
    let row = db
        .row(
            WHAT,
            "SELECT app_version FROM `tabInstalled Application` WHERE app_name = 'frappe' ORDER BY modified DESC LIMIT 1",
            (),
        )
        .await?;
    Ok(row.and_then(|row| <(Option<String>,)>::from_row(row).0))
}

/// `16.0.0-dev` is 16.
fn major_of(text: &str) -> Option<u16> {
    text.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

/// What the tables are instead, where they cannot be those of `major`. A version's columns that are partly there say nothing:
/// some came with later releases of it, and some may come to older versions one day.
fn contradiction(major: u16, columns: &Columns) -> Option<&'static str> {
    let present = |set: &[(&str, &str)]| set.iter().filter(|(table, column)| columns.has(table, column)).count();
    let (since_15, since_16) = (present(&SINCE_15), present(&SINCE_16));
    if major >= 15 && since_15 == 0 {
        Some("14 or older")
    } else if major >= 16 && since_16 == 0 {
        Some("15 or older")
    } else if major <= 15 && since_16 == SINCE_16.len() {
        Some("16 or later")
    } else if major <= 14 && since_15 == SINCE_15.len() {
        Some("15 or later")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_number_counts() {
        for (text, major) in [
            ("14.93.2", Some(14)),
            ("15.101.1", Some(15)),
            ("16.0.0-dev", Some(16)),
            ("v15.0", Some(15)),
            ("", None),
            ("develop", None),
        ] {
            assert_eq!(major_of(text), major, "{text}");
        }
    }
}
