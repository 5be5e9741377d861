//! The founding case, precedence of the rules, and that no text breaks them.

use super::*;

fn cause(text: &str) -> &'static str {
    classify(text, None).cause.name()
}

#[test]
fn the_founding_case() {
    let text = "421 mx.example.net Service refused, please try later. 192.0.2.25 is Cloudmark Sender Intelligence CSI Suspect";
    for text in [
        text,
        "421 4.7.0 Service refused - CSI Suspect",
        "host mx.example.net[192.0.2.1] refused to talk to me: 421 Service refused. Cloudmark CSI Suspect",
    ] {
        let v = classify(text, None);
        assert_eq!((v.cause, v.permanent, v.who), (Cause::BadReputation, Some(false), Who::Sender), "{text}");
        assert_eq!(v.provider.map(|p| p.tag.as_str()), Some("cloudmark"));
        assert_eq!(v.area, Area::IpReputation);
        assert!(v.page.as_deref().is_some_and(|p| p.contains("csi.cloudmark.com")), "{:?}", v.page);
        assert!(v.action.len() >= 2, "{:?}", v.action);
    }
}

#[test]
fn a_refusal_to_talk_is_a_deferral_and_4xx_stays_temporary() {
    let v = classify(
        "host mx.example.net[192.0.2.1] refused to talk to me: 554 5.7.1 blocked using zen.spamhaus.org",
        None,
    );
    assert_eq!((v.cause, v.permanent), (Cause::IpBlocklisted, Some(false)));
    assert_eq!(classify("450 5.1.1 <a@example.net>: User unknown", None).permanent, Some(false));
    assert_eq!(classify("550 5.1.1 <a@example.net>: User unknown", None).permanent, Some(true));
}

#[test]
fn the_provider_wins_over_the_generic() {
    let text = "550 5.7.1 [192.0.2.1] Our system has detected an unusual rate of unsolicited mail originating from your IP address";
    let v = classify(text, Some("gmail-smtp-in.l.google.com"));
    assert_eq!(v.provider.map(|p| p.tag.as_str()), Some("google"));
    assert!(matches!(v.basis, Basis::Pattern(_)), "{:?}", v.basis);
    let v = classify(
        "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints",
        None,
    );
    assert_eq!((v.cause, v.provider.map(|p| p.tag.as_str())), (Cause::BadReputation, Some("yahoo")));
}

#[test]
fn unknown_texts_fall_back_and_say_so() {
    let v = classify("550 5.1.1 qwertz", None);
    assert_eq!((v.cause, v.basis), (Cause::UnknownUser, Basis::EnhancedCode("5.1.1".into())));
    let v = classify("503 qwertz", None);
    assert_eq!((v.cause, v.basis), (Cause::ProtocolError, Basis::ReplyCode(503)));
    let v = classify("qwertz", None);
    assert_eq!((v.cause, v.permanent, v.basis), (Cause::Undetermined, None, Basis::Nothing));
}

#[test]
fn the_plain_ones() {
    assert_eq!(cause("452 4.2.2 The mailbox is over quota"), "mailbox-full");
    assert_eq!(cause("550 5.7.25 no PTR record for 192.0.2.1"), "ptr-required");
    assert_eq!(cause("550 5.7.26 DMARC policy of example.com"), "authentication-failed");
    assert_eq!(cause("451 4.7.1 Greylisting in action, please come back later"), "greylisted");
    assert_eq!(cause("554 5.7.1 <a@example.net>: Relay access denied"), "relaying-denied");
    assert_eq!(cause("554 5.4.6 Too many hops"), "network-failure");
    assert_eq!(cause("552 5.3.4 Message size exceeds fixed limit"), "message-too-large");
    assert_eq!(cause("connect to mx.example.net[192.0.2.1]:25: Connection refused"), "network-failure");
    assert_eq!(cause("250 2.0.0 Ok: queued as 4ABC"), "delivered");
}

#[test]
fn the_cache_answers_like_classify() {
    let mut cache = Cache::default();
    for text in [
        "550 5.1.1 <a@example.net>: User unknown",
        "550 5.1.1 <b@example.org>: User unknown",
        "421 4.7.0 try again later",
        "nothing",
    ] {
        for _ in 0..2 {
            let v = classify(text, None);
            assert_eq!(cache.cause(text, None), (v.cause, v.permanent), "{text}");
        }
    }
}

