//! One line of every dialect, and input that means harm.

use super::*;

fn outcomes(dialect: Dialect, text: &str) -> Vec<(Kind, String, String)> {
    let batch = parse_block(dialect, text.as_bytes(), 2024);
    assert_eq!(batch.unparsed, 0, "{:?}", batch.unparsed_examples);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let events = batch.iter().map(|event| (event.kind, text(event.recipient), text(event.reply)));
    let ends =
        [Kind::Delivered, Kind::Deferred, Kind::Bounced, Kind::Expired, Kind::Rejected, Kind::Complained];
    events.filter(|(kind, ..)| ends.contains(kind)).collect()
}

fn one(dialect: Dialect, text: &str, kind: Kind, recipient: &str, reply: &str) {
    let got = outcomes(dialect, text);
    assert_eq!(got, [(kind, recipient.to_owned(), reply.to_owned())], "{}", dialect.name());
    assert_eq!(detect::dialect(text.as_bytes()), Some(dialect));
}

#[test]
fn sendmail_opensmtpd_courier() {
    one(
        Dialect::Sendmail,
        "Mar  3 10:15:02 mx sm-mta[77]: 4239F0aB012345: to=<a@example.org>, ctladdr=<b@example.com> (0/0), delay=00:00:02, xdelay=00:00:01, mailer=esmtp, pri=120345, relay=mx.example.org. [192.0.2.7], dsn=4.2.0, stat=Deferred: 450 4.2.0 try later\n",
        Kind::Deferred,
        "a@example.org",
        "Deferred: 450 4.2.0 try later",
    );
    one(
        Dialect::Opensmtpd,
        "Mar  3 10:15:02 mx smtpd[77]: 5d6b1f0a mta delivery evpid=8a1b2c3d4e5f6071 from=<b@example.com> to=<a@example.org> rcpt=<-> source=\"192.0.2.1\" relay=\"192.0.2.7 (mx.example.org)\" delay=1s result=\"PermFail\" stat=\"550 5.1.1 no such user\"\n",
        Kind::Bounced,
        "a@example.org",
        "550 5.1.1 no such user",
    );
    one(
        Dialect::Courier,
        "Mar  3 10:15:02 mx courieresmtpd: error,relay=::ffff:192.0.2.9,from=<b@example.com>,to=<a@example.org>: 550 User unknown.\n",
        Kind::Rejected,
        "a@example.org",
        "550 User unknown.",
    );
}

#[test]
fn qmail_numbers_its_deliveries() {
    one(
        Dialect::Qmail,
        "@4000000065e44c5a00000000 new msg 77\n\
         @4000000065e44c5a00000000 info msg 77: bytes 900 from <b@example.com> qp 1 uid 2\n\
         @4000000065e44c5a00000000 starting delivery 5: msg 77 to remote a@example.org\n\
         @4000000065e44c5b00000000 delivery 5: deferral: 192.0.2.7_does_not_like_recipient./Remote_host_said:_450_later/\n",
        Kind::Deferred,
        "a@example.org",
        "192.0.2.7 does not like recipient. Remote host said: 450 later",
    );
}

#[test]
fn events_of_senders_for_hire() {
    one(
        Dialect::Ses,
        r#"{"Type":"Notification","Message":"{\"notificationType\":\"Bounce\",\"bounce\":{\"bounceType\":\"Permanent\",\"bouncedRecipients\":[{\"emailAddress\":\"a@example.org\",\"status\":\"5.1.1\",\"diagnosticCode\":\"smtp; 550 5.1.1 user unknown\"}],\"timestamp\":\"2024-03-03T10:15:02.000Z\"},\"mail\":{\"messageId\":\"0100018e\",\"source\":\"b@example.com\",\"timestamp\":\"2024-03-03T10:15:00.000Z\",\"destination\":[\"a@example.org\"]}}"}"#,
        Kind::Bounced,
        "a@example.org",
        "550 5.1.1 user unknown",
    );
    one(
        Dialect::Sendgrid,
        "[\n {\"email\":\"a@example.org\",\"timestamp\":1709460902,\"event\":\"deferred\",\"sg_message_id\":\"abcdef.filter0001\",\n  \"response\":\"450 4.2.0 later\"}\n]\n",
        Kind::Deferred,
        "a@example.org",
        "450 4.2.0 later",
    );
}

