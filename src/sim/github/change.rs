//! A write on its way: found right, not yet done.

use super::answer::Answer;
use super::view::View;
use super::world::{Issue, Repository, World};

/// How a write is answered once it was done.
type Show = Box<dyn FnOnce(View<'_>) -> Answer>;

/// What a request does to the world, after everything about it was found right in the world as it is, and how it is answered then.
///
/// Keeping the two apart means that whatever refuses a request leaves the world alone.
pub(super) struct Change(Box<dyn FnOnce(&mut World) -> Show>);

/// What becomes of a request.
pub(super) enum Outcome {
    /// It only asked, or it was refused.
    Shown(Answer),
    /// It changes something.
    Changes(Change),
}

impl Change {
    /// Changes `home`; what `apply` gives is for `show`.
    pub(super) fn within<T: 'static>(
        home: &Repository,
        apply: impl FnOnce(&mut Repository) -> T + 'static,
        show: impl FnOnce(View<'_>, &Repository, T) -> Answer + 'static,
    ) -> Self {
        let id = home.id;
        Self(Box::new(move |world| {
            let made = world.repositories.get_mut(&id).map(apply);
            Box::new(move |view| match (view.world.repositories.get(&id), made) {
                (Some(home), Some(made)) => show(view, home, made),
                _ => Answer::not_found(),
            })
        }))
    }

    /// Changes or makes the item whose number `apply` gives.
    pub(super) fn of_item(
        home: &Repository,
        apply: impl FnOnce(&mut Repository) -> u64 + 'static,
        show: impl FnOnce(View<'_>, &Repository, &Issue) -> Answer + 'static,
    ) -> Self {
        Self::within(home, apply, |view, home, number| {
            home.item(number)
                .map_or_else(Answer::not_found, |item| show(view, home, item))
        })
    }

    /// Changes the world; what `apply` gives is for `show`.
    pub(super) fn of_world<T: 'static>(
        apply: impl FnOnce(&mut World) -> T + 'static,
        show: impl FnOnce(View<'_>, T) -> Answer + 'static,
    ) -> Self {
        Self(Box::new(move |world| {
            let made = apply(world);
            Box::new(move |view| show(view, made))
        }))
    }

    /// Changes the world, and is answered with 204.
    pub(super) fn silent(apply: impl FnOnce(&mut World) + 'static) -> Self {
        Self(Box::new(move |world| {
            apply(world);
            Box::new(|_| Answer::no_content())
        }))
    }

    /// Does it, and tells how it is answered.
    pub(super) fn apply(self, world: &mut World) -> Show {
        (self.0)(world)
    }
}
