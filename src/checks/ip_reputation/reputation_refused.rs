//! Reputation systems that show nothing in the DNS, by what receivers reply.

use std::collections::BTreeMap;

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::traffic::{Ending, ReplyCount};
use crate::model::untrusted::Width;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;
use crate::triage::reply::{self, ReplyVerdict};

pub(super) static CHECK: Check = Check {
    code: "reputation-refused",
    area: Area::IpReputation,
    title: "receivers refuse or delay mail for the address's reputation",
    severity: Severity::High,
    why: "\
        Cloudmark CSI, Proofpoint, Talos, Microsoft SNDS, Google, GMX or T-Online keep reputations that \
        no DNS question shows. Their replies in the log do: what they delay today they refuse tomorrow.",
    fix: "Stop what earned the reputation, send less until the replies end, then use the page the finding \
          names.",
    references: &[Reference::Rfc { number: 6471, section: "1.1" }, pages::CLOUDMARK_RESET],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let traffic = facts.traffic()?;
    // One problem a receiver and page: a thousand replies are one reputation.
    let mut found: BTreeMap<(String, String), (u64, &ReplyCount, ReplyVerdict)> = BTreeMap::new();
    for counted in &traffic.replies {
        let host = Some(counted.host.as_str()).filter(|host| !host.is_empty());
        let verdict = reply::classify(counted.text.raw(), host);
        if verdict.area != Area::IpReputation {
            continue;
        }
        let key = (counted.provider.clone(), verdict.page.clone().unwrap_or_default());
        let entry = found.entry(key).or_insert((0, counted, verdict));
        entry.0 += counted.count;
    }
    let problems = found.into_iter().map(|((provider, _), (count, counted, verdict))| {
        let done = match counted.ending {
            Ending::Deferred => "delayed",
            Ending::Delivered => "remarked on",
            Ending::Bounced | Ending::Expired | Ending::Rejected => "refused",
        };
        let times = if count == 1 { "once".to_owned() } else { format!("{count} times") };
        let text = counted.text.plain(Width::Record);
        let provider = crate::model::untrusted::plain(&provider, Width::Name);
        let summary = format!("{provider} {done} mail for the sender's reputation, {times}");
        // What is delayed may still arrive; what is refused does not.
        let severity = if counted.ending == Ending::Deferred { Severity::Medium } else { Severity::High };
        let mut fix = verdict.action.join("; ");
        if let Some(page) = &verdict.page {
            fix.push_str(&format!(" (see {page})"));
        }
        Problem::at(Subject::Receiver(provider), summary)
            .proof(text)
            .fix(fix)
            .severity(severity)
            .confidence(Confidence::Firm)
            .located(counted.example.clone())
    });
    Ok(Verdict::from_problems(problems.collect()))
}
