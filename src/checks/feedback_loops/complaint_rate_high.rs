//! Too many recipients complain.

use crate::check::rate::Marks;
use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::model::traffic::TrafficSummary;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic, share};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "complaint-rate-high",
    area: Area::FeedbackLoops,
    title: "too many recipients complain",
    severity: Severity::Critical,
    why: "\
        Gmail and Yahoo want fewer than one complaint in a thousand messages and refuse senders above \
        three in a thousand until a week has passed below it.",
    fix: "Stop mailing who did not ask for it, make unsubscribing one click, and take complainers off at once.",
    references: &[pages::GOOGLE_SENDERS, pages::YAHOO_SENDERS],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

const MARKS: Marks = Marks {
    // Complaints per delivered message that Gmail and Yahoo ask to stay under.
    minded: 0.001,
    severity: Severity::High,
    // From which they refuse.
    severe: 0.003,
    severe_as: Severity::Critical,
};
/// Deliveries below which one complaint would already be a rate.
const SAMPLE: u64 = 1000;
/// Dialects that carry complaints; elsewhere their absence shows nothing.
const CARRIERS: [&str; 2] = ["amazon-ses", "sendgrid"];

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let traffic = facts.traffic()?;
    // Complaints come by feedback loop to a mailbox, and stand in no log: --reports brings them.
    let (reported, rejected) = facts.reports().map_or((0, 0), |of| (of.objections, of.rejected));
    let lost =
        (rejected > 0).then(|| Gap::undecidable(format!("{rejected} of the reports could not be read")));
    let complaints = traffic.complaints.saturating_add(reported);
    if complaints == 0 && !traffic.dialects.iter().any(|d| CARRIERS.contains(&d.as_str())) {
        return Err(lost.unwrap_or_else(|| {
            Gap::undecidable(
                "logs of this kind carry no complaints; they come by feedback loop (--reports PATH)",
            )
        }));
    }
    let delivered = traffic.totals.delivered;
    if delivered < SAMPLE && complaints < 3 {
        return lost.map_or(
            Ok(Verdict::NotApplicable(
                "the log has fewer than 1000 deliveries, too few for a complaint rate",
            )),
            Err,
        );
    }
    let (mut problems, theirs) = by_receiver(facts, traffic);
    // One number for all says nothing more where every complaint is told with its receiver.
    if theirs < complaints {
        match overall(complaints, reported, delivered) {
            Verdict::Fail(all) => problems.splice(..0, all).for_each(drop),
            Verdict::Pass => {}
            other => return lost.map_or(Ok(other), Err),
        }
    }
    Verdict::so_far(problems, lost)
}

fn overall(complaints: u64, reported: u64, delivered: u64) -> Verdict {
    let rate = complaints as f64 / delivered.max(1) as f64;
    MARKS.judge(rate, || {
        let from = match reported {
            0 => String::new(),
            _ => format!(" ({reported} of them by feedback reports)"),
        };
        let range = range(complaints, delivered);
        format!("{complaints} complaints{from} on {delivered} deliveries, {:.2} %{range}", rate * 100.0)
    })
}

/// Receivers whose own recipients complain too often, whatever the others do, and their complaints.
fn by_receiver(facts: &Facts, traffic: &TrafficSummary) -> (Vec<Problem>, u64) {
    let Ok(reports) = facts.reports() else { return (Vec::new(), 0) };
    let mut theirs = 0_u64;
    let objections = reports.objections_by_receiver.iter();
    let problems = objections
        .filter_map(|(receiver, complaints)| {
            let delivered = traffic.by_provider.get(receiver)?.totals.delivered;
            let rate = *complaints as f64 / delivered.max(1) as f64;
            if delivered < SAMPLE || rate <= MARKS.minded {
                return None;
            }
            let shown = plain(receiver, Width::Name);
            let range = range(*complaints, delivered);
            let summary = format!(
                "{complaints} complaints from {shown} on {delivered} deliveries there, {:.2} %{range}",
                rate * 100.0
            );
            let severity = if rate > MARKS.severe { MARKS.severe_as } else { MARKS.severity };
            // Where chance may explain it, that is said.
            let sure = share::interval(*complaints, delivered).is_some_and(|(low, _)| low > MARKS.minded);
            let confidence = if sure { Confidence::Firm } else { Confidence::Tentative };
            theirs = theirs.saturating_add(*complaints);
            Some(
                Problem::at(Subject::Receiver(receiver.clone()), summary)
                    .severity(severity)
                    .confidence(confidence),
            )
        })
        .collect();
    (problems, theirs)
}

/// ` (95 % interval 0.11 to 0.37)`.
fn range(complaints: u64, delivered: u64) -> String {
    share::interval(complaints, delivered).map_or(String::new(), |(low, high)| {
        format!(" (95 % interval {:.2} to {:.2})", low * 100.0, high * 100.0)
    })
}
