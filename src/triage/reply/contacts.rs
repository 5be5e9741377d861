//! Where a reply says help is to be had: pages and mailboxes it names.

use crate::parse::smtp::reply::Reply;

/// Most contacts taken from one reply.
const MOST: usize = 6;

/// Local parts of mailboxes that are read by those who can help.
const ROLES: &[&str] = &[
    "postmaster",
    "abuse",
    "support",
    "contact",
    "help",
    "helpdesk",
    "delist",
    "unblock",
    "removal",
    "remove",
    "hostmaster",
    "security",
    "noc",
    "antispam",
    "spam",
    "blocked",
    "whitelist",
    "dnsbl",
    "rbl",
    "tobr",
    "tosa",
    "icloudadmin",
    "mailmaster",
    "mailadmin",
    "sysadmin",
    "admin",
    "feedback",
    "deblock",
    "appeal",
];

/// Words after which a mailbox is a contact, whatever its name.
const BEFORE: &[&str] = &["contact", "kontakt", "contacter", "contactez", "write"];

/// Words after which a server names the address a recipient has moved to.
const NEW: &[&str] = &[
    "moved to ",
    "changed to ",
    "replaced by ",
    "please try ",
    "new address",
    "address is ",
    "forward-path",
];

/// The new address that a reply about a move names behind such words.
pub(super) fn moved_to(reply: &Reply) -> Option<String> {
    let lower = reply.whole.to_ascii_lowercase();
    let at = NEW.iter().filter_map(|words| lower.find(words).map(|at| at + words.len())).min()?;
    reply.whole.get(at..)?.split(' ').find_map(|word| {
        let address = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let (local, domain) = address.split_once('@')?;
        let plain = |text: &str, more: &[u8]| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b))
        };
        (plain(local, b".-_+") && plain(domain, b".-") && domain.contains('.') && address.len() <= 254)
            .then(|| address.to_owned())
    })
}

/// Links first, then mailboxes, in the order of the reply.
pub(super) fn of(reply: &Reply) -> Vec<String> {
    let mut found = reply.links();
    let mut last = "";
    for word in reply.whole.split(' ') {
        let plain = word.trim_matches(|c: char| !c.is_alphanumeric());
        let address = plain.strip_prefix("mailto:").unwrap_or(plain);
        if let Some((local, domain)) = address.split_once('@')
            && domain.contains('.')
            && domain.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
            && local.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+'))
            && !local.is_empty()
            && !found.iter().any(|known| known == address)
        {
            let lower = local.to_ascii_lowercase();
            let role = lower.split(['.', '-', '_']).any(|part| ROLES.contains(&part));
            let asked = BEFORE.contains(&last.to_lowercase().as_str()) && !word.starts_with('<');
            if role || (asked && !reply.text.starts_with(word)) {
                found.push(address.to_owned());
            }
        }
        last = plain;
    }
    found.truncate(MOST);
    found
}
