//! Groups recipient domains by who runs the mailboxes: the domain where it is a
//! well-known one, else the next hop that took the mail. Grouping only; what a
//! provider demands is in `data`.

use crate::data::exchangers::is_outbound;

/// Group, its consumer domains, and the ends of its MX hosts.
type Group = (&'static str, &'static [&'static str], &'static [&'static str]);

/// Sources: the providers' own lists of consumer domains and MX names as
/// published in DNS, read 2026-11.
const GROUPS: &[Group] = &[
    ("gmail.com", &["gmail.com", "googlemail.com"], &[".google.com", ".googlemail.com"]),
    (
        "outlook.com",
        &["outlook.com", "hotmail.com", "live.com", "msn.com", "passport.com", "windowslive.com"],
        &[".olc.protection.outlook.com", ".hotmail.com"],
    ),
    ("office365", &[], &[".protection.outlook.com", ".mx.microsoft"]),
    (
        "yahoo.com",
        &[
            "yahoo.com",
            "ymail.com",
            "rocketmail.com",
            "aol.com",
            "aim.com",
            "verizon.net",
            "att.net",
            "sbcglobal.net",
        ],
        &[".yahoodns.net", ".yahoo.com"],
    ),
    ("icloud.com", &["icloud.com", "me.com", "mac.com"], &[".icloud.com"]),
    (
        "gmx.net",
        &["gmx.net", "gmx.de", "gmx.at", "gmx.ch", "gmx.com", "web.de", "mail.com", "1und1.de", "online.de"],
        &[".gmx.net", ".web.de", ".gmx.com", ".kundenserver.de", ".ionos.com", ".ionos.de"],
    ),
    ("t-online.de", &["t-online.de", "magenta.de"], &[".t-online.de"]),
    ("orange.fr", &["orange.fr", "wanadoo.fr"], &[".orange.fr", ".wanadoo.fr"]),
    ("free.fr", &["free.fr"], &[".free.fr"]),
    ("laposte.net", &["laposte.net"], &[".laposte.net"]),
    ("sfr.fr", &["sfr.fr", "neuf.fr", "cegetel.net"], &[".sfr.fr"]),
    ("libero.it", &["libero.it", "virgilio.it", "inwind.it", "iol.it", "blu.it"], &[".libero.it"]),
    ("mail.ru", &["mail.ru", "inbox.ru", "list.ru", "bk.ru", "internet.ru"], &[".mail.ru"]),
    (
        "yandex.ru",
        &["yandex.ru", "yandex.com", "ya.ru", "yandex.by", "yandex.kz"],
        &[".yandex.ru", ".yandex.net"],
    ),
    ("comcast.net", &["comcast.net", "xfinity.com"], &[".comcast.net"]),
    ("charter.net", &["charter.net", "rr.com", "spectrum.net"], &[".charter.net"]),
    ("proton.me", &["proton.me", "protonmail.com", "pm.me"], &[".protonmail.ch"]),
    ("zoho.com", &["zoho.com", "zohomail.com"], &[".zoho.com", ".zoho.eu"]),
    ("qq.com", &["qq.com", "foxmail.com"], &[".qq.com"]),
    ("163.com", &["163.com", "126.com", "yeah.net"], &[".netease.com", ".163.com"]),
    ("naver.com", &["naver.com"], &[".naver.com"]),
    ("mimecast.com", &[], &[".mimecast.com"]),
    ("pphosted.com", &[], &[".pphosted.com", ".ppe-hosted.com"]),
    ("barracudanetworks.com", &[], &[".barracudanetworks.com"]),
    ("messagelabs.com", &[], &[".messagelabs.com"]),
    ("iphmx.com", &[], &[".iphmx.com"]),
    ("amazonses.com", &[], &[".amazonaws.com"]),
];

/// First labels under any country: `yahoo.co.uk`, `hotmail.fr`, `live.nl`.
const FAMILIES: &[(&str, &str)] = &[
    ("yahoo.", "yahoo.com"),
    ("hotmail.", "outlook.com"),
    ("outlook.", "outlook.com"),
    ("live.", "outlook.com"),
    ("aol.", "yahoo.com"),
];

/// Whether a domain, in lower case, is a large provider's own.
pub(crate) fn is_providers(domain: &str) -> bool {
    GROUPS.iter().any(|(_, domains, _)| domains.contains(&domain)) || provider(domain, "") != domain
}

/// The group of a domain, both lower case: itself where neither it nor the
/// next hop's name is known.
pub(crate) fn provider<'a>(domain: &'a str, next_hop: &str) -> &'a str {
    for (group, domains, _) in GROUPS {
        if domains.contains(&domain) {
            return group;
        }
    }
    for (start, group) in FAMILIES {
        if domain.starts_with(start) && domain.len() <= start.len() + 6 {
            return group;
        }
    }
    let hop = next_hop.trim_end_matches('.');
    // A server for outgoing mail says nothing of who keeps the mailboxes.
    if is_outbound(hop) {
        return domain;
    }
    for (group, _, hosts) in GROUPS {
        if hosts.iter().any(|end| hop.ends_with(end)) {
            return group;
        }
    }
    domain
}

#[cfg(test)]
mod tests {
    use super::provider;

    #[test]
    fn by_domain_by_family_by_next_hop() {
        assert_eq!(provider("googlemail.com", ""), "gmail.com");
        assert_eq!(provider("yahoo.co.uk", ""), "yahoo.com");
        assert_eq!(provider("example.org", "aspmx.l.google.com"), "gmail.com");
        assert_eq!(provider("example.org", "example-org.mail.protection.outlook.com"), "office365");
        assert_eq!(provider("example.org", "mx.example.org"), "example.org");
        assert_eq!(provider("live.example.company.org", ""), "live.example.company.org");
    }
}
