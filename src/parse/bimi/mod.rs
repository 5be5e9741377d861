//! A BIMI assertion record (draft-brand-indicators-for-message-identification-14
//! section 4.3; no RFC yet) with the bytes of what is wrong with it.

pub mod brand_logo;
pub mod mark_certificate;

use crate::parse::tag_list::{Fault, Tag, TagList, plain};

/// The record as published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BimiRecord {
    /// The record, as published.
    pub text: String,
    /// `l=`; `None` where it is empty or absent: the domain declines.
    pub location: Option<String>,
    /// `a=`: the mark certificate.
    pub authority: Option<String>,
    /// Grammar and meaning, in no order.
    pub faults: Vec<Fault>,
}

/// Whether the text is meant as a BIMI record.
pub fn is_bimi(text: &str) -> bool {
    let list = TagList::parse(text);
    list.tags
        .first()
        .is_some_and(|tag| tag.name.eq_ignore_ascii_case("v") && tag.value.eq_ignore_ascii_case("BIMI1"))
}

impl BimiRecord {
    /// Reads a record; what cannot be used becomes a fault.
    pub fn parse(text: &str) -> BimiRecord {
        let list = TagList::parse(text);
        let mut faults = list.faults.clone();
        match list.tags.first() {
            Some(tag) if tag.name == "v" && tag.value == "BIMI1" => {}
            Some(tag) => faults.push(Fault::fatal(
                tag.span.clone(),
                format!("the record begins with {}={}, not v=BIMI1", plain(&tag.name), plain(&tag.value)),
            )),
            None => faults.push(Fault::fatal(0..text.len(), "the record is empty")),
        }
        if list.get("l").is_none() {
            faults.push(Fault::fatal(0..text.len(), "there is no l= tag (leave it empty to decline)"));
        }
        let location = list.get("l").and_then(|tag| read_uri(tag, &[".svg", ".svgz"], &mut faults));
        let authority = list.get("a").and_then(|tag| match tag.value.as_str() {
            "self" => None,
            _ => read_uri(tag, &[".pem"], &mut faults),
        });
        if let Some(tag) = list.get("avp").filter(|tag| !matches!(tag.value.as_str(), "brand" | "personal")) {
            faults.push(Fault::mild(
                tag.span.clone(),
                format!("avp={} is neither brand nor personal", plain(&tag.value)),
            ));
        }
        faults.sort_by_key(|fault| (fault.span.start, fault.span.end));
        BimiRecord { text: text.to_owned(), location, authority, faults }
    }

    /// Nothing is to be shown (section 4.3).
    pub fn declines(&self) -> bool {
        self.location.is_none() && self.authority.is_none() && self.faults.is_empty()
    }
}

fn read_uri(tag: &Tag, endings: &[&str], faults: &mut Vec<Fault>) -> Option<String> {
    if tag.value.is_empty() {
        return None;
    }
    let shown = plain(&tag.value);
    match url::Url::parse(&tag.value) {
        Ok(url) if url.scheme() != "https" => {
            faults.push(Fault::fatal(tag.value_span.clone(), format!("{}={shown} is not https", tag.name)));
            None
        }
        Ok(url) if url.host_str().is_some() => {
            let path = url.path().to_ascii_lowercase();
            if !endings.iter().any(|ending| path.ends_with(ending)) {
                let wanted = endings.first().copied().unwrap_or_default();
                faults.push(Fault::mild(
                    tag.value_span.clone(),
                    format!("{}={shown} does not end in {wanted}; some receivers look at that", tag.name),
                ));
            }
            Some(tag.value.clone())
        }
        _ => {
            faults
                .push(Fault::fatal(tag.value_span.clone(), format!("{}={shown} is no https URL", tag.name)));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read() {
        let good =
            BimiRecord::parse("v=BIMI1; l=https://example.com/logo.svg; a=https://example.com/vmc.pem");
        assert!(good.faults.is_empty() && good.authority.is_some() && !good.declines());
        assert!(BimiRecord::parse("v=BIMI1; l=; a=;").declines());
        for (text, part) in [
            ("v=BIMI2; l=", "not v=BIMI1"),
            ("v=BIMI1", "no l="),
            ("v=BIMI1; l=http://example.com/a.svg", "not https"),
            ("v=BIMI1; l=logo.svg", "no https URL"),
            ("v=BIMI1; l=https://example.com/a.png", "does not end"),
        ] {
            let record = BimiRecord::parse(text);
            assert!(record.faults.iter().any(|f| f.text.contains(part)), "{text}: {:?}", record.faults);
        }
    }
}
