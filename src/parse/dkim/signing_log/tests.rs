//! Lines of many programs, as they write them.

use super::*;

/// Role, selector and domain of every key the lines name.
fn named(lines: &[&str]) -> Vec<String> {
    let mut reader = Reader::default();
    let mut found = Vec::new();
    for line in lines {
        assert!(line.to_ascii_lowercase().contains(MARK), "the gate would drop {line:?}");
        for one in reader.line(line.as_bytes()) {
            let role = match one.role {
                Role::Signer => "signs",
                Role::Verifier => "passed",
            };
            found.push(format!("{role} {} {}", one.selector, one.domain));
        }
    }
    found
}

#[test]
fn signers_name_their_keys() {
    for (line, want) in [
        (
            "Nov 20 10:00:01 mx opendkim[812]: 4XYZ12: DKIM-Signature field added (s=mail, d=example.com)",
            "signs mail example.com",
        ),
        (
            "2026-11-20T10:00:01.123456+00:00 mx opendkim[812]: 4XYZ12: DKIM-Signature field added (s=2026.Q4, d=News.Example.COM)",
            "signs 2026.q4 news.example.com",
        ),
        (
            "Nov 20 10:00:01 mx dkimpy-milter[77]: 4XYZ12: ed25519-sha256 DKIM signature added (s=ed d=example.com)",
            "signs ed example.com",
        ),
        (
            "2026-11-20 10:00:01 #31(normal) <ab12cd>; task; rspamd_task_write_log: id: <1@example.com>, qid: <4XYZ12>, ip: 192.0.2.9, user: a@example.com, from: <a@example.com>, (default: F (no action): [-1.00/15.00] [MIME_GOOD(-0.10){text/plain;},DKIM_SIGNED(0.00){example.com:s=rs1;},ARC_SIGNED(0.00){example.com:s=arc1:i=1;}]), len: 900",
            "signs rs1 example.com",
        ),
        (
            "2026-11-20 10:00:01 #31(normal) <ab12cd>; dkim_signing; dkim_signing.lua:99: key found at \"/k/example.com.rs2.key\", use selector \"rs2\" for domain \"example.com\"",
            "signs rs2 example.com",
        ),
        (
            "Nov 20 10:00:01 mx amavis[9]: (9-01) Passed CLEAN {RelayedOutbound}, ORIGINATING LOCAL [192.0.2.9]:5 <a@example.com> -> <b@example.net>, Subject: \"x, dkim_new=evil:example.com\", dkim_new=am1:example.com, 300 ms",
            "signs am1 example.com",
        ),
        (
            "Nov 20 10:00:01 mx amavis[9]: (9-01) dkim: signing (author), From: <a@example.com>, KEY.key_ind=>0, a=>rsa-sha256, c=>relaxed/simple, d=>example.com, s=>am2, ttl=>1814400",
            "signs am2 example.com",
        ),
        (
            "2026-11-20 10:00:01.712 1abcde-000000005vi-0000 => b@example.net R=dnslookup T=remote_smtp H=mx.example.net [192.0.2.1] DKIM=example.com:ex1 C=\"250 OK\"",
            "signs ex1 example.com",
        ),
        (
            "Nov 20 10:00:01 mx sm-mta[5]: 4AKA01: Milter insert (1): header: DKIM-Signature:  v=1; a=rsa-sha256; c=relaxed/simple; d=example.com;\\n\\ts=sm1; t=1700000000; bh=QUJDREVGs=;\\n\\tb=x",
            "signs sm1 example.com",
        ),
        (
            r#"{"__REALTIME_TIMESTAMP":"1700000000000000","_HOSTNAME":"mx","SYSLOG_IDENTIFIER":"opendkim","MESSAGE":"4XYZ12: DKIM-Signature field added (s=jd, d=example.com)"}"#,
            "signs jd example.com",
        ),
    ] {
        assert_eq!(named(&[line]), [want], "{line}");
    }
}

#[test]
fn verifiers_name_keys_that_passed() {
    for (line, want) in [
        (
            "2026-11-20 10:00:01 1abcde-000000005vi-0000 DKIM: d=example.com s=ex1 c=relaxed/relaxed a=rsa-sha256 b=2048 t=1700000000 [verification succeeded]",
            "passed ex1 example.com",
        ),
        (
            "Nov 20 10:00:01 mx opendkim[812]: 4XYZ12: signature=AbC1dEf2 domain=example.com selector=od2 result=\"no signature error\"",
            "passed od2 example.com",
        ),
        (
            "Nov 20 10:00:01 mx dkimpy-milter[77]: 4XYZ12: rsa-sha256 DKIM signature verified (s=py d=example.com)",
            "passed py example.com",
        ),
        (
            "<ab12cd>; task; rspamd_task_write_log: (default: F (no action): [-4.10/15.00] [R_DKIM_ALLOW(-0.20){example.com:s=rs1;},DKIM_TRACE(0.00){example.com:+;}])",
            "passed rs1 example.com",
        ),
        (
            "Nov 20 10:00:01 mx amavis[9]: (9-01) Passed CLEAN {RelayedInbound}, dkim_sd=am1:example.com, 300 ms",
            "passed am1 example.com",
        ),
        (
            "Nov 20 10:00:01 mx amavis[9]: (9-01) dkim: VALID Author+Sender+MailFrom signature by d=example.com, From: <a@example.com>, a=rsa-sha256, c=relaxed/simple, s=am3, i=@example.com",
            "passed am3 example.com",
        ),
        (
            "2026-11-20 10:00:01 1abcde-000000005vi-0000 Authentication-Results: mx.example.net;\\n\\tdkim=fail (x)\\n\\t\\t header.d=example.com header.s=no header.a=rsa-sha256;\\n\\tdkim=pass header.d=example.com header.s=yes header.a=rsa-sha256",
            "passed yes example.com",
        ),
    ] {
        assert_eq!(named(&[line]), [want], "{line}");
    }
}

