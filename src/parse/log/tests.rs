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
