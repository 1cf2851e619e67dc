//! What proves who a request is from: the same for all requests, or a pass that is made anew.

use std::sync::Arc;

use reqwest::RequestBuilder;
use reqwest::header::{AUTHORIZATION, HeaderValue};

use super::Client;
use crate::domain::budget::Rules;
use crate::github::budget::{Budget, InMemory};
use crate::github::credential::{Authorization, bearer};
use crate::github::error::{Call, ErrorKind, GithubError};
use crate::github::renewable::{Acting, Renewable};
use crate::github::write::Write;

/// The proof for one request.
pub(super) enum Proof<'c> {
    None,
    Fixed(&'c HeaderValue),
    Pass {
        header: HeaderValue,
        number: u64,
        renewable: &'c dyn Renewable,
    },
}

impl Proof<'_> {
    /// The request with its header.
    pub(super) fn on(&self, builder: RequestBuilder) -> RequestBuilder {
        match self {
            Self::None => builder,
            Self::Fixed(header) => builder.header(AUTHORIZATION, (*header).clone()),
            Self::Pass { header, .. } => builder.header(AUTHORIZATION, header.clone()),
        }
    }

    /// The error as it is told where this was the proof.
    pub(super) fn explained(&self, error: GithubError) -> GithubError {
        match self {
            Self::Pass { renewable, .. } => renewable.explained(error),
            Self::None | Self::Fixed(_) => error,
        }
    }
}

impl Client {
    /// The proof for a request that goes out now.
    pub(super) async fn proof(&self, call: &Call) -> Result<Proof<'_>, GithubError> {
        let renewable = match (&self.narrowed, &self.inner.authorization) {
            (Some(narrowed), _) => &**narrowed,
            (None, Authorization::Fixed(header)) => return Ok(Proof::Fixed(header)),
            (None, Authorization::Nobody) => return Ok(Proof::None),
            (None, Authorization::Renewable(renewable)) => &**renewable,
        };
        let pass = renewable.pass(self.inner.clock.now()).await?;
        let header = bearer(&pass.secret).map_err(|reason| {
            let kind = ErrorKind::Setup {
                reason: reason.to_owned(),
                action: "report this: the token was made for us",
            };
            GithubError::unanswered(call.clone(), kind)
        })?;
        Ok(Proof::Pass {
            header,
            number: pass.number,
            renewable,
        })
    }

    /// True where GitHub refused a proof that can be had anew: nothing was done, and it is worth asking again, once.
    pub(super) fn drops(&self, proof: &Proof<'_>, error: &GithubError) -> bool {
        let (Proof::Pass { number, renewable, .. }, ErrorKind::Unauthorized) = (proof, error.kind()) else {
            return false;
        };
        let now = self.inner.clock.now();
        renewable.refused(*number, error.date().unwrap_or(now), now);
        tracing::debug!(
            path = error.path(),
            "GitHub does not accept what proves who we are; it is made anew"
        );
        true
    }

    /// The same client for `write` alone: where its credential can be narrowed, it is, to what that needs and to the repository of that number.
    #[must_use]
    pub fn for_write(&self, write: &Write, repository: Option<u64>) -> Self {
        let narrowed = match &self.inner.authorization {
            Authorization::Renewable(renewable) => renewable.for_write(write, repository),
            Authorization::Nobody | Authorization::Fixed(_) => None,
        };
        Self {
            narrowed,
            ..self.clone()
        }
    }

    /// The same client, whose requests another credential proves, which may do less.
    pub(in crate::github) fn proved_by(&self, renewable: Arc<dyn Renewable>) -> Self {
        Self {
            narrowed: Some(renewable),
            ..self.clone()
        }
    }

    /// A budget that is nobody else's, for what is sent when there is no site any more that keeps one.
    pub(in crate::github) fn own_budget(&self) -> Arc<Budget> {
        Budget::new(
            Arc::new(InMemory::default()),
            "alone",
            Rules::default(),
            self.inner.clock.clone(),
        )
    }

    /// For whom requests are made.
    #[must_use]
    pub fn acting(&self) -> Acting<'_> {
        match &self.inner.authorization {
            Authorization::Renewable(renewable) => renewable.acting(),
            Authorization::Nobody | Authorization::Fixed(_) => Acting::Person,
        }
    }
}
