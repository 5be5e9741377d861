//! What Postfix says of sessions and refusals.

use super::super::{Dialect, parse_block};
use crate::parse::log::event::Kind;

fn one(body: &str) -> (Kind, [String; 5]) {
    let line = format!("Mar  3 00:00:00 h postfix/smtpd[1]: {body}\n");
    let batch = parse_block(Dialect::Postfix, line.as_bytes(), 2024);
    let event = batch.get(0).unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (event.kind, [event.ip, event.reply, event.sender, event.recipient, event.enhanced].map(text))
}

#[test]
fn rejections_name_client_and_recipient() {
    let (kind, got) = one(
        "NOQUEUE: reject: RCPT from mx.example[192.0.2.9]: 550 5.1.1 <a@b.example>: no; really; from=<> to=<a@b.example> proto=ESMTP helo=<h>",
    );
    assert_eq!(kind, Kind::Rejected);
    assert_eq!(got, ["192.0.2.9", "550 5.1.1 <a@b.example>: no; really", "<>", "a@b.example", "5.1.1"]);
    let (kind, got) = one(
        "4cFhb: reject: mime_header Content-Disposition: attachment; filename=\"a from x[192.0.2.1]: 250 ok.docm\" from pc[10.2.1.3]; from=<a@b.example> to=<c@d.example> proto=ESMTP helo=<pc>: 5.7.1 <x>: no macros",
    );
    assert_eq!(kind, Kind::Rejected);
    assert_eq!(got[..4], ["10.2.1.3", "5.7.1 <x>: no macros", "a@b.example", "c@d.example"]);
    let (kind, got) = one("NOQUEUE: reject: CONNECT from [192.0.2.9]:1337: too many connections");
    assert_eq!(
        (kind, got[0].as_str(), got[1].as_str()),
        (Kind::Rejected, "192.0.2.9", "too many connections")
    );
}

#[test]
fn sessions_refused() {
    let (kind, got) = one("warning: unknown[192.0.2.7]:5572: SASL LOGIN authentication failed: x");
    assert_eq!((kind, got[0].as_str()), (Kind::SessionRefused, "192.0.2.7"));
    let (kind, got) = one("improper command pipelining after DATA from unknown[192.0.2.8]: x");
    assert_eq!((kind, got[0].as_str()), (Kind::SessionRefused, "192.0.2.8"));
}
