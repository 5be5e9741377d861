//! A DMARC policy record (RFC 9989 section 4.7) with the bytes of everything
//! that is wrong with it, and what older readers (RFC 7489) make of it. Judges
//! the text only: the tree walk and the look-ups are for `facts`.

pub(crate) mod uri;

use std::ops::Range;

use serde::Serialize;

use crate::model::untrusted::Width;
use crate::parse::dmarc::uri::{ReportUri, read_uris};
use crate::parse::tag_list::{Fault, Tag, TagList, items, plain};

/// What the domain owner asks receivers to do with mail that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disposition {
    /// `none`: no request; reports only.
    None,
    /// `quarantine`: to be treated as suspicious.
    Quarantine,
    /// `reject`: to be refused in the SMTP dialogue.
    Reject,
}

impl Disposition {
    /// As `p=` spells it.
    pub fn name(self) -> &'static str {
        match self {
            Disposition::None => "none",
            Disposition::Quarantine => "quarantine",
            Disposition::Reject => "reject",
        }
    }

    /// The policy spelled so, in any case.
    pub fn from_name(name: &str) -> Option<Disposition> {
        [Disposition::None, Disposition::Quarantine, Disposition::Reject]
            .into_iter()
            .find(|policy| policy.name().eq_ignore_ascii_case(name))
    }

    /// What `t=y` makes of it (RFC 9989 section 4.7).
    pub fn one_lower(self) -> Disposition {
        match self {
            Disposition::Reject => Disposition::Quarantine,
            _ => Disposition::None,
        }
    }
}

/// `adkim` and `aspf`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Same organizational domain.
    #[default]
    Relaxed,
    /// Same name.
    Strict,
}

/// The `psd` tag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Psd {
    /// A public suffix: registrations below belong to others.
    Yes,
    /// The organizational domain itself.
    No,
    /// `u`, the default: the tree walk decides.
    #[default]
    Unknown,
}

/// How the record may be used (RFC 9989 section 4.10.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// `p`, `sp` and `np` are as they should be.
    Sound,
    /// One of them is missing or wrong; with a usable `rua` that means `p=none`.
    ReportOnly,
    /// One of them is missing or wrong and nobody is to be told: no DMARC at all.
    Useless,
}

/// The record as published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DmarcRecord {
    /// The record's strings joined, as published.
    pub text: String,
    /// The same as tags.
    pub list: TagList,
    /// `p`: for the domain itself; `None` where it is missing or no policy.
    pub p: Option<Disposition>,
    /// `sp`: for subdomains that exist; `None` where `p` applies.
    pub sp: Option<Disposition>,
    /// `np`: for subdomains that do not exist; `None` where `sp` applies.
    pub np: Option<Disposition>,
    /// For the signing domain of DKIM.
    pub adkim: Mode,
    /// For the domain of SPF.
    pub aspf: Mode,
    /// What the owner says of the domain's place in the tree.
    pub psd: Psd,
    /// `t=y`.
    pub testing: bool,
    /// Where aggregate reports go (RFC 9990).
    pub rua: Vec<ReportUri>,
    /// Where failure reports go (RFC 9991).
    pub ruf: Vec<ReportUri>,
    /// What the record is good for.
    pub standing: Standing,
    /// `pct`, of RFC 7489; 100 where absent.
    pub pct: u8,
    /// Grammar and meaning, in no order.
    pub faults: Vec<Fault>,
    /// Tags that RFC 9989 removed: `pct`, `rf`, `ri`.
    pub removed: Vec<Tag>,
    /// Tags nobody knows; receivers ignore them.
    pub unknown: Vec<Tag>,
}

const KNOWN: [&str; 11] = ["v", "p", "sp", "np", "adkim", "aspf", "fo", "rua", "ruf", "psd", "t"];
const REMOVED: [&str; 3] = ["pct", "rf", "ri"];

/// True where receivers take a TXT record for a DMARC record: it begins with
/// `v=DMARC1`, in this case, white space around the `=` allowed.
pub fn is_dmarc(text: &str) -> bool {
    let after = |text: &str, word: &str| {
        text.strip_prefix(word).map(|rest| rest.trim_start_matches([' ', '\t']).to_owned())
    };
    after(text, "v")
        .and_then(|rest| after(&rest, "="))
        .and_then(|rest| rest.strip_prefix("DMARC1").map(str::to_owned))
        .is_some_and(|rest| {
            rest.trim_start_matches([' ', '\t']).is_empty()
                || rest.trim_start_matches([' ', '\t']).starts_with(';')
        })
}

