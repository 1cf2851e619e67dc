//! The fake GitHub held against GitHub's own published descriptions, and checks by which other tests hold the product's requests against them.

mod access;
mod access_writes;
mod app_pages;
mod apps;
mod caching;
mod choices;
mod descriptions;
mod faults;
mod graphql_answers;
mod graphql_errors;
mod graphql_schema;
mod hook_deliveries;
mod hook_writes;
mod issue_writes;
mod limits;
mod oauth;
mod openapi;
mod paging;
mod probe;
mod pull_writes;
mod requests;
mod rest_answers;
mod rest_errors;
mod rest_lists;
mod schemas;

pub(crate) use openapi::wrong_delivery;
pub(crate) use requests::wrong_requests;
