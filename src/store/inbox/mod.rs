//! `GitHub Event`, the deliveries of GitHub's webhooks: committed before they are answered, claimed by whoever has time, and ended with
//! what became of them.
//!
//! A row is `unprocessed`, `processing` while somebody has its lease, and then `processed`, `ignored`, `unhandled` or `errored`. What
//! decides is UTC: `available_at` before which nobody takes it up, and the lease's end.

mod accept;
mod claim;
mod end;
mod look;
mod payload;
mod prune;

pub use accept::{Arrival, Delivery, Reception, accept};
pub use claim::{Claim, Claimed, claim, give_back};
pub use end::{Ended, Verdict, end, retry};
pub use look::{Shown, find, list, taken, unheard};
pub use payload::read as read_payload;
pub use prune::{Keep, prune};

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventStatus {
    /// Waits.
    Unprocessed,
    /// Somebody is at it.
    Processing,
    /// Applied.
    Processed,
    /// Known, and left out for a reason.
    Ignored,
    /// Not known to this version.
    Unhandled,
    /// Given up; a person may have it tried again.
    Errored,
}

impl EventStatus {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Unprocessed,
        Self::Processing,
        Self::Processed,
        Self::Ignored,
        Self::Unhandled,
        Self::Errored,
    ];

    /// The Select option.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unprocessed => "unprocessed",
            Self::Processing => "processing",
            Self::Processed => "processed",
            Self::Ignored => "ignored",
            Self::Unhandled => "unhandled",
            Self::Errored => "errored",
        }
    }

    /// Whether trying it again may come to something else: it does not wait, and was not left out for a reason that holds of what GitHub sent.
    #[must_use]
    pub fn is_worth_a_retry(self) -> bool {
        matches!(self, Self::Processed | Self::Unhandled | Self::Errored)
    }

    /// The status of that name.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}
