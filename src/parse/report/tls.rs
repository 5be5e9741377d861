//! SMTP TLS reports (TLS-RPT, RFC 8460 section 4.4): which TLS sessions with a
//! domain's mail hosts worked, and what failed. JSON, read tolerantly.

use serde_json::Value;

/// One sender's report on the sessions of one span of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsReport {
    /// `organization-name`: the sending side that reports.
    pub org: String,
    pub(crate) contact: String,
    /// `report-id`, unique for one reporter.
    pub report_id: String,
    /// Seconds since the Unix epoch.
    pub begin: Option<i64>,
    /// Seconds since the Unix epoch, inclusive.
    pub end: Option<i64>,
    /// One entry a policy; a domain may have several.
    pub policies: Vec<PolicyResult>,
}

/// What came of the sessions under one policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyResult {
    /// `sts`, `tlsa` or `no-policy-found`.
    pub kind: String,
    /// `policy-domain`, lower case: the recipient domain the policy is of.
    pub domain: String,
    pub(crate) mx_hosts: Vec<String>,
    /// The policy's own lines.
    pub policy: Vec<String>,
    /// `total-successful-session-count`.
    pub successful: u64,
    /// `total-failure-session-count`.
    pub failed: u64,
    /// Of the failed sessions, what went wrong.
    pub failures: Vec<FailureDetail>,
}

/// Sessions that failed alike (RFC 8460 section 4.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailureDetail {
    /// `certificate-expired`, `starttls-not-supported`, `sts-policy-fetch-error` ...
    pub result: String,
    /// `failed-session-count`.
    pub sessions: u64,
    pub(crate) sending_mta: String,
    pub(crate) mx_host: String,
    pub(crate) receiving_ip: String,
    /// `failure-reason-code`: what the sending software said. Hostile text.
    pub reason: String,
    /// `additional-information`. Hostile text.
    pub more: String,
}

/// Policies and failures kept of one report.
const MOST: usize = 1000;

impl TlsReport {
    /// Reads a document, or says why it is no TLS report.
    ///
    /// # Errors
    /// Why it is none, for people.
    pub fn parse(bytes: &[u8]) -> Result<TlsReport, String> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let value: Value = serde_json::from_slice(bytes)
            .map_err(|error| format!("it is not JSON as RFC 8460 has it: {error}"))?;
        let Some(policies) = value.get("policies").and_then(Value::as_array) else {
            return Err("the JSON has no \"policies\": no TLS report (RFC 8460)".to_owned());
        };
        let range = value.get("date-range").unwrap_or(&Value::Null);
        Ok(TlsReport {
            org: text(&value, "organization-name"),
            contact: text(&value, "contact-info"),
            report_id: text(&value, "report-id"),
            begin: stamp(&text(range, "start-datetime")),
            end: stamp(&text(range, "end-datetime")),
            policies: policies.iter().take(MOST).map(policy).collect(),
        })
    }

    /// Sessions that worked, under all policies.
    pub fn successful(&self) -> u64 {
        self.policies.iter().fold(0, |sum, policy| sum.saturating_add(policy.successful))
    }

    /// Sessions that failed, under all policies.
    pub fn failed(&self) -> u64 {
        self.policies.iter().fold(0, |sum, policy| sum.saturating_add(policy.failed))
    }
}

fn policy(value: &Value) -> PolicyResult {
    let policy = value.get("policy").unwrap_or(&Value::Null);
    let summary = value.get("summary").unwrap_or(&Value::Null);
    let details =
        value.get("failure-details").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    PolicyResult {
        kind: text(policy, "policy-type").to_ascii_lowercase(),
        domain: text(policy, "policy-domain").to_ascii_lowercase(),
        mx_hosts: texts(policy, "mx-host"),
        policy: texts(policy, "policy-string"),
        // RFC 8460 names them in the text as it does in the example; both spellings occur.
        successful: count(summary, &["total-successful-session-count", "total-success-session-count"]),
        failed: count(summary, &["total-failure-session-count", "total-failed-session-count"]),
        failures: details.iter().take(MOST).map(failure).collect(),
    }
}

fn failure(value: &Value) -> FailureDetail {
    FailureDetail {
        result: text(value, "result-type").to_ascii_lowercase(),
        sessions: count(value, &["failed-session-count", "failed-session-counts"]),
        sending_mta: text(value, "sending-mta-ip"),
        mx_host: text(value, "receiving-mx-hostname"),
        receiving_ip: text(value, "receiving-ip"),
        reason: text(value, "failure-reason-code"),
        more: match text(value, "additional-information") {
            more if more.is_empty() => text(value, "additional-info-uri"),
            more => more,
        },
    }
}

fn text(value: &Value, key: &str) -> String {
    match value.get(key) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// A list of texts; some write a single one.
fn texts(value: &Value, key: &str) -> Vec<String> {
    match value.get(key) {
        Some(Value::Array(items)) => {
            items.iter().take(MOST).filter_map(Value::as_str).map(str::to_owned).collect()
        }
        Some(Value::String(text)) => vec![text.clone()],
        _ => Vec::new(),
    }
}

/// A count; some write it as text.
fn count(value: &Value, keys: &[&str]) -> u64 {
    let found = keys.iter().find_map(|key| value.get(key));
    match found {
        Some(Value::Number(number)) => number.as_u64().unwrap_or(0),
        Some(Value::String(text)) => text.trim().parse().unwrap_or(0),
        _ => 0,
    }
}

fn stamp(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read() {
        let text = r#"{"organization-name":"Example","date-range":{"start-datetime":"2026-11-22T00:00:00Z",
            "end-datetime":"2026-11-22T23:59:59Z"},"report-id":"7","policies":[{"policy":{"policy-type":"sts",
            "policy-string":"version: STSv1","policy-domain":"Example.com","mx-host":["mx.example.com"]},
            "summary":{"total-successful-session-count":10,"total-failure-session-count":"2"},
            "failure-details":[{"result-type":"certificate-expired","failed-session-count":2,
            "sending-mta-ip":"192.0.2.1"}]},{"policy":{},"summary":{},"failure-details":null}]}"#;
        let report = TlsReport::parse(text.as_bytes()).unwrap();
        assert_eq!((report.org.as_str(), report.successful(), report.failed()), ("Example", 10, 2));
        let policy = &report.policies[0];
        assert_eq!((policy.domain.as_str(), policy.policy.len()), ("example.com", 1));
        assert_eq!(policy.failures[0].result, "certificate-expired");
        assert_eq!(report.begin, Some(1_795_305_600));
    }

    #[test]
    fn what_is_none_says_why() {
        assert!(TlsReport::parse(b"").unwrap_err().contains("not JSON"));
        assert!(TlsReport::parse(b"{}").unwrap_err().contains("policies"));
        assert!(TlsReport::parse("[".repeat(100_000).as_bytes()).is_err());
    }
}
