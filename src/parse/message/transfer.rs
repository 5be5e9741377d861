//! Content transfer encodings, decoded leniently and judged strictly. Marks tie
//! decoded bytes to the lines of the file.

/// Bytes after decoding, and what was wrong on the way.
#[derive(Debug, Default)]
pub struct Decoded {
    /// The content.
    pub bytes: Vec<u8>,
    /// First of each kind, with how often it came.
    pub faults: Vec<TransferFault>,
    /// For each encoded line, in order, how many bytes stood decoded before it.
    pub marks: Vec<usize>,
    /// The limit cut the rest off.
    pub cut: bool,
}

/// A fault of the encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransferFault {
    pub kind: TransferFaultKind,
    /// Line within the encoded body, from 0, of the first.
    pub line: usize,
    pub count: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferFaultKind {
    /// A byte outside the base64 alphabet.
    ForeignByte,
    /// Text after the padding.
    AfterPadding,
    /// The last group has too few characters.
    Incomplete,
    /// `=` without two hexadecimal digits.
    BadEscape,
    /// A byte above 127 in quoted-printable.
    RawEightBit,
    /// An encoded line over 76 characters (RFC 2045 sections 6.7 and 6.8).
    LongLine,
}

impl Decoded {
    fn fault(&mut self, kind: TransferFaultKind, line: usize) {
        match self.faults.iter_mut().find(|fault| fault.kind == kind) {
            Some(fault) => fault.count += 1,
            None => self.faults.push(TransferFault { kind, line, count: 1 }),
        }
    }

    /// The encoded line, from 0, that a decoded byte came from.
    pub fn line_of(&self, offset: usize) -> usize {
        self.marks.partition_point(|mark| *mark <= offset).saturating_sub(1)
    }
}

/// The value of a hexadecimal digit; 0 for anything else.
pub(super) fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        b'A'..=b'F' => digit - b'A' + 10,
        _ => 0,
    }
}

const FOREIGN: u8 = 0xff;
const PADDING: u8 = 0xfe;

const BASE64: [u8; 256] = {
    let mut table = [FOREIGN; 256];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut i = 0;
    while i < 64 {
        table[alphabet[i] as usize] = i as u8;
        i += 1;
    }
    table[b'=' as usize] = PADDING;
    table
};

/// The line that `body` begins with, without its end, and what follows; `None` after the last.
fn first_line(body: &[u8]) -> (&[u8], Option<&[u8]>) {
    let end = memchr::memchr(b'\n', body);
    let line = end.map_or(body, |at| &body[..at]);
    (line.strip_suffix(b"\r").unwrap_or(line), end.map(|at| &body[at + 1..]))
}

/// Lines of `body` without their ends.
fn lines(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(body);
    std::iter::from_fn(move || {
        let (line, after) = first_line(rest?);
        rest = after;
        Some(line)
    })
}

/// Decodes base64 (RFC 2045 section 6.8), skipping what does not belong, up to `limit` bytes.
pub(crate) fn base64(body: &[u8], limit: usize) -> Decoded {
    let mut out =
        Decoded { bytes: Vec::with_capacity((body.len() / 4 * 3).min(limit)), ..Decoded::default() };
    let (mut group, mut filled) = (0u32, 0u8);
    // After padding has begun: how many `=` are still due.
    let mut due: Option<u8> = None;
    let mut alike = AlikeLines::default();
    let mut rest = Some(body);
    while let Some(all) = rest {
        let taken = if filled == 0 && due.is_none() { alike.take(all, limit, &mut out) } else { 0 };
        if taken > 0 {
            rest = Some(&all[taken..]);
            continue;
        }
        let (line, after) = first_line(all);
        rest = after;
        let number = out.marks.len();
        out.marks.push(out.bytes.len());
        if out.bytes.len() >= limit {
            out.cut = true;
            break;
        }
        if line.len() > 76 {
            out.fault(TransferFaultKind::LongLine, number);
        }
        if filled == 0 && due.is_none() && whole_groups(line, &mut out.bytes) {
            alike.learn(line, &all[line.len()..]);
            continue;
        }
        for byte in line {
            match BASE64[usize::from(*byte)] {
                FOREIGN if byte.is_ascii_whitespace() => {}
                FOREIGN => out.fault(TransferFaultKind::ForeignByte, number),
                PADDING => match due {
                    None if filled >= 2 => {
                        flush(&mut out.bytes, group, filled);
                        due = Some(3 - filled);
                        (group, filled) = (0, 0);
                    }
                    Some(left) if left > 0 => due = Some(left - 1),
                    _ => out.fault(TransferFaultKind::Incomplete, number),
                },
                value => {
                    if due.take().is_some() {
                        out.fault(TransferFaultKind::AfterPadding, number);
                    }
                    group = group << 6 | u32::from(value);
                    filled += 1;
                    if filled == 4 {
                        flush(&mut out.bytes, group, 4);
                        (group, filled) = (0, 0);
                    }
                }
            }
        }
    }
    if (filled > 0 || due.is_some_and(|left| left > 0)) && !out.cut {
        let last = out.marks.len().saturating_sub(1);
        out.fault(TransferFaultKind::Incomplete, last);
        flush(&mut out.bytes, group, filled);
    }
    out
}