/// True where nothing but a capital `V` keeps the text from being a record: the two documents that
/// settle its spelling disagree (RFC 9989 section 4.8, RFC 6376 section 3.2).
pub fn has_capital_tag(text: &str) -> bool {
    text.strip_prefix('V').is_some_and(|rest| is_dmarc(&format!("v{rest}")))
}

/// Why a text that was meant as a DMARC record is none; `None` where it is one,
/// or was never meant to be.
pub fn near_miss(text: &str) -> Option<Fault> {
    if is_dmarc(text) {
        return None;
    }
    let trimmed = text.trim_start_matches([' ', '\t', '"', '\'', '\\']);
    let folded: String = trimmed.chars().filter(|c| !c.is_whitespace()).take(8).collect();
    let folds = folded.eq_ignore_ascii_case("v=dmarc1");
    if !folds && !trimmed.to_ascii_lowercase().starts_with("v=dmarc") {
        return None;
    }
    let end = text.find(';').unwrap_or(text.len());
    let shown = plain(&text[..end]);
    if has_capital_tag(text) {
        return Some(Fault::fatal(
            0..end,
            format!(
                "the record begins with \"{shown}\": the grammar of RFC 9989 section 4.8 takes a capital V, tags by \
                 RFC 6376 section 3.2 are told apart by case, so some receivers ignore the record"
            ),
        ));
    }
    let why = if trimmed.len() != text.len() {
        "something stands before v=DMARC1"
    } else if folds && !folded.ends_with("DMARC1") {
        "v=DMARC1 is case-sensitive"
    } else {
        "v=DMARC1 must be followed by a semicolon"
    };
    Some(Fault::fatal(
        0..end,
        format!("the record begins with \"{shown}\": {why}, so receivers ignore the record"),
    ))
}

impl DmarcRecord {
    /// `None` where the text is no DMARC record at all.
    pub fn parse(text: &str) -> Option<DmarcRecord> {
        is_dmarc(text).then(|| DmarcRecord::read(text))
    }

    fn read(text: &str) -> DmarcRecord {
        let list = TagList::parse(text);
        // Outside v, p, sp and np a wrong tag is ignored, the record stays (RFC 9989 section 4.7).
        let mut faults: Vec<Fault> =
            list.faults.iter().map(|fault| Fault { fatal: false, ..fault.clone() }).collect();
        let p = read_policy(&list, "p", &mut faults);
        let sp = read_policy(&list, "sp", &mut faults);
        let np = read_policy(&list, "np", &mut faults);
        let rua = list.get("rua").map(|tag| read_uris(tag, &mut faults)).unwrap_or_default();
        let ruf = list.get("ruf").map(|tag| read_uris(tag, &mut faults)).unwrap_or_default();
        let wrong = |name: &str, read: Option<Disposition>| list.get(name).is_some() && read.is_none();
        let standing = if p.is_some() && !wrong("sp", sp) && !wrong("np", np) {
            Standing::Sound
        } else if rua.iter().any(|uri| uri.usable) {
            Standing::ReportOnly
        } else {
            Standing::Useless
        };
        if list.get("p").is_none() {
            let consequence = match standing {
                Standing::ReportOnly => "receivers act as if it were p=none",
                _ => "without a usable rua= either, receivers ignore the record",
            };
            faults.push(Fault::fatal(0..text.len(), format!("there is no p= tag: {consequence}")));
        }
        let adkim = one_of(&list, "adkim", &[("r", Mode::Relaxed), ("s", Mode::Strict)], &mut faults);
        let aspf = one_of(&list, "aspf", &[("r", Mode::Relaxed), ("s", Mode::Strict)], &mut faults);
        let psd = one_of(&list, "psd", &[("y", Psd::Yes), ("n", Psd::No), ("u", Psd::Unknown)], &mut faults);
        let testing = one_of(&list, "t", &[("y", true), ("n", false)], &mut faults);
        read_failure_options(&list, &mut faults);
        let pct = read_removed(&list, &mut faults);
        let of = |names: &[&str]| {
            list.tags.iter().filter(|tag| names.contains(&tag.name.as_str())).cloned().collect::<Vec<_>>()
        };
        let unknown: Vec<Tag> = list
            .tags
            .iter()
            .filter(|tag| !KNOWN.contains(&tag.name.as_str()) && !REMOVED.contains(&tag.name.as_str()))
            .cloned()
            .collect();
        for tag in &unknown {
            let lower = tag.name.to_ascii_lowercase();
            if KNOWN.contains(&lower.as_str()) {
                faults.push(Fault::mild(
                    tag.span.clone(),
                    format!(
                        "{}= is not lower case; receivers may take it for an unknown tag",
                        plain(&tag.name)
                    ),
                ));
            }
        }
        faults.sort_by_key(|fault| (fault.span.start, fault.span.end));
        DmarcRecord {
            text: text.to_owned(),
            p,
            sp,
            np,
            adkim,
            aspf,
            psd,
            testing,
            rua,
            ruf,
            standing,
            pct,
            faults,
            removed: of(&REMOVED),
            unknown,
            list,
        }
    }