/// OpenDKIM names the key in one line and the outcome in a later one.
#[test]
fn two_lines_of_one_job_belong_together() {
    let key = "Nov 20 10:00:01 mx opendkim[8]: AAAA1: s=od1 d=example.com a=rsa-sha256 SSL ";
    let other = "Nov 20 10:00:01 mx opendkim[8]: BBBB2: s=od9 d=example.com SSL error:04091068:rsa routines:INT_RSA_VERIFY:bad signature";
    let good = "Nov 20 10:00:01 mx opendkim[8]: AAAA1: DKIM verification successful";
    let elsewhere = "Nov 20 10:00:01 mx opendkim[8]: BBBB2: DKIM verification successful";
    assert_eq!(named(&[key, other, good, elsewhere, good]), ["passed od1 example.com"]);
    assert_eq!(named(&[key]), [""; 0]);
}

#[test]
fn failures_and_strangers_words_name_nothing() {
    for line in [
        "2026-11-20 10:00:01 1abcde-000000005vi-0000 DKIM: d=example.com s=x c=simple/simple a=rsa-sha1 b=512 [verification failed - signature invalid (key too short)]",
        "2026-11-20 10:00:01 1abcde-000000005vi-0000 DKIM: d=example.com s=x [failed key import]",
        "2026-11-20 10:00:01 1abcde-000000005vi-0000 <= a@example.com H=(x) [192.0.2.1] P=smtp DKIM=example.com id=1@x",
        "2026-11-20 10:00:01 1abcde-000000005vi-0000 <= a@example.com H=(x) [192.0.2.1] P=smtp T=\"y \\\" => DKIM=example.com:evil z\" DKIM=example.com",
        "Nov 20 10:00:01 mx opendkim[8]: AAAA1: key retrieval failed (s=x, d=example.com): 'x._domainkey.example.com' record not found",
        "Nov 20 10:00:01 mx opendkim[8]: AAAA1: signature=AbC1dEf2 domain=example.com selector=x result=\"signature verification failed\"",
        "Nov 20 10:00:01 mx opendkim[8]: AAAA1: bad signature data",
        "<ab>; task; [R_DKIM_REJECT(1.00){example.com:s=x;},MY_DKIM_SIGNED(0.00){example.com:s=x;},DKIM_TRACE(0.00){example.com:-;}]",
        "Nov 20 10:00:01 mx amavis[9]: (9-01) dkim: FAILED Author signature by d=example.com, From: <a@example.com>, s=x, fail",
        "Nov 20 10:00:01 mx amavis[9]: (9-01) dkim: not signing, d=>example.com, s=>x",
        "Nov 20 10:00:01 mx opendkim[8]: AAAA1: DKIM-Signature field added (s=\u{7}, d=example.com)",
        "Nov 20 10:00:01 mx opendkim[8]: AAAA1: DKIM-Signature field added (s=x, d=localhost)",
        "Nov 20 10:00:01 mx postfix/cleanup[8]: AAAA1: info: header DKIM-Signature: v=1; d=example.com; s=x; b=y from mx",
    ] {
        assert_eq!(named(&[line]), [""; 0], "{line}");
    }
}

#[test]
fn only_the_senders_own_keys_are_kept() {
    let at = |line| Location { file: "mail.log".to_owned(), line };
    let one = |domain: &str, selector: &str, role| signing(domain, selector, role).unwrap();
    let own = [Name::parse("www.example.com").unwrap()];
    let mut tally = Tally::new(&own);
    tally.add(one("news.example.com", "old", Role::Signer), &at(1));
    for line in 2..40 {
        tally.add(one("news.example.com", "new", Role::Signer), &at(line));
        tally.add(one("example.net", "in", Role::Verifier), &at(line));
    }
    tally.add(one("example.com", "seen", Role::Verifier), &at(41));
    let summary = tally.finish();
    let shown: Vec<_> = summary
        .selectors
        .values()
        .map(|one| (one.selector.as_str(), one.is_in_use(), one.last.line))
        .collect();
    assert_eq!(shown, [("new", true, 39), ("old", false, 1), ("seen", false, 41)]);
    // Without a domain: whoever is signed for, and nobody who was only verified.
    let mut tally = Tally::new(&[]);
    tally.add(one("example.org", "s", Role::Signer), &at(1));
    tally.add(one("example.net", "in", Role::Verifier), &at(2));
    assert_eq!(tally.finish().selectors.len(), 1);
}

#[test]
fn any_bytes_are_read() {
    let mut reader = Reader::default();
    for line in [
        &b""[..],
        b"dkim=pass header.s= header.d=",
        b"DKIM_SIGNED",
        b"DKIM_SIGNED(",
        b"DKIM_SIGNED(0){:s=;}",
        b"dkim_new=:",
        b" => DKIM=:::",
        b"dkim \xff\xfe s=\xff d=\xff",
        b"use selector \"\" for domain \"\" dkim",
        b"{\"MESSAGE\":\"dkim",
    ] {
        assert_eq!(reader.line(line), []);
    }
}
