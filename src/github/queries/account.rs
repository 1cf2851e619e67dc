//! Accounts in GraphQL's spelling.

use serde::Deserialize;

use crate::domain::Person;

/// An actor; which kind it is tells how REST would write its login.
#[derive(Debug, Deserialize)]
pub(super) struct Account {
    #[serde(rename = "__typename")]
    kind: String,
    login: Option<String>,
    #[serde(rename = "databaseId")]
    database_id: Option<u64>,
    slug: Option<String>,
}

/// A person or a team.
pub(super) enum Asked {
    Person(Person),
    Team(String),
}

impl Account {
    /// The account as a person; a bot's login gets the `[bot]` that REST writes and GraphQL leaves out.
    pub(super) fn into_person(self) -> Option<Person> {
        let mut login = self.login?;
        if self.kind == "Bot" && !login.ends_with("[bot]") {
            login.push_str("[bot]");
        }
        Some(Person {
            id: self.database_id,
            login,
        })
    }

    /// The account as somebody who was asked to review.
    pub(super) fn into_asked(self) -> Option<Asked> {
        match self.slug {
            Some(slug) => Some(Asked::Team(slug)),
            None => self.into_person().map(Asked::Person),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bot_is_spelt_as_in_rest() {
        let person = |text: &str| serde_json::from_str::<Account>(text).expect("json").into_person();
        let bot = person(r#"{"__typename":"Bot","login":"dependabot","databaseId":49699333}"#);
        assert_eq!(
            bot,
            Some(Person {
                id: Some(49_699_333),
                login: "dependabot[bot]".to_owned()
            })
        );
        let user = person(r#"{"__typename":"User","login":"mona","databaseId":null}"#).expect("a person");
        assert_eq!((user.id, user.login.as_str()), (None, "mona"));
        assert_eq!(person(r#"{"__typename":"Team","slug":"core"}"#), None);
    }
}
