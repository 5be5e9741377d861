//! HTML and SVG attachments: pages that build files, ask for passwords, lead
//! elsewhere or run scripts. Opened from disk, no filter sees what they load.

use std::sync::LazyLock;

use regex::Regex;

use super::{Examination, SignKind, between};

const LARGEST: usize = 8 << 20;

pub(super) fn examine_html(bytes: &[u8], found: &mut Examination) {
    let text = super::magic::text_of(bytes.get(..bytes.len().min(LARGEST)).unwrap_or_default());
    if bytes.len() > LARGEST {
        found.doubt("not inspected to its end: over the limit");
    }
    let lower = text.to_ascii_lowercase();
    links(&text, found);
    let scripted = lower.contains("<script") || lower.contains("javascript:") || handler(&lower);
    if scripted {
        found.sign(SignKind::Script, "script");
    }
    smuggling(&lower, found);
    if PASSWORD_FIELD.is_match(&lower) {
        found.sign(SignKind::CredentialForm, "a password field");
    } else if lower.contains("<form")
        && between(&lower, "action=\"", "\"")
            .or_else(|| between(&lower, "action='", "'"))
            .is_some_and(|a| a.starts_with("http"))
    {
        found.sign(SignKind::CredentialForm, "a form that sends what is typed elsewhere");
    }
    if REFRESH.is_match(&lower) || LOCATION.is_match(&lower) {
        found.sign(SignKind::Redirect, "leads to another page by itself");
    }
}

static PASSWORD_FIELD: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"<input[^>]{0,400}type\s*=\s*["']?password"#));
static REFRESH: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"<meta[^>]{0,200}http-equiv\s*=\s*["']?refresh[^>]{0,400}url\s*="#));
static LOCATION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?:window|document|self|top|parent)?\.?location(?:\.href)?\s*=\s*[^=]|location\.(?:replace|assign)\s*\("#,
    )
});
static HREF: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?i)(?:href|src|action|data)\s*=\s*["']?\s*(https?:[^"'\s>]+)"#));
static LONG_BASE64: LazyLock<Regex> = LazyLock::new(|| pattern(r"[a-z0-9+/]{1500,}"));
static HANDLER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"<[a-z][^>]{0,2000}\son(?:load|error|click|mouseover|begin|focus|toggle)\s*="#)
});

/// All patterns are constants, proved to compile by the tests.
fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| unreachable!("{text}: {error}"))
}

fn handler(lower: &str) -> bool {
    HANDLER.is_match(lower)
}

fn links(text: &str, found: &mut Examination) {
    for target in HREF.captures_iter(text).take(300) {
        if let Some(target) = target.get(1) {
            found.link(&target.as_str().replace("&amp;", "&"));
        }
    }
}

/// A file put together in the browser: decoding plus saving, or decoding plus writing the page.
fn smuggling(lower: &str, found: &mut Examination) {
    let has = |words: &'static [&'static str]| words.iter().copied().find(|word| lower.contains(*word));
    let decodes =
        has(&["atob(", "unescape(", "decodeuricomponent(", "fromcharcode", "uint8array", "parseint("]);
    let saves = has(&[
        "createobjecturl",
        "mssaveoropenblob",
        "mssaveblob",
        "new blob(",
        ".download=",
        ".download =",
        "navigator.mssave",
        "setattribute('download'",
        "setattribute(\"download\"",
        "new file(",
    ]);
    let writes =
        has(&["document.write(", "document.writeln(", "eval(", "innerhtml", "outerhtml", "document.open("]);
    let bulk = LONG_BASE64.is_match(lower);
    match (decodes, saves, writes) {
        (Some(decodes), Some(saves), _) => {
            found.sign(
                SignKind::Smuggling,
                &format!("decodes data ({decodes}) and offers it as a file ({saves})"),
            );
        }
        (Some(decodes), None, Some(writes)) => {
            found.sign(
                SignKind::Smuggling,
                &format!("decodes data ({decodes}) and writes the page from it ({writes})"),
            );
        }
        (None, Some(saves), _) if bulk => {
            found.sign(
                SignKind::Smuggling,
                &format!("holds a long block of data and offers a file ({saves})"),
            );
        }
        _ => {
            let data_file =
                between(lower, "href=\"data:application/", "\"").is_some_and(|data| data.len() > 1000);
            if data_file {
                found.sign(SignKind::Smuggling, "a link that holds the file itself (data:)");
            }
        }
    }
}

pub(super) fn examine_svg(bytes: &[u8], found: &mut Examination) {
    let text = super::magic::text_of(bytes.get(..bytes.len().min(LARGEST)).unwrap_or_default());
    let lower = text.to_ascii_lowercase();
    links(&text, found);
    if lower.contains("<script") || lower.contains("javascript:") || handler(&lower) {
        found.sign(SignKind::Script, "script in an image");
        smuggling(&lower, found);
        if LOCATION.is_match(&lower) {
            found.sign(SignKind::Redirect, "leads to another page by itself");
        }
    }
    if lower.contains("<foreignobject")
        && (lower.contains("<iframe") || lower.contains("<form") || lower.contains("<embed"))
    {
        found.sign(SignKind::CredentialForm, "a web page inside an image");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> Examination {
        let mut found = Examination::default();
        examine_html(text.as_bytes(), &mut found);
        found
    }

    #[test]
    fn pages_by_what_they_do() {
        assert!(
            html("<script>var b=new Blob([atob(x)]);a.href=URL.createObjectURL(b)</script>")
                .has(SignKind::Smuggling)
        );
        assert!(html("<script>document.write(unescape('%3C'))</script>").has(SignKind::Smuggling));
        assert!(html("<form><input name=p type='password'></form>").has(SignKind::CredentialForm));
        assert!(html("<meta http-equiv=refresh content='0;url=https://e.example/'>").has(SignKind::Redirect));
        let plain = html("<html><p>Hello <a href='https://example.com/?a=1&amp;b=2'>x</a></html>");
        assert_eq!(plain.signs, []);
        assert_eq!(plain.links, ["https://example.com/?a=1&b=2"]);
    }

    #[test]
    fn images_with_script() {
        let mut found = Examination::default();
        examine_svg(b"<svg><script>location='https://e.example'</script></svg>", &mut found);
        assert!(found.has(SignKind::Script) && found.has(SignKind::Redirect));
        let mut found = Examination::default();
        examine_svg(b"<svg><path d='M0 0'/></svg>", &mut found);
        assert!(found.signs.is_empty());
    }
}