/// Lines one like the other, as attachments consist of: many are decoded at once.
#[derive(Default)]
struct AlikeLines {
    /// Characters of a line, whole groups; 0 where none is known.
    width: usize,
    end: &'static [u8],
    /// The lines without their ends.
    joined: Vec<u8>,
    /// Lines to wait after some that were not alike, lest a broken body be read over and over.
    wait: usize,
}

impl AlikeLines {
    /// As many as fill the vectors of a processor without a rest: 64 times 76 is 152 times 32.
    const MOST: usize = 64;

    /// Expects lines like this one, of whole groups, which `after` followed.
    fn learn(&mut self, line: &[u8], after: &[u8]) {
        self.width = line.len();
        self.end = if after.starts_with(b"\r\n") { b"\r\n" } else { b"\n" };
        self.wait = self.wait.saturating_sub(1);
    }

    /// Decodes the lines a body begins with as far as they are alike and below the limit; the
    /// bytes taken.
    fn take(&mut self, body: &[u8], limit: usize, out: &mut Decoded) -> usize {
        let step = self.width + self.end.len();
        let decoded = self.width / 4 * 3;
        if decoded == 0 || self.width > 76 || self.wait > 0 {
            return 0;
        }
        let most = limit.saturating_sub(out.bytes.len()).div_ceil(decoded).min(AlikeLines::MOST);
        self.joined.clear();
        for line in body.chunks_exact(step).take(most) {
            let (line, end) = line.split_at(self.width);
            if end != self.end {
                break;
            }
            self.joined.extend_from_slice(line);
        }
        let start = out.bytes.len();
        if !whole_groups(&self.joined, &mut out.bytes) {
            self.wait = AlikeLines::MOST;
            return 0;
        }
        let lines = self.joined.len() / self.width;
        out.marks.extend((0..lines).map(|line| start + line * decoded));
        lines * step
    }
}

/// Decodes what is nothing but whole groups, nearly every line; false, with nothing written,
/// for any other.
fn whole_groups(line: &[u8], out: &mut Vec<u8>) -> bool {
    line.len().is_multiple_of(4) && base64_simd::STANDARD_NO_PAD.decode_append(line, out).is_ok()
}

/// Writes the whole bytes of a group of 2 to 4 characters.
fn flush(out: &mut Vec<u8>, group: u32, filled: u8) {
    match filled {
        4 => out.extend_from_slice(&[(group >> 16) as u8, (group >> 8) as u8, group as u8]),
        3 => out.extend_from_slice(&[(group >> 10) as u8, (group >> 2) as u8]),
        2 => out.push((group >> 4) as u8),
        _ => {}
    }
}

/// Decodes quoted-printable (RFC 2045 section 6.7), up to `limit` bytes.
pub(crate) fn quoted_printable(body: &[u8], limit: usize) -> Decoded {
    let mut out = Decoded { bytes: Vec::with_capacity(body.len().min(limit)), ..Decoded::default() };
    let mut all = lines(body).enumerate().peekable();
    while let Some((number, line)) = all.next() {
        out.marks.push(out.bytes.len());
        if out.bytes.len() >= limit {
            out.cut = true;
            break;
        }
        // RFC 2045 section 6.7 says 76; some mailers count without the final "=" or to the 78 of
        // RFC 5322 section 2.1.1, and no reader minds.
        if line.len() > 78 {
            out.fault(TransferFaultKind::LongLine, number);
        }
        // White space at the end was added in transport.
        let line = line.trim_ascii_end();
        let (line, soft) = match line.strip_suffix(b"=") {
            Some(line) => (line, true),
            None => (line, false),
        };
        let mut rest = line;
        while let Some(at) = memchr::memchr(b'=', rest) {
            out.bytes.extend_from_slice(&rest[..at]);
            match rest[at + 1..] {
                [high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                    out.bytes.push(hex(high) << 4 | hex(low));
                    rest = &rest[at + 3..];
                }
                _ => {
                    out.fault(TransferFaultKind::BadEscape, number);
                    out.bytes.push(b'=');
                    rest = &rest[at + 1..];
                }
            }
        }
        out.bytes.extend_from_slice(rest);
        if !line.is_ascii() {
            out.fault(TransferFaultKind::RawEightBit, number);
        }
        if !soft && all.peek().is_some() {
            out.bytes.extend_from_slice(b"\r\n");
        }
    }
    out
}

