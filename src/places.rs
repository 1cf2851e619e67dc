//! How many pieces of work go on at the same time, where one that only waits lets another go on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A number of places.
#[derive(Debug, Clone)]
pub struct Places(Arc<Semaphore>);

/// A place, free again when the last of its clones is dropped. The default is one of its own, beside all others.
#[derive(Debug, Clone, Default)]
pub struct Place(Option<Arc<Taken>>);

#[derive(Debug)]
struct Taken {
    places: Places,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    permit: Option<OwnedSemaphorePermit>,
    /// Parts of the work that only wait just now.
    waits: usize,
}

/// A part of the work that waits, until it is dropped.
struct Away<'t>(&'t Taken);

impl Places {
    /// So many.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self(Arc::new(Semaphore::new(count)))
    }

    /// Waits for a place, first come, first served; none once they are closed.
    pub async fn take(&self) -> Option<Place> {
        let permit = self.permit().await?;
        Some(Place(Some(Arc::new(Taken {
            places: self.clone(),
            state: Mutex::new(State {
                permit: Some(permit),
                waits: 0,
            }),
        }))))
    }

    /// Sends away everybody who waits for a place, now and later. What has one goes on.
    pub fn close(&self) {
        self.0.close();
    }

    async fn permit(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0).acquire_owned().await.ok()
    }
}

impl Place {
    /// Waits for `wait` with the place left to others, and takes it again before going on. A part of the work that does not wait at
    /// that moment does what it has in hand all the same.
    pub async fn lend<T>(&self, wait: impl Future<Output = T>) -> T {
        let Some(taken) = &self.0 else { return wait.await };
        let away = Away::begin(taken);
        let value = wait.await;
        drop(away);
        taken.resume().await;
        value
    }
}

impl Taken {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the place again, unless another part of the work still waits: the last one to come back does.
    async fn resume(&self) {
        let is_wanted = |state: &State| state.waits == 0 && state.permit.is_none();
        if is_wanted(&self.state()) {
            let permit = self.places.permit().await;
            let mut state = self.state();
            if is_wanted(&state) {
                state.permit = permit;
            }
        }
    }
}

impl<'t> Away<'t> {
    fn begin(taken: &'t Taken) -> Self {
        let mut state = taken.state();
        state.waits += 1;
        state.permit = None;
        Self(taken)
    }
}

impl Drop for Away<'_> {
    fn drop(&mut self) {
        self.0.state().waits -= 1;
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use futures_util::poll;
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn a_place_that_is_lent_is_somebody_elses_until_he_gives_it_back() {
        let places = Places::new(1);
        let first = places.take().await.expect("a place");
        let mut second = std::pin::pin!(places.take());
        assert!(poll!(&mut second).is_pending(), "there is only one");
        let (over, wait) = oneshot::channel();
        let mut waiting = Box::pin(first.lend(wait));
        assert!(poll!(&mut waiting).is_pending());
        let Poll::Ready(second) = poll!(&mut second) else {
            panic!("who waits holds no place")
        };
        over.send(()).expect("somebody waits");
        assert!(poll!(&mut waiting).is_pending(), "there is still only one");
        drop(second);
        assert!(poll!(&mut waiting).is_ready());
        assert!(poll!(std::pin::pin!(places.take())).is_pending(), "it is taken again");
        drop(waiting);
        drop(first);
        assert!(poll!(std::pin::pin!(places.take())).is_ready());
    }

    #[tokio::test]
    async fn of_two_parts_that_wait_the_last_one_takes_the_place_again() {
        let places = Places::new(1);
        let place = places.take().await.expect("a place");
        let (one, other) = (oneshot::channel::<()>(), oneshot::channel::<()>());
        let mut first = std::pin::pin!(place.lend(one.1));
        let mut second = std::pin::pin!(place.lend(other.1));
        assert!(poll!(&mut first).is_pending() && poll!(&mut second).is_pending());
        drop(one.0);
        assert!(poll!(&mut first).is_ready(), "the other one still waits");
        assert!(poll!(std::pin::pin!(places.take())).is_ready(), "so that the place is free");
        drop(other.0);
        assert!(poll!(&mut second).is_ready());
        assert!(poll!(std::pin::pin!(places.take())).is_pending());
    }

    #[tokio::test]
    async fn a_wait_that_is_broken_off_counts_no_more() {
        let places = Places::new(1);
        let place = places.take().await.expect("a place");
        {
            let mut broken = std::pin::pin!(place.lend(std::future::pending::<()>()));
            assert!(poll!(&mut broken).is_pending());
        }
        place.lend(async {}).await;
        assert!(poll!(std::pin::pin!(places.take())).is_pending(), "it is taken again");
    }

    #[tokio::test]
    async fn closed_places_keep_nobody_waiting() {
        let places = Places::new(1);
        let place = places.take().await.expect("a place");
        let mut next = std::pin::pin!(places.take());
        assert!(poll!(&mut next).is_pending());
        places.close();
        assert!(next.await.is_none());
        place.lend(async {}).await;
        Place::default().lend(async {}).await;
    }
}