#[test]
fn exchange_and_microsoft_365() {
    one(
        Dialect::MessageTrace,
        "origin_timestamp_utc,sender_address,recipient_status,message_subject,total_bytes,message_id,network_message_id\n\
         2024-03-03T10:15:00.0Z,b@example.com,\"a@example.org##Receive, Fail\",\"Hello, you\",900,<1@example.com>,1e6eb197\n",
        Kind::Bounced,
        "a@example.org",
        "Receive, Fail",
    );
    let log = "#Software: Microsoft Exchange Server\n#Log-type: SMTP Send Protocol Log\n\
        #Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context\n\
        2024-03-03T10:15:00.000Z,out,08DC,0,,192.0.2.7:25,*,,attempting to connect\n\
        2024-03-03T10:15:00.000Z,out,08DC,1,192.0.2.1:5000,192.0.2.7:25,<,220 mx.example.org ESMTP,\n\
        2024-03-03T10:15:00.000Z,out,08DC,2,192.0.2.1:5000,192.0.2.7:25,>,MAIL FROM:<b@example.com>,\n\
        2024-03-03T10:15:00.000Z,out,08DC,3,192.0.2.1:5000,192.0.2.7:25,>,RCPT TO:<a@example.org>,\n\
        2024-03-03T10:15:00.000Z,out,08DC,4,192.0.2.1:5000,192.0.2.7:25,<,250 2.1.0 Ok,\n\
        2024-03-03T10:15:00.000Z,out,08DC,5,192.0.2.1:5000,192.0.2.7:25,<,550 5.1.1 no such user,\n";
    one(Dialect::ExchangeProtocol, log, Kind::Bounced, "a@example.org", "550 5.1.1 no such user");
}

#[test]
fn ibm_i_journal() {
    let text = "88 DLVED 192.0.2.25\n82 R a@example.org\n81 O b@example.com\n89 MSGID: <1@example.com>\n83 U c@example.org\n";
    let got = outcomes(Dialect::Qzmf, text);
    let kinds: Vec<(Kind, &str)> = got.iter().map(|(kind, to, _)| (*kind, to.as_str())).collect();
    assert_eq!(kinds, [(Kind::Delivered, "a@example.org"), (Kind::Bounced, "c@example.org")]);
    assert_eq!(detect::dialect(text.as_bytes()), Some(Dialect::Qzmf));
}

#[test]
fn journald_unwraps() {
    one(
        Dialect::Journald,
        "{\"__REALTIME_TIMESTAMP\":\"1709460902000000\",\"_HOSTNAME\":\"mx\",\"SYSLOG_IDENTIFIER\":\"postfix/smtp\",\"MESSAGE\":\"4104E3D: to=<a@example.org>, relay=none, delay=1, dsn=4.4.1, status=deferred (connect to mx.example.org[192.0.2.7]:25: Connection timed out)\"}\n",
        Kind::Deferred,
        "a@example.org",
        "connect to mx.example.org[192.0.2.7]:25: Connection timed out",
    );
}

