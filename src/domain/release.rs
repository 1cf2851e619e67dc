//! Releases and their files.

use chrono::{DateTime, Utc};

use super::Person;

/// A release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Numeric id.
    pub id: u64,
    /// Global node id.
    pub node_id: String,
    /// Name of the tag; a draft may name one that is not there yet.
    pub tag_name: String,
    /// Name that people read; empty where the tag stands for it.
    pub name: String,
    /// Markdown text.
    pub body: String,
    /// Who made it; none when the account is gone.
    pub author: Option<Person>,
    /// Not published yet.
    pub draft: bool,
    /// Not ready for production.
    pub prerelease: bool,
    /// Branch or commit that the tag is made from.
    pub target_commitish: String,
    /// Address of the page that people open.
    pub url: String,
    /// Time of the commit that the tag points to; some payloads leave it out.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was published; none for a draft.
    pub published_at: Option<DateTime<Utc>>,
    /// GitHub's own version of it, in whole seconds; older servers do not tell it, and then values alone are compared.
    pub updated_at: Option<DateTime<Utc>>,
    /// Its files, all of them.
    pub assets: Vec<ReleaseAsset>,
}

/// A file of a release. How often it was downloaded is left out: it changes without anybody's doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseAsset {
    /// Numeric id.
    pub id: u64,
    /// Name of the file.
    pub name: String,
    /// Media type.
    pub content_type: String,
    /// Bytes.
    pub size: u64,
    /// `uploaded`, or `open` while it is being uploaded.
    pub state: String,
    /// Address of the file itself.
    pub url: String,
    /// When it was uploaded or changed.
    pub updated_at: DateTime<Utc>,
}
