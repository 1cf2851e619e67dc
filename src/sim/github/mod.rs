//! A stateful fake GitHub: a [`World`] of plain structs behind GitHub's REST and GraphQL interfaces.
//!
//! Tests build a world, start [`FakeGithub`], let the product talk to it, change the world, and look at what was asked.
//! What goes wrong is data, too ([`Fault`]); what holds a request is a [`Gate`], so that nothing has to sleep.
//!
//! ```no_run
//! # async fn story() -> std::io::Result<()> {
//! use erpnext_github::sim::github::{FakeGithub, Fault, World};
//!
//! let mut world = World::default();
//! world.repository("acme/web").with_issues(250);
//! let fake = FakeGithub::start(world).await?;
//! fake.world().faults.push(Fault::status("/repos/acme/web/issues", 502).after(1));
//! // ... a client syncs from fake.base_url() with World::TOKEN ...
//! fake.world().repository("acme/web").close(3, "completed");
//! assert_eq!(fake.unexpected(), Vec::<String>::new());
//! # Ok(())
//! # }
//! ```
//!
//! The contract tests hold every answer against GitHub's published descriptions, so that the fake cannot drift from GitHub.

mod answer;
mod app_pages;
mod app_token;
mod body;
mod caller;
mod change;
mod deliveries;
mod faults;
mod gate;
mod graphql;
mod headers;
mod incoming;
mod json;
pub(in crate::sim) mod listener;
mod oauth;
mod record;
mod referee;
mod rest;
mod server;
mod state;
mod view;
mod world;

pub use deliveries::Delivery;
pub use faults::{Effect, Fault};
pub use gate::Gate;
pub use graphql::SCHEMA as GRAPHQL_SCHEMA;
pub use record::{Counts, RecordedOperation, RecordedRequest};
pub use server::{FakeGithub, serve};
pub use state::WorldGuard;
pub use world::{
    Account, AccountKind, Affiliation, Agreed, App, Authorization, Block, Branch, Collaborator, Comment, Commit, Deployment,
    DeploymentStatus, Gone, Grant, HeadRepository, Hook, HookAttempt, Installation, Invitation, Issue, ItemState, Label, Limits,
    MergeState, Milestone, OAuthClient, OAuthWorld, Paging, Permission, PullRequest, Release, ReleaseAsset, Repository, Resource,
    Review, ReviewDecision, Team, Text, Token, Usage, World, account_key, same_account,
};
