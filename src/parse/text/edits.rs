//! How far two words are apart.

/// Edits, a swap of neighbours counted as one, so that `inlcude` is near `include`. It takes the
/// product of the lengths, so no more than 24 characters of each count.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let short = |text: &str| text.chars().take(24).collect::<String>();
    strsim::osa_distance(&short(a), &short(b))
}
