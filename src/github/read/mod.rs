//! What can be read over REST, one file a resource.

mod branches;
mod collaborators;
mod items;
mod repositories;
mod viewer;

pub use viewer::Viewer;

/// Items of a list page; GitHub's largest.
const PER_PAGE: (&str, &str) = ("per_page", "100");
