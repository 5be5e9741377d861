//! `mailvet/mx/1`: the hosts that take a domain's mail.

use serde::Serialize;

use super::problem::{ProblemV1, problems};
use super::server::{self, ServerV1};
use super::v1;
use crate::model::Subject;
use crate::render::mx::MxView;

#[derive(Serialize)]
pub(crate) struct MxV1 {
    schema: &'static str,
    domain: String,
    /// `MX 0 .` alone: the domain takes no mail (RFC 7505).
    null_mx: Option<bool>,
    hosts: Vec<HostV1>,
    /// The domain's own addresses, where it has no MX record.
    implicit: Option<Vec<String>>,
    /// Findings about the domain as a whole.
    problems: Vec<ProblemV1>,
    results: Vec<v1::ResultV1>,
    /// Why the MX records are not known.
    gap: Option<String>,
}

#[derive(Serialize)]
struct HostV1 {
    name: String,
    preference: u16,
    addresses: Vec<String>,
    /// Why its addresses are not known.
    gap: Option<String>,
    problems: Vec<ProblemV1>,
    /// What it said, with `--probe`.
    servers: Vec<ServerV1>,
}

pub(crate) fn mx(view: &MxView) -> MxV1 {
    let mx = view.mx.as_ref().ok();
    let names: Vec<&crate::model::Name> = mx.iter().flat_map(|mx| mx.hosts.iter().map(|h| &h.name)).collect();
    let host_of = |subject: &Subject| match subject {
        Subject::Host(name) => Some(name.clone()),
        _ => None,
    };
    let hosts = mx.iter().flat_map(|mx| mx.hosts.iter()).map(|host| HostV1 {
        name: host.name.to_string(),
        preference: host.preference,
        addresses: host.addresses.iter().flatten().map(ToString::to_string).collect(),
        gap: host.addresses.as_ref().err().map(ToString::to_string),
        problems: problems(view.results, |f| host_of(&f.problem.subject).as_ref() == Some(&host.name)),
        servers: view
            .servers
            .iter()
            .filter(|server| server.host == host.name.as_str())
            .map(|one| server::server(one, view.now))
            .collect(),
    });
    MxV1 {
        schema: "mailvet/mx/1",
        domain: view.domain.to_string(),
        null_mx: mx.map(|mx| mx.is_null()),
        hosts: hosts.collect(),
        implicit: mx
            .and_then(|mx| mx.implicit.as_ref())
            .map(|addresses| addresses.iter().flatten().map(ToString::to_string).collect()),
        problems: problems(view.results, |finding| {
            host_of(&finding.problem.subject).is_none_or(|name| !names.contains(&&name))
        }),
        results: view.results.iter().map(v1::result).collect(),
        gap: view.mx.as_ref().err().map(ToString::to_string),
    }
}
