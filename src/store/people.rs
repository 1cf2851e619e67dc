//! Which ERP user an account on GitHub is.

use std::collections::HashMap;
use std::hash::Hash;

use crate::domain::{Person, PublicAddress};
use crate::frappe::users::SiteUser;

/// Looks up users by GitHub's id, then by login, then by a public e-mail address that was read from GitHub before. Whoever is known
/// to be another account, because his own id says so, is never taken for it.
#[derive(Debug, Clone, Default)]
pub struct People {
    by_id: HashMap<u64, String>,
    by_login: HashMap<String, String>,
    /// By login: the account that showed the address, and who has the address here.
    by_public_email: HashMap<String, (Option<u64>, String)>,
    ids: HashMap<String, u64>,
    email: HashMap<String, String>,
}

impl People {
    /// From the enabled users, and the public addresses that GitHub gave.
    ///
    /// A key that two users share links neither: a guess would give one person's work to another.
    #[must_use]
    pub fn new(users: &[SiteUser], addresses: &[PublicAddress]) -> Self {
        let lower = |text: &Option<String>| text.as_deref().map(|text| text.trim().to_lowercase());
        let by_email = unique(users, |user| lower(&user.email));
        let by_public_email = addresses.iter().filter_map(|address| {
            let user = by_email.get(&lower(&address.email)?)?;
            Some((address.person.login.to_lowercase(), (address.person.id, user.clone())))
        });
        Self {
            by_id: unique(users, |user| user.github_user_id),
            by_login: unique(users, |user| lower(&user.github_username)),
            by_public_email: by_public_email.collect(),
            ids: users
                .iter()
                .filter_map(|user| Some((user.name.clone(), user.github_user_id?)))
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
        self.claimed(person).or_else(|| {
            let (account, user) = self.by_public_email.get(&person.login.to_lowercase())?;
            // A login that changed hands: the address is that of whoever has it now.
            (may_be(*account, person.id) && self.may_be_account(user, person)).then_some(user.as_str())
        })
    }

    /// The User document that says itself, by id or by login, that it is that account; nobody's address has to be known for it.
    #[must_use]
    pub fn claimed(&self, person: &Person) -> Option<&str> {
        let by_id = person.id.and_then(|id| self.by_id.get(&id));
        let by_login = || {
            let user = self.by_login.get(&person.login.to_lowercase())?;
            self.may_be_account(user, person).then_some(user)
        };
        by_id.or_else(by_login).map(String::as_str)
    }

    /// False where the user's own id says that he is another account.
    fn may_be_account(&self, user: &str, person: &Person) -> bool {
        may_be(self.ids.get(user).copied(), person.id)
    }
}

/// False where both ids are known and differ.
fn may_be(one: Option<u64>, other: Option<u64>) -> bool {
    one.is_none() || other.is_none() || one == other
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

    fn shown(id: Option<u64>, login: &str, email: &str) -> PublicAddress {
        PublicAddress {
            person: Person {
                id,
                login: login.to_owned(),
            },
            email: Some(email.to_owned()),
        }
    }

    #[test]
    fn the_id_wins_then_the_login_then_the_public_address() {
        let users = [
            link("a@x.com", Some(1), "old-name"),
            link("b@x.com", None, "Bob"),
            link("c@x.com", None, ""),
        ];
        let people = People::new(&users, &[shown(Some(3), "carol", "C@x.com")]);
        assert_eq!(people.user_of(&person(1, "bob")), Some("a@x.com"));
        assert_eq!(people.user_of(&person(2, "BOB")), Some("b@x.com"));
        assert_eq!(people.user_of(&person(3, "Carol")), Some("c@x.com"));
        assert_eq!(people.user_of(&person(4, "nobody")), None);
    }

    #[test]
    fn an_id_that_says_otherwise_refuses_the_login_and_the_address() {
        let users = [link("a@x.com", Some(1), "ann"), link("b@x.com", Some(2), "")];
        let people = People::new(&users, &[shown(Some(4), "ben", "b@x.com")]);
        assert_eq!(people.user_of(&person(3, "ann")), None);
        assert_eq!(people.user_of(&person(4, "ben")), None);
        let without_id = Person {
            id: None,
            login: "Ann".to_owned(),
        };
        assert_eq!(people.user_of(&without_id), Some("a@x.com"), "nothing says otherwise");
    }

    #[test]
    fn an_address_is_the_accounts_and_not_the_logins() {
        let users = [link("c@x.com", None, "")];
        let people = People::new(&users, &[shown(Some(3), "carol", "c@x.com")]);
        assert_eq!(people.user_of(&person(3, "carol")), Some("c@x.com"));
        assert_eq!(people.user_of(&person(5, "carol")), None);
        assert_eq!(people.claimed(&person(3, "carol")), None);
    }

    #[test]
    fn a_login_that_two_users_claim_links_neither() {
        let people = People::new(&[link("a@x.com", None, "twin"), link("b@x.com", None, "Twin")], &[]);
        assert_eq!(people.user_of(&person(1, "twin")), None);
    }
}
