//! Who has the last word on a copy, and what ends without a server's refusal.

use super::*;

fn told(dialect: Dialect, text: &str) -> Vec<Message> {
    join(events("log", dialect, text))
}

fn status(messages: &[Message], address: &str) -> Status {
    let mut all = messages.iter().flat_map(|message| &message.recipients);
    all.find(|recipient| recipient.address == address).map_or(Status::Unknown, |recipient| recipient.status)
}

/// A message in Postfix's log up to its delivery.
fn postfix(id: &str, agent: &str, tail: &str) -> String {
    format!(
        "Mar  3 10:00:00 mx postfix/cleanup[1]: {id}: message-id=<{id}@example.com>\n\
         Mar  3 10:00:00 mx postfix/qmgr[2]: {id}: from=<ann@example.com>, size=9, nrcpt=1 (queue active)\n\
         Mar  3 10:00:01 mx postfix/{agent}[3]: {id}: to=<bob@example.org>, {tail}\n\
         Mar  3 10:00:01 mx postfix/qmgr[2]: {id}: removed\n"
    )
}

const SES: [&str; 3] = [
    r#"{"eventType":"Send","mail":{"timestamp":"2026-03-10T09:00:00.000Z","source":"ann@example.com","messageId":"s1","destination":["bob@example.org"]},"send":{}}"#,
    r#"{"eventType":"Delivery","mail":{"timestamp":"2026-03-10T09:00:00.000Z","source":"ann@example.com","messageId":"s1","destination":["bob@example.org"]},"delivery":{"timestamp":"2026-03-10T09:00:02.000Z","recipients":["bob@example.org"],"smtpResponse":"250 OK"}}"#,
    r#"{"eventType":"Bounce","mail":{"timestamp":"2026-03-10T09:00:00.000Z","source":"ann@example.com","messageId":"s1","destination":["bob@example.org"]},"bounce":{"bounceType":"Permanent","bounceSubType":"General","bouncedRecipients":[{"emailAddress":"bob@example.org","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}],"timestamp":"2026-03-10T09:01:02.000Z"}}"#,
];

/// Whatever the order of the records, the latest decides.
#[test]
fn the_latest_record_decides() {
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
        let text: String = order.iter().map(|number| format!("{}\n", SES[*number])).collect();
        let messages = told(Dialect::Ses, &text);
        assert_eq!(status(&messages, "bob@example.org"), Status::Bounced, "{order:?}");
    }
    // In two files, the later first.
    let mut both = events("b.json", Dialect::Ses, SES[2]);
    both.extend(events("a.json", Dialect::Ses, &format!("{}\n{}\n", SES[0], SES[1])));
    assert_eq!(status(&join(both), "bob@example.org"), Status::Bounced);
}

/// Records of one moment, the newest first, are read backwards.
#[test]
fn a_falling_file_is_read_backwards() {
    let record = |event: &str, at: u32| {
        format!(
            r#"{{"email":"bob@example.org","timestamp":{at},"smtp-id":"<g@example.com>","event":"{event}","response":"250 OK","reason":"550 5.1.1 no such user","type":"bounce","sg_event_id":"{event}","sg_message_id":"g.f"}}"#
        )
    };
    let (early, first, last) = (
        record("processed", 1_773_133_200),
        record("delivered", 1_773_133_201),
        record("bounce", 1_773_133_201),
    );
    for text in [format!("[{last},{first},{early}]"), format!("[{early},{first},{last}]")] {
        assert_eq!(status(&told(Dialect::Sendgrid, &text), "bob@example.org"), Status::Bounced, "{text}");
    }
}

