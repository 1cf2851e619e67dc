//! GitHub Apps: who an App is ([`AppIdentity`]), the tokens of its installations ([`InstallationTokens`]), what it reads about itself,
//! and how it comes to be ([`manifest()`]).
//!
//! An App proves itself by a JSON Web Token that it signs with its key. With that it asks for tokens of its installations, which end after an
//! hour, and are narrowed to what the work needs. Both are credentials that are made anew ([`Renewable`](super::Renewable)): nobody who
//! uses a client has to know.

mod conversion;
mod ending;
mod identity;
mod installation;
mod jwt;
mod key;
mod manifest;
mod narrowing;
mod read;
mod refusal;
mod tokens;

pub use conversion::NewApp;
pub use identity::AppIdentity;
pub use installation::InstallationCredential;
pub use key::{AppKey, InvalidAppKey};
pub use manifest::{Manifest, SubscribedEvent, events_for, manifest};
pub use narrowing::Narrowing;
pub use tokens::InstallationTokens;
