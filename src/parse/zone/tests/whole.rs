//! Answers of a zone, and what is wrong with it as a whole.

use super::*;

const ZONE: &str = "\
@ SOA ns h 1 2 3 4 5
@ NS ns
ns A 192.0.2.1
@ MX 10 mx
mx A 192.0.2.2
a.b.c TXT x
www CNAME mx
*.w MX 5 mx
*.w TXT wild
x.w A 192.0.2.3
deep.y.w A 192.0.2.3
sub NS ns.sub
sub DS 1 8 9 ab
ns.sub A 192.0.2.4
old DNAME new.rather-long.example.org.
";

fn ask(parsed: &Parsed, name: &str, rtype: RecordType) -> String {
    match parsed.zone.lookup(&Name::lenient(name), rtype) {
        ZoneAnswer::Records(records) => {
            records.iter().map(|r| format!("{} {}", r.owner, r.rdata)).collect::<Vec<_>>().join(", ")
        }
        ZoneAnswer::Cname(target, record) => format!("-> {target} line {}", record.place.line),
        ZoneAnswer::Delegated(cut) => format!("cut {cut}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn answers() {
    let parsed = zone(ZONE);
    assert_eq!(parsed.diagnostics, []);
    for (name, rtype, answer) in [
        ("example.com", RecordType::Mx, "example.com 10 mx.example.com"),
        ("mx.example.com", RecordType::A, "mx.example.com 192.0.2.2"),
        ("mx.example.com", RecordType::Aaaa, "NoData"),
        ("c.example.com", RecordType::Txt, "NoData"),
        ("b.c.example.com", RecordType::Txt, "NoData"),
        ("x.b.c.example.com", RecordType::Txt, "Nxdomain"),
        ("no.example.com", RecordType::A, "Nxdomain"),
        ("www.example.com", RecordType::A, "-> mx.example.com line 9"),
        ("www.example.com", RecordType::Cname, "www.example.com mx.example.com"),
        // RFC 4592: the wildcard answers where the name does not exist below its parent.
        ("q.w.example.com", RecordType::Mx, "*.w.example.com 5 mx.example.com"),
        ("p.q.w.example.com", RecordType::Txt, "*.w.example.com \"wild\""),
        ("q.w.example.com", RecordType::A, "NoData"),
        ("x.w.example.com", RecordType::Mx, "NoData"),
        ("y.w.example.com", RecordType::Mx, "NoData"),
        ("z.y.w.example.com", RecordType::Mx, "Nxdomain"),
        ("w.example.com", RecordType::Mx, "NoData"),
        ("sub.example.com", RecordType::Mx, "cut sub.example.com"),
        ("a.sub.example.com", RecordType::A, "cut sub.example.com"),
        ("ns.sub.example.com", RecordType::A, "cut sub.example.com"),
        ("sub.example.com", RecordType::Ds, "sub.example.com \\# 5 00010809ab"),
        ("old.example.com", RecordType::A, "NoData"),
        ("a.b.old.example.com", RecordType::A, "-> a.b.new.rather-long.example.org line 17"),
        ("example.org", RecordType::A, "OutOfZone"),
        ("com", RecordType::A, "OutOfZone"),
        ("xexample.com", RecordType::A, "OutOfZone"),
    ] {
        assert_eq!(ask(&parsed, name, rtype), answer, "{name} {rtype}");
    }
    let long = format!("{}.old.example.com", ["a".repeat(60).as_str(); 3].join("."));
    assert!(ask(&parsed, &long, RecordType::A).starts_with("->"));
    let long = format!("{}.{long}", "a".repeat(48));
    assert!(ask(&parsed, &long, RecordType::A).starts_with("TooLong"));
    assert_eq!(ask(&read("a. 1 A 192.0.2.1"), "a", RecordType::A), "OutOfZone");
    let answer = parsed.zone.lookup(&Name::lenient("mx.example.com"), RecordType::A);
    assert_eq!(answer.location().unwrap().line, 7);
}

fn found(text: &str) -> Vec<(&'static str, u32)> {
    lint::lint(&zone(text).zone).into_iter().map(|d| (d.code, d.line)).collect()
}

/// Below a sound apex, whose three records are lines 3 to 5.
fn lints(text: &str) -> Vec<(&'static str, u32)> {
    found(&format!("@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n{text}"))
}

#[test]
fn a_sound_zone_has_nothing() {
    assert_eq!(found(ZONE), []);
    assert_eq!(
        lints(
            "@ MX 0 .\nm MX 5 mail.example.org.\n*.g A 192.0.2.1\nn MX 1 x.g\nd NS a.e\ne NS a.e\na.e A 192.0.2.1\nf NS x.example.net.\nd RRSIG NS 8 2 1 1 1 1 a. AQID\nq TXT \"v=spf1 ip4:192.0.2.1\" \" -all\"\nr TXT \"v=DKIM1; p=AAAA\" \"BBBB\"\nc CNAME ns\nc RRSIG CNAME 8 2 1 1 1 1 a. AQID\nc NSEC d CNAME"
        ),
        []
    );
}

#[test]
fn apex_rules() {
    assert_eq!(found("a A 192.0.2.1"), [("ns-missing", 3), ("soa-missing", 3)]);
    assert_eq!(found("@ SOA a. b. 1 2 3 4 5"), [("ns-missing", 3)]);
    assert_eq!(lints("@ SOA ns h 2 2 3 4 5"), [("soa-multiple", 6)]);
    assert_eq!(lints("x SOA ns h 2 2 3 4 5"), [("soa-not-apex", 6)]);
    assert_eq!(lints("x.org. A 192.0.2.1"), [("out-of-zone", 6)]);
}

#[test]
fn alias_rules() {
    assert_eq!(lints("a CNAME ns\na TXT x"), [("cname-and-other", 7)]);
    assert_eq!(lints("a CNAME ns\na CNAME x.org."), [("cname-multiple", 7)]);
    assert_eq!(lints("@ CNAME ns"), [("cname-at-apex", 6)]);
    assert_eq!(lints("*.a NS ns"), [("wildcard-ns", 6)]);
    assert_eq!(lints("a CNAME b\nb CNAME a"), [("cname-loop", 6), ("cname-loop", 7)]);
    assert_eq!(lints("a CNAME b"), [("cname-dangling", 6)]);
    assert_eq!(lints("a DNAME b.org.\na DNAME c.org."), [("dname-and-other", 7)]);
    assert_eq!(lints("a DNAME b.org.\nx.a A 192.0.2.1"), [("dname-and-below", 7)]);
    assert_eq!(lints("a DNAME b.org.\na NS x.org."), [("dname-and-other", 7)]);
    assert_eq!(lints("a DNAME b.org.\na CNAME ns"), [("cname-and-other", 6)]);
}

#[test]
fn record_set_rules() {
    assert_eq!(lints("a A 192.0.2.1\nA A 192.0.2.1"), [("duplicate-record", 7)]);
    assert_eq!(lints("a 5 A 192.0.2.1\na 6 A 192.0.2.2\na 7 TXT x"), [("ttl-mismatch", 7)]);
    assert_eq!(lints("a TXT \"v=spf1 -all\"\na TXT \"v=spf1 ~all\"\na TXT x"), [("spf-multiple", 7)]);
    assert_eq!(lints("a TXT \"v=spf1 -all\"\na TXT \"v=spf10\""), []);
}

#[test]
fn target_rules() {
    assert_eq!(lints("a MX 1 b\nb CNAME ns"), [("target-alias", 6)]);
    assert_eq!(lints("a MX 1 b"), [("target-without-address", 6)]);
    assert_eq!(lints("a SRV 1 2 3 b"), [("target-without-address", 6)]);
    assert_eq!(lints("a NS b"), [("target-without-address", 6)]);
    assert_eq!(lints("a NS b.a"), [("missing-glue", 6)]);
    assert_eq!(lints("a NS b.a\nb.a AAAA 2001:db8::1"), []);
    assert_eq!(lints("a NS x.org.\nb.a TXT x"), [("below-delegation", 7)]);
    assert_eq!(lints("a DS 1 8 9 ab"), [("ds-without-delegation", 6)]);
    let parsed = zone("@ MX 1 aspmx.example.net");
    let found = lint::lint(&parsed.zone);
    let d = found.iter().find(|d| d.code == "target-without-address").unwrap();
    assert!(d.remedy.contains("`aspmx.example.net.`"), "{}", d.remedy);
    assert_eq!(&parsed.source_of(d)[d.span.clone()], b"aspmx.example.net");
}

/// A domain has no label with an underscore, so nobody asks for a policy below one.
#[test]
fn policies_below_underscores_are_orphans() {
    for (owner, version, asked) in [
        ("_dmarc", "DMARC1", true),
        ("_dmarc.mail", "DMARC1", true),
        ("x.example._report._dmarc", "DMARC1", true),
        ("_dmarc.mail._domainkey", "DMARC1", false),
        ("_dmarc._mta-sts", "DMARC1", false),
        ("_mta-sts._smtp", "STSv1", false),
        ("_smtp._tls.mail", "TLSRPTv1", true),
        ("_smtp._tls._dmarc", "TLSRPTv1", false),
        ("default._bimi._dmarc", "BIMI1", false),
    ] {
        let parsed = zone(&format!("{owner} TXT \"v={version}; id=1\""));
        let found = super::super::lint_mail::lint(&parsed.zone);
        assert_eq!(found.iter().all(|one| one.code != "orphaned"), asked, "{owner}");
    }
}

#[test]
fn text_rules() {
    assert_eq!(
        lints("@ MX 1 mx.example.com\nmx.example.com A 192.0.2.1"),
        [("missing-dot", 6), ("missing-dot", 7)]
    );
    for (second, broken) in [
        ("include:x", true),
        ("-all", true),
        ("~all ", true),
        ("a", true),
        ("mx/24 -all", true),
        ("a:b.org", true),
        ("redirect=x", true),
        ("a.example.org -all", false),
        ("allowed.example -all", false),
        (" -all", false),
        ("mple.org -all", false),
    ] {
        let found = lints(&format!("a TXT \"v=spf1 ip4:192.0.2.1\" \"{second}\""));
        assert_eq!(!found.is_empty(), broken, "{second}: {found:?}");
        assert!(found.iter().all(|f| *f == ("spf-string-boundary", 6)));
    }
    assert_eq!(lints("a TXT v=spf1 -all"), [("unquoted-text", 6)]);
}
