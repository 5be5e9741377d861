//! Kinds told apart, and the order of sources for codes and causes.

use super::*;
use crate::triage::reply::Who;

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

/// A message of headers and text.
fn mail(headers: &str, text: &str) -> BounceVerdict {
    let raw = format!(
        "To: app@example.com\r\nDate: Tue, 10 Mar 2026 09:10:05 +0000\r\n{headers}\r\n\r\n{text}\r\n"
    );
    judge(raw.as_bytes()).unwrap()
}

#[test]
fn ordinary_mail_whose_subject_speaks_of_delivery_is_no_bounce() {
    let subjects =
        ["Delivery failed: your parcel", "Undeliverable? How to read a bounce", "Returned mail: 3 letters"];
    let marks = [
        "Return-Path: <x@example.net>",
        "Return-Path: <x@example.net>\r\nAuto-Submitted: auto-generated",
        "Return-Path: <bounce-17@news.example>\r\nList-Unsubscribe: <https://news.example/u>",
        "In-Reply-To: <q1@example.com>",
        "Return-Path: <x@attacker.example>\r\nSender: Mail Delivery System <x@attacker.example>",
    ];
    for subject in subjects {
        for mark in marks {
            let headers = format!("From: Shop <info@shop.example>\r\nSubject: {subject}\r\n{mark}");
            assert_eq!(mail(&headers, "The delivery failed twice.").kind, Kind::None, "{headers}");
        }
    }
    // A daemon without an address to answer to still reports.
    let notice = "From: Mail Delivery System <MAILER-DAEMON@mx.example.net>\r\nReturn-Path: <>\r\nSubject: Returned mail";
    assert_eq!(mail(notice, "<bob@example.org>: 550 5.1.1 User unknown").kind, Kind::Bounce);
}

#[test]
fn what_a_program_writes_of_itself_answers_nobody() {
    let of = |subject: &str, more: &str| {
        mail(&format!("From: root@app.example.com\r\nSubject: {subject}\r\nAuto-Submitted: {more}"), "done")
            .kind
    };
    for subject in ["Cron <root@app> backup", "Reset your password", "[acme] Run failed"] {
        assert_eq!(of(subject, "auto-generated"), Kind::None, "{subject}");
        assert_eq!(of(subject, "auto-replied"), Kind::AutoReply, "{subject}");
        assert_eq!(of(&format!("Re: {subject}"), "auto-generated"), Kind::AutoReply, "{subject}");
    }
}

#[test]
fn what_is_held_or_refused_did_not_arrive() {
    let head = "From: bob@example.net\r\nSubject: Re: Quote 4711\r\nAuto-Submitted: auto-replied";
    for text in [
        "Your message is being held because the address has not been verified.",
        "Click the link below so I can receive your emails.",
        "Your message was waitlisted. Please add yourself to my Guest List.",
    ] {
        let verdict = mail(head, text);
        assert_eq!(
            (verdict.kind, verdict.recipients[0].cause),
            (Kind::AutoReply, Cause::RecipientFiltered),
            "{text}"
        );
    }
    let list = "From: users-owner@lists.example.net\r\nSubject: Quote 4711\r\nAuto-Submitted: auto-replied";
    for text in [
        "Ihre Nachricht an die Mailingliste users@lists.example.net wurde aus folgenden Gründen abgelehnt:",
        "Votre message pour la liste 'annonces' a été rejeté.",
        "Your message to the users mailing-list was rejected for the following reasons:",
    ] {
        let verdict = mail(list, text);
        assert_eq!(
            (verdict.kind, verdict.recipients[0].cause),
            (Kind::Bounce, Cause::PolicyRejected),
            "{text}"
        );
    }
}

#[test]
fn the_other_servers_words_are_the_reason() {
    let notice = |said: &str| {
        let verdict = mail(
            "From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\r\nReturn-Path: <>\r\nSubject: Delivery Status Notification (Failure)",
            &format!(
                "Delivery to the following recipient failed permanently:\r\n\r\n     bob@example.net\r\n\r\nTechnical details of permanent failure:\r\nGoogle tried to deliver your message, but it was rejected by the server for the recipient domain example.net by mx.example.net. [203.0.113.65].\r\n\r\nThe error that the other server returned was:\r\n{said}"
            ),
        );
        let [bob] = &verdict.recipients[..] else { panic!("{verdict:?}") };
        assert_eq!(bob.address, "bob@example.net");
        bob.cause
    };
    for (said, cause) in [
        ("550 5.1.1 User unknown", Cause::UnknownUser),
        ("552 5.2.2 Mailbox full", Cause::MailboxFull),
        ("550 5.7.1 Message rejected as spam", Cause::SpamContent),
        ("552 5.3.4 Message too large", Cause::MessageTooLarge),
    ] {
        assert_eq!(notice(said), cause, "{said}");
    }
}

