//! One term of an SPF record as it was meant.

use crate::parse::text::edits::distance;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Subnets};

use crate::parse::spf::{SpfRecord, TermKind};

/// What a word of the record says.
pub(super) enum Meant {
    /// A term as the grammar has it.
    AsWritten,
    /// These terms; none where the word is only noise.
    Instead(Vec<String>),
    Unclear,
}

const MECHANISMS: [&str; 8] = ["all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"];
/// Starts of terms that no name holds by chance.
const STARTS: [&str; 8] = ["include:", "ip4:", "ip6:", "exists:", "redirect=", "exp=", "mx:", "ptr:"];
/// Terms that may begin a string of their own.
const SHORT: [&str; 7] = ["a", "mx", "all", "-all", "~all", "?all", "+all"];

/// Divisions of one word into glued terms that are tried.
const MOST_PARTS: usize = 64;

pub(super) fn read(word: &str) -> Meant {
    match terms(word, MOST_PARTS) {
        None => Meant::Unclear,
        Some(terms) if terms.len() == 1 && terms[0] == word => Meant::AsWritten,
        Some(terms) => Meant::Instead(terms),
    }
}

/// True where a string begins with a term.
pub(super) fn starts(string: &str) -> bool {
    let lower = string.to_ascii_lowercase();
    let first = lower.split(' ').next().unwrap_or_default();
    let bare = lower.trim_start_matches(['+', '-', '~', '?']);
    STARTS.iter().any(|start| bare.starts_with(start)) || bare.starts_with("a:") || SHORT.contains(&first)
}

pub(super) fn is_all(term: &str) -> bool {
    term.trim_start_matches(['+', '-', '~', '?']).eq_ignore_ascii_case("all")
}

/// True where a space pulled `word` and `next` apart.
pub(super) fn goes_on(word: &str, next: &str) -> bool {
    let lower = word.trim_start_matches(['+', '-', '~', '?']).to_ascii_lowercase();
    let is_qualifier = lower.is_empty() && word.len() == 1;
    let is_open = word.ends_with([':', '=']) && word.len() > 1 && !starts(next);
    let is_name = matches!(lower.as_str(), "include" | "ip4" | "ip6" | "exists" | "redirect");
    let is_value = next.starts_with([':', '=']) || (is_name && next.contains(['.', ':']) && !starts(next));
    (is_qualifier && !next.starts_with(['+', '-', '~', '?']))
        || is_open
        || (is_value && (is_name || next.len() > 1 && MECHANISMS.contains(&lower.as_str())))
}

/// True where the two need a colon as well.
pub(super) fn wants_colon(word: &str, next: &str) -> bool {
    let is_qualifier = word.len() == 1 && word.starts_with(['+', '-', '~', '?']);
    !is_qualifier && !word.ends_with([':', '=']) && !next.starts_with([':', '='])
}

/// The terms a word means; `None` where that is not clear.
fn terms(word: &str, budget: usize) -> Option<Vec<String>> {
    if word.is_empty() || budget == 0 {
        return None;
    }
    if word.chars().all(|c| matches!(c, ';' | ',' | '.' | ':' | '"' | '\'' | '|')) {
        return Some(Vec::new());
    }
    if word.eq_ignore_ascii_case("v=spf1") {
        return Some(vec![word.to_owned()]);
    }
    if let Some(glued) = before_all(word) {
        return both(glued, budget);
    }
    let fault = match single(word) {
        // A URL in a name's place is a name to the grammar, which allows almost anything there.
        Ok(_)
            if word.contains("://") || word.contains("::") && !word.to_ascii_lowercase().contains("ip6:") =>
        {
            return rewritten(word);
        }
        // So is a second term glued to a name.
        Ok(_) if value_of(word).contains(':') => {
            return divided(word, budget).or(Some(vec![word.to_owned()]));
        }
        Ok(kind) => return modifier(word, &kind),
        Err(fault) => fault,
    };
    let trimmed = word.trim_matches([';', ',', '"', '\'', '|']).trim_end_matches(['.', '/', ':']);
    if trimmed != word && !trimmed.is_empty() {
        return terms(trimmed, budget - 1);
    }
    if let Some(listed) = listed(word, budget) {
        return Some(listed);
    }
    if let Some(meant) = rewritten(word) {
        return Some(meant);
    }
    if let Some(found) = divided(word, budget) {
        return Some(found);
    }
    let meant = fault.filter(|text| !text.is_empty())?;
    single(&meant).ok().map(|_| vec![meant])
}

