//! Complaints whose recipient the receiver took out: the logs name whom their message went to. Counts only
//! where that is one address; of several, each may be the one who complains.

use std::collections::{BTreeMap, BTreeSet};

use super::signal::{Signal, address_of};
use crate::parse::log::event::{Event, Kind};
use crate::triage::bounce::BounceVerdict;

/// Complaints kept until the logs are read.
const MOST_COMPLAINTS: usize = 100_000;
/// Queue ids followed.
const MOST_IDS: usize = 1_000_000;

/// What nameless complaints say of their messages, and what the logs say of these.
#[derive(Debug, Default)]
pub struct Nameless {
    complaints: Vec<(BTreeSet<String>, Signal)>,
    /// Addresses by what a complaint says of its message: Message-ID or envelope id. Two are as good as many.
    went_to: BTreeMap<String, BTreeSet<String>>,
    /// The Message-ID by machine and queue id.
    by_id: BTreeMap<(Vec<u8>, Vec<u8>), String>,
}

impl Nameless {
    /// True where the logs have nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.complaints.is_empty()
    }

    /// Keeps a complaint that names nobody and says which message it is about; hands back all others.
    pub fn keep(&mut self, notice: &BounceVerdict, signal: Signal) -> Option<Signal> {
        let plain = |id: &String| id.trim().trim_matches(['<', '>']).to_owned();
        let about: BTreeSet<String> = notice
            .original
            .message_id
            .iter()
            .chain(&notice.envelope_id)
            .map(plain)
            .filter(|id| !id.is_empty())
            .collect();
        if !signal.address.is_empty() || about.is_empty() || self.complaints.len() >= MOST_COMPLAINTS {
            return Some(signal);
        }
        self.went_to.extend(about.iter().map(|id| (id.clone(), BTreeSet::new())));
        self.complaints.push((about, signal));
        None
    }

    /// Follows one event of the logs.
    pub fn follow(&mut self, event: &Event<'_>) {
        let known = |id: &[u8]| {
            let id = std::str::from_utf8(id).ok().filter(|id| !id.is_empty())?;
            self.went_to.contains_key(id).then(|| id.to_owned())
        };
        let place = || (event.log_host.to_vec(), event.id.to_vec());
        let stated = known(event.message_id);
        if let Some(message) = &stated
            && !event.id.is_empty()
            && self.by_id.len() < MOST_IDS
        {
            self.by_id.insert(place(), message.clone());
        }
        let told = matches!(
            event.kind,
            Kind::Addressed | Kind::Delivered | Kind::Filed | Kind::Deferred | Kind::Bounced | Kind::Expired
        );
        let address = address_of(event);
        if !told || !address.contains(&b'@') {
            return;
        }
        let message = stated.or_else(|| known(event.id)).or_else(|| self.by_id.get(&place()).cloned());
        if let Some(went_to) = message.and_then(|message| self.went_to.get_mut(&message))
            && went_to.len() < 2
        {
            went_to.insert(String::from_utf8_lossy(address).to_lowercase());
        }
    }

    /// The complaints, each with the address that its message went to, where that is one.
    pub fn finish(self) -> Vec<Signal> {
        let Nameless { complaints, went_to, .. } = self;
        let named = |(about, mut signal): (BTreeSet<String>, Signal)| {
            let all: BTreeSet<&String> = about.iter().filter_map(|id| went_to.get(id)).flatten().collect();
            if let (1, Some(address)) = (all.len(), all.first()) {
                signal.address = (*address).clone();
                signal.words = format!(
                    "the complaint names nobody; by the logs its message {} went to this address alone",
                    about.iter().next().map_or("", String::as_str)
                );
            }
            signal
        };
        complaints.into_iter().map(named).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::signal::Sign;
    use super::*;
    use crate::model::Location;
    use crate::triage::bounce::judge;

    fn event(kind: Kind, message_id: &'static str, recipient: &'static str) -> Event<'static> {
        Event {
            kind,
            id: b"4ABC",
            message_id: message_id.as_bytes(),
            recipient: recipient.as_bytes(),
            ..Event::default()
        }
    }

    fn named(report: &str, events: &[Event<'_>]) -> Vec<String> {
        let raw = format!(
            "From: fbl@example.net\r\nTo: abuse@example.com\r\nSubject: complaint\r\nMIME-Version: 1.0\r\nContent-Type: \
             multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\nContent-Type: \
             message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nOriginal-Rcpt-To: [redacted]\r\n{report}--b\r\n\
             Content-Type: message/rfc822\r\n\r\nMessage-ID: <m1@example.com>\r\nTo: undisclosed-recipients:;\r\n\r\n\
             x\r\n--b--\r\n"
        );
        let notice = judge(raw.as_bytes()).unwrap();
        let mut nameless = Nameless::default();
        let place = Location { file: "a.eml".to_owned(), line: 1 };
        let left: Vec<Signal> = Signal::of_notice(&notice, None, &place)
            .into_iter()
            .filter_map(|signal| nameless.keep(&notice, signal))
            .collect();
        events.iter().for_each(|event| nameless.follow(event));
        let all: Vec<Signal> = left.into_iter().chain(nameless.finish()).collect();
        assert!(all.iter().all(|signal| signal.sign == Sign::Complaint));
        all.into_iter().map(|signal| signal.address).collect()
    }

    #[test]
    fn the_logs_name_whom_a_message_went_to() {
        let identified = event(Kind::Identified, "m1@example.com", "");
        let delivered = event(Kind::Delivered, "", "A@example.net");
        assert_eq!(named("", &[identified, delivered, delivered]), ["a@example.net"]);
        assert_eq!(
            named("", &[event(Kind::Delivered, "m1@example.com", "a@example.net")]),
            ["a@example.net"]
        );
        // Several, nobody, another message: whoever complains stays unnamed.
        let other = event(Kind::Delivered, "", "b@example.net");
        assert_eq!(named("", &[identified, delivered, other]), [""]);
        assert_eq!(named("", &[identified]), [""]);
        assert_eq!(named("", &[event(Kind::Identified, "m2@example.com", ""), delivered]), [""]);
        assert_eq!(named("", &[]), [""]);
    }

    #[test]
    fn an_envelope_id_names_the_message_too() {
        let delivered = event(Kind::Delivered, "", "a@example.net");
        assert_eq!(named("Original-Envelope-Id: 4ABC\r\n", &[delivered]), ["a@example.net"]);
        assert_eq!(named("Original-Envelope-Id: 4ABD\r\n", &[delivered]), [""]);
    }
}
