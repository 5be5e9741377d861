//! Zones in the formats that teams keep in git beside master files, to the same records: each
//! with its file and line. Nothing is evaluated: no JavaScript, no templates, no expressions.

mod dnscontrol;
mod json_lines;
mod octodns;
mod records;
mod route53;
mod route53_batch;
mod terraform;
mod tf_blocks;
mod tf_plan;
mod tf_texts;
mod tf_values;
mod tf_zones;
mod tinydns;

use std::borrow::Cow;

use super::Parsed;
use crate::model::Name;
pub(crate) use route53_batch::applied;
pub(crate) use tf_blocks::TfFiles;

/// A format of zone data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Format {
    /// RFC 1035 section 5; also what a transfer prints.
    Bind,
    Cloudflare,
    Windows,
    Octodns,
    Dnscontrol,
    Route53,
    Tinydns,
    Terraform,
}

impl Format {
    pub(crate) const ALL: [Format; 8] = [
        Format::Bind,
        Format::Cloudflare,
        Format::Windows,
        Format::Octodns,
        Format::Dnscontrol,
        Format::Route53,
        Format::Tinydns,
        Format::Terraform,
    ];

    /// As `--input` and the report name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Format::Bind => "bind",
            Format::Cloudflare => "cloudflare",
            Format::Windows => "windows",
            Format::Octodns => "octodns",
            Format::Dnscontrol => "dnscontrol",
            Format::Route53 => "route53",
            Format::Tinydns => "tinydns",
            Format::Terraform => "terraform",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Read by the reader of master files.
    pub(crate) fn is_master(self) -> bool {
        matches!(self, Format::Bind | Format::Cloudflare | Format::Windows)
    }

    /// Whether the format writes SOA and NS records of the apex at all; one that leaves them to
    /// the provider lacks nothing.
    pub(crate) fn has_apex(self) -> bool {
        matches!(self, Format::Bind | Format::Windows)
    }
}

/// What the file most likely is, by its name and its beginning.
pub(crate) fn detect(name: &str, bytes: &[u8]) -> Format {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(64 << 10)]);
    let text = head.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('{') || text.starts_with('[') {
        return match () {
            () if head.contains("\"ResourceRecordSets\"") || head.contains("\"ResourceRecords\"") => {
                Format::Route53
            }
            () if head.contains("\"dns_providers\"")
                || head.contains("\"filepos\"")
                || head.contains("\"domains\"") =>
            {
                Format::Dnscontrol
            }
            () if head.contains("\"resource_changes\"") || head.contains("\"terraform_version\"") => {
                Format::Terraform
            }
            () => Format::Route53,
        };
    }
    let extension = name.rsplit('.').next().unwrap_or_default();
    if matches!(extension, "yaml" | "yml") || text.starts_with("---") || is_yaml(text) {
        return Format::Octodns;
    }
    if text.contains(";; Exported:") || text.contains("cf_tags=") {
        return Format::Cloudflare;
    }
    if text.contains("Database file ") && text.contains(".dns for ") || text.contains("[AGE:") {
        return Format::Windows;
    }
    if tinydns::is_likely(text) { Format::Tinydns } else { Format::Bind }
}

/// A mapping of names to records, each with a type.
fn is_yaml(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let opens = lines.next().is_some_and(|line| line.ends_with(':') && !line.contains([' ', '\t']));
    let is_type = |line: &str| line.trim_start().trim_start_matches("- ").starts_with("type:");
    opens && lines.take(100).any(|line| line.starts_with(' ') && is_type(line))
}

/// The origin that the head of a file states in a comment.
pub(crate) fn stated_origin(format: Format, bytes: &[u8]) -> Option<Name> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]);
    let after = match format {
        Format::Cloudflare => head.split_once("Domain:")?.1,
        Format::Windows => head.split_once(" for ")?.1,
        _ => return None,
    };
    Name::parse(after.split_ascii_whitespace().next()?.trim_end_matches('.')).ok()
}

/// The origin that a file name states: `example.com.zone`, `db.example.com`, `example.com.yaml`.
pub(crate) fn origin_of_file_name(path: &str) -> Option<Name> {
    let name = path.rsplit(['/', '\\', ':']).next()?;
    let name = name.strip_prefix("db.").unwrap_or(name);
    let endings = [".zone", ".yaml", ".yml", ".json", ".dns", ".db", ".txt", ".hosts", ".bind", ".fwd"];
    let bare = endings.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
    let is_name =
        bare.contains('.') && bare.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
    if is_name { Name::parse(bare.trim_end_matches('.')).ok() } else { None }
}

/// The text as the reader of master files takes it, every line where it was.
pub(crate) fn prepared(format: Format, bytes: &[u8]) -> Cow<'_, [u8]> {
    match format {
        Format::Cloudflare => Cow::Owned(complete_soa(bytes)),
        Format::Windows => Cow::Owned(without_ages(bytes)),
        _ => Cow::Borrowed(bytes),
    }
}

/// Where a range of the prepared text stands in the file itself.
pub(crate) fn raw_range(
    format: Format,
    bytes: &[u8],
    range: std::ops::Range<usize>,
) -> std::ops::Range<usize> {
    if format != Format::Cloudflare {
        return range;
    }
    // Each line that got a dot moves what follows by one.
    let (mut raw, mut added, mut moved) = (0, 0, range.clone());
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if raw + added <= range.start {
            moved.start = range.start - added;
        }
        if raw + added <= range.end {
            moved.end = range.end - added;
        }
        added += complete_soa(line).len() - line.len();
        raw += line.len();
    }
    moved
}

