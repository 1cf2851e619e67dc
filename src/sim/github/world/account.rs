//! Accounts, teams, and the tokens that act for accounts.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Grant, Hook, Permission, ids};

/// Kind of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountKind {
    /// A person.
    User,
    /// An app; REST appends `[bot]` to its login, GraphQL does not.
    Bot,
    /// An organisation.
    Organization,
    /// A placeholder that an import leaves.
    Mannequin,
}

impl AccountKind {
    /// The word that REST puts into `type` and GraphQL into `__typename`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Bot => "Bot",
            Self::Organization => "Organization",
            Self::Mannequin => "Mannequin",
        }
    }
}

/// A user, bot or organisation.
#[derive(Debug, Clone)]
pub struct Account {
    /// Database id.
    pub id: u64,
    /// Login without `[bot]`.
    pub login: String,
    /// What it is.
    pub kind: AccountKind,
    /// Name shown on the profile.
    pub name: Option<String>,
    /// Public e-mail address; most people have none.
    pub email: Option<String>,
    /// Company on the profile.
    pub company: Option<String>,
    /// Where somebody says that he lives.
    pub location: Option<String>,
    /// What somebody says of himself.
    pub bio: Option<String>,
    /// Of an organisation: who owns it, and so may administer every repository of it.
    pub owners: Vec<String>,
    /// Of an organisation: who is a member without owning it.
    pub members: Vec<String>,
    /// Of an organisation: webhooks that tell of all its repositories.
    pub hooks: Vec<Hook>,
    /// Of an organisation: access needs a token that was authorised for single sign-on (see [`Token::sso`]).
    pub requires_sso: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its profile changed.
    pub updated_at: DateTime<Utc>,
}

impl Account {
    /// An account with nothing on its profile.
    #[must_use]
    pub fn new(id: u64, login: &str, kind: AccountKind, created_at: DateTime<Utc>) -> Self {
        Self {
            id,
            login: login.trim_end_matches("[bot]").to_owned(),
            kind,
            name: None,
            email: None,
            company: None,
            location: None,
            bio: None,
            owners: Vec::new(),
            members: Vec::new(),
            hooks: Vec::new(),
            requires_sso: false,
            created_at,
            updated_at: created_at,
        }
    }

    /// Sets the name on the profile.
    pub fn named(&mut self, name: &str) -> &mut Self {
        self.name = Some(name.to_owned());
        self
    }

    /// Makes an e-mail address public.
    pub fn with_email(&mut self, email: &str) -> &mut Self {
        self.email = Some(email.to_owned());
        self
    }

    /// Adds a member to an organisation.
    pub fn with_member(&mut self, login: &str) -> &mut Self {
        self.members.push(login.to_owned());
        self
    }

    /// Login as REST writes it.
    #[must_use]
    pub fn rest_login(&self) -> String {
        match self.kind {
            AccountKind::Bot => format!("{}[bot]", self.login),
            _ => self.login.clone(),
        }
    }

    /// Global node id.
    #[must_use]
    pub fn node_id(&self) -> String {
        let prefix = match self.kind {
            AccountKind::User => "U",
            AccountKind::Bot => "BOT",
            AccountKind::Organization => "O",
            AccountKind::Mannequin => "M",
        };
        ids::node(prefix, self.id)
    }

    /// Address of its picture.
    #[must_use]
    pub fn avatar_url(&self) -> String {
        format!("https://avatars.githubusercontent.com/u/{}?v=4", self.id)
    }
}

/// A team of an organisation.
#[derive(Debug, Clone)]
pub struct Team {
    /// Database id.
    pub id: u64,
    /// Login of its organisation.
    pub organization: String,
    /// Name in addresses.
    pub slug: String,
    /// Name that people read.
    pub name: String,
    /// Line under the name.
    pub description: Option<String>,
    /// Logins of its members.
    pub members: Vec<String>,
    /// What it may do, by the ids of repositories of its organisation.
    pub repositories: BTreeMap<u64, Permission>,
}

/// Who gives a token, and what it looks like to GitHub.
#[derive(Debug, Clone)]
pub struct Token {
    /// What is sent as `Authorization: Bearer ...`. These are made-up words, never real secrets.
    pub secret: String,
    /// Login that it acts for; also how recorded requests name the credential.
    pub login: String,
    /// Scopes of a classic token; none for a fine-grained one, whose answers have no `X-OAuth-Scopes`.
    pub scopes: Option<Vec<String>>,
    /// When it stops working.
    pub expires_at: Option<DateTime<Utc>>,
    /// Organisations for which it was authorised, where single sign-on is required.
    pub sso: Vec<String>,
    /// Of an installation of a GitHub App: what it may do.
    pub grant: Option<Grant>,
}

impl Token {
    /// A classic token with the scopes that the product asks for.
    #[must_use]
    pub fn classic(secret: &str, login: &str) -> Self {
        Self {
            secret: secret.to_owned(),
            login: login.to_owned(),
            scopes: Some(["read:org", "read:user", "repo", "user:email"].map(str::to_owned).to_vec()),
            expires_at: None,
            sso: Vec::new(),
            grant: None,
        }
    }

    /// Replaces the scopes.
    pub fn with_scopes(&mut self, scopes: &[&str]) -> &mut Self {
        self.scopes = Some(scopes.iter().map(|&scope| scope.to_owned()).collect());
        self
    }

    /// Makes it a fine-grained token.
    pub fn fine_grained(&mut self) -> &mut Self {
        self.scopes = None;
        self
    }

    /// Sets when it stops working.
    pub fn expiring(&mut self, at: DateTime<Utc>) -> &mut Self {
        self.expires_at = Some(at);
        self
    }

    /// True when it may do what any of `scopes` allows; a wide scope includes its parts, and a fine-grained token has no scopes to lack.
    #[must_use]
    pub fn allows_any(&self, scopes: &[&str]) -> bool {
        let includes = |held: &str, wanted: &str| {
            held == wanted
                || matches!(
                    (held, wanted),
                    ("repo", "public_repo") | ("user", "read:user" | "user:email") | ("admin:org" | "write:org", "read:org")
                )
        };
        self.scopes
            .as_ref()
            .is_none_or(|all| all.iter().any(|held| scopes.iter().any(|wanted| includes(held, wanted))))
    }
}
