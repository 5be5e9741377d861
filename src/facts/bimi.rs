//! The BIMI assertion of the author domain: at the domain, else at its
//! organizational domain (draft-brand-indicators-for-message-identification
//! section 4.3), and the logo and certificate it names, from files of the user.

use super::Facts;
use crate::model::{Gap, Location, Name, RecordType, Subject};
use crate::parse::bimi::{BimiRecord, is_bimi};
use crate::parse::brand_logo::Logo;
use crate::parse::mark_certificate::MarkCertificate;
use crate::parse::psl;

/// Where a record was found, and what it says.
#[derive(Clone, Debug)]
pub struct Bimi {
    /// `default._bimi` below the domain that has it.
    pub name: Name,
    pub records: Vec<BimiRecord>,
    pub location: Option<Location>,
}

impl Bimi {
    /// The record as a problem's subject, pointing at the guilty bytes.
    pub fn subject(&self, span: Option<std::ops::Range<usize>>) -> Subject {
        let text = self.records.first().map(|record| record.text.clone()).unwrap_or_default();
        Subject::Record { question: format!("{} TXT", self.name), text, span }
    }
}

impl<'e> Facts<'e> {
    /// The assertion; `None` where the domain publishes none, as most do.
    pub fn bimi(&self) -> Result<Option<&Bimi>, Gap> {
        let found = self.bimi.get_or_init(|| self.build_bimi());
        found.as_ref().map(Option::as_ref).map_err(Clone::clone)
    }

    /// The logo's bytes and what is wrong with them; `None` where the domain names none.
    pub fn brand_logo(&self) -> Result<Option<(&[u8], Logo)>, Gap> {
        let given = self.evidence.brand.as_ref().and_then(|brand| brand.logo.as_deref());
        match given {
            Some(bytes) => Ok(Some((bytes, Logo::read(bytes)))),
            None if self.brand_record()?.is_none_or(|record| record.location.is_none()) => Ok(None),
            None => Err(Gap::NotSupplied { what: "logo", flag: "it to mailvet bimi DOMAIN --logo FILE" }),
        }
    }

    /// The mark certificate, or why the file is none; `None` where the domain names none.
    pub fn mark_certificate(&self) -> Result<Option<Result<MarkCertificate, String>>, Gap> {
        let given = self.evidence.brand.as_ref().and_then(|brand| brand.certificate.as_deref());
        let flag = "it to mailvet bimi DOMAIN --certificate FILE";
        match given {
            Some(bytes) => Ok(Some(MarkCertificate::read(bytes))),
            None if self.brand_record()?.is_none_or(|record| record.authority.is_none()) => Ok(None),
            None => Err(Gap::NotSupplied { what: "mark certificate", flag }),
        }
    }

    /// The one record there is.
    fn brand_record(&self) -> Result<Option<&BimiRecord>, Gap> {
        Ok(self.bimi()?.and_then(|bimi| match bimi.records.as_slice() {
            [record] => Some(record),
            _ => None,
        }))
    }

    fn build_bimi(&self) -> Result<Option<Bimi>, Gap> {
        let domain = self.author_domain()?;
        let organizational = psl::organizational(&domain);
        let above = self.bimi_at(&organizational);
        match self.bimi_at(&domain)? {
            Some(found) => Ok(Some(found)),
            None => above,
        }
    }

    fn bimi_at(&self, domain: &Name) -> Result<Option<Bimi>, Gap> {
        let name = domain.prefixed("default._bimi");
        let found = self.ledger().dns(&name, RecordType::Txt)?;
        let mut bimi = Bimi { name, records: Vec::new(), location: None };
        for record in found.records() {
            let Some(bytes) = record.rdata.joined_text() else { continue };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            // Anything at this name was meant as BIMI, unless a wildcard put it there.
            if is_bimi(&text) || text.to_ascii_lowercase().contains("bimi") {
                bimi.records.push(BimiRecord::parse(&text));
                bimi.location = bimi.location.take().or_else(|| record.location.clone());
            }
        }
        Ok((!bimi.records.is_empty()).then_some(bimi))
    }
}