/// Every prefix of a line, and every byte of it replaced, in every dialect.
#[test]
fn torn_and_damaged_lines_never_panic() {
    let lines = [
        "Mar  3 10:15:02 h postfix/smtp[1]: 4104E3D: to=<a@example.org>, orig_to=<x>, relay=mx.example.org[192.0.2.7]:25, delay=1, delays=0.1/0/0/1, dsn=2.0.0, status=sent (250 Ok: queued as 4104E3E)",
        "Mar  3 10:15:02 h postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.9]: 550 5.1.1 <a@b>: no; from=<> to=<a@b> proto=SMTP helo=<x>",
        "1999-03-02 09:44:33 [12] 10HmaX-000000005vi-0000 ** |p <d@example.org> R=all T=smtp H=h [192.0.2.1] : SMTP error: 550 no",
        "2013-06-10 18:33:32 [10099] H=(x) [192.0.2.70]:3755 I=[1.2.3.4]:25 F=<> rejected RCPT <d@e>: no",
        "Mar  3 10:15:02 mx sm-mta[77]: 4239F0aB012345: to=<a@b>,<c@d>, delay=1+00:00:02, relay=m. [192.0.2.7], dsn=4.2.0, stat=Deferred: x",
        "@4000000065e44c5a00000000 starting delivery 5: msg 77 to remote a@example.org",
        "2024-01-25T15:16:09.843Z,,,,x,\"a;b\",,SMTP,FAIL,1,<m@x>,2f,a@b;c@d,\"550 x;{y}\",15,1,,,s,b@c,b@c,,Incoming",
        "{\"eventType\":\"Bounce\",\"mail\":{\"messageId\":\"1\"},\"bounce\":{\"bouncedRecipients\":[{\"emailAddress\":\"a\"}]}}",
        "JRN LG 030324 101502 88 DLVED 192.0.2.25",
        "2024-03-03 10:15:00 S: RCPT TO:<a@b>",
        "<22>1 2024-03-03T00:00:00Z h postfix/smtp 1 - [a b=\"]\"] 4104E3D: to=<a@b>, status=sent (x)",
    ];
    for line in lines {
        for dialect in Dialect::ALL {
            for cut in 0..=line.len() {
                parse_block(*dialect, &line.as_bytes()[..cut], 2024);
                detect::dialect(&line.as_bytes()[..cut]);
            }
            for at in 0..line.len() {
                for byte in [0, b'<', b'[', b':', b' ', b'"', 0xff] {
                    let mut damaged = line.as_bytes().to_vec();
                    damaged[at] = byte;
                    parse_block(*dialect, &damaged, 2024);
                }
            }
        }
    }
}

#[test]
fn nuls_and_long_lines() {
    let good = "Mar  3 10:15:02 h postfix/smtp[1]: 4104E3D: to=<a@example.org>, relay=none, dsn=2.0.0, status=sent (x)\n";
    let mut text = vec![0u8; 5000];
    text.extend_from_slice(good.as_bytes());
    text.extend(std::iter::repeat_n(b'x', 10 << 20));
    text.push(b'\n');
    text.extend_from_slice(good.as_bytes());
    text.extend_from_slice(b"Mar  3 10:15:02 h postfix/smtp[1]: 4104E3D: to=<a@exam");
    let batch = parse_block(Dialect::Postfix, &text, 2024);
    assert_eq!(batch.lines, 4);
    assert_eq!(batch.iter().filter(|event| event.kind == Kind::Delivered).count(), 2);
    assert_eq!(batch.unparsed, 2, "the long line and the torn one");
}

#[test]
fn containers_wrap_lines() {
    let line = "postfix/smtp[12]: 4XyZ1B2c3Dz4: to=<a@example.org>, relay=mx.example.org[192.0.2.7]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)";
    let wrapped = [
        format!("2024-03-03T10:00:01.123456789Z stdout F Mar  3 10:00:01 mx {line}\n"),
        format!("2024-03-03T10:00:01.123456789Z stderr F {line}\n"),
        format!("mail_1  | Mar  3 10:00:01 mx {line}\n"),
        format!("[pod/mx-0/postfix] 2024-03-03T10:00:01Z mx {line}\n"),
    ];
    for text in wrapped {
        one(Dialect::Postfix, &text, Kind::Delivered, "a@example.org", "250 ok");
    }
    let docker = format!(
        "{{\"log\":\"Mar  3 10:00:01 mx {line}\\n\",\"stream\":\"stdout\",\"time\":\"2024-03-03T10:00:01.1Z\"}}\n"
    );
    one(Dialect::Journald, &docker, Kind::Delivered, "a@example.org", "250 ok");
    let nested = "2024-03-03T10:00:01Z stdout F ".repeat(20_000);
    assert_eq!(parse_block(Dialect::Postfix, nested.as_bytes(), 2024).lines, 1);
}

