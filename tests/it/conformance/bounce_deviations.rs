//! Where mailvet leaves the labels of the suite bounce-sisimai, and why. The
//! suite calls "User unknown" `filtered` where it did not answer RCPT; a
//! postmaster looks at the address first, whatever the stage.

/// File, index of the recipient, our cause, the reason.
pub const DEVIATIONS: &[(&str, usize, &str, &str)] = &[
    ("lhost-activehunter-02.eml", 0, "unknown-user", "the reply says that the recipient is in no table"),
    ("lhost-amazonworkmail-02.eml", 0, "unknown-user", "\"User Unknown\" is plainer than the code 5.2.1"),
    ("lhost-apachejames-01.eml", 0, "unknown-user", "\"User unknown\", after DATA"),
    ("lhost-courier-02.eml", 0, "unknown-user", "\"Unknown user\", after DATA"),
    ("lhost-mailfoundry-01.eml", 0, "unknown-user", "\"No such user here\""),
    ("lhost-messagingserver-03.eml", 0, "unknown-user", "\"User Unknown\" is plainer than the code 5.7.1"),
    ("lhost-messagingserver-03.eml", 1, "unknown-user", "\"User Unknown\" is plainer than the code 5.7.1"),
    ("lhost-messagingserver-06.eml", 0, "unknown-user", "\"User Unknown\" is plainer than the code 5.2.1"),
    (
        "lhost-x2-05.eml",
        0,
        "remote-error",
        "what the queue waited for is told before \"too long in the queue\"",
    ),
    (
        "lhost-mfilter-04.eml",
        0,
        "unknown-user",
        "5.4.1 of Exchange Online refuses recipients its directory lacks",
    ),
    ("lhost-mxlogic-03.eml", 0, "unknown-user", "\"unknown user\""),
    (
        "lhost-qmail-04.eml",
        0,
        "protocol-error",
        "the name given in HELO was refused: 501 Invalid domain name",
    ),
    ("lhost-sendmail-02.eml", 1, "unknown-user", "\"User Unknown\" is plainer than the code 5.2.1"),
    ("lhost-sendmail-19.eml", 0, "unknown-user", "\"Unknown user\", after DATA"),
    ("lhost-sendmail-27.eml", 0, "unknown-user", "\"User unknown\", after DATA"),
    ("lhost-sendmail-40.eml", 0, "unknown-user", "\"Unknown user\", after DATA"),
    ("lhost-x2-01.eml", 0, "unknown-user", "the user has no account there"),
    ("lhost-x2-02.eml", 0, "unknown-user", "the user has no account there"),
    ("lhost-x2-02.eml", 2, "unknown-user", "the user has no account there"),
    ("lhost-zoho-03.eml", 0, "unknown-user", "\"Invalid Address ... mailbox unavailable\""),
    ("rfc3464-42.eml", 0, "unknown-user", "the account \"does not exist\""),
    ("lhost-v5sendmail-05.eml", 0, "network-failure", "the connection was reset; nobody spoke of a list"),
    (
        "lhost-gmail-07.eml",
        0,
        "tls-failed",
        "\"Remote server does not support TLS\": the handshake is what failed",
    ),
    (
        "lhost-gsuite-04.eml",
        0,
        "unknown-host",
        "NXDOMAIN: the domain does not exist (RFC 8020); no network failed",
    ),
    (
        "lhost-gsuite-05.eml",
        0,
        "unknown-host",
        "NXDOMAIN: the domain does not exist (RFC 8020); no network failed",
    ),
    (
        "lhost-postfix-49.eml",
        0,
        "remote-error",
        "\"421 Service not available\" as a greeting: the server shuts down (RFC 5321 section 3.8); no list is named",
    ),
    (
        "lhost-postfix-50.eml",
        0,
        "remote-error",
        "\"421 Service not available\" as a greeting: the server shuts down (RFC 5321 section 3.8); no list is named",
    ),
    ("lhost-exim-46.eml", 0, "ptr-required", "\"Missing reverse DNS\" is what is to be mended"),
    ("rhost-yahooinc-02.eml", 0, "bad-reputation", "TSS04 judges the sending address, not the sender's"),
];
