//! A delivery comes in: checked, outlined, compressed, and committed before it is answered.

use std::net::IpAddr;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};

use crate::frappe::site::Site;
use crate::store::inbox::{Arrival, Delivery, EventStatus, Reception};
use crate::telemetry::metric;

use super::app_word;
use super::authorization::EVENT as AUTHORIZATION;
use super::body::{self, BodyError};
use super::crowd::Crowd;
use super::events::{Treatment, treatment};
use super::flood::Flood;
use super::intake::Intake;
use super::known::Known;
use super::outline::{Outline, outline};
use super::secrets::{BY_APP, BY_AUTHORIZATION};
use super::{compression, secrets, signature};

/// GitHub sends nothing larger: 25 MiB.
pub const LARGEST: usize = 25 * 1024 * 1024;
/// How long a commit may take: GitHub waits ten seconds for its answer.
const PATIENCE: Duration = Duration::from_secs(7);
/// Length of an id that is taken as it is.
const ID: usize = 100;

/// What GitHub says of a delivery beside its body; texts are empty where it does not.
#[derive(Debug, Clone, Default)]
pub struct Head {
    /// `Content-Type`.
    pub content_type: String,
    /// `X-Hub-Signature-256`.
    pub signature: String,
    /// `X-GitHub-Event`.
    pub event: String,
    /// `X-GitHub-Delivery`.
    pub delivery: String,
    /// `X-GitHub-Hook-ID`.
    pub hook_id: String,
    /// `X-GitHub-Hook-Installation-Target-Type`: `integration`, `repository`, `organization`.
    pub target_type: String,
    /// Where it comes from, behind trusted proxies.
    pub source: Option<IpAddr>,
}

/// Why a delivery is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// It was not signed with a secret of this site.
    #[error(
        "Invalid webhook signature: the webhook's secret on GitHub and the Webhook Secret in GitHub Settings must be the same, and GitHub must \
         send X-Hub-Signature-256"
    )]
    Unsigned,
    /// As [`Self::Unsigned`], too often.
    #[error("too many deliveries with an invalid signature came from there: try again in a minute")]
    Flood,
    /// There is nothing to check signatures with.
    #[error("no webhook secret is stored here, so that no delivery is taken: enter one as Webhook Secret in GitHub Settings")]
    NoSecret,
    /// It is not what GitHub sends.
    #[error("{0}")]
    Body(#[from] BodyError),
    /// The body is no JSON object.
    #[error("the payload is no JSON object ({0}): this is no delivery of GitHub")]
    Json(#[from] serde_json::Error),
    /// It cannot be stored now.
    #[error("the delivery cannot be stored now ({0}): have GitHub deliver it again later")]
    Away(String),
}

impl ReceiveError {
    fn too_slow() -> Self {
        Self::Away("the database is too slow".to_owned())
    }
}

/// Takes deliveries in. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Receiver {
    known: Known,
    flood: std::sync::Arc<Flood>,
    intake: Intake,
    crowd: Crowd,
}

impl Receiver {
    /// One that counts what it takes in, in `crowd`.
    #[must_use]
    pub fn counting(crowd: Crowd) -> Self {
        Self {
            crowd,
            ..Self::default()
        }
    }

    /// Takes a delivery in: when this answers, it is committed.
    ///
    /// # Errors
    /// When it is not signed, is no delivery, or cannot be stored. Then nothing of it is.
    pub async fn receive(&self, site: &Site, head: &Head, body: &[u8]) -> Result<Arrival, ReceiveError> {
        let is_by_app = self.check(site, head, body).await?;
        // What is not signed is answered late, and must not slow down the work on what is.
        let _inside = self.crowd.enter();
        let payload = body::json(&head.content_type, body)?;
        let outline = outline(&payload)?;
        let delivery = delivery(head, outline, &payload, is_by_app).map_err(|error| ReceiveError::Away(error.to_string()))?;
        let accepting = self.intake.accept(site, delivery);
        match tokio::time::timeout(PATIENCE, accepting).await {
            Ok(accepted) => accepted.map_err(|error| ReceiveError::Away(error.to_string())),
            Err(_elapsed) => Err(ReceiveError::too_slow()),
        }
    }

    /// Holds a delivery to its signature, and says whether the App's own secret made it. A secret that was changed a moment ago is read again before
    /// anybody is refused.
    async fn check(&self, site: &Site, head: &Head, body: &[u8]) -> Result<bool, ReceiveError> {
        let mut known = in_time(self.known.secrets(site)).await?;
        let mut signer = signature::signer(&known[..], body, &head.signature);
        // The App's secret may have been entered a moment ago.
        let is_for_app_alone = app_word::is_one(&head.event);
        if signer.is_none_or(|place| is_for_app_alone && !secrets::is_of_app(&known[..], place))
            && let Some(fresh) = in_time(self.known.fresh_secrets(site)).await?
        {
            known = fresh;
            signer = signature::signer(&known[..], body, &head.signature);
        }
        if let Some(place) = signer {
            let name = secrets::NAMES.get(place).copied().unwrap_or_default();
            metrics::counter!(metric::DELIVERIES_SIGNED, "secret" => name).increment(1);
            let is_previous = place == 1;
            if is_previous {
                // Worth a line while a secret is exchanged: this hook has not got the new one yet.
                tracing::info!(site = site.name(), delivery = %head.delivery, event = %head.event, secret = name, "a delivery is signed");
            } else {
                tracing::debug!(site = site.name(), delivery = %head.delivery, event = %head.event, secret = name, "a delivery is signed");
            }
            return Ok(secrets::is_of_app(&known[..], place));
        }
        if known.iter().all(|secret: &SecretString| secret.expose_secret().is_empty()) {
            return Err(ReceiveError::NoSecret);
        }
        metrics::counter!(metric::DELIVERIES_REFUSED).increment(1);
        match head.source {
            Some(source) if self.flood.is_one(source).await => Err(ReceiveError::Flood),
            _ => Err(ReceiveError::Unsigned),
        }
    }
}

