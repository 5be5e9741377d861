//! What large mailbox providers ask of senders, judged by the checks that see
//! it. What no check sees (their own dashboards, TLS on the wire) is left out.

use crate::judge::finding::CheckResult;
use crate::model::Severity;

/// A provider and its requirements, as its own pages state them.
struct Receiver {
    name: &'static str,
    requirements: &'static [Requirement],
}

struct Requirement {
    id: &'static str,
    /// Met when every check of one of the groups passes.
    any_of: &'static [&'static [&'static str]],
    /// The provider's words, short.
    detail: &'static str,
}

const SPF: &[&str] = &[
    "spf-missing",
    "spf-multiple",
    "spf-syntax",
    "spf-lookup-limit",
    "spf-void-lookups",
    "spf-include-loop",
    "spf-include-broken",
    "spf-ip-unauthorised",
];
const DKIM: &[&str] = &[
    "dkim-signature-missing",
    "dkim-signature-broken",
    "dkim-key-missing",
    "dkim-key-revoked",
    "dkim-key-syntax",
];
const DMARC: &[&str] = &["dmarc-missing", "dmarc-multiple", "dmarc-syntax"];
const ALIGNED: &[&str] = &["dmarc-unpassable"];
const REVERSE: &[&str] = &["ptr-missing", "ptr-unconfirmed"];
const FORMAT: &[&str] =
    &["from-missing", "from-multiple", "header-duplicate", "message-id-missing", "message-id-malformed"];
const UNSUBSCRIBE: &[&str] = &["list-unsubscribe-missing", "list-unsubscribe-malformed"];
const COMPLAINTS: &[&str] = &["complaint-rate-high"];

const fn requirement(
    id: &'static str,
    any_of: &'static [&'static [&'static str]],
    detail: &'static str,
) -> Requirement {
    Requirement { id, any_of, detail }
}

/// Read 2026-11-23: support.google.com/mail/answer/81126, senders.yahooinc.com/best-practices,
/// Microsoft's "Outlook's new requirements for high-volume senders", support.apple.com/102322,
/// postmaster.gmx.net.
const RECEIVERS: &[Receiver] = &[
    Receiver {
        name: "google",
        requirements: &[
            requirement("spf_or_dkim", &[SPF, DKIM], "SPF or DKIM for all senders"),
            requirement("dmarc_published", &[DMARC], "a DMARC record, p=none is enough; bulk senders"),
            requirement(
                "from_alignment",
                &[ALIGNED],
                "the From domain aligned with SPF or DKIM; bulk senders",
            ),
            requirement("fcrdns", &[REVERSE], "a PTR name that leads back to the sending address"),
            requirement("rfc5322_format", &[FORMAT], "messages by RFC 5322, one From, a Message-ID"),
            requirement(
                "one_click_unsubscribe",
                &[UNSUBSCRIBE],
                "one-click unsubscribe; bulk mail people signed up for",
            ),
            requirement("spam_rate", &[COMPLAINTS], "complaints below 0.3 %, better below 0.1 %"),
            requirement("no_volume_spike", &[&["volume-spike"]], "no sudden bursts of volume"),
        ],
    },
    Receiver {
        name: "yahoo",
        requirements: &[
            requirement("spf_or_dkim", &[SPF, DKIM], "SPF or DKIM for all senders"),
            requirement("dmarc_published_and_pass", &[DMARC], "a DMARC record; bulk senders"),
            requirement(
                "from_alignment",
                &[ALIGNED],
                "the From domain aligned with SPF or DKIM; bulk senders",
            ),
            requirement("fcrdns", &[REVERSE], "a PTR name that leads back to the sending address"),
            requirement(
                "ptr_non_generic",
                &[&["ptr-generic"]],
                "a PTR name that does not look like a dynamic line",
            ),
            requirement("list_unsubscribe", &[UNSUBSCRIBE], "List-Unsubscribe; bulk mail"),
            requirement("spam_rate", &[COMPLAINTS], "complaints below 0.3 %"),
        ],
    },
    Receiver {
        name: "microsoft",
        requirements: &[
            requirement("spf_pass", &[SPF], "SPF passes; from 5,000 messages a day"),
            requirement("dkim_pass", &[DKIM], "DKIM passes; from 5,000 messages a day"),
            requirement("dmarc_published_aligned", &[DMARC], "a DMARC record; from 5,000 messages a day"),
            requirement(
                "valid_reply_address",
                &[&["mx-missing", "mx-null", "mx-unresolvable"]],
                "replies can be received",
            ),
            requirement("rdns", &[REVERSE], "a PTR name that leads back to the sending address"),
            requirement("no_dynamic_ip", &[&["ptr-generic"]], "no mail from dynamic addresses"),
            requirement("no_namespace_mining", &[&["unknown-users-mailed"]], "few mails to unknown users"),
        ],
    },
    Receiver {
        name: "apple",
        requirements: &[
            requirement("spf_and_dkim", &[DKIM], "SPF and DKIM; bulk senders"),
            requirement("dmarc_published", &[DMARC], "a DMARC record; bulk senders"),
            requirement(
                "rdns_with_own_domain",
                &[&["ptr-missing", "ptr-unconfirmed", "ptr-generic"]],
                "a PTR name of one's own",
            ),
        ],
    },
    Receiver {
        name: "gmx",
        requirements: &[
            requirement("dkim_aligned", &[DKIM], "DKIM aligned with From; bulk senders"),
            requirement("ptr_valid", &[REVERSE], "a valid PTR name"),
            requirement("helo_fqdn", &[&["helo-invalid"]], "a fully qualified HELO name"),
            requirement("sender_domain_mx_or_a", &[&["mx-missing"]], "a sender domain with MX or address"),
            requirement("spf_fail_reject", &[&["spf-ip-unauthorised"]], "mail that fails SPF is refused"),
        ],
    },
];

/// A provider's verdict.
#[derive(Debug)]
pub struct ReceiverResult {
    pub name: &'static str,
    pub requirements: Vec<RequirementResult>,
}

/// One requirement: `pass`, `fail`, `not-applicable` or `unknown`.
#[derive(Debug)]
pub struct RequirementResult {
    pub id: &'static str,
    pub outcome: &'static str,
    /// What is asked, and the codes of the checks that decided.
    pub detail: String,
}

/// Judges every provider's requirements by the results of the checks.
pub fn judge(results: &[CheckResult]) -> Vec<ReceiverResult> {
    RECEIVERS
        .iter()
        .map(|receiver| ReceiverResult {
            name: receiver.name,
            requirements: receiver.requirements.iter().map(|r| requirement_result(r, results)).collect(),
        })
        .collect()
}

fn requirement_result(requirement: &Requirement, results: &[CheckResult]) -> RequirementResult {
    let groups: Vec<(&'static str, Vec<&'static str>)> =
        requirement.any_of.iter().map(|codes| group(codes, results)).collect();
    // The best of the alternatives decides; what is unknown may still be the better one.
    let outcome = ["pass", "unknown", "fail", "not-applicable"]
        .into_iter()
        .find(|outcome| groups.iter().any(|(found, _)| found == outcome))
        .unwrap_or("unknown");
    let deciding: Vec<&str> =
        groups.iter().filter(|(found, _)| *found == outcome).flat_map(|(_, codes)| codes.clone()).collect();
    let detail = match (outcome, deciding.is_empty()) {
        ("fail" | "unknown", false) => format!("{}; see {}", requirement.detail, deciding.join(", ")),
        _ => requirement.detail.to_owned(),
    };
    RequirementResult { id: requirement.id, outcome, detail }
}

/// The outcome of checks that must all pass, and those that decided it.
fn group(codes: &[&'static str], results: &[CheckResult]) -> (&'static str, Vec<&'static str>) {
    let of = |wanted: &str| -> Vec<&'static str> {
        results
            .iter()
            .filter(|result| codes.contains(&result.check.code))
            .filter(|result| {
                let minor = result.worst().is_some_and(|worst| worst < Severity::Medium);
                let outcome = result.outcome_name();
                // A finding without weight is no breach of a requirement.
                if outcome == "fail" && minor { wanted == "pass" } else { outcome == wanted }
            })
            .map(|result| result.check.code)
            .collect()
    };
    let (failed, unknown, passed) = (of("fail"), of("unknown"), of("pass"));
    match (failed.is_empty(), unknown.is_empty(), passed.is_empty()) {
        (false, ..) => ("fail", failed),
        (true, false, _) => ("unknown", unknown),
        (true, true, false) => ("pass", passed),
        (true, true, true) => ("not-applicable", Vec::new()),
    }
}