/// A bounce that comes back later names no time of queueing: it is of the delivery before it.
#[test]
fn a_later_bounce_of_powermta_joins_its_delivery() {
    let text = "type,timeLogged,timeQueued,orig,rcpt,dsnAction,dsnStatus,dsnDiag,dsnMta,dlvType,jobId,envId\n\
        d,2026-03-10 09:00:01+0000,2026-03-10 09:00:00+0000,ann@example.com,bob@example.org,relayed,2.0.0,smtp;250 Ok,mx.example.org (192.0.2.1),smtp,j1,\n\
        d,2026-03-10 10:00:01+0000,2026-03-10 10:00:00+0000,ann@example.com,bob@example.org,relayed,2.0.0,smtp;250 Ok,mx.example.org (192.0.2.1),smtp,j2,\n\
        d,2026-03-10 10:00:01+0000,2026-03-10 10:00:00+0000,ann@example.com,eve@example.org,relayed,2.0.0,,,discard,j2,\n\
        rb,2026-03-10 11:00:01+0000,,ann@example.com,bob@example.org,failed,5.1.1,smtp;550 5.1.1 User unknown,mx.example.org,,j1,\n";
    let messages = told(Dialect::Powermta, text);
    let of: Vec<Status> = messages
        .iter()
        .flat_map(|message| &message.recipients)
        .filter(|recipient| recipient.address == "bob@example.org")
        .map(|recipient| recipient.status)
        .collect();
    assert_eq!(of, [Status::Bounced, Status::Delivered]);
    assert_eq!(status(&messages, "eve@example.org"), Status::Discarded);
}

/// A file for each type of record, in any order of files, and with what each type states.
#[test]
fn files_of_powermta_for_each_type_tell_one_story() {
    let head = "type,timeLogged,timeQueued,orig,rcpt,dsnStatus,dsnDiag,dsnMta,jobId,envId\n";
    let d = "d,2026-03-10 09:00:05+0000,2026-03-10 09:00:00+0000,ann@example.com,bob@example.org,2.0.0,smtp;250 Ok,mx.example.org (192.0.2.1),j1,\n";
    let t = "t,2026-03-10 09:00:03+0000,,ann@example.com,bob@example.org,4.7.1,smtp;451 4.7.1 later,mx.example.org (192.0.2.1),j1,\n";
    let story = |files: &[(&str, String)]| {
        let all = files.iter().flat_map(|(name, text)| events(name, Dialect::Powermta, text)).collect();
        let messages = join(all);
        assert_eq!(messages.len(), 1, "{files:?}");
        let bob = of(&messages[0], "bob@example.org");
        (bob.status, bob.cause)
    };
    let file = |rows: &str| format!("{head}{rows}");
    for late in [
        "rb,2026-03-11 09:00:00+0000,,ann@example.com,bob@example.org,5.1.1,smtp;550 5.1.1 User unknown,mx.example.org,j1,\n",
        "rb,2026-03-11 09:00:00+0000,,<>,bob@example.org,5.1.1,smtp;550 5.1.1 User unknown,mx.example.org,,\n",
        "rb,2026-03-11 09:00:00+0000,,,BOB@example.org,5.1.1,smtp;550 5.1.1 User unknown,mx.example.org,j1,e1\n",
    ] {
        let (d, t, late) = (("d", file(d)), ("t", file(t)), ("rb", file(late)));
        for order in [[&d, &t, &late], [&late, &d, &t], [&t, &late, &d]] {
            let files: Vec<(&str, String)> = order.into_iter().cloned().collect();
            assert_eq!(story(&files), (Status::Bounced, Some(Cause::UnknownUser)), "{files:?}");
        }
    }
    let complaint = "f,2026-03-11 09:00:00+0000,,,bob@example.org,,,,j1,\n";
    assert_eq!(story(&[("f", file(complaint)), ("d", file(d))]), (Status::Delivered, Some(Cause::Complaint)));
    // Another job, and what was before the message, are other messages.
    for other in [
        "rb,2026-03-11 09:00:00+0000,,ann@example.com,bob@example.org,5.1.1,smtp;550 5.1.1 User unknown,mx.example.org,j2,\n",
        "rb,2026-03-10 08:00:00+0000,,ann@example.com,bob@example.org,5.1.1,smtp;550 5.1.1 User unknown,mx.example.org,j1,\n",
        "t,2026-03-10 08:00:00+0000,,ann@example.com,bob@example.org,4.7.1,smtp;451 4.7.1 later,mx.example.org,j1,\n",
    ] {
        let mut all = events("d", Dialect::Powermta, &file(d));
        all.extend(events("o", Dialect::Powermta, &file(other)));
        assert_eq!(join(all).len(), 2, "{other}");
    }
}