/// What the database answers in time.
async fn in_time<T>(asking: impl Future<Output = Result<T, ReceiveError>>) -> Result<T, ReceiveError> {
    let answered = tokio::time::timeout(PATIENCE, asking).await;
    answered.unwrap_or_else(|_elapsed| Err(ReceiveError::too_slow()))
}

/// The row of a delivery.
fn delivery(head: &Head, outline: Outline, payload: &[u8], is_by_app: bool) -> std::io::Result<Delivery> {
    let known = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let event = known(&head.event).or_else(|| outline.inferred.map(str::to_owned));
    let reception = match event.as_deref() {
        None => Reception::Kept(
            EventStatus::Unhandled,
            "the delivery does not say which event it is, and its payload does not show it".to_owned(),
            compression::compress(payload)?,
        ),
        Some("ping") => Reception::Ended(EventStatus::Processed, String::new()),
        Some(event) => match treatment(event) {
            Treatment::Handled => Reception::Work(compression::compress(payload)?),
            Treatment::Kept(reason) => Reception::Kept(EventStatus::Ignored, reason.to_owned(), compression::compress(payload)?),
            Treatment::Ignored(reason) => Reception::Ended(EventStatus::Ignored, reason.to_owned()),
            Treatment::Unknown => Reception::Kept(
                EventStatus::Unhandled,
                "this version does not know the event".to_owned(),
                compression::compress(payload)?,
            ),
        },
    };
    let source = source(&head.target_type, event.as_deref().unwrap_or_default(), is_by_app);
    Ok(Delivery {
        id: id(&head.delivery, payload),
        event: event.unwrap_or_default(),
        action: outline.action,
        source,
        hook_id: known(&head.hook_id),
        installation_id: outline.installation_id,
        repository: outline.repository,
        repository_id: outline.repository_id,
        sender: outline.sender,
        reception,
        size: payload.len(),
    })
}

/// GitHub's id of a delivery. Without one that is fit to be a name, what was sent is its own: the same once more is the same.
fn id(header: &str, payload: &[u8]) -> String {
    let header = header.trim();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if !header.is_empty() && header.len() <= ID && header.bytes().all(fits) {
        header.to_ascii_lowercase()
    } else {
        format!("sha256-{}", hex::encode(Sha256::digest(payload)))
    }
}

/// By whose hook it came: the App's, a repository's, or one of an organisation, which is made with a token that stands for a person. What people
/// authorise the App for is its own kind. The header is not signed: that it is the App's is known by its secret alone.
fn source(target_type: &str, event: &str, is_by_app: bool) -> &'static str {
    match (target_type, event) {
        (_, AUTHORIZATION) if is_by_app => BY_AUTHORIZATION,
        ("repository", _) => "repository",
        ("integration" | "", _) if is_by_app => BY_APP,
        _ => "user oauth",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(event: &str, payload: &str) -> Delivery {
        let head = Head {
            event: event.to_owned(),
            delivery: "72D3162E-CC78-11E3-81AB-4C9367DC0958".to_owned(),
            target_type: "repository".to_owned(),
            ..Head::default()
        };
        delivery(
            &head,
            outline(payload.as_bytes()).expect("an object"),
            payload.as_bytes(),
            false,
        )
        .expect("a delivery")
    }

    #[test]
    fn what_is_worked_on_waits_and_the_rest_is_ended_with_its_reason() {
        assert!(matches!(of("issues", "{}").reception, Reception::Work(_)));
        assert!(matches!(
            of("ping", "{}").reception,
            Reception::Ended(EventStatus::Processed, _)
        ));
        assert!(matches!(of("watch", "{}").reception, Reception::Ended(EventStatus::Ignored, reason) if !reason.is_empty()));
        assert!(matches!(of("installation", "{}").reception, Reception::Work(_)));
        assert!(matches!(
            of("brand_new", "{}").reception,
            Reception::Kept(EventStatus::Unhandled, ..)
        ));
        assert!(matches!(of("", "{}").reception, Reception::Kept(EventStatus::Unhandled, ..)));
        assert_eq!(of("", r#"{"issue": {}, "comment": {}}"#).event, "issue_comment");
        assert_eq!(of("issues", "{}").id, "72d3162e-cc78-11e3-81ab-4c9367dc0958");
    }

    #[test]
    fn g0_18_every_delivery_says_by_whose_hook_it_came() {
        for (target, event, is_by_app, said) in [
            ("integration", "issues", true, "application"),
            ("integration", "issues", false, "user oauth"),
            ("integration", "github_app_authorization", true, "application oauth"),
            ("integration", "github_app_authorization", false, "user oauth"),
            ("repository", "issues", true, "repository"),
            ("", "installation", true, "application"),
            ("organization", "issues", false, "user oauth"),
            ("", "issues", false, "user oauth"),
            ("repository", "issues", false, "repository"),
        ] {
            assert_eq!(source(target, event, is_by_app), said, "{target} {event}");
        }
    }

    #[test]
    fn without_an_id_what_was_sent_is_its_own() {
        assert_eq!(id("", b"{}"), id("a b", b"{}"));
        assert_ne!(id("", b"{}"), id("", b"{ }"));
        assert!(id("", b"{}").len() < 140);
    }
}
