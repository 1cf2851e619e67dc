//! What can go wrong between us and MariaDB, by what the reader can do about it.

use mysql_async::{DriverError, Error, IoError};

use super::spec::DbSpec;

/// An error of a database call. It names the statement's purpose, never its values.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// Nobody answers there.
    #[error(
        "site {site}: MariaDB at {endpoint} cannot be reached ({reason}); start it, or correct db_host, db_port or db_socket in site_config.json"
    )]
    Unreachable {
        /// Site folder.
        site: String,
        /// Host and port, or socket.
        endpoint: String,
        /// The driver's words.
        reason: String,
    },
    /// The server refuses us.
    #[error(
        "site {site}: MariaDB at {endpoint} refuses the user {user} for database {database} ({reason}); correct db_name, db_user and db_password in site_config.json"
    )]
    Refused {
        /// Site folder.
        site: String,
        /// Host and port, or socket.
        endpoint: String,
        /// User that was refused.
        user: String,
        /// Schema.
        database: String,
        /// The server's words.
        reason: String,
    },
    /// The connection broke during a call; what it was doing may or may not have happened.
    #[error("{what}: the connection to MariaDB was lost ({reason})")]
    Lost {
        /// What was being done.
        what: &'static str,
        /// The driver's words.
        reason: String,
    },
    /// The server said no.
    #[error("{what}: MariaDB says {code}: {message}")]
    Server {
        /// What was being done.
        what: &'static str,
        /// MariaDB's number.
        code: u16,
        /// MariaDB's sentence.
        message: String,
        /// What the number means for us.
        refusal: Refusal,
    },
    /// A row did not have the shape that was expected.
    #[error("{what}: unexpected value in the answer ({reason})")]
    Shape {
        /// What was being done.
        what: &'static str,
        /// Which one.
        reason: String,
    },
    /// A lease that this work stood on is no longer ours.
    #[error("{what}: another process has taken over this work")]
    Fenced {
        /// What was being done.
        what: &'static str,
    },
}

/// Groups of server errors that are treated alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// 1213, 1205, 1020: two transactions met; do the whole transaction again.
    Conflict,
    /// 1062: a unique key is taken.
    Duplicate,
    /// 1146, 1054: a table or column is not there.
    Missing,
    /// 1044, 1045, 1142, 1143, 1227: not allowed.
    Denied,
    /// 1290, 1836, 4151: the server is read-only just now.
    ReadOnly,
    /// Anything else.
    Other,
}

impl Refusal {
    fn of(code: u16) -> Self {
        match code {
            // 1317: the statement was ended by an administrator, or by a limit of its time.
            1020 | 1205 | 1213 | 1317 => Self::Conflict,
            1062 => Self::Duplicate,
            1054 | 1146 => Self::Missing,
            1044 | 1045 | 1142 | 1143 | 1227 => Self::Denied,
            1290 | 1836 | 4151 => Self::ReadOnly,
            _ => Self::Other,
        }
    }
}

impl DbError {
    /// Wraps a driver error of the call that `what` describes.
    #[must_use]
    pub fn of(what: &'static str, error: Error) -> Self {
        match error {
            // The node is not ready, the server shuts down, the connection was killed.
            Error::Server(server) if matches!(server.code, 1047 | 1053 | 1927) => Self::Lost {
                what,
                reason: server.message,
            },
            Error::Server(server) => Self::Server {
                what,
                code: server.code,
                refusal: Refusal::of(server.code),
                message: server.message,
            },
            Error::Io(IoError::Io(io)) => Self::Lost {
                what,
                reason: io.to_string(),
            },
            Error::Io(IoError::Tls(tls)) => Self::Lost {
                what,
                reason: tls.to_string(),
            },
            Error::Driver(DriverError::ConnectionClosed) => Self::Lost {
                what,
                reason: "closed by the server".to_owned(),
            },
            other => Self::Shape {
                what,
                reason: other.to_string(),
            },
        }
    }

    /// Wraps a driver error of connecting.
    pub(super) fn of_connect(spec: &DbSpec, user: &str, error: Error) -> Self {
        let (site, endpoint) = (spec.site.clone(), spec.endpoint.to_string());
        match error {
            // Too many connections: an outage, not a refusal.
            Error::Server(server) if matches!(server.code, 1040 | 1203) => Self::Unreachable {
                site,
                endpoint,
                reason: server.message,
            },
            Error::Server(server) => Self::Refused {
                site,
                endpoint,
                user: user.to_owned(),
                database: spec.database.clone(),
                reason: server.message,
            },
            Error::Io(IoError::Io(io)) => Self::Unreachable {
                site,
                endpoint,
                reason: io.to_string(),
            },
            other => Self::Unreachable {
                site,
                endpoint,
                reason: other.to_string(),
            },
        }
    }

    /// What a server error means, if it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Server { refusal, .. } => Some(*refusal),
            _ => None,
        }
    }

    /// True when doing the whole transaction again may well succeed.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Lost { .. }) || self.refusal() == Some(Refusal::Conflict)
    }

    /// True when the database as a whole is away, so that there is no point in going on.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Refused { .. } | Self::Lost { .. })
    }
}
