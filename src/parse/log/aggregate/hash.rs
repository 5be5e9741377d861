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
pub fn bytes(seed: u64, text: &[u8]) -> u64 {
    let mut hash = seed ^ (text.len() as u64).wrapping_mul(K);
    let mut chunks = text.chunks_exact(8);
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        hash = mix(hash ^ u64::from_le_bytes(word), K);
    }
    let mut word = [0; 8];
    let rest = chunks.remainder();
    word[..rest.len()].copy_from_slice(rest);
    mix(hash ^ u64::from_le_bytes(word), K ^ seed.rotate_left(32))
}

/// The same without regard to ASCII case.
pub fn lowercase(seed: u64, text: &[u8]) -> u64 {
    text.iter().fold(seed ^ K, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    }) ^ (text.len() as u64) << 56
}

/// For keys that are hashes already.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ready(u64);

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
pub type HashedMap<V> = std::collections::HashMap<u64, V, BuildHasherDefault<Ready>>;
