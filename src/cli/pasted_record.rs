//! `--text RECORD`: the record judged in the place of the published one, and the domain that the
//! pasted line names.

use anyhow::Context as _;

use super::session::Session;
use crate::evidence::Evidence;
use crate::model::{Absence, Answer, Name, Observation, Question, Rdata, Record, RecordType};
use crate::parse::repair::pasted;

/// The domain of a pasted record.
pub(super) struct Whose {
    pub domain: Name,
    /// False where neither the command nor the line names one: what depends on the name is not
    /// judged then.
    pub is_known: bool,
    /// The selector, where the line is a key's or an indicator's.
    pub selector: Option<String>,
}

/// Nobody's name (RFC 2606 section 2), for a record whose owner is not known.
const NOBODY: &str = "record.invalid";

/// The domain given, else that of the pasted line without the labels of its service, such as
/// `_dmarc`; else a name that cannot exist, with a note.
pub(super) fn whose(
    session: &Session,
    given: Option<&str>,
    text: &str,
    service: &str,
) -> anyhow::Result<Whose> {
    let given = given.map(Name::parse).transpose().context("DOMAIN")?;
    let owner = pasted::owner(text);
    // Whatever stands before the label of the service, such as another selector, is no part of the domain.
    let label = service.rsplit('.').next().unwrap_or(service);
    let selector = owner.as_ref().filter(|_| matches!(label, "_domainkey" | "_bimi")).and_then(|owner| {
        let (selector, _) = owner.as_str().split_once(&format!(".{label}."))?;
        Some(selector.to_owned())
    });
    let named = owner.map(|owner| match owner.as_str().split_once(&format!("{label}.")) {
        Some((before, domain)) if !label.is_empty() && (before.is_empty() || before.ends_with('.')) => {
            Name::lenient(domain)
        }
        _ => owner,
    });
    if let Some(domain) = given.or(named) {
        return Ok(Whose { domain, is_known: true, selector });
    }
    session.note(&format!(
        "--text names no owner, so the record is judged by itself, as that of {NOBODY}; give DOMAIN to judge what depends \
         on the name"
    ));
    Ok(Whose { domain: Name::lenient(NOBODY), is_known: false, selector })
}

/// Nothing stands above nobody's name, nor beside the record at it: nothing is asked about it (RFC 2606 section 2).
pub(super) fn alone(evidence: &mut Evidence, service: &str) {
    let above = (Name::lenient(&format!("{service}.invalid")), RecordType::Txt);
    let beside =
        ["_mta-sts", "_smtp._tls"].map(|other| (Name::lenient(NOBODY).prefixed(other), RecordType::Txt));
    let of_old = (Name::lenient(NOBODY), RecordType::Spf);
    for (name, rtype) in beside.into_iter().chain([above, of_old]) {
        let absent = Answer::given(Observation::Absent(Absence::Nxdomain));
        evidence.answers.insert(Question::Dns { name, rtype }, absent);
    }
}

/// Puts the record in the place of the published answer.
pub(super) fn place(evidence: &mut Evidence, name: Name, text: &str) {
    let record = Record::new(Rdata::Txt(pasted::strings(text)));
    let question = Question::Dns { name, rtype: RecordType::Txt };
    evidence.answers.insert(question, Answer::given(Observation::Seen(vec![record])));
}
