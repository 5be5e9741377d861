//! What a link target says about where it leads, without going there: the host
//! in its written and its resolved form, user information, port, scheme.

use crate::parse::web::psl;

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};

use percent_encoding::percent_decode_str;

/// Longest link looked at; browsers and mail clients cut or refuse beyond it.
pub const LONGEST: usize = 8192;

/// How an IPv4 host is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IpForm {
    /// Four decimal numbers.
    Dotted,
    /// One number, hexadecimal or octal parts, or fewer than four parts: only to hide it.
    Disguised,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// Lower-case ASCII (punycode) without the final dot.
    Name(String),
    /// An address, and how it is written.
    Ip(IpAddr, IpForm),
}

/// A web link taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebLink {
    /// `http`, `https` or `ftp`.
    pub scheme: &'static str,
    /// Where it leads: the host a browser connects to.
    pub host: Host,
    /// The host as written, percent-encoding and all.
    pub written_host: String,
    /// Text before an `@` in the authority.
    pub user_info: Option<String>,
    /// Only where it is not the scheme's own.
    pub port: Option<u16>,
    /// With its first slash; empty where there is none.
    pub path: String,
    /// Without its question mark.
    pub query: String,
    pub(crate) fragment: String,
}

/// A link target by kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A web page.
    Web(WebLink),
    /// `mailto:`, lower-case addresses.
    Mail(Vec<String>),
    /// `javascript:`, `vbscript:`, `data:`: code or content inside the link; with the scheme and media type.
    Inline {
        /// `javascript`, `vbscript` or `data`.
        scheme: String,
        /// Of `data:`, the media type in lower case; empty otherwise.
        media: String,
    },
    /// `file:` or a UNC path: opens on the reader's network.
    File,
    /// Any other scheme, by name.
    Other(String),
    /// A fragment, a relative path, a merge field: leads nowhere by itself.
    Relative,
    /// Looks like a web link, and no browser can open it.
    Broken(String),
}

impl Destination {
    /// Reads a link target as a browser would (WHATWG URL): blanks at the ends and
    /// line breaks and tabs within are dropped.
    pub fn parse(text: &str) -> Destination {
        let trimmed = text.trim();
        let cut: Cow<'_, str> = match trimmed.len() < LONGEST
            && memchr::memchr3(b'\t', b'\r', b'\n', trimmed.as_bytes()).is_none()
        {
            true => Cow::Borrowed(trimmed),
            false => trimmed.chars().take(LONGEST).filter(|c| !matches!(c, '\t' | '\r' | '\n')).collect(),
        };
        let cut = cut.trim_start_matches(|c: char| c.is_control() || c == ' ');
        if cut.starts_with("\\\\") {
            return Destination::File;
        }
        let absolute =
            if cut.starts_with("//") { Cow::Owned(format!("https:{cut}")) } else { Cow::Borrowed(cut) };
        let Some((scheme, rest)) = absolute.split_once(':') else { return Destination::Relative };
        let scheme = scheme.to_ascii_lowercase();
        if !is_scheme(&scheme) {
            return Destination::Relative;
        }
        match scheme.as_str() {
            "http" => web("http", rest, &absolute),
            "https" => web("https", rest, &absolute),
            "ftp" => web("ftp", rest, &absolute),
            "mailto" => Destination::Mail(mail_addresses(rest)),
            "javascript" | "vbscript" | "livescript" => Destination::Inline { scheme, media: String::new() },
            "data" => {
                let media: String =
                    rest.split([',', ';']).next().unwrap_or_default().chars().take(80).collect();
                Destination::Inline { scheme, media: media.trim().to_ascii_lowercase() }
            }
            "file" | "smb" => Destination::File,
            _ => Destination::Other(scheme),
        }
    }

    /// The web link; `None` for any other kind.
    pub fn web(&self) -> Option<&WebLink> {
        match self {
            Destination::Web(web) => Some(web),
            _ => None,
        }
    }
}

