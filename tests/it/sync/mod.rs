//! Runs against a world: what GitHub has is what the tables say.

mod found_people;
mod unchanged;
