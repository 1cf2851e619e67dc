//! A gate that holds requests until a test opens it, so that no test has to sleep.

use std::sync::Arc;

use tokio::sync::watch;

/// Holds the requests that a [`super::Fault`] sends to it. Clones are the same gate.
#[derive(Debug, Clone)]
pub struct Gate(Arc<State>);

#[derive(Debug)]
struct State {
    arrived: watch::Sender<usize>,
    open: watch::Sender<bool>,
}

impl Default for Gate {
    fn default() -> Self {
        Self::closed()
    }
}

impl Gate {
    /// A closed gate.
    #[must_use]
    pub fn closed() -> Self {
        Self(Arc::new(State {
            arrived: watch::Sender::new(0),
            open: watch::Sender::new(false),
        }))
    }

    /// Waits until `count` requests have arrived, counted from the beginning.
    pub async fn reached(&self, count: usize) {
        // The sender lives as long as `self`, so the wait can only end by the condition.
        let _ = self.0.arrived.subscribe().wait_for(|arrived| *arrived >= count).await;
    }

    /// Lets everything pass, now and later.
    pub fn open(&self) {
        self.0.open.send_replace(true);
    }

    /// Holds what arrives from now on.
    pub fn close(&self) {
        self.0.open.send_replace(false);
    }

    /// Where a request waits.
    pub(super) async fn pass(&self) {
        self.0.arrived.send_modify(|arrived| *arrived += 1);
        let _ = self.0.open.subscribe().wait_for(|open| *open).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_waits_until_the_gate_opens() {
        let gate = Gate::closed();
        let held = gate.clone();
        let request = tokio::spawn(async move { held.pass().await });
        gate.reached(1).await;
        assert!(!request.is_finished());
        gate.open();
        request.await.expect("the request goes on");
    }
}
