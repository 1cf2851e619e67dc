//! What can be read over REST, one file a resource.

mod account;
mod activity;
mod as_is;
mod branches;
mod collaborators;
mod hooks;
mod items;
mod own;
mod parts;
mod repositories;
mod search;
mod viewer;

pub use account::Account;
pub use activity::{Activity, Newest};
pub use hooks::{HookDelivery, HookHome};
pub use own::OwnAccount;
pub use search::{FoundAccounts, SearchesLeft};
pub use viewer::{Budget, Viewer};

/// Items of a list page; GitHub's largest.
const PER_PAGE: (&str, &str) = ("per_page", "100");
