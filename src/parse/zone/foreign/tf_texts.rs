//! Texts of a plan as the provider publishes them.

use super::records::Records;
use crate::model::{Name, Rdata, RecordType};

/// A record whose text is cut into strings as needed.
pub(super) fn one(
    records: &mut Records,
    zone: &Name,
    owner: Name,
    ttl: Option<u32>,
    kind: &str,
    value: &str,
    line: u32,
) {
    if kind != "TXT" {
        return records.text(zone, owner, ttl, kind, value, line);
    }
    // AWS takes `a" "b` for two strings.
    let quoted = if value.starts_with('"') { value.to_owned() } else { format!("\"{}\"", value) };
    match Rdata::from_text(RecordType::Txt, &quoted) {
        Ok(Rdata::Txt(strings)) => {
            let pieces = strings.iter().flat_map(|string| match string.is_empty() {
                true => vec![Vec::new()],
                false => string.chunks(255).map(<[u8]>::to_vec).collect(),
            });
            records.push(zone, owner, ttl, Rdata::Txt(pieces.collect()), line);
        }
        _ => records.txt(zone, owner, ttl, value.as_bytes(), line),
    }
}

/// What a provider makes of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Texts {
    /// Strings of 255 octets, as many as needed.
    Split,
    Aws,
    Google,
}

/// A text for Route 53 or Google, who split nothing: a string over 255 octets is refused, and
/// Google takes words without quotes for strings of their own.
pub(super) fn exact_text(
    records: &mut Records,
    zone: &Name,
    owner: Name,
    ttl: Option<u32>,
    (texts, value): (Texts, &str),
    line: u32,
) {
    let value = if texts == Texts::Google { value.trim() } else { value };
    let is_bare = texts == Texts::Google && !value.is_empty() && !value.starts_with('"');
    let words = || value.split_ascii_whitespace().map(|word| word.as_bytes().to_vec()).collect();
    let quoted = if value.starts_with('"') { value.to_owned() } else { format!("\"{value}\"") };
    let read = if is_bare { Ok(Rdata::Txt(words())) } else { Rdata::from_text(RecordType::Txt, &quoted) };
    let longest = match &read {
        Ok(Rdata::Txt(strings)) => strings.iter().map(Vec::len).max().unwrap_or_default(),
        _ => value.len(),
    };
    if longest > 255 {
        let why =
            format!("a string of {longest} octets; one holds at most 255, and the provider splits none");
        return records.broken(zone, owner, Some(RecordType::Txt), line, why);
    }
    match read {
        Ok(rdata) => records.push(zone, owner.clone(), ttl, rdata, line),
        Err(_) => records.txt(zone, owner.clone(), ttl, value.as_bytes(), line),
    }
    if is_bare && value.starts_with("v=") && value.contains(' ') {
        records.unquoted(zone, owner, line);
    }
}
