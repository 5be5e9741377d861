//! Reports as they are and as they should not be.

use super::*;

fn report(row: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<feedback>\n<report_metadata><org_name>r.example</org_name>\
         <report_id>1</report_id><date_range><begin>1700000000</begin><end>1700086399</end></date_range>\
         </report_metadata><policy_published><domain>example.com</domain><p>none</p></policy_published>\n{row}</feedback>"
    )
}

const ROW: &str = "<record><row><source_ip>192.0.2.1</source_ip><count>3</count><policy_evaluated>\
    <disposition>None</disposition><dkim>PASS</dkim><spf>fail</spf><reason><type>forwarded</type></reason>\
    </policy_evaluated></row><identifiers><header_from>Example.com</header_from></identifiers><auth_results>\
    <dkim><domain>example.com</domain><selector>s1</selector><result>pass</result></dkim>\
    <spf><domain>other.example</domain><result>softfail</result></spf></auth_results></record>";

#[test]
fn a_report_is_read() {
    let read = AggregateReport::parse(report(ROW).as_bytes()).unwrap();
    assert_eq!((read.org.as_str(), read.report_id.as_str()), ("r.example", "1"));
    assert_eq!((read.begin, read.end), (Some(1_700_000_000), Some(1_700_086_399)));
    let [row] = read.rows.as_slice() else { panic!("{read:?}") };
    assert!(row.passes() && row.dkim_passes() && !row.spf_passes());
    assert_eq!((row.header_from.as_str(), row.disposition.as_str()), ("example.com", "none"));
    assert_eq!(
        (row.overrides.as_slice(), row.dkim_results[0].selector.as_str()),
        (&["forwarded".to_owned()][..], "s1")
    );
    assert!(read.faults.is_empty(), "{:?}", read.faults);
}

#[test]
fn namespaces_entities_and_cdata_are_no_matter() {
    let text = report(ROW)
        .replace("<feedback>", "<d:feedback xmlns:d='urn:ietf:params:xml:ns:dmarc-2.0'>")
        .replace("</feedback>", "</d:feedback>")
        .replace("r.example", "A &amp; B &#x41;<![CDATA[ <C>]]>");
    let read = AggregateReport::parse(text.as_bytes()).unwrap();
    assert_eq!(read.org, "A & B A <C>");
    assert_eq!(read.messages(), 3);
}

#[test]
fn what_is_broken_is_read_as_far_as_it_goes() {
    let whole = report(&format!("{ROW}{ROW}"));
    for (cut, rows) in [(whole.rfind("<auth_results>").unwrap(), 1), (whole.rfind("</feedback>").unwrap(), 2)]
    {
        let read = AggregateReport::parse(&whole.as_bytes()[..cut]).unwrap();
        assert_eq!((read.rows.len(), read.faults.len()), (rows, 1), "{:?}", read.faults);
    }
    let wild = report(ROW).replace("Example.com", "bad<xml.example").replace("r.example", "<a@b.example>");
    let read = AggregateReport::parse(wild.as_bytes()).unwrap();
    assert_eq!(read.messages(), 3);
    assert!(!read.faults.is_empty());
    let odd = report(ROW).replace("<count>3", "<count>-3");
    let read = AggregateReport::parse(odd.as_bytes()).unwrap();
    assert_eq!((read.rows.len(), read.faults.len()), (0, 1));
}

#[test]
fn a_verdict_not_given_follows_from_the_results() {
    let text = report(ROW).replace("<dkim>PASS</dkim><spf>fail</spf>", "");
    let read = AggregateReport::parse(text.as_bytes()).unwrap();
    assert!(read.rows[0].dkim_passes() && !read.rows[0].spf_passes());
}

#[test]
fn what_is_no_report_says_why() {
    for (text, why) in [
        ("", NoReport::Empty),
        (" \n", NoReport::Empty),
        ("<html><body>x</body></html>", NoReport::NoFeedback),
        ("<feedback></feedback>", NoReport::Hollow),
        ("<!DOCTYPE x [<!ENTITY a \"aaa\">]><feedback>&a;</feedback>", NoReport::Dtd),
    ] {
        assert_eq!(AggregateReport::parse(text.as_bytes()), Err(why), "{text}");
    }
    let deep = format!("<feedback>{}", "<a>".repeat(100_000));
    assert_eq!(AggregateReport::parse(deep.as_bytes()), Err(NoReport::Deep));
}

#[test]
fn numbers_and_times_of_every_kind() {
    assert_eq!(
        (number(" 12 "), number("12.0"), number("1.5"), number("-1")),
        (Some(12), Some(12), None, None)
    );
    assert_eq!(seconds("1337270400.0"), Some(1_337_270_400));
    assert_eq!(seconds("1700000000000"), Some(1_700_000_000));
    assert_eq!(seconds("2023-11-14T22:13:20Z"), Some(1_700_000_000));
    assert_eq!((seconds(""), seconds("99999999999999999")), (None, None));
}
