//! The DMARC verdict on one message, from the results of SPF and DKIM (RFC 9989
//! section 4.11 and 5.4): pass or fail, and what the receiver is asked to do.

use serde::Serialize;

use super::alignment::align;
use super::walk::{Discovery, Walk};
use crate::facts::Facts;
use crate::facts::dkim::result::SignatureResult;
use crate::model::{Gap, Name};
use crate::parse::dmarc::{Disposition, Mode};

/// What SPF said, and of which domain: MAIL FROM, or HELO for the null sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpfOutcome {
    /// One of the seven words of RFC 7208 section 2.6.
    pub result: String,
    /// The domain the result is of, to be aligned with the author domain.
    pub domain: Name,
}

/// What one signature came to, and its `d=`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DkimOutcome {
    /// What a verifier made of the signature.
    pub result: SignatureResult,
    /// The signing domain, to be aligned with the author domain.
    pub domain: Name,
    /// The key says `t=y`: verifiers may take the mail as unsigned (RFC 6376 section 3.6.1).
    pub testing: bool,
}

/// What DMARC is judged from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Results {
    /// `None` where SPF was not checked.
    pub spf: Option<SpfOutcome>,
    /// One a signature; empty for an unsigned message.
    pub dkim: Vec<DkimOutcome>,
}

/// The result words of RFC 9989 section 4.11, as in RFC 8601.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DmarcResult {
    /// An aligned SPF or DKIM result is `pass`.
    Pass,
    /// A record applies, and neither SPF nor DKIM passed aligned.
    Fail,
    /// No DMARC record applies to the author domain.
    None,
    /// A temporary error decides: the record or a result could not be had.
    Temperror,
    /// The record has neither a valid policy nor a report address (RFC 9989 section 4.7).
    Permerror,
}

impl DmarcResult {
    /// The word in Authentication-Results.
    pub fn name(self) -> &'static str {
        match self {
            DmarcResult::Pass => "pass",
            DmarcResult::Fail => "fail",
            DmarcResult::None => "none",
            DmarcResult::Temperror => "temperror",
            DmarcResult::Permerror => "permerror",
        }
    }
}

/// The verdict.
#[derive(Clone, Debug)]
pub struct DmarcVerdict {
    /// The verdict, where both ways of finding the organisational domain are weighed (see
    /// `alignment`).
    pub result: DmarcResult,
    /// What the receiver is asked to do; `none` also where the message passes.
    pub disposition: Disposition,
    /// True where SPF passed for a domain in alignment (RFC 9989 section 4.4).
    pub spf_aligned: bool,
    /// True where a signature passed whose domain is in alignment (RFC 9989 section 4.4).
    pub dkim_aligned: bool,
    /// The verdict of a receiver that finds organisational domains by the tree walk (RFC 9989).
    pub by_walk: DmarcResult,
    /// The verdict of a receiver that finds organisational domains by the public suffix list (RFC
    /// 7489).
    pub by_list: DmarcResult,
    /// Why, in sentences; escaped.
    pub reasons: Vec<String>,
    /// What kept the verdict from being certain.
    pub gap: Option<Gap>,
}

impl DmarcVerdict {
    fn of(result: DmarcResult, reason: String) -> DmarcVerdict {
        DmarcVerdict {
            result,
            disposition: Disposition::None,
            spf_aligned: false,
            dkim_aligned: false,
            by_walk: result,
            by_list: result,
            reasons: vec![reason],
            gap: None,
        }
    }
}

/// Alignment of one authenticated domain, by each way.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    aligned: bool,
    by_walk: bool,
    by_list: bool,
}

impl<'e> Facts<'e> {
    /// The verdict on mail from the author domain with these results.
    ///
    /// # Errors
    /// A gap where no author domain is known.
    pub fn dmarc_verdict(&self, results: &Results) -> Result<DmarcVerdict, Gap> {
        let dmarc = self.dmarc()?;
        let found = match dmarc.walk.discover() {
            Ok(Some(found)) => found,
            Ok(None) => {
                let reason = format!("no DMARC record applies to {}", dmarc.domain);
                return Ok(DmarcVerdict::of(DmarcResult::None, reason));
            }
            Err(gap) => {
                let reason = format!("the DMARC record is not known: {gap}");
                return Ok(DmarcVerdict {
                    gap: Some(gap),
                    ..DmarcVerdict::of(DmarcResult::Temperror, reason)
                });
            }
        };
        if found.record.policy().is_none() {
            let reason =
                format!("the record at {} has no valid policy and no report address", found.step.name);
            return Ok(DmarcVerdict::of(DmarcResult::Permerror, reason));
        }
        Ok(self.judge_results(&dmarc.walk, &found, results))
    }