proptest::proptest! {
    #[test]
    fn never_panics(text in "\\PC{0,120}", mx in proptest::option::of("\\PC{0,20}")) {
        let v = classify(&text, mx.as_deref());
        proptest::prop_assert!(v.action.len() < 10);
    }
}

/// Who is proven to have spoken comes before what the words show, whatever the words.
#[test]
fn who_speaks_comes_before_the_words() {
    const OWN: [Speaker; 3] = [Speaker::OwnServer, Speaker::OwnFilter, Speaker::OwnRelay];
    let texts = [
        "connect to mx1.example.net[192.0.2.9]:25: Connection refused",
        "connect to private/dovecot-lmtp: No such file or directory",
        "451 4.3.0 Error: queue file write error",
        "maildir delivery failed: create maildir file: Permission denied",
        "mail for example.org loops back to myself",
        "the thing did not work",
    ];
    for text in texts {
        let told = |speaker| {
            let setting = Setting {
                speaker,
                queue: Queue::Waits,
                service: "mx1.example.net",
                machine: "app1",
                transport: "smtp",
                ..Setting::default()
            };
            classify_in(text, &setting)
        };
        for speaker in OWN {
            let verdict = told(Some(speaker));
            assert_eq!(verdict.who, Who::Sender, "{text} by {speaker:?}");
            assert!(verdict.speaker.is_own(), "{text} by {speaker:?}");
            assert_ne!(verdict.cause, Cause::Undetermined, "{text}");
        }
        let verdict = told(Some(Speaker::Receiver));
        assert_ne!(verdict.who, Who::Sender, "{text}: nothing of the receiver's is the sender's to mend");
        assert_eq!(verdict.speaker, Speaker::Receiver, "{text}");
    }
    let named = classify_in(
        texts[0],
        &Setting {
            speaker: Some(Speaker::OwnRelay),
            queue: Queue::Waits,
            service: "mx1.example.net",
            machine: "app1",
            ..Setting::default()
        },
    );
    assert!(named.action[0].contains("mx1.example.net on or behind app1"), "{:?}", named.action);
    // A person who asks about the words alone still hears of the network.
    assert_eq!(classify(texts[0], None).who, Who::Network);
}

/// The label of the refused command is no reason; what stands behind it is.
#[test]
fn a_label_of_the_refused_recipient_is_no_reason() {
    for (text, want) in [
        ("554 5.7.1 <a@example.net>: Recipient address rejected: BLOCK-RCPT.", "policy-rejected"),
        ("554 5.7.1 <a@example.net>: Recipient address rejected: see rule 12", "policy-rejected"),
        ("554 5.7.1 <a@example.net>: Recipient address rejected: Not in recipient list", "unknown-user"),
        ("550 5.1.1 <a@example.net>: Recipient address rejected: see rule 12", "unknown-user"),
        ("452 4.2.2 <a@example.net>: Recipient address rejected: Quota exceeded", "mailbox-full"),
        ("450 4.2.0 <a@example.net>: Recipient address rejected: Greylisted", "greylisted"),
    ] {
        assert_eq!(cause(text), want, "{text}");
    }
}

/// The last step is by what the queue does, not by the code.
#[test]
fn the_last_step_fits_what_the_queue_does() {
    let last = |text: &str, queue| {
        classify_in(text, &Setting { queue, ..Setting::default() }).action.last().cloned().unwrap_or_default()
    };
    let temporary = "451 4.3.0 internal server error";
    assert!(last(temporary, Queue::Waits).starts_with("leave the message queued"));
    assert!(last(temporary, Queue::GaveUp).starts_with("send the message again"));
    assert!(last("554 5.7.1 internal server error", Queue::Waits).starts_with("leave the message queued"));
}

#[test]
fn success_is_the_relays_word_and_no_delivery() {
    for text in [
        "250 2.0.0 Ok: queued as 4ABC123",
        "250 OK id=1abcDE-0001-2f",
        "host mx.example.net[192.0.2.1] said: 250 accepted",
    ] {
        let verdict = explain(text, None);
        assert_eq!((verdict.cause, verdict.speaker), (Cause::AcceptedByRelay, Speaker::OwnRelay), "{text}");
        assert!(
            verdict.action[0].contains("taken by the relay and is not yet delivered"),
            "{:?}",
            verdict.action
        );
        assert!(verdict.action[0].contains("queue id"), "{:?}", verdict.action);
    }
}

