//! Which GitHub the demo looks at, and with which token.

use std::io::IsTerminal;
use std::sync::Arc;

use anyhow::Context as _;
use secrecy::{ExposeSecret, SecretString};

use crate::cli::exit::UsageError;
use crate::clock::SystemClock;
use crate::config::{Environment, HostLayer, Hosts, key};
use crate::domain::RepoName;
use crate::github::{Client, ClientOptions, Credential, ErrorKind};
use crate::sim::github::{FakeGithub, World};
use crate::sync::Selection;

/// The organisation of the lively world.
const ORGANIZATION: &str = "acme";
/// Points an hour that nobody uses up.
const A_LOT: u64 = 10_000_000;

/// A GitHub, and what of it is shown.
pub(super) struct Origin {
    /// The demo's own one, which changes; none when it is a real one.
    pub(super) fake: Option<FakeGithub>,
    /// Addresses, from the weaker source to the stronger.
    pub(super) hosts: [HostLayer; 2],
    /// The token for it.
    pub(super) token: SecretString,
    /// What is synced.
    pub(super) selection: Selection,
    /// What it is, for people.
    pub(super) told: String,
}

impl Origin {
    /// A GitHub of our own, with a lively organisation.
    pub(super) async fn own() -> anyhow::Result<Self> {
        let mut world = World::lively(Arc::new(SystemClock));
        // It is asked after every change, far more often than a schedule would; the demo shall not end at the hour's limit.
        (world.limits.core, world.limits.graphql) = (A_LOT, A_LOT);
        let fake = FakeGithub::start(world).await.context("starting a GitHub of our own")?;
        let flags = HostLayer::of_flags(Some(fake.base_url().to_owned()), Some(fake.graphql_url()), None);
        let told = format!("its own, at {}, with the organisation {ORGANIZATION}", fake.base_url());
        Ok(Self {
            fake: Some(fake),
            hosts: [HostLayer::default(), flags],
            token: SecretString::from(World::TOKEN),
            selection: Selection {
                owners: vec![ORGANIZATION.to_owned()],
                ..Selection::default()
            },
            told,
        })
    }

    /// One repository of the real GitHub. It is asked for once, so that a wrong name or token is told before anything is begun.
    pub(super) async fn real(repo: &RepoName, token: SecretString, environment: &Environment) -> anyhow::Result<Self> {
        let layer = HostLayer::of_environment(environment);
        let hosts = Hosts::resolve(&[&layer])?;
        let credential = Credential::Token(token.clone());
        let client = Client::new(hosts.clone(), &credential, Arc::new(SystemClock), ClientOptions::default())?;
        let found = client.for_a_person().repository(repo).await;
        let name = found.map_err(|error| match error.kind() {
            ErrorKind::Unauthorized => anyhow::Error::from(UsageError(format!(
                "GitHub does not accept the token: make one at {}settings/tokens and put it into {}",
                hosts.web,
                key::GITHUB_TOKEN
            ))),
            _ => error.into(),
        })?;
        let name = name.value.name;
        Ok(Self {
            fake: None,
            told: format!("{name} at {}, which is only read", hosts.web),
            hosts: [HostLayer::default(), layer],
            token,
            selection: Selection {
                repositories: vec![name],
                ..Selection::default()
            },
        })
    }
}

/// The token for the real GitHub, from the environment or the terminal.
pub(super) fn token(environment: &Environment) -> anyhow::Result<SecretString> {
    if let Some(token) = environment.get(key::GITHUB_TOKEN) {
        return Ok(SecretString::from(token.to_owned()));
    }
    let missing = format!(
        "no token: put one into {}, or start from a terminal to be asked for it",
        key::GITHUB_TOKEN
    );
    if !std::io::stdin().is_terminal() {
        return Err(UsageError(missing).into());
    }
    let typed = SecretString::from(rpassword::prompt_password("GitHub token (not shown, gone with the demo): ")?);
    match typed.expose_secret().trim() {
        "" => Err(UsageError(missing).into()),
        token => Ok(SecretString::from(token)),
    }
}
