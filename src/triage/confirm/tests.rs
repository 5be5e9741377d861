//! What replies claim; that the answers are read right is tested against real
//! name servers (tests/it/world/confirm.rs).

use super::*;
use crate::triage::reply::classify;

fn claim(text: &str, known: &Circumstances) -> Option<Claim> {
    Claim::of(&classify(text, None), known)
}

fn alone(text: &str) -> Option<Claim> {
    claim(text, &Circumstances::default())
}

fn on(list: &str, ip: &str) -> Option<Claim> {
    Some(Claim::Listed {
        lists: vec![Name::lenient(list)],
        identities: vec![Identity::Ip(ip.parse().unwrap())],
    })
}

#[test]
fn lists_by_zone_and_by_their_pages() {
    assert_eq!(
        alone("554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org"),
        on("zen.spamhaus.org", "192.0.2.7")
    );
    assert_eq!(
        alone(
            "550 5.7.1 Service unavailable, Client host [192.0.2.7] blocked using Spamhaus. To request removal from this list see https://www.spamhaus.org/query/ip/192.0.2.7 (AS3130)"
        ),
        on("zen.spamhaus.org", "192.0.2.7")
    );
    assert_eq!(
        alone("554 5.7.1 blocked; client 192.0.2.7 listed in dnsbl.corp.example.net"),
        on("dnsbl.corp.example.net", "192.0.2.7")
    );
    // The address of the server that speaks is not the one that is listed.
    let known = Circumstances {
        own: Some("192.0.2.8".parse().unwrap()),
        remote: Some("198.51.100.1".parse().unwrap()),
        ..Circumstances::default()
    };
    assert_eq!(
        claim("host mx.example.net[198.51.100.1] said: 554 5.7.1 Blocked using bl.spamcop.net", &known),
        on("bl.spamcop.net", "192.0.2.8")
    );
    assert!(matches!(alone("554 5.7.1 Your IP is on our internal block list"), Some(Claim::Unclear(_))));
    assert_eq!(alone("550 5.1.1 no such user here"), None);
}

#[test]
fn names_authentication_and_servers() {
    assert_eq!(
        alone("450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.9]"),
        Some(Claim::Nameless("192.0.2.9".parse().unwrap()))
    );
    assert!(
        matches!(alone("550 5.7.25 The IP address sending this message does not have a PTR record"), Some(Claim::Unclear(why)) if why.contains("--ip"))
    );
    let known = Circumstances { sender: "a@example.com".to_owned(), ..Circumstances::default() };
    let sender = "a@example.com".to_owned();
    assert_eq!(
        claim("550 5.7.23 The message was rejected because of Sender Policy Framework violation", &known),
        Some(Claim::Unauthenticated { ip: None, sender: sender.clone(), method: Method::Spf })
    );
    assert_eq!(
        claim(
            "550-5.7.26 Unauthenticated email from example.com is not accepted due to domain's DMARC policy.",
            &known
        ),
        Some(Claim::Unauthenticated { ip: None, sender, method: Method::Dmarc })
    );
    assert_eq!(
        alone(
            "550 5.7.26 Unauthenticated email from example.com is not accepted due to domain's DMARC policy."
        ),
        Some(Claim::Unauthenticated { ip: None, sender: "example.com".to_owned(), method: Method::Dmarc })
    );
    assert_eq!(
        alone(
            "Host or domain name not found. Name service error for name=nohost.example.org type=AAAA: Host not found"
        ),
        Some(Claim::NoServer(Name::lenient("nohost.example.org")))
    );
}

#[test]
fn hostile_text_makes_no_claim_that_panics() {
    for text in [
        "550 5.7.1 blocked using \u{0}\u{202e}.spamhaus.org [::ffff:999]",
        "550 listed by http://[::1",
        "550 5.7.26 domain of <@>.. dmarc",
        "550 name service error for name= type=MX",
        "550 for name=é.é type=MX host not found",
        "550 5.7.1 blocked using .",
    ] {
        let _ = alone(text);
    }
    let long = format!("550 5.7.1 blocked using {}.example", "a.".repeat(5000));
    let _ = alone(&long);
}
