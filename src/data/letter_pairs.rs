//! Pairs of letters that stand in no word of a language written in Latin letters, nor where
//! two of its words meet often: what a machine draws shows by them. Own list, from the
//! sound rules of European languages, romanised Japanese and pinyin.

/// Two bytes each, lower case. Left out on purpose: `vm`, `mw`, `ww`, `kk`, `sq` and others
/// that everyday names hold (vmware, www), Slavic and Dutch clusters (`zd`, `vn`, `lj`, `jk`).
#[rustfmt::skip]
const UNHEARD: &[&str] = &[
    // q before anything but u, and after most letters.
    "qa", "qb", "qc", "qd", "qe", "qf", "qg", "qh", "qj", "qk", "ql", "qm", "qn", "qo", "qp", "qr", "qs", "qt", "qv", "qw",
    "qx", "qy", "qz", "fq", "gq", "jq", "kq", "mq", "pq", "tq", "vq", "wq", "xq", "yq", "zq",
    // x beside consonants.
    "xd", "xg", "xj", "xk", "xm", "xn", "xr", "xs", "xv", "xw", "xz", "bx", "cx", "dx", "fx", "gx",
    "hx", "jx", "kx", "lx", "mx", "nx", "px", "rx", "sx", "tx", "vx", "wx", "yx", "zx",
    // v, w, j, z and h where no syllable puts them.
    "vf", "vg", "vw", "vc", "vv", "wv", "wz", "wj", "wg", "wq", "kz",
    "cj", "pj", "jh", "jj", "zf", "zv", "yy",
    // Stops and f beside each other.
    "cv", "cw", "cg", "cf", "cp", "bw",
];

/// How many such pairs a label holds.
pub(crate) fn unheard(label: &str) -> usize {
    label.as_bytes().windows(2).filter(|pair| UNHEARD.iter().any(|known| known.as_bytes() == *pair)).count()
}

#[cfg(test)]
mod tests {
    use super::unheard;

    #[test]
    fn words_have_none() {
        for word in [
            "question",
            "oxford",
            "zdravje",
            "prijzen",
            "kyoto",
            "zhongguo",
            "schwarz",
            "wspolnota",
            "vmware",
        ] {
            assert_eq!(unheard(word), 0, "{word}");
        }
        assert!(unheard("gxqzv") >= 3);
    }
}