    /// The policy for the name the record stands at; `None` where the record is useless.
    pub fn policy(&self) -> Option<Disposition> {
        match self.standing {
            Standing::Sound => self.p,
            Standing::ReportOnly => Some(Disposition::None),
            Standing::Useless => None,
        }
    }

    /// The policy for names below that exist.
    pub fn subdomain_policy(&self) -> Option<Disposition> {
        match self.standing {
            Standing::Sound => self.sp.or(self.p),
            _ => self.policy(),
        }
    }

    /// The policy for names below that do not exist (NXDOMAIN).
    pub fn nonexistent_policy(&self) -> Option<Disposition> {
        match self.standing {
            Standing::Sound => self.np.or(self.sp).or(self.p),
            _ => self.policy(),
        }
    }

    /// The record with one tag set, in the usual order, ready to publish.
    pub fn with(&self, name: &str, value: &str) -> String {
        let mut parts: Vec<(String, String)> = self
            .list
            .tags
            .iter()
            .filter(|tag| KNOWN.contains(&tag.name.as_str()) && tag.name != name)
            .map(|tag| (tag.name.clone(), plain_value(&tag.value)))
            .collect();
        let at = parts.iter().position(|(n, _)| order(n) > order(name)).unwrap_or(parts.len());
        parts.insert(at, (name.to_owned(), value.to_owned()));
        parts.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ")
    }
}

fn plain_value(value: &str) -> String {
    crate::model::untrusted::plain(value, Width::Block)
}

fn order(name: &str) -> usize {
    KNOWN.iter().position(|known| *known == name).unwrap_or(KNOWN.len())
}

fn read_policy(list: &TagList, name: &str, faults: &mut Vec<Fault>) -> Option<Disposition> {
    let tag = list.get(name)?;
    if let Some(policy) = Disposition::from_name(&tag.value) {
        return Some(policy);
    }
    let shown = plain(&tag.value);
    let hint = match tag.value.split_once([' ', ',', '\t']) {
        Some((first, _)) if Disposition::from_name(first.trim()).is_some() => {
            "; a semicolon is missing after it".to_owned()
        }
        _ => match nearest(&tag.value) {
            Some(policy) => format!("; {name}={} was probably meant", policy.name()),
            None => String::new(),
        },
    };
    faults.push(Fault::fatal(
        tag.value_span.clone(),
        format!("{name}={shown} is no policy (none, quarantine, reject){hint}"),
    ));
    None
}

/// The policy a misspelt word was probably meant to be: an abbreviation (which
/// OpenDMARC expands and nobody else does) or a slip of up to three letters.
pub fn nearest(word: &str) -> Option<Disposition> {
    let word = word.trim().to_ascii_lowercase();
    if word.is_empty() || word.len() > 20 {
        return None;
    }
    [Disposition::None, Disposition::Quarantine, Disposition::Reject].into_iter().find(|policy| {
        let name = policy.name();
        name.starts_with(&word)
            || (word.len() > 3 && common_start(name, &word) >= 2 && word.len().abs_diff(name.len()) <= 3)
    })
}

fn common_start(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count()
}

fn one_of<T: Copy + Default>(list: &TagList, name: &str, known: &[(&str, T)], faults: &mut Vec<Fault>) -> T {
    let Some(tag) = list.get(name) else { return T::default() };
    if let Some((_, value)) = known.iter().find(|(text, _)| text.eq_ignore_ascii_case(&tag.value)) {
        return *value;
    }
    let words: Vec<&str> = known.iter().map(|(text, _)| *text).collect();
    faults.push(Fault::mild(
        tag.value_span.clone(),
        format!("{name}={} is none of {}: receivers use the default", plain(&tag.value), words.join(", ")),
    ));
    T::default()
}