/// What follows the mechanism; empty for addresses, which hold colons by right.
fn value_of(word: &str) -> &str {
    match word.split_once([':', '=']) {
        Some((name, _)) if name.to_ascii_lowercase().ends_with("ip6") => "",
        Some((_, value)) => value,
        None => "",
    }
}

/// Two terms with the space between them lost.
fn divided(word: &str, budget: usize) -> Option<Vec<String>> {
    let lower = word.to_ascii_lowercase();
    for start in STARTS.into_iter().chain(["a:"]) {
        let Some(at) = lower.get(1..).and_then(|rest| rest.rfind(start)).map(|at| at + 1) else { continue };
        // A qualifier before the glued term is its own.
        let at = if lower[..at].ends_with(['+', '~', '?']) { at - 1 } else { at };
        let sound = start != "a:" || (single(&word[..at]).is_ok() && value_of(&word[at..]).contains('.'));
        if at > 0
            && sound
            && let Some(found) = both((&word[..at], &word[at..]), budget)
        {
            return Some(found);
        }
    }
    None
}

/// The kind of one sound term, else the replacement its fault offers.
fn single(word: &str) -> Result<TermKind, Option<String>> {
    let record = SpfRecord::parse(format!("v=spf1 {word}").as_bytes());
    match (record.faults.first(), record.terms.as_slice()) {
        (None, [only]) => Ok(only.kind.clone()),
        (Some(fault), _) => Err(fault.replacement.clone()),
        _ => Err(None),
    }
}

fn both((first, second): (&str, &str), budget: usize) -> Option<Vec<String>> {
    let mut all = terms(first, budget / 2)?;
    all.extend(terms(second, budget / 2)?);
    Some(all)
}

/// `x.example-all`: no top-level domain ends so.
fn before_all(word: &str) -> Option<(&str, &str)> {
    let lower = word.to_ascii_lowercase();
    let at = ["-all", "~all", "?all", "+all"].iter().find_map(|end| lower.strip_suffix(end).map(str::len))?;
    let first = &word[..at];
    let is_term = first.len() > 1 && first.contains([':', '=']) || matches!(first, "a" | "mx");
    is_term.then_some((first, &word[at..]))
}

/// A modifier that no receiver knows may be a slip of one that is known.
fn modifier(word: &str, kind: &TermKind) -> Option<Vec<String>> {
    let TermKind::Unknown { name, .. } = kind else { return Some(vec![word.to_owned()]) };
    let lower = name.to_ascii_lowercase();
    let value = &word[name.len() + 1..];
    if MECHANISMS.contains(&lower.as_str()) || matches!(lower.as_str(), "ipv4" | "ipv6" | "ip") {
        return terms(&format!("{lower}:{value}"), 8);
    }
    if lower != "redirect" && distance(&lower, "redirect") <= 2 {
        return Some(vec![format!("redirect={value}")]);
    }
    let near = ["include", "exists"].into_iter().find(|known| distance(&lower, known) <= 2);
    match near {
        Some(known) => Some(vec![format!("{known}:{value}")]),
        None => Some(vec![word.to_owned()]),
    }
}

