//! Names and links beside a sentence: a maker's name and the host of a page stand in refusals of every kind, and
//! decide only where the sentence says nothing.

use crate::data::smtp_replies::Pattern;

/// True of patterns that know a page and no reason: GMX's link stands behind each of its sentences.
pub(super) fn is_last_resort(pattern: &Pattern) -> bool {
    pattern.id == "gx-temp"
}

/// True of patterns that look for the path of a link.
pub(super) fn has_path(pattern: &Pattern) -> bool {
    pattern.source_text().contains(r"org/") || pattern.source_text().contains(r"com/")
}

/// True of patterns that are satisfied with a maker's name, which stands in sentences of every meaning.
pub(super) fn is_maker(pattern: &Pattern) -> bool {
    matches!(
        pattern.id.as_str(),
        "dn-sophos" | "dn-fortinet" | "dn-spamhaus" | "dn-trend" | "dn-symantec" | "dn-barracuda"
    )
}

/// True where the sentence is about what the message holds, and about no address of the network.
pub(super) fn is_of_content(text: &str) -> bool {
    const CONTENT: &[&str] =
        &["virus", "threat", "troj", "malware", " url", "uri ", " link", "domain", "phish", "attachment"];
    const ADDRESS: &[&str] =
        &["ip address", "client host", "your ip", "sender ip", "sending ip", " ip ", "[ip", "(ip"];
    let any = |words: &[&str]| words.iter().any(|words| text.contains(words));
    any(CONTENT) && !any(ADDRESS)
}

#[cfg(test)]
mod tests {
    use crate::triage::reply::classify;

    #[test]
    fn the_sentence_decides_over_names_and_links() {
        for (text, cause) in [
            ("550 5.7.1 Threat Troj/DocDl-AGX found by Sophos, delivery denied", "virus"),
            ("550 5.7.1 Message contained a virus, detected by FortiGuard AntiVirus", "virus"),
            (
                "550 5.7.1 rejected due to having a domain present in the Spamhaus DBL -- see https://www.spamhaus.org/dbl/",
                "bad-reputation",
            ),
            (
                "554 5.7.1 blocked because the message contains FortiGuard - AntiSpam blocking URL(s).",
                "spam-content",
            ),
            (
                "550 Unauthorized sender address. For explanation visit https://postmaster.gmx.net/en/case?c=r0103&i=ip&v=192.0.2.1",
                "sender-rejected",
            ),
            ("554 5.7.1 Service unavailable; client [192.0.2.1] blocked using Spamhaus", "ip-blocklisted"),
        ] {
            assert_eq!(classify(text, None).cause.name(), cause, "{text}");
        }
        let refused = classify("554 5.7.1 blocked, see http://uribl.com/refused.shtml", None);
        assert_eq!(refused.who.name(), "receiver");
    }
}
