//! SPF records as text: every term with its bytes, every fault with its remedy
//! (RFC 7208 sections 4.5, 4.6.1, 7 and 12). Must not ask or judge anything.

mod fault;
mod macros;
mod term;

use std::ops::Range;

use ipnet::{Ipv4Net, Ipv6Net};

pub use fault::Fault;
pub use macros::{MacroPart, MacroString, MacroValues};

/// A record that starts with `v=spf1`, with all terms, broken ones too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpfRecord {
    /// The record as text; bytes that are no UTF-8 are U+FFFD. Spans point into it.
    pub text: String,
    /// All that stands behind `v=spf1`, in order.
    pub terms: Vec<Term>,
    /// In the order of the text. Any fault makes the record a `permerror` (section 4.6).
    pub faults: Vec<Fault>,
}

/// One term and the bytes of the text it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The bytes of the record's text that it takes.
    pub span: Range<usize>,
    /// What it is.
    pub kind: TermKind,
}

/// What a term is (section 4.6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TermKind {
    /// A mechanism and what its match means.
    Directive {
        /// `+` where none is written.
        qualifier: Qualifier,
        /// What is compared with the client.
        mechanism: Mechanism,
    },
    /// `redirect=`: the domain whose policy applies where nothing matches (section 6.1).
    Redirect(MacroString),
    /// `exp=`: the domain whose TXT record explains a fail (section 6.2).
    Exp(MacroString),
    /// Must be ignored by receivers (section 6).
    Unknown {
        /// The modifier's name, as written.
        name: String,
        /// What stands behind its `=`.
        value: MacroString,
    },
    /// No term at all; a [`Fault`] says why.
    Broken,
}

/// What a matching mechanism means (section 4.6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qualifier {
    /// `+`: the client may send.
    Pass,
    /// `-`: the client may not send.
    Fail,
    /// `~`: the client probably may not send.
    SoftFail,
    /// `?`: nothing is said of the client.
    Neutral,
}

/// What a directive compares the client with (section 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// `all`: matches every client.
    All,
    /// `include`: matches where the domain's own policy passes the client.
    Include(MacroString),
    /// `a`: matches the addresses of a host.
    A {
        /// The host; the record's own domain where absent.
        domain: Option<MacroString>,
        /// How much of each address counts.
        cidr: DualCidr,
    },
    /// `mx`: matches the addresses of a domain's mail exchanges.
    Mx {
        /// The domain; the record's own where absent.
        domain: Option<MacroString>,
        /// How much of each address counts.
        cidr: DualCidr,
    },
    /// `ptr`: matches a client whose validated name ends in the domain; not to be used (section
    /// 5.5).
    Ptr(Option<MacroString>),
    /// `ip4`: matches the addresses of a network.
    Ip4(Ipv4Net),
    /// `ip6`: matches the addresses of a network.
    Ip6(Ipv6Net),
    /// `exists`: matches where the name has an A record.
    Exists(MacroString),
}

/// Prefix lengths of `a` and `mx` (section 5.6 bounds them to 32 and 128).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DualCidr {
    /// Leading bits of an IPv4 address, 0 to 32.
    pub four: u8,
    /// Leading bits of an IPv6 address, 0 to 128.
    pub six: u8,
}

impl DualCidr {
    /// Whole addresses: what is meant where no length is written.
    pub const HOST: DualCidr = DualCidr { four: 32, six: 128 };
}

/// True for a TXT record that receivers take for SPF: `v=spf1` in any case,
/// then a space or the end (section 4.5).
pub fn is_spf(text: &[u8]) -> bool {
    let Some((version, rest)) = text.split_at_checked(6) else { return false };
    version.eq_ignore_ascii_case(b"v=spf1") && matches!(rest.first(), None | Some(b' '))
}

impl SpfRecord {
    /// Reads the joined strings of a TXT record. The version is not looked at
    /// again: [`is_spf`] has chosen the record.
    pub fn parse(bytes: &[u8]) -> SpfRecord {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let mut record = SpfRecord { text: String::new(), terms: Vec::new(), faults: Vec::new() };
        let mut at = 6.min(text.len());
        while !text.is_char_boundary(at) {
            at += 1;
        }
        while at < text.len() {
            let rest = &text[at..];
            let start = at + rest.len() - rest.trim_start_matches(' ').len();
            if start >= text.len() {
                break;
            }
            let end = text[start..].find(' ').map_or(text.len(), |length| start + length);
            let kind = match term::parse(&text[start..end]) {
                Ok(kind) => kind,
                Err(mut fault) => {
                    fault.span = start + fault.span.start..start + fault.span.end;
                    fault.term = start..end;
                    record.faults.push(fault);
                    TermKind::Broken
                }
            };
            record.terms.push(Term { span: start..end, kind });
            at = end;
        }
        record.text = text;
        record.fault_repeated_modifiers();
        record
    }

