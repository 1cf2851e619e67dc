//! `erpnext-github`: a sidecar that gives ERPNext a complete GitHub integration.

pub mod clock;
pub mod domain;
pub mod frappe;
pub mod github;
pub mod setup;
#[cfg(feature = "sim")]
pub mod sim;
pub mod store;
//pub mod sync;
