//! How a Frappe site keeps things: where it lives, how its database is reached, its secrets, caches, zone and logs.
//!
//! Everything here is a fact of Frappe, not of GitHub, and would serve any other sidecar as well.

pub mod auth;
pub mod bench;
pub mod bench_http;
pub mod cache;
pub mod columns;
pub mod db;
pub mod defaults;
pub mod desk_path;
pub mod encryption_key;
pub mod error_log;
pub mod instance;
pub mod links;
mod log_rows;
pub mod markup;
pub mod modified;
pub mod naming;
pub mod notification;
pub mod pending;
pub mod permissions;
pub mod realtime;
mod redis_link;
pub mod replace_file;
pub mod secrets;
pub mod signature;
pub mod singles;
pub mod site;
pub mod site_config;
pub mod site_config_file;
pub mod site_hosts;
pub mod users;
pub mod vault;
pub mod version;
pub mod watched;
pub mod zone;
