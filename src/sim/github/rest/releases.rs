//! Releases in REST.

use super::super::answer::Answer;
use super::super::incoming::Incoming;
use super::super::json::{Object, array};
use super::super::view::{View, stamp};
use super::super::world::{Permission, Release, ReleaseAsset, Repository, ids};
use super::accounts::person;
use super::contents::linked;
use super::page::{PAGE, PER_PAGE, Window};

/// `GET /repos/{owner}/{repo}/releases`, newest first; drafts for those who may push.
pub(super) fn list(view: View<'_>, incoming: &Incoming, home: &Repository) -> Result<Answer, Answer> {
    let asked = incoming.parameters(&[PER_PAGE, PAGE])?;
    let sees_drafts = view.permission(home) >= Some(Permission::Push);
    let mut all: Vec<&Release> = home.releases.iter().filter(|one| sees_drafts || !one.draft).collect();
    all.sort_by_key(|one| std::cmp::Reverse((one.created_at, one.id)));
    let window = Window::of(&asked);
    let shown = window.of_list(&all).iter().map(|one| release(view, home, one));
    let address = format!("{}/repositories/{}/releases", view.base, home.id);
    let link = window.link(&address, &asked, all.len());
    Ok(linked(Answer::ok(array(shown)), link))
}

pub(in crate::sim::github) fn release(view: View<'_>, home: &Repository, release: &Release) -> String {
    let name = home.full_name();
    let api = format!("{}/repos/{name}", view.base);
    let own = format!("{api}/releases/{}", release.id);
    let assets = release.assets.iter().map(|one| asset(view, home, release, one));
    // A draft's tag may not be there yet.
    let (shown, tarball, zipball) = if release.draft {
        (format!("untagged-{}", release.id), None, None)
    } else {
        let ball = |kind: &str| Some(format!("{api}/{kind}/{}", release.tag));
        (release.tag.clone(), ball("tarball"), ball("zipball"))
    };
    Object::new()
        .plain("url", &[&own])
        .plain("assets_url", &[&own, "/assets"])
        .plain("upload_url", &[&own, "/assets{?name,label}"])
        .plain("html_url", &[view.web(), "/", &name, "/releases/tag/", &shown])
        .put("id", &release.id)
        .raw("author", &person(view, release.author.as_deref()))
        .put("node_id", &ids::node("RE", release.id))
        .put("tag_name", &release.tag)
        .put("target_commitish", &release.target)
        .put("name", &release.name)
        .put("draft", &release.draft)
        .put("immutable", &false)
        .put("prerelease", &release.prerelease)
        .put("created_at", &stamp(release.created_at))
        .put("updated_at", &stamp(release.updated_at))
        .put("published_at", &release.published_at.map(stamp))
        .raw("assets", &array(assets))
        .put("tarball_url", &tarball)
        .put("zipball_url", &zipball)
        .put("body", &release.body)
        .end()
}

fn asset(view: View<'_>, home: &Repository, release: &Release, asset: &ReleaseAsset) -> String {
    let name = home.full_name();
    let id = asset.id.to_string();
    Object::new()
        .plain("url", &[view.base, "/repos/", &name, "/releases/assets/", &id])
        .put("id", &asset.id)
        .put("node_id", &ids::node("RA", asset.id))
        .put("name", &asset.name)
        .put("label", &"")
        .raw("uploader", &person(view, release.author.as_deref()))
        .put("content_type", "application/gzip")
        .put("state", "uploaded")
        .put("size", &asset.size)
        .put("digest", &None::<&str>)
        .put("download_count", &asset.downloads)
        .put("created_at", &stamp(asset.uploaded_at))
        .put("updated_at", &stamp(asset.uploaded_at))
        .put(
            "browser_download_url",
            &format!("{}/{name}/releases/download/{}/{}", view.web(), release.tag, asset.name),
        )
        .end()
}
