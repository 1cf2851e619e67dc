//! The wiring: where a site's token may be sent, what may be set, and what is told of a site that cannot be worked on.

mod doors;
mod served;
mod token;
