//! Which programmes that pass complaints on matter to a log, and what complaints were seen of each.

use crate::data::feedback_loops::{self, Programme, Reports};
use crate::model::ReportSummary;
use crate::model::traffic::TrafficSummary;

/// Deliveries below which a programme is not worth its enrolment.
const LEAST: u64 = 100;

/// One programme, over a log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Loop {
    pub programme: &'static Programme,
    /// Deliveries to the receivers that it covers.
    pub delivered: u64,
    /// Complaints of recipients there who object; `None` where no feedback report was given, or where the programme sends none.
    pub complaints: Option<u64>,
}

/// Those of the receivers in the log, the most deliveries first.
pub(crate) fn ranked(traffic: &TrafficSummary, reports: Option<&ReportSummary>) -> Vec<Loop> {
    let mut all: Vec<Loop> = feedback_loops::all()
        .iter()
        .map(|programme| {
            let delivered = programme
                .receivers
                .iter()
                .filter_map(|receiver| traffic.by_provider.get(receiver))
                .map(|of| of.totals.delivered)
                .sum();
            let objections = |reports: &ReportSummary| {
                let of = |receiver: &String| reports.objections_by_receiver.get(receiver);
                programme.receivers.iter().filter_map(of).sum()
            };
            let complaints = reports
                .filter(|reports| reports.complaints > 0 && programme.reports == Reports::Arf)
                .map(objections);
            Loop { programme, delivered, complaints }
        })
        .filter(|of| of.delivered >= LEAST)
        .collect();
    all.sort_by(|a, b| b.delivered.cmp(&a.delivered).then_with(|| a.programme.name.cmp(&b.programme.name)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::traffic::{ProviderTraffic, Totals};

    #[test]
    fn the_largest_receiver_comes_first_and_unknown_is_not_none() {
        let of = |delivered| ProviderTraffic {
            totals: Totals { delivered, ..Totals::default() },
            ..ProviderTraffic::default()
        };
        let traffic = TrafficSummary {
            by_provider: [("yahoo.com", 500), ("outlook.com", 9000), ("gmail.com", 700), ("mail.ru", 3)]
                .map(|(name, delivered)| (name.to_owned(), of(delivered)))
                .into(),
            ..TrafficSummary::default()
        };
        let shown = |reports: Option<&ReportSummary>| -> Vec<(u64, Option<u64>)> {
            ranked(&traffic, reports).iter().map(|of| (of.delivered, of.complaints)).collect()
        };
        assert_eq!(shown(None), [(9000, None), (700, None), (500, None)]);
        // Reports of another kind say nothing of complaints.
        assert_eq!(shown(Some(&ReportSummary::default())), shown(None));
        let reports = ReportSummary {
            complaints: 4,
            objections_by_receiver: [("outlook.com".to_owned(), 4)].into(),
            ..ReportSummary::default()
        };
        // Gmail's programme shows figures on a page and sends no reports.
        assert_eq!(shown(Some(&reports)), [(9000, Some(4)), (700, None), (500, Some(0))]);
    }
}
