//! The flags of commands that talk to hosts: whether, as whom, and where to.

use std::net::SocketAddr;

use anyhow::{Context as _, bail};
use clap::Args;

use super::session::Session;
use crate::model::scope::ConnectTo;
use crate::model::untrusted::{Width, plain};
use crate::model::{Name, Scope, Target};

/// `--probe` and where its connections go.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Talking to hosts")]
pub struct ProbeArgs {
    /// Talk SMTP to the hosts found, fetch the MTA-STS policy and BIMI files; no mail is ever sent
    #[arg(long)]
    pub probe: bool,
    #[command(flatten)]
    pub reach: ReachArgs,
}

/// The domain whose MX hosts are meant, and how to talk to them.
#[derive(Clone, Debug, Default, Args)]
pub struct MailDomainArgs {
    /// The domain that mail is sent to, such as example.com
    pub domain: Option<String>,
    /// The name to give in EHLO; best one that leads to this machine
    #[arg(long, value_name = "NAME", value_parser = helo)]
    pub helo: Option<String>,
    #[command(flatten)]
    pub probe: ProbeArgs,
}

impl MailDomainArgs {
    /// `instead`: something else names the domain, such as a recording.
    pub fn target(&self, instead: bool) -> anyhow::Result<Target> {
        if self.domain.is_none() && !instead {
            bail!("no domain is given; name the one that mail is sent to, such as example.com");
        }
        let domain = self.domain.as_deref().map(Name::parse).transpose().context("DOMAIN")?;
        Ok(Target { domain, helo: self.helo.clone(), ..Target::default() })
    }
}

/// Where connections go.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Talking to hosts")]
pub struct ReachArgs {
    /// Connect elsewhere for HOST and PORT, as curl does; either may be empty for any; may be repeated
    #[arg(long, value_name = "HOST:PORT:ADDR:PORT", hide_short_help = true)]
    pub connect_to: Vec<String>,
}

impl ProbeArgs {
    pub fn apply(&self, session: &Session, scope: &mut Scope) -> anyhow::Result<()> {
        scope.probe = self.probe;
        self.reach.apply(session, scope)
    }
}

impl ReachArgs {
    pub fn apply(&self, session: &Session, scope: &mut Scope) -> anyhow::Result<()> {
        scope.roots = session.authorities()?;
        scope.dialogue.connect_to =
            self.connect_to.iter().map(|text| rule(text)).collect::<anyhow::Result<_>>()?;
        Ok(())
    }
}

fn rule(text: &str) -> anyhow::Result<ConnectTo> {
    let wrong = || {
        anyhow::anyhow!(
            "--connect-to {:?}: write HOST:PORT:ADDR:PORT, such as mx.example.com:25:192.0.2.7:2525",
            plain(text, Width::Name)
        )
    };
    let mut parts = text.splitn(3, ':');
    let (Some(host), Some(port), Some(to)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(wrong());
    };
    let host = if host.is_empty() { None } else { Some(Name::parse(host)?) };
    let port = if port.is_empty() { None } else { Some(port.parse::<u16>().map_err(|_| wrong())?) };
    let to: SocketAddr = to.parse().map_err(|_| wrong())?;
    if to.port() == 0 {
        bail!("--connect-to {:?}: port 0 cannot be connected to", plain(text, Width::Name));
    }
    Ok(ConnectTo { host, port, to })
}

/// A name for EHLO, or an address literal.
pub(super) fn helo(text: &str) -> Result<String, String> {
    let valid = (1..=255).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._[]:".contains(&byte));
    if valid { Ok(text.to_owned()) } else { Err("give a host name such as mail.example.com".to_owned()) }
}

/// A DKIM selector: one label of a name or several (RFC 6376 section 3.1).
pub(super) fn selector(text: &str) -> Result<String, String> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    match text.len() <= 200 && text.split('.').all(label) {
        true => Ok(text.to_owned()),
        false => Err("give the s= of a signature: labels of a name, such as s1 or mail.2026".to_owned()),
    }
}

/// An envelope sender to judge by: an address, or `<>`.
pub(super) fn mail_from(text: &str) -> Result<String, String> {
    let bare = text.trim().trim_start_matches('<').trim_end_matches('>');
    let whole = bare.rsplit_once('@').is_some_and(|(_, domain)| !domain.is_empty());
    match whole || text.trim() == "<>" {
        true => Ok(text.to_owned()),
        false => Err("give an address such as bounces@example.com, or <> for the null sender".to_owned()),
    }
}

/// An address for MAIL FROM or RCPT TO; `<>` is the null sender.
pub(super) fn mailbox(text: &str) -> Result<String, String> {
    let bare = text.trim().trim_start_matches('<').trim_end_matches('>');
    let valid = bare.is_empty()
        || (bare.contains('@') && bare.len() <= 320 && bare.bytes().all(|byte| (0x21..0x7f).contains(&byte)));
    if valid { Ok(bare.to_owned()) } else { Err("give an address such as user@example.com".to_owned()) }
}

/// The sender of a message that is really sent; `<>` is the null sender.
pub(super) fn sender(text: &str) -> Result<String, String> {
    if text.trim() == "<>" { Ok(String::new()) } else { recipient(text) }
}

/// A recipient of a message that is really sent: one address, ASCII or not, that
/// cannot end its command (RFC 5321 section 4.5.3.1, RFC 6531 section 3.3).
pub(super) fn recipient(text: &str) -> Result<String, String> {
    let text = text.trim();
    let bare = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text);
    let wrong = |why: &str| Err(format!("{why}; give one address such as user@example.com"));
    let Some((local, domain)) = bare.rsplit_once('@') else { return wrong("it has no @") };
    if local.is_empty() || domain.is_empty() {
        return wrong("a side of the @ is empty");
    }
    if local.len() > 64 || domain.len() > 255 {
        return wrong("it is longer than 64 octets before the @ or 255 behind it");
    }
    let bad =
        |c: char| c.is_whitespace() || matches!(c, '<' | '>') || crate::model::untrusted::is_unprintable(c);
    if bare.contains(bad) {
        return wrong("it holds a space, an angle bracket or a control character");
    }
    Ok(bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        let one = rule("mx.example.com:25:127.0.0.1:2525").unwrap();
        assert_eq!((one.port, one.to.port()), (Some(25), 2525));
        assert_eq!(rule("::[::1]:25").unwrap().host, None);
        for wrong in ["", "a", "a:25", "a:25:b:25", "a:x:127.0.0.1:1", "a:25:127.0.0.1:0"] {
            assert!(rule(wrong).is_err(), "{wrong}");
        }
        assert!(helo("a b").is_err() && helo("[192.0.2.1]").is_ok());
        assert!(mailbox("a@b.example\r\nDATA").is_err() && mailbox("<>").is_ok() && mailbox("a").is_err());
    }

    #[test]
    fn addresses_of_an_envelope() {
        assert_eq!(sender("<>").unwrap(), "");
        assert_eq!(sender("a@b.example").unwrap(), "a@b.example");
        assert_eq!(recipient("<ü@bücher.example>").unwrap(), "ü@bücher.example");
        for wrong in
            ["", "<>", "a", "a@", "@b", "a@b\r\nRCPT TO:<c@d>", "a b@c", "a@b>\u{202e}", "a@b> SIZE=1"]
        {
            assert!(recipient(wrong).is_err(), "{wrong:?}");
        }
        assert!(recipient(&format!("{}@example.com", "a".repeat(65))).is_err());
        assert!(recipient(&format!("a@{}", "b".repeat(256))).is_err());
    }
}
