//! DMARC: the record that governs the author domain, whom it asks to report to,
//! who sends by the reports, and what it says of a message.

pub mod alignment;
pub(crate) mod ladder;
pub(crate) mod prediction;
pub(crate) mod report_targets;
pub(crate) mod sources;
pub mod verdict;
pub(crate) mod walk;

use self::report_targets::ReportTarget;
use self::walk::Walk;
use crate::facts::Facts;
use crate::model::{Gap, Name};
use crate::parse::dmarc::Disposition;

/// Everything about the author domain's DMARC.
#[derive(Clone, Debug)]
pub struct Dmarc {
    /// The domain the mail is From.
    pub domain: Name,
    /// The tree walk that found the record, or none (RFC 9989 section 4.10).
    pub walk: Walk,
    /// What receivers are asked to do with failing mail, `t=y` applied. `None`:
    /// no DMARC applies.
    pub policy: Result<Option<Disposition>, Gap>,
    /// The addresses of `rua=` and `ruf=`, and whether each agreed to receive reports.
    pub reports: Vec<ReportTarget>,
}

impl Facts<'_> {
    /// DMARC of the author domain; a gap only where no domain is known.
    pub(crate) fn dmarc(&self) -> Result<&Dmarc, Gap> {
        let built = self.cells.dmarc.get_or_init(|| {
            let domain = self.author_domain()?;
            let walk = Walk::take(self, &domain);
            let reports = match walk.discover() {
                Ok(Some(found)) => report_targets::targets(self, &walk, &found),
                _ => Vec::new(),
            };
            let policy = walk.discover().and_then(|found| match found {
                Some(found) => {
                    Ok(found.policy(|| self.exists(&domain))?.map(|policy| match found.record.testing {
                        true => policy.one_lower(),
                        false => policy,
                    }))
                }
                None => Ok(None),
            });
            // Walks of the identities to be aligned, so that their questions are wanted.
            for identity in self.identities() {
                Walk::take(self, &identity);
            }
            Ok(Dmarc { domain, walk, policy, reports })
        });
        built.as_ref().map_err(Clone::clone)
    }
}
