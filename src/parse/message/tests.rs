//! The message facts over messages written here.

use super::links::spans_in_text;
use super::*;

fn message(text: &str) -> Message {
    let raw = text.replace('\n', "\r\n").into_bytes();
    Message::read("a.eml".to_owned(), raw.into())
}

const ALTERNATIVE: &str = "\
From: Example Shop <news@example.com>
Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=
List-Unsubscribe: <https://example.com/u?id=1>, <mailto:u@example.com>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=\"outer\"

preamble
--outer
Content-Type: multipart/alternative; boundary=outer-in

--outer-in
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Gr=C3=BC=C3=9Fe, see https://example.com/p=\nath.
--outer-in
Content-Type: text/html; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

<html><head><title>News</title><style>a{background:url(x.png)}</style></head>
<body><div style=3D\"display:none\">Preheader caf=E9</div>
<p>Hello <b>reader</b><p>Second
<a href=3D\"https://example.com/a?b=3D1&amp;c=3D2\"><img src=3D\"i.png\" alt=3D\"Shop\"> now</a>
</body></html>
--outer-in--
--outer
Content-Type: application/pdf; name=\"a.pdf\"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename=\"=?utf-8?Q?b=C3=BC.pdf?=\"

JVBERi0xLjQK
--outer--
";

#[test]
fn tree_bodies_and_attachments() {
    let message = message(ALTERNATIVE);
    let paths: Vec<_> = message.parts().iter().map(|p| (p.path.as_str(), p.content_type.as_str())).collect();
    assert_eq!(
        paths,
        [
            ("1", "multipart/mixed"),
            ("1.1", "multipart/alternative"),
            ("1.1.1", "text/plain"),
            ("1.1.2", "text/html"),
            ("1.2", "application/pdf")
        ]
    );
    assert!(message.parts().iter().all(|part| part.faults.is_empty()));
    assert_eq!(message.text_body().unwrap().text, "Grüße, see https://example.com/path.");
    let html = message.html().unwrap();
    assert_eq!(html.title.as_deref(), Some("News"));
    assert_eq!(html.text.trim(), "Hello reader\nSecond now");
    assert_eq!(html.hidden.trim(), "Preheader café");
    assert!(html.unclosed.is_empty(), "{:?}", html.unclosed);
    let attachments: Vec<_> = message.attachments().collect();
    assert_eq!(attachments.len(), 1);
    assert_eq!(attachments[0].filename.as_deref(), Some("bü.pdf"));
    assert_eq!(message.decoded(attachments[0]).bytes, b"%PDF-1.4\n");
    assert_eq!(message.subject(), Some("Grüße"));
    assert!(message.seen_whole().is_ok());
}

#[test]
fn links_know_their_place() {
    let message = message(ALTERNATIVE);
    let links: Vec<_> = message.links().iter().map(|l| (l.place, l.url.as_str(), l.line)).collect();
    assert_eq!(
        links,
        [
            (LinkPlace::ListUnsubscribe, "https://example.com/u?id=1", 3),
            (LinkPlace::ListUnsubscribe, "mailto:u@example.com", 3),
            (LinkPlace::Plain, "https://example.com/path", 15),
            (LinkPlace::Anchor, "https://example.com/a?b=1&c=2", 24),
            (LinkPlace::Image, "i.png", 24),
            (LinkPlace::Css, "x.png", 21),
        ]
    );
    let anchor = &message.links()[3];
    assert_eq!((anchor.text.as_str(), anchor.alt.as_deref()), ("now", Some("Shop")));
}

#[test]
fn broken_structure_is_told() {
    let faults = |text: &str| message(text).parts().iter().flat_map(|p| p.faults.clone()).collect::<Vec<_>>();
    let head = "Content-Type: multipart/mixed; boundary=b\n\n";
    assert_eq!(faults("Content-Type: multipart/mixed\n\nx\n"), [PartFault::BoundaryMissing]);
    assert_eq!(faults(&format!("{head}no part\n")), [PartFault::BoundaryUnused("b".to_owned())]);
    assert_eq!(faults(&format!("{head}--b\n\nhi\n")), [PartFault::Unclosed("b".to_owned())]);
    assert_eq!(faults(&format!("{head}--b\n\nhi\n--b--\ntail\n")), [PartFault::Epilogue(4)]);
    let unused = message(&format!("{head}readers show this\n"));
    assert_eq!(unused.text_body().map(|body| body.text.trim()), Some("readers show this"));
}

