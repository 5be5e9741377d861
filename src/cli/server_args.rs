//! The flags that name servers to ask, and what they are trusted by.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, bail};
use clap::Args;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::input;
use crate::gather::dnssec::Anchors;
use crate::gather::recursion::Roots;
use crate::gather::resolver::{self, Server};
use crate::model::untrusted::Shown as _;
use crate::model::{Name, Rdata};
use crate::parse::zone::{self, NoFiles};

/// Which servers to ask.
#[derive(Clone, Debug, Default, Args)]
pub struct ServerArgs {
    /// Recursive resolver to ask, or `recurse` to ask the zones' own servers from the root down; several, also of --dot and --doh, in this order on failure; default: the system's
    #[arg(long, value_name = "ADDR[:PORT]", global = true, value_parser = typed)]
    resolver: Vec<Typed>,
    /// Resolver to ask over TLS
    #[arg(long, value_name = "HOST[:PORT]", global = true, value_parser = typed)]
    dot: Vec<Typed>,
    /// Resolver to ask over HTTPS
    #[arg(long, value_name = "URL", global = true, value_parser = typed)]
    doh: Vec<Typed>,
    /// Certificate authorities (PEM) to trust too; besides them mail and policy hosts are judged by Mozilla's list, compiled in, and --dot, --doh and --probe-unsubscribe by the system's
    #[arg(long, value_name = "FILE", global = true)]
    ca: Option<PathBuf>,
    /// Addresses of the servers that `--resolver recurse` starts from, as a zone file; default: the internet's root
    #[arg(long, value_name = "FILE", global = true)]
    root_hints: Option<PathBuf>,
    /// DS or DNSKEY records to trust for DNSSEC instead of the root's keys
    #[arg(long, value_name = "FILE", global = true)]
    trust_anchor: Option<PathBuf>,
}

/// One value and its place among all servers named.
#[derive(Clone, Debug)]
struct Typed {
    place: usize,
    text: String,
}

/// Numbers the values as clap reads them, since each flag keeps only its own.
fn typed(text: &str) -> Result<Typed, std::convert::Infallible> {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    Ok(Typed { place: NEXT.fetch_add(1, Ordering::Relaxed), text: text.to_owned() })
}

impl ServerArgs {
    /// The servers as typed, in their order; empty for the system's.
    pub fn shown(&self) -> Vec<String> {
        let mut all: Vec<&Typed> = self.resolver.iter().chain(&self.dot).chain(&self.doh).collect();
        all.sort_by_key(|typed| typed.place);
        all.iter().map(|typed| typed.text.clone()).collect()
    }

    /// The servers to ask, in their order.
    pub fn servers(&self) -> anyhow::Result<Vec<Server>> {
        let mut servers: Vec<(usize, Server)> = Vec::new();
        for typed in &self.resolver {
            let server = match resolver::parse(&typed.text)? {
                Server::Recursion(_) => Server::Recursion(self.roots()?),
                other => other,
            };
            servers.push((typed.place, server));
        }
        if !self.dot.is_empty() || !self.doh.is_empty() {
            let tls = resolver::tls(self.authorities()?)?;
            for typed in &self.dot {
                servers.push((typed.place, resolver::dot(&typed.text, &tls)?));
            }
            for typed in &self.doh {
                servers.push((typed.place, resolver::doh(&typed.text, &tls)?));
            }
        }
        servers.sort_by_key(|(place, _)| *place);
        if servers.is_empty() {
            return Ok(resolver::system()?);
        }
        Ok(servers.into_iter().map(|(_, server)| server).collect())
    }

    /// What `--ca` names.
    pub fn authorities(&self) -> anyhow::Result<Vec<CertificateDer<'static>>> {
        let Some(path) = &self.ca else { return Ok(Vec::new()) };
        let pem = input::read(path, "certificate authorities", input::MAX_TEXT)?;
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        let found = found.with_context(|| format!("{} is no PEM file of certificates", path.shown()))?;
        if found.is_empty() {
            bail!("{} holds no certificate (-----BEGIN CERTIFICATE-----)", path.shown());
        }
        Ok(found)
    }

    /// What `--trust-anchor` names.
    pub fn anchors(&self) -> anyhow::Result<Option<Anchors>> {
        let Some(path) = &self.trust_anchor else { return Ok(None) };
        let text = input::read(path, "trust anchor", input::MAX_TEXT)?;
        Ok(Some(Anchors::read(path, &text)?))
    }

    fn roots(&self) -> anyhow::Result<Roots> {
        let Some(path) = &self.root_hints else { return Ok(Roots::Internet) };
        let shown = path.shown();
        let text: Arc<[u8]> = input::read(path, "root hints", input::MAX_TEXT)?.into();
        let parsed = zone::parse(&shown, &text, Some(&Name::root()), &mut NoFiles);
        if let Some(error) = parsed.errors().next() {
            bail!("{shown}:{}: {}", error.line, error.message);
        }
        let address = |rdata: &Rdata| match rdata {
            Rdata::A(ip) => Some((*ip).into()),
            Rdata::Aaaa(ip) => Some((*ip).into()),
            _ => None,
        };
        let found: Vec<_> =
            parsed.zone.records().iter().filter_map(|record| address(&record.rdata)).collect();
        if found.is_empty() {
            bail!("{shown} holds no A or AAAA record of a root server");
        }
        Ok(Roots::Own(found))
    }
}
