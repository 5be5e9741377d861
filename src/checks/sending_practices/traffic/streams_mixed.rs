//! Mailings and mail that somebody waits for leave by the same way.

use super::not_followed::not_followed;
use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::model::traffic::AccountTraffic;
use crate::model::untrusted::Width;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "streams-mixed",
    area: Area::SendingPractices,
    title: "mailings leave by the same server as mail that somebody waits for",
    severity: Severity::Low,
    why: "\
        Receivers judge the address that mail comes from. What a mailing costs in reputation, and the queue that \
        the mailing fills, is borne by the orders and passwords that leave by the same address.",
    fix: "Send mailings from an address and a subdomain of their own, or hold their rate so that other mail passes.",
    references: &[pages::GOOGLE_SENDERS, pages::M3AAWG_PRACTICES],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

/// Recipients within an hour that make a mailing.
const MAILING: u64 = 500;
/// Share of all its recipients that a mailing reaches in that hour.
const AT_ONCE: f64 = 0.2;
/// Hours with mail from which an address sends steadily.
const STEADY: u64 = 24;
/// Recipients in its busiest hour up to which an address sends no mailings.
const FEW: u64 = 100;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let traffic = facts.traffic()?;
    if traffic.totals.attempts() == 0 {
        return Err(Gap::undecidable("the log shows no delivery attempt"));
    }
    if traffic.sources.len() > 1 {
        return Ok(Verdict::NotApplicable("the log names several own addresses that mail leaves from"));
    }
    let accounts = &traffic.accounts;
    let steady = accounts.iter().find(|account| account.hours >= STEADY && account.busiest.recipients <= FEW);
    let mailings = accounts.iter().filter(|account| is_mailing(account));
    let problems = match steady {
        Some(steady) => mailings.map(|mailing| problem(mailing, steady)).collect(),
        None => Vec::new(),
    };
    let mut untold: Vec<String> = not_followed(traffic).into_iter().collect();
    // Among addresses not listed may be a mailing, or the steady sender beside one.
    let alone = steady.is_none() && accounts.iter().any(is_mailing);
    if let Some(cut) = traffic.accounts_cut.filter(|cut| cut.busiest >= MAILING || alone) {
        untold.push(format!("{} more sender addresses are not listed", cut.addresses));
    }
    Verdict::so_far(problems, (!untold.is_empty()).then(|| Gap::undecidable(untold.join("; "))))
}

fn is_mailing(account: &AccountTraffic) -> bool {
    let busiest = account.busiest.recipients;
    busiest >= MAILING && busiest as f64 >= AT_ONCE * account.recipients as f64
}

fn problem(mailing: &AccountTraffic, steady: &AccountTraffic) -> Problem {
    let busiest = mailing.busiest;
    Problem::at(
        Subject::Address(mailing.address.raw().to_owned()),
        format!(
            "{} wrote to {} recipients in the hour from {}, in the log of the server by which {} sends in {} hours",
            mailing.address.plain(Width::Name),
            busiest.recipients,
            busiest.at,
            steady.address.plain(Width::Name),
            steady.hours
        ),
    )
    // The log does not name the address that each left from.
    .confidence(Confidence::Tentative)
}
