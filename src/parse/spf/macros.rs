//! Macro strings: parsed, and expanded from given values (RFC 7208 section 7).

use std::net::IpAddr;

use super::Fault;

/// Literals and macros in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MacroString {
    /// In the order of the text.
    pub parts: Vec<MacroPart>,
}

/// A piece of a macro string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MacroPart {
    /// Text that stands for itself.
    Literal(String),
    /// `%%`, `%_` and `%-`: a percent sign, a space, `%20`.
    Escape(&'static str),
    /// `%{...}`: a value of the sender, cut and turned round as asked.
    Macro {
        /// One of `slodiphvcrt`, lower case.
        letter: char,
        /// An upper-case letter asks for URL escaping (section 7.3).
        escaped: bool,
        /// Right-hand parts to keep; all where absent.
        keep: Option<usize>,
        /// `r`: the parts in reverse order.
        reversed: bool,
        /// Where to split; a dot where empty.
        delimiters: String,
    },
}

/// What the letters stand for.
#[derive(Clone, Debug)]
pub struct MacroValues<'a> {
    /// The sender's local part, for `l`.
    pub local_part: &'a str,
    /// The sender's domain, for `o`.
    pub sender_domain: &'a str,
    /// The domain whose record is evaluated.
    pub domain: &'a str,
    /// The client's address, for `i` and `v`; `c` shows it readably.
    pub ip: Option<IpAddr>,
    /// The name given in HELO or EHLO, for `h`.
    pub helo: &'a str,
    /// The validated name of `ip`, for `p`.
    pub validated: &'a str,
    /// The receiving host, for `r`.
    pub receiver: &'a str,
    /// Seconds since the Unix epoch, for `t`.
    pub now: i64,
}

impl MacroString {
    /// `start` is added to the spans of faults. `c`, `r` and `t` may stand only in
    /// an explanation's text (section 7.2).
    ///
    /// # Errors
    /// The first offence against the grammar, with its place and remedy.
    pub fn parse(text: &str, start: usize, in_explanation: bool) -> Result<MacroString, Fault> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('%') {
            literal.push_str(&rest[..at]);
            let offset = start + (text.len() - rest.len()) + at;
            let tail = &rest[at + 1..];
            let escape = match tail.bytes().next() {
                Some(b'%') => Some("%"),
                Some(b'_') => Some(" "),
                Some(b'-') => Some("%20"),
                _ => None,
            };
            if !literal.is_empty() {
                parts.push(MacroPart::Literal(std::mem::take(&mut literal)));
            }
            if let Some(escape) = escape {
                parts.push(MacroPart::Escape(escape));
                rest = &tail[1..];
                continue;
            }
            let Some(body) = tail.strip_prefix('{') else {
                let message = "a percent sign starts a macro: write %{letter}, or %% for a percent sign";
                return Err(Fault::at(offset..offset + 1, message));
            };
            let Some(close) = body.find('}') else {
                return Err(Fault::at(offset..start + text.len(), "the macro is not closed with }"));
            };
            let span = offset..offset + close + 3;
            parts.push(parse_macro(&body[..close], in_explanation).map_err(|why| Fault::at(span, why))?);
            rest = &body[close + 1..];
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(MacroPart::Literal(literal));
        }
        Ok(MacroString { parts })
    }

    /// True where one of the letters is used.
    pub fn uses(&self, letters: &str) -> bool {
        self.parts
            .iter()
            .any(|part| matches!(part, MacroPart::Macro { letter, .. } if letters.contains(*letter)))
    }

    /// True where the text is the same for every sender.
    pub fn is_constant(&self) -> bool {
        !self.uses("sloiphvcrt")
    }

    /// The text with all macros replaced.
    pub fn expand(&self, values: &MacroValues) -> String {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                MacroPart::Literal(text) => out.push_str(text),
                MacroPart::Escape(text) => out.push_str(text),
                MacroPart::Macro { letter, escaped, keep, reversed, delimiters } => {
                    let value = values.of(*letter);
                    let value = transform(&value, *keep, *reversed, delimiters);
                    if *escaped { url_escape(&value, &mut out) } else { out.push_str(&value) }
                }
            }
        }
        out
    }

    /// The text as a name to ask for: no trailing dot, and cut from the left, label
    /// by label, to 253 octets (section 7.3).
    pub fn expand_domain(&self, values: &MacroValues) -> String {
        let text = self.expand(values);
        let mut rest = text.strip_suffix('.').unwrap_or(&text);
        while rest.len() > 253 {
            match rest.split_once('.') {
                Some((_, shorter)) => rest = shorter,
                None => break,
            }
        }
        rest.to_owned()
    }
}

