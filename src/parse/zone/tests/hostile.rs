//! Any bytes: no panic, bounded work, spans inside their source.

use proptest::prelude::*;

use super::*;

fn sound(source: &[u8]) {
    let mut files = Memory::default();
    files.0.insert("f", "$INCLUDE g\nx A 192.0.2.1\n$INCLUDE f\n");
    files.0.insert("g", "$ORIGIN y\n( \"");
    let parsed = parse("db", source, None, &mut files);
    let all = parsed.diagnostics.iter().cloned().chain(lint::lint(&parsed.zone));
    for d in all {
        let bytes = parsed.source_of(&d);
        assert!(bytes.get(d.span.clone()).is_some(), "{d:?}");
        assert_eq!(d.line, line_of(bytes, d.span.start), "{d:?}");
    }
    for record in parsed.zone.records() {
        assert!(!record.owner.is_unaskable(), "{record:?}");
        parsed.zone.lookup(&record.owner, RecordType::Mx);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes(source in proptest::collection::vec(any::<u8>(), 0..400)) {
        sound(&source);
    }

    #[test]
    fn likely_words(words in proptest::collection::vec(prop_oneof![
        Just("\n"), Just("\n "), Just(" "), Just("("), Just(")"), Just("\""), Just(";"), Just("\\"), Just("\\1"),
        Just("$ORIGIN "), Just("$TTL "), Just("$INCLUDE f"), Just("$GENERATE 1-3 "), Just("${0,2,x}"), Just("$"),
        Just("@"), Just("."), Just("a"), Just("*"), Just("é"), Just("IN "), Just("A "), Just("TXT "), Just("MX 1 "),
        Just("NS "), Just("CNAME "), Just("DNAME "), Just("SVCB 1 . "), Just("alpn="), Just("LOC "), Just("NSEC "),
        Just("\\# "), Just("1"), Just("192.0.2.1"), Just("APL 1:"), Just("/"), Just("NSEC3 1 0 1 - "), Just("RRSIG "),
        Just("SOA a b 1 2 3 4 5"), Just("\r\n"), Just("\t"), Just("example.com."), Just("HIP 2 ab "), Just("0x"),
    ], 0..40)) {
        sound(words.concat().as_bytes());
    }
}

#[test]
fn bounds_hold() {
    // Never-closed parentheses on every line are not read again and again.
    sound("a TXT (\n".repeat(20_000).as_bytes());
    sound("a TXT (\"\n".repeat(20_000).as_bytes());
    sound("(\"\n".repeat(30_001).as_bytes());
    let many = read(&"x\n".repeat(5000));
    assert_eq!(many.diagnostics.len(), MAX_DIAGNOSTICS + 1);
    assert_eq!(many.diagnostics.last().unwrap().code, "too-many-problems");
    // The sum of all directives is bounded too: a step makes the count one, the limit is of records.
    assert_eq!(codes(&zone("$GENERATE 0-65536 a$ A 192.0.2.1\n")), ["generate"]);
    assert_eq!(zone("$GENERATE 0-65536/65536 a$ A 192.0.2.1\n").zone.records().len(), 2);
    let deep: String = (0..20).map(|_| "a.".repeat(120)).map(|n| format!("{n} A 192.0.2.1\n")).collect();
    sound(deep.as_bytes());
}

#[test]
fn includes_are_bounded() {
    struct Endless(u32);
    impl Files for Endless {
        fn read(&mut self, _: &str, _: &str) -> Result<Vec<u8>, String> {
            self.0 += 1;
            Ok(format!("$INCLUDE f{}\n$INCLUDE g{}\n", self.0, self.0).into_bytes())
        }
    }
    let mut files = Endless(0);
    let parsed = parse("db", b"$INCLUDE f\n", None, &mut files);
    assert!(files.0 <= MAX_INCLUDES as u32);
    assert!(parsed.diagnostics.iter().all(|d| d.code == "include"));
    struct Large;
    impl Files for Large {
        fn read(&mut self, _: &str, _: &str) -> Result<Vec<u8>, String> {
            Ok(vec![b';'; 40 << 20])
        }
    }
    let parsed = parse("db", b"$INCLUDE a\n$INCLUDE b\n", None, &mut Large);
    assert_eq!(parsed.diagnostics[0].line, 2);
}
