//! Stand-in until the frappe room brings its own: random names.

use rand::Rng;

/// Ten characters of `0-9a-v`, as Frappe gives them.
#[must_use]
pub fn random_name() -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
    let mut rng = rand::rng();
    (0..10).map(|_| char::from(ALPHABET[rng.random_range(0..32)])).collect()
}
