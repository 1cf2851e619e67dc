//! What was delivered by a webhook, and asking for it again.

use super::super::answer::Answer;
use super::super::change::Change;
use super::super::incoming::Incoming;
use super::super::json::{Object, array};
use super::super::view::{View, stamp};
use super::super::world::{Hook, HookAttempt, World};
use super::contents::linked;
use super::hooks::{Home, READ, address, find};
use super::page::{PER_PAGE, Window};

/// `GET .../hooks/{hook_id}/deliveries`: the latest first; what follows is named by where it begins.
pub(super) fn list(view: View<'_>, incoming: &Incoming, home: Home<'_>, id: &str) -> Result<Answer, Answer> {
    home.admit(view, &READ)?;
    let hook = find(home, id)?;
    page(incoming, hook, &address(view, home, hook))
}

/// What `hook` delivered, a page of it; `address` is where the hook is to be had.
pub(super) fn page(incoming: &Incoming, hook: &Hook, address: &str) -> Result<Answer, Answer> {
    const CURSOR: &str = "cursor";
    let asked = incoming.parameters(&[PER_PAGE, CURSOR])?;
    let begins = match asked
        .get(CURSOR)
        .map(|text| text.strip_prefix("v1_").unwrap_or(text).parse::<u64>())
    {
        Some(Ok(begins)) => begins,
        Some(Err(_)) => return Err(Answer::invalid("Hook", CURSOR)),
        None => u64::MAX,
    };
    let mut all: Vec<&HookAttempt> = hook.deliveries.iter().filter(|one| one.id <= begins).collect();
    all.sort_unstable_by_key(|one| std::cmp::Reverse(one.id));
    let size = Window::of(&asked).size();
    let shown = all.iter().take(size).map(|one| delivery(one));
    let next = all.get(size).map(|next| {
        let page = format!("{address}/deliveries?per_page={size}&cursor=v1_{}", next.id);
        format!("<{page}>; rel=\"next\"")
    });
    Ok(linked(Answer::ok(array(shown)), next))
}

fn delivery(one: &HookAttempt) -> String {
    let status = match one.status_code {
        0 => "failed to connect".to_owned(),
        200..300 => "OK".to_owned(),
        code => format!("Invalid HTTP Response: {code}"),
    };
    Object::new()
        .put("id", &one.id)
        .put("guid", &one.guid)
        .put("delivered_at", &stamp(one.delivered_at))
        .put("redelivery", &one.redelivery)
        .put("duration", &1)
        .put("status", &status)
        .put("status_code", &one.status_code)
        .put("event", &one.event)
        .put("action", &one.action)
        .put("installation_id", &None::<u64>)
        .put("repository_id", &None::<u64>)
        .put("throttled_at", &None::<&str>)
        .end()
}

/// `POST .../hooks/{hook_id}/deliveries/{delivery_id}/attempts`: noted, and answered as the hook says; the fake sends nothing.
pub(super) fn redeliver(view: View<'_>, incoming: &Incoming, home: Home<'_>, (hook, id): (&str, &str)) -> Result<Change, Answer> {
    home.admit(view, &READ)?;
    incoming.members(&[])?;
    let hook = find(home, hook)?;
    let one = hook.deliveries.iter().find(|one| one.id.to_string() == id);
    let (key, hook, id) = (home.key(), hook.id, one.ok_or_else(Answer::not_found)?.id);
    let apply = move |world: &mut World| {
        let now = world.now();
        if let Some(hook) = key.hook_mut(world, hook) {
            hook.redeliver(id, now);
        }
    };
    Ok(Change::of_world(apply, |_, ()| Answer::accepted("{}".to_owned())))
}
