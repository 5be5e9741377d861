//! The parts of any Postfix line under the names the field uses for them
//! (those of the postfix-grok-patterns, without their prefix). For evidence and
//! JSON, a line at a time: never on the path that reads whole logs.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

/// Names to values.
pub type Fields = BTreeMap<&'static str, String>;

const ID: &str = r"(?P<queueid>[0-9A-Za-z]{5,32})";
const CLIENT: &str = r"(?P<client_hostname>[^\s\[\]]*)\[(?:(?P<client_ip>[0-9A-Fa-f]*[.:][0-9A-Fa-f.:]+)|(?P<client_ip_unknown>unknown))\](?::(?P<client_port>\d+))?";
const RELAY: &str = r"(?P<relay_hostname>[^\s\[\]]*)\[(?:(?P<relay_ip>[0-9A-Fa-f]*[.:][0-9A-Fa-f.:]+)|(?P<relay_service>[^\]]+))\](?::(?P<relay_port>\d+))?";
const CODE: &str = r"(?:(?P<status_code>\d{3}) )?(?:(?P<status_code_enhanced>[245]\.\d{1,3}\.\d{1,3}) )?";
const TRAILER: &str = r"(?P<keyvalue_data>(?:from=<|to=<|proto=).*)";
const SIZE: &str = r"(?: \((?:(?P<SIZE_N>\d+) bits|[^)]*)\))?";

