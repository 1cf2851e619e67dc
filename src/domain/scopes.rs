//! Scopes of classic tokens: which of them each thing that the product does needs.

/// What is done, the scope that it needs, others that hold it, and what is blocked without it.
const TABLE: [(&str, &str, &[&str], &str); 7] = [
    (
        "Repositories, Issues and Pull Requests",
        "repo",
        &[],
        "private repositories are not seen, and no button can write",
    ),
    (
        "Webhooks of repositories",
        "admin:repo_hook",
        &["repo"],
        "webhooks are neither made nor kept right: changes come with the next sync",
    ),
    (
        "Webhooks of organizations",
        "admin:org_hook",
        &[],
        "one webhook for a whole organization cannot be made or kept right",
    ),
    (
        "Teams and members of organizations",
        "read:org",
        &["write:org", "admin:org"],
        "teams that are asked for a review are not shown, nor who is an owner",
    ),
    (
        "Access of teams",
        "admin:org",
        &[],
        "teams are given no access to repositories",
    ),
    (
        "Profiles of people",
        "read:user",
        &["user"],
        "what people show to nobody but the token's owner is not read",
    ),
    (
        "Addresses of people",
        "user",
        &[],
        "people are linked by public addresses alone",
    ),
];

/// What is done with a token, and whether its scopes let it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScopeNeed {
    /// What is done, as forms call it.
    pub service: &'static str,
    /// The scope that it needs.
    pub scope: &'static str,
    /// The token has it, or one that holds it.
    pub is_there: bool,
    /// What is blocked where it is missing.
    pub blocks: &'static str,
}

/// What a classic token with the scopes `granted` can be used for.
#[must_use]
pub fn scope_needs(granted: &[String]) -> Vec<ScopeNeed> {
    let has = |scope: &str| granted.iter().any(|granted| granted == scope);
    let of = |&(service, scope, wider, blocks): &(&'static str, &'static str, &[&str], &'static str)| ScopeNeed {
        service,
        scope,
        is_there: has(scope) || wider.iter().any(|wider| has(wider)),
        blocks,
    };
    TABLE.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g1_9_each_missing_scope_names_what_it_blocks_and_a_wide_one_holds_its_parts() {
        let missing = |granted: &[&str]| -> Vec<&str> {
            let granted: Vec<String> = granted.iter().map(|&scope| scope.to_owned()).collect();
            let needs = scope_needs(&granted).into_iter().filter(|need| !need.is_there);
            needs.map(|need| need.scope).collect()
        };
        assert!(missing(&["repo", "admin:org", "admin:org_hook", "user"]).is_empty());
        assert_eq!(
            missing(&["repo", "read:org"]),
            ["admin:org_hook", "admin:org", "read:user", "user"]
        );
        assert_eq!(missing(&[]).len(), 7);
        assert_eq!(scope_needs(&[])[0].service, "Repositories, Issues and Pull Requests");
    }
}
