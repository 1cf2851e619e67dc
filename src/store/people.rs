//! Which ERP user an account on GitHub is.

use std::collections::HashMap;
use std::hash::Hash;

use crate::domain::Person;
use crate::frappe::users::SiteUser;

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
    pub fn new(users: &[SiteUser], public_emails: &[(String, String)]) -> Self {
        let lower = |text: &Option<String>| text.as_deref().map(|text| text.trim().to_lowercase());
        let by_email = unique(users, |user| lower(&user.email));
        Self {
            by_id: unique(users, |user| user.github_user_id),
            by_login: unique(users, |user| lower(&user.github_username)),
            by_public_email: public_emails
                .iter()
                .filter_map(|(login, email)| Some((login.to_lowercase(), by_email.get(&email.to_lowercase())?.clone())))
                .collect(),
            email: users
                .iter()
                .filter_map(|user| Some((user.name.clone(), user.email.clone()?)))
                .collect(),
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

/// Users by a key that only one of them has.
fn unique<K: Eq + Hash>(users: &[SiteUser], key: impl Fn(&SiteUser) -> Option<K>) -> HashMap<K, String> {
    let mut map: HashMap<K, Option<String>> = HashMap::new();
    for user in users {
        if let Some(key) = key(user) {
            map.entry(key)
                .and_modify(|user| *user = None)
                .or_insert_with(|| Some(user.name.clone()));
        }
    }
    map.into_iter().filter_map(|(key, user)| Some((key, user?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(user: &str, id: Option<u64>, login: &str) -> SiteUser {
        SiteUser {
            name: user.to_owned(),
            email: Some(user.to_owned()),
            github_username: Some(login.to_owned()).filter(|login| !login.is_empty()),
            github_user_id: id,
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
            link("a@x.com", Some(1), "old-name"),
            link("b@x.com", None, "Bob"),
            link("c@x.com", None, ""),
        ];
        let people = People::new(&users, &[("carol".to_owned(), "C@x.com".to_owned())]);
        assert_eq!(people.user_of(&person(1, "bob")), Some("a@x.com"));
        assert_eq!(people.user_of(&person(2, "BOB")), Some("b@x.com"));
        assert_eq!(people.user_of(&person(3, "Carol")), Some("c@x.com"));
        assert_eq!(people.user_of(&person(4, "nobody")), None);
    }

    #[test]
    fn a_login_that_two_users_claim_links_neither() {
        let people = People::new(&[link("a@x.com", None, "twin"), link("b@x.com", None, "Twin")], &[]);
        assert_eq!(people.user_of(&person(1, "twin")), None);
    }
}
