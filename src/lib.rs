//! `erpnext-github`: a sidecar that gives ERPNext a complete GitHub integration.

pub mod actions;
pub mod api;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod frappe;
pub mod github;
pub mod health;
pub mod jobs;
pub mod places;
pub mod setup;
#[cfg(feature = "sim")]
pub mod sim;
pub mod store;
pub mod sync;
pub mod telemetry;
pub mod webhook;
