//! A set of GitHub's ids as bytes: they are large and far apart, so that a bit each, as for numbers of issues, would be waste.

use std::collections::BTreeSet;

/// The ids as bytes, to be kept: ascending, each as what it is above the one before, seven bits a byte.
#[must_use]
pub fn pack(ids: &BTreeSet<u64>) -> Vec<u8> {
    let (mut bytes, mut before) = (Vec::with_capacity(ids.len() * 3), 0);
    for &id in ids {
        let mut above = id - before;
        while above >= 0x80 {
            bytes.push(0x80 | low_bits(above));
            above >>= 7;
        }
        bytes.push(low_bits(above));
        before = id;
    }
    bytes
}

fn low_bits(number: u64) -> u8 {
    u8::try_from(number & 0x7f).unwrap_or_default()
}

/// What [`pack`] gave; none of anything else.
#[must_use]
pub fn unpack(bytes: &[u8]) -> Option<BTreeSet<u64>> {
    let (mut ids, mut before, mut above, mut shift) = (BTreeSet::new(), 0_u64, 0_u64, 0_u32);
    for byte in bytes {
        let bits = u64::from(byte & 0x7f);
        above |= bits.checked_shl(shift).filter(|shifted| shifted >> shift == bits)?;
        if byte & 0x80 == 0 {
            before = before.checked_add(above)?;
            if !ids.insert(before) {
                return None;
            }
            (above, shift) = (0, 0);
        } else {
            shift += 7;
        }
    }
    (shift == 0).then_some(ids)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_comments_id_takes_about_three_bytes() {
        let ids: BTreeSet<u64> = (0..10_000).map(|at| 1_500_000_000 + at * 6_007).collect();
        assert!(pack(&ids).len() < 20_100, "{}", pack(&ids).len());
        assert_eq!(unpack(&pack(&ids)), Some(ids));
    }

    proptest! {
        #[test]
        fn ids_come_out_as_they_went_in(ids in proptest::collection::btree_set(any::<u64>(), 0..200)) {
            prop_assert_eq!(unpack(&pack(&ids)), Some(ids));
        }

        #[test]
        fn whatever_bytes_they_are_nothing_breaks(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Some(ids) = unpack(&bytes) {
                prop_assert_eq!(unpack(&pack(&ids)), Some(ids));
            }
        }
    }
}
