//! Scenario tests: a real MariaDB, a small Frappe site, a fake GitHub. One binary, one folder a theme.

#[cfg(test)]
mod scratch;
#[cfg(test)]
mod support;
