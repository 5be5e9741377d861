//! The BIMI assertion of the author domain: at the domain, else at its
//! organizational domain (draft-brand-indicators-for-message-identification
//! section 4.3), and the logo and certificate it names: files of the user, or
//! what the web servers give where the scope lets them be asked.

use std::borrow::Cow;

use crate::evidence::https::{HttpsTranscript, LONGEST_BODY};
use crate::facts::Facts;
use crate::facts::listings::public::is_global_unicast;
use crate::facts::transport::certificate::{self, Chain};
use crate::model::{Gap, Location, Name, Question, RecordType, Subject};
use crate::parse::bimi::brand_logo::Logo;
use crate::parse::bimi::mark_certificate::MarkCertificate;
use crate::parse::bimi::{BimiRecord, is_bimi};
use crate::parse::web::psl;

/// Where a record was found, and what it says.
#[derive(Clone, Debug)]
pub(crate) struct Bimi {
    /// `SELECTOR._bimi` below the domain that has it.
    pub name: Name,
    pub records: Vec<BimiRecord>,
    pub location: Option<Location>,
}

/// One address of the record and what its web server said.
pub(crate) struct BrandExchange {
    /// `l` or `a`.
    pub tag: &'static str,
    pub url: String,
    pub said: Result<HttpsTranscript, Gap>,
    /// Why nobody who checks the web server's certificate gets this far.
    pub untrusted: Option<String>,
}

impl Bimi {
    /// The record as a problem's subject, pointing at the guilty bytes.
    pub(crate) fn subject(&self, span: Option<std::ops::Range<usize>>) -> Subject {
        let text = self.records.first().map(|record| record.text.clone()).unwrap_or_default();
        Subject::Record { question: format!("{} TXT", self.name), text, span }
    }
}

/// The logo's bytes and what they hold.
pub(crate) type BrandLogo<'b> = (Cow<'b, [u8]>, Logo);

impl<'e> Facts<'e> {
    /// The assertion; `None` where the domain publishes none, as most do.
    pub(crate) fn bimi(&self) -> Result<Option<&Bimi>, Gap> {
        let found = self.cells.bimi.get_or_init(|| self.build_bimi());
        found.as_ref().map(Option::as_ref).map_err(Clone::clone)
    }