    /// `redirect` and `exp` may stand once each (section 6).
    fn fault_repeated_modifiers(&mut self) {
        let is_redirect = |kind: &TermKind| matches!(kind, TermKind::Redirect(_));
        let is_exp = |kind: &TermKind| matches!(kind, TermKind::Exp(_));
        for (name, test) in [("redirect=", &is_redirect as &dyn Fn(&TermKind) -> bool), ("exp=", &is_exp)] {
            for term in self.terms.iter().filter(|term| test(&term.kind)).skip(1) {
                self.faults.push(Fault {
                    span: term.span.clone(),
                    term: term.span.clone(),
                    message: format!("{name} stands more than once"),
                    replacement: Some(String::new()),
                });
            }
        }
        self.faults.sort_by_key(|fault| (fault.span.start, fault.span.end));
    }

    /// The text of a term.
    pub fn text_of(&self, term: &Term) -> &str {
        self.text.get(term.span.clone()).unwrap_or_default()
    }

    /// The first `all`: what stands behind it is never reached (section 5.1).
    pub fn all(&self) -> Option<(usize, Qualifier)> {
        self.terms.iter().enumerate().find_map(|(index, term)| match term.kind {
            TermKind::Directive { qualifier, mechanism: Mechanism::All } => Some((index, qualifier)),
            _ => None,
        })
    }

    /// The first `redirect`, with its index among the terms.
    pub fn redirect(&self) -> Option<(usize, &MacroString)> {
        self.terms.iter().enumerate().find_map(|(index, term)| match &term.kind {
            TermKind::Redirect(target) => Some((index, target)),
            _ => None,
        })
    }

    /// The first `exp`, with its index among the terms.
    pub fn exp(&self) -> Option<(usize, &MacroString)> {
        self.terms.iter().enumerate().find_map(|(index, term)| match &term.kind {
            TermKind::Exp(target) => Some((index, target)),
            _ => None,
        })
    }

    /// True where the term is evaluated for some sender: a directive up to the
    /// first `all`, `redirect` only without any `all`.
    pub fn is_live(&self, index: usize) -> bool {
        let all = self.all().map(|(all, _)| all);
        match self.terms.get(index).map(|term| &term.kind) {
            Some(TermKind::Directive { .. }) => all.is_none_or(|all| index <= all),
            Some(TermKind::Redirect(_)) => all.is_none(),
            Some(TermKind::Exp(_)) => true,
            _ => false,
        }
    }

    /// The record with the replacements of all faults; `None` where a fault has none.
    pub fn repaired(&self) -> Option<String> {
        let mut out = String::from("v=spf1");
        for term in &self.terms {
            let mut faults = self.faults.iter().filter(|fault| fault.term == term.span);
            let text = match faults.next() {
                None => self.text_of(term),
                Some(fault) => fault.replacement.as_deref()?,
            };
            if !text.is_empty() {
                out.push(' ');
                out.push_str(text);
            }
        }
        SpfRecord::parse(out.as_bytes()).faults.is_empty().then_some(out)
    }
}

impl Term {
    /// True for terms that cost one of the ten look-ups (section 4.6.4).
    pub fn costs_lookup(&self) -> bool {
        match &self.kind {
            TermKind::Redirect(_) => true,
            TermKind::Directive { mechanism, .. } => {
                !matches!(mechanism, Mechanism::All | Mechanism::Ip4(_) | Mechanism::Ip6(_))
            }
            _ => false,
        }
    }

    /// The macro string of the term, if it has one.
    pub fn macros(&self) -> Option<&MacroString> {
        match &self.kind {
            TermKind::Redirect(text) | TermKind::Exp(text) | TermKind::Unknown { value: text, .. } => {
                Some(text)
            }
            TermKind::Directive { mechanism, .. } => match mechanism {
                Mechanism::Include(text) | Mechanism::Exists(text) => Some(text),
                Mechanism::A { domain, .. } | Mechanism::Mx { domain, .. } | Mechanism::Ptr(domain) => {
                    domain.as_ref()
                }
                Mechanism::All | Mechanism::Ip4(_) | Mechanism::Ip6(_) => None,
            },
            TermKind::Broken => None,
        }
    }
}

impl Qualifier {
    pub(crate) fn symbol(self) -> char {
        match self {
            Qualifier::Pass => '+',
            Qualifier::Fail => '-',
            Qualifier::SoftFail => '~',
            Qualifier::Neutral => '?',
        }
    }

