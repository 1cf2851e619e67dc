//! The block in nginx's configuration, held against the real nginx.

mod passing;
mod patching;
mod program;
