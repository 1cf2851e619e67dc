//! nginx in front of a site: the block that sends our paths to the sidecar, and putting it into a configuration.
//!
//! bench writes its configuration anew at every `bench setup nginx` and offers no place for what others add, so that the block is put
//! into every server of the site and can be put there again at any time: it stands between two marks, and what stands between them
//! already is replaced. A file counts once nginx itself has tested it; else the old one is back.

mod block;
mod edit;
mod error;
mod file;
mod names;
mod servers;
mod syntax;

pub use block::Block;
pub use error::NginxError;
pub use file::{NginxProgram, Patched, patch_file};
pub use names::SiteNames;
