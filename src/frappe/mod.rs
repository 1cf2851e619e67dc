//! How a Frappe site keeps things: where it lives, how its database is reached, its secrets, caches, zone and logs.
//!
//! Everything here is a fact of Frappe, not of GitHub, and would serve any other sidecar as well.

pub mod bench;
pub mod db;
pub mod singles;
pub mod site;
pub mod site_config;
pub mod zone;