/// In order; the first that fits wins.
static RULES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let server_signature = r"(?: server-signature (?P<tls_server_signature>\S+)(?: \((?:(?P<tls_server_signature_size>\d+) bits|(?P<tls_server_signature_curve>[^)]+))\))?)?";
    let size = SIZE.replace("(?P<SIZE_N>", "(?:");
    let established = |way: &str, peer: &str| {
        format!(
            r"^(?P<tls_trustlevel>Anonymous|Untrusted|Trusted|Verified) TLS connection established {way} {peer}: (?P<tls_version>\S+) with cipher (?P<tls_cipher>\S+) \((?P<tls_cipher_size>[\d/]+) bits\)(?: key-exchange (?P<tls_key_exchange>\S+){size})?{server_signature}(?: server-digest (?P<tls_server_digest>\S+))?"
        )
    };
    let texts = [
        format!(r"^{ID}: (?P<keyvalue_data>to=.*?),? status=(?P<status>[\w-]+)(?: \((?P<response>.*?)\)?)?$"),
        format!(r"^{ID}: (?P<keyvalue_data>from=<(?P<from>[^>]*)>, size=\d+, nrcpt=\d+) \(queue active\)"),
        format!(r"^{ID}: from=<(?P<from>[^>]*)>, status=(?P<status>[\w-]+)(?:, (?P<message>.*))?$"),
        format!(r"^{ID}: (?P<keyvalue_data>client={CLIENT}.*)$"),
        format!(r"^{ID}: (?:resent-)?message-id=<(?P<message_id>.*)>$"),
        format!(r"^{ID}: (?:resent-)?message-id=(?P<message_id>.*)$"),
        format!(r"^{ID}: (?P<keyvalue_data>uid=\d+ from=<.*>)$"),
        format!(r"^{ID}: (?P<bounce_recipient>sender|postmaster|\S+) (?P<bounce_reason>.+?) notification: (?P<bounce_queueid>[0-9A-Za-z]+)$"),
        format!(r"^{ID}: (?P<action>milter-[a-z-]+): (?P<smtp_stage>[A-Z-]+(?: [A-Z]+)?) from {CLIENT}: (?P<status_code>\d{{3}}) (?:(?P<status_code_enhanced>[245]\.\d{{1,3}}\.\d{{1,3}}) )?(?P<status_message>.*?); {TRAILER}$"),
        format!(r"^{ID}: milter-(?P<milter_result>[a-z-]+): (?P<milter_message>.*?); (?P<keyvalue_data>(?:from=<|to=<|proto=).*?helo=<[^>]*>)(?:: (?P<milter_data>.*))?$"),
        format!(r"^{ID}: prepend: (?P<prepend_type>\S+) (?P<prepend_trigger>.*?)(?: from (?:local|[^\s\[\]]*\[[^\]]*\]))?; (?P<keyvalue_data>(?:from=<|to=<|proto=).*?(?:helo=<[^>]*>|>)): (?P<prepend_value>.*)$"),
        format!(r"^{ID}: (?P<message_level>warning|fatal|error|panic|info): (?P<message>.*?)(?:; {TRAILER})?$"),
        r"^(?P<message_level>warning): (?P<queueid>[0-9A-F]{6,}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,}z[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]+): (?P<message>.*)$".to_owned(),
        format!(r"^warning: {CLIENT}: (?P<message>.*)$"),
        r"^(?P<message_level>warning|fatal|error|panic|info): (?P<message>.*)$".to_owned(),
        format!(r"^{ID}: (?P<action>reject): CONNECT from {CLIENT}: (?P<postscreen_toobusy_data>too many connections|all (?:server|screening) ports busy)$"),
        format!(r"^{ID}: (?P<action>[a-z_-]+): (?P<smtp_stage>[A-Z-]+) from {CLIENT}: {CODE}Service unavailable; (?:\w+ )*?\w+ \[?(?P<status_data>[^\]\s]+)\]? (?P<status_message>blocked using .*?)(?:; {TRAILER})?$"),
        format!(r"^{ID}: (?P<action>[a-z_-]+): (?P<smtp_stage>[A-Z-]+) from {CLIENT}: {CODE}<(?P<status_data>[^>]*)>: (?P<status_message>.*?)(?:; {TRAILER})?$"),
        format!(r"^{ID}: (?P<action>[a-z_-]+): (?P<smtp_stage>[A-Z-]+) from {CLIENT}: {CODE}(?P<status_message>.*?)(?:; {TRAILER})?$"),
        r"^proxy-(?P<proxy_result>accept|reject): (?P<proxy_smtp_stage>[A-Z-]+): (?P<proxy_message>(?:(?P<proxy_status_code>\d{3}) )?(?:(?P<proxy_status_code_enhanced>[245]\.\d{1,3}\.\d{1,3}) ?)?.*?); (?P<keyvalue_data>(?:from=<|to=<|proto=).*)$".to_owned(),
        format!(r"^(?:dis)?connect from {CLIENT}(?: (?P<command_counter_data>\S+=.*))?$"),
        format!(r"^(?P<smtpd_lostconn_data>lost connection|timeout|bare <LF> received|too many errors) after (?P<smtp_stage>[A-Z-]+)(?: \(\d+ bytes\))? from {CLIENT}"),
        format!(r"^(?P<smtpd_lostconn_data>SSL_accept error) from {CLIENT}"),
        format!(r"^improper command pipelining after (?P<smtp_stage>[A-Z-]+) from {CLIENT}"),
        established("from", CLIENT),
        established("to", RELAY),
        r"^discarding EHLO keywords: (?P<discarded_ehlo_keywords>.*)$".to_owned(),
        format!(r"^{ID}: (?P<smtp_lostconn_data>lost connection) with {RELAY} while (?P<smtp_lostconn_reason>.*)$"),
        format!(r"^{ID}: conversation with {RELAY} timed out(?: while (?P<smtp_lostconn_reason>.*))?$"),
        format!(r"^(?:{ID}: )?(?:connect|SSL_connect error) to {RELAY}: (?P<smtp_lostconn_data>.*)$"),
        format!(r"^{ID}: host {RELAY} (?:said|refused to talk to me): (?P<smtp_response>.*?)(?: \(in reply to (?P<smtp_stage>.*?)(?: command)?\))?$"),
        format!(r"^{ID}: SASL authentication failed; server {RELAY} said: (?P<smtp_response>.*)$"),
        format!(r"^(?:{ID}: )?(?:server )?certificate verification failed for {RELAY}: (?P<tls_error>.*)$"),
        format!(r"^(?:{ID}: )?enabling PIX workarounds: (?P<pix_workaround>.*) for {RELAY}$"),
        r"^statistics: max cache size (?P<anvil_cache_size>\d+) at (?P<anvil_timestamp>.*)$".to_owned(),
        r"^statistics: max (?:connection|message|recipient|newtls|auth) (?:count (?P<anvil_conn_count>\d+)|rate (?P<anvil_conn_rate>\d+)/(?P<anvil_conn_period>\d+[smhdw])) for \((?P<service>(?:\d+\.\d+\.\d+\.\d+:|\[[^\]]*\]:)?[A-Za-z0-9_./-]+):(?:(?P<client_ip_unknown>unknown)|(?P<client_ip>\d+\.\d+\.\d+\.\d+|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*))\) at (?P<anvil_timestamp>.*)$".to_owned(),
        r"^statistics: (?:domain|address) lookup hits=(?P<scache_hits>\d+) miss=(?P<scache_miss>\d+) success=(?P<scache_success>\d+)%".to_owned(),
        r"^statistics: start interval (?P<scache_timestamp>.*)$".to_owned(),
        r"^statistics: max simultaneous domains=(?P<scache_domains>\d+) addresses=(?P<scache_addresses>\d+) connection=(?P<scache_connection>\d+)".to_owned(),
        r"^addr (?P<client_ip>\S+) listed by domain (?P<dnsbl_domain>\S+) as (?P<dnsbl_result>\S+)".to_owned(),
        r"^(?:daemon started|reload) -- version (?P<version>[^,\s]+)(?:, configuration (?P<config_path>\S+))?".to_owned(),
        r"^terminating on signal (?P<termination_signal>\d+)".to_owned(),
        r"^cache (?P<cache>\S+) (?P<cleanup_type>full|partial) cleanup: retained=(?P<cache_retained>\d+) dropped=(?P<cache_dropped>\d+) entries".to_owned(),
        r"^CONNECT from \[(?P<client_ip>[^\]]+)\]:(?P<client_port>\d+) to \[(?P<server_ip>[^\]]+)\]:(?P<server_port>\d+)".to_owned(),
        r"^(?:CONNECT from|DISCONNECT) \[(?P<client_ip>[^\]]+)\]:(?P<client_port>\d+)".to_owned(),
        r"^(?P<postscreen_access>PASS OLD|PASS NEW|(?:WHITE|BLACK|ALLOW|DENY)LISTED|(?:WHITE|ALLOW)LIST VETO) \[(?P<client_ip>[^\]]+)\]:(?P<client_port>\d+)".to_owned(),
        r"^(?P<postscreen_violation>PREGREET) \d+ after (?P<postscreen_violation_time>[\d.]+) from \[(?P<client_ip>[^\]]+)\]:(?P<client_port>\d+)".to_owned(),
        r"^(?P<postscreen_violation>HANGUP) after (?P<postscreen_violation_time>[\d.]+) from \[(?P<client_ip>[^\]]+)\]:(?P<client_port>\d+)".to_owned(),
        r"^(?P<postscreen_violation>DNSBL) rank (?P<postscreen_dnsbl_rank>\d+) for \[(?P<client_ip>[^\]]+)\]:(?P<client_port>\d+)".to_owned(),
        r"^(?P<postscreen_violation>COMMAND (?:TIME|COUNT|LENGTH) LIMIT|NON-SMTP COMMAND|COMMAND PIPELINING|BARE NEWLINE) from \[(?P<client_ip>[^\]]+)\]:(?P<client_port>\d+) after (?P<smtp_stage>[A-Z.-]+)".to_owned(),
        format!(r"^{ID}: (?P<postsuper_action>removed|requeued|placed on hold|released from hold)$"),
        r"^(?P<postsuper_summary_action>Deleted|Requeued|Placed on hold|Released from hold|Expired): (?P<postsuper_summary_count>\d+) messages?".to_owned(),
        format!(r"^{ID}: (?P<message>[^=<>]+)$"),
    ];
    // The patterns are constants: that they compile is a test below.
    texts.iter().filter_map(|text| Regex::new(text).ok()).collect()
});

