//! What a log line around a reply tells: helpdesks paste the line whole.

use std::net::IpAddr;

use super::setting::{Queue, Setting};
use crate::data::special_addresses::is_inside;
use crate::model::speaker::Speaker;
use crate::parse::log::postfix::{self, Daemon};

/// The setting with what the line says, where nothing better is known.
pub(super) fn around<'s>(text: &str, setting: Setting<'s>) -> Setting<'s> {
    let queue = match setting.queue {
        Queue::Unknown if ["status=bounced", "status=expired"].iter().any(|word| text.contains(word)) => {
            Queue::GaveUp
        }
        queue => queue,
    };
    let speaker = setting.speaker.or_else(|| refuses_own(text).then_some(Speaker::OwnServer));
    Setting { queue, speaker, ..setting }
}

/// True of a line in which Postfix refuses a client from within: the server that wrote the line spoke.
fn refuses_own(text: &str) -> bool {
    let Some((head, line)) = text.split_once("]: ") else { return false };
    let program = head.rsplit(' ').next().and_then(|tag| tag.split('[').next()).unwrap_or_default();
    if !matches!(postfix::daemon(program.as_bytes()), Some(Daemon::Server | Daemon::Cleanup)) {
        return false;
    }
    let Some((_, refused)) = line.split_once("reject: ") else { return false };
    if postfix::is_of_content(refused.as_bytes()) {
        // What is quoted of the message may name any client.
        return false;
    }
    let Some((_, client)) = refused.split_once(" from ") else { return false };
    let client = client.split([';', ' ']).next().unwrap_or_default();
    let address = client.split_once('[').and_then(|(_, rest)| rest.split(']').next()).unwrap_or_default();
    address.parse::<IpAddr>().is_ok_and(is_inside)
}

#[cfg(test)]
mod tests {
    use super::super::{Setting, Who, classify, classify_in};
    use super::*;
    use crate::triage::cause::Cause;

    #[test]
    fn a_line_of_ones_own_server_blames_nobody_else() {
        for daemon in [
            "smtpd[991]: NOQUEUE: reject: MAIL",
            "submission/smtpd[9]: NOQUEUE: reject: RCPT",
            "cleanup[7]: 4F2: milter-reject: END-OF-MESSAGE",
        ] {
            for said in [
                "452 4.3.1 Insufficient system storage",
                "451 4.3.5 Server configuration problem",
                "451 4.3.0 Temporary lookup failure",
            ] {
                let line = |client: &str| {
                    format!(
                        "Dec  1 04:12:01 mx1 postfix/{daemon} from {client}: {said}; proto=ESMTP helo=<app1>"
                    )
                };
                for inside in ["localhost[127.0.0.1]", "app1[10.0.0.9]", "unknown[fd00::9]"] {
                    let verdict = classify(&line(inside), None);
                    assert_eq!(
                        (verdict.who, verdict.speaker),
                        (Who::Sender, Speaker::OwnServer),
                        "{}",
                        line(inside)
                    );
                }
                // A stranger's client is refused by whoever runs the server, which may be the recipient's.
                assert_ne!(classify(&line("mx.example.org[192.0.2.7]"), None).speaker, Speaker::OwnServer);
            }
        }
    }

    #[test]
    fn a_line_says_that_the_queue_gave_up() {
        let said = "(host 192.0.2.53[192.0.2.53] refused to talk to me: 500 5.5.1 Unknown command)";
        assert_eq!(classify(&format!("status=bounced {said}"), None).permanent, Some(true));
        assert_eq!(classify("bounce: Tried for too long", None).permanent, Some(true));
        let waits = Setting { queue: Queue::Waits, ..Setting::default() };
        assert_ne!(classify_in(&format!("status=deferred {said}"), &waits).permanent, Some(true));
    }

    #[test]
    fn words_decide_over_marks_of_others_and_names() {
        for (text, cause) in [
            (
                "host mx03.t-online.de[194.25.134.73] refused to talk to me: 554 IP=203.0.113.25 - Dialup/transient IP not allowed. Use a mailgateway/smarthost (DYN:T1)",
                Cause::IpBlocklisted,
            ),
            (
                "host d1.ess.de.barracudanetworks.com[203.0.113.9] said: 550 5.7.1 Message blocked due to intent (shop.example) (in reply to end of DATA command)",
                Cause::SpamContent,
            ),
            (
                "551 5.7.1 User not local; this person has left, please write to <office@example.org>",
                Cause::RecipientMoved,
            ),
            ("450 4.4.8 MX hosts of 'partner.example' failed MTA-STS validation.", Cause::TlsFailed),
        ] {
            assert_eq!(classify(text, None).cause, cause, "{text}");
        }
        assert_eq!(
            classify("450 4.4.8 MX hosts of 'partner.example' failed MTA-STS validation.", None).who,
            Who::Receiver
        );
    }

    /// Words far from each other, or of the recipient's, make no case against the sender.
    #[test]
    fn scattered_words_blame_no_sender() {
        for (text, never) in [
            ("550 5.7.1 Your email has been blocked because it looks like spam", "password"),
            (
                "550 5.1.1 The email account that you tried to reach is disabled. your email was not delivered",
                "password",
            ),
            ("550 Ihre E-Mail wurde als Spam erkannt und blockiert. Ihr E-Mail Programm", "password"),
            ("550 5.2.1 This mailbox has been disabled. Your email was not delivered", "password"),
            ("550 5.1.1 user unknown, number of addresses tried: 1", "stop sending to this list"),
            (
                "554 5.7.1 Message refused. For questions please write to <abuse@example.net>",
                "off every list",
            ),
            ("554 service unavailable - try again later", "milter"),
            ("454 4.7.0 Temporary authentication failure", "before sending"),
        ] {
            let read = classify(text, None);
            assert!(!read.action.iter().any(|step| step.contains(never)), "{text}: {:?}", read.action);
        }
        let own = classify(
            "550 5.7.1 Sending from this mailbox has been suspended, please change your password",
            None,
        );
        assert_eq!(own.who, Who::Sender);
        // A name that a shell would obey stands in no command.
        let hosts = ["$(id).example"];
        let setting = Setting { hosts: &hosts, ..Setting::default() };
        let read = classify_in(
            "Host or domain name not found. Name service error for name=$(id).example type=MX: Host not found, try again",
            &setting,
        );
        assert!(!read.action.iter().any(|step| step.contains("dig $")), "{:?}", read.action);
    }
}
