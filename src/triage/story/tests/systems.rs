//! Ends that each mail system words in its own way.

use super::*;

fn told(dialect: Dialect, text: &str) -> Vec<Message> {
    join(events("log", dialect, text))
}

/// Address, status and the address it stands in the place of, of all recipients.
fn fates(messages: &[Message]) -> Vec<(&str, Status, &str)> {
    let all = messages.iter().flat_map(|message| &message.recipients);
    all.map(|one| (one.address.as_str(), one.status, one.original.as_str())).collect()
}

#[test]
fn exim_names_nobody_where_it_throws_away() {
    let begin = "2026-03-10 09:00:00 1tABcE-000123-4e <= ann@example.com H=app [192.0.2.10] P=esmtps S=9 id=1@example.com for bob@example.org\n";
    for (line, expected) in [
        ("=> discarded (system filter)", Status::Discarded),
        ("=> blackhole (DATA ACL discarded recipients): spam score 15", Status::Discarded),
        ("=> blackhole *as the scan said*", Status::Discarded),
        ("=> discarded <bob@example.org> R=filter", Status::Discarded),
        ("=> :blackhole: <bob@example.org> R=system_aliases", Status::Discarded),
        ("=> bob <bob@example.org> R=localuser T=local_delivery", Status::Delivered),
        ("=> >ann@example.com <bob@example.org> R=userautoreply T=userautoreply", Status::Queued),
    ] {
        let messages = told(Dialect::Exim, &format!("{begin}2026-03-10 09:00:00 1tABcE-000123-4e {line}\n"));
        assert_eq!(fates(&messages), [("bob@example.org", expected, "")], "{line}");
    }
}

#[test]
fn sendmail_and_its_milters() {
    let begin = "Mar 10 09:00:00 mx sm-mta[2]: w2A900ab000200: from=<ann@example.com>, size=9, nrcpts=1, msgid=<1@example.com>, relay=app [192.0.2.10]\n";
    let to = |fields: &str, stat: &str| {
        format!(
            "to=<bob@example.org>, {fields}delay=00:00:01, mailer=esmtp, relay=mx.example.org. [192.0.2.1], dsn=4.0.0, stat={stat}"
        )
    };
    let log = |lines: &[String]| {
        let tail: String = lines
            .iter()
            .map(|line| format!("Mar 10 09:00:01 mx sm-mta[2]: w2A900ab000200: {line}\n"))
            .collect();
        told(Dialect::Sendmail, &format!("{begin}{tail}"))
    };
    let waiting = to("", "Deferred: Connection timed out");
    let given_up = "w2F900aa000300: sender notify: Cannot send message for 5 days".to_owned();
    assert_eq!(fates(&log(&[waiting.clone(), given_up])), [("bob@example.org", Status::Expired, "")]);
    let warned = "w2F900aa000300: sender notify: Warning: could not send message for past 4 hours".to_owned();
    assert_eq!(fates(&log(&[waiting, warned])), [("bob@example.org", Status::Deferred, "")]);
    for said in ["Milter: data, discard", "discarded", "Milter: to=<bob@example.org>, discard"] {
        assert_eq!(log(&[said.to_owned()])[0].recipients[0].status, Status::Discarded, "{said}");
    }
    let kept = [
        "milter=clamav-milter, quarantine=infected by Eicar".to_owned(),
        "to=<bob@example.org>, delay=00:00:01, mailer=esmtp, quarantine=infected by Eicar, stat=quarantined"
            .to_owned(),
    ];
    assert_eq!(fates(&log(&kept)), [("bob@example.org", Status::Quarantined, "")]);
    let nowhere = "to=/dev/null, ctladdr=<noreply@example.org> (8/0), delay=00:00:01, mailer=*file*, dsn=2.0.0, stat=Sent";
    assert_eq!(fates(&log(&[nowhere.to_owned()])), [("/dev/null", Status::Discarded, "noreply@example.org")]);
    // Whose mail it is, and an alias that led there.
    let full = "452 4.2.2 full";
    assert_eq!(
        fates(&log(&[to("ctladdr=<ann@example.com> (8/0), ", full)])),
        [("bob@example.org", Status::Deferred, "")]
    );
    assert_eq!(
        fates(&log(&[to("ctladdr=<team@example.org> (8/0), ", full)])),
        [("bob@example.org", Status::Deferred, "team@example.org")]
    );
}

