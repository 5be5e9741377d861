//! Which dialect a log is written in, by its content.

use super::event::{Millis, NO_TIME};
use super::syslog::Syslog;
use super::{
    Dialect, courier, dialogue, each_line, events_json, exchange, exim, journald, opensmtpd, parse_block,
    postfix, qmail, qzmf, sendmail, trace365,
};

/// Lines looked at: a log may begin with headings and other programs.
const LINES: usize = 2000;

/// The dialect most lines of the head speak.
pub fn dialect(head: &[u8]) -> Option<Dialect> {
    if events_json::looks_like(head) {
        return Some(if events_json::is_sendgrid(head) { Dialect::Sendgrid } else { Dialect::Ses });
    }
    let mut votes = [0u32; Dialect::ALL.len()];
    let mut vote = |dialect: Dialect, weight: u32| votes[dialect as usize] += weight;
    let mut syslog = Syslog::new(2000);
    let mut count = 0;
    each_line(head, |line| {
        count += 1;
        if count > LINES || line.is_empty() {
            return;
        }
        let line = &line[..line.len().min(64 << 10)];
        if let Some(head) = syslog.head(line)
            && !head.program.is_empty()
        {
            let program = head.program;
            if postfix::is_postfix(program) {
                return vote(Dialect::Postfix, 1);
            } else if sendmail::is_sendmail(program) {
                return vote(Dialect::Sendmail, 1);
            } else if opensmtpd::is_opensmtpd(program) {
                return vote(Dialect::Opensmtpd, 1);
            } else if courier::is_courier(program) {
                return vote(Dialect::Courier, 1);
            } else if qmail::is_qmail(program) {
                return vote(Dialect::Qmail, 1);
            } else if program.starts_with(b"exim") {
                return vote(Dialect::Exim, 1);
            }
        }
        if line.first() == Some(&b'{') {
            if journald::looks_like(line) {
                vote(Dialect::Journald, 1);
            }
        } else if exim::looks_like(line) {
            vote(Dialect::Exim, 1);
        } else if exchange::looks_like(line) {
            vote(Dialect::ExchangeTracking, 3);
        } else if count <= 5 && trace365::looks_like(line) {
            // The header names the columns: nothing else does.
            vote(Dialect::MessageTrace, 1000);
        } else if qmail::looks_like(line) {
            vote(Dialect::Qmail, 1);
        } else if qzmf::looks_like(line) {
            vote(Dialect::Qzmf, 1);
        } else if dialogue::looks_like(line) {
            let protocol = line.starts_with(b"#Fields:");
            vote(
                if protocol { Dialect::ExchangeProtocol } else { Dialect::Imail },
                if protocol { 1000 } else { 1 },
            );
        } else if line.starts_with(b"#Log-type: SMTP") {
            vote(Dialect::ExchangeProtocol, 1000);
        }
    });
    let best = Dialect::ALL.iter().copied().max_by_key(|dialect| {
        // The first of equals wins.
        (votes[*dialect as usize], std::cmp::Reverse(*dialect))
    })?;
    (votes[best as usize] > 0).then_some(best)
}

/// The first stamp, `year` assumed where it has none, and whether it had one.
pub fn first_stamp(head: &[u8], year: i32) -> Option<(Millis, bool)> {
    let dialect = dialect(head)?;
    let first = &head[..head.len().min(16 << 10)];
    let batch = parse_block(dialect, first, year);
    let first = batch.iter().find(|event| event.at != NO_TIME)?;
    Some((first.at, batch.calendar.is_none()))
}
