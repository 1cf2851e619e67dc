//! A set of numbers that takes a bit for each: a million issues in 128 KiB.

use std::collections::BTreeMap;

/// Words of a block.
const WORDS: usize = 1_024;
/// Numbers of a block.
const BLOCK: u64 = 64 * WORDS as u64;

/// Numbers of issues and pull requests. They are dense, so that blocks of bits are small; one that is far off takes a block of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Numbers(BTreeMap<u64, Box<[u64]>>);

/// Word and bit of a number in its block.
fn place(number: u64) -> (usize, u64) {
    let within = number % BLOCK;
    (usize::try_from(within / 64).unwrap_or_default(), 1 << (within % 64))
}

impl Numbers {
    /// Adds a number; true when it was not there.
    pub fn insert(&mut self, number: u64) -> bool {
        let (word, bit) = place(number);
        let block = self.0.entry(number / BLOCK).or_insert_with(|| vec![0; WORDS].into());
        let is_new = block[word] & bit == 0;
        block[word] |= bit;
        is_new
    }

    /// True when it is there.
    #[must_use]
    pub fn contains(&self, number: u64) -> bool {
        let (word, bit) = place(number);
        self.0.get(&(number / BLOCK)).is_some_and(|block| block[word] & bit != 0)
    }

    /// All of them, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u64> {
        let bits = |(base, word): (u64, u64)| (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| base + bit);
        self.0
            .iter()
            .flat_map(|(at, block)| {
                (0_u64..)
                    .zip(block.iter())
                    .map(move |(index, word)| (at * BLOCK + index * 64, *word))
            })
            .filter(|(_, word)| *word != 0)
            .flat_map(bits)
    }

    /// Those that `other` has not.
    pub fn without<'n>(&'n self, other: &'n Self) -> impl Iterator<Item = u64> {
        self.iter().filter(|number| !other.contains(*number))
    }

    /// All of them as bytes, a bit each, to be kept.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len() * (WORDS + 1) * 8);
        for (at, block) in &self.0 {
            bytes.extend(at.to_le_bytes());
            bytes.extend(block.iter().flat_map(|word| word.to_le_bytes()));
        }
        bytes
    }

    /// What [`Self::to_bytes`] gave; none of anything else.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut words = bytes
            .chunks_exact(8)
            .map(|word| word.try_into().map(u64::from_le_bytes).unwrap_or_default());
        let is_whole = bytes.len().is_multiple_of((WORDS + 1) * 8);
        let mut blocks = BTreeMap::new();
        while let Some(at) = words.next().filter(|_| is_whole) {
            blocks.insert(at, words.by_ref().take(WORDS).collect());
        }
        is_whole.then_some(Self(blocks))
    }

    /// The largest one.
    #[must_use]
    pub fn last(&self) -> Option<u64> {
        let (at, block) = self.0.last_key_value()?;
        let (index, word) = (0_u64..).zip(block.iter()).filter(|(_, word)| **word != 0).last()?;
        Some(at * BLOCK + index * 64 + u64::from(63 - word.leading_zeros()))
    }
}

impl Extend<u64> for Numbers {
    fn extend<I: IntoIterator<Item = u64>>(&mut self, numbers: I) {
        for number in numbers {
            self.insert(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_kept_is_the_same_again() {
        let mut some = Numbers::default();
        some.extend([1, 2, 63, 64, 65_536, 1_000_000]);
        assert_eq!(Numbers::from_bytes(&some.to_bytes()), Some(some.clone()));
        assert_eq!(Numbers::from_bytes(&[]), Some(Numbers::default()));
        assert_eq!(Numbers::from_bytes(&some.to_bytes()[1..]), None);
    }

    #[test]
    fn s4_a_million_numbers_take_a_bit_each() {
        let mut all = Numbers::default();
        all.extend(1..=1_000_000);
        assert_eq!((all.0.len() * WORDS * 8, all.last()), (16 * 8_192, Some(1_000_000)));
        assert!(all.contains(65_536) && !all.contains(0) && !all.contains(1_000_001));
    }

    proptest! {
        #[test]
        fn it_is_a_set(
            one in prop::collection::btree_set(prop_oneof![0..300_u64, any::<u64>()], 0..40),
            other in prop::collection::btree_set(0..300_u64, 0..40),
        ) {
            let of = |set: &BTreeSet<u64>| { let mut all = Numbers::default(); all.extend(set.iter().copied()); all };
            let (first, second) = (of(&one), of(&other));
            prop_assert_eq!(first.iter().collect::<BTreeSet<_>>(), one.clone());
            prop_assert_eq!(first.last(), one.last().copied());
            prop_assert_eq!(first.without(&second).collect::<Vec<_>>(), one.difference(&other).copied().collect::<Vec<_>>());
        }
    }
}
