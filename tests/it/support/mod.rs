//! What scenario tests stand on.

pub(crate) mod bench;
pub(crate) mod cut;
pub(crate) mod desk;
pub(crate) mod github_app;
mod heard;
mod log;
pub(crate) mod mirror;
mod needles;
mod server;
mod site;
mod told;

pub(crate) use heard::Heard;
pub(crate) use log::Log;
pub(crate) use needles::Needles;
pub(crate) use server::{server, server_options};
pub(crate) use site::{TestSite, noon};
pub(crate) use told::Told;
