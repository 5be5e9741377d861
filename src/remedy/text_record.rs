//! The records of MTA-STS, TLS-RPT and BIMI.

use super::draft::{Change, Standing, Step, meant, strings, txt};
use super::draft::{Codes, Topic};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Name, Rdata};
use crate::parse::repair::{self, Repaired};

pub(super) fn step(topic: Topic, facts: &Facts, name: &Name, standing: &Standing, codes: &Codes) -> Step {
    let fresh: String =
        crate::facts::day_of(facts.now()).chars().filter(|c| *c != '-').chain("T000000".chars()).collect();
    let read = |strings: &[Vec<u8>]| match topic {
        Topic::MtaSts => repair::mta_sts::read(strings, &fresh),
        Topic::TlsRpt => repair::tls_rpt::read(strings),
        _ => repair::bimi::read(strings),
    };
    let records = standing.records.iter();
    let found: Vec<(&Rdata, Repaired)> =
        records.filter_map(|rdata| Some((*rdata, meant(facts, name, rdata, read)?))).collect();
    // What receivers discard before they count is no second record, and no part of the first.
    let begin = match topic {
        Topic::MtaSts => "v=STSv1;",
        Topic::TlsRpt => "v=TLSRPTv1;",
        _ => "v=BIMI1;",
    };
    let counts = |rdata: &Rdata| strings(rdata).is_some_and(|all| all.concat().starts_with(begin.as_bytes()));
    let (counted, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|(rdata, _)| counts(rdata));
    let (found, leftovers) = if counted.is_empty() { (others, Vec::new()) } else { (counted, others) };
    let old: Vec<Rdata> = found.iter().map(|(rdata, _)| (*rdata).clone()).collect();
    let (text, notes) = match found.as_slice() {
        [] => return Step::Done,
        [(_, one)] => (one.text.clone(), one.repairs.clone()),
        many => match together(topic, many) {
            Some(text) => (text, vec![format!("one record out of {}", many.len())]),
            None => {
                return Step::Withheld(format!(
                    "{name} holds {} records that say different things",
                    many.len()
                ));
            }
        },
    };
    if let Some((_, one)) = found.iter().find(|(_, one)| !one.is_whole()) {
        return Step::Withheld(unread(one));
    }
    let new = vec![txt(&text)];
    let same = old.len() == 1 && strings(&old[0]).is_some_and(|strings| strings.concat() == text.as_bytes());
    if same && !leftovers.is_empty() {
        let old = leftovers.into_iter().map(|(rdata, _)| rdata.clone()).collect();
        let notes = vec!["senders discard such a text".to_owned()];
        return Step::Change(Change { old, new: Vec::new(), safe: true, notes });
    }
    if same {
        return Step::Done;
    }
    // Nobody has asked whether the logo is served by https as well.
    let safe =
        topic != Topic::Bimi || !notes.iter().any(|note| note.starts_with("https://")) || codes.is_empty();
    Step::Change(Change { old, new, safe, notes })
}

/// Why a text is no record to publish.
pub(super) fn unread(one: &Repaired) -> String {
    let parts: Vec<String> = one
        .unread
        .iter()
        .take(3)
        .map(|part| format!("{:?}", crate::model::untrusted::plain(part, Width::Name)))
        .collect();
    format!("the meaning of {} is not clear", parts.join(" and "))
}

/// One record out of several that are understood; `None` where they contradict each other.
fn together(topic: Topic, many: &[(&Rdata, Repaired)]) -> Option<String> {
    let first = &many.first()?.1;
    if many.iter().all(|(_, one)| one.text == first.text) {
        return Some(first.text.clone());
    }
    if topic != Topic::TlsRpt {
        return None;
    }
    let mut uris: Vec<&str> = Vec::new();
    for (_, one) in many {
        for uri in one.text.split_once("rua=")?.1.split(',').map(str::trim) {
            if !uris.contains(&uri) {
                uris.push(uri);
            }
        }
    }
    Some(format!("v=TLSRPTv1; rua={}", uris.join(",")))
}
