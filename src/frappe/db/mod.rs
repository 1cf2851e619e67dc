//! The sites' MariaDB: one bounded set of connections for all sites, transactions, and errors that say what to do.

mod conn;
mod error;
mod fence;
mod places;
mod pool;
mod retry;
mod server;
mod spec;

pub use conn::{DbConn, Tx, values};
pub use error::{DbError, Refusal};
pub use fence::Fence;
pub use pool::{Databases, Db};
pub use retry::retry_conflicts;
pub use server::{OLDEST, ServerVersion, server_time};
pub use spec::{DbSpec, DbTls, Endpoint};

pub use mysql_async::{Params, Row, Value};