#[test]
fn exchange_moderators_and_groups() {
    let fields = "#Fields: date-time,source,event-id,message-id,network-message-id,recipient-address,related-recipient-address,sender-address\n";
    let of = |lines: &str| told(Dialect::ExchangeTracking, &format!("{fields}{lines}"));
    for event in ["MODERATORREJECT", "MODERATIONEXPIRE", "MODERATORSALLNDR"] {
        let messages = of(&format!(
            "2026-03-10T09:00:00.000Z,SMTP,RECEIVE,<1@example.com>,a-1,bob@example.org,,ann@example.com\n\
             2026-03-10T09:00:01.000Z,APPROVAL,{event},<1@example.com>,a-1,bob@example.org,,ann@example.com\n"
        ));
        let bob = &messages[0].recipients[0];
        assert_eq!((bob.status, bob.cause), (Status::Bounced, Some(Cause::PolicyRejected)), "{event}");
    }
    for (event, original) in [("EXPAND", "all@example.org"), ("REDIRECT", "all@example.org"), ("RESOLVE", "")]
    {
        let messages = of(&format!(
            "2026-03-10T09:00:01.000Z,ROUTING,{event},<1@example.com>,a-1,bob@example.org,all@example.org,ann@example.com\n\
             2026-03-10T09:00:02.000Z,STOREDRIVER,DELIVER,<1@example.com>,a-1,bob@example.org,,ann@example.com\n"
        ));
        assert_eq!(fates(&messages), [("bob@example.org", Status::Delivered, original)], "{event}");
    }
}

#[test]
fn courier_says_why_in_the_line_before() {
    let text = "\
Mar 10 09:00:00 mx courierd: newmsg,id=0002A1B0.4B9.1: dns; app (app [192.0.2.10])
Mar 10 09:00:01 mx courieresmtp: id=0002A1B0.4B9.1,from=<ann@example.com>,addr=<bob@example.org>: 550 5.1.1 <bob@example.org>: User unknown
Mar 10 09:00:01 mx courieresmtp: id=0002A1B0.4B9.1,from=<ann@example.com>,addr=<bob@example.org>,status: failure
";
    let messages = told(Dialect::Courier, text);
    let bob = &messages[0].recipients[0];
    assert_eq!((bob.status, bob.cause), (Status::Bounced, Some(Cause::UnknownUser)), "{}", bob.reply);
}

/// An address was asked for, and no message sent.
#[test]
fn a_probe_is_no_message() {
    let text = "\
Mar 10 09:00:00 mx postfix/qmgr[1]: 4F1A2B3C4D: from=<double-bounce@example.com>, size=9, nrcpt=1 (queue active)
Mar 10 09:00:01 mx postfix/smtp[2]: 4F1A2B3C4D: to=<bob@example.org>, relay=mx.example.org[192.0.2.1]:25, delay=1, dsn=2.1.5, status=deliverable (250 2.1.5 Ok)
Mar 10 09:00:01 mx postfix/qmgr[1]: 4F1A2B3C4D: removed
";
    let messages = told(Dialect::Postfix, text);
    assert_eq!(fates(&messages), [("bob@example.org", Status::Unknown, "")]);
    let answer = &messages[0].recipients[0].answer;
    assert!(
        answer.starts_with("No message was sent") && answer.ends_with("found it deliverable."),
        "{answer}"
    );
}

