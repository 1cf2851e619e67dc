//! All checks of one site, in the order in which they depend on each other.

use std::fmt::Display;

use serde::Serialize;

use crate::clock::SharedClock;
use crate::frappe::bench::Bench;
use crate::frappe::db::Databases;
use crate::frappe::site::Site;
use crate::github::Client;
use crate::setup::{self, SetupOptions, State};

use super::checks::{
    cache, clock, database, encryption_key, github, installation, instance, network, requirements, settings, site_config,
    time_zone, way, webhooks,
};
use super::way::Way;
use super::{CheckId, CheckResult};

/// Every question, in the order of the answers.
const QUESTIONS: [CheckId; 18] = [
    CheckId::SiteConfig,
    CheckId::Redis,
    CheckId::Database,
    CheckId::DatabaseVersion,
    CheckId::Requirements,
    CheckId::TimeZone,
    CheckId::EncryptionKey,
    CheckId::Installation,
    CheckId::Instance,
    CheckId::Sidecar,
    CheckId::SiteAddress,
    CheckId::WebhookPath,
    CheckId::Session,
    CheckId::Settings,
    CheckId::Webhooks,
    CheckId::Network,
    CheckId::Github,
    CheckId::Clock,
];

/// How one site does.
#[derive(Debug, Serialize)]
pub struct SiteHealth {
    /// The answers, in the order of the questions.
    pub checks: Vec<CheckResult>,
}

impl SiteHealth {
    /// True when something does not work.
    #[must_use]
    pub fn has_failures(&self) -> bool {
        self.checks.iter().any(CheckResult::is_failure)
    }

    /// True when something that it needs cannot be reached.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        self.checks.iter().any(|check| check.is_outage)
    }
}

/// Asks everything about the site of that name.
///
/// `way` is where the sidecar and the site are looked for. `connect` gives GitHub in the name of the site's credential, or the sentence why it cannot. It is called for a site that may
/// speak to GitHub only: installed with our version, no copy, its secrets readable, a token stored.
pub async fn examine<E: Display>(
    bench: &Bench,
    databases: &Databases,
    clock: &SharedClock,
    name: &str,
    way: &Way,
    connect: impl AsyncFnOnce(&Site) -> Result<Client, E>,
) -> SiteHealth {
    let read = bench.site(name);
    let mut sheet = Sheet::default();
    let configured = sheet.note(site_config::check(&read));
    // A configuration that passed the check gives a site.
    let site = read.and_then(|config| Site::new(config, databases, clock.clone()));
    let asked = match (configured, &site) {
        (Ok(()), Ok(site)) => ask(site, way, connect, &mut sheet).await,
        (stopped, _) => stopped,
    };
    SiteHealth {
        checks: sheet.complete(asked.err()),
    }
}

/// Asks on as long as the answers allow it; the error is the question whose answer does not.
async fn ask<E: Display>(
    site: &Site,
    way: &Way,
    connect: impl AsyncFnOnce(&Site) -> Result<Client, E>,
    sheet: &mut Sheet,
) -> Result<(), CheckId> {
    sheet.note(cache::check(site.caches()).await)?;
    let (answers, version) = database::check(site.db()).await;
    sheet.note(answers)?;
    sheet.note(version)?;
    let plan = setup::plan(site, &SetupOptions::default()).await;
    // What would stop an installation need not stop one that is there.
    let _told = sheet.note(requirements::check(&plan));
    let _told = sheet.note(time_zone::check(site.db()).await);
    let secrets = sheet.note(encryption_key::check(site).await);
    let state = setup::state(site).await;
    let gaps = match (&state, &plan) {
        (Ok(State::Current), Ok(plan)) => installation::gaps(site.name(), plan),
        _ => None,
    };
    sheet.note(gaps.unwrap_or_else(|| installation::check(site.name(), &state)))?;
    let ours = sheet.note(instance::check(state.as_ref().ok()));
    if ours.is_ok() {
        for answer in way::checks(site, way).await {
            let _told = sheet.note(answer);
        }
    }
    let (answer, has_credential) = settings::check(site).await;
    let switched_on = sheet.note(answer);
    let _told = sheet.note(webhooks::check(site).await);
    secrets.and(ours).and(switched_on)?;
    if !has_credential {
        return Err(CheckId::Settings);
    }
    let client = match connect(site).await {
        Ok(client) => client,
        Err(reason) => return sheet.note(CheckResult::failed(CheckId::Github, reason.to_string())),
    };
    let _told = sheet.note(network::check(&client).await);
    let (answer, date) = github::check(&client).await;
    let _told = sheet.note(answer);
    let clocks = date.map(|date| (date, site.clock().now()));
    sheet.note(clock::check(site, clocks).await)
}

/// The answers so far.
#[derive(Debug, Default)]
struct Sheet(Vec<CheckResult>);

impl Sheet {
    /// Takes an answer; a failure is given back as the reason why others may not be asked.
    fn note(&mut self, answer: CheckResult) -> Result<(), CheckId> {
        let verdict = if answer.is_failure() { Err(answer.check) } else { Ok(()) };
        self.0.push(answer);
        verdict
    }

    /// All answers; what was not asked is skipped because of `stopped`.
    fn complete(mut self, stopped: Option<CheckId>) -> Vec<CheckResult> {
        if let Some(cause) = stopped {
            let unasked = QUESTIONS
                .into_iter()
                .filter(|question| !self.0.iter().any(|answer| answer.check == *question));
            let skipped: Vec<CheckResult> = unasked.map(|question| CheckResult::skipped(question, cause)).collect();
            self.0.extend(skipped);
        }
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::CheckStatus;

    #[test]
    fn what_was_not_asked_is_skipped_with_its_cause() {
        let mut sheet = Sheet::default();
        assert_eq!(sheet.note(CheckResult::ok(CheckId::SiteConfig, "read")), Ok(()));
        assert_eq!(sheet.note(CheckResult::warning(CheckId::Redis, "away")), Ok(()));
        let stopped = sheet.note(CheckResult::failed(CheckId::Database, "away"));
        let answers = sheet.complete(stopped.err());
        assert_eq!(answers.iter().map(|answer| answer.check).collect::<Vec<_>>(), QUESTIONS);
        let skipped = &answers[3..];
        assert!(
            skipped
                .iter()
                .all(|answer| answer.status == CheckStatus::Skipped && answer.message.ends_with("because of: database")),
            "{skipped:?}"
        );
    }
}
