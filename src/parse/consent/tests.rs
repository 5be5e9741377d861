//! Lists as many makers write them, and lists that must be refused.

use super::*;

fn parse(text: &str) -> Result<Register, ConsentError> {
    Register::parse("list.csv", text.as_bytes())
}

fn error(text: &str) -> String {
    parse(text).map(|register| register.len()).unwrap_err().to_string()
}

#[test]
fn lists_of_many_makers_are_read() {
    let register = parse(
        "\u{feff}E-Mail;Source;Opt-in Date;Double Opt-In;Status\r\n\
         Anna@Example.com;\"form; footer\";2026-01-02;yes;active\r\n\
         \r\n\
         <bert@example.com>;shop;23.11.2025 10:00;;unsubscribed\r\n\
         carl@example.com;;1700000000;2026-01-02T10:00:00Z;2026-02-03 10:00:00\r\n",
    )
    .unwrap();
    assert_eq!(register.len(), 3);
    let anna = &register.entries["anna@example.com"];
    assert!(
        anna.has_source && anna.confirmed == Some(true) && anna.standing == Standing::On && anna.line == 2
    );
    let bert = &register.entries["bert@example.com"];
    assert_eq!((bert.confirmed, bert.standing), (Some(false), Standing::Off(None)));
    let carl = &register.entries["carl@example.com"];
    assert_eq!((carl.given, carl.line), (Some(1_700_000_000_000), 5));
    assert!(matches!(carl.standing, Standing::Off(Some(_))));
}

#[test]
fn the_newer_consent_counts_and_lifts_an_older_suppression() {
    let text = "address,time,unsubscribed\na@example.com,2020-01-01,2021-01-01\na@example.com,2022-01-01,\n\
                b@example.com,2022-01-01,\nb@example.com,2020-01-01,2023-01-01\n";
    let register = parse(text).unwrap();
    assert_eq!(register.entries["a@example.com"].standing, Standing::On);
    assert!(matches!(register.entries["b@example.com"].standing, Standing::Off(Some(_))));
}

#[test]
fn errors_name_the_line_and_the_remedy() {
    assert!(error("").starts_with("list.csv:1: the list is empty"));
    assert!(
        error("name,phone\nx,1\n")
            .contains("no column holds the address; the columns are \"name\", \"phone\"")
    );
    assert!(error("address\nnobody\n").starts_with("list.csv:2: \"nobody\" is no address"));
    assert!(error("address,time\na@example.com,11/23/2026\n").contains("day and month"));
    assert!(error("address,time\na@example.com\n").contains("list.csv:2: 1 fields where the header has 2"));
    assert!(
        error("address,source\na@example.com,\"x\n\n\n")
            .starts_with("list.csv:2: a quoted field is never closed")
    );
    assert!(error("address\na\0@example.com\n").contains("NUL"));
    assert!(error("address,doi\na@example.com,perhaps\n").contains("neither yes nor no"));
    assert!(error("address,status\na@example.com,=cmd()\u{1b}[31m\n").contains("\\u{1b}"));
    let invalid = Register::parse("list.csv", b"address\na\xff@example.com\n").map(|r| r.len()).unwrap_err();
    assert_eq!((invalid.line, invalid.what.as_str()), (2, "this line is not UTF-8"));
}

#[test]
fn hostile_lists_end() {
    assert!(error(&format!("address\n\"{}", "a".repeat(1 << 20))).contains("field of more than"));
    assert!(error(&",".repeat(100_000)).contains("fields"));
    for text in
        ["\"", "\n", "address\n\"\"\"\n", "address\n\r\r\r", ";;;\n", "address\n@\n", "address\na@b@\n"]
    {
        let _ = parse(text);
    }
}
