//! Copies that part ways, and tries that were none.

use super::*;

fn told(dialect: Dialect, text: &str) -> Vec<Message> {
    join(events("log", dialect, text))
}

fn status(messages: &[Message], address: &str) -> Status {
    let mut all = messages.iter().flat_map(|message| &message.recipients);
    all.find(|recipient| recipient.address == address).map_or(Status::Unknown, |recipient| recipient.status)
}

/// An address that keeps a copy and is sent on as well has two outcomes, in whichever order the lines stand.
#[test]
fn a_forward_hides_no_copy_that_was_kept() {
    let postfix = |own: &str| {
        let head = "Nov 26 08:00:10 mail postfix/qmgr[9]: 4cFckt3w2Wz1q: from=<a@example.net>, size=1, nrcpt=2 (queue active)";
        let kept = format!(
            "Nov 26 08:00:11 mail postfix/lmtp[9]: 4cFckt3w2Wz1q: to=<info@example.com>, relay=mail.example.com[private/dovecot-lmtp], delay=1, delays=0.1/0/0.5/0.4, {own}"
        );
        let sent = "Nov 26 08:00:11 mail postfix/smtp[9]: 4cFckt3w2Wz1q: to=<boss@example.org>, orig_to=<info@example.com>, relay=mx.example.org[192.0.2.7]:25, delay=1, delays=0.1/0/0.5/0.4, dsn=2.0.0, status=sent (250 ok)";
        (Dialect::Postfix, head.to_owned(), kept, sent.to_owned())
    };
    let exim = |own: &str| {
        let head = "2026-11-26 08:00:10 1vPLM0-0000000F0aa-0ddd <= a@example.net H=x.example.net [192.0.2.9] P=esmtps S=7 id=q@example.net for info@example.com";
        let kept = format!("2026-11-26 08:00:11 1vPLM0-0000000F0aa-0ddd {own}");
        let sent = "2026-11-26 08:00:11 1vPLM0-0000000F0aa-0ddd => boss@example.org <info@example.com> R=dnslookup T=remote_smtp H=mx.example.org [192.0.2.7] C=\"250 ok\"";
        (Dialect::Exim, head.to_owned(), kept, sent.to_owned())
    };
    let cases = [
        (
            Status::Deferred,
            postfix(
                "dsn=4.2.2, status=deferred (host mail.example.com[private/dovecot-lmtp] said: 452 4.2.2 Quota exceeded)",
            ),
        ),
        (
            Status::Bounced,
            postfix(
                "dsn=5.2.2, status=bounced (host mail.example.com[private/dovecot-lmtp] said: 552 5.2.2 Quota exceeded)",
            ),
        ),
        (Status::Delivered, postfix("dsn=2.0.0, status=sent (250 2.0.0 <info@example.com> aLno Saved)")),
        (
            Status::Deferred,
            exim("== info <info@example.com> R=virtual_user T=dovecot defer (-53): mailbox is full"),
        ),
        (
            Status::Bounced,
            exim("** info <info@example.com> R=virtual_user T=dovecot: 552 5.2.2 Mailbox is full"),
        ),
        (
            Status::Delivered,
            exim("=> info <info@example.com> R=virtual_user T=dovecot C=\"250 2.0.0 Saved\""),
        ),
    ];
    for (own, (dialect, head, kept, sent)) in cases {
        for lines in [[&head, &kept, &sent], [&head, &sent, &kept]] {
            let log: String = lines.iter().map(|line| format!("{line}\n")).collect();
            let messages = told(dialect, &log);
            assert_eq!(status(&messages, "info@example.com"), own, "{log}");
            assert_ne!(status(&messages, "boss@example.org"), Status::Unknown, "{log}");
        }
    }
    // What only put the expansion off is no copy: the queue's end says that all was done.
    let (dialect, head, kept, sent) = postfix("dsn=4.3.0, status=deferred (alias database unavailable)");
    let log =
        format!("{head}\n{kept}\n{sent}\nNov 26 08:00:12 mail postfix/qmgr[9]: 4cFckt3w2Wz1q: removed\n");
    let messages = told(dialect, &log);
    let [message] = messages.as_slice() else { panic!("{}", messages.len()) };
    let known: Vec<&str> = message.recipients.iter().map(|recipient| recipient.address.as_str()).collect();
    assert_eq!(known, ["boss@example.org"]);
}

