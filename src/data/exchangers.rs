//! Hosts of large providers, told apart by what they are for: those that take
//! mail for the domains they hold, and those that take mail of customers on its
//! way out. A reply of the first kind proves delivery, of the second it does not.
//! Sources: the MX records and set-up pages of the providers, read 2026-11.

/// For whom a host takes mail in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inbound {
    /// For any domain whose mailboxes the provider holds; it relays for nobody.
    Hosted,
    /// For the one domain that is written in its name.
    Named,
}

/// Ends of names of hosts that take mail in and relay for nobody.
const HOSTED: &[&str] = &[
    "aspmx.l.google.com",
    "gmail-smtp-in.l.google.com",
    "gmr-smtp-in.l.google.com",
    ".aspmx.l.google.com",
    ".gmail-smtp-in.l.google.com",
    "aspmx2.googlemail.com",
    "aspmx3.googlemail.com",
    "aspmx4.googlemail.com",
    "aspmx5.googlemail.com",
    "smtp.google.com",
    ".mail.icloud.com",
    ".yahoodns.net",
    ".mail.protonmail.ch",
    "mail.protonmail.ch",
    "mailsec.protonmail.ch",
    "in1-smtp.messagingengine.com",
    "in2-smtp.messagingengine.com",
    "mx.yandex.net",
    "mx.yandex.ru",
    "mxs.mail.ru",
    "emx.mail.ru",
    "smtpin.rzone.de",
    ".mail.ovh.net",
    "mx1.qq.com",
    "mx2.qq.com",
    "mx3.qq.com",
    "mxbiz1.qq.com",
    "mxbiz2.qq.com",
    ".mxmail.netease.com",
    "spool.mail.gandi.net",
    "fb.mail.gandi.net",
    "mx1.improvmx.com",
    "mx2.improvmx.com",
    "mx1.forwardemail.net",
    "mx2.forwardemail.net",
];

/// Start and end of names of hosts that take mail in: `mx00.kundenserver.de`.
const NUMBERED: &[(&str, &str)] = &[
    ("mx", ".kundenserver.de"),
    ("mx", ".ionos.de"),
    ("mx", ".ionos.com"),
    ("mx", ".gmx.net"),
    ("mx", ".web.de"),
    ("mx", ".t-online.de"),
    ("mx", ".zoho.com"),
    ("mx", ".zoho.eu"),
    ("mx", ".zoho.in"),
    ("mx", ".hostinger.com"),
    ("mx", ".registrar-servers.com"),
    ("mx", ".mailgun.org"),
    ("mx", ".seznam.cz"),
    ("mx", ".naver.com"),
    ("inbound-smtp.", ".amazonaws.com"),
    ("cluster", ".messagelabs.com"),
];

/// For whom the host takes mail, by its name in lower case.
pub(crate) fn inbound(host: &str, domain: &str) -> Option<Inbound> {
    if is_outbound(host) {
        return None;
    }
    // One name a domain: `example-org.mail.protection.outlook.com`, some with a
    // few signs that keep it apart from a namesake.
    for end in [".mail.protection.outlook.com", ".olc.protection.outlook.com", ".mx.microsoft"] {
        if let Some(label) = host.strip_suffix(end) {
            let label = label.split('.').next().unwrap_or_default();
            let rest = label.strip_prefix(&domain.replace('.', "-"));
            return rest
                .is_some_and(|rest| rest.len() <= 4 && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
                .then_some(Inbound::Named);
        }
    }
    let hosted =
        HOSTED.iter().any(|end| if end.starts_with('.') { host.ends_with(end) } else { host == *end })
            || NUMBERED.iter().any(|(start, end)| host.starts_with(start) && host.ends_with(end))
            || host.ends_with(".a.ess.barracudanetworks.com")
            || host.ends_with(".mimecast.com") && host.contains("-inbound-");
    hosted.then_some(Inbound::Hosted)
}

/// First labels, without digits at their end, of hosts that take mail out.
const OUT: &[&str] = &[
    "relay",
    "smarthost",
    "smtp",
    "smtps",
    "smtpauth",
    "auth",
    "authsmtp",
    "email-smtp",
    "out",
    "outbound",
    "outgoing",
    "mailout",
    "smtpout",
    "smtp-out",
    "smtp-relay",
    "submission",
    "submit",
    "msa",
    "securesmtp",
    "mailgate",
    "asmtp",
    "send",
];

/// Parts of names of hosts that take mail out.
const OUT_PARTS: &[&str] = &[
    "outbound",
    "smarthost",
    "smtp-relay",
    "smtprelay",
    "mailrelay",
    "relayhost",
    "ppe-hosted",
    "submission",
];

/// Whether the name, in lower case, is that of a host for outgoing mail.
pub(crate) fn is_outbound(host: &str) -> bool {
    if host == "smtp.google.com" {
        // The MX of Google Workspace since 2023, whatever it is called.
        return false;
    }
    let first = host.split('.').next().unwrap_or_default();
    let plain = first.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    OUT.contains(&plain)
        || plain.ends_with("-out")
        || plain.starts_with("out-")
        || plain.starts_with("cluster") && plain.ends_with("out")
        || OUT_PARTS.iter().any(|part| host.contains(part))
        || host.ends_with(".o.ess.barracudanetworks.com")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_which_way_mail_goes() {
        assert_eq!(inbound("example-org.mail.protection.outlook.com", "example.org"), Some(Inbound::Named));
        assert_eq!(
            inbound("example-org01b.mail.protection.outlook.com", "example.org"),
            Some(Inbound::Named)
        );
        assert_eq!(inbound("shop-example.mail.protection.outlook.com", "example.org"), None);
        assert_eq!(inbound("alt1.aspmx.l.google.com", "example.org"), Some(Inbound::Hosted));
        assert_eq!(inbound("eu-smtp-inbound-1.mimecast.com", "example.org"), Some(Inbound::Hosted));
        for host in [
            "smtp.ionos.de",
            "eu-smtp-outbound-1.mimecast.com",
            "cluster5out.eu.messagelabs.com",
            "d1.o.ess.barracudanetworks.com",
            "securesmtp.t-online.de",
            "outbound-us1.ppe-hosted.com",
            "email-smtp.eu-west-1.amazonaws.com",
            "smtp-relay.gmail.com",
        ] {
            assert!(is_outbound(host) && inbound(host, "example.org").is_none(), "{host}");
        }
    }
}
