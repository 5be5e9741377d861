//! Receivers refuse before the first command.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::traffic::ReplyCount;
use crate::model::untrusted::Width;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "greeting-refused",
    area: Area::Throttling,
    title: "receivers refuse before the first command",
    severity: Severity::Medium,
    why: "\
        A refusal in the greeting is aimed at the sending address, whatever the message: a blocklist, a \
        reputation system or a connection limit. Postfix goes on trying for days.",
    fix: "Read the reply: it names the list or system. Have the address removed there and mend what put it on.",
    references: &[
        Reference::Rfc { number: 5321, section: "3.1" },
        Reference::Rfc { number: 7504, section: "3" },
    ],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let traffic = facts.traffic()?;
    if traffic.totals.attempts() == 0 {
        return Err(Gap::undecidable("the log shows no delivery attempt"));
    }
    let problems = traffic.by_provider.iter().filter(|(_, provider)| provider.errors.banner_refused > 0).map(
        |(name, provider)| {
            let shown = crate::model::untrusted::plain(name, Width::Name);
            let count = provider.errors.banner_refused;
            let attempts = provider.totals.attempts();
            let summary = format!("{shown} refused {count} of {attempts} attempts in its greeting");
            let problem = Problem::at(Subject::Receiver(name.clone()), summary).confidence(Confidence::Firm);
            match traffic.replies.iter().find(|reply| reply.provider == *name && is_greeting(reply)) {
                Some(reply) => problem.proof(reply.text.plain(Width::Record)).located(reply.example.clone()),
                None => problem,
            }
        },
    );
    Ok(Verdict::from_problems(problems.collect()))
}

fn is_greeting(reply: &ReplyCount) -> bool {
    reply.text.raw().contains("refused to talk to me")
}