/// A run of Exim's queue that is not due for any host tries nothing: the reason, the count and the time stay those of
/// the last try.
#[test]
fn exim_keeps_the_reason_while_no_host_is_due() {
    let begin = "2026-11-30 14:10:00 1vPeD2-0000000J001-0kkk <= a@example.com H=(erp) [10.3.0.9] P=esmtpa S=9 id=r@example.com\n";
    for (said, cause) in [
        (
            "H=mx.example.org [192.0.2.7]: SMTP error from remote mail server after RCPT TO:<k@example.org>: 450 4.2.0 Greylisted, try again later",
            Cause::Greylisted,
        ),
        (
            "H=mx.example.org [192.0.2.7]: SMTP error from remote mail server after RCPT TO:<k@example.org>: 452 4.2.2 Mailbox full",
            Cause::MailboxFull,
        ),
        (
            "H=mx.example.org [192.0.2.7]: SMTP error from remote mail server after RCPT TO:<k@example.org>: 450 4.7.25 Client host rejected: cannot find your hostname",
            Cause::PtrRequired,
        ),
    ] {
        let tried = format!(
            "2026-11-30 14:10:02 1vPeD2-0000000J001-0kkk == k@example.org R=dnslookup T=remote_smtp defer (-44) {said}\n"
        );
        let skipped = "2026-11-30 14:40:05 1vPeD2-0000000J001-0kkk == k@example.org R=dnslookup T=remote_smtp defer (-53): retry time not reached for any host for 'example.org'\n";
        let alone = told(Dialect::Exim, &format!("{begin}{tried}"));
        let waited = told(Dialect::Exim, &format!("{begin}{tried}{skipped}{skipped}"));
        let [one, two] = [&alone, &waited].map(|messages| &messages[0].recipients[0]);
        assert_eq!((one.cause, two.cause), (Some(cause), Some(cause)), "{said}");
        assert_eq!((two.attempts, &two.reply), (1, &one.reply), "{said}");
        assert!(two.events.len() > one.events.len(), "the skipped runs stay as evidence");
    }
    // Where nothing else is in the log, the words stand alone.
    let skipped = format!(
        "{begin}2026-11-30 14:40:05 1vPeD2-0000000J001-0kkk == k@example.org R=dnslookup T=remote_smtp defer (-53): retry time not reached for any host\n"
    );
    assert_eq!(told(Dialect::Exim, &skipped)[0].recipients[0].status, Status::Deferred);
}

/// amavis tells Postfix "discarded" of what it keeps: the copy is not lost, for each of its recipients.
#[test]
fn amavis_keeps_what_it_calls_discarded() {
    let head = "Nov 25 11:05:21 mx1 postfix/qmgr[33]: 4cDx7S5z2bz8d: from=<m@example.com>, size=5, nrcpt=2 (queue active)";
    let blocked = |actions: &str| {
        format!(
            "Nov 25 11:05:24 mx1 amavis[1915]: (01915-11) Blocked BANNED (.exe,{{a}}.exe) {{{actions}}}, LOCAL [10.20.1.48]:51990 <m@example.com> -> <a@example.org>,<j@example.org>, quarantine: u/banned-u9YV1mK0Qd3E, Queue-ID: 4cDx7S5z2bz8d, Message-ID: <x, Queue-ID: 999@example.com>, mail_id: u9YV1mK0Qd3E, Hits: -, size: 5, 3122 ms"
        )
    };
    let sent = |to: &str| {
        format!(
            "Nov 25 11:05:24 mx1 postfix/smtp[3310]: 4cDx7S5z2bz8d: to=<{to}>, relay=127.0.0.1[127.0.0.1]:10024, delay=3.9, delays=0.7/0/0/3.1, dsn=2.7.0, status=sent (250 2.7.0 Ok, discarded, id=01915-11 - BANNED)"
        )
    };
    let (kept, gone) = (blocked("DiscardedOutbound,Quarantined"), blocked("DiscardedOutbound"));
    let rest = format!("{}\n{}\n", sent("a@example.org"), sent("j@example.org"));
    for (log, wanted) in [
        (format!("{head}\n{kept}\n{rest}"), Status::Quarantined),
        (format!("{head}\n{rest}{kept}\n"), Status::Quarantined),
        (format!("{head}\n{gone}\n{rest}"), Status::Discarded),
        (format!("{head}\n{rest}"), Status::Discarded),
    ] {
        let messages = told(Dialect::Postfix, &log);
        for address in ["a@example.org", "j@example.org"] {
            assert_eq!(status(&messages, address), wanted, "{log}");
        }
        let steps = messages[0].recipients[0].advice.join(" ");
        let released = steps.contains("amavisd-release u/banned-u9YV1mK0Qd3E");
        assert_eq!(released, wanted == Status::Quarantined, "{steps}");
        assert_eq!(steps.contains("no copy is left"), wanted == Status::Discarded, "{steps}");
    }
    // What the sender writes decides neither the fate nor the command.
    let forged = gone.replace("<m@example.com>", "<{Quarantined}@example.com>");
    let messages = told(Dialect::Postfix, &format!("{head}\n{forged}\n{rest}"));
    assert_eq!(status(&messages, "a@example.org"), Status::Discarded);
    let line = kept.replace("<x, Queue", "<x, quarantine: v/other.gz, Queue");
    assert_eq!(crate::parse::log::postfix::amavis::kept_as(&line), Some("u/banned-u9YV1mK0Qd3E"));
    // A name that a shell would obey is not put into a command.
    assert_eq!(crate::parse::log::postfix::amavis::kept_as("x, quarantine: a;reboot, Queue-ID: 1"), None);
}
