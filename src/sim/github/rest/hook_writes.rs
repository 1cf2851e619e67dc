//! Making, changing, deleting and pinging webhooks.

use serde_json::{Value, json};

use super::super::answer::Answer;
use super::super::body::Members;
use super::super::change::Change;
use super::super::incoming::Incoming;
use super::super::view::View;
use super::super::world::{Hook, World};
use super::hooks::{Home, address, find, hook};

/// Scopes of classic tokens that let hooks be made and changed.
const WRITE: [&str; 3] = ["repo", "admin:repo_hook", "write:repo_hook"];
/// Scopes of classic tokens that let hooks be deleted.
const DELETE: [&str; 2] = ["repo", "admin:repo_hook"];
/// How many hooks of one home may listen to the same event.
const MOST_FOR_AN_EVENT: usize = 20;
/// The members of a hook's `config`.
const CONFIG: [&str; 4] = ["url", "content_type", "secret", "insecure_ssl"];

/// `POST .../hooks`.
pub(super) fn create(view: View<'_>, incoming: &Incoming, home: Home<'_>) -> Result<Change, Answer> {
    home.admit(view, &WRITE)?;
    home.writable()?;
    let sent = incoming.members(&["name", "active", "events", "config"])?;
    if sent.text("name")?.is_some_and(|name| name != "web") {
        return Err(Answer::invalid("Hook", "name"));
    }
    let mut made = Hook::new(home.next_hook_id(), "", view.world.now());
    let config = sent.object("config", &CONFIG)?;
    configure(&mut made, &config.unwrap_or_default())?;
    if let Some(events) = sent.texts("events")? {
        made.events = events;
    }
    made.active = sent.flag("active")?.unwrap_or(true);
    admissible(home, &made)?;
    let (id, key) = (made.id, home.key());
    let apply = move |world: &mut World| {
        if let Some(hooks) = key.hooks_mut(world) {
            hooks.push(made);
        }
    };
    Ok(Change::of_world(apply, move |view, ()| {
        let made = key
            .home(view)
            .and_then(|home| Some((home, home.hooks().iter().find(|one| one.id == id)?)));
        made.map_or_else(Answer::not_found, |(home, made)| {
            Answer::created(hook(view, home, made), &address(view, home, made))
        })
    }))
}

/// `PATCH .../hooks/{hook_id}`. A new `config` replaces the old one as a whole: without a secret there is none.
pub(super) fn update(view: View<'_>, incoming: &Incoming, home: Home<'_>, id: &str) -> Result<Change, Answer> {
    home.admit(view, &WRITE)?;
    home.writable()?;
    let mut changed = find(home, id)?.clone();
    let sent = incoming.members(&["config", "events", "add_events", "remove_events", "active"])?;
    if let Some(config) = sent.object("config", &CONFIG)? {
        configure(&mut changed, &config)?;
    }
    if let Some(events) = sent.texts("events")? {
        changed.events = events;
    }
    for event in sent.texts("add_events")?.unwrap_or_default() {
        if !changed.events.contains(&event) {
            changed.events.push(event);
        }
    }
    let removed = sent.texts("remove_events")?.unwrap_or_default();
    changed.events.retain(|event| !removed.contains(event));
    changed.active = sent.flag("active")?.unwrap_or(changed.active);
    changed.updated_at = view.world.now();
    admissible(home, &changed)?;
    let (id, key) = (changed.id, home.key());
    let apply = move |world: &mut World| {
        if let Some(one) = key.hook_mut(world, id) {
            one.clone_from(&changed);
        }
    };
    Ok(Change::of_world(apply, move |view, ()| {
        let found = key
            .home(view)
            .and_then(|home| Some((home, home.hooks().iter().find(|one| one.id == id)?)));
        found.map_or_else(Answer::not_found, |(home, one)| Answer::ok(hook(view, home, one)))
    }))
}

/// `DELETE .../hooks/{hook_id}`.
pub(super) fn delete(view: View<'_>, incoming: &Incoming, home: Home<'_>, id: &str) -> Result<Change, Answer> {
    home.admit(view, &DELETE)?;
    home.writable()?;
    incoming.members(&[])?;
    let (id, key) = (find(home, id)?.id, home.key());
    Ok(Change::silent(move |world| {
        if let Some(hooks) = key.hooks_mut(world) {
            hooks.retain(|one| one.id != id);
        }
    }))
}

/// `POST .../hooks/{hook_id}/pings`. It is counted and noted as delivered; the fake sends nothing.
pub(super) fn ping(view: View<'_>, incoming: &Incoming, home: Home<'_>, id: &str) -> Result<Change, Answer> {
    home.admit(view, &super::hooks::READ)?;
    incoming.members(&[])?;
    let (id, key) = (find(home, id)?.id, home.key());
    Ok(Change::silent(move |world| {
        let now = world.now();
        if let Some(one) = key.hook_mut(world, id) {
            one.pings += 1;
            let (guid, answered) = (format!("ping-{id}-{}", one.pings), one.redelivered);
            one.delivered(&guid, "ping", now, answered);
        }
    }))
}

/// Sets all of a hook's `config`.
fn configure(hook: &mut Hook, config: &Members) -> Result<(), Answer> {
    let url = config.text("url")?.filter(|url| !url.trim().is_empty());
    hook.url = url.ok_or_else(|| Answer::refused("Hook", "url cannot be blank"))?;
    hook.content_type = config.text("content_type")?.unwrap_or_else(|| "form".to_owned());
    if !["json", "form"].contains(&hook.content_type.as_str()) {
        return Err(Answer::invalid("Hook", "content_type"));
    }
    hook.secret = config.text("secret")?.filter(|secret| !secret.is_empty());
    hook.insecure_ssl = config.text_or_number("insecure_ssl")?.unwrap_or_else(|| "0".to_owned());
    Ok(())
}

/// Refuses a hook beside those that there are.
fn admissible(home: Home<'_>, wanted: &Hook) -> Result<(), Answer> {
    let others = || home.hooks().iter().filter(|one| one.id != wanted.id);
    if others().any(|one| one.url == wanted.url) {
        let message = format!("Hook already exists on this {}", home.word());
        return Err(Answer::refused("Hook", &message));
    }
    let full = |event: &&String| others().filter(|one| one.events.contains(event)).count() >= MOST_FOR_AN_EVENT;
    let errors: Vec<Value> = wanted
        .events
        .iter()
        .filter(full)
        .map(|event| {
            let message = format!("The \"{event}\" event cannot have more than {MOST_FOR_AN_EVENT} hooks");
            json!({ "resource": "Hook", "code": "custom", "message": message })
        })
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Answer::failed(&errors.into()))
    }
}
