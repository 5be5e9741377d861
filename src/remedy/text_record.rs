//! The records of MTA-STS, TLS-RPT and BIMI.

use super::draft::{Change, Standing, Step, strings, txt};
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
    let meant: Vec<(&Rdata, Repaired)> =
        standing.records.iter().filter_map(|rdata| Some((*rdata, read(strings(rdata)?)?))).collect();
    let old: Vec<Rdata> = meant.iter().map(|(rdata, _)| (*rdata).clone()).collect();
    let (text, notes) = match meant.as_slice() {
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
    if let Some((_, one)) = meant.iter().find(|(_, one)| !one.is_whole()) {
        return Step::Withheld(unread(one));
    }
    let new = vec![txt(&text)];
    let same = old.len() == 1 && strings(&old[0]).is_some_and(|strings| strings.concat() == text.as_bytes());
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
