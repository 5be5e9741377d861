//! The `_mta-sts` TXT record (RFC 8461 section 3.1) and the `_smtp._tls` one
//! (RFC 8460 section 3): both are `v=` first, then tags.

use crate::model::untrusted::Width;

/// A record that announces itself as one of the two, read strictly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagRecord {
    /// The tags after the version, in order, names lower case.
    pub tags: Vec<(String, String)>,
}

/// True where a TXT record claims to be `version`, however broken the rest is.
pub fn announces(text: &[u8], version: &str) -> bool {
    let lower = String::from_utf8_lossy(text).to_ascii_lowercase();
    let Some(rest) = lower.trim_start().strip_prefix("v") else { return false };
    let Some(rest) = rest.trim_start().strip_prefix('=') else { return false };
    rest.trim_start().starts_with(&version.to_ascii_lowercase())
}

/// Splits `v=VERSION; tag=value; ...`; the message says what is wrong and where.
pub(crate) fn tags(text: &[u8], version: &str) -> Result<TagRecord, String> {
    let Ok(text) = std::str::from_utf8(text) else {
        return Err("the record holds bytes outside ASCII".to_owned());
    };
    if !text.is_ascii() {
        return Err("the record holds characters outside ASCII".to_owned());
    }
    let mut fields = text.split(';');
    let first = fields.next().unwrap_or_default();
    if first.trim_end_matches([' ', '\t']) != format!("v={version}") {
        let shown = crate::model::untrusted::plain(first, Width::Word);
        return Err(format!("it must start with v={version}, exactly so, and starts with {shown:?}"));
    }
    let mut tags = Vec::new();
    for field in fields {
        let field = field.trim_matches([' ', '\t']);
        if field.is_empty() {
            continue;
        }
        let shown = crate::model::untrusted::plain(field, Width::Name);
        let Some((name, value)) = field.split_once('=') else {
            return Err(format!("{shown:?} is no tag; write tag=value, separated by semicolons"));
        };
        let name = name.trim_end_matches([' ', '\t']);
        let valid = !name.is_empty()
            && name.len() <= 32
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
        if !valid {
            return Err(format!("{shown:?} has no valid tag name"));
        }
        tags.push((name.to_ascii_lowercase(), value.trim_matches([' ', '\t']).to_owned()));
    }
    Ok(TagRecord { tags })
}

/// The `id` of an `_mta-sts` record: one to 32 letters and digits.
///
/// # Errors
/// What is wrong with the record, for people.
pub fn policy_id(text: &[u8]) -> Result<String, String> {
    let record = tags(text, "STSv1")?;
    let mut ids = record.tags.iter().filter(|(name, _)| name == "id");
    match (ids.next(), ids.next()) {
        (None, _) => Err("the tag id is missing; without it no sender fetches the policy".to_owned()),
        (Some(_), Some(_)) => Err("the tag id stands twice".to_owned()),
        (Some((_, id)), None) => {
            if (1..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                Ok(id.clone())
            } else {
                let shown = crate::model::untrusted::plain(id, Width::Word);
                Err(format!("id={shown} is not 1 to 32 letters and digits"))
            }
        }
    }
}

/// The report addresses of a `_smtp._tls` record: `mailto:` or `https:` URIs.
///
/// # Errors
/// What is wrong with the record, for people.
pub fn report_uris(text: &[u8]) -> Result<Vec<String>, String> {
    let record = tags(text, "TLSRPTv1")?;
    let Some((_, uris)) = record.tags.iter().find(|(name, _)| name == "rua") else {
        return Err("the tag rua is missing; nobody is told where to send reports".to_owned());
    };
    let uris: Vec<String> = uris.split(',').map(|uri| uri.trim().to_owned()).collect();
    for uri in &uris {
        let lower = uri.to_ascii_lowercase();
        let valid = match lower.strip_prefix("mailto:") {
            Some(address) => address.split_once('@').is_some_and(|(l, d)| !l.is_empty() && d.contains('.')),
            None => lower.strip_prefix("https://").is_some_and(|rest| !rest.is_empty()),
        };
        if !valid {
            let shown = crate::model::untrusted::plain(uri, Width::Name);
            return Err(format!("{shown:?} is neither a mailto: nor an https: URI"));
        }
    }
    Ok(uris)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        assert_eq!(policy_id(b"v=STSv1; id=20240101T000000;").unwrap(), "20240101T000000");
        assert_eq!(policy_id(b"v=STSv1;id=1").unwrap(), "1");
        assert!(policy_id(b"v=STSv1").unwrap_err().contains("id is missing"));
        assert!(policy_id(b"v=STSv1; id=a-b").is_err());
        assert!(policy_id(b"v=stsv1; id=1").is_err());
        assert!(announces(b"V = stsv1", "STSv1") && !announces(b"v=spf1", "STSv1"));
    }

    #[test]
    fn report_addresses() {
        let uris = report_uris(b"v=TLSRPTv1; rua=mailto:a@b.example, https://c.example/x").unwrap();
        assert_eq!(uris.len(), 2);
        assert!(report_uris(b"v=TLSRPTv1; rua=a@b.example").is_err());
        assert!(report_uris(b"v=TLSRPTv1").is_err());
    }
}
