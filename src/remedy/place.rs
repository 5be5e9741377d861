//! The names whose records may need an edit.

use super::draft::{Codes, Step, Topic, standing};
use super::{dkim, dmarc, mx, spf, text_record};
use crate::facts::Facts;
use crate::model::{Name, RecordType};
use crate::parse::web::psl;

/// One name and type.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub topic: Topic,
    pub name: Name,
}

impl Place {
    pub(super) fn rtype(&self) -> RecordType {
        match self.topic {
            Topic::Mx => RecordType::Mx,
            Topic::SpfType => RecordType::Spf,
            _ => RecordType::Txt,
        }
    }

    /// The start of the codes it can settle.
    pub(super) fn prefixes(&self) -> &'static [&'static str] {
        match self.topic {
            Topic::Spf => &["spf-"],
            Topic::HeloSpf => &["spf-helo-"],
            Topic::Dmarc => &["dmarc-"],
            Topic::DkimKey => &["dkim-key-"],
            Topic::MtaSts => &["mta-sts-"],
            Topic::TlsRpt => &["tls-rpt-"],
            Topic::Bimi => &["bimi-"],
            Topic::Mx => &["mx-", "mta-sts-", "mail-from-"],
            Topic::SpfType => &["spf-type99-"],
        }
    }

    /// What to publish next, given what is published.
    pub(super) fn step(&self, facts: &Facts, codes: &Codes) -> Step {
        let Some(standing) = standing(facts, &self.name, self.rtype()) else { return Step::Done };
        let step = match self.topic {
            Topic::Spf => spf::step(facts, &self.name, &standing, codes),
            Topic::HeloSpf => spf::helo_step(facts, &self.name, &standing, codes),
            Topic::Dmarc => dmarc::step(facts, &self.name, &standing, codes),
            Topic::DkimKey => dkim::step(facts, &self.name, &standing, codes),
            Topic::MtaSts | Topic::TlsRpt | Topic::Bimi => {
                text_record::step(self.topic, facts, &self.name, &standing, codes)
            }
            Topic::Mx => mx::step(facts, &standing, codes),
            Topic::SpfType => match spf::has_text(facts, &self.name) {
                true => mx::delete_all(&standing),
                false => Step::Withheld("no TXT record says the same yet; publish that first".to_owned()),
            },
        };
        match (&step, &standing.foreign) {
            (Step::Change(_), Some(target)) => Step::Withheld(format!(
                "{} is an alias (CNAME) of {target}: whoever runs {target} changes the record, or the CNAME goes",
                self.name
            )),
            _ => step,
        }
    }

    /// What must hold before the change is shown; the error says what does not.
    pub(super) fn holds(&self, meant: &Facts, after: &Facts, codes: &Codes) -> Result<(), String> {
        match self.topic {
            Topic::Spf | Topic::HeloSpf => spf::holds(&self.name, meant, after, codes),
            Topic::Dmarc => dmarc::holds(&self.name, meant, after),
            Topic::DkimKey => dkim::holds(&self.name, meant, after),
            _ => Ok(()),
        }
    }
}

/// The names that failing checks are about.
pub(super) fn places(facts: &Facts, codes: &Codes) -> Vec<Place> {
    let any = |prefix: &str| codes.iter().any(|code| code.starts_with(prefix));
    let mut found: Vec<Place> = Vec::new();
    let mut add = |topic: Topic, name: Name| {
        if !found
            .iter()
            .any(|place| place.name == name && place.rtype() == (Place { topic, name: name.clone() }).rtype())
        {
            found.push(Place { topic, name });
        }
    };
    if any("spf-")
        && let Ok(spf) = facts.spf()
    {
        add(Topic::Spf, spf.domain.clone());
        if codes.contains("spf-type99-leftover") {
            add(Topic::SpfType, spf.domain.clone());
        }
        if let Some(helo) = spf.helo.as_ref().filter(|_| any("spf-helo-")) {
            add(Topic::HeloSpf, helo.policy.root.name.clone());
        }
    }
    if any("dmarc-")
        && let Ok(dmarc) = facts.dmarc()
    {
        let top = psl::organizational(&dmarc.domain);
        for step in dmarc.walk.steps.iter().filter(|step| step.name.is_within(&top)) {
            add(Topic::Dmarc, step.name.prefixed("_dmarc"));
        }
    }
    if any("dkim-key-")
        && let Ok(keys) = facts.dkim().keys()
    {
        for key in keys {
            add(Topic::DkimKey, key.name.clone());
        }
    }
    if let Ok(domain) = facts.domain() {
        if any("mta-sts-syntax") || any("mta-sts-missing") {
            add(Topic::MtaSts, domain.prefixed("_mta-sts"));
        }
        if any("tls-rpt-") {
            add(Topic::TlsRpt, domain.prefixed("_smtp._tls"));
        }
        if any("bimi-syntax") || any("bimi-") {
            add(Topic::Bimi, facts.bimi_name(domain));
        }
        if any("mx-") {
            add(Topic::Mx, domain.clone());
        }
    }
    found
}