fn read_failure_options(list: &TagList, faults: &mut Vec<Fault>) {
    let Some(tag) = list.get("fo") else { return };
    for (word, span) in items(tag, ':') {
        if !matches!(word.to_ascii_lowercase().as_str(), "0" | "1" | "d" | "s") {
            faults.push(Fault::mild(span, format!("fo={} is none of 0, 1, d, s", plain(&word))));
        }
    }
}

/// The removed tags still steer receivers that follow RFC 7489, so wrong values matter.
fn read_removed(list: &TagList, faults: &mut Vec<Fault>) -> u8 {
    let mut bad = |span: &Range<usize>, text: String| faults.push(Fault::mild(span.clone(), text));
    let mut pct = 100;
    if let Some(tag) = list.get("pct") {
        match tag.value.parse::<u8>() {
            Ok(value) if value <= 100 => pct = value,
            _ => bad(&tag.value_span, format!("pct={} is no number from 0 to 100", plain(&tag.value))),
        }
    }
    if let Some(tag) = list.get("ri").filter(|tag| tag.value.parse::<u32>().is_err()) {
        bad(&tag.value_span, format!("ri={} is no number of seconds", plain(&tag.value)));
    }
    if let Some(tag) = list.get("rf") {
        for (word, span) in items(tag, ':') {
            if !word.eq_ignore_ascii_case("afrf") && !word.eq_ignore_ascii_case("iodef") {
                bad(&span, format!("rf={} is no report format (afrf)", plain(&word)));
            }
        }
    }
    pct
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_comes_first_and_exact() {
        for yes in ["v=DMARC1", "v=DMARC1;p=none", "v = DMARC1 ; p=none"] {
            assert!(is_dmarc(yes), "{yes}");
        }
        for no in [
            "v=DMARC2; p=none",
            "V=DMARC1; p=none",
            "v=dmarc1; p=none",
            " v=DMARC1",
            "v=DMARC1 p=none",
            "p=none; v=DMARC1",
            "v=DMARC10",
            "",
        ] {
            assert!(!is_dmarc(no), "{no}");
        }
        assert!(near_miss("v=dmarc1; p=none").unwrap().text.contains("case-sensitive"));
        assert!(near_miss("v=DMARC1 p=none").unwrap().text.contains("semicolon"));
        assert!(near_miss("V=DMARC1; p=none").unwrap().text.contains("some receivers"));
        assert!(near_miss("V=dmarc1; p=none").unwrap().text.contains("case-sensitive"));
        assert!(near_miss("V=DMARC1 p=none").unwrap().text.contains("semicolon"));
        assert!(near_miss("\"v=DMARC1; p=none").unwrap().text.contains("before"));
        assert!(near_miss("v=spf1 -all").is_none() && near_miss("v=DMARC1; p=none").is_none());
    }

    #[test]
    fn policies_and_defaults() {
        let record = DmarcRecord::parse("v=DMARC1; p=reject; sp=quarantine; adkim=s; t=y; psd=n").unwrap();
        assert_eq!(record.policy(), Some(Disposition::Reject));
        assert_eq!(record.nonexistent_policy(), Some(Disposition::Quarantine));
        assert_eq!((record.adkim, record.aspf), (Mode::Strict, Mode::Relaxed));
        assert!(record.testing && record.psd == Psd::No && record.faults.is_empty());
        assert_eq!(record.with("p", "none"), "v=DMARC1; p=none; sp=quarantine; adkim=s; t=y; psd=n");
    }

    #[test]
    fn a_wrong_policy_needs_a_report_address() {
        let useless = DmarcRecord::parse("v=DMARC1; p=rejct; pct=120; rua=agg@reports.example").unwrap();
        assert_eq!(useless.standing, Standing::Useless);
        assert_eq!(useless.faults.len(), 3, "{:?}", useless.faults);
        assert!(useless.faults[0].text.contains("p=reject was probably meant"));
        let none = DmarcRecord::parse("v=DMARC1; rua=mailto:a@example.com").unwrap();
        assert_eq!((none.standing, none.policy()), (Standing::ReportOnly, Some(Disposition::None)));
        let bad_sp = DmarcRecord::parse("v=DMARC1; p=reject; sp=x").unwrap();
        assert_eq!(bad_sp.policy(), None);
        assert!(
            DmarcRecord::parse("v=DMARC1; p=reject rua=mailto:a@b.example").unwrap().faults[0]
                .text
                .contains("semicolon")
        );
    }
}