#[test]
fn a_greeting_that_puts_off_is_no_full_mailbox() {
    for said in ["452 try later", "452 zzz", "422 zzz", "452 4.3.1 zzz", "452 4.2.2 zzz"] {
        let refused = format!("host mx.example.net[192.0.2.4] refused to talk to me: {said}");
        let verdict = classify(&refused, None);
        assert_eq!(verdict.cause, Cause::RemoteError, "{said}: {:?}", verdict.basis);
    }
    let full = "host mx.example.net[192.0.2.4] refused to talk to me: 452 4.3.1 Insufficient system storage";
    assert_eq!(classify(full, None).cause, Cause::RemoteFull);
    let qmail = "Connected to 192.0.2.225 but sender was rejected. Remote host said: 550 5.7.1 Access denied";
    assert_eq!(classify(qmail, None).cause, Cause::SenderRejected);
}

/// After the end nobody waits: what a server calls final, and a fault of the own side, is looked for.
#[test]
fn what_does_not_pass_is_looked_for() {
    let first = |text: &str, queue, speaker| {
        let setting = Setting { queue, speaker, ..Setting::default() };
        classify_in(text, &setting).action.first().cloned().unwrap_or_default()
    };
    let temporary = "451 4.3.0 internal server error";
    assert!(first(temporary, Queue::GaveUp, None).contains("may pass"));
    assert!(first(temporary, Queue::GaveUp, Some(Speaker::Receiver)).contains("may pass"));
    for text in ["554 5.3.0 internal server error", "550 mail system error"] {
        assert!(first(text, Queue::GaveUp, None).contains("look into its log"), "{text}");
    }
    let own = first("database connection failed", Queue::GaveUp, None);
    assert!(own.contains("look into its log"), "{own}");
}

/// Words that say too little of a user are weak; a loop is a loop.
#[test]
fn wide_words_of_a_user_give_way() {
    for (text, want) in [
        ("550 5.7.1 you cannot deliver mail to this list, you are not allowed to post", "sender-rejected"),
        ("451 mailbox currently unavailable, greylisted", "greylisted"),
        ("550 the domain cannot receive mail: no mail service", "mail-not-accepted"),
        ("550 le domaine n'existe pas, blacklisted", "unknown-host"),
        ("421 attempts are never logged, connection limit", "too-many-connections"),
        ("450 4.7.1 not on our approved list yet, greylisted", "greylisted"),
        ("421 we cannot accept any more connections, too busy", "remote-error"),
        ("552 we can not accept any more mail for this user", "mailbox-full"),
        ("550 the account is expired", "mailbox-disabled"),
        ("550 this account can no longer receive mail", "mailbox-disabled"),
        ("450 your ip subnet has been seen too often, rate limit", "rate-limited"),
        ("550 blocked: your ip subnet is listed", "ip-blocklisted"),
    ] {
        assert_eq!(cause(text), want, "{text}: {:?}", classify(text, None).basis);
    }
    let looping = classify("550 message is looping", None);
    assert!(looping.action.iter().any(|step| step.contains("forwarding")), "{:?}", looping.action);
}

/// Cause, who must act, and whether it is final.
fn told(text: &str) -> (&'static str, Who, Option<bool>) {
    let verdict = classify(text, None);
    (verdict.cause.name(), verdict.who, verdict.permanent)
}

