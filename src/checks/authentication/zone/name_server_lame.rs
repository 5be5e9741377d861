//! A name server of the domain's zone does not serve it.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "name-server-lame",
    area: Area::Authentication,
    title: "a name server of the domain's zone does not serve it",
    severity: Severity::Medium,
    why: "\
        Resolvers that pick this server lose time or give up, so receivers now and then cannot read SPF, \
        DKIM and DMARC: a fault that comes and goes.",
    fix: "Serve the zone there, or take the server out of the NS records at the zone and at the registrar.",
    references: &[Reference::Rfc { number: 1912, section: "2.8" }],
    needs: &[Topic::NameServers],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let found = facts.name_servers()?;
    let zone = crate::model::untrusted::plain(found.zone.as_str(), Width::Line);
    let (mut problems, mut gap) = (Vec::new(), None);
    for server in &found.servers {
        let how = match (&server.address, server.lameness(&found.zone)) {
            (Ok(None), _) => "it has no address".to_owned(),
            (_, Some(how)) => how,
            _ => {
                gap = gap.or(server.soa.as_ref().err().cloned());
                continue;
            }
        };
        let name = crate::model::untrusted::plain(server.name.as_str(), Width::Line);
        problems.push(
            Problem::at(Subject::Host(server.name.clone()), format!("the name server {name} does not serve {zone}: {how}"))
                .fix(format!(
                    "configure {zone} on {name}, or remove the record {zone}. NS {name}. from the zone and at the registrar"
                )),
        );
    }
    Verdict::so_far(problems, gap)
}
