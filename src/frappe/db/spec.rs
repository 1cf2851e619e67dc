//! Where a site's database is and who we are there.

use std::fmt;
use std::path::PathBuf;

use secrecy::SecretString;

/// The way to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// Host name or address, and port.
    Tcp(String, u16),
    /// Path of a unix socket.
    Socket(PathBuf),
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(host, port) => write!(f, "{host}:{port}"),
            Self::Socket(path) => write!(f, "{}", path.display()),
        }
    }
}

/// TLS to MariaDB, used by Frappe when authority, certificate and key are all set.
#[derive(Debug, Clone)]
pub struct DbTls {
    /// `db_ssl_ca`: PEM file of the authority.
    pub ca: PathBuf,
    /// `db_ssl_cert`: PEM file of our certificate.
    pub cert: PathBuf,
    /// `db_ssl_key`: PEM file of its key.
    pub key: PathBuf,
    /// `db_ssl_check_hostname`: hold the certificate's name against the host.
    pub check_hostname: bool,
}

/// Everything needed to connect to one site's database.
#[derive(Debug, Clone)]
pub struct DbSpec {
    /// Folder name of the site, for messages.
    pub site: String,
    /// Schema name (`db_name`).
    pub database: String,
    /// Users to try in order: Frappe up to 15 always uses the schema's name, later ones honour `db_user`.
    pub users: Vec<String>,
    /// Password.
    pub password: SecretString,
    /// Where the server is.
    pub endpoint: Endpoint,
    /// TLS, if configured.
    pub tls: Option<DbTls>,
}
