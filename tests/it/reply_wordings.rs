//! Replies as mail servers of many makes and languages word them, written for
//! this test from the servers' own sources and manuals: other hosts, other
//! orders of words, codes left out. What is tested is the kind, not the text.

use mailvet::triage::reply::classify;

/// A reply, and the causes a postmaster would call right.
const WORDINGS: &[(&str, &[&str])] = &[
    // The recipient, whatever the stage and the language.
    (
        "550 5.1.1 <x@example.net>: Recipient address rejected: User unknown in virtual mailbox table",
        &["unknown-user"],
    ),
    ("550 Requested action not taken: mailbox unavailable", &["unknown-user"]),
    (
        "554 delivery error: dd Sorry, your message to x@example.net cannot be delivered. This mailbox is disabled (554.30).",
        &["mailbox-disabled"],
    ),
    ("550 No such recipient here", &["unknown-user"]),
    (
        "host mx.example.net[192.0.2.1] said: 550 User unknown (in reply to end of DATA command)",
        &["unknown-user"],
    ),
    ("550 5.1.1 The email account that you tried to reach does not exist", &["unknown-user"]),
    ("550 Unrouteable address", &["unknown-user", "unknown-host"]),
    ("511 sorry, no mailbox here by that name (#5.1.1 - chkuser)", &["unknown-user"]),
    (
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient x@example.net not found by SMTP address lookup",
        &["unknown-user"],
    ),
    ("550 Empfänger existiert nicht", &["unknown-user"]),
    ("550 Benutzer nicht bekannt", &["unknown-user"]),
    ("550 Destinataire inconnu", &["unknown-user"]),
    ("550 Adresse d'au moins un destinataire invalide. Invalid recipient. OFR204_419", &["unknown-user"]),
    ("550 Indirizzo di posta inesistente", &["unknown-user"]),
    ("550 El usuario no existe", &["unknown-user"]),
    ("550 Usuário inexistente", &["unknown-user"]),
    ("550 Nie ma takiego użytkownika", &["unknown-user"]),
    ("550 Пользователь не найден", &["unknown-user"]),
    ("550 用户不存在", &["unknown-user"]),
    ("550 5.1.1 user (x) unknown. (4.3.0)", &["unknown-user"]),
    ("User unknown", &["unknown-user"]),
    ("The address is not registered on this system", &["unknown-user"]),
    ("550 This account has been disabled or discontinued [#101].", &["mailbox-disabled"]),
    ("550 5.2.1 The email account that you tried to reach is inactive.", &["mailbox-disabled"]),
    ("550 Account suspended", &["mailbox-disabled"]),
    ("550 5.2.1 Mailbox inactive for more than a year", &["mailbox-disabled"]),
    (
        "552 5.2.2 The email account that you tried to reach is over quota",
        &["mailbox-full", "mailbox-disabled"],
    ),
    ("552 Mailbox limit exceeded for this email address. (6-1-4-8)", &["mailbox-full"]),
    ("452 4.2.2 Das Postfach ist voll", &["mailbox-full"]),
    ("552 Boîte du destinataire pleine", &["mailbox-full"]),
    ("552 Casella piena", &["mailbox-full"]),
    ("422 user over quota", &["mailbox-full"]),
    ("552 5.2.2 Почтовый ящик переполнен", &["mailbox-full"]),
    (
        "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded",
        &["mailbox-full"],
    ),
    // The sender.
    ("553 5.1.8 <x@example.com>: Sender address rejected: Domain not found", &["sender-rejected"]),
    ("450 4.1.8 <x@nowhere.example>: Sender address rejected: Domain not found", &["sender-rejected"]),
    (
        "550 5.1.0 <x@example.com>: Sender address rejected: undeliverable address: host mx said: 550 no such user",
        &["sender-rejected"],
    ),
    ("550 Sender verify failed", &["sender-rejected"]),
    (
        "host mx.example.net[192.0.2.1] said: 550 No such user here (in reply to MAIL FROM command)",
        &["sender-rejected"],
    ),
    (
        "SMTP error from remote mail server after MAIL FROM:<x@example.com>: host mx.example.net [192.0.2.1]: 550 unknown user",
        &["sender-rejected"],
    ),
    ("553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)", &["sender-rejected"]),
    (
        "553 5.7.1 <x@example.com>: Sender address rejected: not owned by user y@example.com",
        &["sender-rejected"],
    ),
    ("554 5.2.252 SendAsDenied; a@example.com not allowed to send as b@example.com", &["sender-rejected"]),
    (
        "554 Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1: x@example.com",
        &["sender-rejected"],
    ),
    ("550 The from address does not match a verified Sender Identity", &["sender-rejected"]),
    // The name, the address, its PTR.
    ("501 5.5.4 Invalid HELO name", &["protocol-error"]),
    ("550 5.7.1 <localhost>: Helo command rejected: Host not found", &["protocol-error"]),
    ("554 5.7.1 <192.0.2.1>: Helo command rejected: You are not me", &["protocol-error"]),
    ("550 HELO should be a FQDN, not a bare hostname or address literal", &["protocol-error"]),
    ("550 5.7.1 Fix reverse DNS for 192.0.2.1", &["ptr-required"]),
    ("450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]", &["ptr-required"]),
    ("554 5.7.1 Your mail server does not have valid reverse DNS", &["ptr-required"]),
    (
        "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using bl.spamcop.net",
        &["ip-blocklisted"],
    ),
    (
        "554 Your access to this mail system has been rejected due to the sending MTA's poor reputation",
        &["bad-reputation"],
    ),
    ("550 5.7.1 Email rejected because 192.0.2.1 is listed by psbl.surriel.com", &["ip-blocklisted"]),
    (
        "550-JunkMail rejected - mail.example.com [192.0.2.1]:4711 is in an RBL",
        &["ip-blocklisted", "spam-content"],
    ),
    (
        "554-gmx.net (mxgmx114) Nemesis ESMTP Service not available 554-No SMTP service 554 IP address is block listed",
        &["ip-blocklisted"],
    ),
    // Authentication and policy.
    ("550 5.7.23 SPF check failed", &["authentication-failed"]),
    (
        "550 5.7.26 This mail has been blocked because the sender is unauthenticated",
        &["authentication-failed"],
    ),
    ("550 5.7.1 Message rejected due to DMARC policy of example.com", &["authentication-failed"]),
    ("554 5.7.5 DKIM verification failed", &["authentication-failed"]),
    ("554 5.7.1 <x@example.net>: Relay access denied", &["relaying-denied"]),
    ("550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", &["relaying-denied"]),
    ("530 5.7.0 Authentication required", &["security-rejected"]),
    ("535 5.7.8 Error: authentication failed", &["security-rejected"]),
    ("530 5.7.0 Must issue a STARTTLS command first", &["tls-failed"]),
    ("451 5.7.3 STARTTLS is required to send mail", &["tls-failed"]),
    (
        "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required",
        &["policy-rejected", "security-rejected", "recipient-filtered"],
    ),
    ("550 You are not allowed to post to this mailing list", &["policy-rejected"]),
    // Rates, quotas, connections.
    ("421 4.7.28 unusual rate of mail", &["rate-limited", "bad-reputation"]),
    ("450 4.7.1 Error: too much mail from 192.0.2.1", &["rate-limited"]),
    ("421 4.7.0 Too many connections from your IP", &["too-many-connections"]),
    ("454 Throttling failure: Daily message quota exceeded.", &["rate-limited"]),
    ("550 5.4.5 Daily user sending limit exceeded", &["rate-limited"]),
    (
        "Domain example.com has exceeded the max emails per hour (150/150 (100%)) allowed. Message will be reattempted later",
        &["rate-limited"],
    ),
    ("451 4.7.1 Greylisted, please try again in 5 minutes", &["greylisted"]),
    ("450 4.2.0 <x@example.net>: Recipient address rejected: Greylisted", &["greylisted"]),
    ("452 4.5.3 Too many recipients", &["too-many-connections"]),
    // Content.
    ("554 5.7.1 Message contains a virus: Eicar-Test-Signature", &["virus"]),
    ("550 This message was classified as SPAM and may not be delivered", &["spam-content"]),
    ("554 5.7.1 Spam message rejected", &["spam-content"]),
    ("550 A URL in this message is listed on a blocklist", &["spam-content"]),
    ("552 5.3.4 Message size exceeds fixed maximum message size", &["message-too-large"]),
    (
        "552 5.7.0 This message was blocked because its content presents a potential security issue",
        &["content-rejected"],
    ),
    ("550 5.6.0 Bare LF is not allowed in message", &["not-compliant"]),
    // Network and time.
    ("connect to mx.example.net[192.0.2.1]:25: Connection timed out", &["network-failure"]),
    (
        "Host or domain name not found. Name service error for name=example.invalid type=MX: Host not found",
        &["unknown-host"],
    ),
    ("550 4.4.7 QUEUE.Expired; message expired", &["queue-expired"]),
    ("556 5.1.10 Recipient address has null MX", &["mail-not-accepted"]),
    ("521 5.3.2 Host does not accept mail", &["mail-not-accepted"]),
    // Own parts.
    ("connect to mx.example.org[private/dovecot-lmtp]: Connection refused", &["mailer-error"]),
    ("connect to 127.0.0.1[127.0.0.1]:10024: Connection refused", &["network-failure"]),
    ("mail for example.org loops back to myself", &["network-failure"]),
    ("mail transport unavailable", &["mailer-error"]),
    (
        "maildir delivery failed: create maildir file /home/x/Maildir/tmp/1: Permission denied",
        &["mailer-error"],
    ),
    // Services' suppression lists and accounts.
    (
        "550 5.1.1 Amazon SES has suppressed sending to this address because it has a recent history of bouncing",
        &["suppressed"],
    ),
    ("605 Not delivering to previously bounced address", &["suppressed"]),
    ("550 Recipient x@example.net is on our suppression list", &["suppressed"]),
    ("502 5.7.0 Your account is not yet activated", &["policy-rejected"]),
    // Sentences in no list of wordings: told by their words together.
    ("550 5.1.1 Sorry, this mailbox is unknown to us", &["unknown-user"]),
    ("550 No one here by that name: x", &["unknown-user"]),
    ("550 Endereço de destinatário desconhecido", &["unknown-user"]),
    ("550 Mottagaren finns inte", &["unknown-user"]),
    ("550 Не найден получатель с таким адресом", &["unknown-user"]),
    ("554 Recipient is not a customer of ours", &["unknown-user"]),
    ("The person you tried to mail is not known at this company", &["unknown-user"]),
    ("550 Mailbox closed by its owner", &["mailbox-disabled"]),
    ("550 Esta conta foi desativada", &["mailbox-disabled"]),
    ("554 Recipient mailbox deactivated due to non-use", &["mailbox-disabled"]),
    ("552 Recipient storage exhausted", &["mailbox-full"]),
    ("452 Za mało miejsca, skrzynka przepełniona", &["mailbox-full"]),
    ("552 受信者のメールボックスがいっぱいです", &["mailbox-full"]),
    ("The destination mailbox has reached its maximum size", &["mailbox-full"]),
    ("552 Il messaggio è troppo grande", &["message-too-large"]),
    ("554 5.3.4 Mail size limit of 10 MB exceeded", &["message-too-large"]),
    ("554 Connection from 192.0.2.7 rejected: address present in zen.spamhaus.org", &["ip-blocklisted"]),
    ("550 Your host is on our local denylist", &["ip-blocklisted"]),
    ("550 L'indirizzo IP 192.0.2.7 è presente in una lista nera", &["ip-blocklisted"]),
    ("421 IP 192.0.2.7 temporarily banned for abuse", &["ip-blocklisted", "bad-reputation", "rate-limited"]),
    ("554 Delivery refused because of the poor standing (reputation) of 192.0.2.7", &["bad-reputation"]),
    ("550 Connecting host has no name in the DNS (rDNS)", &["ptr-required"]),
    ("550 Le reverse DNS de votre serveur est absent", &["ptr-required"]),
    ("450 PTR lookup for 192.0.2.7 failed", &["ptr-required"]),
    ("550 The SPF record for example.com does not permit 192.0.2.7", &["authentication-failed"]),
    ("550 DMARC: message not aligned, quarantine refused", &["authentication-failed"]),
    ("550 5.7.20 DKIM signature body hash mismatch", &["authentication-failed"]),
    ("550 El relay no está permitido", &["relaying-denied"]),
    ("550 Relaying for you is not permitted", &["relaying-denied"]),
    ("451 Sending volume for your account was surpassed, at most 200 mails per hour", &["rate-limited"]),
    ("450 Demasiados mensajes por hora", &["rate-limited"]),
    ("421 Throttled: more than 30 messages a minute", &["rate-limited"]),
    ("421 At most 5 simultaneous sessions from one address", &["too-many-connections"]),
    ("421 Demasiadas conexiones desde su IP", &["too-many-connections"]),
    ("451 First-time sender, greylisted; retry after 300s", &["greylisted"]),
    ("450 Votre message est en liste grise, réessayez plus tard", &["greylisted"]),
    ("554 Rejected: your mail scored 12.3 points, spam limit is 6", &["spam-content"]),
    ("550 Il messaggio è stato classificato come spam", &["spam-content"]),
    ("550 該郵件被判定為垃圾郵件", &["spam-content"]),
    ("554 Found W32/Netsky in attachment: virus refused", &["virus"]),
    ("550 Message infecté par un virus", &["virus"]),
    ("554 Attachments with macros are forbidden", &["content-rejected"]),
    ("550 Tipo de archivo adjunto no permitido", &["content-rejected"]),
    ("550 Two From headers found, message refused", &["not-compliant"]),
    ("554 Your message lacks a Date header", &["not-compliant"]),
    ("550 We cannot verify your sender address", &["sender-rejected"]),
    ("550 El dominio del remitente no existe", &["sender-rejected"]),
    ("553 Sender unauthorised for this account", &["sender-rejected"]),
    ("550 Die Absenderdomain existiert nicht", &["sender-rejected"]),
    ("The domain example.invalid has no mail server and no address", &["unknown-host", "mail-not-accepted"]),
    ("El dominio no existe", &["unknown-host"]),
    ("This domain declares that it takes no mail (null MX)", &["mail-not-accepted"]),
    ("Peer requires TLS but our handshake was refused", &["tls-failed"]),
    ("554 Unencrypted sessions are refused here, use STARTTLS", &["tls-failed"]),
    ("535 Bad username or password", &["security-rejected"]),
    ("could not open a connection to mx.example.net: network timeout", &["network-failure"]),
    ("Verbindung zum Server abgelehnt (Connection refused)", &["network-failure"]),
    ("Giving up after 5 days of trying", &["queue-expired"]),
    ("No se pudo entregar en 5 días", &["queue-expired"]),
    ("451 Our database is down, come back later", &["remote-error", "greylisted"]),
    ("450 Mail store in maintenance", &["remote-error"]),
    ("connect to mail.example.org[/run/dovecot/lmtp]: Permission denied", &["mailer-error"]),
    ("x@example.net opted out of mail from this sender", &["suppressed"]),
    ("550 Outside senders may not write to this group", &["policy-rejected"]),
    ("550 The user refuses mail from your address", &["recipient-filtered"]),
    ("550 EHLO name must be a real host name", &["protocol-error"]),
    ("502 Command not implemented", &["protocol-error"]),
];

