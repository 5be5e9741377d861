//! What is taken out of wrapped replies, and that no text breaks the reader.

use std::net::IpAddr;

use super::*;

fn codes(text: &str) -> (Option<u16>, String, String) {
    let reply = Reply::read(text);
    (reply.code, reply.enhanced.map(|e| e.to_string()).unwrap_or_default(), reply.text)
}

#[test]
fn plain_and_multi_line() {
    assert_eq!(codes("550 5.1.1 User unknown"), (Some(550), "5.1.1".into(), "User unknown".into()));
    assert_eq!(
        codes("550-5.7.26 This mail\r\n550-5.7.26 is bad\r\n550 5.7.26 see example"),
        (Some(550), "5.7.26".into(), "This mail is bad see example".into())
    );
    assert_eq!(codes("5.2.3 Message too large"), (None, "5.2.3".into(), "Message too large".into()));
    assert_eq!(codes("421-mx.example.net busy"), (Some(421), "".into(), "mx.example.net busy".into()));
}

#[test]
fn wrapped_by_postfix() {
    let reply = Reply::read(
        "host mx.example.net[192.0.2.7] said: 450 4.2.0 <a@example.net>: Greylisted (in reply to RCPT TO command)",
    );
    assert_eq!(
        (reply.code, reply.host.as_deref(), reply.stage),
        (Some(450), Some("mx.example.net"), Some(Stage::Rcpt))
    );
    let reply = Reply::read("host mx.example.net[192.0.2.7] refused to talk to me: 554 5.7.1 Blocked");
    assert_eq!(
        (reply.code, reply.permanent(), reply.wrapper),
        (Some(554), Some(false), Some(Wrapper::RefusedToTalk))
    );
    let reply = Reply::read(
        "delivery temporarily suspended: lost connection with mx.example.net[192.0.2.7] while sending RCPT TO",
    );
    assert_eq!((reply.code, reply.permanent()), (None, Some(false)));
    let reply = Reply::read("connect to mx.example.net[192.0.2.7]:25: Connection timed out");
    assert_eq!((reply.code, reply.permanent(), reply.wrapper), (None, Some(false), Some(Wrapper::Broken)));
}

#[test]
fn wrapped_by_exim_exchange_and_qmail() {
    let exim = "SMTP error from remote mail server after RCPT TO:<a@example.net>: host mx.example.net [192.0.2.7]: 550 No such user";
    let reply = Reply::read(exim);
    assert_eq!(
        (reply.code, reply.host.as_deref(), reply.text.as_str()),
        (Some(550), Some("mx.example.net"), "No such user")
    );
    assert_eq!(codes("<mx.example.net #5.1.1 smtp;550 5.1.1 User unknown>").0, Some(550));
    assert_eq!(codes("Remote Server returned '550 5.2.2 mailbox full'").1, "5.2.2");
    assert_eq!(
        codes("192.0.2.7 does not like recipient. Remote host said: 550 no mailbox"),
        (Some(550), "".into(), "no mailbox".into())
    );
}

#[test]
fn addresses_are_not_codes() {
    assert_eq!(codes("connect to 250.1.2.3:25: refused by 5.1.1.9").0, None);
    assert_eq!(codes("550 192.0.2.1 blocked").1, "");
}

#[test]
fn names_what_the_reply_names() {
    let reply = Reply::read(
        "554 5.7.1 Client host [192.0.2.9] blocked using zen.spamhaus.org; https://check.example.org/q?ip=192.0.2.9.",
    );
    assert_eq!(reply.addresses(), vec!["192.0.2.9".parse::<IpAddr>().unwrap()]);
    assert_eq!(reply.lists(), vec!["zen.spamhaus.org"]);
    assert_eq!(reply.links(), vec!["https://check.example.org/q?ip=192.0.2.9"]);
}

proptest::proptest! {
    #[test]
    fn never_panics(text in "\\PC{0,200}") {
        let reply = Reply::read(&text);
        reply.addresses();
        reply.links();
        reply.lists();
    }

    #[test]
    fn never_panics_on_reply_like_text(text in "(550|421|-| |5\\.1\\.1|said: |host |\\[|\\]|: |smtp;|é|refused to talk to me: |smtp error from remote mail server after |\\n){0,30}") {
        Reply::read(&text);
    }
}
