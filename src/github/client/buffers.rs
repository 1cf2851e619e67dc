//! Buffers for bodies, used again and again: a page is some hundred kilobytes, and pieces of that size that come and go leave holes among
//! what is kept longer.

use std::sync::{Mutex, PoisonError};

/// How many are kept: as many pages as are under way at a time.
const KEPT: usize = 8;
/// Bytes of the largest that is kept.
const LARGEST: usize = 1 << 20;

/// Buffers that nobody uses just now.
#[derive(Debug, Default)]
pub(super) struct Buffers(Mutex<Vec<Vec<u8>>>);

impl Buffers {
    /// An empty buffer, mostly one with room.
    pub(super) fn take(&self) -> Vec<u8> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
            .unwrap_or_default()
    }

    /// Takes a buffer back.
    pub(super) fn give_back(&self, mut buffer: Vec<u8>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT && (1..=LARGEST).contains(&buffer.capacity()) {
            buffer.clear();
            kept.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_in_a_buffer_is_gone_and_few_are_kept() {
        let buffers = Buffers::default();
        for _ in 0..2 * KEPT {
            buffers.give_back(b"a secret".to_vec());
        }
        buffers.give_back(Vec::with_capacity(2 * LARGEST));
        assert_eq!(buffers.0.lock().expect("a lock").len(), KEPT);
        let again = buffers.take();
        assert!(again.is_empty() && again.capacity() >= 8);
    }
}
