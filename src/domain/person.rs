//! Who somebody is on GitHub.

/// An account on GitHub as it is embedded in other objects.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Person {
    /// Numeric id, GitHub's stable identity; absent where an answer carries a login only.
    pub id: Option<u64>,
    /// Login as REST writes it: a bot's ends in `[bot]`.
    pub login: String,
}

/// What GitHub said of a login: whose it is, and which e-mail address that account shows in public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicAddress {
    /// The login that was asked for, with the id of the account that has it now; no id where GitHub tells none.
    pub person: Person,
    /// The address, if one is shown.
    pub email: Option<String>,
}
