//! Does the site's `encryption_key` open the secrets that were stored with it?

use crate::frappe::encryption_key::{self, EncryptionKey};
use crate::frappe::secrets;
use crate::frappe::site::Site;
use crate::health::{CheckId, CheckResult};
use crate::setup::{self, DocType, SETTINGS, SetupError};

/// What trying the secrets gave.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tried {
    /// Fields whose secret can be had.
    opened: Vec<String>,
    /// Those of them whose secret stands readable in the database.
    in_clear: Vec<String>,
    /// Sentences of the others.
    complaints: Vec<String>,
}

/// Tries every stored secret of GitHub Settings.
pub(in crate::health) async fn check(site: &Site) -> CheckResult {
    let id = CheckId::EncryptionKey;
    let key = match encryption_key::existing(site.config()) {
        Ok(key) => key,
        Err(error) => return CheckResult::failed(id, error.to_string()),
    };
    match try_secrets(site, key.as_ref()).await {
        Ok(tried) => judge(site.name(), key.is_some(), &tried),
        Err(error) => CheckResult::failed(id, error.to_string()),
    }
}

async fn try_secrets(site: &Site, key: Option<&EncryptionKey>) -> Result<Tried, SetupError> {
    let mut tried = Tried::default();
    let mut conn = site.db().conn().await?;
    for field in setup::doctypes()?
        .iter()
        .filter(|doctype| doctype.name == SETTINGS)
        .flat_map(DocType::stored_fields)
        .filter(|field| field.fieldtype == "Password")
    {
        let name = &field.fieldname;
        match secrets::read_single(&mut conn, key, SETTINGS, name).await {
            Ok(Some(found)) => {
                tried.opened.push(name.clone());
                tried.in_clear.extend(found.in_clear.then(|| name.clone()));
            }
            Ok(None) => {}
            Err(secrets::SecretError::Db(error)) => return Err(error.into()),
            Err(error) => tried.complaints.push(error.to_string()),
        }
    }
    Ok(tried)
}

fn judge(site: &str, has_key: bool, tried: &Tried) -> CheckResult {
    let id = CheckId::EncryptionKey;
    if !tried.complaints.is_empty() {
        return CheckResult::failed(id, tried.complaints.join("; "));
    }
    if let Some(field) = tried.in_clear.first() {
        return CheckResult::warning(
            id,
            format!(
                "{} of {SETTINGS} can be read by everybody who may read the database: store it again with `erpnext-github settings set {field} --stdin --site {site}`",
                tried.in_clear.join(" and ")
            ),
        );
    }
    CheckResult::ok(
        id,
        match (has_key, tried.opened.is_empty()) {
            (_, false) => format!("opens what is stored: {}", tried.opened.join(", ")),
            (true, true) => "usable; no secret is stored yet".to_owned(),
            (false, true) => "there is none yet; it is made with the first secret".to_owned(),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::CheckStatus;

    #[test]
    fn what_cannot_be_opened_comes_before_what_lies_open() {
        let mut tried = Tried::default();
        assert!(judge("a.test", true, &tried).message.contains("no secret is stored yet"));
        assert!(judge("a.test", false, &tried).message.contains("made with the first secret"));
        tried.opened.push("webhook_secret".to_owned());
        assert_eq!(judge("a.test", true, &tried).status, CheckStatus::Ok);
        tried.in_clear.push("personal_access_token".to_owned());
        let open = judge("a.test", true, &tried);
        assert_eq!(open.status, CheckStatus::Warning);
        assert!(
            open.message
                .contains("settings set personal_access_token --stdin --site a.test"),
            "{open:?}"
        );
        tried.complaints.push("enter it again".to_owned());
        assert_eq!(
            judge("a.test", true, &tried),
            CheckResult::failed(CheckId::EncryptionKey, "enter it again")
        );
    }
}