/// Cloudflare writes the owner of the SOA record, which is the zone, without its final dot.
fn complete_soa(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 1);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let words: Vec<&[u8]> =
            line.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty()).take(4).collect();
        match words.as_slice() {
            [owner, .., kind]
                if kind.eq_ignore_ascii_case(b"SOA") && !owner.ends_with(b".") && line.starts_with(owner) =>
            {
                out.extend_from_slice(owner);
                out.push(b'.');
                out.extend_from_slice(&line[owner.len()..]);
            }
            _ => out.extend_from_slice(line),
        }
    }
    out
}

/// Windows marks records that clients registered with `[AGE:n]`; blanks keep every column.
fn without_ages(bytes: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    let mut from = 0;
    while let Some(at) = memchr::memmem::find(&out[from..], b"[AGE:").map(|at| from + at) {
        let end = out[at..].iter().position(|byte| *byte == b']' || *byte == b'\n').map(|end| at + end);
        // Once: the rest of a line without an end is not read again for each mark in it.
        from = end.unwrap_or(out.len());
        if out.get(from) == Some(&b']') {
            out[at..=from].fill(b' ');
        }
    }
    out
}

/// Reads a format that is no master file. `origin` is what relative names hang below, where
/// the format does not say it; `files` are those that a plan was made of.
///
/// # Errors
/// The file is not of the format: what is wrong, and what it looks like.
pub(crate) fn read(
    format: Format,
    file: &str,
    bytes: &[u8],
    origin: Option<&Name>,
    files: TfFiles,
) -> Result<Vec<Parsed>, String> {
    let zones = match format {
        Format::Octodns => octodns::read(file, bytes, origin),
        Format::Dnscontrol => dnscontrol::read(file, bytes),
        Format::Route53 => route53::read(file, bytes, origin),
        Format::Tinydns => tinydns::read(file, bytes, origin),
        Format::Terraform => terraform::read(file, bytes, terraform::Side::After, files),
        Format::Bind | Format::Cloudflare | Format::Windows => {
            let text = prepared(format, bytes);
            Ok(vec![super::parse(file, &text, origin, &mut super::NoFiles)])
        }
    };
    zones.map_err(|why| {
        let like = detect(file, bytes);
        if like == format { why } else { format!("{why}\n  this looks like {0}: --input {0}", like.name()) }
    })
}

/// A zone of octoDNS that stands in a folder of files, and what of them cannot be read.
pub(crate) fn read_split(zone: &Name, parts: &[(String, Vec<u8>)]) -> (Option<Parsed>, Vec<String>) {
    octodns::read_split(zone, parts)
}

/// The state that a Terraform plan starts from.
///
/// # Errors
/// The file is no plan.
pub(crate) fn read_before(file: &str, bytes: &[u8]) -> Result<Vec<Parsed>, String> {
    terraform::read(file, bytes, terraform::Side::Before, &mut |_| Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_apart() {
        let told = |name: &str, text: &str| detect(name, text.as_bytes()).name();
        assert_eq!(told("z", "$ORIGIN example.com.\n@ SOA a b 1 1 1 1 1\n"), "bind");
        assert_eq!(told("z.yaml", "---\n'':\n  type: A\n"), "octodns");
        assert_eq!(told("z", "# zone\n'':\n  - ttl: 60\n    type: A\n"), "octodns");
        assert_eq!(told("z", "a:\n b TXT \"type: x\"\n"), "bind");
        assert_eq!(told("z.json", "{\"ResourceRecordSets\": []}"), "route53");
        assert_eq!(told("z.json", "{\"dns_providers\": [], \"domains\": []}"), "dnscontrol");
        assert_eq!(told("p.json", "{\"format_version\": \"1.2\", \"resource_changes\": []}"), "terraform");
        assert_eq!(told("data", "Zexample.com:ns:h:1\n@example.com:192.0.2.1:mx:10\n"), "tinydns");
        assert_eq!(told("x", ";; Exported:   2026\n"), "cloudflare");
        assert_eq!(told("x.dns", ";  Database file x.dns for x zone.\n"), "windows");
        assert_eq!(origin_of_file_name("a/db.example.com").unwrap().as_str(), "example.com");
        assert_eq!(origin_of_file_name("zones/example.com.zone").unwrap().as_str(), "example.com");
        assert!(origin_of_file_name("Makefile").is_none());
        let text = b"a. A 192.0.2.1\na.example 60 IN SOA x. y. 1 1 1 1 1\nb A 192.0.2.2\n";
        let prepared = complete_soa(text);
        let at = memchr::memmem::find(&prepared, b"192.0.2.2").unwrap();
        assert_eq!(&text[raw_range(Format::Cloudflare, text, at..at + 9)], b"192.0.2.2");
        assert_eq!(raw_range(Format::Cloudflare, text, 0..2), 0..2);
        assert_eq!(
            without_ages(b"a [AGE:12] 60 A 192.0.2.1\n[AGE:\n"),
            b"a          60 A 192.0.2.1\n[AGE:\n"
        );
    }
}
