//! The block in nginx's configuration, held against the real nginx.

mod passing;
mod patching;
pub(crate) mod program;
