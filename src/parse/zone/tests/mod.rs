//! The rules of the master file, one test each.

mod data;
mod hostile;
mod whole;

use std::collections::BTreeMap;

use super::*;
use crate::model::{Name, Rdata, RecordType};

#[derive(Default)]
struct Memory(BTreeMap<&'static str, &'static str>);

impl Files for Memory {
    fn read(&mut self, path: &str, _: &str) -> Result<Vec<u8>, String> {
        self.0.get(path).map(|t| t.as_bytes().to_vec()).ok_or_else(|| "no such file".to_owned())
    }
}

fn read(text: &str) -> Parsed {
    parse("db", text.as_bytes(), None, &mut NoFiles)
}

/// Below `example.com.` with a TTL, the way most tests begin.
fn zone(text: &str) -> Parsed {
    read(&format!("$ORIGIN example.com.\n$TTL 1h\n{text}"))
}

fn lines(parsed: &Parsed) -> Vec<String> {
    parsed
        .zone
        .records()
        .iter()
        .map(|r| format!("{} {} {} {}", r.owner, r.ttl, r.rdata.record_type(), r.rdata))
        .collect()
}

fn codes(parsed: &Parsed) -> Vec<&'static str> {
    parsed.diagnostics.iter().map(|d| d.code).collect()
}

/// One good entry.
fn one(text: &str) -> String {
    let parsed = zone(text);
    assert!(parsed.diagnostics.is_empty(), "{text}: {:?}", parsed.diagnostics);
    let [record] = parsed.zone.records() else { panic!("{text}: {:?}", lines(&parsed)) };
    record.rdata.to_string()
}

/// One bad entry: the code and what the span covers.
fn fault(text: &str) -> (&'static str, String) {
    let parsed = zone(text);
    assert!(parsed.zone.records().is_empty(), "{text}: {:?}", lines(&parsed));
    let [d] = parsed.diagnostics.as_slice() else { panic!("{text}: {:?}", parsed.diagnostics) };
    assert!(d.level == Level::Error && !d.remedy.is_empty());
    (d.code, String::from_utf8_lossy(&parsed.source_of(d)[d.span.clone()]).into_owned())
}

#[test]
fn owners_ttls_and_classes() {
    let parsed = zone(
        "@ 60 IN A 192.0.2.1\n  IN 61 AAAA 2001:db8::1\n\tMX 10 @\nwww in 1D a 192.0.2.2\n* CLASS1 TYPE1 192.0.2.3\nx.test. A 192.0.2.4",
    );
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(
        lines(&parsed),
        [
            "example.com 60 A 192.0.2.1",
            "example.com 61 AAAA 2001:db8::1",
            "example.com 3600 MX 10 example.com",
            "www.example.com 86400 A 192.0.2.2",
            "*.example.com 3600 A 192.0.2.3",
            "x.test 3600 A 192.0.2.4",
        ]
    );
    assert_eq!(parsed.zone.origin().unwrap().as_str(), "example.com");
}

#[test]
fn missing_ttls() {
    // RFC 2308 section 4: $TTL before the last TTL; then the last one; then the SOA minimum.
    let parsed = read("$ORIGIN a.\n@ 5 A 192.0.2.1\nb A 192.0.2.1\n$TTL 9\nc 7 A 192.0.2.1\nd A 192.0.2.1\n");
    assert_eq!(parsed.zone.records().iter().map(|r| r.ttl).collect::<Vec<_>>(), [5, 5, 7, 9]);
    assert_eq!(parsed.diagnostics, []);
    let parsed = read("a. SOA a. a. 1 2 3 4 77\nb A 192.0.2.1\n");
    assert_eq!(lines(&parsed), ["a 77 SOA a a 1 2 3 4 77", "b.a 77 A 192.0.2.1"]);
    assert_eq!(codes(&parsed), ["no-ttl"]);
    let parsed = read("a. A 192.0.2.1\nb. A 192.0.2.1\n");
    assert_eq!(parsed.zone.records()[1].ttl, FALLBACK_TTL);
    assert_eq!(codes(&parsed), ["no-ttl"]);
}

