//! The installation in an account, as GitHub told of it: who works there need not ask.

use chrono::{DateTime, Utc};
use mysql_async::prelude::FromRow;

use crate::domain::{Grants, Installation, Owner, OwnerKind, RepositorySelection};
use crate::frappe::db::{Db, DbError, Value};
use crate::store::cell::time_of;

const WHAT: &str = "looking which installation is used";

/// True of a repository `r` that is here because of an installation in the account that owns it. Where that installation may not
/// be used just now, because it is suspended or the App is another one, nothing is asked: what the site's own way sees of it nobody knows. One that was mirrored before
/// goes on as it was, whatever an installation reaches by now: it may have been granted less than the site's way has.
pub(in crate::store) const IS_INSTALLED: &str = "EXISTS (SELECT 1 FROM `tabGitHub App Installation` a WHERE a.installation_id > '' \
     AND a.deleted_on_github = 0 AND IF(r.owner_id > '', a.account_id = r.owner_id, a.account_login = SUBSTRING_INDEX(r.name, '/', 1)) \
     AND EXISTS (SELECT 1 FROM `erpnext_github_installation_repository` p WHERE p.followed = 1 \
     AND p.repository_id = CAST(r.github_id AS UNSIGNED) AND p.installation_id = CAST(a.installation_id AS UNSIGNED)))";

/// What is known here of the App in an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The one that is there, suspended or not; none where GitHub is to be asked.
    pub installation: Option<Installation>,
    /// Numbers of those that were uninstalled.
    pub gone: Vec<u64>,
    /// Numbers by which the account is known; none where nothing says which account it is.
    pub accounts: Vec<String>,
}

impl Known {
    /// True where `found`, which is in an account of that login, is in the account that is known here: a login may become another's.
    #[must_use]
    pub fn may_be(&self, found: &Installation) -> bool {
        let number = found.account.as_ref().map(|account| account.id.to_string());
        self.accounts.is_empty() || number.is_some_and(|number| self.accounts.contains(&number))
    }
}

/// What is known of installations of the App `app_id` in the account of that login. An account that is known by its number is found by that, whatever it is
/// called in the row: it may have been renamed, and its old name be another's.
///
/// # Errors
/// When the database cannot be read.
pub async fn in_account(db: &Db, app_id: &str, login: &str) -> Result<Known, DbError> {
    let accounts = account_ids(db, login).await?;
    let marks = vec!["?"; accounts.len().max(1)].join(", ");
    let sql = format!(
        "SELECT IFNULL(installation_id, ''), IFNULL(app_id, ''), IFNULL(account_id, ''), IFNULL(account_login, ''), IFNULL(account_type, ''), \
         IFNULL(repository_selection, ''), IFNULL(permissions, ''), IFNULL(html_url, ''), suspended, deleted_on_github, _version \
         FROM `tabGitHub App Installation` WHERE installation_id > '' AND (account_login = ? OR account_id IN ({marks})) \
         ORDER BY deleted_on_github, creation DESC, name LIMIT 20"
    );
    let mut values = vec![Value::from(login)];
    values.extend(accounts.iter().map(|id| Value::from(id.as_str())));
    if accounts.is_empty() {
        values.push(Value::NULL);
    }
    let rows = db.rows(WHAT, &sql, super::params(values)).await?;
    let mut known = Known::default();
    for row in rows {
        type Columns = (
            String,
            String,
            String,
            String,
            String,
            String,
            String,
            String,
            i64,
            i64,
            Value,
        );
        let (id, app, account, name, kind, selection, granted, url, suspended, deleted, version) = <Columns>::from_row(row);
        let Ok(id) = id.parse() else { continue };
        // Those of an App that was here before are none of ours.
        let is_ours = app_id.is_empty() || app.is_empty() || app == app_id;
        if deleted != 0 {
            known.gone.push(id);
            continue;
        }
        let is_its = accounts.is_empty() || accounts.contains(&account);
        // What was granted is stored with each word of GitHub's; without it nothing can be asked for.
        let Ok(permissions) = serde_json::from_str::<Grants>(&granted) else {
            continue;
        };
        if !is_ours || !is_its || known.installation.is_some() {
            continue;
        }
        let owner = Owner {
            id: account.parse().unwrap_or_default(),
            login: name,
            avatar_url: String::new(),
            kind: if kind == OwnerKind::User.as_str() {
                OwnerKind::User
            } else {
                OwnerKind::Organization
            },
        };
        let at = time_of(&version).unwrap_or_default().and_utc();
        known.installation = Some(Installation {
            app_id: app.parse().unwrap_or_default(),
            permissions,
            html_url: url,
            suspended_at: (suspended != 0).then_some(at),
            ..stored(id, owner, &selection, at)
        });
    }
    known.accounts = accounts;
    if let (true, Some(told)) = (known.accounts.is_empty(), &known.installation) {
        let number = told.account.as_ref().map_or(0, |account| account.id);
        known.accounts.extend((number > 0).then(|| number.to_string()));
    }
    Ok(known)
}

/// The number of the installation in the account that was called `login` when GitHub told of it last; of the one that `integration` is known to be for, where
/// several were. None where none is there.
///
/// # Errors
/// When the database cannot be read.
pub async fn called(db: &Db, login: &str, integration: &str) -> Result<Option<u64>, DbError> {
    let sql = "SELECT n.installation_id FROM `tabGitHub App Installation` n LEFT JOIN `tabGitHub Integration` i ON i.name = ? \
               WHERE n.account_login = ? AND n.installation_id > '' AND n.deleted_on_github = 0 \
               ORDER BY n.account_id <=> i.account_id DESC, n.creation DESC, n.name LIMIT 1";
    let row = db.row(WHAT, sql, (integration, login)).await?;
    Ok(row.and_then(|row| <(String,)>::from_row(row).0.parse().ok()))
}

/// What every row says of an installation, as it was at `at`.
fn stored(id: u64, account: Owner, selection: &str, at: DateTime<Utc>) -> Installation {
    Installation {
        id,
        app_id: 0,
        app_slug: String::new(),
        account: Some(account),
        permissions: Grants::none(),
        events: Vec::new(),
        selection: if selection == RepositorySelection::Selected.as_str() {
            RepositorySelection::Selected
        } else {
            RepositorySelection::All
        },
        suspended_at: None,
        suspended_by: None,
        html_url: String::new(),
        created_at: at,
        updated_at: at,
    }
}

/// The numbers by which the account of that login is known here: of its repositories, and of its integration.
async fn account_ids(db: &Db, login: &str) -> Result<Vec<String>, DbError> {
    // Logins of managed users have an underscore, which LIKE takes for any letter.
    let of_repositories = format!("{}/%", login.replace('\\', "").replace('%', "\\%").replace('_', "\\_"));
    let sql = "(SELECT owner_id FROM `tabRepository` WHERE name LIKE ? AND owner_id > '' AND deleted_on_github = 0 ORDER BY name LIMIT 1) \
               UNION (SELECT account_id FROM `tabGitHub Integration` WHERE account_login = ? AND account_id > '' ORDER BY name LIMIT 1)";
    let rows = db.rows(WHAT, sql, (of_repositories, login)).await?;
    Ok(rows.into_iter().map(|row| <(String,)>::from_row(row).0).collect())
}
