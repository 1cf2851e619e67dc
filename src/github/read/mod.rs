//! What can be read over REST, one file a resource.

mod activity;
mod as_is;
mod branches;
mod collaborators;
mod items;
mod parts;
mod repositories;
mod search;
mod viewer;

pub use activity::{Activity, Newest};
pub use search::FoundAccounts;
pub use viewer::Viewer;

/// Items of a list page; GitHub's largest.
const PER_PAGE: (&str, &str) = ("per_page", "100");
