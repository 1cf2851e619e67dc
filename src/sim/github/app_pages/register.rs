//! Making an App from a manifest: the page that asks, and what follows when somebody agrees.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::answer::Answer;
use super::super::change::Change;
use super::super::incoming::Incoming;
use super::super::view::View;
use super::super::world::World;
use super::{field, fields, html, owned};

/// An App may subscribe to it, and it is in no list of an App's events: it is of no installation.
const GLOBAL: &str = "installation_target";
/// Events that an App may subscribe to, as far as the fake knows them.
const EVENTS: [&str; 22] = [
    "branch_protection_rule",
    "create",
    "delete",
    "deployment",
    "deployment_status",
    GLOBAL,
    "issue_comment",
    "issues",
    "label",
    "member",
    "membership",
    "milestone",
    "organization",
    "public",
    "pull_request",
    "pull_request_review",
    "push",
    "release",
    "repository",
    "star",
    "team",
    "team_add",
];
/// GitHub's longest name.
const LONGEST: usize = 34;

/// `POST /settings/apps/new`, with the manifest in a form and the state in the query: asks whether the App is to be made.
pub(super) fn page(incoming: &Incoming, owner: &str) -> Answer {
    let (sent, query) = (fields(&incoming.body), fields(&incoming.query));
    let manifest = field(&sent, "manifest");
    let parsed = match read(manifest) {
        Ok(parsed) => parsed,
        Err(why) => return refused(&why),
    };
    let name = parsed["name"].as_str().unwrap_or_default();
    let body = format!(
        "<p>{owner} makes this App. Nobody else has one of this name.</p>\n\
         <form method=\"post\" action=\"/settings/apps/manifest\">{}{}{}\n\
         <label>GitHub App name <input name=\"name\" value=\"{}\"></label>\n\
         <button type=\"submit\" id=\"create\">Create GitHub App for {owner}</button></form>",
        html::hidden("manifest", manifest),
        html::hidden("state", field(&query, "state")),
        html::hidden("owner", owner),
        html::escaped(name),
        owner = html::escaped(owner),
    );
    html::page(200, "Create GitHub App", &body)
}

/// The button of that page: sends back with a code and the state.
pub(super) fn agree(view: View<'_>, incoming: &Incoming) -> Result<Change, Answer> {
    let sent = fields(&incoming.body);
    let owner = owned(view, field(&sent, "owner"))?.login.clone();
    let manifest = read(field(&sent, "manifest")).map_err(|why| refused(&why))?;
    let name = match field(&sent, "name").trim() {
        "" => manifest["name"].as_str().unwrap_or_default().to_owned(),
        name => name.to_owned(),
    };
    let slug = slug(&name);
    if view.world.apps.iter().any(|app| app.slug == slug) {
        return Err(refused("Name is already taken"));
    }
    let back = manifest["redirect_url"].as_str().unwrap_or_default().to_owned();
    let state = field(&sent, "state").to_owned();
    Ok(Change::of_world(
        move |world: &mut World| world.agree(&slug, &owner, |app| fill(app, &name, &manifest)),
        move |_, code| html::redirect(&html::with(&back, &[("code", &code), ("state", &state)])),
    ))
}

fn fill(app: &mut super::super::world::App, name: &str, manifest: &Value) {
    let text = |key: &str| manifest[key].as_str().map(str::to_owned);
    name.clone_into(&mut app.name);
    app.key = 1;
    app.url = text("url").unwrap_or_default();
    if let Some(url) = manifest.pointer("/hook_attributes/url").and_then(Value::as_str) {
        url.clone_into(&mut app.hook.url);
    }
    app.is_public = manifest["public"] == true;
    app.setup_url = text("setup_url");
    app.setup_on_update = manifest["setup_on_update"] == true;
    app.permissions = levels(&manifest["default_permissions"]);
    app.callback_urls = texts(&manifest["callback_urls"]);
    app.events = texts(&manifest["default_events"]);
    app.events.retain(|event| event != GLOBAL);
}

fn texts(of: &Value) -> Vec<String> {
    let all = of.as_array().into_iter().flatten();
    all.filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

fn levels(of: &Value) -> BTreeMap<String, String> {
    let pairs = of.as_object().into_iter().flatten();
    pairs
        .map(|(name, level)| (name.clone(), level.as_str().unwrap_or_default().to_owned()))
        .collect()
}

/// The manifest, or what GitHub has against it.
fn read(text: &str) -> Result<Value, String> {
    let manifest: Value = serde_json::from_str(text).map_err(|_| "Manifest is not valid JSON".to_owned())?;
    let name = manifest["name"].as_str().unwrap_or_default();
    if name.chars().count() > LONGEST {
        return Err(format!("Name is too long (maximum is {LONGEST} characters)"));
    }
    let addresses = ["/url", "/hook_attributes/url", "/redirect_url"];
    for place in addresses {
        let address = manifest.pointer(place).and_then(Value::as_str).unwrap_or_default();
        if url::Url::parse(address).is_err() {
            return Err(format!("{place} must be a valid URL"));
        }
    }
    let events = manifest["default_events"].as_array().into_iter().flatten();
    for event in events.map(|event| event.as_str().unwrap_or_default()) {
        if !EVENTS.contains(&event) {
            return Err(format!("Default events unsupported: {event}"));
        }
    }
    for (permission, level) in levels(&manifest["default_permissions"]) {
        if !["read", "write", "admin"].contains(&level.as_str()) {
            return Err(format!("Default permission {permission} has the invalid level {level}"));
        }
    }
    Ok(manifest)
}

fn refused(why: &str) -> Answer {
    let body = format!("<p id=\"error\">{}</p>", html::escaped(why));
    html::page(422, "Invalid GitHub App configuration", &body)
}

fn slug(name: &str) -> String {
    let dashed: String = name
        .chars()
        .map(|char| {
            if char.is_ascii_alphanumeric() {
                char.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    let parts: Vec<&str> = dashed.split('-').filter(|part| !part.is_empty()).collect();
    parts.join("-")
}
