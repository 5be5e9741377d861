//! What Exchange puts into a recipient's status while mail waits: `{LED=last error};{MSG=};{FQDN=next hop};
//! {IP=its address};{LRT=last retry}`, in any order and with or without brackets around the whole.

use memchr::memmem;

/// The last error, and the server that was tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Detail<'t> {
    pub error: &'t [u8],
    pub host: &'t [u8],
    pub ip: &'t [u8],
}

/// `None` where the status is an ordinary one.
pub(super) fn read(status: &[u8]) -> Option<Detail<'_>> {
    let error = value(status, b"{LED=", b'}')?;
    let attempted = memmem::find(error, b" [LastAttempted").unwrap_or(error.len());
    let host = value(status, b"{FQDN=", b'}').or_else(|| value(error, b"[LastAttemptedServerName=", b']'));
    let ip = value(status, b"{IP=", b'}').or_else(|| value(error, b"[LastAttemptedIP=", b']'));
    Some(Detail {
        error: error[..attempted].trim_ascii(),
        host: host.unwrap_or_default(),
        ip: without_port(ip.unwrap_or_default()),
    })
}

fn value<'t>(text: &'t [u8], key: &[u8], end: u8) -> Option<&'t [u8]> {
    let from = memmem::find(text, key)? + key.len();
    let rest = text.get(from..)?;
    let value = &rest[..memchr::memchr(end, rest).unwrap_or(rest.len())];
    Some(value.trim_ascii()).filter(|value| !value.is_empty())
}

/// `192.0.2.9:25`; an IPv6 address has colons of its own.
fn without_port(ip: &[u8]) -> &[u8] {
    match memchr::memchr_iter(b':', ip).count() {
        1 => &ip[..memchr::memchr(b':', ip).unwrap_or(ip.len())],
        _ => ip,
    }
}

/// Statuses that are pieces of one record: each begins where the first key comes again.
pub(super) fn whole<'t>(text: &'t [u8], pieces: &[&'t [u8]]) -> Vec<&'t [u8]> {
    let Some(first) = pieces.first().filter(|piece| piece.starts_with(b"{")) else { return pieces.to_vec() };
    let key = &first[..memchr::memchr(b'=', first).unwrap_or(first.len())];
    let place = |piece: &[u8]| (piece.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let mut starts: Vec<usize> = pieces.iter().filter(|p| p.starts_with(key)).map(|p| place(p)).collect();
    starts.push(text.len());
    starts.windows(2).filter_map(|pair| text.get(pair[0]..pair[1])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_that_was_tried_is_the_next_hop() {
        for status in [
            "{LED=451 4.7.0 Try later};{MSG=};{FQDN=smart.example.com};{IP=192.0.2.9};{LRT=3/10/2026 9:00:10 AM}",
            "[{LRT=3/10/2026};{LED=451 4.7.0 Try later [LastAttemptedServerName=x.example.com]};{FQDN=smart.example.com};{IP=192.0.2.9}]",
            "{LRT=1};{LED=451 4.7.0 Try later [LastAttemptedServerName=smart.example.com] [LastAttemptedIP=192.0.2.9:25]}",
        ] {
            let read = read(status.as_bytes()).unwrap();
            assert_eq!(
                (read.error, read.host, read.ip),
                (&b"451 4.7.0 Try later"[..], &b"smart.example.com"[..], &b"192.0.2.9"[..]),
                "{status}"
            );
        }
        assert_eq!(read(b"250 2.1.5 Recipient OK"), None);
        assert_eq!(read(b"{LED=}"), None);
        assert_eq!(read(b"{LED=x};{IP=2001:db8::1}").unwrap().ip, b"2001:db8::1");
        assert_eq!(read(b"{LED=x").unwrap().error, b"x");
    }

    #[test]
    fn pieces_of_one_record_belong_together() {
        let text = b"{LED=a};{FQDN=h};{LED=b};{FQDN=i}";
        let pieces = [&text[0..7], &text[8..16], &text[17..24], &text[25..33]];
        assert_eq!(whole(text, &pieces), [&b"{LED=a};{FQDN=h};"[..], b"{LED=b};{FQDN=i}"]);
        assert_eq!(whole(b"250 ok;250 ok", &[b"250 ok", b"250 ok"]).len(), 2);
        assert!(whole(b"", &[]).is_empty());
    }
}
