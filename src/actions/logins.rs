//! People as callers name them: users of the site, or logins on GitHub. All are found before anything is changed (F-8).

use crate::domain::Login;
use crate::frappe::db::Db;
use crate::frappe::users::{self, SiteUser};

use super::ActionError;

/// Finds logins, the site's users being read once.
pub(super) struct Directory {
    users: Vec<SiteUser>,
}

impl Directory {
    /// Of all enabled users.
    pub(super) async fn read(db: &Db) -> Result<Self, ActionError> {
        Ok(Self {
            users: users::people(db).await?,
        })
    }

    /// The login of everybody in `names`, each once.
    ///
    /// # Errors
    /// [`ActionError::Invalid`] that names everybody without one.
    pub(super) fn logins(&self, names: &[String]) -> Result<Vec<Login>, ActionError> {
        let mut logins: Vec<Login> = Vec::new();
        let mut without = Vec::new();
        for name in names {
            match self.login(name) {
                Ok(login) if logins.iter().any(|one| one.as_str().eq_ignore_ascii_case(login.as_str())) => {}
                Ok(login) => logins.push(login),
                Err(reason) => without.push(reason),
            }
        }
        if without.is_empty() {
            return Ok(logins);
        }
        Err(ActionError::invalid(format!("nothing was changed: {}", without.join("; "))))
    }

    /// The login of one, or why there is none.
    fn login(&self, name: &str) -> Result<Login, String> {
        let same = |text: &str| text.eq_ignore_ascii_case(name);
        let user = self.users.iter().find(|user| same(&user.name));
        let user = user.or_else(|| self.users.iter().find(|user| user.email.as_deref().is_some_and(same)));
        if let Some(user) = user {
            if let Some(login) = &user.github_username {
                let odd = |_| format!("the GitHub Username of {name}, `{login}`, is no login: correct it in the User");
                return login.parse().map_err(odd);
            }
            if name.contains('@') || name.eq_ignore_ascii_case("Administrator") {
                return Err(format!(
                    "{name} has no GitHub login: enter it in the User, or link the GitHub user"
                ));
            }
        }
        if name.contains('@') {
            let shown: String = name.chars().take(140).collect();
            return Err(format!("{shown} is no enabled user of this site"));
        }
        name.trim_start_matches('@').parse().map_err(|_| {
            format!(
                "`{}` is neither a user of this site nor a login",
                name.chars().take(100).collect::<String>()
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str, login: Option<&str>) -> SiteUser {
        SiteUser {
            name: name.to_owned(),
            email: Some(name.to_owned()),
            github_username: login.map(str::to_owned),
            github_user_id: None,
        }
    }

    fn find(names: &[&str]) -> Result<Vec<String>, String> {
        let directory = Directory {
            users: vec![
                user("ann@x.com", Some("ann-l")),
                user("ben@x.com", None),
                user("Administrator", None),
                user("hans", Some("hans-on-github")),
                user("odd@x.com", Some("no login")),
            ],
        };
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let found = directory.logins(&names).map_err(|error| error.to_string())?;
        Ok(found.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn d6_1_users_and_logins_are_taken_alike() {
        let found = find(&["Ann@x.com", "octo", "OCTO", "hans", "grete"]);
        assert_eq!(found.expect("logins"), ["ann-l", "octo", "hans-on-github", "grete"]);
    }

    #[test]
    fn f8_everybody_without_a_login_is_named() {
        let refused =
            find(&["ann@x.com", "ben@x.com", "nobody@x.com", "Administrator", "a/b", "odd@x.com"]).expect_err("refused");
        for name in [
            "ben@x.com has no",
            "nobody@x.com is no",
            "Administrator has no",
            "`a/b`",
            "`no login`",
        ] {
            assert!(refused.contains(name), "{name}: {refused}");
        }
        assert!(
            refused.starts_with("nothing was changed") && !refused.contains("ann"),
            "{refused}"
        );
    }
}
