//! A share of a count, with how far it can be trusted.

/// Deviations of a normal distribution that hold 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// Wilson's interval at 95 % for `part` of `whole`; `None` of nothing.
pub(crate) fn interval(part: u64, whole: u64) -> Option<(f64, f64)> {
    if whole == 0 {
        return None;
    }
    let (part, whole) = (part.min(whole) as f64, whole as f64);
    let (share, spread) = (part / whole, Z * Z / whole);
    let middle = (share + spread / 2.0) / (1.0 + spread);
    let half = Z * (share * (1.0 - share) / whole + spread / (4.0 * whole)).sqrt() / (1.0 + spread);
    Some(((middle - half).max(0.0), (middle + half).min(1.0)))
}

#[cfg(test)]
mod tests {
    use super::interval;

    /// Values of the table in Newcombe (1998), method 3, and by hand.
    #[test]
    fn as_published() {
        let rounded = |part, whole| {
            interval(part, whole).map(|(low, high)| ((low * 1e4).round() / 1e4, (high * 1e4).round() / 1e4))
        };
        assert_eq!(rounded(81, 263), Some((0.2553, 0.3662)));
        assert_eq!(rounded(15, 148), Some((0.0624, 0.1605)));
        assert_eq!(rounded(0, 20), Some((0.0, 0.1611)));
        assert_eq!(rounded(1, 29), Some((0.0061, 0.1718)));
        assert_eq!(rounded(20, 20), Some((0.8389, 1.0)));
        assert_eq!(interval(0, 0), None);
    }
}
