//! Runs against a world: what GitHub has is what the tables say.

mod all_from;
mod branches;
mod converge;
mod cursor;
mod failures;
mod found_people;
mod gone;
mod gone_repository;
mod half_way;
mod interrupted;
mod lease;
mod limits;
mod maintenance;
mod members;
mod odd;
mod people;
mod people_change;
mod pulls;
mod rename;
mod rename_refused;
mod requests;
mod shifted;
mod shifted_sets;
mod stopped;
mod unchanged;
mod zones;
