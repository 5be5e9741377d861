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