#[test]
fn both_queues_of_sendmail_are_listed() {
    let text = "MSP Queue status...\n/var/spool/mqueue-client is empty\n\t\tTotal requests: 0\n";
    assert!(crate::parse::log::detect::dialect(text.as_bytes()) == Some(Dialect::MailQueue));
}

/// What an alias led to stands before its parent; a mailbox by its local part does not.
#[test]
fn exim_names_the_address_before_its_parent() {
    let log = "\
2026-11-24 13:00:00 1vNhhh-00000000H01-0001 <= bob@example.org H=mx.example.org [198.51.100.9] P=esmtps S=8821 id=1@example.org for team@example.com
2026-11-24 13:00:00 1vNhhh-00000000H01-0001 => kassier <team@example.com> R=dovecot_user T=dovecot_lmtp C=\"250 2.0.0 <kassier@example.com> OPkYHk9SRGdF Saved\"
2026-11-24 13:00:01 1vNhhh-00000000H01-0001 ** ann@example.net <team@example.com> R=dnslookup T=remote_smtp H=mx.example.net [203.0.113.63]: SMTP error from remote mail server after RCPT TO:<ann@example.net>: 550 5.1.1 No such user
2026-11-24 13:00:01 1vNhhh-00000000H01-0001 -> |/usr/local/bin/archiver <team@example.com> R=system_aliases T=address_pipe
2026-11-24 13:00:01 1vNhhh-00000000H01-0001 Completed
";
    for wrapped in [String::new(), "mailer-1  | ".to_owned(), "[pod/mx-0/exim] ".to_owned()] {
        let log: String = log.lines().map(|line| format!("{wrapped}{line}\n")).collect();
        let messages = join(events("exim.log", Dialect::Exim, &log));
        let [message] = messages.as_slice() else { panic!("{}", messages.len()) };
        let ann = of(message, "ann@example.net");
        assert_eq!((ann.status, ann.original.as_str()), (Status::Bounced, "team@example.com"));
        assert!(
            ann.answer.contains("to ann@example.net (one of 2 addresses behind team@example.com)")
                || ann.answer.contains("to ann@example.net (for team@example.com)"),
            "{}",
            ann.answer
        );
    }
}

/// Without a code Exim's own word says whether its answer was final.
#[test]
fn exim_says_in_its_own_words_what_was_temporary() {
    for (word, permanent) in [("rejected", true), ("temporarily rejected", false)] {
        let log = format!(
            "2026-11-24 12:10:00 H=mx.example.org [203.0.113.12] F=<bob@example.org> {word} RCPT <ann@example.com>: \
             Sender verify failed\n"
        );
        let messages = join(events("exim.log", Dialect::Exim, &log));
        assert_eq!(messages[0].recipients[0].permanent, Some(permanent), "{word}");
    }
}

