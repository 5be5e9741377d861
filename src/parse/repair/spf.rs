//! An SPF record as it was meant (RFC 7208): the version found wherever it
//! stands, terms that were pulled apart put together, glued ones divided.

pub(crate) use super::spf_term::host_list;
use super::spf_term::{self, Meant};
use super::{Repaired, characters};
use crate::model::Rdata;
use crate::model::untrusted::{Width, plain};
use crate::parse::spf::{SpfRecord, is_spf};
use crate::parse::text::edits::distance;

/// More terms than any record has.
const MOST_TERMS: usize = 2000;

/// SPF records at one name that may still be one record written in pieces, or twice.
const MOST_RECORDS: usize = 16;

/// Whether so many SPF records stand together that no reading of them is what was meant.
pub(crate) fn is_heap<'r>(records: impl Iterator<Item = &'r Rdata>) -> bool {
    let is_record = |rdata: &&Rdata| match rdata {
        Rdata::Txt(strings) | Rdata::Spf(strings) => is_spf(&strings.concat()),
        _ => false,
    };
    records.filter(is_record).nth(MOST_RECORDS).is_some()
}

/// Reads the strings of a TXT record; `None` where it was not meant as SPF.
pub(crate) fn read(strings: &[Vec<u8>]) -> Option<Repaired> {
    let whole = strings.concat();
    let clean = characters::plain(strings);
    let mut out = Repaired { repairs: clean.repairs.clone(), ..Repaired::default() };
    let text = spaced(&clean.strings, &mut out.repairs);
    if is_spf(&whole) && out.repairs.is_empty() && SpfRecord::parse(&whole).faults.is_empty() {
        let record = SpfRecord::parse(&whole);
        if record.terms.iter().all(|term| !is_slip(record.text_of(term))) {
            return Some(Repaired { text: String::from_utf8(whole).ok()?, ..Repaired::default() });
        }
    }
    let (before, rest) = version(&text, &mut out.repairs)?;
    if !is_noise(before) {
        out.unread.push(before.trim().to_owned());
    }
    let tokens: Vec<String> =
        rest.split(' ').filter(|word| !word.is_empty()).take(MOST_TERMS).map(str::to_owned).collect();
    let mut terms: Vec<String> = Vec::new();
    let tokens = joined(&tokens, &mut out.repairs);
    let last = tokens.len().saturating_sub(1);
    for (index, token) in tokens.into_iter().enumerate() {
        // At the end of a record, where nothing else has such a sign and three letters.
        let near_all = spf_term::near_all(&token).filter(|_| index == last);
        if let (Some(all), Meant::Unclear) = (near_all, spf_term::read(&token)) {
            out.repairs.push(format!("{all} for {:?}", plain(&token, Width::Name)));
            terms.push(all);
            continue;
        }
        match spf_term::read(&token) {
            Meant::AsWritten => terms.push(token),
            Meant::Instead(meant) => {
                let shown = if meant.is_empty() { "nothing".to_owned() } else { meant.join(" ") };
                out.repairs.push(format!("{shown} for {:?}", plain(&token, Width::Name)));
                terms.extend(meant);
            }
            Meant::Unclear => out.unread.push(token),
        }
    }
    let mut text = String::from("v=spf1");
    for term in settled(terms, &mut out.repairs) {
        text.push(' ');
        text.push_str(&term);
    }
    if out.is_whole() && !SpfRecord::parse(text.as_bytes()).faults.is_empty() {
        out.unread.push(text.clone());
    }
    out.text = text;
    Some(out)
}

/// A term that the grammar allows and that was meant as another.
fn is_slip(term: &str) -> bool {
    term.eq_ignore_ascii_case("v=spf1") || !matches!(spf_term::read(term), Meant::AsWritten)
}

/// The strings of a TXT record put together, with the space that a term's start
/// at a seam was meant to have (RFC 7208 section 3.3 adds none).
fn spaced(strings: &[String], repairs: &mut Vec<String>) -> String {
    let mut text = String::new();
    for string in strings {
        let open = text.chars().next_back().is_some_and(|c| c != ' ');
        if open && !string.is_empty() && spf_term::starts(string) && whole_before(&text) {
            repairs.push("a space between two strings".to_owned());
            text.push(' ');
        }
        text.push_str(string);
    }
    text
}

/// True where the text ends in a whole term, so that the next one may begin.
fn whole_before(text: &str) -> bool {
    let last = text.rsplit(' ').next().unwrap_or_default();
    let is_version = last.to_ascii_lowercase().ends_with("v=spf1");
    is_version || matches!(spf_term::read(last), Meant::AsWritten)
}