#[test]
fn bad_heads() {
    assert_eq!(fault("a 1x A 192.0.2.1"), ("bad-ttl", "1x".into()));
    assert_eq!(fault("a 4294967296 A 192.0.2.1"), ("bad-ttl", "4294967296".into()));
    assert_eq!(fault("a 1 2 A 192.0.2.1"), ("unknown-type", "2".into()));
    assert_eq!(fault("a IN IN A 192.0.2.1"), ("unknown-type", "IN".into()));
    assert_eq!(fault("a CH A 192.0.2.1"), ("bad-class", "CH".into()));
    assert_eq!(fault("a CLASS4 A 192.0.2.1"), ("bad-class", "CLASS4".into()));
    assert_eq!(fault("a FOO x"), ("unknown-type", "FOO".into()));
    assert_eq!(fault("a TYPE65536 x"), ("unknown-type", "TYPE65536".into()));
    assert_eq!(fault("a ANY x"), ("meta-type", "ANY".into()));
    assert_eq!(fault("a \"A\" 192.0.2.1"), ("unknown-type", "\"A\"".into()));
    assert_eq!(fault("a"), ("no-type", "a".into()));
    assert_eq!(fault("a 60 IN"), ("no-type", "IN".into()));
    assert_eq!(fault("  A 192.0.2.1"), ("no-owner", "A 192.0.2.1".into()));
    assert_eq!(fault("a..b A 192.0.2.1").0, "empty-label");
    assert_eq!(fault("\"a\" A 192.0.2.1").0, "bad-name");
    assert!(zone("A 192.0.2.1").diagnostics[0].remedy.contains("white space before"));
    // A broken owner does not hand the next line to the one before it.
    let parsed = zone("a A 192.0.2.1\nb..c A 192.0.2.2\n A 192.0.2.3\nd A 192.0.2.4\n");
    assert_eq!(codes(&parsed), ["empty-label", "no-owner"]);
    assert_eq!(parsed.zone.records().len(), 2);
    let parsed = zone("a 4000000000 A 192.0.2.1");
    assert_eq!((codes(&parsed), parsed.zone.records().len()), (vec!["large-ttl"], 1));
}

#[test]
fn a_broken_data_keeps_its_owner() {
    let parsed = zone("a A x\n A 192.0.2.1\n");
    assert_eq!(lines(&parsed), ["a.example.com 3600 A 192.0.2.1"]);
}

#[test]
fn origins() {
    let parsed =
        read("$TTL 1\n$ORIGIN com.\n$origin example\na A 192.0.2.1\n$ORIGIN @\n$ORIGIN .\nb A 192.0.2.1");
    assert_eq!(lines(&parsed), ["a.example.com 1 A 192.0.2.1", "b 1 A 192.0.2.1"]);
    assert_eq!(parsed.diagnostics, []);
    let given = Name::lenient("given.example");
    let parsed = parse("db", b"$TTL 1\n@ MX 1 m\n", Some(&given), &mut NoFiles);
    assert_eq!(lines(&parsed), ["given.example 1 MX 1 m.given.example"]);
    let parsed = read("$TTL 1\na A 192.0.2.1\n");
    assert_eq!((codes(&parsed), parsed.zone.origin()), (vec!["no-origin"], None));
    let parsed = read("$ORIGIN com.\n$TTL 1\nexample SOA a b 1 2 3 4 5");
    assert_eq!(parsed.zone.origin().unwrap().as_str(), "example.com");
    assert_eq!(fault("$ORIGIN").0, "bad-directive");
    assert_eq!(fault("$ORIGIN a. b.").0, "bad-directive");
    assert_eq!(fault("$ORIGIN \"a.\"").0, "bad-directive");
    assert_eq!(fault("$ORIGIN a..b."), ("empty-label", "a..b.".into()));
    assert_eq!(fault("$TTL").0, "bad-directive");
    assert_eq!(fault("$TTL x"), ("bad-ttl", "x".into()));
    assert_eq!(fault("$TTL 1 2"), ("bad-directive", "1 2".into()));
    assert_eq!(fault("$FOO 1"), ("unknown-directive", "$FOO".into()));
    assert_eq!(fault(" $TTL 1").0, "no-owner");
}

