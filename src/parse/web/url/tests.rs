//! Addresses as mail writes them, and how far they are read.

use super::*;

fn web_of(text: &str) -> WebLink {
    match Destination::parse(text) {
        Destination::Web(web) => web,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn disguised_addresses() {
    for text in ["http://3232235777/", "http://0xC0A80101/", "http://0300.0250.1.1/x", "http://192.168.257"] {
        assert_eq!(web_of(text).host, Host::Ip([192, 168, 1, 1].into(), IpForm::Disguised), "{text}");
    }
    assert_eq!(web_of("http://192.0.2.7:8080/").host, Host::Ip([192, 0, 2, 7].into(), IpForm::Dotted));
    assert_eq!(web_of("http://192.0.2.7:8080/").port, Some(8080));
}

#[test]
fn plain_links_read_as_the_library_reads_them() {
    for text in [
        "https://example.com/",
        "http://a-b.example.co.uk/p/q.html?x=1&y=%20z#f",
        "https://example.com/a//b/c..d?",
        "https://example.com/?q=https://other.example/#",
        "https://example.com/a@b:c;d,e!f$g*(h)~_",
        "https://x1.example/%zz",
    ] {
        let plain = plain_url(text).unwrap_or_else(|| panic!("{text}"));
        let url = url::Url::parse(text).unwrap();
        assert_eq!((url.host_str(), url.path()), (Some(plain.host), plain.path), "{text}");
        assert_eq!(
            (url.query().unwrap_or_default(), url.fragment().unwrap_or_default()),
            (plain.query, plain.fragment)
        );
    }
    for text in [
        "https://example.com",
        "https://EXAMPLE.com/",
        "https://1.2.3.4/",
        "https://example.0x1/",
        "https://a..b/",
        "https://u@example.com/",
        "https://example.com:80/",
        "https://example.com/a/../b",
        "https://example.com/%2e%2E/",
        "https://example.com/a b",
        "https://xn--a.example/",
        "https://example.com/\"",
        "https:/example.com/",
        "https://localhost/",
        "https://éa.example/",
    ] {
        assert!(plain_url(text).is_none(), "{text}");
    }
}

#[test]
fn authorities() {
    let web = web_of("https://www.example.com:pw@evil.example/");
    assert_eq!(
        (web.host_text().as_str(), web.user_info.as_deref()),
        ("evil.example", Some("www.example.com:pw"))
    );
    assert!(web_of("http://ex%61mple.com/").host_is_encoded());
    assert_eq!(web_of("https://EXAMPLE.com./a").host_text(), "example.com");
    assert_eq!(web_of("//cdn.example.com/x").scheme, "https");
}

#[test]
fn other_kinds() {
    assert_eq!(
        Destination::parse(" java\nscript:alert(1)"),
        Destination::Inline { scheme: "javascript".to_owned(), media: String::new() }
    );
    assert_eq!(Destination::parse("{{url}}"), Destination::Relative);
    assert_eq!(Destination::parse("\\\\host\\share"), Destination::File);
    assert_eq!(
        Destination::parse("mailto:A@example.com?subject=x"),
        Destination::Mail(vec!["a@example.com".to_owned()])
    );
}

#[test]
fn claims() {
    assert_eq!(claimed_host("https://bank.example/login").as_deref(), Some("bank.example"));
    assert_eq!(claimed_host("www.example.com").as_deref(), Some("www.example.com"));
    assert_eq!(claimed_host("example.com"), Some("example.com".to_owned()));
    assert_eq!(claimed_host("Click here"), None);
    assert_eq!(claimed_host("invoice.pdf"), None);
}

#[test]
fn targets_within() {
    let web = web_of("https://www.example.com/url?q=https%3A%2F%2Fother.example%2Fa&x=1");
    assert_eq!(embedded_target(&web).unwrap().host_text(), "other.example");
}

#[test]
fn scripts_that_forward_anybody() {
    let target = |link: &str| match Destination::parse(link) {
        Destination::Web(web) => forwarded_target(&web).map(|inner| inner.host_text()),
        _ => None,
    };
    for link in [
        "https://a.example/redirect.php?url=https%3A%2F%2Fb.example%2Flogin",
        "https://a.example/en/goto/?id=1&to=//b.example/x",
        "https://a.example/linkredirect?target=http%253A%252F%252Fb.example",
        "https://a.example/out.cgi?u=HTTPS://b.example",
    ] {
        assert_eq!(target(link).as_deref(), Some("b.example"), "{link}");
    }
    for link in [
        "https://a.example/share?url=https://b.example",
        "https://a.example/redirect.php?url=/local/page",
        "https://a.example/redirect.php?id=17",
        "https://a.example/about?to=https://b.example",
    ] {
        assert_eq!(target(link), None, "{link}");
    }
}
