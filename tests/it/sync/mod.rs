//! Runs against a world: what GitHub has is what the tables say.

mod all_from;
mod branches;
mod converge;
mod cursor;
mod failures;
mod found_people;
mod gone;
mod half_way;
mod interrupted;
mod lease;
mod limits;
mod maintenance;
mod members;
mod odd;
mod people;
mod pulls;
mod rename;
mod requests;
mod stopped;
mod unchanged;
mod zones;