#[test]
fn opensmtpd_before_six() {
    one(
        Dialect::Opensmtpd,
        "Mar  3 10:15:02 mx smtpd[77]: relay: TempFail for 8a1b2c3d4e5f6071: session=1a2b3c4d5e6f7082, from=<b@example.com>, to=<a@example.org>, rcpt=<->, source=192.0.2.1, relay=192.0.2.7 (mx.example.org), delay=1s, stat=450 4.7.1 Later, please\n",
        Kind::Deferred,
        "a@example.org",
        "450 4.7.1 Later, please",
    );
    one(
        Dialect::Opensmtpd,
        "Mar  3 10:15:02 mx smtpd[77]: 5d6b1f0a mta delivery evpid=8a1b2c3d4e5f6071 from=<b@example.com> to=<a@example.org> rcpt=<-> source=\"-\" relay=\"mx.example.org\" delay=4d result=\"PermFail\" stat=\"Envelope expired\"\n",
        Kind::Expired,
        "a@example.org",
        "Envelope expired",
    );
}

#[test]
fn quoted_line_ends_and_other_tongues() {
    let tracking = "#Fields: date-time,source,event-id,message-id,recipient-address,recipient-status,total-bytes,message-subject,sender-address,a,b,c,d,e,f\n\
        2024-03-03T10:00:01.000Z,SMTP,SEND,<1@example.com>,a@example.org,250 2.1.5 ok,9,\"two\nlines\",b@example.com,,,,,,\n";
    one(Dialect::ExchangeTracking, tracking, Kind::Delivered, "a@example.org", "250 2.1.5 ok");
    one(
        Dialect::MessageTrace,
        "Datum,Absender,Empfänger,Betreff,Status,Nachrichten-ID\n3.3.2024 10:00:01,b@example.com,a@example.org,hallo,Fehlgeschlagen,<1@example.com>\n",
        Kind::Bounced,
        "a@example.org",
        "Fehlgeschlagen",
    );
    // A torn record is counted, and does not swallow the next.
    let torn = "Received,SenderAddress,RecipientAddress,Subject,Status,MessageId\n\
        2024-03-03T10:00:01,b@example.com,c@example.org,\"torn\n\
        2024-03-03T10:00:02,b@example.com,a@example.org,x,Failed,<2@example.com>\n";
    let batch = parse_block(Dialect::MessageTrace, torn.as_bytes(), 2024);
    assert_eq!((batch.unparsed, batch.iter().filter(|e| e.kind == Kind::Bounced).count()), (1, 1));
}

