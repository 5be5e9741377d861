//! The zone's name servers give different answers.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::zone::name_servers::{Compared, NameServers};
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Name, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "name-servers-disagree",
    area: Area::Authentication,
    title: "the domain's name servers give different answers",
    severity: Severity::Medium,
    why: "\
        Which record a receiver sees depends on the name server its resolver picks: SPF, DKIM or DMARC \
        passes here and fails there until every server has the same copy of the zone.",
    fix: "Have the zone transferred to every name server; where that has stopped, mend the transfer.",
    references: &[
        Reference::Rfc { number: 1034, section: "4.3.5" },
        Reference::Rfc { number: 1996, section: "" },
    ],
    needs: &[Topic::NameServers],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let found = facts.name_servers()?;
    let problems: Vec<Problem> =
        found.compared.iter().filter_map(|compared| problem(found, compared)).collect();
    Verdict::so_far(problems, found.compared.iter().find_map(Compared::gap).cloned())
}

fn problem(found: &NameServers, compared: &Compared) -> Option<Problem> {
    let contents = compared.contents();
    if contents.len() < 2 {
        return None;
    }
    let serial = |name: &Name| found.servers.iter().find(|server| server.name == *name)?.serial();
    let sides: Vec<String> = contents
        .iter()
        .take(3)
        .map(|(content, servers, _)| {
            let who: Vec<String> = servers
                .iter()
                .map(|name| match serial(name) {
                    Some(serial) => format!("{name} (serial {serial})"),
                    None => name.to_string(),
                })
                .collect();
            format!("{}: {}", crate::model::untrusted::plain(&who.join(", "), Width::Line), shown(content))
        })
        .collect();
    let ttl = contents.iter().map(|(.., ttl)| *ttl).max().unwrap_or_default();
    let name = crate::model::untrusted::plain(compared.name.as_str(), Width::Line);
    Some(
        Problem::at(
            Subject::Domain(compared.name.clone()),
            format!("{name} {} differs between name servers: {}", compared.rtype, sides.join("; ")),
        )
        .fix(format!(
            "bring all servers of {} to the newest serial, then wait {ttl} s (the record's TTL) for caches",
            found.zone
        )),
    )
}

/// The content for people.
fn shown(content: &[String]) -> String {
    match content {
        [] => "no record".to_owned(),
        some => crate::model::untrusted::plain(&some.join(" | "), Width::Line),
    }
}
