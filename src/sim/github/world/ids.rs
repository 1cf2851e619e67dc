//! Ids that look like GitHub's and never change between runs: database ids from positions, node ids and hashes from those.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Database id of the first repository; the rest follow in order of creation.
pub(crate) const FIRST_REPOSITORY: u64 = 700_000_001;
/// Database id of the first GitHub App.
pub(crate) const FIRST_APP: u64 = 300_001;
/// Database ids of installations follow this one.
pub(crate) const FIRST_INSTALLATION: u64 = 50_000_000;
/// Database id of the first account.
pub(crate) const FIRST_ACCOUNT: u64 = 1_001;
/// Issue ids have outgrown 32 bits on GitHub, so they do here.
const ISSUES: u64 = 3_000_000_000;
/// Pull request ids have, too; a range of their own, because they are not the ids of their issues.
const PULL_REQUESTS: u64 = 2_200_000_000;
/// Ids of labels, releases, files, comments and reviews.
const PARTS: u64 = 5_000_000_000;
/// Milestone ids.
const MILESTONES: u64 = 10_000_000;
/// Room for the items of one repository.
const PER_REPOSITORY: u64 = 1_000_000;

/// Position of a repository among all, from its id.
fn position(repository_id: u64) -> u64 {
    repository_id.saturating_sub(FIRST_REPOSITORY)
}

/// Database id of an issue.
pub(crate) fn issue(repository_id: u64, number: u64) -> u64 {
    ISSUES + position(repository_id) * PER_REPOSITORY + number
}

/// Database id of a pull request, which differs from that of its issue.
pub(crate) fn pull_request(repository_id: u64, number: u64) -> u64 {
    PULL_REQUESTS + position(repository_id) * PER_REPOSITORY + number
}

/// Database id of a label, release, file, comment or review, by how many of these its repository ever had.
pub(crate) fn part(repository_id: u64, number: u64) -> u64 {
    PARTS + position(repository_id) * PER_REPOSITORY + number
}

/// The repository of a part, from its id.
pub(crate) fn repository_of_part(id: u64) -> u64 {
    id.saturating_sub(PARTS) / PER_REPOSITORY + FIRST_REPOSITORY
}

/// The repository of a milestone, from its id.
pub(crate) fn repository_of_milestone(id: u64) -> u64 {
    id.saturating_sub(MILESTONES) / 1_000 + FIRST_REPOSITORY
}

/// Database id of a milestone.
pub(crate) fn milestone(repository_id: u64, number: u64) -> u64 {
    MILESTONES + position(repository_id) * 1_000 + number
}

/// Database id of an invitation to a repository.
pub(crate) fn invitation(repository_id: u64, number: u64) -> u64 {
    200_000_000 + position(repository_id) * 1_000 + number
}

/// Database id of a repository's hook.
pub(crate) fn hook(repository_id: u64, number: u64) -> u64 {
    400_000_000 + position(repository_id) * 1_000 + number
}

/// Database id of an organisation's hook.
pub(crate) fn organization_hook(account_id: u64, number: u64) -> u64 {
    600_000_000 + account_id * 1_000 + number
}

/// Global node id: a type's prefix and the database id, opaque like GitHub's.
pub(crate) fn node(prefix: &str, id: u64) -> String {
    format!("{prefix}_kwDO{}", URL_SAFE_NO_PAD.encode(id.to_be_bytes()))
}

/// Prefix and database id of a node id that [`node`] made.
pub(crate) fn parse_node(text: &str) -> Option<(&str, u64)> {
    let (prefix, rest) = text.split_once("_kwDO")?;
    let bytes = URL_SAFE_NO_PAD.decode(rest).ok()?;
    Some((prefix, u64::from_be_bytes(bytes.try_into().ok()?)))
}

/// A number that looks random and depends on `seed` and `step` alone (the finaliser of splitmix64).
pub(crate) fn mix(seed: u64, step: u64) -> u64 {
    let mut z = seed.wrapping_add(step.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Forty hexadecimal digits that stand for a commit.
pub(crate) fn sha(seed: u64, step: u64) -> String {
    let mut text = String::with_capacity(48);
    for part in 0..3 {
        let _ = write!(text, "{:016x}", mix(mix(seed, step), part));
    }
    text.truncate(40);
    text
}

/// A seed from a text, so that equal names give equal commits.
pub(crate) fn seed(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_id_leads_back_to_its_object() {
        let id = issue(FIRST_REPOSITORY + 3, 17);
        assert_eq!(parse_node(&node("I", id)), Some(("I", id)));
        assert_eq!(parse_node("I_kwDOx"), None);
        assert_ne!(id, pull_request(FIRST_REPOSITORY + 3, 17));
        assert!(id > u64::from(u32::MAX >> 1), "real issue ids do not fit 32 bits");
        assert_eq!(repository_of_part(part(FIRST_REPOSITORY + 3, 17)), FIRST_REPOSITORY + 3);
        assert_eq!(
            repository_of_milestone(milestone(FIRST_REPOSITORY + 3, 17)),
            FIRST_REPOSITORY + 3
        );
    }

    #[test]
    fn a_sha_is_stable_and_has_forty_digits() {
        assert_eq!(sha(seed("main"), 0), sha(seed("main"), 0));
        assert_ne!(sha(seed("main"), 0), sha(seed("main"), 1));
        assert_eq!(sha(1, 2).len(), 40);
    }
}