/// A complaint whose delivery stands in no log given is a complaint, and no mail in the queue.
#[test]
fn a_complaint_alone_is_shown_as_what_it_is() {
    let head = "type,timeLogged,orig,rcpt,feedbackType\n";
    let named = told(
        Dialect::Powermta,
        &format!("{head}f,2026-03-11 09:00:00+0000,ann@example.com,bob@example.org,abuse\n"),
    );
    let bob = of_first(&named, "bob@example.org");
    assert_eq!((bob.status, bob.cause), (Status::Unknown, Some(Cause::Complaint)));
    assert!(
        bob.answer.starts_with("bob@example.org marked the message as spam on 2026-03-11"),
        "{}",
        bob.answer
    );
    assert!(bob.advice[0].starts_with("Take this recipient off"), "{:?}", bob.advice);
    let nameless =
        told(Dialect::Powermta, &format!("{head}f,2026-03-11 09:00:00+0000,ann@example.com,,abuse\n"));
    let nobody = of_first(&nameless, "");
    assert_eq!((nobody.status, nobody.cause), (Status::Unknown, Some(Cause::Complaint)));
    assert!(nobody.answer.starts_with("A recipient whom the receiver does not name"), "{}", nobody.answer);
}

/// What was given up waited for a reason, which the last answer before the end says.
#[test]
fn the_end_of_time_is_told_with_its_reason() {
    let pmta = "type,timeLogged,timeQueued,orig,rcpt,dsnStatus,dsnDiag,dsnMta,bounceCat,jobId,envId\n\
        t,2026-03-10 09:00:03+0000,2026-03-10 09:00:00+0000,ann@example.com,bob@example.org,4.2.2,smtp;452 4.2.2 mailbox full,mx.example.org (192.0.2.1),quota-issues,j1,e1\n\
        b,2026-03-14 09:00:03+0000,2026-03-10 09:00:00+0000,ann@example.com,bob@example.org,4.4.7 (delivery time expired),,mx.example.org (192.0.2.1),message-expired,j1,e1\n";
    let exim = |end: &str| {
        format!(
            "2026-03-10 10:15:00 1rgifI-00000003zLt-3bHA <= ann@example.com H=(app) [192.0.2.9] P=esmtp S=1234 id=x1@example.com\n\
             2026-03-10 10:15:02 1rgifI-00000003zLt-3bHA == bob@example.org R=dnslookup T=remote_smtp defer (-44) H=mx.example.org [192.0.2.1]: SMTP error from remote mail server after RCPT TO:<bob@example.org>: 452 4.2.2 mailbox full\n\
             2026-03-14 10:15:02 1rgifI-00000003zLt-3bHA ** bob@example.org R=dnslookup T=remote_smtp{end}\n"
        )
    };
    let silent = exim(": retry time not reached for any host after a long failure period");
    let said = exim(
        " H=mx.example.org [192.0.2.1]: SMTP error from remote mail server after RCPT TO:<bob@example.org>: 452 4.2.2 mailbox full: retry timeout exceeded",
    );
    for (dialect, text) in [(Dialect::Powermta, pmta), (Dialect::Exim, &silent), (Dialect::Exim, &said)] {
        let messages = told(dialect, text);
        let bob = of_first(&messages, "bob@example.org");
        assert_eq!(
            (bob.status, bob.cause, bob.permanent),
            (Status::Expired, Some(Cause::MailboxFull), Some(true)),
            "{text}"
        );
        assert!(bob.answer.contains("was given up"), "{}", bob.answer);
        assert!(bob.advice.iter().any(|step| step.contains("has given this one up")), "{:?}", bob.advice);
        assert!(!bob.advice.iter().any(|step| step.contains("leave the message queued")), "{:?}", bob.advice);
    }
    // A refusal is no end of time.
    let refused = exim(
        " H=mx.example.org [192.0.2.1]: SMTP error from remote mail server after RCPT TO:<bob@example.org>: 550 5.1.1 unknown, returned to sender",
    );
    assert_eq!(status(&told(Dialect::Exim, &refused), "bob@example.org"), Status::Bounced);
}