const APPLIANCE: &str = "\
Wed Jun 16 21:42:34 2004 Info: New SMTP ICID 2822 interface mail.example.com (192.0.2.1) address 198.51.100.5 reverse dns host client.example.net verified yes
Wed Jun 16 21:42:35 2004 Info: Start MID 2002 ICID 2822
Wed Jun 16 21:42:35 2004 Info: MID 2002 ICID 2822 From: <b@example.com>
Wed Jun 16 21:42:36 2004 Info: MID 2002 ICID 2822 RID 0 To: <a@example.org>
Wed Jun 16 21:42:36 2004 Info: MID 2002 ICID 2822 RID 1 To: <c@example.org>
Wed Jun 16 21:42:36 2004 Info: MID 2002 ICID 2822 RID 2 To: <d@example.org>
Wed Jun 16 21:42:38 2004 Info: MID 2002 Message-ID '<37gva9$5uvbhe@mail.example.com>'
Wed Jun 16 21:42:38 2004 Info: MID 2002 ready 24663 bytes from <b@example.com>
Wed Jun 16 21:42:38 2004 Info: MID 2002 queued for delivery
Wed Jun 16 21:42:38 2004 Info: New SMTP DCID 2386 interface 192.0.2.1 address 192.0.2.7 port 25
Wed Jun 16 21:42:38 2004 Info: Delivery start DCID 2386 MID 2002 to RID [0, 1, 2]
Wed Jun 16 21:42:38 2004 Info: Message done DCID 2386 MID 2002 to RID [0]
Wed Jun 16 21:42:38 2004 Info: MID 2002 RID [0] Response '2.0.0 Ok: queued as 4ABC123DEF'
Wed Jun 16 21:42:38 2004 Info: Bounced: DCID 2386 MID 2002 to RID 1 - 5.1.0 - Unknown address error ('550', ['5.1.1 <c@example.org>... User unknown']) []
Wed Jun 16 21:42:39 2004 Info: Delayed: DCID 2386 MID 2002 to RID 2 - 4.1.0 - Unknown address error ('452', ['4.2.2 Mailbox full', 'try later']) []
Wed Jun 16 21:42:43 2004 Info: DCID 2386 close
";

/// Kind, id, recipient, reply, address of the peer, of what ended or refused something.
fn ended(dialect: Dialect, text: &str) -> Vec<(Kind, String, String, String, String)> {
    let batch = parse_block(dialect, text.as_bytes(), 2024);
    assert_eq!(batch.unparsed, 0, "{text}");
    let of = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    batch
        .iter()
        .filter(|event| {
            !matches!(
                event.kind,
                Kind::Note | Kind::Addressed | Kind::Identified | Kind::Queued | Kind::Received
            )
        })
        .map(|event| (event.kind, of(event.id), of(event.recipient), of(event.reply), of(event.ip)))
        .collect()
}

#[test]
fn an_appliance_tells_each_recipient_apart_by_numbers() {
    let own = |kind, to: &str, reply: &str| {
        (kind, "2002".to_owned(), to.to_owned(), reply.to_owned(), "192.0.2.7".to_owned())
    };
    let wanted = [
        own(Kind::Delivered, "a@example.org", ""),
        (
            Kind::Linked,
            "2002".into(),
            String::new(),
            "'2.0.0 Ok: queued as 4ABC123DEF'".into(),
            String::new(),
        ),
        own(Kind::Bounced, "c@example.org", "550 5.1.1 <c@example.org>... User unknown"),
        own(Kind::Deferred, "d@example.org", "452 4.2.2 Mailbox full try later"),
    ];
    assert_eq!(detect::dialect(APPLIANCE.as_bytes()), Some(Dialect::Ironport));
    assert_eq!(ended(Dialect::Ironport, APPLIANCE), wanted);
    // The same through syslog.
    let relayed: String =
        APPLIANCE.lines().map(|line| format!("Jun 16 21:42:38 esa1 mail_logs: {}\n", &line[25..])).collect();
    assert_eq!(detect::dialect(relayed.as_bytes()), Some(Dialect::Ironport));
    assert_eq!(ended(Dialect::Ironport, &relayed), wanted);
}

