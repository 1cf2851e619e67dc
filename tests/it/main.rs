//! Scenario tests: a real MariaDB, a small Frappe site, a fake GitHub, the built program. One binary, one folder a theme.

// Said for the lints, which allow more in tests: helpers count as tests too.
#![cfg(test)]

mod app;
mod apply;
mod browser;
mod cli;
mod credentials;
mod desk;
mod erp;
mod frappe;
mod github_client;
mod github_contract;
mod health;
mod house;
mod in_clear;
mod integrations;
mod jobs;
mod nginx;
mod oauth;
mod people;
mod proxy;
mod reconcile;
mod recorded;
mod scratch;
mod setup;
mod support;
mod sync;
mod way_back;
mod webhook;