/// A transport is no server that refuses.
#[test]
fn a_mailbox_program_is_told_as_that() {
    let text = postfix(
        "4F1A2B3C4D",
        "local",
        "relay=local, delay=1, dsn=5.1.1, status=bounced (unknown user: \"bob\")",
    );
    let messages = told(Dialect::Postfix, &text);
    let answer = &of_first(&messages, "bob@example.org").answer;
    assert!(answer.contains("refused by the mailbox program of this machine (local)"), "{answer}");
}

/// A quota or rule of the server that the sender hands mail to is the sender's, and no receiver's.
#[test]
fn a_refusal_of_the_own_server_is_the_senders_own() {
    let refused = |host: &str, client: &str, said: &str, more: &str| {
        let text = format!(
            "Mar  3 10:15:00 {host} postfix/smtpd[101]: NOQUEUE: reject: RCPT from app[{client}]: 554 5.7.1 <bob@example.org>: Recipient address rejected: {said}; from=<ann@example.com> to=<bob@example.org> proto=ESMTP helo=<app>{more}\n"
        );
        let messages = told(Dialect::Postfix, &text);
        let bob = of_first(&messages, "bob@example.org");
        (bob.who, bob.speaker.is_some_and(|speaker| speaker.is_own()), bob.answer.clone())
    };
    for (host, client, more) in [
        ("mx1", "10.0.0.5", ""),
        ("mx1", "192.0.2.9", " sasl_username=ann"),
        ("mail.example.com", "192.0.2.9", ""),
    ] {
        for said in ["Policy rejection; Message count quota exceeded", "Access denied"] {
            let (who, own, answer) = refused(host, client, said, more);
            assert_eq!((who, own), (Who::Sender, true), "{host} {said}: {answer}");
            assert!(!answer.contains("receiver"), "{answer}");
        }
    }
    // The recipient's own server, and one that nobody knows, may be another's.
    for host in ["mx.example.org", "mx1"] {
        assert!(!refused(host, "192.0.2.9", "Access denied", "").1, "{host}");
    }
}

/// What a quarantine of Cisco Secure Email lets go or deletes is no longer in it.
#[test]
fn a_quarantine_has_an_end() {
    let log = |end: &str| {
        format!(
            "Mon Mar  3 10:00:00 2025 Info: Start MID 7 ICID 5\n\
             Mon Mar  3 10:00:00 2025 Info: MID 7 ICID 5 From: <ann@example.com>\n\
             Mon Mar  3 10:00:00 2025 Info: MID 7 ICID 5 RID 0 To: <bob@example.org>\n\
             Mon Mar  3 10:00:03 2025 Info: MID 7 quarantined to \"Policy\" (a policy violation)\n{end}"
        )
    };
    let of = |end: &str| status(&told(Dialect::Ironport, &log(end)), "bob@example.org");
    assert_eq!(of(""), Status::Quarantined);
    assert_eq!(
        of("Mon Mar  3 11:00:03 2025 Info: MID 7 released from quarantine \"Policy\" (manual)\n"),
        Status::Quarantined
    );
    assert_eq!(of("Mon Mar  3 11:00:03 2025 Info: MID 7 released from all quarantines\n"), Status::Queued);
    assert_eq!(of("Mon Mar  3 11:00:03 2025 Info: MID 7 deleted from all quarantines\n"), Status::Discarded);
}

