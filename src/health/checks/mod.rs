//! The checks, one file each.

pub(super) mod database;
pub(super) mod site_config;
