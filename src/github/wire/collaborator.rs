//! Collaborators as `GET /repos/{owner}/{repo}/collaborators` lists them.

use serde::Deserialize;

use crate::domain::{Member, Person};

/// Somebody with access.
#[derive(Debug, Deserialize)]
pub(in crate::github) struct Collaborator {
    login: String,
    id: Option<u64>,
    role_name: Option<String>,
    permissions: Option<Permissions>,
}

/// What somebody may do; each implies those after it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Permissions {
    admin: bool,
    maintain: bool,
    push: bool,
    triage: bool,
}

impl Permissions {
    /// The role's name, for servers that do not send it.
    fn role_name(&self) -> &'static str {
        match self {
            Self { admin: true, .. } => "admin",
            Self { maintain: true, .. } => "maintain",
            Self { push: true, .. } => "write",
            Self { triage: true, .. } => "triage",
            _ => "read",
        }
    }
}

impl From<Collaborator> for Member {
    fn from(wire: Collaborator) -> Self {
        let permission = match wire.role_name {
            Some(name) if !name.is_empty() => name,
            _ => wire.permissions.unwrap_or_default().role_name().to_owned(),
        };
        Self {
            person: Person {
                id: wire.id,
                login: wire.login,
            },
            permission,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_comes_from_its_name_or_from_the_permissions() {
        let member = |text: &str| Member::from(serde_json::from_str::<Collaborator>(text).expect("json"));
        let named = member(r#"{"login":"a","id":1,"role_name":"Release crew","permissions":{"push":true}}"#);
        assert_eq!(named.permission, "Release crew");
        for (permissions, expected) in [
            (r#"{"admin":true,"push":true}"#, "admin"),
            (r#"{"maintain":true,"push":true}"#, "maintain"),
            (r#"{"push":true,"pull":true}"#, "write"),
            (r#"{"triage":true,"pull":true}"#, "triage"),
            (r#"{"pull":true}"#, "read"),
        ] {
            let text = format!(r#"{{"login":"a","id":1,"permissions":{permissions}}}"#);
            assert_eq!(member(&text).permission, expected);
        }
        assert_eq!(member(r#"{"login":"a"}"#).permission, "read");
    }
}
