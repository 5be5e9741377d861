//! Does the answer fit where receivers look for it?

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::facts::spf::{SpfFacts, TxtRecord};
use crate::model::{Area, Gap, Name, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-record-size",
    area: Area::Authentication,
    title: "the SPF record or the TXT answer around it is too large",
    severity: Severity::Low,
    why: "\
        Every TXT record of the name travels with SPF. Over 512 octets the answer needs EDNS, over 1232 \
        it is cut off and asked again over TCP; where a firewall drops that, receivers get no SPF record \
        and answer `temperror`.",
    fix: "\
        Keep the record under 450 octets, move ranges to an include, and delete verification records \
        that have done their work.",
    references: &[Reference::Rfc { number: 7208, section: "3.4" }, pages::DNS_FLAG_DAY],
    needs: &[Topic::Spf],
    since: "0.1.0",
    run,
};

/// RFC 7208 section 3.4 counts on about this much for the record.
const RECORD_OCTETS: usize = 450;
/// UDP without EDNS (RFC 1035 section 4.2.1).
const PLAIN_OCTETS: usize = 512;
/// What resolvers offer since the flag day of 2020.
const EDNS_OCTETS: usize = 1232;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let spf = facts.spf()?;
    let record = match spf.single()? {
        Ok(record) => record,
        Err(why) => return Ok(Verdict::NotApplicable(why)),
    };
    let texts = spf.texts.clone()?;
    let answer = answer_octets(&spf.domain, &texts);
    let subject = SpfFacts::subject(&spf.policy.root, None);
    let others = texts.len().saturating_sub(1);
    let problem = if answer > EDNS_OCTETS {
        Problem::at(
            subject,
            format!(
                "the TXT answer has {answer} octets in {} records, over {EDNS_OCTETS}, so receivers need TCP to see SPF",
                texts.len()
            ),
        )
        .severity(Severity::Medium)
    } else if record.text.len() > RECORD_OCTETS {
        let text = format!("the record has {} octets, over {RECORD_OCTETS}", record.text.len());
        Problem::at(subject, text)
    } else if answer > PLAIN_OCTETS {
        let text =
            format!("the TXT answer has {answer} octets in {} records, over {PLAIN_OCTETS}", texts.len());
        Problem::at(subject, text).severity(Severity::Info)
    } else {
        return Ok(Verdict::Pass);
    };
    let fix = if record.text.len() > RECORD_OCTETS {
        "Move part of the ranges to _spf1 below the domain and include that.".to_owned()
    } else {
        format!("Delete those of the {others} other TXT records that are no longer needed.")
    };
    Ok(Verdict::Fail(vec![problem.measured(answer).fix(fix).located(spf.policy.root.location().cloned())]))
}

/// Header, question, records with compressed owner names, EDNS option record.
fn answer_octets(domain: &Name, texts: &[TxtRecord]) -> usize {
    let question = domain.raw_labels().iter().map(|label| label.len() + 1).sum::<usize>() + 1 + 4;
    let record = |text: &TxtRecord| 12 + text.strings.iter().map(|s| s.len() + 1).sum::<usize>();
    12 + question + texts.iter().map(record).sum::<usize>() + 11
}