/// From a whole line with its syslog head.
pub fn of_line(line: &str) -> Fields {
    let mut syslog = super::super::syslog::Syslog::new(2000);
    match syslog.head(line.as_bytes()) {
        Some(head) if super::is_postfix(head.program) => {
            std::str::from_utf8(head.body).map(of_body).unwrap_or_default()
        }
        _ => Fields::new(),
    }
}

/// From what follows `program[pid]: `.
pub fn of_body(body: &str) -> Fields {
    let mut fields = Fields::new();
    for rule in RULES.iter() {
        let Some(found) = rule.captures(body) else { continue };
        for name in rule.capture_names().flatten() {
            if let Some(value) = found.name(name) {
                fields.insert(name, value.as_str().to_owned());
            }
        }
        break;
    }
    if fields.get("queueid").is_some_and(|id| !super::looks_like_id(id)) {
        fields.remove("queueid");
    }
    if let Some(action) = fields.get("postsuper_action").cloned() {
        // The queue manager writes `removed` too.
        fields.insert("message", action);
    }
    if let Some(keys) = fields.get("keyvalue_data").cloned() {
        key_values(&keys, &mut fields);
    }
    if let Some(counters) = fields.get("command_counter_data").cloned() {
        fields.extend(command_counters(&counters));
    }
    fields
}

