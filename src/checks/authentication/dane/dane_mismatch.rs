//! An MX host does not meet its own TLSA records.

use super::each;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::checks::authentication::transport::{host, quoted, shown, subject, unfinished};
use crate::facts::Facts;
use crate::facts::transport::dane::{Tlsa, record_for};
use crate::facts::transport::servers::{Server, Session, StartTls};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dane-mismatch",
    area: Area::Authentication,
    title: "an MX host does not meet its own TLSA records",
    severity: Severity::High,
    why: "\
        Senders that check DANE (most in Germany and the Netherlands, Microsoft, Postfix with dane) keep \
        the mail in their queue and bounce it after days.",
    fix: "\
        Publish a record for the certificate in use, and at renewal the new one a few days before the \
        change.",
    references: &[
        Reference::Rfc { number: 7672, section: "3.1" },
        Reference::Rfc { number: 7671, section: "8.1" },
    ],
    needs: &[Topic::Dane, Topic::Servers],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let domain = facts.domain()?;
    each(facts, "no MX host has usable TLSA records in a signed zone", |host, records| {
        // Senders that see no usable record check nothing (RFC 7672 section 2.2), and
        // ignore those that are not signed.
        let usable: Vec<&Tlsa> = records.iter().filter(|record| record.fault().is_none()).collect();
        if usable.is_empty() || !host.secure.clone()? {
            return Ok(None);
        }
        // A host counts as seen when one of its addresses was.
        let (mut seen, mut unseen) = (None, None);
        for server in facts.mx_servers()?.of_host(host.host.as_str())? {
            let names = [server.host.as_str(), domain.as_str()];
            let verdict = match &server.session {
                Err(why) => Err(why.clone()),
                Ok(session) => judge(server, session, &usable, names, facts.now()),
            };
            match verdict {
                Err(why) => unseen = unseen.or(Some(why)),
                Ok(found) => seen.get_or_insert_with(Vec::new).extend(found.map(|(summary, fix)| Problem {
                    proof: usable.first().map(|record| format!("{} TLSA {}", host.name, record.text())),
                    ..Problem::at(subject(server), summary).fix(fix)
                })),
            }
        }
        match (seen, unseen) {
            (None, Some(why)) => Err(why),
            (seen, _) => Ok(seen),
        }
    })
}

/// What fails and the fix; `None` where a record matches.
fn judge(
    server: &Server,
    session: &Session,
    usable: &[&Tlsa],
    names: [&str; 2],
    now: i64,
) -> Result<Option<(String, String)>, Gap> {
    let chain = match (session.starttls(), &session.chain) {
        (StartTls::NotOffered, _) => {
            let summary = format!("{} has TLSA records and offers no STARTTLS", shown(server));
            return Ok(Some((summary, format!("offer STARTTLS on {}, or remove the records", host(server)))));
        }
        (StartTls::Refused(reply), _) => {
            let summary =
                format!("{} has TLSA records and answers STARTTLS with {}", shown(server), quoted(&reply));
            return Ok(Some((
                summary,
                format!("repair STARTTLS on {}, or remove the records", host(server)),
            )));
        }
        (_, Some(chain)) => chain,
        (_, None) => return Err(unfinished(server, session)),
    };
    if usable.iter().any(|record| record.accepts(chain, names, now)) {
        return Ok(None);
    }
    let Some(own) = chain.own() else { return Err(unfinished(server, session)) };
    let count = usable.len();
    let summary = format!("none of {count} TLSA records fits the certificate that {} shows", shown(server));
    let name = format!("_25._tcp.{}", host(server));
    Ok(Some((summary, format!("add {name}. TLSA {}", record_for(own)))))
}
