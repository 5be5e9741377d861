//! What a message is that tells of no failed delivery and is yet no ordinary mail: a reader's receipt, a virus
//! scanner's notice, a list server's answer to commands. Each is named, so that nobody takes it for a bounce.

use super::{Kind, scanner};
use crate::parse::bounce::Notice;

/// Such a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Other {
    /// A receipt: the disposition and who sent it.
    Receipt(String, Option<String>),
    /// A scanner found malware in a message; whether the message went on is not said.
    VirusNotice,
    /// A list server read the message as commands.
    CommandReply,
}

impl Other {
    /// The word in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Other::Receipt(..) => "receipt",
            Other::VirusNotice => "virus-notice",
            Other::CommandReply => "command-reply",
        }
    }
}

/// What the message is beside its kind.
pub(super) fn of(notice: &Notice, kind: Kind) -> Option<Other> {
    match (kind, &notice.receipt) {
        (Kind::None | Kind::AutoReply, Some(receipt)) => {
            Some(Other::Receipt(receipt.disposition.clone(), receipt.recipient.clone()))
        }
        (Kind::None, None) if scanner::is_of_scanner(notice) => Some(Other::VirusNotice),
        (Kind::AutoReply, None) if answers_commands(notice) => Some(Other::CommandReply),
        _ => None,
    }
}

/// True where a list server (Sympa, Majordomo, Mailman, Listserv) answers commands.
fn answers_commands(notice: &Notice) -> bool {
    const SUBJECTS: &[&str] = &[
        "results of your commands",
        "the results of your email commands",
        "majordomo results",
        "résultats de vos commandes",
        "resultats de vos commandes",
        "ergebnis ihrer befehle",
        "output of your job",
    ];
    let subject = notice.subject.to_lowercase();
    SUBJECTS.iter().any(|words| subject.contains(words))
}

#[cfg(test)]
mod tests {
    use super::super::judge;
    use super::*;

    fn mail(from: &str, subject: &str, more: &str, text: &str) -> super::super::BounceVerdict {
        judge(format!("From: {from}\nTo: ann@example.com\nSubject: {subject}\n{more}\n{text}\n").as_bytes())
            .unwrap()
    }

    #[test]
    fn a_receipt_is_named() {
        for (done, expected) in [("displayed", "displayed"), ("deleted", "deleted"), ("denied", "denied")] {
            let read = mail(
                "bob@example.net",
                "Read: Hi",
                "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n",
                &format!(
                    "--b\nContent-Type: text/plain\n\nYour message was read.\n--b\nContent-Type: \
                     message/disposition-notification\n\nFinal-Recipient: rfc822;bob@example.net\n\
                     Disposition: manual-action/MDN-sent-manually; {done}\n--b--"
                ),
            );
            assert_eq!(read.kind, Kind::None);
            assert_eq!(read.other, Some(Other::Receipt(expected.into(), Some("bob@example.net".into()))));
        }
    }

    #[test]
    fn a_scanner_that_stopped_the_message_bounces_it() {
        let found = "Our content checker found\n    virus: Eicar\nin email presumably from you\nto the following recipient:\n-> bob@example.net\n";
        let from = "Content-filter at mx.example.net <postmaster@mx.example.net>";
        let stopped = mail(
            from,
            "VIRUS (Eicar) in mail FROM YOU",
            "",
            &format!("{found}\nDelivery of the email was stopped!"),
        );
        assert_eq!(stopped.kind, Kind::Bounce);
        assert_eq!(stopped.recipients[0].cause.name(), "virus");
        assert_eq!(stopped.recipients[0].address, "bob@example.net");
        let open = mail(
            "ScanMail <scanmail@example.net>",
            "Virus Warning Message",
            "",
            "Found virus W in file a.zip\nThe uncleanable file is deleted.",
        );
        assert_eq!((open.kind, open.other), (Kind::None, Some(Other::VirusNotice)));
        // A newsletter on viruses, and a person who writes of one, are neither.
        let news = mail(
            "news@example.net",
            "New virus found",
            "List-Id: <n.example.net>\n",
            "A virus was found. It was blocked.",
        );
        assert_eq!((news.kind, news.other), (Kind::None, None));
        let person =
            mail("Bob <bob@example.net>", "virus?", "", "I found a virus in your mail, it was blocked.");
        assert_eq!(person.other, None);
    }

    #[test]
    fn a_list_server_that_reads_commands_is_named() {
        let read = mail(
            "SYMPA <sympa@lists.example.net>",
            "Results of your commands",
            "Auto-Submitted: auto-replied\n",
            "This is not a valid command.",
        );
        assert_eq!((read.kind, read.other), (Kind::AutoReply, Some(Other::CommandReply)));
        let held = mail(
            "SYMPA <sympa@lists.example.net>",
            "Message for list news is being moderated",
            "Auto-Submitted: auto-replied\n",
            "Your message for list 'news' was forwarded to editor(s)",
        );
        assert_eq!((held.kind, held.recipients[0].cause.name()), (Kind::AutoReply, "policy-rejected"));
        let refused = mail(
            "SYMPA <sympa@lists.example.net>",
            "Sender not allowed",
            "Auto-Submitted: auto-replied\n",
            "The following message sent to list 'news@lists.example.net' was rejected because you are not allowed to send a message to this list.",
        );
        assert_eq!((refused.kind, refused.recipients[0].cause.name()), (Kind::Bounce, "policy-rejected"));
    }
}
