//! Stand-in until the frappe room brings its own: the site's Fernet key.

use secrecy::SecretString;

use super::site_config::SiteConfig;
use super::site_config_file::{self, SiteConfigFileError};

/// The key that encrypts a site's secrets.
#[derive(Debug, Clone)]
pub struct EncryptionKey(pub(super) SecretString);

/// Reads the key, creating a missing one in `site_config.json`.
///
/// # Errors
/// When the file cannot be read or written.
pub fn ensure(config: &SiteConfig) -> Result<EncryptionKey, SiteConfigFileError> {
    if let Some(key) = site_config_file::text(&config.file(), "encryption_key")? {
        return Ok(EncryptionKey(key.into()));
    }
    let key = fernet::Fernet::generate_key();
    site_config_file::set_key(&config.file(), "encryption_key", &key.clone().into())?;
    Ok(EncryptionKey(key.into()))
}
