//! The message's attachments, examined within one budget, and the QR codes in
//! its pictures. What could not be looked into stays a doubt.

mod boxes;
mod drawn;
mod grounds;
mod qr;
#[cfg(test)]
mod qr_forms;
mod svg;
mod vector;

use std::borrow::Cow;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization as _;

use crate::data::extensions;
use crate::facts::message::MessageFacts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Gap, Subject};
use crate::parse::attachment::{Budget, Examination, Format, Member, Sign, SignKind, examine};
use crate::parse::message::{Message, Part};
use crate::parse::web::lookalike::{fold, is_invisible};

/// One attached file.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// The name as written, possibly empty.
    pub name: String,
    /// The declared media type.
    pub declared: String,
    pub path: String,
    pub line: u32,
    pub size: usize,
    pub examination: Examination,
}

/// A QR code's text and where it is.
#[derive(Clone, Debug)]
pub struct QrCode {
    pub text: String,
    pub path: String,
    pub line: u32,
}

/// A link in a message that is attached.
#[derive(Clone, Debug)]
pub struct MailLink {
    pub url: String,
    pub text: String,
    pub path: String,
    pub line: u32,
}

/// All attachments.
#[derive(Clone, Debug, Default)]
pub struct Attachments {
    pub list: Vec<Attachment>,
    pub qr_codes: Vec<QrCode>,
    /// Links in attached messages.
    pub mail_links: Vec<MailLink>,
    /// The words with which the text gives a password, where it does.
    pub password_in_text: Option<&'static str>,
}

/// A file at any depth: its path (`a.zip/b.exe`), its own name, and what it is.
pub struct File<'a> {
    pub attachment: &'a Attachment,
    pub path: String,
    pub name: String,
    pub examination: &'a Examination,
    pub nested: bool,
}

/// Links of attached messages that are judged, and bytes of one that is read.
const MOST_LINKS: usize = 500;
const LARGEST_MESSAGE: usize = 1 << 20;

/// Attachments examined; more than this in one message is no letter.
const MOST: usize = 100;

impl Attachments {
    pub fn read(message: &MessageFacts) -> Attachments {
        let mut budget = Budget::default();
        let mut list = Vec::new();
        let mut mail_links = Vec::new();
        for (count, part) in message.attachments().enumerate() {
            if part.is_message() {
                list.extend(attached_message(message, part, &mut budget));
                mail_links.extend(links_of_message(message, part));
                continue;
            }
            if is_service(part) {
                continue;
            }
            list.push(attachment(message, part, count, &mut budget));
        }
        let qr_codes = qr::read(message, &list);
        let mut found = Attachments { list, qr_codes, mail_links, password_in_text: None };
        found.mail_links.truncate(MOST_LINKS);
        if found.files().iter().any(|file| file.examination.has(SignKind::Encrypted)) {
            found.password_in_text = password(message);
        }
        found
    }

    /// Every file, nested ones after their containers.
    pub fn files(&self) -> Vec<File<'_>> {
        let mut files = Vec::new();
        for attachment in &self.list {
            let shown = if attachment.name.is_empty() { "unnamed" } else { &attachment.name };
            for (depth, (path, examination)) in attachment.examination.walk(shown).into_iter().enumerate() {
                let name = path.rsplit('/').next().unwrap_or_default().to_owned();
                files.push(File { attachment, path, name, examination, nested: depth > 0 });
            }
        }
        files
    }

    /// Files with a sign of this kind.
    pub fn signs(&self, kind: SignKind) -> Vec<(File<'_>, &Sign)> {
        let mut found = Vec::new();
        for file in self.files() {
            let signs: Vec<&Sign> = file.examination.signs.iter().filter(|sign| sign.kind == kind).collect();
            for sign in signs {
                let File { attachment, path, name, examination, nested } = &file;
                let file =
                    File { attachment, path: path.clone(), name: name.clone(), examination, nested: *nested };
                found.push((file, sign));
            }
        }
        found
    }

    /// A check that found nothing must not call it clean where something was not inspected.
    pub fn seen_whole(&self) -> Result<(), Gap> {
        for file in self.files() {
            if let Some(doubt) = file.examination.doubts.first() {
                return Err(Gap::undecidable(format!("{}: {doubt}", plain(&file.path, Width::Line))));
            }
        }
        Ok(())
    }

    /// Link targets in documents: path, line of the part, target.
    pub fn links(&self) -> Vec<(String, u32, String)> {
        let mut found = Vec::new();
        for file in self.files() {
            for link in &file.examination.links {
                found.push((file.path.clone(), file.attachment.line, link.clone()));
            }
        }
        found.truncate(500);
        found
    }
}

impl File<'_> {
    pub fn subject(&self) -> Subject {
        Subject::Part {
            path: format!("{} {}", self.attachment.path, self.path),
            line: Some(self.attachment.line),
        }
    }

    /// The last extension, lower case.
    pub(crate) fn extension(&self) -> String {
        extension(&self.name)
    }

    pub fn format(&self) -> Format {
        self.examination.format
    }

    /// The path, safe to print.
    pub fn shown(&self) -> String {
        plain(&self.path, Width::Line)
    }
}

/// The last extension of a file name, lower case, without trailing dots and blanks (Windows drops
/// them), full-width letters and dots and leaders read as what they show.
pub(crate) fn extension(name: &str) -> String {
    let name = shown_name(name);
    let name = name.trim_end_matches(['.', ' ', '\u{a0}']);
    match name.rsplit_once('.') {
        Some((_, extension)) if extension.len() <= 24 => extension.trim().to_lowercase(),
        _ => String::new(),
    }
}

