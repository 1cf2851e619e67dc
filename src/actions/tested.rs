//! What a credential can be used for, row by row: what is done, what it needs, whether that is there, and what is blocked where it is not.

use serde_json::{Value, json};

use crate::domain::{Feature, Grants, Installation, Need, OwnerKind, scope_needs};

/// By the scopes of a classic token.
pub(super) fn by_scopes(granted: &[String]) -> Vec<Value> {
    let row = |need: &crate::domain::ScopeNeed| {
        json!({
            "service": need.service,
            "scope": need.scope,
            "ok": need.is_there,
            "blocks": (!need.is_there).then_some(need.blocks),
        })
    };
    scope_needs(granted).iter().map(row).collect()
}

/// By the permissions of an installation of the App.
pub(super) fn by_permissions(installation: &Installation) -> Vec<Value> {
    let kind = installation
        .account
        .as_ref()
        .map_or(OwnerKind::Organization, |account| account.kind);
    permissions(Feature::of_an_app(), Some(&installation.permissions), kind)
}

/// What a fine-grained token needs; which of it the token has GitHub tells nobody.
pub(super) fn unknown() -> Vec<Value> {
    permissions(Feature::all(), None, OwnerKind::Organization)
}

/// A row for each permission that each feature needs.
fn permissions(features: impl Iterator<Item = Feature>, granted: Option<&Grants>, kind: OwnerKind) -> Vec<Value> {
    let applies = |need: &&Need| kind == OwnerKind::Organization || !need.of_organizations;
    let of = |feature: Feature| {
        feature.needs().iter().filter(applies).map(move |need| {
            let ok = granted.map(|granted| granted.allows(need.permission, need.level));
            json!({
                "service": feature.as_str(),
                "permission": need.label(),
                "level": need.level.as_str(),
                "of_organizations": need.of_organizations,
                "has": granted.and_then(|granted| granted.level(need.permission)).map(crate::domain::Level::as_str),
                "ok": ok,
            })
        })
    };
    features.flat_map(of).collect()
}

/// Why features of an App of ours cannot be used where `granted` was granted, each once.
pub(super) fn lacking(granted: &Grants, kind: OwnerKind) -> Vec<String> {
    let missing = Feature::of_an_app().flat_map(|feature| feature.missing(granted, kind));
    missing.map(|missing| missing.reason()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Level;

    #[test]
    fn f25_each_permission_says_whether_it_is_there_or_that_nobody_knows() {
        let granted = Grants::none().with("issues", Level::Read);
        let rows = permissions(
            [Feature::Issues, Feature::WriteIssues].into_iter(),
            Some(&granted),
            OwnerKind::User,
        );
        let ok: Vec<&Value> = rows.iter().map(|row| &row["ok"]).collect();
        assert_eq!(ok, [&json!(true), &json!(false)]);
        assert!(unknown().iter().all(|row| row["ok"].is_null() && row["has"].is_null()));
        assert!(
            lacking(&granted, OwnerKind::User)
                .iter()
                .all(|reason| reason.contains("permission"))
        );
    }

    #[test]
    fn g1_9_a_missing_scope_says_what_is_blocked_and_one_that_is_there_nothing() {
        for row in by_scopes(&["repo".to_owned()]) {
            assert_eq!(row["ok"].as_bool(), Some(row["blocks"].is_null()), "{row}");
        }
    }
}
