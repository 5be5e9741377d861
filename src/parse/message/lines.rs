//! The message as lines: lengths, line ends and bytes that do not belong, counted
//! once over the raw file.

use super::limits;

/// What the raw bytes show, line by line.
#[derive(Debug, Default)]
pub struct LineStats {
    /// Lines of the file.
    pub lines: u32,
    /// Bytes of the longest line, without its end, and its line number.
    pub longest: (usize, u32),
    /// Lines over 998 bytes (RFC 5322 section 2.1.1).
    pub over_998: Count,
    /// Lines that end in CRLF, as a message on the wire must (RFC 5321 section 2.3.8).
    pub crlf: u32,
    /// LF without CR before it.
    pub bare_lf: Count,
    /// CR without LF after it.
    pub bare_cr: Count,
    /// Lines with a NUL, which must not occur (RFC 5322 section 4).
    pub nul: Count,
    /// Lines with bytes above 127 in the header.
    pub eight_bit_header: Count,
    /// Lines with bytes above 127 in the body.
    pub eight_bit_body: Count,
    /// Lines that are a single dot, or begin with one.
    pub leading_dot: Count,
    /// Other control characters than TAB, CR, LF, FF and ESC.
    pub control: Count,
}

/// How many lines, and the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub count: u32,
    /// Line of the file, from 1; 0 where there is none.
    pub first: u32,
}

impl Count {
    fn add(&mut self, line: u32) {
        if self.count == 0 {
            self.first = line;
        }
        self.count = self.count.saturating_add(1);
    }
}

/// How the file ends its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnds {
    /// CRLF throughout.
    Crlf,
    /// LF alone throughout: a stored copy; the relay sends CRLF.
    Lf,
    /// Some lines end in LF alone.
    Mixed,
}

impl LineStats {
    /// Reads the whole message; `body` is where the body begins.
    pub fn read(raw: &[u8], body: usize) -> LineStats {
        let mut stats = LineStats::default();
        let mut start = 0;
        let mut number = 0u32;
        let mut odd = false;
        // Most lines of mail are made as the one before: those of an attachment.
        let mut before: (usize, &[u8]) = (0, b"\r\n");
        while start < raw.len() {
            number = number.saturating_add(1);
            let rest = &raw[start..];
            let line = alike(rest, before).unwrap_or_else(|| {
                let line = first_line(rest);
                odd |= !is_plain(line);
                line
            });
            let end: &[u8] = match &rest[line.len()..] {
                [b'\r', b'\n', ..] => b"\r\n",
                [b'\n', ..] => b"\n",
                _ => b"",
            };
            match end.len() {
                2 => stats.crlf = stats.crlf.saturating_add(1),
                1 => stats.bare_lf.add(number),
                _ => {}
            }
            stats.shape(line, number);
            before = (line.len(), end);
            start += line.len() + end.len();
        }
        stats.lines = number;
        // What most messages have none of is looked for line by line only where it is there.
        if odd {
            stats.odd_bytes(raw, body);
        }
        stats
    }

    fn shape(&mut self, line: &[u8], number: u32) {
        if line.len() > self.longest.0 {
            self.longest = (line.len(), number);
        }
        if line.len() > 998 {
            self.over_998.add(number);
        }
        if line.first() == Some(&b'.') {
            self.leading_dot.add(number);
        }
    }

    fn odd_bytes(&mut self, raw: &[u8], body: usize) {
        let mut start = 0;
        let mut number = 0u32;
        for line in raw.split_inclusive(|b| *b == b'\n') {
            number = number.saturating_add(1);
            let in_header = start < body;
            start += line.len();
            let line = line.strip_suffix(b"\n").map_or(line, |line| line.strip_suffix(b"\r").unwrap_or(line));
            if !line.is_ascii() {
                if in_header { self.eight_bit_header.add(number) } else { self.eight_bit_body.add(number) }
            }
            if !line.iter().fold(false, |seen, b| seen | (*b < 32 && *b != b'\t')) {
                continue;
            }
            if line.contains(&b'\r') {
                self.bare_cr.add(number);
            }
            if line.contains(&0) {
                self.nul.add(number);
            }
            if line.iter().any(|b| matches!(b, 1..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f)) {
                self.control.add(number);
            }
        }
    }

    /// How the file as a whole ends its lines.
    pub fn ends(&self) -> LineEnds {
        match (self.crlf, self.bare_lf.count) {
            (_, 0) => LineEnds::Crlf,
            (0, _) => LineEnds::Lf,
            _ => LineEnds::Mixed,
        }
    }
}

