//! A stateful fake GitHub, a scratch MariaDB and a small Frappe site, for tests and the demo.

pub mod fuzz;
pub mod github;
pub mod mariadb;
pub mod site;
