//! Which dialect a log is written in, by its content.

use super::event::{Kind, Millis};
use super::syslog::Syslog;
use super::{Dialect, each_line, parse_block, postfix};

/// The dialect of which most lines of the head make sense.
pub fn dialect(head: &[u8]) -> Option<Dialect> {
    let mut syslog = Syslog::new(2000);
    let mut postfix = 0;
    each_line(head, |line| {
        if let Some(head) = syslog.head(line)
            && postfix::is_postfix(head.program)
        {
            postfix += 1;
        }
    });
    (postfix > 0).then_some(Dialect::Postfix)
}

/// The first stamp, `year` assumed where it has none.
pub fn first_stamp(head: &[u8], year: i32) -> Option<Millis> {
    let dialect = dialect(head)?;
    let first = &head[..head.len().min(16 << 10)];
    let batch = parse_block(dialect, first, year);
    batch
        .iter()
        .find(|event| event.at != super::event::NO_TIME && event.kind != Kind::HostFailed)
        .map(|event| event.at)
}