#[test]
fn a_wording_means_what_its_sentence_says() {
    for (text, cause, who, permanent) in [
        (
            "450 4.4.317 Cannot connect to remote server [Message=SubjectMismatch Expected Subject: mx.example.net]",
            "tls-failed",
            Who::Receiver,
            Some(false),
        ),
        ("554 5.7.1 Relay rejected for policy reasons.", "relaying-denied", Who::Sender, Some(true)),
        ("550 Delivery is not allowed to this address.", "relaying-denied", Who::Sender, Some(true)),
        (
            "552 Requested mail action aborted: exceeded storage allocation",
            "mailbox-full",
            Who::Recipient,
            Some(true),
        ),
        ("451 You have exceeded your messaging limits", "rate-limited", Who::Sender, Some(false)),
        (
            "421 Domain example.com is not allowed to send: recipient limit exceeded. Account probation",
            "rate-limited",
            Who::Sender,
            Some(false),
        ),
        ("451 Account inbounds disabled [a1b2c3]", "remote-error", Who::Receiver, Some(false)),
        (
            "550 5.2.121 RESOLVER.RST.RecipientThreshold; recipient per sender threshold exceeded",
            "rate-limited",
            Who::Sender,
            Some(true),
        ),
        ("554 5.6.3 8BITMIME not supported", "protocol-error", Who::Sender, Some(true)),
        (
            "550 5.7.1 Messages with multiple addresses in From: header are not accepted.",
            "not-compliant",
            Who::Sender,
            Some(true),
        ),
        (
            "550 5.7.1 Invalid or expired BATV token: message was not sent by this host",
            "sender-rejected",
            Who::Sender,
            Some(true),
        ),
        (
            "591 your host [192.0.2.5] is blacklisted by zen.spamhaus.org. No mail will be accepted",
            "ip-blocklisted",
            Who::Sender,
            Some(true),
        ),
        (
            "Host or domain name not found. Name service error for name=example.net type=MX: Host not found, try again",
            "network-failure",
            Who::Network,
            Some(false),
        ),
        (
            "554 5.4.6 Too many hops 26 (25 max): from <a@example.com>",
            "network-failure",
            Who::Receiver,
            Some(true),
        ),
        ("432 4.3.2 System not accepting network messages", "remote-error", Who::Receiver, Some(false)),
        ("550 5.3.2 qwertz", "mail-not-accepted", Who::Recipient, Some(true)),
        (
            "451 Could not complete recipient verify callout for <a@example.net>",
            "remote-error",
            Who::Receiver,
            Some(false),
        ),
    ] {
        assert_eq!(told(text), (cause, who, permanent), "{text}");
    }
    // The wording proves no listing: removal is asked for only where there is one.
    let barracuda =
        classify("550 permanent failure for one or more recipients (a@example.net:blocked)", None);
    assert!(barracuda.action[0].contains("only where it is listed"), "{:?}", barracuda.action);
}

#[test]
fn what_is_temporary_takes_no_address_off_a_list() {
    for text in
        ["450 5.1.1 <a@example.net>: User unknown", "451 4.2.1 mailbox disabled", "450 4.1.1 no such user"]
    {
        let steps = classify(text, None).action.join(" ");
        assert!(!steps.contains("off every list"), "{text}: {steps}");
    }
}

#[test]
fn steps_say_what_helps() {
    for (text, step) in [
        ("452 4.5.3 Error: too many recipients", "in one transaction"),
        ("550 5.5.3 qwertz", "in one transaction"),
        ("550 5.6.0 lines too long", "998 characters"),
        ("550 5.1.6 User has moved to b@example.org", "names b@example.org as the new address"),
        ("551 User not local; please try <b@example.org>", "names b@example.org as the new address"),
    ] {
        let steps = classify(text, None).action.join(" ");
        assert!(steps.contains(step), "{text}: {steps}");
    }
    let rejected = classify("554 mail server permanently rejected message (#5.3.0)", None);
    assert_eq!(rejected.cause, Cause::Undetermined);
}

#[test]
fn a_server_that_tells_of_others_or_of_itself() {
    let own = Setting {
        speaker: Some(Speaker::OwnServer),
        system: "exim",
        queue: Queue::GaveUp,
        ..Setting::default()
    };
    for text in [
        "all hosts for 'example.net' have been failing for a long time (and retry time not reached)",
        "retry time not reached for any host",
        "all relevant MX records point to non-existent hosts",
        "too many 'Received' headers - suspected mail loop",
    ] {
        let verdict = classify_in(text, &own);
        assert!(!verdict.action.join(" ").contains("mend the mail system"), "{text}: {:?}", verdict.action);
        assert_ne!(verdict.who, Who::Sender, "{text}");
    }
    let log = Setting { system: "postfix", queue: Queue::Waits, ..Setting::default() };
    for text in [
        "alias database unavailable",
        "unreasonable virtual_alias_maps map nesting for a@example.net -- message not accepted, try again later",
        "delivery cancelled by administrator",
        "deferred transport",
        "local configuration error",
    ] {
        let verdict = classify_in(text, &log);
        assert_eq!((verdict.who, verdict.speaker), (Who::Sender, Speaker::OwnServer), "{text}");
    }
    // Another server's reply is about that server.
    assert_eq!(classify_in("451 4.3.0 alias database unavailable", &log).who, Who::Receiver);
}

