//! Everything that speaks to GitHub: hosts, credential, client, paging, wire types and GraphQL queries.
//!
//! What leaves this room are domain values and [`GithubError`]; the shapes of GitHub's JSON stay within. Everything but `write` only
//! reads, and may be tried again.
//!
//! - [`Hosts`](crate::config::Hosts) and [`Credential`] are fixed when a [`Client`] is made; the token goes to these hosts alone. One that
//!   ends is made anew by itself ([`Renewable`]): a GitHub App ([`app`]) and its installations.
//! - Single things are `async fn`s of [`Client`], lists are [`Pages`], things by the hundred are GraphQL queries (`queries`).
//! - [`Write`]s are sent once; when an answer is lost, [`Client::look_for`] tells whether they were done.
//! - [`payload`] reads the same objects out of webhook payloads.
//! - One odd item never ends a list: it comes as [`Odd`] beside the others.

pub mod app;
pub mod budget;
mod client;
mod credential;
mod decode;
mod error;
mod feed;
mod graphql;
mod link;
pub mod oauth;
mod origin;
mod outgoing;
mod pages;
pub mod payload;
mod queries;
mod read;
mod renewable;
mod retry;
mod spent;
mod wire;
mod write;

pub use client::{Client, ClientOptions, Conditional, Connections, Fetched, RawAnswer};
pub use credential::Credential;
pub use decode::{DecodeError, Json};
pub use error::{ErrorKind, GithubError, Scopes};
pub use feed::FeedItem;
pub use graphql::BATCH;
pub use outgoing::Outgoing;
pub use pages::{Odd, PAGE_SIZE, Page, Pages};
pub use queries::{Presence, Probe, ProbePart, Probed, PullRequestFacts, RepositorySize, ReviewPage, ReviewsAfter, documents};
pub use read::{Account, Activity, Budget, FoundAccounts, HookDelivery, HookHome, Newest, OwnAccount, SearchesLeft, Viewer};
pub use renewable::{Acting, Pass, Renewable};
pub use retry::{Api, RetryAdvice, RetryPolicy, advice};
pub use spent::Spent;
pub use write::{HookRef, NewHook, NewIssue, NewPullRequest, Trace, Write, WriteFailure};
