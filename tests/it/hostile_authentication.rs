//! Nothing an attacker writes into a record, a field or a key file makes the
//! parsers of DKIM, DMARC, ARC and BIMI fail, or take long.

use mailvet::facts::dkim::signed_message::SignedMessage;
use mailvet::parse::bimi;
use mailvet::parse::dkim::arc;
use mailvet::parse::dkim::key::KeyRecord;
use mailvet::parse::dkim::key_table;
use mailvet::parse::dkim::private_key;
use mailvet::parse::dkim::signature::{Kind, Signature};
use mailvet::parse::dmarc;
use mailvet::parse::message::Addresses;
use mailvet::parse::tag_list;
use proptest::prelude::*;

/// Text of the characters these grammars are about, and some they are not.
fn text() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "v=",
        "DKIM1",
        "DMARC1",
        "BIMI1",
        "p=",
        "b=",
        "bh=",
        "h=",
        "i=",
        "d=",
        "s=",
        "t=",
        "x=",
        "l=",
        "z=",
        "rua=",
        "mailto:",
        "=3D",
        "%41",
        "!10m",
        ";",
        ";;",
        "=",
        ":",
        ",",
        "@",
        "<",
        ">",
        "(",
        ")",
        "\"",
        "\\",
        " ",
        "\t",
        "\r\n ",
        "\n",
        "\u{0}",
        "\u{202e}",
        "ä",
        "\u{1f600}",
        "none",
        "reject",
        "AAAA",
        "99999999999999999999",
        "example.com",
        "xn--",
        "_",
        "*",
        "-----BEGIN PRIVATE KEY-----",
        "From: ",
        "DKIM-Signature: ",
        "https://x/",
    ]);
    prop::collection::vec(parts, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn parsers_take_anything(text in text()) {
        let list = tag_list::TagList::parse(&text);
        for tag in &list.tags {
            prop_assert_eq!(&text[tag.value_span.clone()], tag.value.as_str());
        }
        let key = KeyRecord::parse(&text);
        for kind in [Kind::Dkim, Kind::ArcMessage] {
            let signature = Signature::parse(&text, kind);
            for fault in key.faults.iter().chain(&signature.faults).chain(&list.faults) {
                prop_assert!(text.get(fault.span.clone()).is_some(), "{:?} in {:?}", fault, text);
            }
        }
        if let Some(record) = dmarc::DmarcRecord::parse(&text) {
            for fault in &record.faults {
                prop_assert!(text.get(fault.span.clone()).is_some(), "{:?} in {:?}", fault, text);
            }
            // What is proposed as a fix is a record again.
            prop_assert!(dmarc::is_dmarc(&record.with("p", "none")));
        }
        if let Some(fault) = dmarc::near_miss(&text) {
            prop_assert!(text.get(fault.span).is_some());
        }
        let _ = (arc::Seal::parse(&text), bimi::BimiRecord::parse(&text), Addresses::read_text(&text).domains());
        let _ = (key_table::parse(&text), private_key::public_half(text.as_bytes()));
        let _ = SignedMessage::read(&text.clone().into_bytes().into());
    }

    #[test]
    fn key_files_take_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = private_key::public_half(&bytes);
        let _ = mailvet::parse::dkim::key::rsa_from_der(&bytes);
        let _ = SignedMessage::read(&bytes.clone().into());
    }
}

#[test]
fn very_many_fields_and_signatures_stay_fast() {
    let names = "x:".repeat(50_000);
    let signature = |names: &str| {
        format!("DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s; h={names}from; bh=AAAA; b=AAAA\r\n")
    };
    let read = |signatures: String, fields: usize| {
        let fillers = "X: y\r\n".repeat(fields);
        let message = format!("{signatures}{fillers}From: a@a.example\r\n\r\nbody\r\n");
        SignedMessage::read(&message.into_bytes().into())
    };
    assert_eq!(read(signature("").repeat(60), 100).signatures.len(), 50);
    let long = read(signature(&names).repeat(9), 1900);
    assert!(long.header.limits.is_empty());
    let asked = &long.signatures[0].signature.signed_headers;
    let fields = mailvet::facts::dkim::canonical::signed_fields(&long.raw, &long.header, asked);
    assert_eq!((long.signatures.len(), fields.len()), (9, 1901));
    // What lies beyond the limits of a header is said, never taken for absent.
    for cut in [read(signature(&names).repeat(60), 100), read(signature(""), 50_000)] {
        assert_eq!(cut.header.limits.len(), 1);
    }
}
