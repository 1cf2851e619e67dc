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
    /// The most that a standard role allows, for servers that do not send the permissions.
    fn of_role(name: &str) -> Self {
        Self {
            push: matches!(name, "admin" | "maintain" | "write"),
            ..Self::default()
        }
    }

    /// Each implies those after it, whether the server says so or not.
    fn can_push(&self) -> bool {
        self.admin || self.maintain || self.push
    }

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
        let name = wire.role_name.filter(|name| !name.is_empty());
        let permissions = wire
            .permissions
            .unwrap_or_else(|| Permissions::of_role(name.as_deref().unwrap_or_default()));
        let can_push = permissions.can_push();
        let permission = name.unwrap_or_else(|| permissions.role_name().to_owned());
        Self {
            person: Person {
                id: wire.id,
                login: wire.login,
            },
            permission,
            can_push,
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
        assert_eq!((named.permission.as_str(), named.can_push), ("Release crew", true));
        for (permissions, expected) in [
            (r#"{"admin":true,"push":true}"#, "admin"),
            (r#"{"maintain":true,"push":true}"#, "maintain"),
            (r#"{"push":true,"pull":true}"#, "write"),
            (r#"{"triage":true,"pull":true}"#, "triage"),
            (r#"{"pull":true}"#, "read"),
        ] {
            let text = format!(r#"{{"login":"a","id":1,"permissions":{permissions}}}"#);
            let member = member(&text);
            let pushes = matches!(expected, "admin" | "maintain" | "write");
            assert_eq!((member.permission.as_str(), member.can_push), (expected, pushes));
        }
        let bare = |role: &str| member(&format!(r#"{{"login":"a","role_name":"{role}"}}"#)).can_push;
        assert!(bare("write") && !bare("Release crew"), "what is not said is not allowed");
        assert_eq!(member(r#"{"login":"a"}"#).permission, "read");
    }
}
