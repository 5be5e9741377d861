//! Readers that repair: the text of a record as somebody published or pasted
//! it, and what its owner meant, with every repair named. What cannot be read is
//! said and never guessed. Pure: whether the outcome helps is for `remedy` to prove.

pub(crate) mod bimi;
pub(crate) mod characters;
pub(crate) mod dkim;
pub(crate) mod dmarc;
pub(crate) mod mta_sts;
pub(crate) mod pasted;
pub(crate) mod spf;
mod spf_term;
pub(crate) mod tags;
pub(crate) mod tls_rpt;

/// A record as it was meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Repaired {
    /// ASCII, ready to publish; the text as it stood where nothing was wrong.
    pub text: String,
    /// What was repaired, each in words.
    pub repairs: Vec<String>,
    /// Parts whose meaning is not clear: with any of them, the text is no record to publish.
    pub unread: Vec<String>,
}

impl Repaired {
    /// True where all of the text was understood.
    pub(crate) fn is_whole(&self) -> bool {
        self.unread.is_empty()
    }
}

/// Longest text looked at: a TXT record holds 65,535 octets at most.
const LONGEST: usize = 65_535;
