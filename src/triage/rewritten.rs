//! Envelope senders that a forwarder or the sender's own server wrote anew: the Sender Rewriting
//! Scheme (SRS0, SRS1) and BATV (`prvs=`). Pure.

/// The address that stood there before; `None` where it was not rewritten.
pub(crate) fn before(sender: &str) -> Option<String> {
    let (local, _) = sender.rsplit_once('@')?;
    let scheme = local.get(..5)?.to_ascii_uppercase();
    match scheme.as_str() {
        // SRS0=hash=day=domain=local; the separator behind the scheme may be `+` or `-`.
        "SRS0=" | "SRS0+" | "SRS0-" => srs0(&local[5..]),
        // SRS1=hash=forwarder==hash=day=domain=local
        "SRS1=" | "SRS1+" | "SRS1-" => {
            let (_, inner) = local[5..].split_once('=')?;
            let at = ["==", "=+", "=-"].iter().filter_map(|mark| inner.find(mark)).min()?;
            srs0(&inner[at + 2..])
        }
        // prvs=tag=local@domain
        "PRVS=" => {
            let (_, own) = local[5..].split_once('=')?;
            let domain = &sender[local.len() + 1..];
            (!own.is_empty()).then(|| format!("{own}@{domain}"))
        }
        _ => None,
    }
}

fn srs0(rest: &str) -> Option<String> {
    let mut parts = rest.splitn(4, '=');
    let (_hash, _day, domain, local) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    (!domain.is_empty() && !local.is_empty()).then(|| format!("{local}@{domain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stood_before() {
        for (sender, written) in [
            ("SRS0=Qx1Z=GL=partner.example.org=bob@kontor.example", Some("bob@partner.example.org")),
            ("srs0+ab12=7T=example.net=a=b@fwd.example", Some("a=b@example.net")),
            (
                "SRS1=XyZ9=fwd.example==Qx1Z=GL=partner.example.org=bob@next.example",
                Some("bob@partner.example.org"),
            ),
            ("prvs=0123abcd=ann@example.org", Some("ann@example.org")),
            ("prvs==@example.org", None),
            ("SRS0=a=b=c@example.org", None),
            ("SRS0=@example.org", None),
            ("bob@example.org", None),
            ("SRS0", None),
            ("é@example.org", None),
            ("", None),
        ] {
            assert_eq!(before(sender).as_deref(), written, "{sender}");
        }
    }
}
