//! Reports go to other addresses than before, or to nobody.

use std::collections::BTreeSet;

use super::{NOTHING_EARLIER, earlier, one_dmarc, place};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::{Facts, Ledger};
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Name, RecordType, Severity, Subject, Topic, untrusted};
use crate::parse::dmarc::DmarcRecord;
use crate::parse::transport::mta_sts;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "change-reports-redirected",
    area: Area::Authentication,
    title: "reports no longer go where they went",
    severity: Severity::Low,
    why: "\
        Reports show every source that sends in the domain's name. Whoever read them is blind from the change \
        on, and a new address learns what the old one did.",
    fix: "\
        Keep the earlier address beside the new one until the new one is known to be read.",
    references: &[
        Reference::Rfc { number: 9990, section: "3" },
        Reference::Rfc { number: 8460, section: "3" },
    ],
    needs: &[Topic::Dmarc, Topic::Transport],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(before) = facts.before() else { return Ok(Verdict::NotApplicable(NOTHING_EARLIER)) };
    let domain = facts.domain()?;
    let (mut problems, mut unknown) = (Vec::new(), None);
    let kinds: [(&str, Addresses); 2] = [("_dmarc", dmarc), ("_smtp._tls", tls)];
    for (below, addresses) in kinds {
        let at = domain.prefixed(below);
        let old = match addresses(&before, &at) {
            Ok(Some(old)) => old,
            Ok(None) => continue,
            Err(gap) => {
                unknown = Some(earlier(gap));
                continue;
            }
        };
        let new = match addresses(facts.ledger(), &at) {
            Ok(Some(new)) => new,
            // A record that is gone or broken is told by other checks.
            Ok(None) => continue,
            Err(gap) => {
                unknown = Some(gap);
                continue;
            }
        };
        let gone: Vec<&String> = old.difference(&new).collect();
        if gone.is_empty() {
            continue;
        }
        let shown = |list: &[&String]| {
            let shown: Vec<String> =
                list.iter().take(4).map(|address| untrusted::plain(address, Width::Name)).collect();
            shown.join(", ")
        };
        let instead = match new.is_empty() {
            true => "they go to nobody".to_owned(),
            false => format!("they go to {}", shown(&new.iter().collect::<Vec<_>>())),
        };
        let summary = format!("reports by {at} no longer go to {}; {instead}", shown(&gone));
        let problem = Problem::at(Subject::Domain(at.clone()), summary);
        problems.push(problem.located(place(facts, &before, &at)));
    }
    Verdict::so_far(problems, unknown)
}

/// The addresses of the one record at a name.
type Addresses = fn(&Ledger, &Name) -> Result<Option<BTreeSet<String>>, Gap>;

fn dmarc(ledger: &Ledger, at: &Name) -> Result<Option<BTreeSet<String>>, Gap> {
    let usable = |record: DmarcRecord| {
        record
            .rua
            .into_iter()
            .filter(|uri| uri.usable)
            .filter_map(|uri| uri.address)
            .map(|address| address.to_ascii_lowercase())
            .collect()
    };
    Ok(one_dmarc(ledger, at)?.map(usable))
}

fn tls(ledger: &Ledger, at: &Name) -> Result<Option<BTreeSet<String>>, Gap> {
    let found = ledger.dns(at, RecordType::Txt)?;
    let mut texts = found.records().iter().filter_map(|record| record.rdata.joined_text());
    let read = |text: Vec<u8>| mta_sts::report_uris(&text).ok();
    Ok(texts.find_map(|text| read(text.to_vec())).map(|uris| {
        uris.into_iter()
            .map(|uri| uri.strip_prefix("mailto:").map_or(uri.clone(), str::to_ascii_lowercase))
            .collect()
    }))
}