/// A file name as it looks: compatibility forms resolved, unseen characters gone. An alternate
/// data stream (`a.txt:b.exe`) is the file after the colon.
pub(crate) fn shown_name(name: &str) -> Cow<'_, str> {
    if name.is_ascii() {
        return Cow::Borrowed(name);
    }
    let seen = name
        .nfkc()
        .map(|c| if matches!(c, '\u{2024}' | '\u{fe52}' | '\u{3002}' | '\u{a4f8}') { '.' } else { c });
    Cow::Owned(seen.filter(|c| !is_invisible(*c) && !is_direction(*c)).collect())
}

/// Marks that turn the writing direction.
pub(crate) fn is_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

/// True for a name that runs on a double click.
pub(crate) fn runs(name: &str) -> bool {
    extensions::is_executable(&extension(name))
}

/// Signatures, delivery reports and calendars are the mail system's own.
fn is_service(part: &Part) -> bool {
    matches!(
        part.content_type.as_str(),
        "message/delivery-status"
            | "text/rfc822-headers"
            | "message/disposition-notification"
            | "application/pgp-signature"
            | "application/pkcs7-signature"
            | "application/x-pkcs7-signature"
            | "application/pgp-keys"
            | "message/feedback-report"
            // The third alternative of a message: mail programs show it in place of the HTML.
            | "text/x-amp-html"
    )
}

/// An attached message whose page acts: asks for a password, leads elsewhere by itself, runs a
/// script. One that is merely read is somebody's forwarded mail, and no attachment to look into.
fn attached_message(message: &MessageFacts, outer: &Part, budget: &mut Budget) -> Option<Attachment> {
    let below = format!("{}.", outer.path);
    let pages = message
        .parts()
        .iter()
        .filter(|part| part.path.starts_with(&below) && part.content_type == "text/html");
    let mut members = Vec::new();
    for page in pages.take(10) {
        let examination = examine("page.html", &message.decoded(page).bytes, budget);
        let acts = [SignKind::CredentialForm, SignKind::Smuggling, SignKind::Redirect, SignKind::Script];
        if acts.iter().any(|kind| examination.has(*kind)) {
            members.push(Member { name: "page.html".to_owned(), encrypted: false, examination });
        }
    }
    let name = outer.filename.clone().unwrap_or_else(|| "message.eml".to_owned()).chars().take(500).collect();
    (!members.is_empty()).then(|| Attachment {
        name,
        declared: outer.content_type.clone(),
        path: outer.path.clone(),
        line: outer.line,
        size: outer.body.len(),
        examination: Examination { format: Format::Text, members, ..Examination::default() },
    })
}

/// Where a reader of the attached message is led. Messages inside it are its own affair.
fn links_of_message(message: &MessageFacts, outer: &Part) -> Vec<MailLink> {
    let decoded = message.decoded(outer);
    if decoded.bytes.len() > LARGEST_MESSAGE {
        return Vec::new();
    }
    let inner = Message::read(String::new(), Arc::new(decoded.bytes.clone()));
    let name = outer.filename.as_deref().unwrap_or("an attached message");
    let path: String = name.chars().take(500).collect();
    let followed = inner.links().iter().filter(|link| link.place.is_followed() && !link.hidden);
    followed
        .take(MOST_LINKS)
        .map(|link| MailLink {
            url: link.url.clone(),
            text: link.text.clone(),
            path: path.clone(),
            line: outer.line,
        })
        .collect()
}

fn attachment(message: &MessageFacts, part: &Part, count: usize, budget: &mut Budget) -> Attachment {
    let name: String = part.filename.clone().unwrap_or_default().chars().take(500).collect();
    let mut attachment = Attachment {
        name,
        declared: part.content_type.clone(),
        path: part.path.clone(),
        line: part.line,
        size: 0,
        examination: Examination::default(),
    };
    if count >= MOST {
        attachment.examination.doubts.push("not inspected: more attachments than the limit".to_owned());
        return attachment;
    }
    let decoded = message.decoded(part);
    attachment.size = decoded.bytes.len();
    attachment.examination = examine(&attachment.name, &decoded.bytes, budget);
    if decoded.cut {
        attachment.examination.doubts.push("not inspected to its end: larger than the limit".to_owned());
    }
    attachment
}

/// Words by which letters hand over a password.
const PASSWORD_WORDS: &[&str] = &[
    "password:",
    "password is",
    "passcode:",
    "passcode is",
    "pass:",
    "pwd:",
    "password for the",
    "archive password",
    "file password",
    "document password",
    "zip password",
    "passwort:",
    "passwort lautet",
    "kennwort:",
    "kennwort lautet",
    "mot de passe :",
    "mot de passe:",
    "mot de passe est",
    "contrasena:",
    "contrasena es",
    "clave:",
    "senha:",
    "senha e",
    "a senha",
    "password e:",
    "la password",
    "wachtwoord:",
    "wachtwoord is",
    "пароль:",
    "パスワード",
    "密码",
    "haslo:",
];

fn password(message: &MessageFacts) -> Option<&'static str> {
    let text = message.visible_text();
    let end = text.char_indices().nth(20_000).map_or(text.len(), |(at, _)| at);
    let text = fold(text.get(..end).unwrap_or_default());
    PASSWORD_WORDS.iter().copied().find(|word| text.contains(word))
}
