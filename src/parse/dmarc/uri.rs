//! The report addresses of a DMARC record: `rua` and `ruf` (RFC 9990 section 3,
//! RFC 3986, RFC 6068).

use std::ops::Range;

use crate::model::Name;
use crate::parse::tag_list::{Fault, Tag, items, plain};

/// One address reports shall go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportUri {
    pub text: String,
    pub span: Range<usize>,
    /// `local@domain` of a `mailto:` URI.
    pub address: Option<String>,
    /// The domain reports go to.
    pub domain: Option<Name>,
    /// True where a receiver can send a report there.
    pub usable: bool,
}

/// More than any receiver honours: "MUST support at least two" (RFC 9990 section 3).
const MAX_URIS: usize = 50;

pub(super) fn read_uris(tag: &Tag, faults: &mut Vec<Fault>) -> Vec<ReportUri> {
    let mut found = Vec::new();
    for (text, span) in items(tag, ',').into_iter().take(MAX_URIS) {
        let (uri, fault) = read(&tag.name, &text, span);
        faults.extend(fault);
        found.extend(uri);
    }
    found
}

fn read(name: &str, text: &str, span: Range<usize>) -> (Option<ReportUri>, Option<Fault>) {
    let shown = plain(text);
    let wrong = |why: &str| Some(Fault::mild(span.clone(), format!("{name}={shown}: {why}")));
    if text.is_empty() {
        return (None, wrong("an address is missing between the commas"));
    }
    let mut uri =
        ReportUri { text: text.to_owned(), span: span.clone(), address: None, domain: None, usable: false };
    // `!10m` was a size limit in RFC 7489; a "!" in an address is written %21.
    let (body, size) = match text.rsplit_once('!') {
        Some((body, size)) => (body, Some(size)),
        None => (text, None),
    };
    let Some((scheme, rest)) = body.split_once(':') else {
        let why = if body.contains('@') { "no URI: write mailto: before the address" } else { "no URI" };
        return (Some(uri), wrong(why));
    };
    if !scheme.eq_ignore_ascii_case("mailto") {
        let why = if scheme.contains('@') {
            "no URI: write mailto: before the address"
        } else {
            "receivers send reports to mailto: addresses only"
        };
        return (Some(uri), wrong(why));
    }
    let address = percent_decoded(rest.split('?').next().unwrap_or_default());
    let (local, domain) = match address.rsplit_once('@') {
        Some((local, domain)) if !local.is_empty() && !local.starts_with("//") => (local, domain),
        Some(_) => return (Some(uri), wrong("no mailbox: a mailto: URI has no //")),
        None => return (Some(uri), wrong("no mailbox: there is no @")),
    };
    match Name::parse(domain) {
        Ok(domain) if local.len() <= 64 && !local.contains(['@', ' ', '<', '>']) => {
            uri.address = Some(address.clone());
            uri.domain = Some(domain);
            uri.usable = true;
        }
        _ => return (Some(uri), wrong("no valid mail address")),
    }
    let fault = match size {
        Some(size) if !is_size(size) => wrong("what follows \"!\" is no size"),
        Some(_) => wrong("the size limit after \"!\" was removed in RFC 9990 and is ignored"),
        None => None,
    };
    (Some(uri), fault)
}

fn is_size(text: &str) -> bool {
    let digits = text.trim_end_matches(['k', 'm', 'g', 't', 'K', 'M', 'G', 'T']);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && text.len() <= digits.len() + 1
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match digits.and_then(|pair| u8::from_str_radix(pair, 16).ok()).filter(|_| byte == b'%') {
            Some(value) => {
                out.push(value);
                at += 3;
            }
            None => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use crate::parse::dmarc::DmarcRecord;

    #[test]
    fn addresses_are_read() {
        let record = |rua: &str| DmarcRecord::parse(&format!("v=DMARC1; p=none; rua={rua}")).unwrap();
        let good = record("mailto:a%21b@Reports.example, mailto:c@d.example");
        assert!(good.faults.is_empty(), "{:?}", good.faults);
        assert_eq!(good.rua[0].address.as_deref(), Some("a!b@Reports.example"));
        assert_eq!(good.rua[1].domain.as_ref().unwrap().as_str(), "d.example");
        for (text, part) in [
            ("agg@reports.example", "write mailto:"),
            ("ftp://reports.example", "mailto: addresses only"),
            ("mailto://reports.example", "no mailbox"),
            ("mailto:a@b.example!10m", "removed"),
            ("mailto:a@b.example!x", "no size"),
            ("mailto:a@b.example,,mailto:c@d.example", "between the commas"),
            ("mailto:a@b c.example", "no valid"),
        ] {
            let record = record(text);
            assert!(record.faults.iter().any(|f| f.text.contains(part)), "{text}: {:?}", record.faults);
        }
    }
}