#[test]
fn an_appliance_that_keeps_or_refuses_mail_says_so() {
    let text = "\
Wed Jun 16 21:42:35 2004 Info: MID 7 ICID 5 From: <>
Wed Jun 16 21:42:36 2004 Info: MID 7 ICID 5 RID 0 To: <a@example.org>
Wed Jun 16 21:42:36 2004 Info: MID 7 ICID 5 To: <x@example.org> Rejected by RAT
Wed Jun 16 21:42:36 2004 Info: MID 7 Subject 'Your parcel was quarantined to customs'
Wed Jun 16 21:42:36 2004 Info: MID 7 Subject 'x RID 0 To: <y@example.org> Rejected by RAT'
Wed Jun 16 21:42:36 2004 Info: MID 7 attachment 'this was generated based on MID 3 by bounce'
Wed Jun 16 21:42:37 2004 Info: MID 7 quarantined to \"Policy\" (content filter:strict)
Wed Jun 16 21:42:38 2004 Info: MID 8 ICID 5 RID 0 To: <c@example.org>
Wed Jun 16 21:42:38 2004 Info: Message aborted MID 8 Dropped by antivirus
Wed Jun 16 21:42:39 2004 Info: MID 9 was generated based on MID 8 by bounce
Wed Jun 16 21:42:39 2004 Info: Message finished MID 8 done
";
    let kinds: Vec<(Kind, String, String)> =
        ended(Dialect::Ironport, text).into_iter().map(|(kind, id, to, ..)| (kind, id, to)).collect();
    let one = |kind, id: &str, to: &str| (kind, id.to_owned(), to.to_owned());
    assert_eq!(
        kinds,
        [
            one(Kind::Rejected, "7", "x@example.org"),
            one(Kind::Quarantined, "7", "a@example.org"),
            one(Kind::Discarded, "8", "c@example.org"),
            one(Kind::Notified, "8", ""),
            one(Kind::Removed, "8", ""),
        ]
    );
}

/// Only what a line begins with is the appliance's; the rest may be anybody's.
#[test]
fn no_words_of_a_stranger_make_another_line() {
    let text = "\
Wed Jun 16 21:42:34 2004 Info: New SMTP ICID 5 interface m (192.0.2.1) address 198.51.100.5 reverse dns host unknown verified no
Wed Jun 16 21:42:34 2004 Info: New SMTP DCID 9 interface 192.0.2.1 address 192.0.2.7 port 25
Wed Jun 16 21:42:35 2004 Info: MID 7 ICID 5 From: <\"ICID 6\"@example.com>
Wed Jun 16 21:42:36 2004 Info: MID 7 ICID 5 RID 0 To: <\"a> Rejected by RAT RID 3\"@example.org>
Wed Jun 16 21:42:36 2004 Info: MID 7 attachment 'Message done DCID 9 MID 7 to RID [0]'
Wed Jun 16 21:42:36 2004 Info: MID 7 Custom Log Entry: Bounced: DCID 9 MID 7 to RID 0 - 5.1.1
Wed Jun 16 21:42:36 2004 Info: Custom Log Entry: MID 7 quarantined to \"Policy\"
Wed Jun 16 21:42:36 2004 Info: ICID 5 Address: <\" REJECT SG x\"@example.com> sender accepted
Wed Jun 16 21:42:36 2004 Info: MID 7 Subject 'was generated based on MID 3 by bounce'
Wed Jun 16 21:42:36 2004 Info: MID 8 generated based on MID 7 by filter 'bounce'
Wed Jun 16 21:42:37 2004 Info: Bounced: MID 7 to RID 0 - 5.1.0 - Unknown address error ('550', ['DCID 9 to RID 1 - 4.2.2 no']) []
";
    let got = ended(Dialect::Ironport, text);
    let kinds: Vec<(Kind, &str, &str, &str)> =
        got.iter().map(|(kind, id, to, _, ip)| (*kind, id.as_str(), to.as_str(), ip.as_str())).collect();
    let to = "\"a> Rejected by RAT RID 3\"@example.org";
    assert_eq!(kinds, [(Kind::Linked, "7", "", ""), (Kind::Bounced, "7", to, "")]);
    let batch = parse_block(Dialect::Ironport, text.as_bytes(), 2024);
    let from = batch.iter().find(|event| event.kind == Kind::Received).unwrap();
    assert_eq!(from.ip, b"198.51.100.5", "the session is the one in front, not the one in the address");
}