    pub(crate) fn from_symbol(symbol: char) -> Option<Qualifier> {
        Some(match symbol {
            '+' => Qualifier::Pass,
            '-' => Qualifier::Fail,
            '~' => Qualifier::SoftFail,
            '?' => Qualifier::Neutral,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        SpfRecord::parse(text.as_bytes()).faults.iter().map(|f| f.message.clone()).collect()
    }

    #[test]
    fn selects_by_version() {
        assert!(is_spf(b"v=spf1") && is_spf(b"V=SPF1 -all"));
        assert!(!is_spf(b"v=spf10") && !is_spf(b" v=spf1") && !is_spf(b"v=spf1\t-all") && !is_spf(b"v=sp"));
    }

    #[test]
    fn good_records_have_no_faults() {
        for text in [
            "v=spf1",
            "v=spf1   a  -all  ",
            "v=spf1 mx/24//64 a:%{d}/16 A:foo:bar/baz.example.com ?all",
            "v=spf1 exists:%{l2r+-}.user.%{d2} include:o.example. redirect=%{d}.d.example. moo.x_y=man:dog/cat",
            "v=spf1 ip6:::1.1.1.1/0 ip4:192.0.2.1/0 exp=%{ir}.example.com",
            "v=spf1 a:x.example.xn--zckzah ptr:1-2.1-2",
        ] {
            assert_eq!(faults(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn bad_records_have_faults() {
        for text in [
            "moo",
            "-all.",
            "-all:x",
            "all/8",
            "ptr/0",
            "ptr:",
            "a:",
            "a/33",
            "a//129",
            "a/24/64",
            "a/032",
            "a:111.222.33.44",
            "a:abc.123",
            "a:museum",
            "a:museum.",
            "a:example.-com",
            "a:foo-bar",
            "a:example.com:8080",
            "a:foo.example.com\0",
            "include",
            "include:",
            "include:a.example/24",
            "exists",
            "exists:",
            "ip4",
            "ip4:1.2.3",
            "ip4:1.2.3.4/33",
            "ip4:1.2.3.4/032",
            "ip4:1.2.3.4//32",
            "ip4:1.2.3.4:80",
            "ip6",
            "ip6::CAFE::BABE",
            "ip6:::1/129",
            "ip6:::1//33",
            "1up=foo",
            "=all",
            "foo=%abc",
            "exp=",
            "exp=-all",
            "redirect=-all",
            "redirect=",
            "redirect:t.example",
            "moo.cow/far=x",
            "exists:%(ir).x.example",
            "exists:foo%",
            "a:%{a}.x.example",
            "exp=%{r}.x.example",
            "a:%{d0}.x.example",
            "a:%{d2.x.example",
            "a:x.exämple",
            "redirect=a.example redirect=b.example",
            "-",
            "exp=a.example exp=b.example",
            "ip4:192.0.2.5\n",
            "-foo=bar",
            "?exp=a.example",
        ] {
            assert_eq!(faults(&format!("v=spf1 {text}")).len(), 1, "{text}");
        }
    }

    #[test]
    fn spans_and_repairs() {
        let record = SpfRecord::parse(b"v=spf1 inlcude:a.example a:192.0.2.1 ip4:2001:db8::1/32 -all.");
        let shown: Vec<_> = record.faults.iter().map(|f| &record.text[f.term.clone()]).collect();
        assert_eq!(shown, ["inlcude:a.example", "a:192.0.2.1", "ip4:2001:db8::1/32", "-all."]);
        assert_eq!(
            record.repaired().unwrap(),
            "v=spf1 include:a.example ip4:192.0.2.1 ip6:2001:db8::1/32 -all"
        );
        assert_eq!(
            SpfRecord::parse(b"v=spf1 ip4:192.0.2.1, -all").repaired().unwrap(),
            "v=spf1 ip4:192.0.2.1 -all"
        );
        assert_eq!(SpfRecord::parse(b"v=spf1 nonsense -all").repaired(), None);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(2000))]

        /// Anything may stand in a TXT record.
        #[test]
        fn hostile_records_never_panic(
            text in "v=spf1 ([-+~?]?(a|mx|all|ip4|ip6|include|exists|redirect|exp|ptr|é|\u{2013})?[:=/ ]{0,2}[%{}a-z0-9.:/\u{0}-\u{ff}]{0,12} ?){0,6}",
        ) {
            let record = SpfRecord::parse(text.as_bytes());
            for fault in &record.faults {
                proptest::prop_assert!(record.text.get(fault.span.clone()).is_some());
                proptest::prop_assert!(record.text.get(fault.term.clone()).is_some());
            }
            if let Some(repaired) = record.repaired() {
                proptest::prop_assert!(SpfRecord::parse(repaired.as_bytes()).faults.is_empty());
            }
        }
    }
}
