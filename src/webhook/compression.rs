//! Payloads are kept compressed: what GitHub sends is repetitive, and shrinks to a tenth.

use std::io::Read as _;

/// Fast: a delivery is answered within milliseconds.
const LEVEL: i32 = 1;

/// Compresses a payload.
///
/// # Errors
/// When the library cannot allocate.
pub fn compress(payload: &[u8]) -> std::io::Result<Vec<u8>> {
    zstd::bulk::compress(payload, LEVEL)
}

/// Gives back what was compressed, as long as it is not longer than `most` bytes.
///
/// # Errors
/// When it was not compressed here, or is longer.
pub fn decompress(bytes: &[u8], most: usize) -> std::io::Result<Vec<u8>> {
    let mut payload = Vec::new();
    let limit = most as u64 + 1;
    zstd::stream::read::Decoder::new(bytes)?
        .take(limit)
        .read_to_end(&mut payload)?;
    if payload.len() > most {
        return Err(std::io::Error::other("the stored payload is longer than a delivery can be"));
    }
    Ok(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_and_a_bomb_does_not() {
        let payload = b"{\"a\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}";
        let stored = compress(payload).expect("compressed");
        assert_eq!(decompress(&stored, 1000).expect("read"), payload);
        assert!(decompress(&stored, 10).is_err());
        assert!(decompress(b"nonsense", 10).is_err());
    }
}
