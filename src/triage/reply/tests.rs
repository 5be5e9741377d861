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