/// What Sieve did, in the words of old and new versions, joined with a session or without.
#[test]
fn sieve_has_the_last_word() {
    let lmtp = "relay=mx.example.org[private/dovecot-lmtp], delay=1, dsn=2.0.0, status=sent (250 2.0.0 <bob@example.org> 9kQkFRtm3GXGSA Saved)";
    let pipe = "relay=dovecot, delay=1, dsn=2.0.0, status=sent (delivered via dovecot service)";
    let said = [
        ("discard action: Marked message to be discarded if not explicitly delivered", Status::Discarded),
        ("redirect action: forwarded to <bob@example.net>", Status::AcceptedByRelay),
        ("forwarded to <bob@example.net>", Status::AcceptedByRelay),
        ("rejected message from <ann@example.com> (reject)", Status::Bounced),
        ("fileinto action: stored mail into mailbox 'Lists'", Status::Delivered),
        ("vacation action: sent vacation response to <ann@example.com>", Status::Delivered),
    ];
    let heads = [
        (lmtp, "lmtp", "lmtp(bob@example.org)<2001><9kQkFRtm3GXGSA>"),
        (lmtp, "lmtp", "lmtp(bob@example.org)"),
        (pipe, "pipe", "lda(bob@example.org)"),
        (pipe, "pipe", "lda(bob)"),
    ];
    for (said, expected) in said {
        for (tail, agent, head) in heads {
            let mut text = postfix("4F1A2B3C4D", agent, tail);
            text.push_str(&format!(
                "Mar  3 10:00:01 mx dovecot: {head}: sieve: msgid=<4F1A2B3C4D@example.com>: {said}\n"
            ));
            let messages = told(Dialect::Postfix, &text);
            assert_eq!(status(&messages, "bob@example.org"), expected, "{head}: {said}");
            assert_eq!(messages.len(), 1, "{head}: {said}");
            let message = &messages[0];
            assert!(!message.answer_mentions("DOVECOT-") && message.ids.iter().all(|id| !id.contains('@')));
        }
    }
    // An hour later it is about another copy.
    let mut text = postfix("4F1A2B3C4D", "pipe", pipe);
    text.push_str("Mar  3 11:00:01 mx dovecot: lda(bob@example.org): sieve: msgid=<4F1A2B3C4D@example.com>: discarded\n");
    assert_eq!(told(Dialect::Postfix, &text).len(), 2);
}

impl Message {
    fn answer_mentions(&self, text: &str) -> bool {
        self.recipients.iter().any(|recipient| recipient.answer.contains(text))
    }
}

/// Nothing done is thrown away; forwarded is not delivered, and goes on under its own number.
#[test]
fn qmail_counts_what_it_did() {
    let log = |did: &str, more: &str| {
        format!(
            "@400000006602a1b000000000 new msg 4712\n\
             @400000006602a1b000000000 info msg 4712: bytes 900 from <ann@example.com> qp 2223 uid 89\n\
             @400000006602a1b000000000 starting delivery 6: msg 4712 to local bob@example.org\n\
             {more}@400000006602a1b100000000 delivery 6: success: {did}\n\
             @400000006602a1b100000000 end msg 4712\n"
        )
    };
    let of = |did: &str| status(&told(Dialect::Qmail, &log(did, "")), "bob@example.org");
    assert_eq!(of("did_0+0+0/"), Status::Discarded);
    assert_eq!(of("did_1+0+0/"), Status::Delivered);
    assert_eq!(of("did_1+1+0/qp_2224/"), Status::Delivered);
    assert_eq!(of("did_0+1+0/qp_2224/"), Status::AcceptedByRelay);
    let child = "@400000006602a1b100000000 info msg 4713: bytes 900 from <ann@example.com> qp 2224 uid 89\n";
    let end = "@400000006602a1b100000000 starting delivery 7: msg 4713 to remote carl@example.net\n\
               @400000006602a1b200000000 delivery 7: failure: 192.0.2.21_does_not_like_recipient./Remote_host_said:_552_5.2.2_full/\n";
    for text in [log("did_0+1+0/qp_2224/", child) + end, log("did_0+1+0/qp_2224/", "") + child + end] {
        let messages = told(Dialect::Qmail, &text);
        assert_eq!(messages.len(), 1, "{text}");
        let carl = of_first(&messages, "carl@example.net");
        assert_eq!((carl.status, carl.original.as_str()), (Status::Bounced, "bob@example.org"));
        assert_eq!(messages[0].recipients.len(), 1, "the alias stands for no mailbox");
    }
}

fn of_first<'m>(messages: &'m [Message], address: &str) -> &'m Recipient {
    of(&messages[0], address)
}