/// A list's envelope of its own goes on under the id of the clone.
#[test]
fn sendmail_follows_a_list_to_its_own_envelope() {
    for clone in [
        "6AOB00cc004300: 6AOB00cd004302: clone: owner=owner-team",
        "6AOB00cd004302: clone 6AOB00cc004300, owner=owner-team",
    ] {
        let log = format!("\
Nov 24 11:00:00 sm1 sendmail[4300]: 6AOB00cc004300: from=<bob@example.org>, size=4100, class=0, nrcpts=1, msgid=<1@example.org>, proto=ESMTP, daemon=MTA, relay=mx.example.org [198.51.100.9]
Nov 24 11:00:00 sm1 sendmail[4302]: {clone}
Nov 24 11:00:02 sm1 sendmail[4302]: 6AOB00cd004302: to=<ann@example.net>, ctladdr=owner-team (8/0), delay=00:00:02, xdelay=00:00:01, mailer=esmtp, pri=64100, relay=mx.example.net. [203.0.113.33], dsn=5.7.0, reply=554 5.7.0 Reject, id=22011-07 - INFECTED: Eicar-Test, stat=Service unavailable
");
        let messages = join(events("mail.log", Dialect::Sendmail, &log));
        let [message] = messages.as_slice() else { panic!("{clone}: {}", messages.len()) };
        let ann = of(message, "ann@example.net");
        assert_eq!(ann.status, Status::Bounced, "{clone}");
        assert!(ann.reply.contains("INFECTED"), "{}", ann.reply);
        assert_eq!(ann.cause, Some(Cause::Virus));
    }
}

/// hMailServer writes many sessions beside each other: none takes another's reply.
#[test]
fn hmailserver_sessions_do_not_mix() {
    let said = |session: u32, what: &str| {
        format!(
            "\"SMTPC\"\t4120\t{session}\t\"2026-11-24 09:00:01.412\"\t\"203.0.113.{session}\"\t\"{what}\"\n"
        )
    };
    let both = |what: &str| said(81, what) + &said(82, what);
    let mut log = both("RECEIVED: 220 mx.example.org ESMTP") + &both("SENT: EHLO mail.example.com");
    log += &both("RECEIVED: 250-mx.example.org[nl]250-SIZE 10240000[nl]250 8BITMIME");
    log += &(both("SENT: MAIL FROM:<eva@example.com>") + &both("RECEIVED: 250 2.1.0 Ok"));
    log += &(said(81, "SENT: RCPT TO:<a@example.org>") + &said(82, "SENT: RCPT TO:<b@example.org>"));
    log += &(said(82, "RECEIVED: 451 4.7.1 Greylisting in action") + &said(81, "RECEIVED: 250 2.1.5 Ok"));
    log += &(said(82, "SENT: QUIT") + &said(81, "SENT: DATA") + &said(81, "RECEIVED: 354 go ahead"));
    log += &(said(81, "SENT: [nl].") + &said(81, "RECEIVED: 550 5.1.1 no such user"));
    let messages = join(events("hmailserver.log", Dialect::Imail, &log));
    let all: Vec<&Recipient> = messages.iter().flat_map(|message| &message.recipients).collect();
    let status = |address: &str| all.iter().find(|one| one.address == address).map(|one| one.status);
    assert_eq!(
        (status("a@example.org"), status("b@example.org")),
        (Some(Status::Bounced), Some(Status::Deferred))
    );
}

/// A journal that was printed has its entries between apostrophes.
#[test]
fn a_printed_qzmf_journal_names_clean_addresses() {
    let log = "\
     48121    U     LG   11/24/26  09:00:01  '91 O app@example.com'
     48122    U     LG   11/24/26  09:00:01  '92 R ann@example.org'
     48124    U     LG   11/24/26  09:00:02  '89 MSGID: <1@example.com>'
     48127    U     LG   11/24/26  09:00:03  '88 DLVED 192.0.2.6'
     48126    U     LG   11/24/26  09:00:03  '82 R ann@example.org'
";
    let messages = join(events("qzmf.txt", Dialect::Qzmf, log));
    let named: Vec<&str> =
        messages.iter().flat_map(|m| &m.recipients).map(|one| one.address.as_str()).collect();
    assert_eq!(named, ["ann@example.org"]);
    assert_eq!(messages[0].sender, "app@example.com");
    assert!(messages[0].ids.iter().all(|id| !id.contains('\'')), "{:?}", messages[0].ids);
}

/// A refusal for now that was followed by the same sender's mail to the same address points there, and
/// keeps its own verdict: no log proves that it is the same message.
#[test]
fn a_refusal_for_now_points_to_the_retry() {
    let log = |second: &str| {
        format!("\
Nov 25 06:11:36 mx1 postfix/postscreen[411]: NOQUEUE: reject: RCPT from [198.51.100.9]:40112: 450 4.3.2 Service currently unavailable; from=<bob@example.org>, to=<ann@example.com>, proto=ESMTP, helo=<mx.example.org>
Nov 25 06:21:41 mx1 postfix/smtpd[430]: 0BD6E1A0442: client=mx.example.org[198.51.100.9]
Nov 25 06:21:41 mx1 postfix/qmgr[390]: 0BD6E1A0442: from=<{second}>, size=4102, nrcpt=1 (queue active)
Nov 25 06:21:41 mx1 postfix/lmtp[436]: 0BD6E1A0442: to=<ann@example.com>, relay=mx1.example.com[private/dovecot-lmtp], delay=0.4, delays=0.35/0.01/0.01/0.03, dsn=2.0.0, status=sent (250 2.0.0 <ann@example.com> wN4RHkVtJWcLrQAA Saved)
")
    };
    for (second, points) in [("bob@example.org", true), ("eve@example.org", false)] {
        let messages = join(events("mail.log", Dialect::Postfix, &log(second)));
        let refused = &messages[0].recipients[0];
        assert_eq!(refused.status, Status::Rejected);
        let step = refused.advice.iter().find(|step| step.contains("0BD6E1A0442"));
        assert_eq!(step.is_some(), points, "{second}");
        assert!(step.is_none_or(|step| step.contains("taken on 2024-11-25 06:21 UTC from")), "{step:?}");
    }
}

/// Each wrapping of a container leaves the same story.
#[test]
fn containers_wrap_exim_in_many_ways() {
    let log = "\
2026-11-24 09:00:00 1vNppp-000000000PP-0001 <= app@example.com H=(backend) [172.20.0.5] P=esmtp S=1201 id=1@example.com for ann@example.org
2026-11-24 09:00:01 1vNppp-000000000PP-0001 ** ann@example.org R=dnslookup T=remote_smtp H=mx.example.org [203.0.113.170]: SMTP error from remote mail server after RCPT TO:<ann@example.org>: 550 5.1.1 No such user
2026-11-24 09:00:01 1vNppp-000000000PP-0001 Completed
";
    let wrap = |with: &dyn Fn(&str) -> String| log.lines().map(with).collect::<String>();
    let json = |line: &str| serde_json::json!({"log": format!("{line}\n"), "stream": "stdout", "time": "2026-11-24T09:00:02Z"});
    for (dialect, text) in [
        (Dialect::Exim, log.to_owned()),
        (Dialect::Exim, wrap(&|line| format!("mailer-1  | {line}\n"))),
        (Dialect::Exim, wrap(&|line| format!("[pod/mx-0/exim] {line}\n"))),
        (Dialect::Exim, wrap(&|line| format!("2026-11-24T09:00:02.1Z stdout F {line}\n"))),
        (Dialect::Journald, wrap(&|line| format!("{}\n", json(line)))),
    ] {
        assert_eq!(crate::parse::log::detect::dialect(text.as_bytes()), Some(dialect), "{text}");
        let messages = told(dialect, &text);
        assert_eq!(fates(&messages), [("ann@example.org", Status::Bounced, "")], "{text}");
        assert_eq!(messages[0].recipients[0].cause, Some(Cause::UnknownUser), "{text}");
    }
}

/// Programs that are named like a known one and write otherwise.
#[test]
fn a_namesake_is_not_taken_for_a_known_log() {
    for line in [
        "Nov 24 09:00:03 esg1 outbound/smtp[13266]: 127.0.0.1 1795683601-0f8241420001-6AQV5q 0 0 SEND ENC 1 8B2052296C 250 2.6.0 Queued mail for delivery",
        "Nov 24 09:00:01 halon1 smtpd[1101]: [b2f1a0c4-e832-11f0-9c11-005056a10001] [EOD] mail.example.com[192.0.2.10]:52012 from=<eva@example.com> to=<oda@example.org> action=QUEUE",
    ] {
        assert_eq!(crate::parse::log::detect::dialect(format!("{line}\n").as_bytes()), None, "{line}");
    }
}

/// The appliance's copy of a message goes to those the message went to.
#[test]
fn a_rewritten_copy_keeps_its_recipients() {
    for how in [
        "rewritten to MID 66204 by url-threat-protection filter 'DEFAULT'",
        "was split creating MID 66204 due to a per-recipient policy",
    ] {
        let log = format!("\
Tue Nov 24 09:02:00 2026 Info: Start MID 66203 ICID 88122
Tue Nov 24 09:02:00 2026 Info: MID 66203 ICID 88122 From: <eva@example.com>
Tue Nov 24 09:02:00 2026 Info: MID 66203 ICID 88122 RID 0 To: <rew@example.org>
Tue Nov 24 09:02:01 2026 Info: MID 66203 {how}
Tue Nov 24 09:02:01 2026 Info: Message finished MID 66203 done
Tue Nov 24 09:02:01 2026 Info: MID 66204 queued for delivery
Tue Nov 24 09:02:02 2026 Info: Bounced: DCID 7710 MID 66204 to RID 0 - 5.1.2 - Bad destination host ('000', ['DNS Hard Error looking up example.org (MX):  NXDomain']) []
");
        let messages = told(Dialect::Ironport, &log);
        assert_eq!(fates(&messages), [("rew@example.org", Status::Bounced, "")], "{how}");
    }
}

/// What Sieve forwards and does not keep is forwarded.
#[test]
fn a_forward_without_a_copy_is_no_discard() {
    let log = "\
Nov 24 09:00:00 mx postfix/qmgr[1]: B10C0AE01: from=<bob@example.org>, size=2700, nrcpt=1 (queue active)
Nov 24 09:00:01 mx dovecot: lmtp(ann@example.com)<12><aBcD>: sieve: msgid=<1@example.org>: redirect action: forwarded to <ann@example.net>
Nov 24 09:00:01 mx dovecot: lmtp(ann@example.com)<12><aBcD>: sieve: msgid=<1@example.org>: marked message to be discarded if not explicitly delivered (discard action)
Nov 24 09:00:01 mx postfix/lmtp[2]: B10C0AE01: to=<ann@example.com>, relay=mx[private/dovecot-lmtp], delay=0.4, delays=0.35/0.01/0.01/0.03, dsn=2.0.0, status=sent (250 2.0.0 <ann@example.com> aBcD Saved)
";
    let messages = told(Dialect::Postfix, log);
    let answers: Vec<&str> =
        messages.iter().flat_map(|m| &m.recipients).map(|one| one.answer.as_str()).collect();
    assert!(answers.iter().any(|answer| answer.contains("a rule sent it to ann@example.net")), "{answers:?}");
    assert!(answers.iter().all(|answer| !answer.contains("thrown away")), "{answers:?}");
}

/// An alias that was forwarded under another id is one copy: the one that went on.
#[test]
fn what_was_forwarded_is_told_once() {
    let log = "\
Nov 24 09:00:00 srv postfix/qmgr[370]: B10C0AE: from=<bob@example.org>, size=2700, nrcpt=1 (queue active)
Nov 24 09:00:00 srv postfix/local[403]: B10C0AE: to=<jan@srv.example.com>, orig_to=<jan@example.com>, relay=local, delay=0.1, delays=0.05/0/0/0.05, dsn=2.0.0, status=sent (forwarded as B20C0AF)
Nov 24 09:00:00 srv postfix/qmgr[370]: B20C0AF: from=<bob@example.org>, size=2900, nrcpt=1 (queue active)
Nov 24 09:00:02 srv postfix/smtp[405]: B20C0AF: to=<jan@example.net>, orig_to=<jan@example.com>, relay=mx.example.net[203.0.113.4]:25, delay=2, delays=0/0/1/1, dsn=5.1.1, status=bounced (host mx.example.net[203.0.113.4] said: 550 5.1.1 no such user (in reply to RCPT TO command))
";
    assert_eq!(
        fates(&told(Dialect::Postfix, log)),
        [("jan@example.net", Status::Bounced, "jan@example.com")]
    );
}

/// sendmail's own word for a class of failures is nobody's reason.
#[test]
fn sendmails_own_word_blames_nobody() {
    let log = |dsn: &str| {
        format!("\
Nov 24 13:00:00 sm2 sendmail[5000]: 6AOD00ff005000: from=<app@example.com>, size=900, class=0, nrcpts=1, msgid=<1@example.com>, relay=app [192.0.2.10]
Nov 24 13:00:02 sm2 sendmail[5001]: 6AOD00ff005000: to=<ops@example.org>, delay=00:00:02, xdelay=00:00:02, mailer=esmtp, pri=120900, relay=mx.example.org. [198.51.100.9], dsn={dsn}, stat=Service unavailable
")
    };
    for (dsn, cause) in
        [("5.0.0", Cause::Undetermined), ("5.1.1", Cause::UnknownUser), ("5.2.2", Cause::MailboxFull)]
    {
        let messages = told(Dialect::Sendmail, &log(dsn));
        assert_eq!(messages[0].recipients[0].cause, Some(cause), "{dsn}");
    }
}

/// What Exim gave up or froze is told with why the last try failed.
#[test]
fn exim_tells_why_before_it_gives_up_or_freezes() {
    let begin = "\
2026-11-20 09:00:00 1vNabc-000000001Aa-0xYz <= ann@example.com H=app [192.0.2.10] P=esmtps S=9 id=1@example.com for bob@example.org
2026-11-20 09:00:30 1vNabc-000000001Aa-0xYz == bob@example.org R=dnslookup T=remote_smtp defer (-1): lowest numbered MX record points to local host
";
    for (line, status) in [
        ("2026-11-20 09:00:31 1vNabc-000000001Aa-0xYz Frozen", Status::Held),
        (
            "2026-11-24 09:00:00 1vNabc-000000001Aa-0xYz ** bob@example.org: retry timeout exceeded",
            Status::Expired,
        ),
    ] {
        let messages = told(Dialect::Exim, &format!("{begin}{line}\n"));
        let one = &messages[0].recipients[0];
        assert_eq!(one.status, status);
        assert!(one.answer.contains("lowest numbered MX"), "{}", one.answer);
        assert!(one.reply.contains("lowest numbered MX"), "{}", one.reply);
    }
}

/// The login name of who called `sendmail` is completed by the queue's own line.
#[test]
fn a_login_name_is_no_senders_address() {
    let log = "\
Nov 24 09:00:00 srv postfix/pickup[300]: B10C0AE: uid=33 from=<www-data>
Nov 24 09:00:00 srv postfix/qmgr[370]: B10C0AE: from=<www-data@srv.example.com>, size=2700, nrcpt=1 (queue active)
Nov 24 09:00:02 srv postfix/smtp[405]: B10C0AE: to=<jan@example.net>, relay=mx.example.net[203.0.113.4]:25, delay=2, delays=0/0/1/1, dsn=5.1.1, status=bounced (host mx.example.net[203.0.113.4] said: 550 5.1.1 no such user (in reply to RCPT TO command))
";
    assert_eq!(told(Dialect::Postfix, log)[0].sender, "www-data@srv.example.com");
}

/// A command is a mailbox only where its program fills mailboxes.
#[test]
fn a_program_that_fills_no_mailbox_is_no_delivery() {
    let log = |reply: &str| {
        format!(
            "Nov 24 09:00:00 srv postfix/qmgr[370]: B10C0AE: from=<bob@example.org>, size=2700, nrcpt=1 (queue active)\n\
             Nov 24 09:00:00 srv postfix/local[403]: B10C0AE: to=<rt@srv.example.com>, relay=local, delay=0.1, \
             delays=0.05/0/0/0.05, dsn=2.0.0, status=sent ({reply})\n"
        )
    };
    for (reply, status) in [
        (
            "delivered to command: /opt/rt5/bin/rt-mailgate --queue general --action correspond",
            Status::AcceptedByRelay,
        ),
        ("delivered to command: /usr/bin/procmail -t -a \"$EXTENSION\"", Status::Delivered),
        ("delivered to command: /usr/lib/dovecot/dovecot-lda -f bob", Status::Delivered),
        ("delivered via fax service", Status::AcceptedByRelay),
        ("delivered via dovecot service", Status::Delivered),
        ("delivered via maildrop service", Status::Delivered),
        ("delivered to mailbox", Status::Delivered),
        ("delivered to maildir", Status::Delivered),
    ] {
        let messages = told(Dialect::Postfix, &log(reply));
        let one = &messages[0].recipients[0];
        assert_eq!(one.status, status, "{reply}");
        assert_eq!(
            one.answer.contains("in its own log"),
            status == Status::AcceptedByRelay,
            "{}",
            one.answer
        );
    }
}

/// A milter that does not answer is one of the server that wrote the line, and nobody's else.
#[test]
fn a_milter_is_of_the_server_that_asks() {
    let log = "Mar 10 09:00:01 mail.example.com postfix/cleanup[1]: 4ABCD1234Z: milter-reject: END-OF-MESSAGE from pc[10.0.0.7]: 4.7.1 Service unavailable - try again later; from=<ann@example.com> to=<bob@example.org> proto=ESMTP helo=<pc>\n\
        Mar 10 09:10:01 mail.example.com postfix/smtpd[2]: NOQUEUE: milter-reject: RCPT from pc[10.0.0.7]: 451 4.7.1 Service unavailable - try again later; from=<ann@example.com> to=<eva@example.org> proto=ESMTP helo=<pc>\n\
        Mar 10 09:20:01 mail.example.com postfix/smtpd[2]: NOQUEUE: reject: RCPT from pc[10.0.0.7]: 451 4.3.0 <tom@example.org>: Temporary lookup failure; from=<ann@example.com> to=<tom@example.org> proto=ESMTP helo=<pc>\n";
    let messages = told(Dialect::Postfix, log);
    let all: Vec<&Recipient> = messages.iter().flat_map(|message| &message.recipients).collect();
    assert_eq!(all.len(), 3);
    for one in all {
        assert_eq!(one.who.name(), "sender", "{}: {:?}", one.address, one.advice);
        assert!(one.advice.iter().any(|step| step.contains("mail.example.com")), "{:?}", one.advice);
    }
}

/// Exchange names the next hop in the status of what waits; its own agents ask no server.
#[test]
fn exchange_speaks_for_whom_it_names() {
    let head = "#Fields: date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,internal-message-id,message-id,network-message-id,recipient-address,recipient-status,total-bytes,recipient-count,related-recipient-address,reference,message-subject,sender-address,return-path,message-info\n";
    let of = |source: &str, event: &str, status: &str| {
        let line = format!(
            "2026-03-10T09:00:10.000Z,,EX02,,EX02,,,{source},{event},1,<m1@example.com>,a-1,bob@example.org,\"{status}\",50,1,,,Hi,ann@example.com,ann@example.com,\n"
        );
        told(Dialect::ExchangeTracking, &format!("{head}{line}"))
    };
    let waits = of(
        "SMTP",
        "DEFER",
        "{LED=451 4.7.0 Try later};{MSG=};{FQDN=smart.example.com};{IP=198.51.100.25};{LRT=1}",
    );
    let bob = &waits[0].recipients[0];
    assert_eq!((bob.remote_host.as_str(), bob.who.name()), ("smart.example.com", "sender"));
    assert!(bob.speaker.is_some_and(|speaker| speaker.is_own()));
    let ruled = of(
        "AGENT",
        "FAIL",
        "[{LRT=};{LED=550 5.7.1 TRANSPORT.RULES.RejectMessage; not outside};{FQDN=};{IP=}]",
    );
    let bob = &ruled[0].recipients[0];
    assert_eq!((bob.remote_host.as_str(), bob.who.name()), ("", "sender"));
    assert!(!bob.answer.contains("mailbox program"), "{}", bob.answer);
}
