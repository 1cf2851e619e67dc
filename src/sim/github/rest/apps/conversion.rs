//! `POST /app-manifests/{code}/conversions`: a code becomes an App, once.

use super::super::super::answer::Answer;
use super::super::super::change::Change;
use super::super::super::incoming::Incoming;
use super::super::super::view::View;
use super::super::super::world::World;
use super::shown::members;

/// It needs no credential: the code is one.
pub(super) fn convert(view: View<'_>, incoming: &Incoming, code: &str) -> Result<Change, Answer> {
    incoming.parameters(&[])?;
    view.world.agreed_by(code).ok_or_else(Answer::not_found)?;
    let code = code.to_owned();
    Ok(Change::of_world(
        move |world: &mut World| world.redeem(&code),
        |view, made| {
            let Some(app) = made.and_then(|id| view.world.apps.iter().find(|app| app.id == id)) else {
                return Answer::not_found();
            };
            let mut object = members(view, app);
            object
                .put("client_secret", &app.client_secret)
                .put("webhook_secret", &app.webhook_secret)
                .put("pem", &app.pem());
            Answer {
                status: 201,
                ..Answer::ok(object.end())
            }
        },
    ))
}