/// Rules at RCPT act before there is a queue id.
#[test]
fn rules_before_the_queue_id() {
    let rule = |what: &str, said: &str| {
        format!(
            "Mar  3 10:00:00 mx postfix/smtpd[7]: NOQUEUE: {what}: RCPT from app.example.com[192.0.2.10]: <bob@example.org>: Recipient address triggers {said}; from=<ann@example.com> to=<bob@example.org> proto=ESMTP helo=<app>\n"
        )
    };
    assert_eq!(
        status(&told(Dialect::Postfix, &rule("discard", "DISCARD action")), "bob@example.org"),
        Status::Discarded
    );
    let client = |process: u32, ip: &str| {
        format!(
            "Mar  3 10:00:00 mx postfix/smtpd[{process}]: 4F1A2B3C4D: client=app.example.com[{ip}]\n\
                 Mar  3 10:00:00 mx postfix/cleanup[8]: 4F1A2B3C4D: message-id=<1@example.com>\n"
        )
    };
    let held = told(Dialect::Postfix, &(rule("hold", "HOLD action") + &client(7, "192.0.2.10")));
    assert_eq!((held.len(), status(&held, "bob@example.org")), (1, Status::Held));
    assert_eq!(held[0].recipients[0].queue_id, "4F1A2B3C4D");
    for other in [client(9, "192.0.2.10"), client(7, "192.0.2.99")] {
        assert_eq!(told(Dialect::Postfix, &(rule("hold", "HOLD action") + &other)).len(), 2, "{other}");
    }
    let sent = "Mar  3 10:00:01 mx postfix/smtp[3]: 4F1A2B3C4D: to=<audit@example.com>, orig_to=<bob@example.org>, relay=mx.example.com[192.0.2.7]:25, delay=1, dsn=2.0.0, status=sent (250 Ok)\n";
    let text = rule("redirect", "REDIRECT audit@example.com") + &client(7, "192.0.2.10") + sent;
    let redirected = told(Dialect::Postfix, &text);
    assert_eq!(redirected.len(), 1);
    let bob = of_first(&redirected, "bob@example.org");
    assert_eq!(bob.status, Status::Discarded);
    assert!(bob.answer.contains("sent it to audit@example.com in its place"), "{}", bob.answer);
}

/// Queue ids that a program of the queue changes.
#[test]
fn requeued_messages_go_on() {
    let bounced = "relay=mx.example.org[192.0.2.1]:25, delay=1, dsn=5.2.2, status=bounced (host mx.example.org[192.0.2.1] said: 552 5.2.2 Mailbox full)";
    let anew = postfix("5F1A2B3C4D", "smtp", bounced);
    let deferred = "Mar  3 09:00:00 mx postfix/smtp[3]: 4F1A2B3C4D: to=<bob@example.org>, relay=none, delay=1, dsn=4.4.1, status=deferred (connect to mx.example.org[192.0.2.1]:25: Connection timed out)\n\
        Mar  3 09:30:00 mx postfix/postsuper[4]: 4F1A2B3C4D: requeued\n\
        Mar  3 10:00:00 mx postfix/pickup[5]: 5F1A2B3C4D: uid=112 from=<ann@example.com> orig_id=4F1A2B3C4D\n";
    let held = "Mar  3 09:00:00 mx postfix/cleanup[3]: 4F1A2B3C4D: hold: header Received: from app (app [192.0.2.9])??by mx; from=<ann@example.com> to=<bob@example.org> proto=ESMTP helo=<app>\n";
    let scanner = "Mar  3 09:59:00 mx MailScanner[6]: Requeue: 4F1A2B3C4D.A1F3C to 5F1A2B3C4D\n";
    for text in [format!("{deferred}{anew}"), format!("{held}{scanner}{anew}")] {
        let messages = told(Dialect::Postfix, &text);
        assert_eq!((messages.len(), status(&messages, "bob@example.org")), (1, Status::Bounced), "{text}");
    }
    for (action, expected) in
        [("store", Status::Quarantined), ("delete", Status::Discarded), ("deliver,store", Status::Held)]
    {
        let text = format!(
            "{held}Mar  3 09:59:00 mx MailScanner[6]: Spam Actions: message 4F1A2B3C4D.A1F3C actions are {action}\n"
        );
        assert_eq!(status(&told(Dialect::Postfix, &text), "bob@example.org"), expected, "{action}");
    }
}