#[test]
fn nesting_and_part_count_are_bounded() {
    let mut deep = String::new();
    for level in 0..200 {
        deep += &format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n");
    }
    assert!(message(&deep).limits().contains(&Limit::Depth));
    let wide = format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\nx\n".repeat(3000));
    let wide = message(&wide);
    assert!(wide.parts().len() <= limits::PARTS && wide.limits().contains(&Limit::Parts));
    assert!(wide.seen_whole().is_err());
    let open = format!("Content-Type: text/html\n\n{}", "<div>".repeat(100_000));
    assert!(message(&open).limits().contains(&Limit::Tags));
}

#[test]
fn hidden_text_is_told_apart() {
    let seen = |html: &str| {
        let message = message(&format!("Content-Type: text/html; charset=utf-8\n\n{html}"));
        let html = message.html().unwrap();
        (html.text.trim().to_owned(), html.hidden.trim().to_owned())
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(seen("<td style='font-size:0'>x<p style='font-size:14px'>y</p></td>"), pair("y", "x"));
    assert_eq!(seen("<div style='max-height:0;overflow:hidden'>x</div>y"), pair("y", "x"));
    assert_eq!(seen("<div style='max-height:0px'>x</div>"), pair("x", ""));
    assert_eq!(seen("<span hidden>x</span>y<!-- z -->"), pair("y", "x"));
    assert_eq!(seen("<div style='display:none'><br>x</div>y"), pair("y", "x"));
    assert_eq!(seen("a &amp; b<br>c"), pair("a & b\nc", ""));
}

/// Every view of a message; the sum only keeps the optimiser honest.
fn all_views(raw: Vec<u8>) -> usize {
    let message = Message::read(String::new(), raw.into());
    let words: usize =
        message.fields().iter().map(|field| field.text().len() + field.word_faults().len()).sum();
    let decoded: usize = message.parts().iter().map(|part| message.decoded(part).bytes.len()).sum();
    let lines: u32 = message.links().iter().map(|link| link.line).max().unwrap_or_default();
    let whole = message.limits().len() + message.attachments().count() + message.transmitted_size();
    assert!(lines <= message.lines().lines + 1, "a link beyond the last line");
    assert!(message.parts().iter().all(|part| part.body.end <= message.raw().len()));
    words
        + decoded
        + whole
        + message.visible_text().len()
        + message.from().map_or(0, |from| from.mailboxes.len())
}

#[test]
fn mutated_messages_are_survived() {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap_or_default() % below.max(1)
    };
    const PIECES: [&[u8]; 16] = [
        b"--outer",
        b"--outer-in--",
        b"\r\n\r\n",
        b"=?utf-8?Q?",
        b"?=",
        b"<",
        b">",
        b"=",
        b"\xff\xfe",
        b"\0",
        b"<!--",
        b"<style>",
        b"Content-Type: message/rfc822\r\n\r\n",
        b"&#x110000;",
        b"charset=utf-16",
        b"(((((\"\\",
    ];
    let base = ALTERNATIVE.replace('\n', "\r\n").into_bytes();
    for _ in 0..600 {
        let mut raw = base.clone();
        for _ in 0..=next(8) {
            if raw.is_empty() {
                break;
            }
            let at = next(raw.len());
            match next(4) {
                0 => raw[at] = u8::try_from(next(256)).unwrap_or_default(),
                1 => raw.truncate(at.max(1)),
                2 => drop(raw.drain(at..(at + next(40)).min(raw.len()))),
                _ => drop(raw.splice(at..at, PIECES[next(PIECES.len())].iter().copied())),
            }
        }
        assert!(all_views(raw) < usize::MAX);
    }
    assert_eq!(all_views(Vec::new()), 0);
}