/// `ip4:192.0.2.1,192.0.2.2`: every item is a term, or a value of the same mechanism.
fn listed(word: &str, budget: usize) -> Option<Vec<String>> {
    if !word.contains([',', ';', '|']) {
        return None;
    }
    let mut all = Vec::new();
    let mut head = String::new();
    for item in word.split([',', ';', '|']).filter(|item| !item.is_empty()) {
        let own = terms(item, budget / 4);
        let inherited = || (!head.is_empty()).then(|| terms(&format!("{head}{item}"), budget / 4)).flatten();
        let is_bare = item.parse::<IpAddr>().is_ok() || item.parse::<IpNet>().is_ok();
        all.extend(own.filter(|_| !is_bare).or_else(inherited).or_else(|| terms(item, budget / 4))?);
        if let Some(at) = item.find(':').filter(|_| !is_bare) {
            head = item[..=at].to_owned();
        }
    }
    Some(all)
}

/// `include:a.example,b.example`: a comma is a letter of names to the grammar (RFC 7208 section 7.1), and to
/// people the end of one. `None` where it is no list of hosts.
pub(crate) fn host_list(word: &str) -> Option<Vec<String>> {
    let (head, names) = word.split_once(':').filter(|(_, names)| names.contains([',', ';']))?;
    let name = head.trim_start_matches(['+', '-', '~', '?']).to_ascii_lowercase();
    if !matches!(name.as_str(), "include" | "a" | "mx") {
        return None;
    }
    let items: Vec<&str> = names.split([',', ';']).filter(|item| !item.is_empty()).collect();
    let terms = items.iter().map(|item| host(item).map(|host| format!("{head}:{host}")));
    terms.collect::<Option<Vec<String>>>().filter(|terms| !terms.is_empty() && terms.len() <= MOST_PARTS)
}

/// Other slips, each with one reading.
fn rewritten(word: &str) -> Option<Vec<String>> {
    let sign_length = word.bytes().take_while(|b| b"+-~?".contains(b)).count();
    let (signs, body) = word.split_at(sign_length);
    let sign = signs.get(..1).unwrap_or_default();
    if sign_length > 1 {
        let same = signs.chars().all(|c| signs.starts_with(c));
        return (same && single(&format!("{sign}{body}")).is_ok()).then(|| vec![format!("{sign}{body}")]);
    }
    let lower = body.to_ascii_lowercase();
    let try_one =
        |text: String| single(&format!("{sign}{text}")).is_ok().then(|| vec![format!("{sign}{text}")]);
    for name in ["include", "redirect"] {
        if let Some(rest) = lower.strip_prefix(name).and_then(|rest| rest.strip_prefix('.')) {
            let separator = if name == "redirect" { '=' } else { ':' };
            return try_one(format!("{name}{separator}{rest}"));
        }
    }
    // A label of a service, such as `_spf`, stands in no mechanism's name: the colon was lost.
    if let Some(rest) = lower.strip_prefix("include").filter(|rest| rest.starts_with('_')) {
        return host(rest).and_then(|host| try_one(format!("include:{host}")));
    }
    // One letter in the place of the colon.
    let slipped =
        lower.strip_prefix("ip4").filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
    if let Some(found) = slipped.and_then(|rest| addresses(rest.get(1..)?, sign)) {
        return Some(found);
    }
    for name in ["ip4", "ip6"] {
        let rest = lower.strip_prefix(name).map(|rest| rest.trim_start_matches([':', '.', '=', '-', '_']));
        if let Some(rest) = rest.filter(|rest| !rest.is_empty()) {
            return addresses(rest, sign)
                .or_else(|| host(rest).and_then(|host| try_one(format!("a:{host}"))));
        }
    }
    if let Some(found) = addresses(&lower, sign) {
        return Some(found);
    }
    let (name, value) = lower.split_once([':', '='])?;
    if matches!(name, "include" | "a" | "mx" | "redirect" | "exists") {
        let value = value.trim_start_matches([':', '=', '/']);
        let inner = value.find("://").map_or(value, |at| &value[at + 3..]);
        let inner =
            inner.split(['/', '?', '#']).next().filter(|_| inner.len() < value.len()).unwrap_or(inner);
        let separator = if name == "redirect" { '=' } else { ':' };
        return try_one(format!("{name}{separator}{}", inner.trim_end_matches(['/', ',', ';'])));
    }
    // The value says which of the two was meant.
    let near = ["ip4", "ip6"].iter().any(|known| distance(name, known) <= 1);
    if near || matches!(name, "ip" | "ipv4" | "ipv6" | "ipv" | "ip46") {
        return addresses(value, sign);
    }
    None
}