/// Takes the body as it is, up to `limit` bytes.
pub(crate) fn identity(body: &[u8], limit: usize) -> Decoded {
    let cut = body.len() > limit;
    let bytes = body[..body.len().min(limit)].to_vec();
    let mut marks = vec![0];
    marks.extend(memchr::memchr_iter(b'\n', &bytes).map(|at| at + 1));
    Decoded { bytes, marks, cut, ..Decoded::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_decodes_and_judges() {
        let kinds = |text: &[u8]| base64(text, 1000).faults.iter().map(|f| f.kind).collect::<Vec<_>>();
        assert_eq!(base64(b"aGVsbG8=\r\n", 1000).bytes, b"hello");
        assert_eq!(base64(b"aGVs\r\nbG8h", 1000).bytes, b"hello!");
        assert_eq!(base64(b"aG Vsb\r\nG8=", 1000).bytes, b"hello");
        assert_eq!(base64(b"aA==", 1000).bytes, b"h");
        assert!(kinds(b"aGVsbG8=\r\n").is_empty());
        assert!(kinds(b"aA==").is_empty());
        assert_eq!(kinds(b"aGVs*bG8="), [TransferFaultKind::ForeignByte]);
        assert_eq!(kinds(b"aGVsbG8"), [TransferFaultKind::Incomplete]);
        assert_eq!(kinds(b"aA==aGVs"), [TransferFaultKind::AfterPadding]);
        assert_eq!(base64(b"aA==aGVs", 1000).bytes, b"hhel");
        assert!(base64(&b"aGVs\n".repeat(100), 10).cut);
    }

    #[test]
    fn lines_alike_decode_as_each_alone() {
        let bytes: Vec<u8> = (0..9000u32).map(|n| (n * 7 % 251) as u8).collect();
        let text = base64_simd::STANDARD.encode_to_string(&bytes);
        for (width, end) in [(76, "\r\n"), (76, "\n"), (60, "\n"), (8, "\r\n"), (80, "\n"), (75, "\n")] {
            let lines: Vec<&str> =
                text.as_bytes().chunks(width).map(|l| str::from_utf8(l).unwrap()).collect();
            let whole = lines.join(end);
            let decoded = base64(whole.as_bytes(), 100_000);
            assert_eq!(decoded.bytes, bytes, "{width} {end:?}");
            let marks: Vec<usize> = (0..lines.len()).map(|line| line * width / 4 * 3).collect();
            if width % 4 == 0 {
                assert_eq!(decoded.marks, marks, "{width} {end:?}");
            }
            assert_eq!(decoded.faults.iter().any(|f| f.kind == TransferFaultKind::LongLine), width > 76);
            // The limit cuts at the first line that begins at it or behind it.
            let cut = base64(whole.as_bytes(), 500);
            assert!(cut.cut && (500..500 + 60).contains(&cut.bytes.len()), "{width}: {}", cut.bytes.len());
            assert_eq!(cut.bytes, bytes[..cut.bytes.len()]);
            // A foreign byte anywhere is reported with its line, and nothing is lost.
            for at in [0, 1, 40, lines.len() - 2] {
                let mut broken: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
                broken[at].insert(3, '*');
                let decoded = base64(broken.join(end).as_bytes(), 100_000);
                assert_eq!(decoded.bytes, bytes, "{width} {end:?} {at}");
                let foreign = decoded.faults.iter().find(|f| f.kind == TransferFaultKind::ForeignByte);
                assert_eq!(foreign.map(|f| (f.line, f.count)), Some((at, 1)), "{width} {end:?} {at}");
            }
        }
    }

    #[test]
    fn quoted_printable_decodes_and_judges() {
        let decoded = quoted_printable(b"a=\r\nb=3D\r\nline=C3=BC  \r\n", 1000);
        assert_eq!(decoded.bytes, "ab=\r\nlineü\r\n".as_bytes());
        assert!(decoded.faults.is_empty());
        assert_eq!(decoded.line_of(1), 1);
        assert_eq!(decoded.line_of(5), 2);
        let kinds: Vec<_> = quoted_printable(b"50=% \xe9", 100).faults.iter().map(|f| f.kind).collect();
        assert_eq!(kinds, [TransferFaultKind::BadEscape, TransferFaultKind::RawEightBit]);
    }

    #[test]
    fn identity_marks_its_lines() {
        let decoded = identity(b"a\r\nb\r\n", 100);
        assert_eq!((decoded.line_of(0), decoded.line_of(3), decoded.line_of(5)), (0, 1, 1));
    }
}
