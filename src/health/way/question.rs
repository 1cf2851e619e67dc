//! The question and its answer.

use std::net::IpAddr;

use hmac::{Hmac, KeyInit as _, Mac as _};
use rand::RngCore as _;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// Header that every answer of a sidecar carries, so that it can be told from the bench's.
pub const ANSWERED_BY: (&str, &str) = ("x-answered-by", "erpnext-github");
/// Cookie of nobody: where it arrives, the sidecar finds that its session is over.
pub const SESSION_OF_NOBODY: &str = "doctor-asks-without-a-session";

/// Said by who asks and by who answers, so that neither can be played back as the other.
const ASKING: &str = "doctor asks ";
const ANSWERING: &str = "serve answers ";

/// A question that is asked once.
#[derive(Debug, Clone)]
pub struct Question {
    nonce: String,
    proof: String,
    /// What the right answer holds.
    reply: String,
}

/// What the sidecar saw of a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Site folder that was meant.
    pub site: String,
    /// Version of the program that answers.
    pub version: String,
    /// Who brought the question: a proxy, or the one who asks.
    pub peer: IpAddr,
    /// Whether the peer's word about site and caller counts.
    pub is_trusted: bool,
    /// What became of the cookie.
    pub session: SessionSeen,
    /// Proof that the answer is of the same installation.
    pub reply: String,
}

/// What became of a session that is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionSeen {
    /// No cookie arrived.
    Missing,
    /// It arrived, and its session was looked up and is none.
    Unknown,
    /// It could not be looked up; why.
    Unreadable(String),
}

impl Question {
    /// Of the installation with this instance id.
    #[must_use]
    pub fn new(instance: &str) -> Self {
        let mut bytes = [0; 16];
        rand::rng().fill_bytes(&mut bytes);
        let nonce = hex::encode(bytes);
        Self {
            proof: proof(instance, ASKING, &nonce),
            reply: reply(instance, &nonce),
            nonce,
        }
    }

    /// Name and value of the header that asks.
    #[must_use]
    pub fn header(&self) -> (&'static str, String) {
        (HEADER, format!("{}.{}", self.nonce, self.proof))
    }

    /// Whether an answer is of the same installation.
    #[must_use]
    pub fn is_answered_by(&self, seen: &Seen) -> bool {
        self.reply == seen.reply
    }

    /// The nonce of a header that was made for this instance; none for any other.
    #[must_use]
    pub fn genuine<'a>(header: &'a str, instance: &str) -> Option<&'a str> {
        let (nonce, told) = header.split_once('.')?;
        let told = hex::decode(told).ok()?;
        keyed(instance, ASKING, nonce)?.verify_slice(&told).ok()?;
        Some(nonce)
    }

    /// Name of the header.
    #[must_use]
    pub fn header_name() -> &'static str {
        HEADER
    }
}

/// Carries nonce and proof.
const HEADER: &str = "x-erpnext-github-doctor";

/// What an answer to `nonce` holds.
#[must_use]
pub fn reply(instance: &str, nonce: &str) -> String {
    proof(instance, ANSWERING, nonce)
}

fn keyed(instance: &str, role: &str, nonce: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(instance.as_bytes()).ok()?;
    mac.update(role.as_bytes());
    mac.update(nonce.as_bytes());
    Some(mac)
}

fn proof(instance: &str, role: &str, nonce: &str) -> String {
    // A key of any length is one, so that there is always a proof.
    keyed(instance, role, nonce)
        .map(|mac| hex::encode(mac.finalize().into_bytes()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_installation_asks_and_answers() {
        let question = Question::new("here");
        let (_, header) = question.header();
        let nonce = Question::genuine(&header, "here").expect("genuine");
        assert_eq!(Question::genuine(&header, "there"), None);
        let seen = |reply: String| Seen {
            site: String::new(),
            version: String::new(),
            peer: "127.0.0.1".parse().expect("an address"),
            is_trusted: true,
            session: SessionSeen::Missing,
            reply,
        };
        assert!(question.is_answered_by(&seen(reply("here", nonce))));
        assert!(!question.is_answered_by(&seen(reply("there", nonce))));
        let played_back = header.split_once('.').expect("two parts").1.to_owned();
        assert!(!question.is_answered_by(&seen(played_back)));
        for bad in ["", ".", "a", "a.b", "a.zz"] {
            assert_eq!(Question::genuine(bad, "here"), None, "{bad}");
        }
    }
}
