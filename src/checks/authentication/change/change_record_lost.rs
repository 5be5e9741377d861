//! An MTA-STS, TLS-RPT or BIMI record that could be used and cannot any more.

use super::{NOTHING_EARLIER, earlier, place};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::{Facts, Ledger};
use crate::model::{Area, Gap, Name, RecordType, Severity, Subject, Topic};
use crate::parse::bimi::{BimiRecord, is_bimi};
use crate::parse::transport::mta_sts;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "change-record-lost",
    area: Area::Authentication,
    title: "an MTA-STS, TLS-RPT or BIMI record worked and does not any more",
    severity: Severity::Medium,
    why: "\
        What the record did ends with the change: senders that know no policy deliver without TLS, nobody \
        reports failed connections, or no brand logo is shown.",
    fix: "\
        Put the earlier record back; to give up MTA-STS serve a policy with mode: none first.",
    references: &[
        Reference::Rfc { number: 8461, section: "8.3" },
        Reference::Rfc { number: 8460, section: "3" },
    ],
    needs: &[Topic::Transport, Topic::Bimi],
    since: "0.1.0",
    run,
};

/// A kind of record: its name for people, whether a text announces it, whether it can be used.
struct Kind {
    name: &'static str,
    below: &'static str,
    loss: &'static str,
    announces: fn(&[u8]) -> bool,
    works: fn(&[u8]) -> bool,
}

const KINDS: [Kind; 3] = [
    Kind {
        name: "MTA-STS",
        below: "_mta-sts",
        loss: "senders that keep no policy deliver without TLS",
        announces: |text| mta_sts::announces(text, "STSv1"),
        works: |text| mta_sts::policy_id(text).is_ok(),
    },
    Kind {
        name: "TLS-RPT",
        below: "_smtp._tls",
        loss: "nobody reports failed connections any more",
        announces: |text| mta_sts::announces(text, "TLSRPTv1"),
        works: |text| mta_sts::report_uris(text).is_ok(),
    },
    Kind {
        name: "BIMI",
        below: "default._bimi",
        loss: "no logo is shown any more",
        announces: |text| is_bimi(&String::from_utf8_lossy(text)),
        works: |text| BimiRecord::parse(&String::from_utf8_lossy(text)).location.is_some(),
    },
];

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(before) = facts.before() else { return Ok(Verdict::NotApplicable(NOTHING_EARLIER)) };
    let domain = facts.domain()?;
    let (mut problems, mut unknown) = (Vec::new(), None);
    for kind in &KINDS {
        let at = domain.prefixed(kind.below);
        match usable(&before, &at, kind) {
            Ok(true) => {}
            Ok(false) => continue,
            Err(gap) => {
                unknown = Some(earlier(gap));
                continue;
            }
        }
        match usable(facts.ledger(), &at, kind) {
            Ok(true) => {}
            Ok(false) => {
                let summary = format!(
                    "the {} record at {at} could be used before and cannot now; {}",
                    kind.name, kind.loss
                );
                let problem = Problem::at(Subject::Domain(at.clone()), summary);
                problems.push(problem.located(place(facts, &before, &at)));
            }
            Err(gap) => unknown = Some(gap),
        }
    }
    Verdict::so_far(problems, unknown)
}

/// Whether one record stands there that does what it is for.
fn usable(ledger: &Ledger, name: &Name, kind: &Kind) -> Result<bool, Gap> {
    let found = ledger.dns(name, RecordType::Txt)?;
    let texts = found.records().iter().filter_map(|record| record.rdata.joined_text());
    let announced: Vec<_> = texts.filter(|text| (kind.announces)(text)).collect();
    Ok(matches!(announced.as_slice(), [only] if (kind.works)(only)))
}