#[test]
fn numbers_beyond_reason_cost_an_appliance_nothing() {
    let mut text =
        String::from("Wed Jun 16 21:42:36 2004 Info: MID 7 ICID 5 RID 4000000000 To: <a@example.org>\n");
    text.push_str(
        "Wed Jun 16 21:42:36 2004 Info: MID 99999999999999999999999 ICID 5 RID 0 To: <a@example.org>\n",
    );
    text.push_str(&format!(
        "Wed Jun 16 21:42:38 2004 Info: Message done DCID 1 MID 7 to RID [{}]\n",
        "9, ".repeat(100_000)
    ));
    let batch = parse_block(Dialect::Ironport, text.as_bytes(), 2024);
    assert_eq!(batch.lines, 3);
    // Taken for whom nobody knows: counted, with no host that could be the recipient's.
    assert!(batch.iter().filter(|event| event.kind == Kind::Delivered).all(|event| event.host == b"none"));
}

#[test]
fn accounting_rows_by_their_heading() {
    let text = "\
type,timeLogged,timeQueued,orig,rcpt,dsnAction,dsnStatus,dsnDiag,dsnMta,bounceCat,dlvSourceIp,vmta,jobId
d,2024-03-03 10:00:05+0100,2024-03-03 10:00:01+0100,b@example.com,a@example.org,relayed,2.0.0 (success),\"smtp;250 2.0.0 Ok: queued as 4ABC123DEF\",mx.example.org (192.0.2.7),,192.0.2.1,pool1,7
t,2024-03-03 10:00:05+0100,2024-03-03 10:00:01+0100,b@example.com,c@example.org,delayed,4.2.2 (mailbox full),\"smtp;452 4.2.2 full, later\",mx.example.org (192.0.2.7),quota-issues,192.0.2.1,pool1,7
b,2024-03-03 12:00:05+0100,2024-03-03 10:00:01+0100,b@example.com,c@example.org,failed,5.1.1 (bad destination mailbox address),smtp;550 5.1.1 unknown,mx.example.org (192.0.2.7),bad-mailbox,192.0.2.1,pool1,7
b,2024-03-08 10:00:05+0100,2024-03-03 10:00:01+0100,b@example.com,d@example.org,failed,4.4.7 (delivery time expired),,,message-expired,192.0.2.1,pool1,7
f,2024-03-08 10:00:05+0100,,,a@example.org,,,,,,,,
";
    assert_eq!(detect::dialect(text.as_bytes()), Some(Dialect::Powermta));
    let got = ended(Dialect::Powermta, text);
    let kinds: Vec<(Kind, &str, &str)> =
        got.iter().map(|(kind, _, to, reply, _)| (*kind, to.as_str(), reply.as_str())).collect();
    assert_eq!(
        kinds,
        [
            (Kind::Delivered, "a@example.org", "250 2.0.0 Ok: queued as 4ABC123DEF"),
            (Kind::Deferred, "c@example.org", "452 4.2.2 full, later"),
            (Kind::Bounced, "c@example.org", "550 5.1.1 unknown"),
            (Kind::Expired, "d@example.org", "4.4.7 (delivery time expired)"),
            (Kind::Complained, "a@example.org", ""),
        ]
    );
    assert_eq!(got[1].1, got[2].1, "the try and its end are one message");
    assert_ne!(got[0].1, got[1].1);
    let torn = format!("{text}x,what\nd,2024-03-03 10:00:05+0100\n");
    assert_eq!(parse_block(Dialect::Powermta, torn.as_bytes(), 2024).unparsed, 2);
}

