//! What each fuzz target feeds to which parser. Shared by the cargo-fuzz targets
//! in `fuzz_targets/` and by `tests/it/fuzz.rs`, which runs every body briefly.
//! A body must not panic, hang or grow without bound, whatever the bytes.

use mailvet::evidence::{self, Evidence, MessageEvidence};
use mailvet::facts::{Facts, Prepared};
use mailvet::model::{Name, Scope, Topic};
use mailvet::parse::bimi;
use mailvet::parse::bimi::brand_logo;
use mailvet::parse::bimi::mark_certificate;
use mailvet::parse::bounce;
use mailvet::parse::bounce::dsn;
use mailvet::parse::dkim::arc;
use mailvet::parse::dkim::key;
use mailvet::parse::dkim::key_table;
use mailvet::parse::dkim::private_key;
use mailvet::parse::dkim::signature;
use mailvet::parse::dkim::signing_conf;
use mailvet::parse::dmarc;
use mailvet::parse::log::{Dialect, parse_block};
use mailvet::parse::message::Addresses;
use mailvet::parse::report::arf;
use mailvet::parse::report::file;
use mailvet::parse::report::tls;
use mailvet::parse::smtp::command;
use mailvet::parse::smtp::outgoing;
use mailvet::parse::smtp::reply;
use mailvet::parse::spf;
use mailvet::parse::transport::mta_sts;
use mailvet::parse::web::url;
use mailvet::parse::zone;

/// A target: its name, its body, and inputs to start from.
pub struct Target {
    pub name: &'static str,
    pub body: fn(&[u8]),
    pub seeds: &'static [&'static [u8]],
}

macro_rules! targets {
    ($($name:ident: [$($seed:expr),* $(,)?],)*) => {
        pub const TARGETS: &[Target] =
            &[$(Target { name: stringify!($name), body: $name, seeds: &[$($seed),*] }),*];
    };
}

