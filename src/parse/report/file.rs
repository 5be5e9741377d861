//! What a receiver sends about our mail, taken out of whatever it is packed in:
//! gzip, ZIP, mail attachments, mailbox files, each within the other. Sizes in
//! headers are claims; only what is really unpacked counts, and it is bounded.

use std::io::{Cursor, Read};
use std::sync::Arc;

use crate::model::reports::Figure;
use crate::model::untrusted::{Width, plain};
use crate::parse::bounce::{self, Notice, Original};
use crate::parse::message::Message;
use crate::parse::report::arf::Feedback;
use crate::parse::report::dmarc::{self, AggregateReport};
use crate::parse::report::figures;
use crate::parse::report::tls::TlsReport;

/// One report found in a file.
#[derive(Clone, Debug)]
pub enum Document {
    /// A DMARC aggregate report (RFC 9990).
    Aggregate(Box<AggregateReport>),
    /// A TLS report (RFC 8460).
    Tls(TlsReport),
    /// A feedback report (RFC 5965).
    Complaint(Box<Complaint>),
    /// An export of Postmaster Tools or SNDS.
    Figures(Vec<Figure>),
}

/// A feedback report (ARF) and what it says of the message it is about.
#[derive(Clone, Debug, Default)]
pub struct Complaint {
    /// The report itself.
    pub feedback: Feedback,
    /// The message complained about, as far as the report quotes it.
    pub original: Original,
}

/// Why a part is no report that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// In words.
    pub why: String,
    /// Something was there and is lost: a damaged report. A letter among reports is not.
    pub is_lost: bool,
}

impl std::fmt::Display for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.why)
    }
}

/// Containers within containers: a ZIP in gzip in a mail needs three.
const DEEPEST: usize = 5;
/// Documents taken from one file; a mailbox of a year has some thousands.
const MOST_DOCUMENTS: usize = 50_000;
/// Members of one archive looked at; reports have one.
const MOST_MEMBERS: usize = 1000;
/// All that one file may unpack to, in bytes; above it is a bomb.
const LARGEST_TOTAL: u64 = 16 * dmarc::LARGEST;

/// Hands each report of a file to `take`, and each part that was meant as one
/// and cannot be read, with the name of the part and why.
pub fn read(name: &str, bytes: &[u8], take: &mut dyn FnMut(&str, Result<Document, Unread>)) {
    let mut opening = Opening { take, left: LARGEST_TOTAL, documents: 0 };
    opening.any(name, bytes, 0);
}

struct Opening<'a> {
    take: &'a mut dyn FnMut(&str, Result<Document, Unread>),
    /// Bytes that may still be unpacked.
    left: u64,
    documents: usize,
}

/// The longest first line of a table that is looked at.
const LINE: usize = 2000;

/// What the first bytes say.
enum Form {
    Empty,
    Gzip,
    Zip,
    Xml,
    Json,
    Mail,
    Snds,
    Other,
}

fn form_of(bytes: &[u8]) -> Form {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    match start {
        [] => Form::Empty,
        [0x1f, 0x8b, ..] => Form::Gzip,
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Form::Zip,
        [b'<', ..] | [0xff, 0xfe, b'<', ..] | [0xfe, 0xff, 0, b'<', ..] => Form::Xml,
        [b'{' | b'[', ..] => Form::Json,
        // Before mail: the beginning of an IPv6 address looks like the name of a field.
        _ if figures::is_snds(&String::from_utf8_lossy(
            start.get(..LINE.min(start.len())).unwrap_or_default(),
        )) =>
        {
            Form::Snds
        }
        _ if is_mail(start) => Form::Mail,
        _ => Form::Other,
    }
}

/// Mail begins with a header field, or with an mbox `From ` line.
fn is_mail(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"From ") {
        return true;
    }
    let line = bytes.get(..memchr::memchr(b'\n', bytes).unwrap_or(bytes.len())).unwrap_or_default();
    let name = line.get(..memchr::memchr(b':', line).unwrap_or(0)).unwrap_or_default();
    !name.is_empty() && name.len() < 80 && name.iter().all(|b| b.is_ascii_graphic())
}

