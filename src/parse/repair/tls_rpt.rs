//! A `_smtp._tls` record as it was meant (RFC 8460 section 3).

use super::tags::{Grammar, addresses};
use super::{Repaired, characters};
use crate::parse::transport::mta_sts::report_uris;

const GRAMMAR: Grammar = Grammar { names: &["v", "rua"], version: "TLSRPTv1" };

/// Reads the strings of a TXT record at `_smtp._tls`; `None` where it was not meant as one.
pub(crate) fn read(strings: &[Vec<u8>]) -> Option<Repaired> {
    let whole = strings.concat();
    if report_uris(&whole).is_ok() {
        return Some(Repaired { text: String::from_utf8(whole).ok()?, ..Repaired::default() });
    }
    let clean = characters::plain(strings);
    let mut read = GRAMMAR.read(&clean.joined())?;
    read.repairs.splice(0..0, clean.repairs);
    let values: Vec<String> = read.values("rua").map(str::to_owned).collect();
    if read.values("v").next().is_none() && values.is_empty() {
        return None;
    }
    let uris = addresses(&values.join(","), true, &mut read);
    if uris.is_empty() && read.unread.is_empty() {
        read.unread.push("rua= names no address".to_owned());
    }
    let text = format!("v=TLSRPTv1; rua={}", uris.join(","));
    Some(Repaired { text, repairs: read.repairs, unread: read.unread })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records() {
        let of = |text: &str| read(&[text.as_bytes().to_vec()]);
        for text in [
            "v=TLSRPTv1; rua=a@example.com",
            "v=TLSRPTv1 rua=mailto:a@example.com",
            "v=tlsrptv1; rua=mailto:a@example.com",
            "v=TLSRPT1; rua=mailto:a@example.com",
            "rua=mailto:a@example.com; v=TLSRPTv1",
            "v=TLSRPTv1; rau=mailto:a@example.com",
            "v=TLSRPTv1; RUA:mailto:a@example.com",
            "\u{200b}v=TLSRPTv1; rua=<a@example.com>",
            "v=TLSRPTv1\\; rua=mailto:a@example.com",
        ] {
            let found = of(text).unwrap_or_else(|| panic!("{text:?}"));
            assert_eq!(found.text, "v=TLSRPTv1; rua=mailto:a@example.com", "{text:?}: {found:?}");
            assert!(found.is_whole() && report_uris(found.text.as_bytes()).is_ok(), "{text:?}: {found:?}");
        }
        assert!(!of("v=TLSRPTv1").unwrap().is_whole());
        assert_eq!(
            of("v=TLSRPTv1; rua=https://r.example/x").unwrap().text,
            "v=TLSRPTv1; rua=https://r.example/x"
        );
    }
}
