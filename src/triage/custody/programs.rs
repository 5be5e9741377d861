//! Programs by their names: those that hand mail back, send it on to a list, or fill mailboxes.

/// Words in names of services and programs that look at mail and hand it back.
pub(super) const FILTERS: &[&str] = &[
    "amavis",
    "spamassassin",
    "spamc",
    "spamd",
    "spamfilter",
    "spam-filter",
    "rspamd",
    "dspam",
    "bogofilter",
    "clamav",
    "clamsmtp",
    "mailscanner",
    "smtp-amavis",
    "spampd",
    "antivirus",
    "virus",
    "content-filter",
    "contentfilter",
    "content_filter",
    "scan",
    "filter",
    "altermime",
    "disclaimer",
    "dkimproxy",
    "spamcheck",
    "spam",
    "advosys",
    "gpg-mailgate",
    "zeyple",
];

/// Words in names of services and programs that send mail on to a list.
pub(super) const LISTS: &[&str] =
    &["mailman", "majordomo", "sympa", "mlmmj", "ezmlm", "listserv", "schleuder"];

/// Words in names of programs that fill mailboxes.
pub(super) const MAILBOX_PROGRAMS: &[&str] = &[
    "dovecot",
    "dovecot-lda",
    "dovecot-lmtp",
    "deliver",
    "cyrus",
    "cyrdeliver",
    "maildrop",
    "procmail",
    "fdm",
    "lmtp",
    "sieve",
    "virtual",
    "vmail",
    "vdelivermail",
    "mailbox",
    "maildir",
    "dbmail",
    "dbmail-smtp",
    "kopano",
    "kopano-dagent",
    "zarafa",
    "zarafa-dagent",
    "citadel",
    "aox",
    "lda",
    "local",
];

/// Whether one of the words stands in the text, the long ones also as a piece of a name.
pub(super) fn names(text: &str, words: &[&str]) -> bool {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
        .any(|part| words.contains(&part) || words.iter().any(|word| word.len() >= 7 && part.contains(word)))
}