fn is_scheme(text: &str) -> bool {
    text.len() <= 20
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

fn mail_addresses(rest: &str) -> Vec<String> {
    let to = rest.split('?').next().unwrap_or_default();
    let to = percent_decode_str(to).decode_utf8_lossy();
    to.split(',').map(|a| a.trim().to_lowercase()).filter(|a| a.contains('@')).take(20).collect()
}

/// A link written as a browser would write it back: nothing in it needs resolving.
pub struct PlainUrl<'u> {
    /// Lower-case ASCII without a final dot.
    pub host: &'u str,
    /// With its first slash.
    pub path: &'u str,
    /// Without its question mark.
    pub query: &'u str,
    pub(crate) fragment: &'u str,
}

const LETTER: u8 = 1;
/// Or a hyphen.
const DIGIT: u8 = 2;
const DOT: u8 = 4;
/// A character of path, query and fragment that is never encoded anew.
const KEPT: u8 = 8;
const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut at = 0;
    while at < 128 {
        let byte = at as u8;
        let host = match byte {
            b'a'..=b'z' => LETTER,
            b'0'..=b'9' | b'-' => DIGIT,
            b'.' => DOT,
            _ => 0,
        };
        let kept = byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'-' | b'.'
                    | b'_'
                    | b'~'
                    | b'/'
                    | b'?'
                    | b'#'
                    | b'%'
                    | b'='
                    | b'&'
                    | b'+'
                    | b':'
                    | b','
                    | b';'
                    | b'!'
                    | b'@'
                    | b'$'
                    | b'*'
                    | b'('
                    | b')'
            );
        kinds[at] = host | if kept { KEPT } else { 0 };
        at += 1;
    }
    kinds
};

/// Takes an http or https link apart that has a lower-case ASCII host name, no user, no
/// port, and no character that would be encoded: nearly every link. `None` for all others.
pub fn plain_url(whole: &str) -> Option<PlainUrl<'_>> {
    let rest = whole.strip_prefix("https://").or_else(|| whole.strip_prefix("http://"))?;
    let kind = |byte: &u8| KINDS[usize::from(*byte)];
    let in_host = |byte: &u8| kind(byte) & (LETTER | DIGIT | DOT) != 0;
    let end = rest.bytes().position(|byte| !in_host(&byte)).unwrap_or(rest.len());
    let (host, tail) = rest.split_at(end);
    // Without an early exit the test of the tail takes a byte a cycle.
    let kept = |tail: &[u8]| tail.iter().fold(KEPT, |seen, byte| seen & kind(byte)) != 0;
    if host.len() > 253 || !tail.starts_with('/') || !kept(tail.as_bytes()) {
        return None;
    }
    let mut labels = 0;
    let mut last: &[u8] = b"";
    for label in host.as_bytes().split(|byte| *byte == b'.') {
        if label.is_empty() || label.len() > 63 || label.starts_with(b"xn--") {
            return None;
        }
        labels += 1;
        last = label;
    }
    // A last label of letters: neither an IPv4 address nor a way to write one.
    if labels < 2 || last.iter().any(|byte| kind(byte) & LETTER == 0) {
        return None;
    }
    let split = |text: &'_ str, sign: u8| match memchr::memchr(sign, text.as_bytes()) {
        Some(at) => (at, at + 1),
        None => (text.len(), text.len()),
    };
    let (end, start) = split(tail, b'#');
    let (before, fragment) = (&tail[..end], &tail[start..]);
    let (end, start) = split(before, b'?');
    let (path, query) = (&before[..end], &before[start..]);
    // Segments of dots, encoded ones too, are resolved away.
    let bytes = path.as_bytes();
    let mut signs = memchr::memchr2_iter(b'.', b'%', bytes);
    if signs.any(|at| match bytes[at] {
        b'.' => at > 0 && bytes[at - 1] == b'/',
        _ => bytes[at..].starts_with(b"%2e") || bytes[at..].starts_with(b"%2E"),
    }) {
        return None;
    }
    Some(PlainUrl { host, path, query, fragment })
}