/// The line that `rest` begins with, where it has this length and end, and nothing odd in it.
#[inline]
fn alike<'r>(rest: &'r [u8], (length, end): (usize, &[u8])) -> Option<&'r [u8]> {
    let (line, after) = rest.split_at_checked(length)?;
    let ends = match end {
        b"\r\n" => matches!(after, [b'\r', b'\n', ..]),
        b"\n" => matches!(after, [b'\n', ..]),
        _ => false,
    };
    (ends && is_plain(line)).then_some(line)
}

/// The line that `rest` begins with, without its end.
fn first_line(rest: &[u8]) -> &[u8] {
    match memchr::memchr(b'\n', rest) {
        Some(end) => rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]),
        None => rest,
    }
}

/// Neither line ends nor other control characters than TAB, nor bytes above 127. Without an
/// early exit this becomes vector code.
#[inline]
fn is_plain(line: &[u8]) -> bool {
    // As a signed number a byte above 127 is below zero.
    let is_odd = |byte: &u8| (byte.cast_signed() < 32) & (*byte != b'\t');
    let mut odd = [false; 16];
    let mut look = |block: &[u8; 16]| odd.iter_mut().zip(block).for_each(|(odd, byte)| *odd |= is_odd(byte));
    let (blocks, rest) = line.as_chunks();
    blocks.iter().for_each(&mut look);
    // What does not fill a block is read with what stands before it.
    match line.last_chunk() {
        Some(last) => look(last),
        None => odd[0] = rest.iter().any(is_odd),
    }
    !odd.iter().fold(false, |any, odd| any | odd)
}

/// Finds the line of a byte without reading the file again: the count of line
/// feeds before each block.
#[derive(Debug, Default)]
pub struct LineIndex {
    before: Vec<u32>,
}

const BLOCK: usize = 4096;

impl LineIndex {
    pub fn new(raw: &[u8]) -> LineIndex {
        debug_assert!(raw.len() <= limits::MESSAGE_BYTES.saturating_mul(4));
        let mut before = Vec::with_capacity(raw.len() / BLOCK + 1);
        let mut count = 0u32;
        for block in raw.chunks(BLOCK) {
            before.push(count);
            count = count.saturating_add(feeds(block));
        }
        LineIndex { before }
    }

    /// Line of the file, from 1.
    pub fn line(&self, raw: &[u8], offset: usize) -> u32 {
        let offset = offset.min(raw.len());
        let block = offset / BLOCK;
        match self.before.get(block) {
            Some(before) => before + feeds(&raw[block * BLOCK..offset]) + 1,
            // The end of a file of whole blocks.
            None => match (self.before.last(), raw.chunks(BLOCK).next_back()) {
                (Some(before), Some(last)) => before + feeds(last) + 1,
                _ => 1,
            },
        }
    }
}

fn feeds(bytes: &[u8]) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', bytes).count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_counted_by_line() {
        let raw = b"Subject: a\r\n\r\nx\ry\r\nz\n\x00\r\n.\r\ncaf\xe9";
        let stats = LineStats::read(raw, 14);
        assert_eq!(stats.lines, 7);
        assert_eq!(stats.bare_cr, Count { count: 1, first: 3 });
        assert_eq!(stats.bare_lf, Count { count: 1, first: 4 });
        assert_eq!(stats.nul, Count { count: 1, first: 5 });
        assert_eq!(stats.leading_dot, Count { count: 1, first: 6 });
        assert_eq!(stats.eight_bit_body, Count { count: 1, first: 7 });
        assert_eq!(stats.ends(), LineEnds::Mixed);
    }

    #[test]
    fn index_finds_lines() {
        let raw = "ab\n".repeat(10_000);
        let index = LineIndex::new(raw.as_bytes());
        for offset in [0, 2, 3, 4095, 4096, 12_287, 12_288, 29_999, 30_000, 99_999] {
            let wanted = raw.as_bytes()[..offset.min(30_000)].iter().filter(|b| **b == b'\n').count() + 1;
            assert_eq!(index.line(raw.as_bytes(), offset) as usize, wanted, "{offset}");
        }
        assert_eq!(LineIndex::new(b"").line(b"", 0), 1);
        let whole = "\n".repeat(BLOCK);
        assert_eq!(LineIndex::new(whole.as_bytes()).line(whole.as_bytes(), BLOCK), BLOCK as u32 + 1);
    }
}
