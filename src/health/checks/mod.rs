//! The checks, one file each.

pub(super) mod cache;
pub(super) mod clock;
pub(super) mod database;
pub(super) mod encryption_key;
pub(super) mod github;
pub(super) mod installation;
pub(super) mod instance;
pub(super) mod network;
pub(super) mod requirements;
pub(super) mod session;
pub(super) mod settings;
pub(super) mod site_config;
pub(super) mod time_zone;
pub(super) mod way;
pub(super) mod webhooks;
