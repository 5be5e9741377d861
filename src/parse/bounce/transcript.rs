//! Sendmail's transcript of session, and those who write like it: commands
//! after `>>>`, replies after `<<<`, outcomes as `550 <address>... reason`.

use super::{Told, address};
use crate::parse::smtp::reply::Stage;

/// Most lines of one reply.
const MOST_REPLY_LINES: usize = 30;

#[derive(Default)]
struct Session {
    host: Option<String>,
    stage: Option<Stage>,
    /// The address of the last `RCPT`.
    recipient: Option<String>,
    /// Every address a `RCPT` named.
    named: Vec<String>,
    /// The reply lines since the last command.
    replies: Vec<String>,
    /// Replies that refused, with the command and the address they were about.
    refused: Vec<(Option<Stage>, Option<String>, String)>,
}

/// The recipients a transcript names; nothing where there is no transcript.
pub(super) fn read(notice: &str) -> Vec<Told> {
    let lower = notice.to_ascii_lowercase();
    let is_transcript = lower.contains("transcript of session")
        || lower.contains("transcript follows")
        || lower.contains("session transcript")
        || lower.contains("\n<<< ")
        || lower.contains("\n>>> ")
        || lower.contains("had permanent fatal errors")
        || lower.contains("had transient non-fatal errors");
    if !is_transcript {
        return Vec::new();
    }
    let mut session = Session::default();
    let mut found: Vec<Told> = Vec::new();
    for line in notice.lines() {
        let line = without_stamp(line.trim());
        // Postfix's own transcripts, sent to its postmaster, say "In:" and "Out:".
        if let Some(command) = [">>>", "-->", "In:"].iter().find_map(|mark| line.strip_prefix(mark)) {
            session.command(command.trim());
        } else if let Some(reply) = ["<<<", "<--", "Out:"].iter().find_map(|mark| line.strip_prefix(mark)) {
            session.reply(reply.trim());
        } else if let Some(words) = host_outcome(line) {
            session.flush();
            session.refused.push((None, None, words));
        } else if let Some(host) = talking_to(line) {
            session.flush();
            session = Session {
                host: Some(host),
                refused: std::mem::take(&mut session.refused),
                ..Session::default()
            };
        } else if let Some((address, words)) = outcome(line) {
            session.flush();
            let mut told = Told { address, remote: session.host.clone(), ..Told::default() };
            if let Some((stage, reply)) = session.refusal_of(&told.address) {
                told.stage = stage;
                told.reasons.push(reply);
            }
            told.reasons.push(words);
            super::merge(&mut found, vec![told]);
        }
    }
    session.flush();
    add_refused(&session, notice, &mut found);
    found
}

/// What was refused without an outcome of its own.
fn add_refused(session: &Session, notice: &str, found: &mut Vec<Told>) {
    for (stage, recipient, reply) in &session.refused {
        let Some(recipient) = recipient else { continue };
        let told = Told {
            address: recipient.clone(),
            reasons: vec![reply.clone()],
            stage: *stage,
            remote: session.host.clone(),
        };
        super::merge(found, vec![told]);
    }
    // A refusal of DATA or MAIL concerns every address that is listed.
    if let Some((stage, reply)) = session.general() {
        let mut addresses: Vec<String> =
            super::listing::read(notice).into_iter().map(|t| t.address).collect();
        addresses.extend(session.named.iter().cloned());
        if addresses.is_empty() && found.is_empty() {
            addresses.push(String::new());
        }
        for address in addresses {
            if !found.iter().any(|k| k.address.eq_ignore_ascii_case(&address)) {
                let told =
                    Told { address, reasons: vec![reply.clone()], stage, remote: session.host.clone() };
                super::merge(found, vec![told]);
            }
        }
    }
}

impl Session {
    fn command(&mut self, command: &str) {
        self.flush();
        let lower = command.to_ascii_lowercase();
        self.stage = [
            ("rcpt", Stage::Rcpt),
            ("mail", Stage::Mail),
            ("data", Stage::Data),
            (".", Stage::Data),
            ("bdat", Stage::Data),
            ("ehlo", Stage::Hello),
            ("helo", Stage::Hello),
            ("starttls", Stage::StartTls),
            ("auth", Stage::Auth),
        ]
        .into_iter()
        .find(|(name, _)| lower.starts_with(name))
        .map(|(_, stage)| stage);
        self.recipient = if self.stage == Some(Stage::Rcpt) { address::first(command) } else { None };
        if self.named.len() < crate::parse::bounce::dsn::MOST_RECIPIENTS {
            self.named.extend(self.recipient.clone());
        }
    }

