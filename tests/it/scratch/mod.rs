//! The ground that other tests stand on: the scratch MariaDB and the sites on it.

mod drift;
mod dumps;
mod http;
mod lifetime;
mod site;
mod statements;
mod tables;
