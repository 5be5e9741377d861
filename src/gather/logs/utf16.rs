//! Logs in UTF-16, as Exchange Online's trace downloads and PowerShell's
//! redirections are, read as UTF-8. Known by their byte order mark.

use std::io::{self, Read};

/// Which byte of a unit comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    /// By the mark at the beginning.
    pub(super) fn of(head: &[u8]) -> Option<Order> {
        match head {
            // Followed by two NULs it is UTF-32, which no log is written in.
            [0xff, 0xfe, 0, 0, ..] => None,
            [0xff, 0xfe, ..] => Some(Order::Little),
            [0xfe, 0xff, ..] => Some(Order::Big),
            _ => None,
        }
    }
}

/// Decodes while it reads; what is no character becomes U+FFFD.
pub(super) struct Utf8From<R> {
    inner: R,
    order: Order,
    /// A high surrogate, or `None`.
    high: Option<u16>,
    begun: bool,
    decoded: Vec<u8>,
    given: usize,
}

const CHUNK: usize = 64 << 10;

impl<R: Read> Utf8From<R> {
    pub(super) fn new(inner: R, order: Order) -> Utf8From<R> {
        Utf8From { inner, order, high: None, begun: false, decoded: Vec::new(), given: 0 }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.decoded.clear();
        self.given = 0;
        let mut raw = Vec::with_capacity(CHUNK);
        // An even number, as long as there is one: units stay whole.
        self.inner.by_ref().take(CHUNK as u64).read_to_end(&mut raw)?;
        let mut put = |c: char| {
            let mut bytes = [0; 4];
            self.decoded.extend_from_slice(c.encode_utf8(&mut bytes).as_bytes());
        };
        let ended = raw.len() < CHUNK;
        for pair in raw.chunks(2) {
            let unit = match (pair, self.order) {
                ([a, b], Order::Little) => u16::from_le_bytes([*a, *b]),
                ([a, b], Order::Big) => u16::from_be_bytes([*a, *b]),
                // Cut in the middle of a unit.
                _ => 0xdfff,
            };
            if !std::mem::replace(&mut self.begun, true) && unit == 0xfeff {
                continue;
            }
            if let Some(high) = self.high.take() {
                if let Some(Ok(c)) = char::decode_utf16([high, unit]).next()
                    && (0xdc00..0xe000).contains(&unit)
                {
                    put(c);
                    continue;
                }
                put(char::REPLACEMENT_CHARACTER);
            }
            match unit {
                0xd800..0xdc00 => self.high = Some(unit),
                _ => put(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER)),
            }
        }
        if ended && self.high.take().is_some() {
            put(char::REPLACEMENT_CHARACTER);
        }
        Ok(())
    }
}

impl<R: Read> Read for Utf8From<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given == self.decoded.len() {
            self.refill()?;
        }
        let rest = &self.decoded[self.given..];
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(raw: &[u8], order: Order) -> String {
        let mut text = String::new();
        Utf8From::new(raw, order).read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn both_orders_and_damage() {
        let text = "\u{feff}Jos\u{e9} \u{1f600}\r\n".repeat(9000);
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let want = &text[3..];
        assert_eq!(Order::of(&little), Some(Order::Little));
        assert_eq!(Order::of(&big), Some(Order::Big));
        assert_eq!(decoded(&little, Order::Little), want);
        assert_eq!(decoded(&big, Order::Big), want);
        assert_eq!(
            decoded(&little[..little.len() - 1], Order::Little).trim_end_matches('\u{fffd}'),
            want.trim_end_matches('\n')
        );
        assert_eq!(decoded(&[0x3d, 0xd8, b'a', 0], Order::Little), "\u{fffd}a");
        assert_eq!(decoded(&[0, 0xdc], Order::Little), "\u{fffd}");
        assert_eq!(decoded(&[0x3d, 0xd8], Order::Little), "\u{fffd}");
        assert_eq!(Order::of(b"Mar  3"), None);
    }
}