    /// The logo's bytes and what is wrong with them; `None` where the domain names none.
    pub(crate) fn brand_logo(&self) -> Result<Option<BrandLogo<'_>>, Gap> {
        let given = self.evidence.brand.as_ref().and_then(|brand| brand.logo.as_deref());
        if let Some(bytes) = given {
            return Ok(Some((Cow::Borrowed(bytes), Logo::read(bytes))));
        }
        let Some(url) = self.brand_record()?.and_then(|record| record.location.as_deref()) else {
            return Ok(None);
        };
        let flag = "--probe, or --logo FILE of mailvet bimi";
        if self.said(url, "logo", flag)?.is_too_long() {
            return Ok(Some((Cow::Borrowed(&[]), Logo::too_large(LONGEST_BODY))));
        }
        let bytes = self.brand_file(url, "logo", flag)?;
        let logo = Logo::read(&bytes);
        Ok(Some((Cow::Owned(bytes), logo)))
    }

    /// The mark certificate, or why the file is none; `None` where the domain names none.
    pub(crate) fn mark_certificate(&self) -> Result<Option<Result<MarkCertificate, String>>, Gap> {
        let given = self.evidence.brand.as_ref().and_then(|brand| brand.certificate.as_deref());
        if let Some(bytes) = given {
            return Ok(Some(MarkCertificate::read(bytes)));
        }
        let Some(url) = self.brand_record()?.and_then(|record| record.authority.as_deref()) else {
            return Ok(None);
        };
        let flag = "--probe, or --certificate FILE of mailvet bimi";
        Ok(Some(MarkCertificate::read(&self.brand_file(url, "mark certificate", flag)?)))
    }

    /// The addresses the record names that can be asked, `l` and `a`, each with what its server said.
    pub(crate) fn brand_exchanges(&self) -> Result<Vec<BrandExchange>, Gap> {
        let Some(record) = self.brand_record()? else { return Ok(Vec::new()) };
        let named = [("l", &record.location), ("a", &record.authority)];
        let exchange = |(tag, url): (&'static str, &Option<String>)| {
            let url = url.clone()?;
            let said = self.said(&url, "look at the web server's answer", "--probe");
            let untrusted = said.as_ref().ok().and_then(|said| {
                let chain = Chain::read(&said.certificates, &self.scope().roots, self.now())?;
                certificate::fault(&chain, host_of(&url)?.as_str(), self.now())
            });
            Some(BrandExchange { tag, url, said, untrusted })
        };
        Ok(named.into_iter().filter_map(exchange).collect())
    }

    /// What the web server gave, where it gave the file.
    fn brand_file(&self, url: &str, what: &'static str, flag: &'static str) -> Result<Vec<u8>, Gap> {
        let said = self.said(url, what, flag)?;
        match (said.status, said.cut) {
            (200, false) => Ok(said.bytes()),
            (200, true) => Err(Gap::undecidable(format!("the {what} has more than 64 KiB and was not read"))),
            (status, _) => {
                Err(Gap::undecidable(format!("its web server answers {status}, see bimi-unreachable")))
            }
        }
    }

    fn said(&self, url: &str, what: &'static str, flag: &'static str) -> Result<HttpsTranscript, Gap> {
        let question = Question::Http { url: url.to_owned() };
        if !self.is_recorded(&question) {
            if !self.scope().probe {
                return Err(Gap::NotSupplied { what, flag });
            }
            let Some(name) = host_of(url) else {
                return Err(Gap::undecidable("the address names a port or a user: not asked"));
            };
            let addresses = self.ledger().some_addresses(&name)?;
            if addresses.is_empty() {
                return Err(Gap::undecidable(format!("{name} has no address, so nothing is served there")));
            }
            // A record may point anywhere; inside our own network it has no business.
            let inside = |ip: &std::net::IpAddr| !is_global_unicast(*ip);
            if self.scope().dialogue.connect_to.is_empty() && addresses.iter().any(inside) {
                return Err(Gap::undecidable(format!("{name} has a private address: not asked")));
            }
        }
        self.ledger().transcript(&question).cloned()
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

    /// Where the record of a domain stands: below the selector asked about, `default` where none is.
    pub(crate) fn bimi_name(&self, domain: &Name) -> Name {
        let selector = self.target().bimi_selector.as_deref().unwrap_or("default");
        domain.prefixed(&format!("{selector}._bimi"))
    }

    fn bimi_at(&self, domain: &Name) -> Result<Option<Bimi>, Gap> {
        let name = self.bimi_name(domain);
        let found = self.ledger().dns(&name, RecordType::Txt)?;
        let mut bimi = Bimi { name, records: Vec::new(), location: None };
        let texts: Vec<(String, Option<Location>)> = found
            .records()
            .iter()
            .filter_map(|record| Some((record.rdata.joined_text()?, record.location.clone())))
            .map(|(text, location)| (String::from_utf8_lossy(&text).into_owned(), location))
            .collect();
        // Another version is discarded before records are counted. Where none counts, anything at this
        // name was meant as BIMI, unless a wildcard put it there.
        let counted = texts.iter().any(|(text, _)| is_bimi(text));
        let is_meant = |text: &str| is_bimi(text) || !counted && text.to_ascii_lowercase().contains("bimi");
        for (text, location) in texts.into_iter().filter(|(text, _)| is_meant(text)) {
            bimi.records.push(BimiRecord::parse(&text));
            bimi.location = bimi.location.take().or(location);
        }
        Ok((!bimi.records.is_empty()).then_some(bimi))
    }
}

/// The host of an address that may be asked: no port, no user.
fn host_of(url: &str) -> Option<Name> {
    let url = url::Url::parse(url).ok().filter(|url| url.port().is_none() && url.username().is_empty())?;
    url.host_str().map(Name::lenient)
}
