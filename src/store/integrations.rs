//! Which integration and which token repositories have, and what is switched on for them.

use std::collections::{BTreeMap, BTreeSet};

use mysql_async::prelude::FromRow;

use crate::domain::{IntegrationWay, Loan, OfIntegration, Reachable, Services};
use crate::frappe::db::{Db, DbError, Params, Row, Value};

use super::installations::IS_INSTALLED;
use super::integration_accounts::HOLDER;
use super::lent::{REACHES, is_lent};
use super::upsert::marks;

/// Name of the DocType.
pub const DOCTYPE: &str = "GitHub Integration";
/// Field of a Repository that holds its own token.
pub const REPOSITORY_TOKEN: &str = "access_token";
/// Field of an integration that holds its token.
pub const TOKEN: &str = "personal_access_token";

const WHAT: &str = "reading how repositories are reached";

fn select() -> String {
    select_as("IFNULL(r.integration, '')")
}

/// The same as if repositories belonged to the integration that the expression names; empty for none.
fn select_as(integration: &str) -> String {
    format!(
        "SELECT r.name, IFNULL(r.github_id, ''), EXISTS (SELECT 1 FROM `__Auth` a WHERE a.doctype = 'Repository' AND a.name = r.name \
         AND a.fieldname = 'access_token' AND a.password <> ''), {integration}, i.enabled, IFNULL(i.auth_type, ''), \
         IFNULL(i.account_login, ''), IFNULL(i.connected_user, ''), IF(l.user IS NULL, 0, IF({REACHES}, 2, 1)), \
         IFNULL(i.service_repositories, 1) + 2 * IFNULL(i.service_pull_requests, 1) + 4 * IFNULL(i.service_issues, 1) \
         + 8 * IFNULL(i.service_webhooks, 1), IF(i.auth_type = 'GitHub App', IFNULL({HOLDER}, ''), ''), {IS_INSTALLED} FROM `tabRepository` r \
         LEFT JOIN `tabGitHub Integration` i ON i.name = {integration} LEFT JOIN `erpnext_github_lent` l ON {}",
        is_lent()
    )
}

/// How the repository of that name is reached; one that is not here is reached as the site is.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_repository(db: &Db, name: &str) -> Result<Reachable, DbError> {
    let row = db.row(WHAT, &format!("{} WHERE r.name = ?", select()), (name,)).await?;
    Ok(row.map_or_else(|| Reachable::named(name), |row| reachable(row).1))
}

/// The same of one that belonged to `integration` and was let go, as it was reached before; as it is reached now, where that integration is not there any more.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_repository_let_go(db: &Db, name: &str, integration: &str) -> Result<Reachable, DbError> {
    let sql = format!("{} WHERE r.name = ? AND i.name IS NOT NULL", select_as("?"));
    let row = db.row(WHAT, &sql, (integration, integration, name)).await?;
    match row {
        Some(row) => Ok(reachable(row).1),
        None => of_repository(db, name).await,
    }
}

/// How all repositories are reached.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_all(db: &Db) -> Result<Vec<Reachable>, DbError> {
    Ok(db
        .rows(WHAT, &select(), ())
        .await?
        .into_iter()
        .map(|row| reachable(row).1)
        .collect())
}

/// The integrations of those repositories, by GitHub's numbers; those that have none are not among them.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_ids(db: &Db, ids: &BTreeSet<u64>) -> Result<BTreeMap<u64, OfIntegration>, DbError> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql = format!(
        "{} WHERE r.integration <> '' AND r.github_id IN ({})",
        select(),
        marks(ids.len())
    );
    let params = ids.iter().map(|id| Value::from(id.to_string())).collect();
    let rows = db.rows(WHAT, &sql, Params::Positional(params)).await?;
    let found = rows.into_iter().map(reachable);
    Ok(found.filter_map(|(id, found)| Some((id?, found.integration?))).collect())
}

/// True when any repository is asked for with another credential than the site's.
///
/// # Errors
/// When the database cannot be read.
pub async fn has_own_credentials(db: &Db) -> Result<bool, DbError> {
    let sql = format!(
        "SELECT 1 FROM `tabRepository` r WHERE IFNULL(r.integration, '') <> '' OR EXISTS (SELECT 1 FROM `__Auth` a \
         WHERE a.doctype = 'Repository' AND a.name = r.name AND a.fieldname = 'access_token' AND a.password <> '') OR {IS_INSTALLED} LIMIT 1"
    );
    Ok(db.row(WHAT, &sql, ()).await?.is_some())
}

fn reachable(row: Row) -> (Option<u64>, Reachable) {
    type Columns = (
        String,
        String,
        bool,
        String,
        Option<bool>,
        String,
        String,
        String,
        u8,
        u8,
        String,
        bool,
    );
    let (name, id, has_token, integration, enabled, auth_type, account, user, lent, services, holder, is_installed) =
        <Columns>::from_row(row);
    let integration = Some(integration).filter(|integration| !integration.is_empty());
    let integration = integration.map(|name| OfIntegration {
        name,
        enabled,
        way: match auth_type.as_str() {
            "GitHub App" => IntegrationWay::App { account, holder },
            "OAuth" => IntegrationWay::Person {
                user,
                loan: match lent {
                    0 => Loan::Nothing,
                    1 => Loan::OtherAccount,
                    _ => Loan::Lent,
                },
            },
            _ => IntegrationWay::Token,
        },
        services: Services {
            repositories: services & 1 != 0,
            pull_requests: services & 2 != 0,
            issues: services & 4 != 0,
            webhooks: services & 8 != 0,
        },
    });
    let reachable = Reachable {
        name,
        has_token,
        integration,
        is_installed,
    };
    (id.parse().ok(), reachable)
}