fn web(scheme: &'static str, rest: &str, whole: &str) -> Destination {
    if let Some(plain) = plain_url(whole) {
        return Destination::Web(WebLink {
            scheme,
            host: Host::Name(plain.host.to_owned()),
            written_host: plain.host.to_owned(),
            user_info: None,
            port: None,
            path: plain.path.to_owned(),
            query: plain.query.to_owned(),
            fragment: plain.fragment.to_owned(),
        });
    }
    let written = rest.trim_start_matches(['/', '\\']);
    let end = written.find(['/', '\\', '?', '#']).unwrap_or(written.len());
    let authority = written.get(..end).unwrap_or_default();
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let written_host = without_port(host_and_port);
    let url = match url::Url::parse(whole) {
        Ok(url) => url,
        Err(error) => {
            // Merge fields stand where the host will be: nothing to judge yet.
            let template = ["{{", "{%", "*|", "%%", "[[", "<%", "${", "[UNSUB"];
            if authority.is_empty() || template.iter().any(|mark| whole.contains(mark)) {
                return Destination::Relative;
            }
            return Destination::Broken(error.to_string());
        }
    };
    let host = match url.host() {
        Some(url::Host::Domain(name)) => Host::Name(name.trim_end_matches('.').to_ascii_lowercase()),
        Some(url::Host::Ipv4(ip)) => Host::Ip(ip.into(), form_of(written_host, ip)),
        Some(url::Host::Ipv6(ip)) => Host::Ip(ip.into(), IpForm::Dotted),
        None => return Destination::Broken("no host".to_owned()),
    };
    let user_info = authority.rsplit_once('@').map(|(user, _)| user.to_owned());
    Destination::Web(WebLink {
        scheme,
        host,
        written_host: written_host.to_owned(),
        user_info,
        port: url.port(),
        path: url.path().to_owned(),
        query: url.query().unwrap_or_default().to_owned(),
        fragment: url.fragment().unwrap_or_default().to_owned(),
    })
}

fn without_port(text: &str) -> &str {
    match text.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !host.is_empty() => host,
        _ => text,
    }
}

fn form_of(written: &str, ip: Ipv4Addr) -> IpForm {
    if written.trim_end_matches('.') == ip.to_string() { IpForm::Dotted } else { IpForm::Disguised }
}

impl WebLink {
    /// The host in ASCII.
    pub fn host_text(&self) -> String {
        match &self.host {
            Host::Name(name) => name.clone(),
            Host::Ip(IpAddr::V6(ip), _) => format!("[{ip}]"),
            Host::Ip(ip, _) => ip.to_string(),
        }
    }

    /// The registrable domain by the public suffix list; `None` for an address
    /// and for a name that is itself a suffix. Private suffixes (hosting
    /// platforms) count, so two customers of one platform differ.
    pub fn registrable(&self) -> Option<String> {
        match &self.host {
            Host::Name(name) => registrable(name),
            Host::Ip(..) => None,
        }
    }

    /// True where letters of the host are percent-encoded: only a disguise needs that.
    pub fn host_is_encoded(&self) -> bool {
        self.written_host.contains('%')
    }
}

/// The registrable domain of a host name in ASCII.
pub fn registrable(name: &str) -> Option<String> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let found = psl::domain_str(&name)?;
    Some(found.to_owned())
}

/// The public suffix of a host name in ASCII: `co.uk` of `example.co.uk`.
pub fn suffix(name: &str) -> Option<String> {
    psl::suffix_str(name.trim_end_matches('.')).map(str::to_owned)
}

