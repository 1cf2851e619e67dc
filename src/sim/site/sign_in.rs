//! What signing in leaves in the database, as each version of Frappe writes it: sessions, API keys, bearer tokens.

use super::{Erp, SiteError};
use crate::frappe::encryption_key::EncryptionKey;
use crate::sim::mariadb::sql_text;
use secrecy::SecretString;

impl Erp<'_> {
    /// A browser's session of a user, last used at `last_update` (`YYYY-MM-DD HH:MM:SS.ffffff` in the site's zone). An empty
    /// `csrf_token` is a session that has not loaded the desk yet.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn add_session(&self, user: &str, sid: &str, csrf_token: &str, last_update: &str) -> Result<(), SiteError> {
        let data = self.session_data(user, csrf_token).await?;
        self.site()
            .execute(&format!(
                "INSERT INTO tabSessions (user, sid, sessiondata, ipaddress, lastupdate, status) VALUES ({}, {}, {}, '127.0.0.1', {}, 'Active')",
                sql_text(user),
                sql_text(sid),
                sql_text(&data),
                sql_text(last_update)
            ))
            .await
    }

    /// Python's `repr` in versions 14 and 15, JSON in 16.
    async fn session_data(&self, user: &str, csrf_token: &str) -> Result<String, SiteError> {
        let is_16 = self.columns("tabUser").await?.contains_key("code_editor_type");
        Ok(if is_16 {
            let mut data = serde_json::json!({"user": user, "session_ip": "127.0.0.1", "user_type": "System User"});
            if !csrf_token.is_empty() {
                data["csrf_token"] = csrf_token.into();
            }
            data.to_string()
        } else {
            let token = if csrf_token.is_empty() {
                String::new()
            } else {
                format!(", 'csrf_token': '{csrf_token}'")
            };
            format!(
                "{{'session_ip': '127.0.0.1', 'last_updated': datetime.datetime(2026, 3, 1, 6, 59, 12, 340021), 'user': '{user}', \
                 'employee': None{token}}}"
            )
        })
    }

    /// An API key of a user, its secret encrypted with the site's key.
    ///
    /// # Errors
    /// When the server refuses, or the site's key is none.
    pub async fn add_api_key(
        &self,
        user: &str,
        key: &str,
        secret: &str,
        encryption_key: &EncryptionKey,
    ) -> Result<(), SiteError> {
        self.set("User", user, "api_key", key).await?;
        self.set("User", user, "api_secret", "**********").await?;
        let token = encryption_key.encrypt(&SecretString::from(secret));
        self.site()
            .execute(&format!(
                "INSERT INTO `__Auth` (doctype, name, fieldname, password, encrypted) VALUES ('User', {}, 'api_secret', {}, 1)",
                sql_text(user),
                sql_text(&token)
            ))
            .await
    }
}
