//! The answer of `mailvet mx` for people.

use super::style::Look;
use super::{escape, finding_block, server};
use crate::facts::transport::mx::MxFacts;
use crate::facts::transport::servers::Server;
use crate::judge::finding::CheckResult;
use crate::model::{Gap, Name, Severity};

/// Everything the command shows.
pub(crate) struct MxView<'f> {
    pub domain: &'f Name,
    pub mx: Result<&'f MxFacts, Gap>,
    /// Empty without `--probe`.
    pub servers: &'f [Server],
    pub results: &'f [CheckResult],
    pub now: i64,
}

pub(crate) fn mx(view: &MxView, look: Look) -> String {
    let mut out = headline(view, look);
    if let Ok(mx) = &view.mx {
        for host in mx.hosts.iter().filter(|host| !host.name.is_root()) {
            let name = escape::terminal(&host.name.unicode());
            let addresses = match &host.addresses {
                Ok(list) if list.is_empty() => look.severity(Severity::Medium, "no address"),
                Ok(list) => list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
                Err(gap) => format!("unknown: {}", escape::terminal(&gap.to_string())),
            };
            out.push_str(&format!("  {:>5}  {}  {addresses}\n", host.preference, look.bold(&name)));
        }
        if let Some(Ok(addresses)) = &mx.implicit
            && !addresses.is_empty()
        {
            let list: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            out.push_str(&format!("  no MX record: mail goes to the domain itself, {}\n", list.join(", ")));
        }
    }
    if look.quiet {
        return out;
    }
    out.push_str(&servers(view.servers, view.now, look));
    out.push_str(&finding_block::findings(view.results, look));
    out
}

fn headline(view: &MxView, look: Look) -> String {
    let domain = look.bold(&escape::terminal(&view.domain.unicode()));
    match &view.mx {
        Err(gap) => {
            let text = format!("unknown: {}", escape::terminal(&gap.to_string()));
            format!("{domain}  {}\n", look.severity(Severity::Medium, &text))
        }
        Ok(mx) if mx.is_null() => format!("{domain}  takes no mail (null MX)\n"),
        Ok(mx) => match mx.hosts.len() {
            0 => format!("{domain}  no MX record\n"),
            1 => format!("{domain}  1 MX host\n"),
            count => format!("{domain}  {count} MX hosts\n"),
        },
    }
}

/// One block for each address spoken to.
pub(crate) fn servers(servers: &[Server], now: i64, look: Look) -> String {
    let mut out = String::new();
    for one in servers {
        let Ok(session) = &one.session else { continue };
        out.push_str(&format!("\n{}  {}\n", look.bold(&server::title(one)), server::state(session, look)));
        out.push_str(&server::details(one, session, now, look));
        for exchange in session.asked() {
            let text = format!("{}  {}", exchange.sent, exchange.text());
            out.push_str(&server::row(if exchange.is_accepted() { "takes" } else { "refuses" }, &text, look));
        }
        if look.verbose {
            out.push_str(&server::dialogue(session, look));
        }
    }
    out
}