    /// One line of a reply; another code begins another reply.
    fn reply(&mut self, line: &str) {
        let code = |text: &str| text.get(..3).map(str::to_owned);
        if self.replies.last().is_some_and(|last| code(last) != code(line)) {
            self.flush();
        }
        // "503 Need RCPT" answers a DATA that was sent too early: the refusal before it was RCPT's.
        let lower = line.to_ascii_lowercase();
        if lower.starts_with("503") || lower.contains("need rcpt") || lower.contains("no valid recipients") {
            if let Some((stage, ..)) = self.refused.last_mut()
                && *stage == Some(Stage::Data)
            {
                *stage = Some(Stage::Rcpt);
            }
            return;
        }
        if self.replies.len() < MOST_REPLY_LINES {
            self.replies.push(line.to_owned());
        }
    }

    /// Ends the reply that was being read.
    fn flush(&mut self) {
        let reply = std::mem::take(&mut self.replies).join(" ");
        if reply.starts_with(['4', '5'])
            && reply.get(..3).is_some_and(|c| c.bytes().all(|b| b.is_ascii_digit()))
            && self.refused.len() < crate::parse::bounce::dsn::MOST_RECIPIENTS
        {
            self.refused.push((self.stage, self.recipient.clone(), reply));
        }
    }

    /// The latest refusal that names no address; a final one before a temporary one.
    fn general(&self) -> Option<(Option<Stage>, String)> {
        let unnamed = || self.refused.iter().rev().filter(|(_, recipient, _)| recipient.is_none());
        unnamed()
            .find(|(_, _, reply)| reply.starts_with('5'))
            .or_else(|| unnamed().next())
            .map(|(stage, _, reply)| (*stage, reply.clone()))
    }

    /// The refusal that concerns `address`: its own RCPT, else the latest that names none.
    fn refusal_of(&self, address: &str) -> Option<(Option<Stage>, String)> {
        let own =
            self.refused.iter().rev().find(|(_, recipient, _)| {
                recipient.as_ref().is_some_and(|r| r.eq_ignore_ascii_case(address))
            });
        own.map(|(stage, _, reply)| (*stage, reply.clone())).or_else(|| self.general())
    }
}

/// MDaemon stamps each line: ` Tue 2026-03-10 09:00:02: <-- 550 No such user`.
fn without_stamp(line: &str) -> &str {
    const LONGEST_STAMP: usize = 40;
    let mark = ["--> ", "<-- "].iter().filter_map(|mark| line.find(mark)).min();
    let stamped = mark.filter(|at| {
        *at <= LONGEST_STAMP && line.get(..*at).is_some_and(|before| before.trim_end().ends_with(':'))
    });
    stamped.and_then(|at| line.get(at..)).unwrap_or(line)
}

/// The host of "... while talking to mx.example.net.:".
fn talking_to(line: &str) -> Option<String> {
    let lower = line.to_ascii_lowercase();
    let at = lower.find("while talking to ")? + "while talking to ".len();
    let host = lower.get(at..)?.trim().trim_end_matches([':', '.', ' ']);
    (!host.is_empty() && host.len() <= 253).then(|| host.to_owned())
}

/// `421 example.net (smtp)... Deferred: ...`: what became of a host.
fn host_outcome(line: &str) -> Option<String> {
    let coded = line.get(..3)?.bytes().all(|b| b.is_ascii_digit()) && line.starts_with(['4', '5']);
    (coded && line.contains("(smtp)...") && !line.contains('@')).then(|| line.to_owned())
}

/// `550 5.1.1 <a@example.net>... User unknown`: the address and the line.
fn outcome(line: &str) -> Option<(String, String)> {
    let code = line.get(..3)?;
    if !code.starts_with(['4', '5'])
        || !code.bytes().all(|b| b.is_ascii_digit())
        || !line.get(3..)?.starts_with([' ', '-'])
    {
        return None;
    }
    let (start, end) = address::find(line)?;
    let after = line.get(end..)?.trim_start_matches('>');
    (start < 24 && after.trim_start().starts_with("..."))
        .then(|| (line.get(start..end).unwrap_or_default().to_owned(), line.to_owned()))
}
