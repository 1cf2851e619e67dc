//! Releases, and the files of each.

use serde::Deserialize;

use super::{Account, Moment};
use crate::domain::{Person, ReleaseAsset};

/// A release. Drafts have no time of publication; webhooks of older servers have no time of change.
#[derive(Debug, Deserialize)]
pub(in crate::github) struct Release {
    id: u64,
    node_id: String,
    tag_name: String,
    name: Option<String>,
    body: Option<String>,
    author: Option<Account>,
    draft: Option<bool>,
    prerelease: Option<bool>,
    target_commitish: Option<String>,
    html_url: String,
    created_at: Option<Moment>,
    published_at: Option<Moment>,
    updated_at: Option<Moment>,
    assets: Option<Vec<Option<Asset>>>,
}

#[derive(Debug, Deserialize)]
struct Asset {
    id: u64,
    name: String,
    content_type: Option<String>,
    size: Option<u64>,
    state: Option<String>,
    browser_download_url: Option<String>,
    updated_at: Moment,
}

impl From<Asset> for ReleaseAsset {
    fn from(wire: Asset) -> Self {
        Self {
            id: wire.id,
            name: wire.name,
            content_type: wire.content_type.unwrap_or_default(),
            size: wire.size.unwrap_or_default(),
            state: wire.state.unwrap_or_default(),
            url: wire.browser_download_url.unwrap_or_default(),
            updated_at: wire.updated_at.0,
        }
    }
}

impl From<Release> for crate::domain::Release {
    fn from(wire: Release) -> Self {
        let moment = |moment: Option<Moment>| moment.map(|moment| moment.0);
        let assets = wire.assets.into_iter().flatten().flatten();
        Self {
            id: wire.id,
            node_id: wire.node_id,
            tag_name: wire.tag_name,
            name: wire.name.unwrap_or_default(),
            body: wire.body.unwrap_or_default(),
            author: wire.author.map(Person::from),
            draft: wire.draft.unwrap_or_default(),
            prerelease: wire.prerelease.unwrap_or_default(),
            target_commitish: wire.target_commitish.unwrap_or_default(),
            url: wire.html_url,
            created_at: moment(wire.created_at),
            published_at: moment(wire.published_at),
            updated_at: moment(wire.updated_at),
            assets: assets.map(ReleaseAsset::from).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::github::payload::release;

    fn plain() -> Value {
        json!({"id": 5, "node_id": "RE_5", "tag_name": "v1", "html_url": "https://github.com/acme/web/releases/tag/v1"})
    }

    #[test]
    fn nulls_and_absent_members_are_empty() {
        let mut value = plain();
        for member in ["name", "body", "author", "created_at", "published_at", "updated_at", "assets"] {
            value[member] = Value::Null;
        }
        let read = release(&value).expect("decodes");
        assert_eq!((read.name.as_str(), read.author, read.updated_at), ("", None, None));
        assert!(read.assets.is_empty() && !read.draft && !read.prerelease);
        assert_eq!(release(&plain()).expect("decodes").tag_name, "v1");
    }

    #[test]
    fn files_are_read_without_their_downloads() {
        let mut value = plain();
        value["assets"] = json!([{
            "id": 9, "name": "web.tar.gz", "content_type": "application/gzip", "size": 2_147_483_647, "state": "uploaded",
            "browser_download_url": "https://x/web.tar.gz", "updated_at": "2024-01-02T03:04:05Z", "download_count": 7,
        }]);
        let before = release(&value).expect("decodes");
        assert_eq!(
            (before.assets[0].name.as_str(), before.assets[0].size),
            ("web.tar.gz", 2_147_483_647)
        );
        value["assets"][0]["download_count"] = json!(8);
        assert_eq!(release(&value).expect("decodes"), before);
    }
}