#[test]
fn a_report_on_authentication_is_no_complaint() {
    let report = |kind: &str| {
        mail(
            "From: dmarc@example.net\r\nSubject: Report\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b",
            &format!(
                "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: {kind}\r\nOriginal-Rcpt-To: bob@example.net\r\n--b--"
            ),
        )
    };
    let verdict = report("auth-failure");
    assert_eq!(verdict.feedback_type.as_deref(), Some("auth-failure"));
    let place = crate::model::Location { file: "a.eml".to_owned(), line: 1 };
    assert!(crate::triage::suppress::Signal::of_notice(&verdict, None, &place).is_empty());
    assert_eq!(report("abuse").kind, Kind::Complaint);
}

#[test]
fn a_servers_word_about_its_own_user_is_the_recipients_business() {
    for (status, said, cause, who) in [
        ("5.1.1", "X-Notes; User bob not listed in Domino Directory", Cause::UnknownUser, Who::Recipient),
        ("5.2.2", "X-Postfix; mailbox is full", Cause::MailboxFull, Who::Recipient),
        ("5.2.1", "X-Postfix; account is disabled", Cause::MailboxDisabled, Who::Recipient),
    ] {
        let verdict = mail(
            "From: MAILER-DAEMON@mail.example.net\r\nReturn-Path: <>\r\nSubject: Undelivered Mail\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b",
            &format!(
                "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns;mail.example.net\r\n\r\nFinal-Recipient: rfc822;bob@example.net\r\nAction: failed\r\nStatus: {status}\r\nDiagnostic-Code: {said}\r\n--b--"
            ),
        );
        let bob = &verdict.recipients[0];
        let read = bob.verdict.as_ref().unwrap();
        assert_eq!((bob.cause, read.who), (cause, who), "{said}");
        assert!(
            !read.action.iter().any(|step| step.contains("own server reports the fault")),
            "{:?}",
            read.action
        );
    }
}

/// Mail that was written to one address and failed at another was forwarded: only DKIM survives that.
#[test]
fn a_failed_check_behind_a_forwarding_names_the_forwarder() {
    let refused = DSN
        .replace("ACTION", "failed")
        .replace("550 5.1.1 no such user", "550 5.7.26 Unauthenticated email, DMARC policy of example.com")
        .replace("Status: 5.1.1", "Status: 5.7.26");
    let steps = |text: &str| judged(text).recipients[0].verdict.as_ref().unwrap().action.join("; ");
    let original =
        refused.replace("Final-Recipient", "Original-Recipient: rfc822; team@example.org\nFinal-Recipient");
    let forwarded = steps(&original);
    assert!(forwarded.contains("was written to team@example.org and forwarded"), "{forwarded}");
    assert!(forwarded.contains("DKIM"), "{forwarded}");
}

/// MDaemon stamps its transcript: the refusal in it is the reason, and a transcript that is cut has none.
#[test]
fn a_stamped_transcript_is_read() {
    let lines = ["--> RCPT To:<bob@example.net>", "<-- 550 5.1.1 No such user here"];
    let stamped = |count: usize| -> String {
        lines[..count].iter().map(|line| format!(" Tue 2026-03-10 09:00:02: {line}\n")).collect()
    };
    let of = |count: usize| {
        let body =
            format!("Failed address: bob@example.net\n\n--- Session Transcript ---\n{}", stamped(count));
        plain("Permanent Delivery Failure", "MDaemon@example.com", &body)
    };
    let whole = of(2);
    assert_eq!((whole.kind, whole.recipients[0].cause), (Kind::Bounce, Cause::UnknownUser));
    assert_eq!(whole.recipients[0].address, "bob@example.net");
    let cut = of(1);
    assert_eq!(cut.recipients[0].cause, Cause::Undetermined);
    let verdict = cut.recipients[0].verdict.as_ref().unwrap();
    assert_eq!(verdict.who.name(), "sender");
    assert!(verdict.action[0].contains("postmaster"), "{:?}", verdict.action);
}
