//! Kinds told apart, and the order of sources for codes and causes.

use super::*;

fn judged(raw: &str) -> BounceVerdict {
    judge(raw.as_bytes()).unwrap()
}

const DSN: &str = "From: MAILER-DAEMON@example.com\nSubject: Undelivered Mail Returned to Sender\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\n\n\
--x\nContent-Type: text/plain\n\nSorry.\n\n<a@example.net>: host mx.example.net[192.0.2.1] said: 550 5.1.1 no such user (in reply to RCPT TO command)\n\n\
--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; a@example.net\nAction: ACTION\nStatus: 5.1.1\nRemote-MTA: dns; mx.example.net\n\
Diagnostic-Code: smtp; 550 5.1.1 no such user\n\n--x\nContent-Type: message/rfc822\n\nMessage-ID: <1@example.com>\nFrom: me@example.com\nSubject: hello\n\nbody\n--x--\n";

#[test]
fn a_report_is_read_by_its_fields() {
    let v = judged(&DSN.replace("ACTION", "failed"));
    assert_eq!(v.kind, Kind::Bounce);
    let [r] = v.recipients.as_slice() else { panic!("{:?}", v.recipients) };
    assert_eq!((r.address.as_str(), r.cause, r.permanent), ("a@example.net", Cause::UnknownUser, Some(true)));
    assert_eq!(
        (r.reply_code, r.enhanced_code, r.remote_mta.as_deref()),
        (Some(550), EnhancedCode::parse("5.1.1"), Some("mx.example.net"))
    );
    assert_eq!(v.original.message_id.as_deref(), Some("1@example.com"));
    assert_eq!(judged(&DSN.replace("ACTION", "delayed").replace("5.1.1", "4.4.1")).kind, Kind::Delay);
    assert_eq!(judged(&DSN.replace("ACTION", "delivered")).kind, Kind::Delivered);
}

#[test]
fn automatic_replies_are_no_bounces() {
    let v = judged(
        "From: a@example.net\nSubject: Out of Office: hello\nAuto-Submitted: auto-replied\n\nI am away until Monday. If you need help, contact b@example.net.\n",
    );
    assert_eq!((v.kind, v.recipients[0].cause), (Kind::AutoReply, Cause::AutoReply));
    let v = judged("From: a@example.net\nSubject: Lunch\nTo: b@example.com\n\nShall we go?\n");
    assert_eq!((v.kind, v.recipients.len()), (Kind::None, 0));
}

#[test]
fn a_warning_is_a_delay() {
    let v = judged(
        "From: Mail Delivery Subsystem <MAILER-DAEMON@example.com>\nSubject: Warning: message 1x delayed 24 hours\n\n\
        A message that you sent has not yet been delivered.\n\n  a@example.net\n    Delay reason: Connection timed out\n\nDelivery attempts will continue.\n",
    );
    assert_eq!(v.kind, Kind::Delay);
    assert_eq!((v.recipients[0].cause, v.recipients[0].permanent), (Cause::NetworkFailure, Some(false)));
}

#[test]
fn a_feedback_report_is_a_complaint() {
    let v = judged(
        "Content-Type: multipart/report; report-type=feedback-report; boundary=x\n\n--x\nContent-Type: message/feedback-report\n\n\
        Feedback-Type: abuse\nOriginal-Rcpt-To: a@example.net\n\n--x\nContent-Type: message/rfc822\n\nMessage-ID: <2@example.com>\n\n\n--x--\n",
    );
    assert_eq!((v.kind, v.feedback_type.as_deref()), (Kind::Complaint, Some("abuse")));
    assert_eq!(
        (v.recipients[0].address.as_str(), v.recipients[0].cause),
        ("a@example.net", Cause::Complaint)
    );
    assert_eq!(v.original.message_id.as_deref(), Some("2@example.com"));
}

proptest::proptest! {
    #[test]
    fn never_panics(raw in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
        judge(&raw);
    }
}