/// `to=<a@b>, relay=host[ip]:25, delays=1/2/3/4, tls=dane`
fn key_values(text: &str, fields: &mut Fields) {
    for part in text.split(", ").flat_map(|part| {
        if part.contains("=<") && !part.contains(", ") {
            part.split("> ").collect::<Vec<_>>()
        } else {
            vec![part]
        }
    }) {
        let Some((key, value)) = part.split_once('=') else { continue };
        let value = value.trim_end_matches(',');
        let bare = value.strip_prefix('<').map_or(value, |value| value.strip_suffix('>').unwrap_or(value));
        let name = match key.trim() {
            "to" => "to",
            "orig_to" => "orig_to",
            "from" => "from",
            "dsn" => "dsn",
            "delay" => "delay",
            "helo" => "helo",
            "proto" => "proto",
            "size" => "size",
            "nrcpt" => "nrcpt",
            "sasl_username" => "sasl_username",
            "sasl_method" => "sasl_method",
            "relay" => {
                fields.extend(relay(value));
                "relay"
            }
            "delays" => {
                fields.extend(delays(value));
                "delays"
            }
            "tls" => {
                fields.extend(tls_features(value));
                "tls"
            }
            _ => continue,
        };
        fields.entry(name).or_insert_with(|| bare.to_owned());
    }
}

fn collect(rule: &'static Regex, text: &str) -> Fields {
    let Some(found) = rule.captures(text) else { return Fields::new() };
    let named = rule.capture_names().flatten();
    named.filter_map(|name| Some((name, found.name(name)?.as_str().to_owned()))).collect()
}

/// `host[ip]:25`, `host[private/socket]`
pub fn relay(text: &str) -> Fields {
    static RULE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!("^{RELAY}$")).ok());
    RULE.as_ref().map(|rule| collect(rule, text)).unwrap_or_default()
}

/// `a/b/c/d`
pub fn delays(text: &str) -> Fields {
    const PARTS: [&str; 4] = ["delay_before_qmgr", "delay_in_qmgr", "delay_conn_setup", "delay_transmission"];
    PARTS.into_iter().zip(text.split('/').map(str::to_owned)).collect()
}