#[test]
fn words_of_a_service_are_read_by_its_own_list() {
    for (text, cause) in [
        ("mandrill: hard-bounce", Cause::Suppressed),
        ("mandrill: rule", Cause::PolicyRejected),
        ("mailjet: preblocked", Cause::Suppressed),
        ("mailjet: duplicate in campaign", Cause::PolicyRejected),
        ("brevo: blocked: blocked : due to blacklist user", Cause::Suppressed),
        ("amazon-ses: reject: Bad content", Cause::Virus),
        ("amazon-ses: rendering failure: Attribute 'user' does not exist", Cause::ContentRejected),
        ("microsoft-365: FilteredAsSpam", Cause::SpamContent),
    ] {
        let verdict = classify(text, None);
        assert_eq!((verdict.cause, verdict.who), (cause, Who::Sender), "{text}");
    }
}

#[test]
fn a_label_is_no_reason() {
    for (label, who) in [
        ("Client host rejected", "<host1.example.com[192.0.2.1]>"),
        ("Sender ip address rejected", "<mail.example.com[192.0.2.1]>"),
        ("Recipient address rejected", "<a@example.net>"),
        ("Data command rejected", "<DATA>"),
    ] {
        for (reason, cause) in [
            ("You sent too many messages in the last 10 minutes", "rate-limited"),
            ("Greylisted, try again in 5 minutes", "greylisted"),
            ("We only take mail over TLS", "tls-failed"),
        ] {
            let text = format!("450 4.7.1 {who}: {label}: {reason}");
            assert_eq!(classify(&text, None).cause.name(), cause, "{text}");
        }
    }
    // Where nothing else is said, the label decides.
    for reason in ["Access denied", "qwertz uiop"] {
        let text = format!("554 5.7.1 <host1.example.com[192.0.2.1]>: Client host rejected: {reason}");
        assert_eq!(classify(&text, None).cause, Cause::IpBlocklisted, "{text}");
    }
}

#[test]
fn what_the_queue_gave_up_is_over_and_what_it_delays_is_not() {
    for text in [
        "452 4.2.2 mailbox full: retry timeout exceeded",
        "4.4.7 (delivery time expired)",
        "retry time not reached for any host after a long failure period",
        "TLS connect failed. I'm not going to try again; this message has been in the queue too long.",
    ] {
        let read = classify(text, None);
        assert_eq!(read.permanent, Some(true), "{text}");
        assert!(!read.action.iter().any(|step| step == advice::LEAVE_QUEUED), "{text}: {:?}", read.action);
        assert!(
            read.action.iter().any(|step| step.contains("has given this one up")),
            "{text}: {:?}",
            read.action
        );
    }
    for text in
        ["400 4.4.7 Message delayed, will be retried", "451 4.7.1 certificate expired, try again later"]
    {
        assert_eq!(classify(text, None).permanent, Some(false), "{text}");
    }
    // sendmail writes codes that HTTP has too.
    for text in
        ["403 4.7.0 TLS handshake failed.", "a@example.net... Deferred: 403 4.7.0 TLS handshake failed."]
    {
        assert_eq!(classify(text, None).permanent, Some(false), "{text}");
    }
    assert_eq!(classify("401 Unauthorized", None).permanent, Some(true));
}

#[test]
fn nothing_is_advised_that_the_reply_does_not_ask_for() {
    for (text, never) in [
        ("550 5.7.1 [NR] Message rejected", "log in"),
        ("#550 5.7.1 RESOLVER.RST.AuthRequired; authentication required", "log in"),
        ("525 5.7.1 Unauthorized IP address", "log in"),
        (
            "454 4.7.0 TLS not available due to local problem: certificate verify failed",
            "encrypt the connection",
        ),
        ("421 4.4.5 Connection refused. Server is busy", "port 25"),
        ("550 Legitimate bounces are never sent to more than one recipient.", "off every list"),
        ("5.2.1 Subject is Mandatory.", "off every list"),
        ("554 5.7.1 Virus detected: Eicar", "ask for removal"),
    ] {
        let read = classify(text, None);
        assert!(!read.action.iter().any(|step| step.contains(never)), "{text}: {:?}", read.action);
    }
    assert!(classify("530 5.7.0 Authentication required", None).action[0].contains("log in"));
    assert!(
        classify("530 5.7.0 Must issue a STARTTLS command first", None).action[0]
            .contains("encrypt the connection")
    );
}