/// RFC 2231 section 3: thousands of pieces of one parameter, each compared with all others by the
/// reader, took 88 s at 25 MB; the field is cut, and the cut is said.
#[test]
fn parameters_in_thousands_of_pieces_are_cut_and_said() {
    let pieces = |count: usize| -> String {
        let pieces: String = (0..count).map(|at| format!(";\r\n name*{at}=\"aaaa\"")).collect();
        format!("MIME-Version: 1.0\r\nContent-Type: application/pdf{pieces}\r\n\r\nx\r\n")
    };
    let read = |raw: String| Message::read("a.eml".to_owned(), std::sync::Arc::new(raw.into_bytes()));
    let few = read(pieces(40));
    assert!(few.limits().is_empty());
    assert_eq!(few.parts()[0].filename.as_deref().map(str::len), Some(160));
    let many = read(pieces(60_000));
    assert!(many.limits().contains(&Limit::ParameterBytes));
    assert!(many.parts()[0].filename.as_deref().is_some_and(|name| name.len() < limits::PARAMETER_BYTES));
}

fn links_found(text: &str) -> Vec<&str> {
    spans_in_text(text).into_iter().map(|span| &text[span]).collect()
}

#[test]
fn hosts_without_a_scheme_are_links() {
    for (text, host) in [
        ("Open paypal-verify.example.top/login now", "paypal-verify.example.top/login"),
        ("Sign in at Secure-Bank.XYZ/a?b=c.", "Secure-Bank.XYZ/a?b=c"),
        ("visit login.example.com.", "login.example.com"),
        ("(firma.de)", "firma.de"),
        ("Besuchen Sie müller-bau.de!", "müller-bau.de"),
        ("請到 konto-pruefung.top/x 登入", "konto-pruefung.top/x"),
        ("请访问bank-check.vip/a登录", "bank-check.vip/a登录"),
        ("go to t.me/somebody", "t.me/somebody"),
        ("track: my-parcel.info:8080/x", "my-parcel.info:8080/x"),
        ("an pаypal-konto.com", "pаypal-konto.com"),
        ("log in at Secure-Login.com today", "Secure-Login.com"),
        ("LOG IN AT PAYPA1.COM", "PAYPA1.COM"),
        ("pay at konto-check.web.app now", "konto-check.web.app"),
    ] {
        assert_eq!(links_found(text), [host], "{text}");
    }
    assert_eq!(
        links_found("https://a.example.com/x.y.net www.b-c.com d-e.com"),
        ["https://a.example.com/x.y.net", "www.b-c.com", "d-e.com"]
    );
}

#[test]
fn names_that_are_no_hosts_are_left() {
    for text in [
        "sendmail.cf, local.cf, zero1.java:72, rechnung.pdf, offer.zip, clip.mov, Readme.md, main.rs, run.sh, setup.py",
        "archive.zip/inner.txt and src/main.rs/lib.rs a.rs/b.rs",
        "Version 1.2.3, v2.10.so, 10.0.0.5, 3.5.mm, at 5.30.pm",
        "e.g. this, i.e. that, z.B. so, d.h. dort, u.a. hier, Ph.D, B.Sc, M.Sc. Dr.med. Dipl.Ing.",
        "GmbH & Co.KG, Co.Ltd, Pvt.Ltd, S.p.A., s.r.o., S.A.R.L., A.S., St.Gallen",
        "Done.It works. Thanks.In case of doubt.So we go. it was.at noon. ja.es ist. gut.to",
        "Booking.com and Amazon.de, ASP.NET, VB.Net, Node.js, Socket.IO",
        "Kapitel-4.In der Mitte, Teil-22.Die andere, Chapter-12.So we go, Web-2.Is it, My-Tool.app, Class-Abc.java",
        "first.last@example.com, jane.doe@mail.example.com",
        "os.path.join(x), console.info(a), self.name = 1, event.target, java.io.File, std::net.com",
        "makefile.x300.inc:127: *** missing separator, lib.rs:12:5, a.b.so:1",
        "price 12.50/kg, 1.000/mo, and/or, km/h, n/a, 24/7.in",
        "/usr/lib/a.so, C:\\temp\\b-c.com, $HOME/my-app.net, key=my-host.net, #tag.my-x.com",
        "https://",
        "a.b.c.d ... x..y -.-",
    ] {
        assert!(
            links_found(text).iter().all(|link| link.starts_with("http")),
            "{text}: {:?}",
            links_found(text)
        );
    }
}

#[test]
fn long_runs_take_linear_time() {
    for piece in ["a.", "a-b.", ".a", "é.", "example.com.", "a.com/"] {
        let text = piece.repeat(200_000);
        assert!(links_found(&text).len() < 200_001);
    }
}