/// A dialogue that says nothing more is not proof that nothing left.
#[test]
fn a_cut_dialogue_is_unknown() {
    let begin = "10:00 --> MAIL FROM:<ann@example.com>\n";
    let rcpt = "10:00 <-- 250 2.1.0 Ok\n10:00 --> RCPT TO:<bob@example.org>\n";
    let data = "10:00 <-- 250 2.1.5 Ok\n10:00 --> DATA\n10:00 <-- 354 go ahead\n";
    let of = |text: String| status(&told(Dialect::Imail, &text), "bob@example.org");
    assert_eq!(of(format!("{begin}{rcpt}")), Status::NeverLeft);
    assert_eq!(of(format!("{begin}{rcpt}{data}")), Status::Unknown);
    assert_eq!(of(format!("{begin}10:00 --> RCPT TO:<bob@example.org>\n")), Status::Unknown);
    assert_eq!(of(format!("{begin}{rcpt}10:00 <-- 550 5.1.1 User unknown\n")), Status::Bounced);
}

/// A forward that keeps a copy is two copies, each with its own end, in whatever order they are written.
#[test]
fn a_forward_hides_no_copy_that_is_kept() {
    let head = "2026-11-29 18:10:00 1vPLM0-0000000F0aa-0ddd <= ann@example.com H=mx.example.com [192.0.2.211] P=esmtps S=7022 id=q1@example.com for info@example.org\n";
    let away = "2026-11-29 18:10:02 1vPLM0-0000000F0aa-0ddd => bob@example.net <info@example.org> R=lookuphost T=remote_smtp H=mx.example.net [192.0.2.10] C=\"250 Ok\"\n";
    let kept = [
        (
            "2026-11-29 18:10:02 1vPLM0-0000000F0aa-0ddd == info <info@example.org> R=virtual_user T=dovecot_virtual_delivery defer (-22): 452 4.2.2 Mailbox full\n",
            Status::Deferred,
        ),
        (
            "2026-11-29 18:10:02 1vPLM0-0000000F0aa-0ddd ** info <info@example.org> R=virtual_user T=dovecot_virtual_delivery: 552 5.2.2 Mailbox full\n",
            Status::Bounced,
        ),
        (
            "2026-11-29 18:10:02 1vPLM0-0000000F0aa-0ddd => info <info@example.org> R=virtual_user T=dovecot_virtual_delivery C=\"250 2.0.0 Saved\"\n",
            Status::Delivered,
        ),
    ];
    for (kept, expected) in kept {
        for text in [format!("{head}{away}{kept}"), format!("{head}{kept}{away}")] {
            let messages = told(Dialect::Exim, &text);
            assert_eq!(status(&messages, "info@example.org"), expected, "{text}");
            assert!(messages[0].recipients.iter().any(|one| one.address == "bob@example.net"), "{text}");
        }
    }
    // Without a copy of its own the address stands for those behind it.
    let only = told(Dialect::Exim, &format!("{head}{away}"));
    assert_eq!(only[0].recipients.len(), 1);
}

/// A run of the queue that tries nobody is no attempt, and the reason stays that of the last try.
#[test]
fn a_run_without_a_try_keeps_the_reason() {
    let text = "2026-11-29 18:10:00 1vPLM0-0000000F0aa-0ddd <= ann@example.com U=web P=local S=70 for bob@example.org\n\
        2026-11-29 18:10:02 1vPLM0-0000000F0aa-0ddd == bob@example.org R=dnslookup T=remote_smtp defer (-44) H=mx.example.org [192.0.2.5]: SMTP error from remote mail server after RCPT TO:<bob@example.org>: 452 4.2.2 Mailbox full\n\
        2026-11-29 18:40:02 1vPLM0-0000000F0aa-0ddd == bob@example.org R=dnslookup T=remote_smtp defer (-53): retry time not reached for any host for 'example.org'\n";
    let messages = told(Dialect::Exim, text);
    let bob = of_first(&messages, "bob@example.org");
    assert_eq!(
        (bob.status, bob.cause.map(|cause| cause.name()), bob.attempts),
        (Status::Deferred, Some("mailbox-full"), 1)
    );
}
