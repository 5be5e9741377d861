//! Which dialect a log is written in, by its content.

use super::dialect::State;
use super::event::{Event, Millis, NO_TIME, Sink};
use super::syslog::{Syslog, within};
use super::{Dialect, each_line, parse_block};

/// Detection asks whose a line is; what the line says is read later.
struct Nowhere;

impl Sink for Nowhere {
    fn push(&mut self, _: &Event<'_>) {}
    fn other_program(&mut self) {}
    fn unparsed(&mut self, _: u32, _: &[u8]) {}
}

/// Lines looked at: a log may begin with headings and other programs.
const LINES: usize = 2000;

/// Lines of other things for each line of a dialogue from which on the dialogue is quoted in prose.
const PROSE: u32 = 30;

/// The dialect most lines of the head speak.
pub fn dialect(head: &[u8]) -> Option<Dialect> {
    if let Some(dialect) = Dialect::ALL.iter().copied().find(|dialect| (dialect.row().file)(head)) {
        return Some(dialect);
    }
    let mut votes = [0u32; Dialect::ALL.len()];
    let mut strange = 0u32;
    let (mut syslog, mut state) = (Syslog::new(2000), State::default());
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
            let head = within(&head).and_then(|line| syslog.head(line)).unwrap_or(head);
            let owns = |dialect: &&Dialect| {
                let reads = dialect.row().logged;
                reads.and_then(|read| read(&head, line, 0, &mut state, &mut Nowhere)) == Some(true)
            };
            if let Some(dialect) = Dialect::ALL.iter().find(owns) {
                votes[*dialect as usize] += 1;
                return;
            }
        }
        let shaped = Dialect::ALL.iter().map(|dialect| (dialect, (dialect.row().votes)(line, count)));
        if let Some((dialect, weight)) = shaped.into_iter().find(|(_, weight)| *weight > 0) {
            votes[*dialect as usize] += weight;
        } else {
            strange += 1;
        }
    });
    let best = Dialect::ALL.iter().copied().max_by_key(|dialect| {
        // The first of equals wins.
        (votes[*dialect as usize], std::cmp::Reverse(*dialect))
    })?;
    // A page that quotes a few replies is no dialogue.
    let quoted = best == Dialect::Imail && votes[best as usize].saturating_mul(PROSE) < strange;
    (votes[best as usize] > 0 && !quoted).then_some(best)
}

/// The first stamp, `year` assumed where it has none, and whether it had one.
pub fn first_stamp(head: &[u8], year: i32) -> Option<(Millis, bool)> {
    let dialect = dialect(head)?;
    let first = &head[..head.len().min(16 << 10)];
    let batch = parse_block(dialect, first, year);
    let first = batch.iter().find(|event| event.at != NO_TIME)?;
    Some((first.at, batch.calendar.is_none()))
}
