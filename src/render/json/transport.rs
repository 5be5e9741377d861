//! `mailvet/transport/1`: how mail to a domain is protected on its way.

use serde::Serialize;

use super::problem::{ProblemV1, problems};
use super::server::{self, CertificateV1, ServerV1};
use super::v1;
use crate::facts::transport::announced::Announced;
use crate::facts::transport::caa::HostCaa;
use crate::facts::transport::dane::HostDane;
use crate::facts::transport::mta_sts::MtaSts;
use crate::parse::transport::mta_sts as records;
use crate::render::transport::TransportView;

#[derive(Serialize)]
pub(crate) struct TransportV1 {
    schema: &'static str,
    domain: String,
    mta_sts: MtaStsV1,
    tls_rpt: TlsRptV1,
    dane: DaneV1,
    /// One entry for each address spoken to, with `--probe`.
    starttls: Vec<ServerV1>,
    caa: Vec<CaaV1>,
    problems: Vec<ProblemV1>,
    results: Vec<v1::ResultV1>,
}

#[derive(Serialize)]
struct MtaStsV1 {
    /// `null` where the domain has none.
    record: Option<String>,
    id: Option<String>,
    url: Option<String>,
    http_status: Option<u16>,
    policy: Option<PolicyV1>,
    /// What is wrong with the policy file.
    policy_fault: Option<String>,
    certificate: Option<CertificateV1>,
    gap: Option<String>,
}

#[derive(Serialize)]
struct PolicyV1 {
    mode: &'static str,
    /// Seconds.
    max_age: u64,
    mx: Vec<String>,
}

#[derive(Serialize)]
struct TlsRptV1 {
    record: Option<String>,
    rua: Vec<String>,
    gap: Option<String>,
}

#[derive(Serialize)]
struct DaneV1 {
    hosts: Vec<DaneHostV1>,
    gap: Option<String>,
}

#[derive(Serialize)]
struct DaneHostV1 {
    host: String,
    name: String,
    records: Vec<TlsaV1>,
    /// DNSSEC vouches for the records; `null` where there are none or it is not known.
    secure: Option<bool>,
    gap: Option<String>,
}

#[derive(Serialize)]
struct TlsaV1 {
    usage: u8,
    selector: u8,
    matching: u8,
    data: String,
    /// Why senders ignore it.
    fault: Option<String>,
    /// It fits the certificate shown; `null` where none was seen.
    matches: Option<bool>,
}

#[derive(Serialize)]
struct CaaV1 {
    host: String,
    /// The name whose records apply; `null` where nobody restricts it.
    found_at: Option<String>,
    records: Vec<String>,
    gap: Option<String>,
}

pub(crate) fn transport(view: &TransportView) -> TransportV1 {
    TransportV1 {
        schema: "mailvet/transport/1",
        domain: view.domain.to_string(),
        mta_sts: mta_sts(view),
        tls_rpt: tls_rpt(&view.announcements.tls_rpt),
        dane: DaneV1 {
            hosts: view.dane.iter().flat_map(|hosts| hosts.iter()).map(|host| dane(host, view)).collect(),
            gap: view.dane.as_ref().err().map(ToString::to_string),
        },
        starttls: view.servers.iter().map(|one| server::server(one, view.now)).collect(),
        caa: view.caa.iter().flat_map(|hosts| hosts.iter()).map(caa).collect(),
        problems: problems(view.results, |_| true),
        results: view.results.iter().map(v1::result).collect(),
    }
}

fn text(record: &Announced) -> String {
    String::from_utf8_lossy(&record.text).into_owned()
}

fn mta_sts(view: &TransportView) -> MtaStsV1 {
    let found = &view.announcements.mta_sts;
    let record = found.as_ref().ok().and_then(|records| records.first());
    let sts: Option<&MtaSts> = view.mta_sts.as_ref().ok().copied().flatten();
    let fetched = sts.and_then(|sts| sts.fetched.as_ref().ok());
    let policy = fetched.and_then(|fetched| fetched.policy.as_ref());
    let gap = found.as_ref().err().or_else(|| sts.and_then(|sts| sts.fetched.as_ref().err()));
    MtaStsV1 {
        record: record.map(text),
        id: record.and_then(|record| records::policy_id(&record.text).ok()),
        url: sts.map(|sts| sts.url.clone()),
        http_status: fetched.map(|fetched| fetched.transcript.status),
        policy: policy.and_then(|policy| policy.as_ref().ok()).map(|policy| PolicyV1 {
            mode: policy.mode.name(),
            max_age: policy.max_age,
            mx: policy.mx.clone(),
        }),
        policy_fault: policy.and_then(|policy| policy.as_ref().err().cloned()),
        certificate: sts.zip(fetched).and_then(|(sts, fetched)| {
            server::certificate(fetched.chain.as_ref()?, sts.host.as_str(), view.now)
        }),
        gap: gap.map(ToString::to_string),
    }
}

fn tls_rpt(found: &Result<Vec<Announced>, crate::model::Gap>) -> TlsRptV1 {
    let record = found.as_ref().ok().and_then(|records| records.first());
    TlsRptV1 {
        record: record.map(text),
        rua: record.and_then(|record| records::report_uris(&record.text).ok()).unwrap_or_default(),
        gap: found.as_ref().err().map(ToString::to_string),
    }
}

fn dane(host: &HostDane, view: &TransportView) -> DaneHostV1 {
    let records = host.records.as_deref().unwrap_or_default();
    let names = [host.host.as_str(), view.domain.as_str()];
    let mut of_host = view.servers.iter().filter(|server| server.host == host.host.as_str());
    let chain = of_host.find_map(|server| server.session.as_ref().ok()?.chain.as_ref());
    DaneHostV1 {
        host: host.host.to_string(),
        name: host.name.to_string(),
        secure: host.secure.clone().ok().filter(|_| !records.is_empty()),
        gap: host.records.as_ref().err().or(host.secure.as_ref().err()).map(ToString::to_string),
        records: records
            .iter()
            .map(|record| TlsaV1 {
                usage: record.usage,
                selector: record.selector,
                matching: record.matching,
                data: record.data.iter().map(|byte| format!("{byte:02x}")).collect(),
                fault: record.fault(),
                matches: chain.map(|chain| record.accepts(chain, names, view.now)),
            })
            .collect(),
    }
}

fn caa(host: &HostCaa) -> CaaV1 {
    let found = host.records.as_ref().ok().and_then(Option::as_ref);
    CaaV1 {
        host: host.host.to_string(),
        found_at: found.map(|(name, _)| name.to_string()),
        records: found
            .map(|(_, records)| {
                let text = |record: &crate::facts::transport::caa::Caa| {
                    format!("{} {} {:?}", if record.critical { 128 } else { 0 }, record.tag, record.value)
                };
                records.iter().map(text).collect()
            })
            .unwrap_or_default(),
        gap: host.records.as_ref().err().map(ToString::to_string),
    }
}
