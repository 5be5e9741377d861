//! Mail logs that are recognised and not read: their makers' names, so that
//! nobody takes them for a log without mail.

/// A system and what its logs cannot be without: every word of one of the rows.
const MAKERS: &[(&str, &[&[&str]])] = &[
    ("Cisco Secure Email (mail_logs)", &[&["MID ", "ICID "], &["MID ", "DCID "], &["MID ", "RID ["]]),
    ("PowerMTA (accounting)", &[&["timeLogged,", "dsnAction"], &["type,timeLogged"]]),
    (
        "KumoMTA",
        &[&["\"type\":\"", "\"egress_source\"", "\"queue\""], &["\"type\":\"Reception\"", "\"queue\":"]],
    ),
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
    ("Mailgun events", &[&["\"delivery-status\"", "\"recipient\""], &["\"log-level\"", "\"event\""]]),
    ("Postmark events", &[&["\"RecordType\"", "\"MessageID\""]]),
    ("SparkPost events", &[&["\"msys\""], &["\"rcpt_to\"", "\"message_id\"", "\"type\""]]),
    ("Mandrill events", &[&["\"mandrill_events\""], &["\"_id\"", "\"msg\"", "\"smtp_events\""]]),
    ("Mailjet events", &[&["\"mj_campaign_id\""], &["\"MessageID\"", "\"Message_GUID\""]]),
    ("Brevo events", &[&["\"message-id\"", "\"ts_epoch\""], &["\"message-id\"", "\"ts_event\""]]),
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
    (
        "Dovecot (LMTP)",
        &[&["dovecot: lmtp(", "saved mail to"], &["lmtp(", "sieve: ", "stored mail into mailbox"]],
    ),
    ("postgrey", &[&["postgrey[", "action=greylist"]]),
];

/// Looked at of a log.
const HEAD: usize = 64 << 10;

/// The maker of a log that no dialect reads.
pub(crate) fn maker(head: &[u8]) -> Option<&'static str> {
    let head = &head[..head.len().min(HEAD)];
    let holds = |word: &&str| memchr::memmem::find(head, word.as_bytes()).is_some();
    MAKERS.iter().find(|(_, rows)| rows.iter().any(|row| row.iter().all(holds))).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::maker;

    #[test]
    fn makers_are_told_by_their_own_words() {
        for (line, name) in [
            ("Tue Mar 10 09:00:00 2026 Info: MID 77 ICID 5 From: <a@example.com>", "Cisco"),
            ("type,timeLogged,timeQueued,orig,rcpt,dsnAction\nd,2026", "PowerMTA"),
            (r#"{"msys":{"message_event":{"type":"delivery"}}}"#, "SparkPost"),
            (r#"{"event":"failed","delivery-status":{},"recipient":"b@example.net"}"#, "Mailgun"),
            ("\"SMTPD\"\t3344\t1\t\"2026-03-10 09:00:00.000\"\t\"192.0.2.1\"", "hMailServer"),
            ("Mar 10 09:00:00 mx dovecot: lmtp(b@example.net): msgid=<1@x>: saved mail to INBOX", "Dovecot"),
        ] {
            assert!(maker(line.as_bytes()).is_some_and(|found| found.starts_with(name)), "{line}");
        }
        assert_eq!(maker(b"Mar 10 09:00:00 web postfix/qmgr[1]: ABC: removed\n"), None);
        assert_eq!(maker(b"hello world\n"), None);
    }
}
