//! Will DMARC pass? From the message where there is one, else from what the
//! sender is said to use: address, HELO, MAIL FROM and selectors. Also after a
//! plain forward, where SPF speaks of the forwarder and only DKIM is left.

use super::verdict::{DkimOutcome, DmarcResult, DmarcVerdict, Results, SpfOutcome};
use crate::facts::Facts;
use crate::facts::dkim::keys::Origin;
use crate::facts::dkim::result::SignatureResult;
use crate::model::untrusted::Width;
use crate::model::{Gap, Name};
use crate::parse::dkim::key::KeyRecord;

/// The verdicts to expect.
#[derive(Clone, Debug)]
pub(crate) struct Prediction {
    pub results: Results,
    /// Delivered straight to the receiver.
    pub direct: DmarcVerdict,
    /// Forwarded unchanged by another system with its own address.
    pub forwarded: DmarcVerdict,
    /// It passes only by a key in test mode, which receivers may ignore.
    pub only_by_test: bool,
    /// The same after a forward.
    pub forwarded_only_by_test: bool,
    /// What the prediction rests on; escaped.
    pub assumptions: Vec<String>,
}

impl<'e> Facts<'e> {
    /// SPF for the first sending address, and DKIM by the message or the keys.
    pub fn expected_results(&self) -> (Results, Vec<String>) {
        let mut results = Results::default();
        let mut assumptions = Vec::new();
        if self.signed().is_some() {
            results.dkim = self.message_outcomes();
        } else {
            for key in self.dkim().keys().unwrap_or_default() {
                if !matches!(key.origin, Origin::Given | Origin::Signer) {
                    continue;
                }
                let record = key.record();
                let result = match &key.state {
                    Err(_) => SignatureResult::Temperror,
                    Ok(_) if record.is_some_and(KeyRecord::serves_mail) => SignatureResult::Pass,
                    Ok(_) => SignatureResult::Permerror,
                };
                if result == SignatureResult::Pass {
                    assumptions.push(format!(
                        "the mail is signed with d={} s={} by the key's private half",
                        key.domain,
                        crate::model::untrusted::plain(&key.selector, Width::Name)
                    ));
                }
                let testing = record.is_some_and(KeyRecord::is_testing);
                results.dkim.push(DkimOutcome { result, domain: key.domain.clone(), testing });
            }
        }
        results.spf = self.spf_outcome();
        if let Some(spf) = &results.spf {
            assumptions.push(format!("MAIL FROM (or HELO, for the null sender) is at {}", spf.domain));
        }
        (results, assumptions)
    }

    /// What each signature of the message came to.
    pub fn message_outcomes(&self) -> Vec<DkimOutcome> {
        let outcome = |one: &crate::facts::dkim::result::Verified| {
            let domain = self.signatures().get(one.index)?.signature.domain.clone()?;
            Some(DkimOutcome { result: one.result, domain, testing: one.testing })
        };
        self.dkim().results.iter().filter_map(outcome).collect()
    }

    /// The worst SPF result over the sending addresses, with the domain judged.
    pub fn spf_outcome(&self) -> Option<SpfOutcome> {
        let spf = self.spf().ok()?;
        let outcome = |evaluation: &crate::facts::spf::Evaluation| {
            let result = match evaluation.known() {
                Ok(result) => result.name(),
                Err(_) => "temperror",
            };
            SpfOutcome {
                result: result.to_owned(),
                domain: Name::lenient(evaluation.input.sender_domain.trim_end_matches('.')),
            }
        };
        let mut outcomes: Vec<SpfOutcome> = spf.senders.iter().map(outcome).collect();
        // Every address must pass, so one that does not is the one to show.
        outcomes.sort_by_key(|outcome| outcome.result == "pass");
        outcomes.into_iter().next()
    }

    /// The verdict to expect; a gap where nothing is known to predict from.
    pub(crate) fn prediction(&self) -> Result<Prediction, Gap> {
        let (results, assumptions) = self.expected_results();
        if results.spf.is_none() && results.dkim.is_empty() {
            return Err(Gap::NotSupplied {
                what: "sending address and no selector or signed message",
                flag: "--ip IP and --selector S, or --message FILE",
            });
        }
        let direct = self.dmarc_verdict(&results)?;
        let forwarded = self.dmarc_verdict(&Results { spf: None, ..results.clone() })?;
        let mut firm = results.clone();
        firm.dkim.retain(|outcome| !outcome.testing);
        let fails = |firm: &Results| Ok(self.dmarc_verdict(firm)?.result != DmarcResult::Pass);
        let only_by_test = direct.result == DmarcResult::Pass && fails(&firm)?;
        firm.spf = None;
        let forwarded_only_by_test = forwarded.result == DmarcResult::Pass && fails(&firm)?;
        Ok(Prediction { results, direct, forwarded, only_by_test, forwarded_only_by_test, assumptions })
    }
}