targets! {
    spf: [
        b"v=spf1 a:%{d}/24//64 mx include:_spf.example.net exists:%{ir}.%{v}._spf.%{d2r.-} -all exp=e.%{d}",
        b"v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ptr ?all redirect=_spf.example.com",
    ],
    dkim_key: [b"v=DKIM1; k=rsa; h=sha256; s=email; t=s; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC="],
    dkim_signature: [
        b"v=1; a=rsa-sha256; c=relaxed/simple; d=example.com; s=s1; t=1; x=2; l=3; h=From:To; bh=AAAA; b=AAAA",
    ],
    dmarc: [b"v=DMARC1; p=quarantine; sp=none; np=reject; t=y; psd=n; rua=mailto:a@example.com!10m; pct=50"],
    arc: [b"i=1; a=rsa-sha256; cv=none; d=example.com; s=s1; t=1; b=AAAA"],
    bimi: [b"v=BIMI1; l=https://example.com/logo.svg; a=https://example.com/vmc.pem; avp=brand"],
    brand_logo: [
        b"<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.2\" baseProfile=\"tiny-ps\" viewBox=\"0 0 9 9\">\
          <title>x</title><use href=\"#a\"/></svg>",
    ],
    mark_certificate: [b"-----BEGIN CERTIFICATE-----\nMIIBAzCBqw==\n-----END CERTIFICATE-----\n"],
    mta_sts: [b"v=STSv1; id=20261123T120000;"],
    tls_rpt: [b"v=TLSRPTv1; rua=mailto:a@example.com,https://example.com/r"],
    smtp_reply: [
        b"550-5.7.1 [192.0.2.1] Our system has detected\r\n550 5.7.1 https://example.com/x lists.example",
        b"host mx.example.net[192.0.2.1] said: 451 4.7.1 Greylisted, try again in 300 seconds",
    ],
    smtp_command: [
        b"MAIL FROM:<a@example.com> SIZE=10 BODY=8BITMIME\r\nRCPT TO:<\"a b\"@example.org>\r\nDATA\r\n.\r\n..\n.\r",
        b"From a Mon Nov 23 12:00:00 2026\nSubject: \xc3\xbc\n\n.\n",
    ],
    dsn: [
        b"Reporting-MTA: dns; mx.example.com\nArrival-Date: x\n\nFinal-Recipient: rfc822; a@example.net\nAction: \
          failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no\n user\n",
    ],
    bounce: [
        b"From: MAILER-DAEMON@example.com\nSubject: Undelivered\nContent-Type: multipart/report; boundary=b\n\n--b\n\n\
          <a@example.net>: 550 5.1.1 no such user\n--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: \
          rfc822; a@example.net\nAction: failed\nStatus: 5.1.1\n--b--\n",
    ],
    arf: [b"Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\nOriginal-Rcpt-To: <a@example.net>\nIncidents: 2\n"],
    dmarc_report: [
        b"<?xml version=\"1.0\"?><n:feedback><report_metadata><org_name>a &amp; &#65;</org_name><report_id>1</report_id>\
          <date_range><begin>1700000000</begin></date_range></report_metadata><policy_published><domain>example.com\
          </domain><p>none</p></policy_published><record><row><source_ip>192.0.2.1</source_ip><count>2</count>\
          <policy_evaluated><dkim>pass</dkim></policy_evaluated></row><auth_results><dkim><domain>example.com</domain>\
          <result>pass</result></dkim></auth_results></record></n:feedback>",
    ],
    tls_report: [
        b"{\"organization-name\":\"a\",\"policies\":[{\"policy\":{\"policy-type\":\"sts\"},\"summary\":\
          {\"total-failure-session-count\":1},\"failure-details\":[{\"failed-session-count\":\"1\"}]}]}",
    ],
    report_file: [b"From: a@example.com\nContent-Type: application/zip\nContent-Transfer-Encoding: base64\n\nUEsDBAo=\n"],
    zone_file: [
        b"$ORIGIN example.com.\n$TTL 1h\n@ IN SOA ns h ( 1 2h 3 4 5 ) ; c\n NS ns\n*.a 5 IN TXT \"a\\\"b\" c\\032d\n\
          $GENERATE 1-3/2 h${0,2,x} A 192.0.2.$\nm MX 10 mx\n_25._tcp TLSA 3 1 1 00ff\nx TYPE99 \\# 2 0161\n",
    ],
    logs: [
        b"Nov 20 10:00:01 mx opendkim[8]: 4XYZ12: DKIM-Signature field added (s=l1, d=example.com)\n\
          <ab>; task; [R_DKIM_ALLOW(-0.20){example.com:s=s1;},DKIM_SIGNED(0.00){example.com:s=s2;}]\n",
        b"Nov 23 12:00:00 mx postfix/smtp[1]: 4A: to=<a@example.net>, relay=m[192.0.2.1]:25, delay=1, dsn=4.7.1, \
          status=deferred (host m said: 451 4.7.1 later (in reply to RCPT TO command))\n",
        b"2026-11-23 12:00:00 1abcde-000001-AB == a@example.net R=dns T=smtp defer (-44): SMTP error 451 later\n",
        b"{\"__REALTIME_TIMESTAMP\":\"1\",\"SYSLOG_IDENTIFIER\":\"postfix/qmgr\",\"MESSAGE\":\"4A: removed\"}\n",
    ],
    message_lint: [
        b"From: \"A\" <a@example.com>\r\nTo: b@example.net\r\nSubject: =?utf-8?B?SGk=?=\r\nDate: Mon, 23 Nov 2026 12:00:00 \
          +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: \
          text/plain\r\n\r\nhi\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: \
          quoted-printable\r\n\r\n<a href=3D\"https://xn--e1afmkfd.example/?u=3Dhttp://x\">x</a><img src=3Dx>\r\n--b--\r\n",
    ],
    recording: [
        b"{\"schema\":\"mailvet/recording/1\",\"taken_at\":1,\"target\":{\"domain\":\"example.com\"},\"answers\":\
          {\"example.com TXT\":{\"seen\":[{\"rdata\":\"\\\"v=spf1 -all\\\"\",\"ttl\":1}]}}}",
    ],
    key_files: [
        b"s1._domainkey.example.com example.com:s1:/keys/s1.private\n",
        b"domain {\n example.com { path = \"/k\"; selectors [ { selector: a } ] }\n}\n",
        b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n",
    ],
    addresses: [b"\"A (x)\" <a@example.com>, b@[192.0.2.1] (c), =?utf-8?Q?=20?= <\"d e\"@xn--a.example>"],
}

fn text(data: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(data)
}

fn spf(data: &[u8]) {
    let record = spf::SpfRecord::parse(data);
    let _ = (record.repaired(), record.all(), record.redirect(), spf::is_spf(data));
    for term in &record.terms {
        let _ = record.text_of(term);
    }
}

fn dkim_key(data: &[u8]) {
    let record = key::KeyRecord::parse(&text(data));
    let _ = (record.is_sound(), record.is_testing(), record.key.bits());
}

fn dkim_signature(data: &[u8]) {
    for kind in [signature::Kind::Dkim, signature::Kind::ArcMessage] {
        let signature = signature::Signature::parse(&text(data), kind);
        let _ = (signature.key_name(), signature.is_sound());
    }
}

fn dmarc(data: &[u8]) {
    let text = text(data);
    let _ = dmarc::near_miss(&text);
    if let Some(record) = dmarc::DmarcRecord::parse(&text) {
        let _ = (record.policy(), record.with("p", "reject"));
    }
}

fn arc(data: &[u8]) {
    let _ = (arc::Seal::parse(&text(data)), arc::instance(&text(data)));
}

