//! Links that a mail gateway rewrote so that it sees the click: what stands inside is where
//! they lead. The gateways' own forms; one that hides its target says only the domain, or nothing.

use std::borrow::Cow;

use base64::Engine as _;
use percent_encoding::percent_decode_str;

/// What a gateway's link says of its target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rewritten {
    /// The whole address.
    Target(String),
    /// A host and no more, or nothing: the rest is the gateway's secret.
    Opaque(Option<String>),
}

/// Gateways nest where mail passes several.
const MOST_LAYERS: usize = 4;

/// The address behind one or more gateways; `None` where no gateway rewrote the link.
pub(crate) fn unwrapped(link: &str) -> Option<Rewritten> {
    let mut inner = layer(link)?;
    for _ in 1..MOST_LAYERS {
        let Rewritten::Target(target) = &inner else { break };
        match layer(target) {
            Some(deeper) => inner = deeper,
            None => break,
        }
    }
    Some(inner)
}

fn layer(link: &str) -> Option<Rewritten> {
    let link = link.trim();
    if link.len() > super::url::LONGEST {
        return None;
    }
    let (scheme, rest) = link.split_once("://")?;
    if !(scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")) {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = rest.get(..end)?.to_ascii_lowercase();
    let tail = rest.get(end..)?;
    let query = tail.split_once('?').map_or("", |(_, query)| query);
    let whole = |name: &str| parameter(query, name).and_then(|value| address(&value));
    let below = |domain: &str| host == domain || host.strip_suffix(domain).is_some_and(|h| h.ends_with('.'));
    let found = match () {
        // Microsoft Safe Links.
        () if below("safelinks.protection.outlook.com") || below("safelinks.protection.office365.us") => {
            whole("url")
        }
        // Proofpoint URL Defense, versions 1 to 3.
        () if below("urldefense.com") || below("urldefense.proofpoint.com") || below("urldefense.us") => {
            proofpoint(tail, query)
        }
        // Barracuda, Cisco, Trend Micro, FireEye and Trellix, Symantec and Broadcom, Trustwave, Vade, Retarus.
        () if below("linkprotect.cudasvc.com") => whole("a"),
        () if below("secure-web.cisco.com") => last_address(tail),
        () if below("trendmicro.com") && (host.contains("imsva") || host.contains("ctp")) => whole("url"),
        () if below("protect.fireeye.com")
            || below("protect2.fireeye.com")
            || below("protect.checkpoint.com") =>
        {
            whole("u").or_else(|| last_address(tail))
        }
        () if below("clicktime.symantec.com") || below("clicktime.cloud.postoffice.net") => whole("u"),
        () if below("scanmail.trustwave.com") => whole("u"),
        () if below("protection.sophos.com") => sophos(query),
        () if below("mimecastprotect.com") || below("mimecast.com") => {
            return Some(Rewritten::Opaque(parameter(query, "domain").map(Cow::into_owned)));
        }
        () if below("protection.retarus.com")
            || below("url.emailprotection.link")
            || below("securence.com") =>
        {
            whole("url").or_else(|| whole("u"))
        }
        () => return None,
    };
    Some(found.map_or(Rewritten::Opaque(None), Rewritten::Target))
}

/// A parameter's value, decoded once.
fn parameter<'q>(query: &'q str, name: &str) -> Option<Cow<'q, str>> {
    query
        .split(['&', ';'])
        .filter_map(|pair| pair.strip_prefix("amp;").unwrap_or(pair).split_once('='))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| percent_decode_str(value).decode_utf8_lossy())
}

/// A web address, perhaps encoded once more.
fn address(value: &str) -> Option<String> {
    let is_web = |text: &str| {
        let lower = text.get(..8.min(text.len())).unwrap_or_default().to_ascii_lowercase();
        lower.starts_with("http:") || lower.starts_with("https:")
    };
    if is_web(value) {
        return Some(value.to_owned());
    }
    let decoded = percent_decode_str(value).decode_utf8_lossy();
    is_web(&decoded).then(|| decoded.into_owned())
}

/// `/v3/__https://a.example/b__;!!KEY`, `/v2/url?u=https-3A__a.example_b`, `/v1/url?u=...`.
fn proofpoint(tail: &str, query: &str) -> Option<String> {
    if let Some(rest) = tail.strip_prefix("/v3/__") {
        let target = rest.rsplit_once("__;").map_or(rest, |(target, _)| target);
        // Characters that were replaced stand as `*`; what they were is no part of the host.
        return address(target).map(|target| match target.split_once(":/") {
            // Some relays make `https:/a.example` of it.
            Some((scheme, rest)) if !rest.starts_with('/') => format!("{scheme}://{rest}"),
            _ => target,
        });
    }
    let coded = parameter(query, "u")?;
    if tail.starts_with("/v2/") {
        let plain = coded.replace('-', "%").replace('_', "/");
        return address(&percent_decode_str(&plain).decode_utf8_lossy());
    }
    address(&coded)
}

/// `https://secure-web.cisco.com/KEY/https%3A%2F%2Fa.example%2Fb`.
fn last_address(tail: &str) -> Option<String> {
    let last =
        tail.rsplit('/').find(|piece| piece.len() > 10 && piece.to_ascii_lowercase().starts_with("http"))?;
    address(last)
}

/// `?d=a.example&u=BASE64`.
fn sophos(query: &str) -> Option<String> {
    let coded = parameter(query, "u")?;
    let bytes = base64::engine::general_purpose::STANDARD_NO_PAD.decode(coded.trim_end_matches('=')).ok()?;
    address(&String::from_utf8_lossy(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gateways_are_looked_behind() {
        let target = |link: &str| match unwrapped(link) {
            Some(Rewritten::Target(target)) => target,
            other => format!("{other:?}"),
        };
        for link in [
            "https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.example%2Fb&data=05",
            "https://urldefense.com/v3/__https://a.example/b__;!!AbC$",
            "https://urldefense.com/v3/__https:/a.example/b__;!!AbC$",
            "https://urldefense.proofpoint.com/v2/url?u=https-3A__a.example_b&d=DwMFaQ",
            "https://urldefense.proofpoint.com/v1/url?u=https%3A%2F%2Fa.example%2Fb&k=1",
            "https://linkprotect.cudasvc.com/url?a=https%3a%2f%2fa.example%2fb&c=E,1",
            "https://secure-web.cisco.com/1abcdefghijklmnop/https%3A%2F%2Fa.example%2Fb",
            "https://imsva91-ctp.trendmicro.com/wis/clicktime/v1/query?url=https%3a%2f%2fa.example%2fb&umid=1",
            "https://eu-west-1.protection.sophos.com/?d=a.example&u=aHR0cHM6Ly9hLmV4YW1wbGUvYg==&i=1",
            "https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Furldefense.com%2Fv3%2F__https%3A%2F%2Fa.example%2Fb__%3B!!A%24",
        ] {
            assert_eq!(target(link), "https://a.example/b", "{link}");
        }
        assert_eq!(
            unwrapped("https://url.za.m.mimecastprotect.com/s/AbC?domain=a.example"),
            Some(Rewritten::Opaque(Some("a.example".to_owned())))
        );
        for other in [
            "https://evil.example/?url=https%3A%2F%2Fa.example",
            "https://notsafelinks.protection.outlook.com.evil.example/?url=x",
            "mailto:a@example.com",
            "",
        ] {
            assert_eq!(unwrapped(other), None, "{other}");
        }
    }
}
