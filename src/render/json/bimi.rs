//! `mailvet/bimi/1`: record, logo and certificate for programs.

use serde::Serialize;

use super::v1;
use crate::parse::bimi::mark_certificate::MarkCertificate;
use crate::render::bimi::BimiView;

#[derive(Serialize)]
pub(crate) struct BimiV1 {
    schema: &'static str,
    domain: String,
    /// The record; `null` where there is none or it is not known, see `gap`.
    record: Option<String>,
    found_at: Option<String>,
    location: Option<String>,
    authority: Option<String>,
    declines: Option<bool>,
    logo: Option<LogoV1>,
    certificate: Option<CertificateV1>,
    results: Vec<v1::ResultV1>,
    gap: Option<String>,
}

#[derive(Serialize)]
struct LogoV1 {
    size: usize,
    title: Option<String>,
    faults: Vec<FaultV1>,
}

#[derive(Serialize)]
struct FaultV1 {
    line: usize,
    text: String,
    fix: &'static str,
}

#[derive(Default, Serialize)]
struct CertificateV1 {
    subject: Option<String>,
    issuer: Option<String>,
    names: Vec<String>,
    mark_type: Option<String>,
    not_before: Option<String>,
    not_after: Option<String>,
    for_bimi: bool,
    logged: bool,
    holds_logo: bool,
    error: Option<String>,
}

pub(crate) fn bimi(view: &BimiView) -> BimiV1 {
    let found = view.bimi.as_ref().ok().and_then(Option::as_ref);
    let record = found.and_then(|bimi| bimi.records.first());
    BimiV1 {
        schema: "mailvet/bimi/1",
        domain: view.domain.to_string(),
        record: record.map(|record| record.text.clone()),
        found_at: found.map(|bimi| bimi.name.to_string()),
        location: record.and_then(|record| record.location.clone()),
        authority: record.and_then(|record| record.authority.clone()),
        declines: record.map(|record| record.declines()),
        logo: view.logo.as_ref().map(|logo| LogoV1 {
            size: logo.size,
            title: logo.title.clone(),
            faults: logo
                .faults
                .iter()
                .map(|fault| FaultV1 { line: fault.line, text: fault.text.clone(), fix: fault.fix })
                .collect(),
        }),
        certificate: view.certificate.as_ref().map(|read| match read {
            Ok(mark) => certificate(mark),
            Err(why) => CertificateV1 { error: Some(why.clone()), ..CertificateV1::default() },
        }),
        results: view.results.iter().map(v1::result).collect(),
        gap: view.bimi.as_ref().err().map(ToString::to_string),
    }
}

fn certificate(mark: &MarkCertificate) -> CertificateV1 {
    let time = |seconds: i64| jiff::Timestamp::from_second(seconds).ok().map(|stamp| stamp.to_string());
    CertificateV1 {
        subject: Some(mark.subject.clone()),
        issuer: Some(mark.issuer.clone()),
        names: mark.names.clone(),
        mark_type: mark.mark_type.clone(),
        not_before: time(mark.not_before),
        not_after: time(mark.not_after),
        for_bimi: mark.for_bimi,
        logged: mark.logged,
        holds_logo: mark.logo.is_ok(),
        error: mark.logo.as_ref().err().cloned(),
    }
}