/// `dane/!requiretls:nostarttls`, as Postfix 3.11 logs `tls=`.
pub fn tls_features(text: &str) -> Fields {
    static RULE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"^(?P<tls_security_level>[a-z-]+)(?P<tls_policy_undecided>\?)?(?::(?P<tls_downgrade_level>\w+))?(?:/(?P<requiretls_policy_violation>!)?(?P<requiretls>requiretls)(?P<requiretls_policy_undecided>\?)?(?::(?P<requiretls_downgrade_level>\w+))?)?$",
        )
        .ok()
    });
    RULE.as_ref().map(|rule| collect(rule, text)).unwrap_or_default()
}

/// `ehlo=2 rcpt=0/1 commands=5/7`: accepted of all; `commands` is the sum.
pub fn command_counters(text: &str) -> Fields {
    let mut fields = Fields::new();
    for part in text.split(' ') {
        let Some((command, counts)) = part.split_once('=') else { continue };
        let Some((_, all, accepted)) = COMMANDS.iter().find(|(name, ..)| *name == command) else { continue };
        match counts.split_once('/') {
            Some((ok, total)) => {
                fields.insert(accepted, ok.to_owned());
                fields.insert(all, total.to_owned());
            }
            None => {
                fields.insert(all, counts.to_owned());
            }
        }
    }
    fields
}

const COMMANDS: [(&str, &str, &str); 17] = [
    ("ehlo", "cmd_ehlo", "cmd_ehlo_accepted"),
    ("helo", "cmd_helo", "cmd_helo_accepted"),
    ("starttls", "cmd_starttls", "cmd_starttls_accepted"),
    ("auth", "cmd_auth", "cmd_auth_accepted"),
    ("mail", "cmd_mail", "cmd_mail_accepted"),
    ("rcpt", "cmd_rcpt", "cmd_rcpt_accepted"),
    ("data", "cmd_data", "cmd_data_accepted"),
    ("bdat", "cmd_bdat", "cmd_bdat_accepted"),
    ("rset", "cmd_rset", "cmd_rset_accepted"),
    ("noop", "cmd_noop", "cmd_noop_accepted"),
    ("vrfy", "cmd_vrfy", "cmd_vrfy_accepted"),
    ("etrn", "cmd_etrn", "cmd_etrn_accepted"),
    ("quit", "cmd_quit", "cmd_quit_accepted"),
    ("xclient", "cmd_xclient", "cmd_xclient_accepted"),
    ("xforward", "cmd_xforward", "cmd_xforward_accepted"),
    ("unknown", "cmd_unknown", "cmd_unknown_accepted"),
    ("commands", "cmd_count", "cmd_count_accepted"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles_and_lines_come_apart() {
        assert_eq!(RULES.len(), 53);
        let fields = of_body(
            "7EE668039: to=<u@example.com>, relay=mail.example.com[192.0.2.4]:25, delay=3.6, delays=0.08/0.02/0.85/0.14, tls=dane/!requiretls:nostarttls, dsn=2.1.5, status=sent (250 2.0.0 Ok: queued as 153053D)",
        );
        let want = [
            ("queueid", "7EE668039"),
            ("to", "u@example.com"),
            ("relay_ip", "192.0.2.4"),
            ("relay_port", "25"),
            ("delay_conn_setup", "0.85"),
            ("dsn", "2.1.5"),
            ("status", "sent"),
            ("response", "250 2.0.0 Ok: queued as 153053D"),
            ("requiretls_downgrade_level", "nostarttls"),
        ];
        for (name, value) in want {
            assert_eq!(fields.get(name).map(String::as_str), Some(value), "{name}");
        }
        let fields = of_body("disconnect from unknown[192.0.2.66] ehlo=2 rcpt=0/1 commands=5/7");
        assert_eq!(
            (&*fields["cmd_rcpt"], &*fields["cmd_rcpt_accepted"], &*fields["cmd_count"]),
            ("1", "0", "7")
        );
    }
}
