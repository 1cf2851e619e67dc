//! What was delivered by an App's own webhook, and asking for it again.

use super::super::super::answer::Answer;
use super::super::super::change::Change;
use super::super::super::incoming::Incoming;
use super::super::super::view::View;
use super::super::super::world::World;
use super::super::hook_deliveries::page;
use super::own;

/// `GET /app/hook/deliveries`.
pub(super) fn deliveries(view: View<'_>, incoming: &Incoming) -> Result<Answer, Answer> {
    page(incoming, &own(view)?.hook, &format!("{}/app/hook", view.base))
}

/// `POST /app/hook/deliveries/{delivery_id}/attempts`: noted, and answered as the hook says; the fake sends nothing.
pub(super) fn redeliver(view: View<'_>, incoming: &Incoming, id: &str) -> Result<Change, Answer> {
    incoming.members(&[])?;
    let app = own(view)?;
    let one = app.hook.deliveries.iter().find(|one| one.id.to_string() == id);
    let (app, id) = (app.id, one.ok_or_else(Answer::not_found)?.id);
    let apply = move |world: &mut World| {
        let now = world.now();
        if let Some(app) = world.apps.iter_mut().find(|one| one.id == app) {
            app.hook.redeliver(id, now);
        }
    };
    Ok(Change::of_world(apply, |_, ()| Answer::accepted("{}".to_owned())))
}
