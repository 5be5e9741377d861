//! What a mail system calls its work on the queue: commands a reader can paste.

/// The command that lists the queue of a mail system.
pub(crate) fn listing(system: &str) -> Option<&'static str> {
    Some(match system {
        "postfix" => "postqueue -p",
        "exim" => "exim -bp",
        "sendmail" | "courier" => "mailq",
        "qmail" => "qmail-qread",
        "opensmtpd" => "smtpctl show queue",
        "exchange" | "exchange-tracking" | "exchange-protocol" => "Get-Queue",
        "ibmi-imail" | "ibmi-qzmf" => "WRKSMTPEMM",
        _ => return None,
    })
}

/// The command that has a mail system try all that waits.
pub(crate) fn flush(system: &str) -> Option<&'static str> {
    Some(match system {
        "postfix" => "postqueue -f",
        "exim" => "exim -qff",
        "sendmail" => "sendmail -q",
        "qmail" => "kill -ALRM on the qmail-send process",
        "opensmtpd" => "smtpctl schedule all",
        _ => return None,
    })
}

/// Commands for one message, where its id is one that a shell takes as it is.
pub(crate) fn commands(agent: &str, id: &str, held: bool) -> Vec<(&'static str, String)> {
    if id.is_empty() || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') || id.starts_with('-') {
        return Vec::new();
    }
    match agent {
        "postfix" => vec![
            match held {
                true => ("release", format!("postsuper -H {id}")),
                false => ("try now", format!("postqueue -i {id}")),
            },
            ("hold", format!("postsuper -h {id}")),
            ("read", format!("postcat -q {id}")),
            ("delete, after asking the sender", format!("postsuper -d {id}")),
        ],
        "exim" => vec![
            match held {
                true => ("release", format!("exim -Mt {id}")),
                false => ("try now", format!("exim -M {id}")),
            },
            ("hold", format!("exim -Mf {id}")),
            // -Mvh shows the headers, -Mvb the body, -Mvc both, -Mvl what befell the message.
            ("read", format!("exim -Mvc {id}")),
            ("its log", format!("exim -Mvl {id}")),
            ("delete, after asking the sender", format!("exim -Mrm {id}")),
        ],
        "sendmail" => vec![("try now", format!("sendmail -v -qI{id}"))],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_take_ids_that_a_shell_takes_and_no_others() {
        assert_eq!(commands("postfix", "3F1A2B4C5E", false)[0].1, "postqueue -i 3F1A2B4C5E");
        let exim = commands("exim", "1abcDE-0001-2f", true);
        let named = |name| exim.iter().find(|(known, _)| *known == name).map(|(_, command)| command.as_str());
        assert_eq!(named("read"), Some("exim -Mvc 1abcDE-0001-2f"));
        assert_eq!(named("its log"), Some("exim -Mvl 1abcDE-0001-2f"));
        assert!(commands("postfix", "x; rm", false).is_empty() && commands("postfix", "-d", true).is_empty());
        assert!(commands("unknown", "3F1A2B4C5E", false).is_empty());
        assert_eq!((listing("exim"), flush("postfix")), (Some("exim -bp"), Some("postqueue -f")));
        assert_eq!((listing(""), flush("")), (None, None));
    }
}
