//! One command line of an SMTP client (RFC 5321 section 4.1). Hostile text in; a
//! command, or the reply that says what is wrong, out.

/// A command understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `EHLO` with its argument.
    Ehlo(String),
    /// `HELO` with its argument.
    Helo(String),
    /// `MAIL FROM`.
    Mail {
        /// Empty for the null sender.
        from: String,
        /// What SIZE declares.
        size: Option<u64>,
    },
    /// `RCPT TO` with its address.
    Rcpt(String),
    /// `DATA`.
    Data,
    /// `RSET`.
    Rset,
    /// `NOOP`.
    Noop,
    /// `VRFY`.
    Vrfy,
    /// `HELP`.
    Help,
    /// `STARTTLS` (RFC 3207).
    StartTls,
    /// `QUIT`.
    Quit,
}

/// Reads one line without its CRLF.
///
/// # Errors
/// The reply to give instead (RFC 5321 section 4.2): code, enhanced code and words.
pub fn parse(line: &[u8]) -> Result<Command, &'static str> {
    let line = std::str::from_utf8(line).map_err(|_| "501 5.5.2 the line is not UTF-8")?;
    if line.contains(|c: char| c.is_control() && c != '\t') {
        return Err("501 5.5.2 the line holds a control character");
    }
    let (verb, rest) = line.split_at(line.find([' ', '\t']).unwrap_or(line.len()));
    let rest = rest.trim();
    let alone = |command: Command| match rest {
        "" => Ok(command),
        _ => Err("501 5.5.4 the command takes no parameter"),
    };
    match verb.to_ascii_uppercase().as_str() {
        "EHLO" => name(rest).map(Command::Ehlo),
        "HELO" => name(rest).map(Command::Helo),
        "MAIL" => mail(rest),
        "RCPT" => rcpt(rest),
        "DATA" => alone(Command::Data),
        "RSET" => alone(Command::Rset),
        "QUIT" => alone(Command::Quit),
        "STARTTLS" => alone(Command::StartTls),
        "NOOP" => Ok(Command::Noop),
        "VRFY" => Ok(Command::Vrfy),
        "HELP" => Ok(Command::Help),
        "EXPN" | "TURN" | "ETRN" | "BDAT" | "AUTH" => Err("502 5.5.1 not offered here"),
        _ => Err("500 5.5.1 no command known here"),
    }
}

fn name(rest: &str) -> Result<String, &'static str> {
    match rest.split_whitespace().next() {
        Some(name) if name.len() <= 255 => Ok(name.to_owned()),
        Some(_) => Err("501 5.5.4 the name is longer than 255 octets"),
        None => Err("501 5.5.4 give a name"),
    }
}

fn mail(rest: &str) -> Result<Command, &'static str> {
    let (from, parameters) = path(rest, "FROM:")?;
    let mut size = None;
    for parameter in parameters.split_whitespace() {
        let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match key.to_ascii_uppercase().as_str() {
            "SIZE" => size = Some(value.parse().map_err(|_| "501 5.5.4 SIZE is no number")?),
            "BODY" if value.eq_ignore_ascii_case("7BIT") || value.eq_ignore_ascii_case("8BITMIME") => {}
            "SMTPUTF8" if value.is_empty() => {}
            _ => return Err("555 5.5.4 a parameter is not offered here"),
        }
    }
    Ok(Command::Mail { from, size })
}

fn rcpt(rest: &str) -> Result<Command, &'static str> {
    let (to, parameters) = path(rest, "TO:")?;
    match (to.is_empty(), parameters.is_empty()) {
        (true, _) => Err("501 5.1.3 the recipient is empty"),
        (false, false) => Err("555 5.5.4 a parameter is not offered here"),
        (false, true) => Ok(Command::Rcpt(to)),
    }
}

/// `FROM:<address> parameters`; a space behind the colon is forgiven, as servers do.
fn path<'l>(rest: &'l str, key: &str) -> Result<(String, &'l str), &'static str> {
    const WRONG: &str = "501 5.5.4 write MAIL FROM:<address> or RCPT TO:<address>";
    let named = rest.get(..key.len()).filter(|start| start.eq_ignore_ascii_case(key)).ok_or(WRONG)?;
    let path = rest[named.len()..].trim_start().strip_prefix('<').ok_or(WRONG)?;
    let (address, parameters) = path.split_once('>').ok_or(WRONG)?;
    // RFC 5321 section 4.5.3.1.3, in octets; without a source route, which is ignored (appendix C).
    let address = match address.strip_prefix('@') {
        Some(route) => route.split_once(':').ok_or(WRONG)?.1,
        None => address,
    };
    if address.len() > 320 || address.contains(['<', ' ', '\t']) {
        return Err("501 5.1.7 the address is too long or holds a space");
    }
    Ok((address.to_owned(), parameters.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands() {
        let mail = |from: &str, size| Ok(Command::Mail { from: from.to_owned(), size });
        assert_eq!(parse(b"ehlo mail.example.com"), Ok(Command::Ehlo("mail.example.com".to_owned())));
        assert_eq!(parse(b"MAIL FROM:<> SIZE=12 BODY=8bitmime SMTPUTF8"), mail("", Some(12)));
        assert_eq!(parse(b"mail from: <a@b.example>"), mail("a@b.example", None));
        assert_eq!(parse(b"RCPT TO:<@x.example:a@b.example>"), Ok(Command::Rcpt("a@b.example".to_owned())));
        assert_eq!(parse(b"QUIT"), Ok(Command::Quit));
        for wrong in [
            &b"EHLO"[..],
            b"",
            b"MAIL",
            b"MAIL FROM:a@b",
            b"MAIL FROM:<a@b> SIZE=x",
            b"MAIL FROM:<a@b> FOO=1",
            b"RCPT TO:<>",
            b"RCPT TO:<a b@c>",
            b"RCPT TO:<a@b> NOTIFY=NEVER",
            b"DATA now",
            b"EHLO a\0b",
            b"EHLO \xff",
            "MAIL ÄÖÜ:<a@b>".as_bytes(),
            b"AUTH PLAIN x",
        ] {
            let reply = parse(wrong).unwrap_err();
            assert!(reply.starts_with('5') && reply.is_ascii(), "{wrong:?}: {reply}");
        }
    }
}
