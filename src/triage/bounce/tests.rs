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
}

/// Passed on is not delivered, and a code of failure denies a success (RFC 3464 section 2.3.3).
#[test]
fn a_success_is_what_its_fields_agree_on() {
    let of = |action: &str, code: &str, reply: &str| {
        let text =
            DSN.replace("dns; mx.example.net", "dns; relay.example.org").replace("ACTION", action).replace(
                "550 5.1.1 no such user\n\n--x\nContent-Type: message/rfc",
                &format!("{reply}\n\n--x\nContent-Type: message/rfc"),
            );
        let verdict = judged(&text.replace("Status: 5.1.1", &format!("Status: {code}")));
        (verdict.kind, verdict.recipients[0].cause, verdict.recipients[0].permanent)
    };
    let taken = "250 2.0.0 Ok";
    assert_eq!(of("delivered", "2.0.0", taken), (Kind::Delivered, Cause::Delivered, None));
    for action in ["relayed", "expanded"] {
        assert_eq!(of(action, "2.0.0", taken), (Kind::Relayed, Cause::AcceptedByRelay, None), "{action}");
    }
    // As of the same hop in a log: the server is one of the recipient's domain.
    let own = judged(
        &DSN.replace("ACTION", "relayed").replace("5.1.1", "2.0.0").replace("550 2.0.0 no such user", taken),
    );
    assert_eq!(own.recipients[0].cause, Cause::Delivered);
    for action in ["delivered", "relayed"] {
        for (code, reply) in [("5.1.1", taken), ("2.0.0", "550 5.1.1 no such user")] {
            assert_eq!(of(action, code, reply).1, Cause::Undetermined, "{action} {code} {reply}");
        }
    }
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

/// Whatever the code is called: nobody waits for what was given up.
#[test]
fn steps_of_a_failure_do_not_wait() {
    for words in [
        "421 4.3.2 Temporary server error. Please try again later",
        "450 4.2.0 <a@example.net>: Recipient address rejected: Greylisted, see http://postgrey.example.net",
        "451 4.7.1 try again later",
        "452 4.3.1 Insufficient system storage",
        "421 4.4.2 Connection dropped",
    ] {
        let failed = judged(
            &DSN.replace("ACTION", "failed")
                .replace("550 5.1.1 no such user", words)
                .replace("5.1.1", "4.0.0"),
        );
        let verdict = failed.recipients[0].verdict.as_deref().unwrap();
        assert_eq!((failed.kind, verdict.permanent), (Kind::Bounce, Some(true)), "{words}");
        assert!(
            !verdict.action.iter().any(|step| crate::triage::reply::is_waiting(step)),
            "{:?}",
            verdict.action
        );
        assert!(verdict.action.last().unwrap().starts_with("send the message again"), "{:?}", verdict.action);
        let delayed = judged(
            &DSN.replace("ACTION", "delayed")
                .replace("550 5.1.1 no such user", words)
                .replace("5.1.1", "4.0.0"),
        );
        let verdict = delayed.recipients[0].verdict.as_deref().unwrap();
        assert!(
            !verdict.action.iter().any(|step| step.starts_with("send the message again")),
            "{:?}",
            verdict.action
        );
    }
}

fn plain(subject: &str, from: &str, body: &str) -> super::BounceVerdict {
    let raw = format!("From: {from}\nTo: a@example.com\nSubject: {subject}\nPrecedence: bulk\n\n{body}");
    super::judge(raw.as_bytes()).unwrap()
}

#[test]
fn a_list_or_a_mailbox_that_holds_a_message_answers_by_itself() {
    let list = plain(
        "Your message to Dev awaits moderator approval",
        "dev-owner@lists.example.net",
        "Your mail to 'Dev' is being held until the list moderator can review it for approval.\n",
    );
    assert_eq!((list.kind, list.recipients[0].cause), (Kind::AutoReply, Cause::PolicyRejected));
    let asked = plain(
        "Your email requires verification verify#Ab12",
        "b@example.net",
        "The message you sent requires that you verify that you are a real live human being.\n",
    );
    assert_eq!((asked.kind, asked.recipients[0].cause), (Kind::AutoReply, Cause::RecipientFiltered));
    let person =
        plain("Re: Your message to Dev awaits moderator approval", "b@example.net", "I let it through.\n");
    assert_eq!(person.kind, Kind::None);
}

#[test]
fn who_takes_a_message_out_of_the_spam_folder_complains_of_nothing() {
    let report = |kind: &str| {
        let raw = format!(
            "From: fbl@example.net\nSubject: FW: x\nMIME-Version: 1.0\nContent-Type: multipart/report; \
             report-type=feedback-report; boundary=x\n\n--x\nContent-Type: text/plain\n\nA report.\n--x\n\
             Content-Type: message/feedback-report\n\nFeedback-Type: {kind}\nUser-Agent: x/1\nVersion: 1\n\
             Original-Rcpt-To: b@example.net\n\n--x--\n"
        );
        super::judge(raw.as_bytes()).unwrap()
    };
    assert_eq!((report("not-spam").kind, report("not-spam").recipients.len()), (Kind::None, 0));
    assert_eq!(report("abuse").kind, Kind::Complaint);
}
