//! What every answer carries besides its body: entity tags, limits, tokens.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::answer::Answer;
use super::caller::Caller;
use super::incoming::Incoming;
use super::world::{Resource, Usage};

/// Gives the answer its tag, and empties it where the client has that one already; that costs no points.
pub(super) fn conditional(answer: Answer, incoming: &Incoming) -> Answer {
    if answer.status != 200 || incoming.method != "GET" {
        return answer;
    }
    let credential = incoming.header("authorization").unwrap_or_default();
    let tag = tag(&[credential, incoming.header("accept").unwrap_or_default(), &answer.body]);
    let known = incoming.header("if-none-match").unwrap_or_default();
    let weak = |text: &str| text.trim().trim_start_matches("W/").to_owned();
    let same = known.split(',').any(|one| one.trim() == "*" || weak(one) == weak(&tag));
    let answer = answer
        .header("ETag", &tag)
        .header("Cache-Control", "private, max-age=60, s-maxage=60")
        .header(
            "Vary",
            "Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding, Accept, X-Requested-With",
        );
    if same {
        Answer {
            status: 304,
            body: String::new(),
            points: 0,
            ..answer
        }
    } else {
        answer
    }
}

/// A weak entity tag; the hash needs to be fast, not safe.
fn tag(parts: &[&str]) -> String {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    let low = hasher.finish();
    low.hash(&mut hasher);
    format!("W/\"{low:016x}{:016x}\"", hasher.finish())
}

/// The headers of every answer that GitHub itself makes; its outermost servers, which answer 5xx, know less. One that counts no points
/// tells of none.
pub(super) fn standard(
    caller: &Caller,
    resource: Resource,
    usage: Option<Usage>,
    number: u64,
    status: u16,
) -> Vec<(String, String)> {
    let mut headers = vec![("X-GitHub-Request-Id".to_owned(), format!("FA4E:{number:06X}:0:0:0"))];
    if status >= 500 {
        return headers;
    }
    headers.extend(caller.headers());
    let mut add = |name: &str, value: String| headers.push((name.to_owned(), value));
    add("X-GitHub-Media-Type", "github.v3; format=json".to_owned());
    add("X-GitHub-Api-Version-Selected", "2022-11-28".to_owned());
    let Some(usage) = usage else { return headers };
    add("X-RateLimit-Limit", usage.limit.to_string());
    add("X-RateLimit-Remaining", usage.remaining().to_string());
    add("X-RateLimit-Used", usage.used.to_string());
    add("X-RateLimit-Reset", usage.resets_at.timestamp().to_string());
    add("X-RateLimit-Resource", resource.as_str().to_owned());
    headers
}
