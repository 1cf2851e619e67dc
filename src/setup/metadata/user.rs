//! The integration user, in whose name unattended work is done through the bench (design D14).

use crate::setup::rows::{Parent, WantedRow, WhenForeign, WhenRemoved};

use super::{Context, cells};

/// His roles; those that the site does not have are left out.
const ROLES: [&str; 3] = ["Projects User", "Projects Manager", "GitHub Admin"];

/// Name of a site's integration user.
#[must_use]
pub fn integration_user(site: &str) -> String {
    format!("github-integration@{}", site.to_lowercase())
}

/// The user and his roles. He has no password; his key is made with the other secrets.
pub(super) fn rows(context: &Context<'_>) -> Vec<WantedRow> {
    let name = integration_user(context.site);
    let values = cells([("enabled", 1.into())]);
    let user = WantedRow::document("tabUser", &name, values)
        .when_foreign(WhenForeign::Amend(&["enabled"]))
        .initially(cells([
            ("email", name.as_str().into()),
            ("first_name", "GitHub Integration".into()),
            ("full_name", "GitHub Integration".into()),
            ("user_type", "System User".into()),
            ("send_welcome_email", 0.into()),
            ("thread_notify", 0.into()),
            ("allowed_in_mentions", 0.into()),
        ]));
    let ours = |role: &str| {
        context
            .blueprint
            .roles
            .iter()
            .any(|row| row.get("role_name").is_some_and(|name| name == role))
    };
    let roles = ROLES
        .into_iter()
        .filter(|role| ours(role) || context.facts.roles.contains(*role));
    let roles = roles.zip(1..).map(|(role, idx)| {
        let parent = Parent {
            name: name.clone(),
            doctype: "User",
            field: "roles",
        };
        WantedRow::child("tabHas Role", parent, &["role"], cells([("role", role.into())]), idx).when_removed(WhenRemoved::Respect)
    });
    std::iter::once(user).chain(roles).collect()
}
