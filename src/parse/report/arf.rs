//! Feedback reports (ARF, RFC 5965; authentication failures, RFC 6591).
//! Reads the `message/feedback-report` part; judges nothing.

use crate::parse::bounce::dsn::{Field, Fields, mailbox};

/// What a receiver says about one message of ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feedback {
    /// `abuse`, `fraud`, `virus`, `opt-out`, `not-spam`, `auth-failure`, `other`; lower case.
    pub kind: String,
    pub(crate) user_agent: Option<String>,
    /// `Version` of the format, `1` (RFC 5965 section 3.1).
    pub version: Option<String>,
    /// `Original-Mail-From`, the envelope sender of the message complained about.
    pub mail_from: Option<String>,
    /// `Original-Rcpt-To`, or whatever else names the complaining recipient.
    pub recipients: Vec<String>,
    pub(crate) arrival_date: Option<String>,
    /// `Source-IP`, the address the message came from.
    pub source_ip: Option<String>,
    pub(crate) reporting_mta: Option<String>,
    pub(crate) reported_domains: Vec<String>,
    pub(crate) reported_uris: Vec<String>,
    pub(crate) incidents: Option<u64>,
    /// `bodyhash`, `revoked`, `signature`, `spf`, `adsp`, `dmarc` (RFC 6591 section 3.3).
    pub auth_failure: Option<String>,
    pub(crate) delivery_result: Option<String>,
    /// `Original-Envelope-Id`: ENVID of the message complained about (RFC 3461 section 4.4).
    pub(crate) envelope_id: Option<String>,
}

/// Most values kept of a field that may repeat.
const MOST_VALUES: usize = 100;

/// True for the feedback types by which a recipient objects (RFC 5965 section 7.3 and what SES adds).
pub(crate) fn is_objection(kind: &str) -> bool {
    matches!(kind, "abuse" | "fraud" | "virus" | "other" | "complaint")
}

/// True for the types by which a recipient asks to be left out.
pub(crate) fn is_opt_out(kind: &str) -> bool {
    matches!(kind, "opt-out" | "opt-out-list")
}

impl Feedback {
    /// True where a recipient objects to the message. An authentication failure, an opt-out and a
    /// message taken out of the spam folder are no complaint.
    pub(crate) fn is_objection(&self) -> bool {
        is_objection(&self.kind)
    }

    /// Reads the body of the part. `None` without a `Feedback-Type`.
    pub fn read(text: &str) -> Option<Feedback> {
        let mut feedback = Feedback::default();
        for field in Fields::new(text) {
            let Field::Line(name, value) = field else { continue };
            let one = |value: &str| Some(value.trim().to_owned()).filter(|v| !v.is_empty());
            match name.as_str() {
                "feedback-type" => feedback.kind = value.trim().to_ascii_lowercase(),
                "user-agent" => feedback.user_agent = one(&value),
                "version" => feedback.version = one(&value),
                "original-mail-from" => feedback.mail_from = mailbox(&value),
                "original-rcpt-to" | "original-recipient" | "removal-recipient"
                    if feedback.recipients.len() < MOST_VALUES =>
                {
                    // "[redacted]" names nobody; what is no whole address is said, and stops nobody.
                    feedback.recipients.extend(mailbox(&value).filter(|address| address.contains('@')));
                }
                "arrival-date" | "received-date" => feedback.arrival_date = one(&value),
                // Some add the host's name as a comment: "192.0.2.1 (mail.example.org)".
                "source-ip" | "source" => {
                    feedback.source_ip =
                        one(value.split(['(', ' ', ';']).find(|part| !part.is_empty()).unwrap_or_default());
                }
                "reporting-mta" => feedback.reporting_mta = mailbox(&value),
                "reported-domain" if feedback.reported_domains.len() < MOST_VALUES => {
                    feedback.reported_domains.extend(one(&value));
                }
                "reported-uri" if feedback.reported_uris.len() < MOST_VALUES => {
                    feedback.reported_uris.extend(one(&value));
                }
                "incidents" => feedback.incidents = value.trim().parse().ok(),
                "auth-failure" => feedback.auth_failure = one(&value),
                "delivery-result" => feedback.delivery_result = one(&value),
                "original-envelope-id" => feedback.envelope_id = one(&value),
                _ => {}
            }
        }
        (!feedback.kind.is_empty()).then_some(feedback)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_fields() {
        let feedback = Feedback::read(
            "Feedback-Type: Abuse\nUser-Agent: Some/1\nVersion: 1\nOriginal-Rcpt-To: <a@example.net>\nOriginal-Rcpt-To: b@example.net\n\
             Source-IP: 192.0.2.1\nReported-Domain: example.com\nIncidents: 3\n",
        )
        .unwrap();
        assert_eq!((feedback.kind.as_str(), feedback.incidents), ("abuse", Some(3)));
        assert_eq!(feedback.recipients, ["a@example.net", "b@example.net"]);
        assert_eq!(Feedback::read("User-Agent: x\n"), None);
    }

    #[test]
    fn a_recipient_is_one_whole_address_and_a_redacted_one_nobody() {
        let named = |value: &str| {
            Feedback::read(&format!("Feedback-Type: abuse\nOriginal-Rcpt-To: {value}\n")).unwrap().recipients
        };
        for whole in ["a;b@example.com", "a@example.net, b@example.com", "\"a;b\"@example.com"] {
            assert_eq!(named(whole), [whole]);
        }
        for redacted in ["[redacted]", "<redacted>", "", "rfc822;"] {
            assert!(named(redacted).is_empty(), "{redacted}");
        }
    }
}
