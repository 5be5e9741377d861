//! The answer of `mailvet transport` for people: MTA-STS, TLS reports, DANE,
//! CAA, and what the servers do.

use super::style::Look;
use super::{escape, finding_block, mx, server};
use crate::facts::transport::announced::{Announced, TransportFacts};
use crate::facts::transport::caa::HostCaa;
use crate::facts::transport::dane::HostDane;
use crate::facts::transport::mta_sts::MtaSts;
use crate::facts::transport::servers::Server;
use crate::judge::finding::CheckResult;
use crate::model::{Failure, Gap, Name};

/// Everything the command shows.
pub(crate) struct TransportView<'f> {
    pub domain: &'f Name,
    pub announcements: &'f TransportFacts,
    pub mta_sts: Result<Option<&'f MtaSts>, Gap>,
    pub dane: Result<&'f [HostDane], Gap>,
    pub caa: Result<&'f [HostCaa], Gap>,
    /// Empty without `--probe`.
    pub servers: &'f [Server],
    pub results: &'f [CheckResult],
    pub now: i64,
}

pub(crate) fn transport(view: &TransportView, look: Look) -> String {
    let mut out = format!("{}\n", look.bold(&escape::terminal(&view.domain.unicode())));
    out.push_str(&server::row("MTA-STS", &record(&view.announcements.mta_sts), look));
    if let Ok(Some(sts)) = &view.mta_sts {
        out.push_str(&server::row("policy", &policy(sts), look));
        if let Ok(fetched) = &sts.fetched
            && let Some(chain) = &fetched.chain
        {
            out.push_str(&server::certificate(chain, sts.host.as_str(), view.now, look));
        }
    }
    out.push_str(&server::row("TLS reports", &record(&view.announcements.tls_rpt), look));
    match &view.dane {
        Err(gap) => out.push_str(&server::row("DANE", &format!("unknown: {gap}"), look)),
        Ok([]) => out.push_str(&server::row("DANE", "no MX host", look)),
        Ok(hosts) => hosts.iter().for_each(|host| out.push_str(&server::row("DANE", &dane(host), look))),
    }
    for host in view.caa.iter().flat_map(|hosts| hosts.iter()) {
        out.push_str(&server::row("CAA", &caa(host), look));
    }
    if look.quiet {
        return out;
    }
    out.push_str(&mx::servers(view.servers, view.now, look));
    out.push_str(&finding_block::findings(view.results, look));
    if view.servers.is_empty() {
        out.push_str("\nNo mail server was spoken to; --probe does so, and never sends a message.\n");
    }
    out
}

fn record(found: &Result<Vec<Announced>, Gap>) -> String {
    match found {
        Err(gap) => format!("unknown: {gap}"),
        Ok(records) if records.is_empty() => "no record".to_owned(),
        Ok(records) => {
            let texts: Vec<String> =
                records.iter().map(|one| String::from_utf8_lossy(&one.text).into_owned()).collect();
            texts.join("  and  ")
        }
    }
}

fn policy(sts: &MtaSts) -> String {
    match &sts.fetched {
        Err(Gap::Failed { failure: Failure::Protocol(what), .. }) => format!("not to be had: {what}"),
        Err(gap) => format!("unknown: {gap}"),
        Ok(fetched) => match &fetched.policy {
            None => format!("none: {} answers with status {}", sts.url, fetched.transcript.status),
            Some(Err(why)) => format!("cannot be used: {why}"),
            Some(Ok(policy)) => format!(
                "mode {}, max_age {} days, mx {}",
                policy.mode.name(),
                policy.max_age / 86_400,
                if policy.mx.is_empty() { "none".to_owned() } else { policy.mx.join(", ") }
            ),
        },
    }
}

fn dane(host: &HostDane) -> String {
    match &host.records {
        Err(gap) => format!("{} unknown: {gap}", host.host),
        Ok(records) if records.is_empty() => format!("{} has no TLSA record", host.host),
        Ok(records) => {
            let state = match &host.secure {
                Ok(true) => "signed".to_owned(),
                Ok(false) => "not signed, so ignored".to_owned(),
                Err(gap) => format!("signature unknown: {gap}"),
            };
            let texts: Vec<String> = records.iter().map(crate::facts::transport::dane::Tlsa::text).collect();
            format!("{}: {} ({state})", host.host, texts.join("; "))
        }
    }
}

fn caa(host: &HostCaa) -> String {
    match &host.records {
        Err(gap) => format!("{} unknown: {gap}", host.host),
        Ok(None) => format!("{}: any authority may issue", host.host),
        Ok(Some((name, records))) => {
            let texts: Vec<String> =
                records.iter().map(|record| format!("{} {:?}", record.tag, record.value)).collect();
            format!("{}: {} (at {name})", host.host, texts.join(", "))
        }
    }
}