/// Whether the text has a word of a report at its beginning.
fn is_meant(bytes: &[u8], words: &[&str]) -> bool {
    let head: Vec<u8> = bytes.iter().take(4096).copied().filter(|byte| *byte != 0).collect();
    words.iter().any(|word| memchr::memmem::find(&head, word.as_bytes()).is_some())
}

impl Opening<'_> {
    fn done(&mut self, name: &str, result: Result<Document, Unread>) {
        self.documents += 1;
        (self.take)(name, result);
    }

    fn refuse(&mut self, name: &str, why: impl Into<String>) {
        self.done(name, Err(Unread { why: why.into(), is_lost: true }));
    }

    /// What was never meant as a report.
    fn pass_over(&mut self, name: &str, why: impl Into<String>) {
        self.done(name, Err(Unread { why: why.into(), is_lost: false }));
    }

    fn any(&mut self, name: &str, bytes: &[u8], depth: usize) {
        if self.documents >= MOST_DOCUMENTS {
            return;
        }
        if depth > DEEPEST {
            return self.refuse(name, format!("packed more than {DEEPEST} times over: not opened"));
        }
        match form_of(bytes) {
            Form::Empty => self.refuse(name, "the file is empty"),
            Form::Gzip => self.gzip(name, bytes, depth),
            Form::Zip => self.zip(name, bytes, depth),
            Form::Xml => match AggregateReport::parse(bytes) {
                Ok(report) => self.done(name, Ok(Document::Aggregate(Box::new(report)))),
                Err(error) if is_meant(bytes, &["<feedback"]) => self.refuse(name, error.to_string()),
                Err(error) => self.pass_over(name, error.to_string()),
            },
            Form::Json => match TlsReport::parse(bytes) {
                Ok(report) => self.done(name, Ok(Document::Tls(report))),
                Err(_) if is_meant(bytes, &["trafficStats", "domainStats"]) => self.postmaster(name, bytes),
                Err(error) if is_meant(bytes, &["\"policies\"", "\"organization-name\""]) => {
                    self.refuse(name, error);
                }
                Err(error) => self.pass_over(name, error),
            },
            Form::Mail => self.mailbox(name, bytes, depth),
            Form::Snds => match figures::snds(&String::from_utf8_lossy(bytes)) {
                Ok(figures) => self.done(name, Ok(Document::Figures(figures))),
                Err(why) => self.refuse(name, why),
            },
            Form::Other => self.pass_over(
                name,
                "neither XML, JSON, gzip, ZIP nor mail by its first bytes; give reports as they came",
            ),
        }
    }

    fn postmaster(&mut self, name: &str, bytes: &[u8]) {
        let value = serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
        let figures = value.map_err(|error| format!("the export of Postmaster Tools is no JSON: {error}"));
        match figures.and_then(|value| figures::postmaster(&value)) {
            Ok(figures) => self.done(name, Ok(Document::Figures(figures))),
            Err(why) => self.refuse(name, why),
        }
    }

    /// Reads to the end of a decompressor, or says why not.
    fn unpack(&mut self, reader: &mut dyn Read) -> Result<Vec<u8>, String> {
        let limit = dmarc::LARGEST.min(self.left);
        let mut bytes = Vec::new();
        let outcome = reader.take(limit + 1).read_to_end(&mut bytes);
        self.left = self.left.saturating_sub(bytes.len() as u64);
        if bytes.len() as u64 > limit {
            return Err(format!("it unpacks to more than {limit} bytes: not read"));
        }
        match outcome {
            // Garbage after the stream, or a stream cut off: what came out may be whole.
            Err(error) if bytes.is_empty() => Err(format!("it cannot be unpacked: {error}")),
            _ => Ok(bytes),
        }
    }

    fn gzip(&mut self, name: &str, bytes: &[u8], depth: usize) {
        let inner = name.strip_suffix(".gz").unwrap_or(name).to_owned();
        match self.unpack(&mut flate2::read::MultiGzDecoder::new(bytes.trim_ascii_start())) {
            Ok(unpacked) => self.any(&inner, &unpacked, depth + 1),
            Err(why) => self.refuse(name, why),
        }
    }

    fn zip(&mut self, name: &str, bytes: &[u8], depth: usize) {
        let mut archive = match zip::ZipArchive::new(Cursor::new(bytes)) {
            Ok(archive) => archive,
            Err(error) => return self.refuse(name, format!("the ZIP archive cannot be opened: {error}")),
        };
        if archive.len() > MOST_MEMBERS {
            return self.refuse(name, format!("the archive has {} members: not opened", archive.len()));
        }
        for index in 0..archive.len() {
            let opened = match archive.by_index(index) {
                Ok(member) if member.is_dir() => continue,
                Ok(mut member) => {
                    let shown = String::from_utf8_lossy(member.name_raw()).into_owned();
                    Ok((format!("{name}/{}", plain(&shown, Width::Record)), self.unpack(&mut member)))
                }
                Err(error) => Err(error.to_string()),
            };
            match opened {
                // What a Mac adds to every archive.
                Ok((inner, _)) if inner.contains("__MACOSX/") => {}
                Ok((inner, Ok(unpacked))) => self.any(&inner, &unpacked, depth + 1),
                Ok((inner, Err(why))) => self.refuse(&inner, why),
                Err(error) => self.refuse(name, format!("member {index} cannot be opened: {error}")),
            }
        }
    }

    fn mailbox(&mut self, name: &str, bytes: &[u8], depth: usize) {
        let messages = bounce::messages(bytes);
        let several = messages.len() > 1;
        for (index, raw) in messages.into_iter().enumerate() {
            let name = if several { format!("{name}#{}", index + 1) } else { name.to_owned() };
            self.mail(&name, raw, depth);
        }
    }

    fn mail(&mut self, name: &str, raw: &[u8], depth: usize) {
        let before = self.documents;
        self.attachments(name, &Message::read(String::new(), Arc::new(raw.to_vec())), 0, depth);
        if self.documents > before {
            return;
        }
        match Notice::read(raw) {
            Some(Notice { feedback: Some(feedback), original, .. }) => {
                self.done(name, Ok(Document::Complaint(Box::new(Complaint { feedback, original }))));
            }
            _ => self.pass_over(
                name,
                "the mail carries no report: no XML, JSON, gzip or ZIP attachment, no feedback report",
            ),
        }
    }

    /// The attachments of the message whose part `top` is.
    fn attachments(&mut self, name: &str, message: &Message, top: usize, depth: usize) {
        let parts: Vec<_> =
            message.parts_of(top).into_iter().filter_map(|at| message.parts().get(at)).collect();
        // A feedback report names its subject's attachments too; they are no reports.
        if parts.iter().any(|part| part.content_type == "message/feedback-report") {
            return;
        }
        for part in parts {
            if let (true, Some(inner)) = (part.is_message(), part.children.first()) {
                if depth < DEEPEST {
                    self.attachments(name, message, *inner, depth + 1);
                }
                continue;
            }
            if !part.is_leaf() {
                continue;
            }
            let decoded = message.decoded(part);
            let bytes = decoded.bytes.as_slice();
            let packed = matches!(form_of(bytes), Form::Gzip | Form::Zip);
            let plain_report = match form_of(bytes) {
                Form::Xml => memchr::memmem::find(bytes, b"feedback").is_some(),
                Form::Json => true,
                _ => false,
            };
            if part.is_message() && depth < DEEPEST {
                // Encoded, which RFC 2046 section 5.2.1 forbids and some do.
                let inner = Message::read(String::new(), Arc::new(bytes.to_vec()));
                self.attachments(name, &inner, 0, depth + 1);
            } else if packed || plain_report {
                let part_name =
                    part.filename.as_ref().map(|inner| format!("{name}/{}", plain(inner, Width::Record)));
                self.any(part_name.as_deref().unwrap_or(name), bytes, depth + 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use base64::Engine as _;

    use super::*;

    const XML: &str = "<feedback><report_metadata><org_name>r.example</org_name><report_id>1</report_id>\
        </report_metadata><record><row><source_ip>192.0.2.1</source_ip><count>2</count></row></record></feedback>";

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn mail(kind: &str, bytes: &[u8]) -> Vec<u8> {
        let body = base64::engine::general_purpose::STANDARD.encode(bytes);
        let body =
            body.as_bytes().chunks(76).map(|c| String::from_utf8_lossy(c)).collect::<Vec<_>>().join("\r\n");
        format!(
            "From: a@example.com\r\nSubject: Report\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\nContent-Type: {kind}; name=\"r.bin\"\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{body}\r\n--b--\r\n"
        )
        .into_bytes()
    }

    fn outcome(bytes: &[u8]) -> (Vec<u64>, Vec<String>) {
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        read("f", bytes, &mut |name, result| match result {
            Ok(Document::Aggregate(report)) => good.push(report.messages()),
            Ok(Document::Tls(report)) => good.push(report.successful()),
            Ok(Document::Complaint(_)) => good.push(0),
            Ok(Document::Figures(figures)) => good.push(figures.len() as u64),
            Err(why) => bad.push(format!("{name}: {why}")),
        });
        (good, bad)
    }

    #[test]
    fn every_wrapping_is_opened() {
        let xml = XML.as_bytes();
        let packed = gzip(xml);
        let mut trailing = packed.clone();
        trailing.extend(b"\r\n\0\0");
        for bytes in [
            xml.to_vec(),
            packed.clone(),
            gzip(&packed),
            trailing,
            zipped(&[("r.xml", xml)]),
            mail("application/gzip", &packed),
            mail("application/octet-stream", &zipped(&[("r.xml", xml)])),
            mail("text/xml", xml),
        ] {
            assert_eq!(outcome(&bytes), (vec![2], Vec::new()));
        }
        assert_eq!(outcome(&zipped(&[("a.xml", xml), ("b.xml.gz", &packed)])).0, [2, 2]);
    }

    /// A damaged report is lost; what was never one is not.
    #[test]
    fn what_is_lost_is_told_from_what_was_no_report() {
        let lost = |bytes: &[u8]| {
            let mut lost = Vec::new();
            read("f", bytes, &mut |_, result| match result {
                Ok(Document::Aggregate(report)) => lost.extend(report.is_cut.then_some(true)),
                Ok(_) => {}
                Err(unread) => lost.push(unread.is_lost),
            });
            lost
        };
        let (xml, packed) = (XML.as_bytes(), gzip(XML.as_bytes()));
        for bytes in [
            xml[..60].to_vec(),
            packed[..packed.len() / 2].to_vec(),
            zipped(&[("a.xml", xml), ("b.xml", &xml[..80])]),
            b"{\"organization-name\": \"x\", \"policies\": [".to_vec(),
            mail("application/gzip", &packed[..20]),
        ] {
            assert_eq!(lost(&bytes), [true], "{:?}", String::from_utf8_lossy(&bytes));
        }
        for bytes in [
            b"<html><p>hello</p></html>".to_vec(),
            b"{\"name\": 1}".to_vec(),
            b"Subject: x\r\n\r\nno report here\r\n".to_vec(),
            zipped(&[("a.xml", xml), ("photo.jpg", b"\xff\xd8\xff\xe0")]),
        ] {
            assert_eq!(lost(&bytes), [false], "{:?}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn bombs_and_nonsense_are_refused() {
        let bomb = gzip(&vec![b' '; usize::try_from(dmarc::LARGEST).unwrap() + 2]);
        assert!(bomb.len() < 1 << 20);
        assert!(outcome(&bomb).1[0].contains("unpacks to more than"));
        let mut nested = XML.as_bytes().to_vec();
        for _ in 0..8 {
            nested = gzip(&nested);
        }
        assert!(outcome(&nested).1[0].contains("times over"));
        for (bytes, why) in [
            (&b""[..], "empty"),
            (b"\x1f\x8b\x08", "cannot be unpacked"),
            (b"PK\x03\x04xxxx", "ZIP"),
            (b"\x00\x01\x02", "first bytes"),
            (b"Subject: x\r\n\r\nno report here\r\n", "no report"),
        ] {
            let (good, bad) = outcome(bytes);
            assert!(good.is_empty() && bad.len() == 1 && bad[0].contains(why), "{bad:?}");
        }
    }
}