/// What stands before the version, and what follows it.
fn version<'t>(text: &'t str, repairs: &mut Vec<String>) -> Option<(&'t str, String)> {
    let lower = text.to_ascii_lowercase();
    let mut from = 0;
    while let Some(found) = lower.get(from..).and_then(|rest| rest.find("spf")) {
        let word = from + found;
        from = word + 3;
        let head = lower[..word].trim_end_matches([' ', '=', ':', '-', '_']);
        let start = match head.strip_suffix('v') {
            Some(before) if before.chars().next_back().is_none_or(|c| !c.is_ascii_alphanumeric()) => {
                before.len()
            }
            _ if head.is_empty() => word,
            _ => continue,
        };
        // `spf1` at the start may lack the `v=`; a host named spf... is none.
        let bare = start == word;
        let tail = &lower[word + 3..];
        let spaces = tail.len() - tail.trim_start_matches(' ').len();
        let end = match tail[spaces..].strip_prefix('1') {
            Some(_) if spaces <= 1 => word + 3 + spaces + 1,
            _ if bare => continue,
            _ if tail.is_empty() || tail.starts_with([' ', ';', ',']) => word + 3,
            _ => continue,
        };
        let rest = &text[end..];
        // `v=spf10` and `v=spf1.0` are other versions.
        if rest.starts_with(|c: char| c.is_ascii_digit())
            || (rest.starts_with('.') && rest[1..].starts_with(|c: char| c.is_ascii_digit()))
        {
            continue;
        }
        let rest = rest.trim_start_matches([';', ',', ':', '.', '=', ' ']);
        let looks = ["all", "include", "ip4", "ip6", "mx", "a", "redirect", "exists", "ptr", "exp"];
        let lower_rest = rest.to_ascii_lowercase();
        if !rest.is_empty() && !looks.iter().any(|term| lower_rest.contains(term)) {
            return None;
        }
        if !text[start..end].eq_ignore_ascii_case("v=spf1")
            || !text[end..].starts_with([' ']) && !rest.is_empty()
            || start > 0
        {
            repairs.push("v=spf1 and a space, at the start".to_owned());
        }
        return Some((&text[..start], rest.to_owned()));
    }
    misspelt_version(text, repairs).map(|rest| ("", rest))
}

/// What follows a version with one slip in it, such as `v=sfp1`, where it can only be SPF.
fn misspelt_version(text: &str, repairs: &mut Vec<String>) -> Option<String> {
    let text = text.trim_start();
    let (word, rest) = text.split_once(' ')?;
    let near = distance(&word.to_ascii_lowercase(), "v=spf1") == 1 && !word.ends_with(['0', '2', '3']);
    let is_term = |term: &str| spf_term::starts(term) && matches!(spf_term::read(term), Meant::AsWritten);
    let mut terms = rest.split(' ').filter(|term| !term.is_empty()).peekable();
    if !near || terms.peek().is_none() || !terms.any(is_term) {
        return None;
    }
    repairs.push(format!("v=spf1 for {:?}", plain(word, Width::Word)));
    Some(rest.to_owned())
}