#[test]
fn records_of_kumomta() {
    let text = r#"{"type":"Reception","id":"1d98","sender":"b@example.com","recipient":["a@example.org","c@example.org"],"queue":"example.org","site":"","size":1047,"response":{"code":250,"enhanced_code":null,"content":""},"timestamp":1709460000,"nodeid":"n"}
{"type":"TransientFailure","id":"1d98","sender":"b@example.com","recipient":"c@example.org","queue":"example.org","site":"s","size":1047,"response":{"code":452,"enhanced_code":{"class":4,"subject":2,"detail":2},"content":"full"},"peer_address":{"name":"mx.example.org.","addr":"192.0.2.7"},"timestamp":1709460001,"nodeid":"n"}
{"type":"Delivery","id":"1d98","sender":"b@example.com","recipient":"a@example.org","queue":"example.org","site":"s","size":1047,"response":{"code":250,"enhanced_code":{"class":2,"subject":0,"detail":0},"content":"OK ids=8a54"},"peer_address":{"name":"mx.example.org.","addr":"192.0.2.7"},"timestamp":1709460002,"nodeid":"n"}
{"type":"AdminBounce","id":"1d98","sender":"b@example.com","recipient":"c@example.org","queue":"example.org","site":"","size":1047,"response":{"code":551,"enhanced_code":null,"content":"Administrator bounced with reason: x"},"timestamp":1709460003,"nodeid":"n"}
"#;
    assert_eq!(detect::dialect(text.as_bytes()), Some(Dialect::Kumomta));
    let kinds: Vec<(Kind, String, String)> =
        ended(Dialect::Kumomta, text).into_iter().map(|(kind, _, to, reply, _)| (kind, to, reply)).collect();
    let one = |kind, to: &str, reply: &str| (kind, to.to_owned(), reply.to_owned());
    assert_eq!(
        kinds,
        [
            one(Kind::Deferred, "c@example.org", "452 4.2.2 full"),
            one(Kind::Delivered, "a@example.org", "250 2.0.0 OK ids=8a54"),
            one(Kind::Deleted, "c@example.org", "551 Administrator bounced with reason: x"),
        ]
    );
    let cut = &text[..text.len() - 40];
    assert_eq!(parse_block(Dialect::Kumomta, cut.as_bytes(), 2024).unparsed, 1, "a cut line is counted");
}

#[test]
fn the_mailbox_program_says_into_which_folder() {
    for (line, to, id, reply) in [
        (
            "lmtp(a@example.org)<9751><MPvvJxr8bGYXJgAA>: sieve: msgid=<1@example.com>: stored mail into mailbox 'Junk'",
            "a@example.org",
            "MPvvJxr8bGYXJgAA",
            "stored mail into mailbox 'Junk'",
        ),
        (
            "lmtp(9751, anna): MPvvJxr8bGYXJgAA: msgid=<1@example.com>: saved mail to INBOX",
            "anna",
            "MPvvJxr8bGYXJgAA",
            "saved mail to INBOX",
        ),
        ("lda(anna): msgid=unspecified: saved mail to INBOX", "anna", "", "saved mail to INBOX"),
    ] {
        let text = format!("Mar 10 09:00:02 mx dovecot: {line}\n");
        let batch = parse_block(Dialect::Postfix, text.as_bytes(), 2024);
        let event = batch.get(0).unwrap();
        assert_eq!(
            (event.kind, event.recipient, event.id),
            (Kind::Filed, to.as_bytes(), id.as_bytes()),
            "{line}"
        );
        assert_eq!(event.reply, reply.as_bytes());
    }
    // Of people who read mail nothing is said, before and after lines that file.
    let mixed = "Mar 10 09:00:02 mx dovecot: imap-login: Login: user=<a>\n\
        Mar 10 09:00:02 mx dovecot: lmtp(a)<1><abcdefgh>: msgid=<1@x>: saved mail to INBOX\n\
        Mar 10 09:00:02 mx dovecot: lmtp(a)<1><abcdefgh>: Error: sieve: msgid=<1@x>: failed to store into mailbox 'INBOX': Quota exceeded\n";
    let kinds: Vec<Kind> =
        parse_block(Dialect::Dovecot, mixed.as_bytes(), 2024).iter().map(|e| e.kind).collect();
    assert_eq!(kinds, [Kind::Filed, Kind::Note]);
    for hostile in ["lmtp(", "lmtp)(msgid=", "lmtp()<><>: msgid=<", "lda(a): msgid=<>: "] {
        let text = format!("Mar 10 09:00:02 mx dovecot: {hostile}\n");
        assert!(parse_block(Dialect::Dovecot, text.as_bytes(), 2024).len() <= 1, "{hostile}");
    }
}
