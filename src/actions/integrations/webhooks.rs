//! Whether webhooks of an integration can work, and why not.

use crate::domain::{AuthType, OwnerKind};
use crate::github::{Client, GithubError};
use crate::store::integration_documents::IntegrationRow;

use super::connectable::{NOT_TOLD, memberships};

/// Why webhooks cannot work yet, in a sentence; none where they can. `followed` repositories are followed; `client` is asked where he who
/// connected stands, where there is one.
pub(super) async fn hindrance(
    row: &IntegrationRow,
    client: Option<&Client>,
    followed: usize,
) -> Result<Option<String>, GithubError> {
    // The App has a webhook of its own, for whatever it is installed in.
    if row.auth_type == AuthType::App {
        return Ok(None);
    }
    let account = &row.account_login;
    if let Some(client) = client
        && row.account_type == OwnerKind::Organization.as_str()
    {
        let Some(all) = memberships(client).await? else {
            return Ok(Some(format!(
                "webhooks need an owner of {account}, and whether whoever connected is one cannot be told: {NOT_TOLD}"
            )));
        };
        let is_here = |login: &str| login.eq_ignore_ascii_case(account);
        if all.iter().any(|one| is_here(&one.login) && !one.is_owner) {
            return Ok(Some(format!(
                "webhooks need an owner of {account}, and whoever connected is a member there: connect as an owner"
            )));
        }
    }
    Ok((followed == 0).then(|| "webhooks begin with the first repository that is followed: follow one below".to_owned()))
}
