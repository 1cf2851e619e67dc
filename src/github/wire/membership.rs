//! Where a person stands in organisations, as `GET /user/memberships/orgs` lists it.

use serde::Deserialize;

use crate::domain;

/// A membership.
#[derive(Debug, Deserialize)]
pub(in crate::github) struct Membership {
    state: String,
    role: String,
    organization: Organization,
}

#[derive(Debug, Deserialize)]
struct Organization {
    login: String,
    id: u64,
    #[serde(default)]
    avatar_url: String,
}

impl From<Membership> for domain::Membership {
    fn from(wire: Membership) -> Self {
        Self {
            login: wire.organization.login,
            id: wire.organization.id,
            avatar_url: wire.organization.avatar_url,
            is_owner: wire.role == "admin",
            is_pending: wire.state == "pending",
        }
    }
}
