//! Labels, milestones, releases, comments and reviews.

use chrono::{DateTime, Utc};

use super::{Repository, ids};
use crate::domain::ReviewState;

/// A label of a repository.
#[derive(Debug, Clone)]
pub struct Label {
    /// Database id; 0 until a repository has it.
    pub id: u64,
    /// Name.
    pub name: String,
    /// Six hexadecimal digits.
    pub color: String,
    /// What it is for.
    pub description: Option<String>,
    /// One of those that GitHub gives every new repository.
    pub default: bool,
}

/// A milestone of a repository.
#[derive(Debug, Clone)]
pub struct Milestone {
    /// Number within the repository.
    pub number: u64,
    /// Title.
    pub title: String,
    /// Text.
    pub description: Option<String>,
    /// Who made it.
    pub creator: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it changed last.
    pub updated_at: DateTime<Utc>,
    /// When it is due.
    pub due_on: Option<DateTime<Utc>>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
}

/// A release.
#[derive(Debug, Clone)]
pub struct Release {
    /// Database id.
    pub id: u64,
    /// Name of the tag.
    pub tag: String,
    /// Name.
    pub name: Option<String>,
    /// Markdown text.
    pub body: Option<String>,
    /// Who made it.
    pub author: Option<String>,
    /// Not published yet; shown to those who may push.
    pub draft: bool,
    /// Not ready for production.
    pub prerelease: bool,
    /// Branch that the tag is made from.
    pub target: String,
    /// When the commit of the tag was made.
    pub created_at: DateTime<Utc>,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// When it changed last.
    pub updated_at: DateTime<Utc>,
    /// Its files.
    pub assets: Vec<ReleaseAsset>,
}

/// A file of a release.
#[derive(Debug, Clone)]
pub struct ReleaseAsset {
    /// Database id.
    pub id: u64,
    /// Name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// How often it was downloaded.
    pub downloads: u64,
    /// When it was uploaded.
    pub uploaded_at: DateTime<Utc>,
}

/// A comment on an item.
#[derive(Debug, Clone)]
pub struct Comment {
    /// Database id.
    pub id: u64,
    /// Number of the item.
    pub number: u64,
    /// Login of the author; none once the account is gone.
    pub author: Option<String>,
    /// Markdown text.
    pub body: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it changed last.
    pub updated_at: DateTime<Utc>,
}

/// A review of a pull request.
#[derive(Debug, Clone)]
pub struct Review {
    /// Database id.
    pub id: u64,
    /// Login of the reviewer; none once the account is gone.
    pub author: Option<String>,
    /// What it says.
    pub state: ReviewState,
    /// Markdown text.
    pub body: String,
    /// The commit that was reviewed.
    pub sha: String,
    /// When it was submitted.
    pub submitted_at: DateTime<Utc>,
    /// When it changed last.
    pub updated_at: DateTime<Utc>,
}

/// The labels of a new repository: name, colour, description. Facts of GitHub's, texts our own.
const DEFAULT_LABELS: [(&str, &str, &str); 5] = [
    ("bug", "d73a4a", "It does not do what it should"),
    ("documentation", "0075ca", "About the documents"),
    ("enhancement", "a2eeef", "Something new or better"),
    ("good first issue", "7057ff", "For a first contribution"),
    ("wontfix", "ffffff", "Will stay as it is"),
];

impl Label {
    /// GitHub's own.
    pub(super) fn standard() -> [Self; 5] {
        DEFAULT_LABELS.map(|(name, color, description)| Self {
            id: 0,
            name: name.to_owned(),
            color: color.to_owned(),
            description: Some(description.to_owned()),
            default: true,
        })
    }

    /// One that came to be by being used: GitHub gives it a grey and nothing else.
    pub(super) fn used(name: &str) -> Self {
        Self {
            id: 0,
            name: name.to_owned(),
            color: "ededed".to_owned(),
            description: None,
            default: false,
        }
    }

    /// A label that somebody made.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            id: 0,
            name: name.to_owned(),
            color: format!("{:06x}", ids::seed(name) & 0x00FF_FFFF),
            description: Some(format!("Marks {name}")),
            default: false,
        }
    }
}

impl Release {
    /// Makes it as if it had never been published.
    pub fn make_draft(&mut self) -> &mut Self {
        (self.draft, self.published_at) = (true, None);
        self
    }
}

impl Repository {
    /// A label by its name.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<(u64, &Label)> {
        let found = self.labels.iter().find(|label| label.name == name)?;
        Some((found.id, found))
    }

    /// A milestone by its number.
    #[must_use]
    pub fn milestone(&self, number: u64) -> Option<&Milestone> {
        self.milestones.iter().find(|milestone| milestone.number == number)
    }

    /// A release by its tag.
    #[must_use]
    pub fn release(&self, tag: &str) -> Option<&Release> {
        self.releases.iter().find(|release| release.tag == tag)
    }

    /// A review by its id, with the number of its pull request.
    #[must_use]
    pub fn review_by_id(&self, id: u64) -> Option<(u64, &Review)> {
        let pulls = self
            .items
            .values()
            .filter_map(|item| Some((item.number, item.pull_request.as_ref()?)));
        let mut reviews = pulls.flat_map(|(number, pull)| pull.reviews.iter().map(move |review| (number, review)));
        reviews.find(|(_, review)| review.id == id)
    }

    /// The id of the next label, release, file, comment or review.
    pub(super) fn next_part(&mut self) -> u64 {
        self.parts_made += 1;
        ids::part(self.id, self.parts_made)
    }

    /// Who wrote its milestones, releases and comments.
    pub(super) fn writers_of_parts(&self) -> impl Iterator<Item = &str> {
        let milestones = self.milestones.iter().map(|one| &one.creator);
        let releases = self.releases.iter().map(|one| &one.author);
        let comments = self.comments.values().map(|one| &one.author);
        milestones.chain(releases).chain(comments).filter_map(Option::as_deref)
    }

    /// The same, to be changed.
    pub(super) fn authors_of_parts(&mut self) -> impl Iterator<Item = &mut Option<String>> {
        let milestones = self.milestones.iter_mut().map(|one| &mut one.creator);
        let releases = self.releases.iter_mut().map(|one| &mut one.author);
        let comments = self.comments.values_mut().map(|one| &mut one.author);
        milestones.chain(releases).chain(comments)
    }
}
