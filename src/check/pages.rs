//! The pages that checks refer to, each once, so that a page read again is
//! dated in one place. A page without a day was not read while mailvet was
//! written: it is where the subject is treated, no more is claimed.

use super::Reference;

const fn read(title: &'static str, url: &'static str, day: &'static str) -> Reference {
    Reference::Page { title, url, seen: Some(day) }
}

const fn known(title: &'static str, url: &'static str) -> Reference {
    Reference::Page { title, url, seen: None }
}

pub(crate) const APPLE_PRIVACY: Reference =
    known("Apple: Mail Privacy Protection", "https://support.apple.com/guide/iphone/iphf084865c7/ios");
pub(crate) const BIMI_DRAFT: Reference = known(
    "BIMI: Internet-Draft",
    "https://datatracker.ietf.org/doc/draft-brand-indicators-for-message-identification/",
);
pub(crate) const CAN_I_EMAIL: Reference = known("Can I email", "https://www.caniemail.com/");
pub(crate) const CAN_SPAM_ACT: Reference = known(
    "CAN-SPAM Act, 15 USC 7704(a)(5)",
    "https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section7704",
);
pub(crate) const CAN_SPAM_GUIDE: Reference = known(
    "FTC: CAN-SPAM compliance guide",
    "https://www.ftc.gov/business-guidance/resources/can-spam-act-compliance-guide-business",
);
pub(crate) const CHROMIUM_IDN: Reference = known(
    "Chromium: Internationalized Domain Names",
    "https://chromium.googlesource.com/chromium/src/+/main/docs/idn.md",
);
pub(crate) const CLAMAV_SCANNING: Reference =
    known("ClamAV: clamd protocol", "https://docs.clamav.net/manual/Usage/Scanning.html");
pub(crate) const CLOUDMARK_RESET: Reference =
    known("Cloudmark Sender Intelligence", "https://csi.cloudmark.com/en/reset/");
pub(crate) const CVE_2011_0411: Reference = known(
    "CVE-2011-0411: Postfix STARTTLS plaintext command injection",
    "https://www.postfix.org/CVE-2011-0411.html",
);
pub(crate) const DNSWL: Reference = known("dnswl.org", "https://www.dnswl.org/");
pub(crate) const DNS_FLAG_DAY: Reference = known("DNS flag day 2020", "https://www.dnsflagday.net/2020/");
pub(crate) const GMAIL_BLOCKED_FILES: Reference =
    known("Gmail: file types blocked", "https://support.google.com/mail/answer/6590");
pub(crate) const GOOGLE_FEEDBACK_ID: Reference =
    read("Google: Feedback-ID", "https://support.google.com/mail/answer/6254652", "2026-03-21");
pub(crate) const GOOGLE_MTA_STS: Reference =
    known("Google: create an MTA-STS policy", "https://support.google.com/a/answer/9276511");
pub(crate) const GOOGLE_SENDERS: Reference =
    read("Email sender guidelines, Google", "https://support.google.com/mail/answer/81126", "2026-03-21");
pub(crate) const GOOGLE_SMTP_ERRORS: Reference =
    read("Google: message formatting rules", "https://support.google.com/a/answer/3726730", "2026-06-18");
pub(crate) const HTML_PARSING: Reference =
    known("HTML Standard: parsing", "https://html.spec.whatwg.org/multipage/parsing.html");
pub(crate) const IBM_CHGSMTPA: Reference = known(
    "IBM i: Change SMTP Attributes (CHGSMTPA)",
    "https://www.ibm.com/support/knowledgecenter/ssw_ibm_i_73/cl/chgsmtpa.htm",
);
pub(crate) const M3AAWG_PRACTICES: Reference =
    known("M3AAWG: sender best common practices", "https://www.m3aawg.org/published-documents");
pub(crate) const MICROSOFT_DDE: Reference = known(
    "Microsoft ADV170021: Dynamic Data Exchange",
    "https://msrc.microsoft.com/update-guide/vulnerability/ADV170021",
);
pub(crate) const MICROSOFT_MACROS: Reference = known(
    "Microsoft: macros from the internet are blocked by default",
    "https://learn.microsoft.com/deployoffice/security/internet-macros-blocked",
);
pub(crate) const MICROSOFT_SENDERS: Reference = read(
    "Microsoft: requirements for high-volume senders",
    "https://techcommunity.microsoft.com/blog/microsoftdefenderforoffice365blog/strengthening-email-ecosystem-outlook%E2%80%99s-new-requirements-for-high%E2%80%90volume-senders/4399730",
    "2025-04-29",
);
pub(crate) const MICROSOFT_XLM: Reference = known(
    "Microsoft: Excel 4.0 macros restricted by default",
    "https://techcommunity.microsoft.com/blog/excelblog/excel-4-0-xlm-macros-now-restricted-by-default-for-customer-protection/3057905",
);
pub(crate) const MITRE_DOUBLE_EXTENSION: Reference =
    known("MITRE ATT&CK T1036.007: Double File Extension", "https://attack.mitre.org/techniques/T1036/007/");
