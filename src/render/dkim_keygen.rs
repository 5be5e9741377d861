//! The answer of `mailvet dkim keygen`: the record as a zone file takes it, and
//! what to do next.

use serde::Serialize;

use super::style::wrap;
use crate::model::Name;

/// A new pair.
pub(crate) struct KeygenView {
    pub name: Name,
    pub selector: String,
    pub domain: String,
    pub algorithm: &'static str,
    pub bits: usize,
    /// Where the private key was written.
    pub file: String,
    /// The TXT record's text.
    pub record: String,
}

#[derive(Serialize)]
pub(crate) struct KeygenV1<'v> {
    schema: &'static str,
    selector: &'v str,
    domain: &'v str,
    algorithm: &'static str,
    bits: usize,
    private_key_file: &'v str,
    name: String,
    record: &'v str,
    /// The record in character-strings of at most 255 octets.
    strings: Vec<&'v str>,
    zone_line: String,
}

impl KeygenView {
    pub(crate) fn json(&self) -> KeygenV1<'_> {
        KeygenV1 {
            schema: "mailvet/dkim-keygen/1",
            selector: &self.selector,
            domain: &self.domain,
            algorithm: self.algorithm,
            bits: self.bits,
            private_key_file: &self.file,
            name: self.name.to_string(),
            record: &self.record,
            strings: self.strings(),
            zone_line: self.zone_line(),
        }
    }

    /// RFC 1035 section 3.3.14: a character-string has at most 255 octets. The record is ASCII.
    fn strings(&self) -> Vec<&str> {
        self.record.as_bytes().chunks(255).filter_map(|part| std::str::from_utf8(part).ok()).collect()
    }

    fn zone_line(&self) -> String {
        let quoted: Vec<String> = self.strings().iter().map(|part| format!("\"{part}\"")).collect();
        match quoted.as_slice() {
            [one] => format!("{}. IN TXT {one}", self.name),
            many => format!("{}. IN TXT ( {} )", self.name, many.join("\n    ")),
        }
    }
}

pub(crate) fn keygen(view: &KeygenView, width: usize) -> String {
    let file = crate::render::escape::terminal(&view.file);
    let mut out = format!("private key  {file}  (readable by you alone; it never leaves the signer)\n\n");
    out.push_str(&view.zone_line());
    out.push_str("\n\n");
    let next = format!(
        "Publish that record, wait for its old TTL, check it with: mailvet dkim {} --selector {} \
         --private-key {file} ; then let the signer use the key.",
        view.domain, view.selector
    );
    out.push_str(&wrap(&next, width, "", ""));
    out
}
