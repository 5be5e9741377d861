//! A fast hash for the short byte strings of logs. Seeded by the caller, so that
//! a log written to collide gains nothing; never decides the order of output.

use std::hash::{BuildHasherDefault, Hasher};

const K: u64 = 0x9e37_79b9_7f4a_7c15;

#[inline]
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

/// 64 bits of `text` under `seed`.
#[inline]
pub(crate) fn bytes(seed: u64, text: &[u8]) -> u64 {
    let mut hash = seed ^ (text.len() as u64).wrapping_mul(K);
    let mut chunks = text.chunks_exact(8);
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        hash = mix(hash ^ u64::from_le_bytes(word), K);
    }
    mix(hash ^ tail(chunks.remainder()), K ^ seed.rotate_left(32))
}

/// Up to seven bytes; texts of one length, as the hash knows it, differ here
/// wherever they differ. A copy of unknown length would cost more than the rest.
#[inline]
fn tail(rest: &[u8]) -> u64 {
    match rest {
        [] => 0,
        [a] => u64::from(*a),
        [a, b] => u64::from(u16::from_le_bytes([*a, *b])),
        [a, b, c] => u64::from(u32::from_le_bytes([*a, *b, *c, 0])),
        [a, b, c, d, rest @ ..] => {
            let high = rest.iter().fold(0, |high, byte| high << 8 | u64::from(*byte));
            u64::from(u32::from_le_bytes([*a, *b, *c, *d])) | high << 32
        }
    }
}

/// The same without regard to ASCII case.
pub(crate) fn lowercase(seed: u64, text: &[u8]) -> u64 {
    text.iter().fold(seed ^ K, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    }) ^ (text.len() as u64) << 56
}

/// For keys that are hashes already.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ready(u64);

impl Hasher for Ready {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, text: &[u8]) {
        self.0 = bytes(self.0, text);
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// A map from hashes.
pub(crate) type HashedMap<V> = std::collections::HashMap<u64, V, BuildHasherDefault<Ready>>;