fn bimi(data: &[u8]) {
    let _ = bimi::BimiRecord::parse(&text(data)).declines();
}

fn brand_logo(data: &[u8]) {
    let _ = brand_logo::Logo::read(data);
}

fn mark_certificate(data: &[u8]) {
    let _ = mark_certificate::MarkCertificate::read(data);
}

fn mta_sts(data: &[u8]) {
    let _ = (mta_sts::announces(data, "STSv1"), mta_sts::policy_id(data));
}

fn tls_rpt(data: &[u8]) {
    let _ = mta_sts::report_uris(data);
}

fn smtp_reply(data: &[u8]) {
    let reply = reply::Reply::read(&text(data));
    let _ = (reply.permanent(), reply.addresses(), reply.links(), reply.lists());
    let _ = mailvet::triage::reply::classify(&text(data), Some("mx.example.net"));
}

/// What `listen` reads and what `send` writes.
fn smtp_command(data: &[u8]) {
    for line in data.split(|byte| *byte == b'\n') {
        let _ = command::parse(line);
    }
    let message = outgoing::Outgoing::read(data);
    let _ = message.notes();
    // No message may end itself, or its lines elsewhere than in CRLF, whatever is in it.
    let sent = [b"\r\n", message.octets.as_slice()].concat();
    assert!(sent.ends_with(b"\r\n"));
    assert!(sent.windows(5).all(|bytes| bytes != b"\r\n.\r\n"));
    let bare = |pair: &[u8]| (pair[0] == b'\r') != (pair[1] == b'\n');
    assert!(!sent.windows(2).any(bare));
}

fn dsn(data: &[u8]) {
    let _ = dsn::Report::read(&text(data));
}

fn bounce(data: &[u8]) {
    for message in bounce::messages(data) {
        let _ = mailvet::triage::bounce::judge(message);
    }
}

fn arf(data: &[u8]) {
    let _ = arf::Feedback::read(&text(data));
}

fn dmarc_report(data: &[u8]) {
    if let Ok(report) = mailvet::parse::report::dmarc::AggregateReport::parse(data) {
        let _ = (report.messages(), report.passed());
    }
}

fn tls_report(data: &[u8]) {
    let _ = tls::TlsReport::parse(data);
}

fn report_file(data: &[u8]) {
    let mut sum = mailvet::parse::report::summary::Summing::default();
    file::read("fuzz", data, &mut |_, result| sum.add(&result));
}

fn zone_file(data: &[u8]) {
    let parsed = zone::parse("fuzz", data, Name::parse("example.com").ok().as_ref(), &mut zone::NoFiles);
    let _ = zone::lint::lint(&parsed.zone);
    for diagnostic in &parsed.diagnostics {
        let _ = parsed.source_of(diagnostic);
    }
}

fn logs(data: &[u8]) {
    for dialect in Dialect::ALL {
        let _ = parse_block(*dialect, data, 2026);
    }
    let _ = mailvet::parse::log::detect::dialect(data);
    let mut reader = mailvet::parse::dkim::signing_log::Reader::default();
    data.split(|b| *b == b'\n').for_each(|line| drop(reader.line(line)));
}

fn message_lint(data: &[u8]) {
    let message = Some(MessageEvidence { file: "fuzz".to_owned(), raw: data.to_vec().into() });
    let evidence = Evidence { message, taken_at: 1_795_435_200, ..Evidence::default() };
    let scope = Scope { topics: [Topic::Message].into(), ..Scope::everything() };
    let prepared = Prepared::new(&evidence);
    let facts = Facts::build(&evidence, &scope, &prepared);
    let alone = |check: &&mailvet::check::Check| check.needs == [Topic::Message];
    let policy = mailvet::policy::Policy::default();
    for check in mailvet::judge::catalog::all().filter(alone) {
        let _ = mailvet::judge::judge_one(check, &facts, &policy);
    }
}

fn recording(data: &[u8]) {
    if let Ok(evidence) = evidence::load("fuzz", &text(data)) {
        let saved = evidence::save(&evidence);
        assert!(evidence::load("fuzz", &saved).is_ok_and(|again| evidence::save(&again) == saved));
    }
}

fn key_files(data: &[u8]) {
    let _ = (key_table::parse(&text(data)), signing_conf::parse(&text(data)), private_key::public_half(data));
}

fn addresses(data: &[u8]) {
    let text = text(data);
    let _ =
        (Addresses::read_text(&text).domains(), Addresses::read_text(&text), url::Destination::parse(&text));
    let _ = (mailvet::parse::web::idn::decode(&text), mailvet::parse::web::idn::spoofs(&text));
}

/// Runs one target's body.
pub fn run(name: &str, data: &[u8]) {
    if let Some(target) = TARGETS.iter().find(|target| target.name == name) {
        (target.body)(data);
    }
}