/// A web address inside a link's query, path or fragment: what a redirector leads to.
pub fn embedded_target(link: &WebLink) -> Option<WebLink> {
    let all = format!("{}?{}#{}", link.path, link.query, link.fragment);
    let mut text = all;
    for _ in 0..3 {
        let lower = text.to_ascii_lowercase();
        for scheme in ["https://", "http://"] {
            if let Some(at) = lower.find(scheme) {
                let tail = text.get(at..)?;
                let tail = tail.split(['&', ' ', '"', '\'']).next().unwrap_or(tail);
                if let Destination::Web(inner) = Destination::parse(tail) {
                    return Some(inner);
                }
            }
        }
        let decoded = percent_decode_str(&text).decode_utf8_lossy().into_owned();
        if decoded == text {
            return None;
        }
        text = decoded;
    }
    None
}

/// Where a script that forwards anybody would lead: `/redirect.php?url=https%3A%2F%2Fexample.net`.
/// Told by its name and by the parameter that holds a whole address.
pub(crate) fn forwarded_target(link: &WebLink) -> Option<WebLink> {
    const SCRIPTS: [&str; 12] = [
        "redirect", "redir", "goto", "out", "away", "exit", "leave", "jump", "go", "forward", "linkout",
        "click",
    ];
    const PARAMETERS: [&str; 18] = [
        "url",
        "u",
        "uri",
        "to",
        "link",
        "target",
        "dest",
        "destination",
        "goto",
        "next",
        "out",
        "redirect",
        "redirect_to",
        "redirect_url",
        "redirect_uri",
        "return",
        "returnurl",
        "continue",
    ];
    let path = link.path.to_ascii_lowercase();
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let stem = last.split('.').next().unwrap_or_default();
    if !SCRIPTS.iter().any(|script| stem == *script || (script.len() > 5 && stem.contains(script))) {
        return None;
    }
    link.query.split('&').take(50).find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        if !PARAMETERS.contains(&&*name.to_ascii_lowercase()) {
            return None;
        }
        let once = percent_decode_str(value).decode_utf8_lossy();
        let twice = percent_decode_str(&once).decode_utf8_lossy();
        let target = match twice.strip_prefix("//") {
            Some(host) => format!("https://{host}"),
            None => twice.into_owned(),
        };
        let whole = target.get(..8).is_some_and(|start| start.to_ascii_lowercase().starts_with("http"));
        match Destination::parse(&target) {
            Destination::Web(inner) if whole => Some(inner),
            _ => None,
        }
    })
}

/// The host a visible text claims, where the text is a web address or a bare
/// domain name: `www.example.com/login`, `https://example.com`.
pub fn claimed_host(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches(['.', ',', '!', '›', '»', '>', ')']);
    let text = text.trim_start_matches(['<', '(', '›', '»']).trim();
    if text.is_empty() || text.len() > 300 || text.split_whitespace().count() > 1 || text.contains('@') {
        return None;
    }
    let lower = text.to_lowercase();
    let with_scheme = lower.starts_with("http://") || lower.starts_with("https://");
    let candidate = if with_scheme { text.to_owned() } else { format!("http://{text}") };
    let Destination::Web(web) = Destination::parse(&candidate) else { return None };
    let Host::Name(name) = &web.host else { return with_scheme.then(|| web.host_text()) };
    // "Node.js" is no host: without a scheme the top-level domain must be a known one.
    let known = psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix.is_known());
    let looks = name.contains('.') && (with_scheme || known);
    (looks && (with_scheme || lower.starts_with("www.") || is_certain(name, text))).then(|| name.clone())
}

/// A bare name without `www.` is a claim only under an everyday top-level domain
/// and when it is no file name.
fn is_certain(name: &str, text: &str) -> bool {
    const EVERYDAY: &[&str] = &[
        "com", "net", "org", "edu", "gov", "de", "fr", "uk", "nl", "es", "br", "jp", "ch", "at", "eu", "ca",
        "au", "us", "pt", "be", "se", "dk", "fi", "cz", "ru", "cn", "in", "mx", "ar", "info", "biz",
    ];
    let top = name.rsplit('.').next().unwrap_or_default();
    EVERYDAY.contains(&top) && !text.starts_with('.')
}

#[cfg(test)]
mod tests;
