//! The wiring: where a site's token may be sent, and what may be set.

mod token;
