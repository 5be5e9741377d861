//! SMTP replies other projects collected, by what they say they mean.

use serde_json::Value;

use mailvet::triage::cause::Cause;
use mailvet::triage::reply::classify;

use super::record;

/// A Sisimai reason and the cause of the same meaning.
pub fn cause_of_reason(reason: &str) -> &'static str {
    match reason {
        "userunknown" => "unknown-user",
        "suspend" => "mailbox-disabled",
        "mailboxfull" => "mailbox-full",
        "filtered" => "recipient-filtered",
        "hasmoved" => "recipient-moved",
        "hostunknown" => "unknown-host",
        "notaccept" => "mail-not-accepted",
        "networkerror" => "network-failure",
        "expired" => "queue-expired",
        "mesgtoobig" | "exceedlimit" | "emailtoolarge" => "message-too-large",
        "norelaying" => "relaying-denied",
        "failedstarttls" => "tls-failed",
        "syntaxerror" => "protocol-error",
        "systemerror" => "remote-error",
        "systemfull" => "remote-full",
        "feedback" => "complaint",
        "vacation" => "auto-reply",
        "blocked" => "ip-blocklisted",
        "badreputation" => "bad-reputation",
        "requireptr" => "ptr-required",
        "authfailure" => "authentication-failed",
        "speeding" | "ratelimited" => "rate-limited",
        "toomanyconn" => "too-many-connections",
        "greylisted" => "greylisted",
        "rejected" => "sender-rejected",
        "policyviolation" => "policy-rejected",
        "securityerror" => "security-rejected",
        "spamdetected" => "spam-content",
        "contenterror" => "content-rejected",
        "virusdetected" => "virus",
        "mailererror" => "mailer-error",
        "notcompliantrfc" => "not-compliant",
        "suppressed" => "suppressed",
        "delivered" => "delivered",
        "undefined" | "onhold" => "undetermined",
        other => panic!("the reason {other} has no cause of the same meaning here"),
    }
}

fn read(suite: &str, file: &str) -> Option<Vec<Value>> {
    let text = std::fs::read_to_string(crate::cases(suite)?.join(file)).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

#[test]
fn sisimai_reasons() {
    let Some(cases) = read("smtp-replies-sisimai", "reasons.json") else { return };
    let mut passed = 0;
    for case in &cases {
        let reply = case["reply"].as_str().unwrap();
        let want = cause_of_reason(case["reason"].as_str().unwrap());
        let got = classify(reply, None).cause.name();
        if got == want {
            passed += 1;
        } else {
            eprintln!("{want} wanted, {got} got: {reply}");
        }
    }
    record("smtp-replies-sisimai", passed, cases.len(), cases.len(), "cause");
}

#[test]
fn zonemta_categories() {
    let Some(cases) = read("smtp-replies-zonemta", "replies.json") else { return };
    let mut passed = 0;
    for case in &cases {
        let reply = case["reply"].as_str().unwrap();
        let category = case["category"].as_str().unwrap();
        let got = classify(reply, None).cause;
        let listed = matches!(got, Cause::IpBlocklisted | Cause::BadReputation);
        let right = match category {
            "blacklist" => listed,
            "other" => listed || case["message"] != "Sender IP blacklisted",
            "recipient" => got == Cause::UnknownUser,
            "policy" => got == Cause::PolicyRejected,
            "capacity" => matches!(got, Cause::TooManyConnections | Cause::RateLimited | Cause::MailboxFull),
            other => panic!("category {other}"),
        };
        if right {
            passed += 1;
        } else {
            eprintln!("{category} wanted, {} got: {reply}", got.name());
        }
    }
    record(
        "smtp-replies-zonemta",
        passed,
        cases.len(),
        cases.len(),
        "blocklist or reputation class, else the category",
    );
}