pub(crate) const MITRE_HTML_SMUGGLING: Reference =
    known("MITRE ATT&CK T1027.006: HTML Smuggling", "https://attack.mitre.org/techniques/T1027/006/");
pub(crate) const MITRE_MARK_OF_THE_WEB: Reference =
    known("MITRE ATT&CK T1553.005: Mark-of-the-Web Bypass", "https://attack.mitre.org/techniques/T1553/005/");
pub(crate) const MITRE_PHISHING: Reference =
    known("MITRE ATT&CK T1566: Phishing", "https://attack.mitre.org/techniques/T1566/");
pub(crate) const MITRE_RIGHT_TO_LEFT: Reference =
    known("MITRE ATT&CK T1036.002: Right-to-Left Override", "https://attack.mitre.org/techniques/T1036/002/");
pub(crate) const MITRE_TEMPLATE_INJECTION: Reference =
    known("MITRE ATT&CK T1221: Template Injection", "https://attack.mitre.org/techniques/T1221/");
pub(crate) const OUTLOOK_BLOCKED_FILES: Reference = known(
    "Microsoft: blocked attachments in Outlook",
    "https://support.microsoft.com/office/blocked-attachments-in-outlook-434752e1-02d3-4e90-9124-8b81e49a8519",
);
pub(crate) const OUTLOOK_TROUBLESHOOTING: Reference = read(
    "Microsoft: Outlook.com postmaster, troubleshooting",
    "https://sendersupport.olc.protection.outlook.com/pm/troubleshooting.aspx",
    "2026-06-15",
);
pub(crate) const PDF_ACTIONS: Reference = known(
    "ISO 32000-1: PDF 1.7, section 12.6 Actions",
    "https://opensource.adobe.com/dc-acrobat-sdk-docs/pdfstandards/PDF32000_2008.pdf",
);
pub(crate) const POSTFIX_RHSBL_HELO: Reference =
    known("Postfix: reject_rhsbl_helo", "https://www.postfix.org/postconf.5.html#reject_rhsbl_helo");
pub(crate) const RSPAMD_PROTOCOL: Reference =
    known("Rspamd: protocol", "https://docs.rspamd.com/developers/protocol");
pub(crate) const SPAMASSASSIN_TESTS: Reference =
    known("SpamAssassin: tests performed", "https://spamassassin.apache.org/old/tests_3_3_x.html");
pub(crate) const SPAMHAUS_PBL: Reference =
    known("Spamhaus: Policy Blocklist", "https://www.spamhaus.org/blocklists/policy-blocklist/");
pub(crate) const SPAMHAUS_SHORTENERS: Reference = known(
    "Spamhaus: the trouble with URL shorteners",
    "https://www.spamhaus.org/resource-hub/domain-reputation/",
);
pub(crate) const SPAMHAUS_ZONES: Reference = known(
    "Spamhaus: DNSBL zones and return codes",
    "https://docs.spamhaus.com/datasets/docs/source/10-data-type-documentation/datasets/040-zones.html",
);
pub(crate) const SURBL_LISTS: Reference = known("SURBL: lists", "https://www.surbl.org/lists");
pub(crate) const UTS_39: Reference =
    known("UTS 39: Unicode Security mechanisms", "https://www.unicode.org/reports/tr39/");
pub(crate) const WCAG: Reference = known("WCAG 2.2", "https://www.w3.org/TR/WCAG22/");
pub(crate) const WCAG_CONTRAST: Reference =
    known("WCAG 2.2: contrast (minimum)", "https://www.w3.org/TR/WCAG22/#contrast-minimum");
pub(crate) const WHATWG_URL: Reference = known("WHATWG URL Standard", "https://url.spec.whatwg.org/");
pub(crate) const YAHOO_FAQ: Reference =
    read("Yahoo: sender FAQ", "https://senders.yahooinc.com/faqs/", "2025-08-02");
pub(crate) const YAHOO_SENDERS: Reference =
    read("Yahoo: sender best practices", "https://senders.yahooinc.com/best-practices/", "2025-08-02");
pub(crate) const YAHOO_SMTP_ERRORS: Reference =
    read("Yahoo: SMTP error codes", "https://senders.yahooinc.com/smtp-error-codes/", "2026-02-15");