fn parse_macro(body: &str, in_explanation: bool) -> Result<MacroPart, String> {
    let letter = body.chars().next().unwrap_or(' ');
    let lower = letter.to_ascii_lowercase();
    if !"slodiphvcrt".contains(lower) {
        return Err("no macro letter; known are s l o d i p h v (and c r t in explanations)".to_owned());
    }
    if "crt".contains(lower) && !in_explanation {
        return Err(format!("the macro letter {lower} may stand only in an explanation's text"));
    }
    let rest = &body[1..];
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let keep = match &rest[..digits] {
        "" => None,
        // Longer numbers keep everything.
        number => Some(number.parse::<usize>().unwrap_or(usize::MAX)),
    };
    if keep == Some(0) {
        return Err("a macro must keep at least one part".to_owned());
    }
    let rest = &rest[digits..];
    let reversed = rest.starts_with(['r', 'R']);
    let delimiters = &rest[usize::from(reversed)..];
    if !delimiters.chars().all(|c| ".-+,/_=".contains(c)) {
        return Err("a macro is a letter, a number, r and delimiters out of . - + , / _ =".to_owned());
    }
    Ok(MacroPart::Macro {
        letter: lower,
        escaped: letter.is_ascii_uppercase(),
        keep,
        reversed,
        delimiters: delimiters.to_owned(),
    })
}

impl MacroValues<'_> {
    fn of(&self, letter: char) -> String {
        match letter {
            's' => format!("{}@{}", self.local_part, self.sender_domain),
            'l' => self.local_part.to_owned(),
            'o' => self.sender_domain.to_owned(),
            'd' => self.domain.to_owned(),
            'i' => self.ip.map(dotted).unwrap_or_default(),
            'p' => self.validated.to_owned(),
            'h' => self.helo.to_owned(),
            'v' => match self.ip {
                Some(IpAddr::V6(_)) => "ip6".to_owned(),
                _ => "in-addr".to_owned(),
            },
            'c' => self.ip.map(|ip| ip.to_string()).unwrap_or_default(),
            'r' => self.receiver.to_owned(),
            't' => self.now.to_string(),
            _ => String::new(),
        }
    }
}

/// An IPv6 address as 32 nibbles with dots between (section 7.3).
fn dotted(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => {
            let nibbles: Vec<String> =
                ip.octets().iter().flat_map(|o| [format!("{:X}", o >> 4), format!("{:X}", o & 15)]).collect();
            nibbles.join(".")
        }
    }
}

fn transform(value: &str, keep: Option<usize>, reversed: bool, delimiters: &str) -> String {
    if keep.is_none() && !reversed && delimiters.is_empty() {
        return value.to_owned();
    }
    let delimiters = if delimiters.is_empty() { "." } else { delimiters };
    let mut parts: Vec<&str> = value.split(|c| delimiters.contains(c)).collect();
    if reversed {
        parts.reverse();
    }
    let skip = parts.len().saturating_sub(keep.unwrap_or(usize::MAX));
    parts[skip..].join(".")
}

fn url_escape(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 7208 section 7.4.
    #[test]
    fn examples_of_the_rfc() {
        let mut values = MacroValues {
            local_part: "strong-bad",
            sender_domain: "email.example.com",
            domain: "email.example.com",
            ip: Some("192.0.2.3".parse().unwrap()),
            helo: "mx.example.org",
            validated: "mx.example.org",
            receiver: "unknown",
            now: 0,
        };
        for (text, expected) in [
            ("%{s}", "strong-bad@email.example.com"),
            ("%{o}", "email.example.com"),
            ("%{d4}", "email.example.com"),
            ("%{d2}", "example.com"),
            ("%{d1}", "com"),
            ("%{dr}", "com.example.email"),
            ("%{d2r}", "example.email"),
            ("%{l-}", "strong.bad"),
            ("%{lr-}", "bad.strong"),
            ("%{l1r-}", "strong"),
            ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
            ("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"),
            ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
            ("%%%_%-", "% %20"),
            ("%{S}", "strong-bad%40email.example.com"),
        ] {
            assert_eq!(MacroString::parse(text, 0, false).unwrap().expand(&values), expected);
        }
        values.ip = Some("2001:db8::cb01".parse().unwrap());
        assert_eq!(
            MacroString::parse("%{ir}.%{v}._spf.%{d2}", 0, false).unwrap().expand(&values).to_lowercase(),
            "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com"
        );
    }

    #[test]
    fn long_names_are_cut_from_the_left() {
        let values = MacroValues {
            local_part: "l",
            sender_domain: "o.example",
            domain: &"label.".repeat(60),
            ip: None,
            helo: "",
            validated: "unknown",
            receiver: "unknown",
            now: 0,
        };
        let name = MacroString::parse("%{d}example.com", 0, false).unwrap().expand_domain(&values);
        assert!(name.len() <= 253 && name.len() > 247 && name.ends_with(".example.com"));
    }
}
