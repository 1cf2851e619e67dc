//! Which of GitHub's limits a call counts for.

use crate::domain::budget::Resource;
use crate::github::retry::Api;

/// What a call is counted by.
pub(super) fn resource(api: Api, path: &str) -> Resource {
    // On GitHub Enterprise Server addresses begin with `/api/v3`.
    let path = path.strip_prefix("/api/v3").unwrap_or(path);
    match api {
        Api::GraphQl => Resource::Graphql,
        Api::Rest if path.starts_with("/search/") => Resource::Search,
        Api::Rest => Resource::Core,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_known_by_where_its_address_begins() {
        let of = |path| resource(Api::Rest, path);
        assert_eq!(of("/search/users"), Resource::Search);
        assert_eq!(of("/api/v3/search/users"), Resource::Search);
        assert_eq!(of("/repos/octo/search/branches/search"), Resource::Core);
        assert_eq!(of("/users/search"), Resource::Core);
    }
}
