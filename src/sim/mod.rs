//! A stateful fake GitHub, a scratch MariaDB and a small Frappe site, for tests and the demo.

pub mod mariadb;
pub mod site;
