//! Which ERP user an account on GitHub is.

use std::collections::HashMap;

use crate::domain::Person;

/// What is known of one enabled user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserLink {
    /// Name of the User document.
    pub user: String,
    /// `User.github_user_id`, or empty.
    pub github_user_id: String,
    /// `User.github_username`, or empty.
    pub github_username: String,
    /// E-mail address, or empty.
    pub email: String,
}

/// Looks up users by GitHub's id, then by login, then by a public e-mail address that was read from GitHub before.
#[derive(Debug, Clone, Default)]
pub struct People {
    by_id: HashMap<u64, String>,
    by_login: HashMap<String, String>,
    by_public_email: HashMap<String, String>,
    email: HashMap<String, String>,
}

impl People {
    /// From the enabled users, and the public addresses of logins (`login`, `email`) that GitHub gave.
    ///
    /// A key that two users share links neither: a guess would give one person's work to another.
    #[must_use]
    pub fn new(users: &[UserLink], public_emails: &[(String, String)]) -> Self {
        let unique = |key: fn(&UserLink) -> String| {
            let mut map: HashMap<String, Option<String>> = HashMap::new();
            for link in users {
                let key = key(link);
                if !key.is_empty() {
                    map.entry(key)
                        .and_modify(|user| *user = None)
                        .or_insert_with(|| Some(link.user.clone()));
                }
            }
            map.into_iter()
                .filter_map(|(key, user)| Some((key, user?)))
                .collect::<HashMap<_, _>>()
        };
        let by_email = unique(|link| link.email.trim().to_lowercase());
        Self {
            by_id: unique(|link| link.github_user_id.trim().to_owned())
                .into_iter()
                .filter_map(|(id, user)| Some((id.parse().ok()?, user)))
                .collect(),
            by_login: unique(|link| link.github_username.trim().to_lowercase()),
            by_public_email: public_emails
                .iter()
                .filter_map(|(login, email)| Some((login.to_lowercase(), by_email.get(&email.to_lowercase())?.clone())))
                .collect(),
            email: users.iter().map(|link| (link.user.clone(), link.email.clone())).collect(),
        }
    }

    /// The e-mail address of a User document.
    #[must_use]
    pub fn email_of(&self, user: &str) -> Option<&str> {
        self.email.get(user).map(String::as_str)
    }

    /// The User document of that account, if exactly one is known.
    #[must_use]
    pub fn user_of(&self, person: &Person) -> Option<&str> {
        let login = person.login.to_lowercase();
        person
            .id
            .and_then(|id| self.by_id.get(&id))
            .or_else(|| self.by_login.get(&login))
            .or_else(|| self.by_public_email.get(&login))
            .map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(user: &str, id: &str, login: &str) -> UserLink {
        UserLink {
            user: user.to_owned(),
            github_user_id: id.to_owned(),
            github_username: login.to_owned(),
            email: user.to_owned(),
        }
    }

    fn person(id: u64, login: &str) -> Person {
        Person {
            id: Some(id),
            login: login.to_owned(),
        }
    }

    #[test]
    fn the_id_wins_then_the_login_then_the_public_address() {
        let users = [
            link("a@x.com", "1", "old-name"),
            link("b@x.com", "", "Bob"),
            link("c@x.com", "", ""),
        ];
        let people = People::new(&users, &[("carol".to_owned(), "C@x.com".to_owned())]);
        assert_eq!(people.user_of(&person(1, "bob")), Some("a@x.com"));
        assert_eq!(people.user_of(&person(2, "BOB")), Some("b@x.com"));
        assert_eq!(people.user_of(&person(3, "Carol")), Some("c@x.com"));
        assert_eq!(people.user_of(&person(4, "nobody")), None);
    }

    #[test]
    fn a_login_that_two_users_claim_links_neither() {
        let people = People::new(&[link("a@x.com", "", "twin"), link("b@x.com", "", "Twin")], &[]);
        assert_eq!(people.user_of(&person(1, "twin")), None);
    }
}