/// Words that people leave before a record: an owner, a type, quotes.
fn is_noise(before: &str) -> bool {
    let words = before.split([' ', '\t', '"', '\'', '(', ':', '=', ';', ',']).filter(|word| !word.is_empty());
    words.clone().all(|word| {
        let lower = word.to_ascii_lowercase();
        matches!(lower.as_str(), "txt" | "in" | "@" | "spf" | "record" | "v" | "=" | "*")
            || word.ends_with('.')
            || word.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Puts together what spaces pulled apart: `- all`, `include: host`, `ip4 192.0.2.1`.
fn joined(tokens: &[String], repairs: &mut Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut held = String::new();
    for (index, token) in tokens.iter().enumerate() {
        let next = tokens.get(index + 1);
        let word = format!("{held}{token}");
        let waits = next.is_some_and(|next| spf_term::goes_on(&word, next));
        if !held.is_empty() && !waits {
            repairs.push(format!("{word} without a space inside"));
        }
        if waits {
            held = if spf_term::wants_colon(&word, next.map_or("", String::as_str)) {
                format!("{word}:")
            } else {
                word
            };
            continue;
        }
        held = String::new();
        out.push(word);
    }
    out
}

/// One record out of terms that may be of two: one `all`, at most one `redirect`.
fn settled(mut terms: Vec<String>, repairs: &mut Vec<String>) -> Vec<String> {
    let is = |term: &str, name: &str| term.to_ascii_lowercase().starts_with(name);
    let pasted = terms.iter().filter(|term| term.eq_ignore_ascii_case("v=spf1")).count();
    if pasted > 0 {
        repairs.push("one v=spf1 where two records were pasted together".to_owned());
        terms.retain(|term| !term.eq_ignore_ascii_case("v=spf1"));
        let ends: Vec<String> = terms.iter().filter(|term| spf_term::is_all(term)).cloned().collect();
        // The mildest end keeps the senders of both; +all is nobody's end.
        let end = ["?all", "~all", "-all"]
            .into_iter()
            .find(|end| ends.iter().any(|one| one.eq_ignore_ascii_case(end)));
        terms.retain(|term| !spf_term::is_all(term));
        terms.extend(end.map(str::to_owned));
    }
    let mut redirects: Vec<String> = Vec::new();
    for term in terms.iter().filter(|term| is(term, "redirect=")) {
        if !redirects.iter().any(|known| known.eq_ignore_ascii_case(term)) {
            redirects.push(term.clone());
        }
    }
    let repeated = terms.iter().filter(|term| is(term, "redirect=")).count() > redirects.len();
    if repeated {
        repairs.push("redirect= once".to_owned());
    }
    if repeated || redirects.len() > 1 {
        terms.retain(|term| !is(term, "redirect="));
        match redirects.as_slice() {
            [only] => terms.push(only.clone()),
            many => {
                repairs.push("include: for each of several redirect=, which may stand once".to_owned());
                let includes = many.iter().map(|term| format!("include:{}", &term["redirect=".len()..]));
                let at = terms.iter().position(|term| spf_term::is_all(term)).unwrap_or(terms.len());
                let has_end = at < terms.len();
                terms.splice(at..at, includes);
                if !has_end {
                    terms.push("~all".to_owned());
                }
            }
        }
    }
    let mut explained = false;
    terms.retain(|term| !is(term, "exp=") || !std::mem::replace(&mut explained, true));
    terms
}

/// Records that many domains include, as their providers document them.
const KNOWN_INCLUDES: [&str; 14] = [
    "_spf.google.com",
    "spf.protection.outlook.com",
    "amazonses.com",
    "sendgrid.net",
    "mailgun.org",
    "spf.mandrillapp.com",
    "servers.mcsv.net",
    "spf.mailjet.com",
    "spf.mtasv.net",
    "mail.zendesk.com",
    "_spf.salesforce.com",
    "zoho.com",
    "spf.brevo.com",
    "_spf.mx.cloudflare.net",
];

/// The record name that an include with nothing behind it was meant to name: one slip
/// away from exactly one of `known`, of the names that providers document, or of the usual
/// names below the domain itself. Whether a record is there is for the caller to see.
pub(crate) fn near_include(target: &str, domain: &str, known: &[String]) -> Option<String> {
    let target = target.trim_end_matches('.').to_ascii_lowercase();
    let own = ["_spf", "spf", "_spf1", "_spf2"].map(|label| format!("{label}.{domain}"));
    let all = KNOWN_INCLUDES.iter().map(|name| (*name).to_owned()).chain(own).chain(known.iter().cloned());
    let mut near: Vec<String> = all.filter(|name| is_slip_of(&target, name)).collect();
    near.sort();
    near.dedup();
    match near.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    }
}

/// One letter wrong, missing, doubled or swapped, anywhere in a name.
fn is_slip_of(target: &str, name: &str) -> bool {
    let (a, b) = (target.as_bytes(), name.as_bytes());
    if a == b || a.len().abs_diff(b.len()) > 1 || a.len() > 253 {
        return false;
    }
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let end = a[start..].iter().rev().zip(b[start..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (left, right) = (&a[start..a.len() - end], &b[start..b.len() - end]);
    matches!((left.len(), right.len()), (1, 1) | (0, 1) | (1, 0))
        || (left.len() == 2 && right.len() == 2 && left[0] == right[1] && left[1] == right[0])
}

/// The record with what stands behind or beside its `all` brought to life, so that
/// those terms can be asked about; `None` where nothing is dead.
pub(crate) fn revived(text: &str) -> Option<String> {
    let record = SpfRecord::parse(text.as_bytes());
    let (all, _) = record.all()?;
    let mut terms = Vec::new();
    let mut dead = false;
    for (index, term) in record.terms.iter().enumerate() {
        let written = record.text_of(term);
        match written.get(.."redirect=".len()).filter(|head| head.eq_ignore_ascii_case("redirect=")) {
            Some(head) => {
                dead = true;
                terms.push(format!("include:{}", &written[head.len()..]));
            }
            None if spf_term::is_all(written) => {}
            None => {
                dead |= index > all;
                terms.push(written.to_owned());
            }
        }
    }
    terms.extend(record.terms.get(all).map(|end| record.text_of(end).to_owned()));
    dead.then(|| format!("v=spf1 {}", terms.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(texts: &[&str]) -> Option<Repaired> {
        read(&texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>())
    }

    fn meant(text: &str) -> String {
        let found = strings(&[text]).unwrap_or_else(|| panic!("{text:?} is not read"));
        assert!(found.is_whole(), "{text:?}: {found:?}");
        assert!(SpfRecord::parse(found.text.as_bytes()).faults.is_empty(), "{text:?}: {found:?}");
        found.text
    }

    #[test]
    fn good_records_stay() {
        for text in
            ["v=spf1 -all", "V=SPF1 MX  -ALL ", "v=spf1 a mx:x.example/24 exists:%{i}.x.example ~all moo=cow"]
        {
            assert_eq!(meant(text), text);
        }
        for text in [
            "v=spf10 -all",
            "MS=ms1",
            "spf2.0/pra mx -all",
            "v=spf1.0 include:a.example ~all",
            "spf verification 1234",
        ] {
            assert_eq!(strings(&[text]), None, "{text:?}");
        }
    }

    #[test]
    fn each_fault_at_each_place() {
        let good = "v=spf1 ip4:11.22.33.0/24 include:_s.v.example a:m.example.com -all";
        let mut variants: Vec<String> = vec![
            good.replacen(' ', ";", 1),
            good.replace(' ', "; "),
            good.replacen(' ', " ; ", 1),
            good.replace(" a:", ", a:"),
            good.replacen(' ', "", 1),
            good.replace("v=", "v:"),
            good.replace("v=", "v = "),
            good.replace("v=spf1", "spf1"),
            good.replace("v=spf1", "v=spf 1"),
            good.replace("v=spf1", "v=spf"),
            good.replace("v=spf1", "v=sfp1"),
            good.replace("v=spf1", "v=sp1"),
            good.replace("v=spf1", "=spf1"),
            good.replace("v=spf1", "c=spf1"),
            good.replace("-all", "- all"),
            good.replace("-all", "\u{2013}all"),
            good.replace("-all", "-all."),
            good.replace("-all", "--all"),
            good.replace("include:", "include: "),
            good.replace("include:", "include "),
            good.replace("include:", "include :"),
            good.replace("include:", "include="),
            good.replace("include:", "include."),
            good.replace("include:", "inlcude:"),
            good.replace("include:", "include:https://"),
            good.replace("include:", "include::"),
            good.replace("ip4:", "ipv4:"),
            good.replace("ip4:", "ip:"),
            good.replace("ip4:", "ip4="),
            good.replace("ip4:", ""),
            good.replace("/24", "/255.255.255.0"),
            good.replace("/24", "/024"),
            good.replace("/24", "/24/"),
            good.replace("/24", "/24,"),
            good.replace(" a:", "a:"),
            good.replace(" include:", "include:"),
            good.replace(" -all", "-all"),
            format!("\"{good}\""),
            format!("TXT \"{good}\""),
            format!("example.com. IN TXT \"{good}\""),
            good.replacen(' ', "\" \" ", 1),
        ];
        for c in ['\u{200b}', '\u{feff}', '\u{ad}', '\u{2060}'] {
            variants.extend((0..=good.len()).map(|at| format!("{}{c}{}", &good[..at], &good[at..])));
        }
        for c in ['\u{a0}', '\t', '\u{3000}'] {
            let spaces = good.char_indices().filter(|(_, c)| *c == ' ').map(|(at, _)| at);
            variants.extend(spaces.map(|at| format!("{}{c}{}", &good[..at], &good[at + 1..])));
        }
        for text in variants {
            assert_eq!(meant(&text), good, "{text:?}");
        }
    }

    #[test]
    fn seams_between_strings() {
        let of = |texts: &[&str]| strings(texts).unwrap().text;
        assert_eq!(
            of(&["v=spf1", "include:spf.vendor.example", "-all"]),
            "v=spf1 include:spf.vendor.example -all"
        );
        assert_eq!(
            of(&["v=spf1 mx ip4:11.1.1.1", "include:_s.v.example -all"]),
            "v=spf1 mx ip4:11.1.1.1 include:_s.v.example -all"
        );
        assert_eq!(of(&["v=spf1 include:_s.v.exam", "ple -all"]), "v=spf1 include:_s.v.example -all");
        assert_eq!(of(&["v=spf1 include:_s.v.", "a.example -all"]), "v=spf1 include:_s.v.a.example -all");
    }

    #[test]
    fn what_is_meant_and_what_is_not_told() {
        for (text, wanted) in [
            (
                "v=spf1 redirect=a.example redirect=b.example",
                "v=spf1 include:a.example include:b.example ~all",
            ),
            ("v=spf1 redirect:a.example", "v=spf1 redirect=a.example"),
            ("v=spf1 redirct=a.example", "v=spf1 redirect=a.example"),
            ("v=spf1 ip4:11.1.1.1,11.1.1.2 -all", "v=spf1 ip4:11.1.1.1 ip4:11.1.1.2 -all"),
            ("v=spf1 ip4:11.1.1.0-11.1.1.7 -all", "v=spf1 ip4:11.1.1.0/29 -all"),
            ("v=spf1 ip4:2a00:1::1 -all", "v=spf1 ip6:2a00:1::1 -all"),
            ("v=spf1 ip6:11.1.1.1 -all", "v=spf1 ip4:11.1.1.1 -all"),
            ("v=spf1 ip4:11.1.1.* -all", "v=spf1 ip4:11.1.1.0/24 -all"),
            ("v=spf1 ip4:mail.example.com -all", "v=spf1 a:mail.example.com -all"),
            ("v=spf1 a:11.1.1.1 -all", "v=spf1 ip4:11.1.1.1 -all"),
            ("v=spf1 mx -all v=spf1 include:a.example ~all", "v=spf1 mx include:a.example ~all"),
            ("v=spf1 +a +mx include:a.example ~all;", "v=spf1 +a +mx include:a.example ~all"),
            ("v=spf1 mx -al", "v=spf1 mx -all"),
            ("v=spf1 mx ~alll", "v=spf1 mx ~all"),
            ("v=spf1 p4:11.1.1.0/28 -all", "v=spf1 ip4:11.1.1.0/28 -all"),
            ("v=spf1 i4:11.1.1.1 -all", "v=spf1 ip4:11.1.1.1 -all"),
            ("v=spf1 ip4q11.1.1.1 -all", "v=spf1 ip4:11.1.1.1 -all"),
            ("v=spf1 include_spf.a.example -all", "v=spf1 include:_spf.a.example -all"),
        ] {
            assert_eq!(meant(text), wanted, "{text:?}");
        }
        for text in [
            "v=spf1 gibberish -all",
            "v=spf1 mail.example.com -all",
            "v=spf1 include: -all",
            "v=spf1 ip4:11.1.1 -all",
            "v=spf1 mx01 -all",
            "v=spf1 al -all",
            "v=spf1 -al mx",
            "v=spf1 ip4:1q.1.1.1 -all",
            "v=spf1 px:11.1.1.1 -all",
        ] {
            assert!(!strings(&[text]).unwrap().is_whole(), "{text:?}");
        }
    }

    #[test]
    fn includes_one_slip_away() {
        let near = |target: &str| near_include(target, "example.com", &["_s.v.example".to_owned()]);
        for (target, wanted) in [
            ("spf.protecton.outlook.com", "spf.protection.outlook.com"),
            ("_spf.googel.com", "_spf.google.com"),
            ("_psf.example.com", "_spf.example.com"),
            ("_sv.v.example", "_s.v.example"),
        ] {
            assert_eq!(near(target).as_deref(), Some(wanted), "{target}");
        }
        assert_eq!(near("_spf.google.com"), None);
        assert_eq!(near("spf.vendor.example"), None);
    }

    proptest::proptest! {
        #[test]
        fn hostile_texts_never_panic(text in "(v=spf1|V|spf|include|ip4|redirect|all|a\\.example|11\\.1\\.1\\.1|[-~+ ;:=,./!\"\\\\]|\\PC){0,30}") {
            if let Some(found) = strings(&[&text]) && found.is_whole() {
                let again = strings(&[&found.text]).map(|again| again.text);
                proptest::prop_assert_eq!(again, Some(found.text));
            }
        }
    }
}
