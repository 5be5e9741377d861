//! Schemes of links that start a program on the reader's machine, by what reports of attacks name
//! (MITRE ATT&CK T1204.001 and the vendors' reports it cites). Lower case.

/// Search windows, Office, installers, help and editors: each takes its orders from the link.
pub(crate) const PROGRAMS: &[&str] = &[
    "search",
    "search-ms",
    "ms-word",
    "ms-excel",
    "ms-powerpoint",
    "ms-visio",
    "ms-access",
    "ms-project",
    "ms-publisher",
    "ms-infopath",
    "ms-spd",
    "ms-appinstaller",
    "ms-msdt",
    "ms-officecmd",
    "ms-cxh",
    "ms-cxh-full",
    "ms-its",
    "ms-help",
    "its",
    "mk",
    "mhtml",
    "hcp",
    "vscode",
    "vscode-insiders",
    "intent",
    "jnlp",
    "jnlps",
];

/// Those that open the file explorer on a share.
pub(crate) const SEARCHES: &[&str] = &["search", "search-ms"];