#[test]
fn wordings_of_many_servers() {
    let mut wrong = Vec::new();
    for (text, causes) in WORDINGS {
        let verdict = classify(text, None);
        if !causes.contains(&verdict.cause.name()) {
            wrong.push(format!("{} {:?}: {text}", verdict.cause.name(), verdict.basis));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Other hosts, quoting and line ends change nothing about the meaning.
#[test]
fn wrapping_and_hosts_change_nothing() {
    for (text, causes) in
        WORDINGS.iter().filter(|(text, _)| text.starts_with(['4', '5']) && !text.contains("after "))
    {
        let (code, rest) = text.split_at(3);
        for variant in [
            format!("host mx7.example.se[198.51.100.9] said: {text}"),
            format!(
                "SMTP error from remote mail server after end of data: host mx.example.se [198.51.100.9]: {text}"
            ),
            format!("smtp; {text}"),
            format!("  {text}\r\n"),
            format!(
                "{code}{}",
                rest.replace("192.0.2.1", "203.0.113.77").replace("x@example.net", "a.b@example.org")
            ),
        ] {
            let cause = classify(&variant, None).cause.name();
            assert!(causes.contains(&cause), "{cause}: {variant}");
        }
    }
}

#[test]
fn who_speaks_and_who_acts() {
    for (text, speaker, who) in [
        (
            "connect to mx.example.org[private/dovecot-lmtp]: No such file or directory",
            "own-server",
            "sender",
        ),
        (
            "host 127.0.0.1[127.0.0.1] said: 451 4.5.0 Error in processing, virus_scan FAILED",
            "own-filter",
            "sender",
        ),
        ("454 Throttling failure: Maximum sending rate exceeded.", "own-relay", "sender"),
        ("550 5.1.1 <x@example.net>: User unknown", "receiver", "recipient"),
        (
            "554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org; Error: open resolver",
            "receiver-resolver",
            "receiver",
        ),
    ] {
        let verdict = classify(text, None);
        assert_eq!((verdict.speaker.name(), verdict.who.name()), (speaker, who), "{text}");
    }
}

/// No step asks for a list that the reply does not name.
#[test]
fn steps_speak_of_what_is_named() {
    let verdict = classify("554 5.7.1 Your IP address is blocked", None);
    assert!(!verdict.action.join(" ").contains("list the reply names"), "{:?}", verdict.action);
    let verdict = classify("550 5.7.1 blocked, see https://support.example.net/case/4711 for details", None);
    assert!(verdict.action[0].contains("https://support.example.net/case/4711"), "{:?}", verdict.action);
}