    fn judge_results(&self, author: &Walk, found: &Discovery, results: &Results) -> DmarcVerdict {
        let mut verdict = DmarcVerdict::of(DmarcResult::Fail, String::new());
        verdict.reasons.clear();
        let mut gap = None;
        let spf = self.by_spf(author, found, results, &mut verdict.reasons, &mut gap);
        let dkim = self.by_dkim(author, found, results, &mut verdict.reasons, &mut gap);
        (verdict.spf_aligned, verdict.dkim_aligned) = (spf.aligned, dkim.aligned);
        let word = |pass: bool| if pass { DmarcResult::Pass } else { DmarcResult::Fail };
        verdict.result = word(spf.aligned || dkim.aligned);
        verdict.by_walk = word(spf.by_walk || dkim.by_walk);
        verdict.by_list = word(spf.by_list || dkim.by_list);
        if verdict.result == DmarcResult::Pass {
            return verdict;
        }
        let unsure = results.spf.as_ref().is_some_and(|spf| spf.result == "temperror")
            || results.dkim.iter().any(|dkim| dkim.result == SignatureResult::Temperror);
        if unsure || gap.is_some() {
            // What could not be looked up might have passed (RFC 9989 section 5.4.2).
            verdict.result = DmarcResult::Temperror;
            verdict.gap = gap;
            return verdict;
        }
        match &self.dmarc().map(|dmarc| dmarc.policy.clone()) {
            Ok(Ok(policy)) => verdict.disposition = policy.unwrap_or(Disposition::None),
            Ok(Err(gap)) | Err(gap) => {
                verdict.reasons.push(format!("which policy applies is not known: {gap}"));
                verdict.gap = Some(gap.clone());
            }
        }
        verdict
    }

    fn by_spf(
        &self,
        author: &Walk,
        found: &Discovery,
        results: &Results,
        reasons: &mut Vec<String>,
        gap: &mut Option<Gap>,
    ) -> Found {
        let mode = found.record.aspf;
        match &results.spf {
            Some(outcome) if outcome.result == "pass" => {
                let spf = self.found(author, &outcome.domain, mode, gap);
                reasons.push(sentence("SPF", &outcome.domain, author.start(), mode, spf));
                return spf;
            }
            Some(outcome) => reasons.push(format!("SPF is {} for {}", outcome.result, outcome.domain)),
            None => reasons.push("there is no SPF result".to_owned()),
        }
        Found::default()
    }

    /// One aligned signature suffices, for each way by itself.
    fn by_dkim(
        &self,
        author: &Walk,
        found: &Discovery,
        results: &Results,
        reasons: &mut Vec<String>,
        gap: &mut Option<Gap>,
    ) -> Found {
        let (mode, mut dkim) = (found.record.adkim, Found::default());
        for outcome in &results.dkim {
            if outcome.result == SignatureResult::Pass {
                let one = self.found(author, &outcome.domain, mode, gap);
                reasons.push(sentence("DKIM", &outcome.domain, author.start(), mode, one));
                dkim.aligned |= one.aligned;
                dkim.by_walk |= one.by_walk;
                dkim.by_list |= one.by_list;
            } else {
                reasons.push(format!("DKIM is {} for {}", outcome.result.name(), outcome.domain));
            }
        }
        if results.dkim.is_empty() {
            reasons.push("there is no DKIM result".to_owned());
        }
        dkim
    }

    fn found(&self, author: &Walk, domain: &Name, mode: Mode, gap: &mut Option<Gap>) -> Found {
        if domain == author.start() {
            return Found { aligned: true, by_walk: true, by_list: true };
        }
        match align(author, &Walk::take(self, domain), mode) {
            Ok(alignment) => {
                Found { aligned: alignment.aligned, by_walk: alignment.by_walk, by_list: alignment.by_list }
            }
            Err(unknown) => {
                *gap = gap.take().or(Some(unknown));
                Found::default()
            }
        }
    }
}

fn sentence(what: &str, domain: &Name, author: &Name, mode: Mode, found: Found) -> String {
    let mode = if mode == Mode::Strict { "strict" } else { "relaxed" };
    let aligned = if found.aligned { "is aligned with" } else { "is not aligned with" };
    let mut text = format!("{what} passes for {domain}, which {aligned} {author} ({mode})");
    if found.by_walk != found.by_list {
        let (yes, no) = if found.by_walk { ("9989", "7489") } else { ("7489", "9989") };
        text.push_str(&format!("; receivers of RFC {yes} align it, those of RFC {no} do not"));
    }
    text
}
