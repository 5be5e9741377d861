//! That notices of several shapes are taken apart, and that nothing breaks the reader.

use super::*;

fn told(body: &str) -> Vec<(String, String)> {
    let raw = format!("From: MAILER-DAEMON@example.com\r\nSubject: failure notice\r\n\r\n{body}");
    let notice = Notice::read(raw.as_bytes()).unwrap();
    notice.told.into_iter().map(|t| (t.address, t.reasons.join(" / "))).collect()
}

#[test]
fn qmail_lists_addresses_with_their_reasons() {
    let found = told(
        "Hi. This is the qmail-send program at example.com.\nI'm afraid.\n\n<a@example.net>:\n192.0.2.1 does not like recipient.\n\
         Remote host said: 550 no such user\nGiving up on 192.0.2.1.\n\n<b@example.net>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n\
         --- Below this line is a copy of the message.\n\nReturn-Path: <me@example.com>\nMessage-ID: <1@example.com>\nSubject: x\n",
    );
    assert_eq!(found.len(), 2);
    assert!(found[0].1.contains("550 no such user"), "{found:?}");
    assert_eq!(found[1], ("b@example.net".into(), "Sorry, no mailbox here by that name. (#5.1.1)".into()));
}

#[test]
fn exim_indents() {
    let found = told(
        "This message was created automatically.\nThe following address(es) failed:\n\n  a@example.net\n    host mx.example.net [192.0.2.1]\n\
         \x20   SMTP error from remote mail server after RCPT TO:<a@example.net>:\n    550 unknown user\n\n------ This is a copy of the message ------\n",
    );
    assert_eq!(found.len(), 1);
    assert!(found[0].1.ends_with("550 unknown user"), "{found:?}");
}

#[test]
fn sendmail_keeps_a_transcript() {
    let raw = "Subject: Returned mail\n\n   ----- Transcript of session follows -----\n... while talking to mx.example.net.:\n>>> DATA\n<<< 550 5.7.1 spam\n\
               554 5.0.0 <a@example.net>... Service unavailable\n";
    let notice = Notice::read(raw.as_bytes()).unwrap();
    let [told] = notice.told.as_slice() else { panic!("{:?}", notice.told) };
    assert_eq!((told.stage, told.remote.as_deref()), (Some(Stage::Data), Some("mx.example.net")));
    assert_eq!(told.reasons[0], "550 5.7.1 spam");
}

#[test]
fn the_quoted_original_is_identified() {
    let raw = "Subject: x\n\nfailed:\n\n<a@example.net>: no\n\n----- Original message -----\n\nReceived: from x by y\nMessage-ID: <9@example.com>\nFrom: Me <me@example.com>\nSubject: =?utf-8?q?caf=C3=A9?=\n\nbody\n";
    let notice = Notice::read(raw.as_bytes()).unwrap();
    let o = notice.original;
    assert_eq!(
        (o.message_id.as_deref(), o.from.as_deref(), o.subject.as_deref()),
        (Some("9@example.com"), Some("me@example.com"), Some("café"))
    );
}

#[test]
fn an_ses_event_is_read() {
    let raw = "Subject: AWS\n\n{\"notificationType\":\"Bounce\",\"bounce\":{\"bounceType\":\"Permanent\",\"bouncedRecipients\":[{\"emailAddress\":\"a@example.net\",\"status\":\"5.1.1\",\"diagnosticCode\":\"smtp; 550 user unknown\"}]},\"mail\":{\"messageId\":\"1\",\"source\":\"me@example.com\"}}\n--\n";
    let event = Notice::read(raw.as_bytes()).unwrap().event.unwrap();
    assert_eq!((event.kind.as_str(), event.recipients[0].address.as_str()), ("bounce", "a@example.net"));
}

proptest::proptest! {
    #[test]
    fn never_panics(raw in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        Notice::read(&raw);
    }

    #[test]
    fn never_panics_on_mail_like_text(raw in "(Content-Type: multipart/report; boundary=x\n|--x\n|Content-Type: message/delivery-status\n|\n|Final-Recipient: rfc822;a@b\n|<a@b>: no\n|550 |5\\.1\\.1 |>>> DATA\n|<<< 550 x\n|Transcript of session|é|#550 |--- Original message follows\n|Received: from x\n|Recipient address: a@b\n|\\{\"notificationType\"){0,25}") {
        Notice::read(raw.as_bytes());
    }
}
