//! Mail logs that are recognised and not read: their makers' names, so that
//! nobody takes them for a log without mail.

/// A system and what its logs cannot be without: every word of one of the rows.
const MAKERS: &[(&str, &[&[&str]])] = &[
    (
        "Haraka",
        &[
            &["[core]", "[outbound]"],
            &["[INFO]", "haraka"],
            &["[PROTOCOL]", "[core]"],
            &["[NOTICE]", "[core]"],
        ],
    ),
    ("Stalwart", &[&["(delivery.", "queueId"], &["(smtp.", "remoteIp"], &["(queue.", "queueId"]]),
    ("ZoneMTA", &[&["zone-mta"], &["ZoneMTA"], &["/zone-mta/"]]),
    ("Kerio Connect", &[&["Recv: Queue-ID:", "Service: SMTP"], &["Sent: Queue-ID:"]]),
    ("Resend events", &[&["\"email.delivered\""], &["\"email.bounced\""], &["\"email.sent\""]]),
    ("rspamd", &[&["rspamd_task_write_log"], &["rspamd_message_parse"], &["(rspamd_proxy)"]]),
    ("hMailServer", &[&["\"SMTPD\"\t"], &["\"SMTPC\"\t"], &["\"DELIVERY\"\t"]]),
    ("MailEnable", &[&["SMTP-OU", "\t"], &["SMTP-IN\t"]]),
    ("MDaemon", &[&["Session ", "; child "], &["[", "SMTP session successful"]]),
    ("Barracuda", &[&["inbound/pass1"], &["outbound/smtp[", "RECV"], &["scan[", " SCAN "]]),
    ("FortiMail", &[&["type=statistics", "devid=", "session_id="], &["device_id=FE", "log_id="]]),
    (
        "Proofpoint",
        &[&["filter_instance1", " mod="], &["mod=session", "cmd=disconnect"], &["mod=av", "s=", "cmd=run"]],
    ),
    ("Mimecast", &[&["|aCode=", "|"], &["\"aCode\"", "\"acc\""], &["datetime=", "|acc=", "|aCode="]]),
    (
        "Google Workspace email log search",
        &[&["Message ID,Start date"], &["Message ID,", "Event date", "Event status"]],
    ),
    ("maddy", &[&["smtp: incoming message", "msg_id"], &["queue: ", "delivery attempt #"]]),
    ("postgrey", &[&["postgrey[", "action=greylist"]]),
];

/// Looked at of a log.
const HEAD: usize = 64 << 10;

/// The maker of a log that no dialect reads.
pub(crate) fn maker(head: &[u8]) -> Option<&'static str> {
    let head = &head[..head.len().min(HEAD)];
    let holds = |word: &&str| memchr::memmem::find(head, word.as_bytes()).is_some();
    MAKERS
        .iter()
        .find(|(_, rows)| rows.iter().any(|row| row.iter().all(holds)))
        .map(|(name, _)| *name)
        .or_else(|| is_export(head).then_some("a sending service, exported as CSV"))
}

/// A heading of columns for an address of mail and for an event of mail, which no reader here knows (Brevo's
/// among them: no page that was found names its columns).
fn is_export(head: &[u8]) -> bool {
    let first = head.split(|b| *b == b'\n').next().unwrap_or_default();
    let heading = String::from_utf8_lossy(&first[..first.len().min(2000)]).to_lowercase();
    let columns: Vec<&str> =
        heading.split([',', ';', '\t']).map(|name| name.trim_matches(['"', ' ', '\r', '\u{feff}'])).collect();
    let any = |words: &[&str]| columns.iter().any(|name| words.iter().any(|word| name.contains(word)));
    columns.len() >= 3
        && columns.iter().all(|name| name.len() <= 40 && !name.contains('@'))
        && any(&["email", "e-mail", "recipient", "rcpt"])
        && any(&["event", "status", "st_text", "bounce", "delivered", "reason"])
}

#[cfg(test)]
mod tests {
    use super::maker;

    #[test]
    fn makers_are_told_by_their_own_words() {
        for (line, name) in [
            ("\"SMTPD\"\t3344\t1\t\"2026-03-10 09:00:00.000\"\t\"192.0.2.1\"", "hMailServer"),
            ("Mar 10 09:00:00 mx postgrey[9]: action=greylist, reason=new", "postgrey"),
        ] {
            assert!(maker(line.as_bytes()).is_some_and(|found| found.starts_with(name)), "{line}");
        }
        assert_eq!(maker(b"Mar 10 09:00:00 web postfix/qmgr[1]: ABC: removed\n"), None);
        for heading in [
            "st_text,ts,sub,frm,email,tag,mid,link",
            "Date;Event;E-Mail;Subject",
            "\"Recipient\",\"Status\",\"Reason\"",
        ] {
            assert_eq!(maker(heading.as_bytes()), Some("a sending service, exported as CSV"), "{heading}");
        }
        for text in ["a,b,c", "bob@example.org,delivered,ok", "to do, status, hello", "email only"] {
            assert_eq!(maker(text.as_bytes()), None, "{text}");
        }
        assert_eq!(maker(b"hello world\n"), None);
    }
}
