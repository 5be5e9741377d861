//! One sender's address suddenly writes to many, and many of them do not exist.

use super::not_followed::not_followed;
use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::traffic::accounts::{self, is_bad};
use crate::model::traffic::{AccountTraffic, TrafficSummary};
use crate::model::untrusted::Width;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "account-compromised",
    area: Area::SendingPractices,
    title: "one sender's address suddenly writes to many who refuse",
    severity: Severity::High,
    why: "\
        Whoever steals the password of one account sends through it until the server's address is on \
        blocklists, and all mail of the house is refused. Such mail goes to lists of which much is dead.",
    fix: "Look at what the address sent in that hour; where its owner did not, stop it, change the password, clear the queue.",
    references: &[pages::M3AAWG_PRACTICES, pages::GOOGLE_SENDERS],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

/// How many times the address's usual hour.
const TIMES: u64 = 5;
/// How many times its usual share of refused ones.
const TIMES_REFUSED: f64 = 3.0;
/// Other hours with mail that are needed to know what is usual.
const HOURS: u64 = 24;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let traffic = facts.traffic()?;
    if traffic.totals.attempts() == 0 {
        return Err(Gap::undecidable("the log shows no delivery attempt"));
    }
    let problems = traffic.accounts.iter().filter(|account| is_sudden(account)).map(problem).collect();
    Verdict::so_far(problems, untold(traffic))
}

/// What keeps the rest from being judged.
fn untold(traffic: &TrafficSummary) -> Option<Gap> {
    let mut why = Vec::new();
    for account in traffic.accounts.iter().filter(|account| is_unusual_unknown(account)).take(3) {
        let (address, worst) = (account.address.plain(Width::Name), account.worst);
        why.push(format!(
            "{address} wrote to {} recipients in the hour from {}, of whom {} were refused for good, and has only \
             {} other hours with mail, too few to tell what is usual for it",
            worst.recipients, worst.at, worst.refused, account.elsewhere_hours
        ));
    }
    why.extend(not_followed(traffic));
    if let Some(cut) = traffic.accounts_cut.filter(|cut| cut.refused >= accounts::REFUSED) {
        why.push(format!("{} more sender addresses are not listed", cut.addresses));
    }
    (!why.is_empty()).then(|| Gap::undecidable(why.join("; ")))
}

fn is_unusual_unknown(account: &AccountTraffic) -> bool {
    account.elsewhere_hours < HOURS && is_bad(account.worst.recipients, account.worst.refused)
}

fn is_sudden(account: &AccountTraffic) -> bool {
    let share = |(recipients, refused): (u64, u64)| refused as f64 / recipients.max(1) as f64;
    let worst = account.worst;
    let refused = share((worst.recipients, worst.refused));
    account.elsewhere_hours >= HOURS
        && is_bad(worst.recipients, worst.refused)
        && worst.recipients >= TIMES.saturating_mul(account.usual.max(1))
        && refused >= TIMES_REFUSED * share(account.elsewhere)
}

fn problem(account: &AccountTraffic) -> Problem {
    let address = account.address.plain(Width::Name);
    let worst = account.worst;
    let (recipients, refused) = account.elsewhere;
    Problem::at(
        Subject::Address(account.address.raw().to_owned()),
        format!(
            "{address} wrote to {} recipients in the hour from {}, of whom {} were refused for good; {} an hour are \
             usual for the address, and {refused} of {recipients} were refused at other times",
            worst.recipients, worst.at, worst.refused, account.usual
        ),
    )
    // A mailing to an old list looks the same.
    .confidence(Confidence::Tentative)
}