/// The end of a record with one slip in it: `-al` for `-all`.
pub(super) fn near_all(word: &str) -> Option<String> {
    let sign = word.get(..1).filter(|sign| matches!(*sign, "-" | "~" | "?"))?;
    let body = word[1..].to_ascii_lowercase();
    (body != "all" && body.len() > 1 && distance(&body, "all") <= 1).then(|| format!("{sign}all"))
}

fn host(text: &str) -> Option<&str> {
    let named = text.contains('.')
        && text.split('.').all(|label| {
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
        && text
            .rsplit('.')
            .next()
            .is_some_and(|top| top.len() > 1 && top.bytes().all(|b| b.is_ascii_alphabetic()));
    named.then_some(text)
}

/// An address or network in any of the ways people write one.
fn addresses(text: &str, sign: &str) -> Option<Vec<String>> {
    let text = text.trim_matches(['[', ']', '(', ')', '<', '>', '/', '.', ',', ';']);
    let term = |net: IpNet| match net {
        IpNet::V4(net) if net.prefix_len() == 32 => format!("{sign}ip4:{}", net.addr()),
        IpNet::V4(net) => format!("{sign}ip4:{net}"),
        IpNet::V6(net) if net.prefix_len() == 128 => format!("{sign}ip6:{}", net.addr()),
        IpNet::V6(net) => format!("{sign}ip6:{net}"),
    };
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Some(vec![term(IpNet::from(ip))]);
    }
    if let Some((address, length)) = text.split_once(['/', '\\']) {
        let ip = address.trim_end_matches(['.', ']']).parse::<IpAddr>().ok()?;
        let prefix = match length.parse::<Ipv4Addr>() {
            Ok(mask) if ip.is_ipv4() => ipnet::ipv4_mask_to_prefix(mask).ok()?,
            _ => length.trim_start_matches('/').trim_start_matches('0').parse::<u8>().ok()?,
        };
        return IpNet::new(ip, prefix).ok().map(|net| vec![term(net)]);
    }
    if let Some((first, last)) = text.split_once('-') {
        let first: Ipv4Addr = first.parse().ok()?;
        let last: Ipv4Addr = match last.parse::<u8>() {
            Ok(octet) => {
                let [a, b, c, _] = first.octets();
                Ipv4Addr::new(a, b, c, octet)
            }
            Err(_) => last.parse().ok()?,
        };
        let nets: Vec<String> =
            Ipv4Subnets::new(first, last, 0).map(|net| term(IpNet::V4(net))).take(17).collect();
        return (first <= last && nets.len() <= 16).then_some(nets);
    }
    let stars = text.strip_suffix(".*")?;
    let wild = stars.split(".*").next().unwrap_or(stars);
    let octets: Vec<u8> = wild.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let (a, b, c) = match octets.as_slice() {
        [a, b, c] if wild == stars => (*a, *b, Some(*c)),
        [a, b] if stars.ends_with(".*") || wild == stars => (*a, *b, None),
        _ => return None,
    };
    let net = ipnet::Ipv4Net::new(Ipv4Addr::new(a, b, c.unwrap_or(0), 0), if c.is_some() { 24 } else { 16 })
        .ok()?;
    Some(vec![term(IpNet::V4(net))])
}