#[test]
fn text_is_kept_exactly() {
    assert_eq!(one(r#"t TXT "a  b " "" c\"d "\"\\;\065\;""#), r#""a  b " "" "c\"d" "\"\\;A;""#);
    assert_eq!(one("t TXT ( \"a\"\n ; c\n \"b\" )"), r#""a" "b""#);
    assert_eq!(one("t TXT ( \"a\nb\" )"), r#""a\010b""#);
    assert_eq!(one("t TXT v=spf1\\ -all"), r#""v=spf1 -all""#);
    assert_eq!(one(&format!("t TXT \"{}\"", "x".repeat(255))).len(), 257);
    let (code, span) = fault(&format!("t TXT \"a\" \"{}\"", "x".repeat(256)));
    assert_eq!((code, span.len()), ("string-too-long", 258));
    assert!(zone(&format!("t TXT {}", "x".repeat(511))).diagnostics[0].remedy.contains("3 quoted strings"));
    assert_eq!(fault("t TXT"), ("missing-field", "".into()));
    assert_eq!(fault(r#"t TXT a"b"#).0, "unclosed-quote");
    assert_eq!(fault(r#"t TXT a"b""#), ("stray-quote", "\"".into()));
    assert_eq!(fault(r#"t TXT "\256""#), ("bad-escape", "\\256".into()));
    assert_eq!(fault(r#"t TXT "\25""#), ("bad-escape", "\\25".into()));
    let parsed = zone("t TXT v=DKIM1; p=x\nu TXT \"a\"\"b\"\nw TXT “x”\n");
    assert_eq!(codes(&parsed), ["comment-cuts-text", "touching-strings", "not-ascii"]);
    assert_eq!(parsed.zone.records().len(), 3);
}

#[test]
fn line_ends_tabs_and_marks() {
    let parsed = read("\u{feff}$ORIGIN a.\r\n$TTL 1\r\n@\tSOA\tb c (\r\n1 ; s\r\n2 3 4 5)\r\n\tTXT\t\"x\"");
    assert_eq!(lines(&parsed), ["a 1 SOA b.a c.a 1 2 3 4 5", "a 1 TXT \"x\""]);
    // BIND, Knot and NSD refuse a file that begins with a mark; the rest is read all the same.
    assert_eq!(codes(&parsed), ["byte-order-mark"]);
    let record = &parsed.zone.records()[0];
    assert_eq!((record.place.line, record.place.data[2].line, record.place.data[6].line), (3, 4, 5));
    assert_eq!(record.location().file, "db");
    assert_eq!(codes(&read("")), Vec::<&str>::new());
    assert_eq!(codes(&parse("u", b"\xff\xfe$\0", None, &mut NoFiles)), ["encoding"]);
}

#[test]
fn words_know_their_place() {
    let text = "$ORIGIN a.\n$TTL 1\nmx IN MX 10 mail ; c\n";
    let parsed = read(text);
    let place = &parsed.zone.records()[0].place;
    assert_eq!(&text[place.span.range()], "mx IN MX 10 mail");
    assert_eq!(&text[place.owner.unwrap().span.range()], "mx");
    assert_eq!(&text[place.data[1].span.range()], "mail");
    let parsed = read(&format!("{text}b MX ten m\n"));
    let d = &parsed.diagnostics[0];
    assert_eq!((d.line, d.code, &*d.file), (4, "bad-field", "db"));
}

#[test]
fn all_mistakes_are_named() {
    let parsed = zone("a A 1\nb A 192.0.2.1\nc A \"\nd MX 1\ne TXT ( x\nf A 2\n");
    assert_eq!(
        parsed.diagnostics.iter().map(|d| (d.line, d.code)).collect::<Vec<_>>(),
        [
            (3, "bad-field"),
            (5, "unclosed-quote"),
            (6, "missing-field"),
            (7, "unclosed-parenthesis"),
            (8, "bad-field")
        ]
    );
}

#[test]
fn includes() {
    let mut files = Memory::default();
    files.0.insert("sub/x.db", "a A 192.0.2.1\n$ORIGIN other.\n$TTL 9\nb A 192.0.2.1\nc A 1\n");
    files.0.insert("loop", "$INCLUDE loop\n");
    files.0.insert("with space", "d A 192.0.2.1");
    let text = "$ORIGIN e.\n$TTL 1\nz A 192.0.2.9\n$INCLUDE sub/x.db in\n A 192.0.2.8\n$INCLUDE \"with space\" ; c\n$INCLUDE none\n$INCLUDE loop\n$INCLUDE\n$INCLUDE a b c\n$INCLUDE \"\"\n";
    let parsed = parse("db", text.as_bytes(), None, &mut files);
    assert_eq!(
        lines(&parsed),
        [
            "z.e 1 A 192.0.2.9",
            "a.in.e 1 A 192.0.2.1",
            "b.other 9 A 192.0.2.1",
            "z.e 1 A 192.0.2.8",
            "d.e 1 A 192.0.2.1"
        ]
    );
    let found: Vec<_> = parsed.diagnostics.iter().map(|d| (&*d.file, d.line, d.code)).collect();
    assert_eq!(
        found,
        [
            ("sub/x.db", 5, "bad-field"),
            ("db", 7, "include"),
            ("loop", 1, "include"),
            ("db", 9, "bad-directive"),
            ("db", 10, "bad-directive"),
            ("db", 11, "include")
        ]
    );
    assert_eq!(&*parsed.zone.records()[1].place.file, "sub/x.db");
    assert!(parsed.source_of(&parsed.diagnostics[0]).starts_with(b"a A 192.0.2.1\n$ORIGIN other."));
    assert_eq!(codes(&zone("$INCLUDE x")), ["include"]);
}

#[test]
fn generate() {
    let parsed = zone(
        "$GENERATE 1-3/2 host-$ 60 IN A 192.0.2.$\n$GENERATE 0-1 $ MX \"10 m$\"\n$GENERATE 1-1 t TXT \"a $\"\n$GENERATE 5-5 ${0,2} PTR ${-4,3,x}.x",
    );
    assert_eq!(
        lines(&parsed),
        [
            "host-1.example.com 60 A 192.0.2.1",
            "host-3.example.com 60 A 192.0.2.3",
            "0.example.com 60 MX 10 m0.example.com".replace("60", "3600").as_str(),
            "1.example.com 3600 MX 10 m1.example.com",
            "t.example.com 3600 TXT \"a 1\"",
            "05.example.com 3600 PTR 001.x.example.com",
        ]
    );
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(fault("$GENERATE 1-70000 a$ A 192.0.2.1").0, "generate");
    assert_eq!(fault("$GENERATE 2-1 a$ A 192.0.2.1").0, "generate");
    assert_eq!(fault("$GENERATE 1-2 a$ A").0, "generate");
    assert_eq!(fault("$GENERATE 1-2 a$").0, "no-type");
    assert_eq!(fault("$GENERATE 1-2").0, "bad-directive");
    assert_eq!(fault("$GENERATE 1-2 ${x} A 192.0.2.1").0, "generate");
    assert_eq!(fault("$GENERATE 300-301 a$ A 192.0.2.$"), ("bad-field", "192.0.2.$".into()));
}

#[test]
fn names_in_other_scripts() {
    let parsed = zone("bücher MX 0 пример.рф.\n\\195\\164 A 192.0.2.1\n");
    assert_eq!(
        lines(&parsed),
        [
            "xn--bcher-kva.example.com 3600 MX 0 xn--e1afmkfd.xn--p1ai",
            "\\195\\164.example.com 3600 A 192.0.2.1"
        ]
    );
    assert_eq!(zone("\u{e4} A 192.0.2.1").zone.records()[0].owner.as_str(), "xn--4ca.example.com");
}

#[test]
fn record_types_of_the_model() {
    let parsed = zone("a SPF \"v=spf1\"\nb TYPE65280 \\# 2 abcd\nc SRV 1 2 3 d\n");
    let types: Vec<RecordType> = parsed.zone.records().iter().map(|r| r.rdata.record_type()).collect();
    assert_eq!(types, [RecordType::Spf, RecordType::Other(65280), RecordType::Srv]);
    assert_eq!(parsed.zone.records()[1].rdata.to_string(), "\\# 2 abcd");
    assert!(matches!(&parsed.zone.records()[0].to_record().rdata, Rdata::Spf(_)));
}
