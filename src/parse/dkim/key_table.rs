//! The files that tell a signer which private key signs for which domain:
//! OpenDKIM's KeyTable and the maps of rspamd's dkim_signing module.

use crate::model::untrusted::Width;

/// One private key of the signer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyTableEntry {
    /// From 1.
    pub line: u32,
    /// The signing domain (`d=`); for OpenDKIM's `%`, the domain that the entry's name holds.
    pub domain: String,
    /// `None` where the map does not say; rspamd keeps it in another map.
    pub selector: Option<String>,
    /// The private key's file, as written.
    pub path: String,
}

/// A line that is neither form; for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "line {line}: {shown:?} is neither \"name domain:selector:/path\" (OpenDKIM KeyTable) nor \
     \"domain /path\" (rspamd map)"
)]
pub struct KeyTableError {
    /// From 1.
    pub line: u32,
    /// The line, cut to a readable length.
    pub shown: String,
}

/// Reads all lines; comments (`#`) and empty lines are passed over.
///
/// # Errors
/// The first line of neither form.
pub fn parse(text: &str) -> Result<Vec<KeyTableEntry>, KeyTableError> {
    let mut entries = Vec::new();
    for (index, raw) in text.lines().enumerate() {
        let line = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let content = raw.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let wrong = || KeyTableError { line, shown: crate::model::untrusted::plain(content, Width::Name) };
        let (name, rest) = content.split_once(char::is_whitespace).ok_or_else(wrong)?;
        let rest = rest.trim().trim_matches('"');
        let entry = match rest.splitn(3, ':').collect::<Vec<_>>().as_slice() {
            [domain, selector, path] if !selector.is_empty() && !path.is_empty() => KeyTableEntry {
                line,
                // A percent sign stands for the sender's domain, which only the name can tell.
                domain: if *domain == "%" { of_name(name) } else { (*domain).to_owned() },
                selector: Some((*selector).to_owned()),
                path: (*path).to_owned(),
            },
            [path] if !path.is_empty() && !path.contains(char::is_whitespace) => KeyTableEntry {
                line,
                domain: name.to_owned(),
                selector: selector_of(name, path),
                path: (*path).to_owned(),
            },
            _ => return Err(wrong()),
        };
        entries.push(entry);
    }
    Ok(entries)
}

/// `s1._domainkey.example.com` is how KeyTable names are usually formed.
fn of_name(name: &str) -> String {
    name.split_once("._domainkey.").map_or(name, |(_, domain)| domain).to_owned()
}

/// rspamd's default file name is `$domain.$selector.key`; `$selector.key` is common too.
fn selector_of(domain: &str, path: &str) -> Option<String> {
    let file = path.rsplit('/').next()?;
    let stem = ["key", "private", "pem"].iter().find_map(|end| file.strip_suffix(&format!(".{end}")))?;
    let selector = stem.strip_prefix(domain).map_or(stem, |rest| rest.trim_start_matches('.'));
    (!selector.is_empty() && !selector.contains(['$', '/'])).then(|| selector.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let text = "# keys\n\ns1._domainkey.example.com example.com:s1:/etc/keys/s1.private\n\
                    example.org /var/lib/rspamd/dkim/example.org.mail.key\nexample.net \"/keys/$domain.key\"\n";
        let entries = parse(text).unwrap();
        assert_eq!(entries[0].selector.as_deref(), Some("s1"));
        assert_eq!(
            (entries[1].domain.as_str(), entries[1].selector.as_deref()),
            ("example.org", Some("mail"))
        );
        assert_eq!((entries[2].line, entries[2].selector.as_deref()), (5, None));
        assert_eq!(parse("k %:s2:/x\n").unwrap()[0].domain, "k");
        assert_eq!(parse("\nnonsense\n").unwrap_err().line, 2);
    }
}
