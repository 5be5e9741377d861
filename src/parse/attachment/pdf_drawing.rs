//! Rectangles that a page of a PDF paints (ISO 32000-1 section 8.5): enough of them may be a QR code
//! that no picture holds. Turned pages, curves and clips are left out.

use std::io::Read as _;

/// Bytes of a page packed and unpacked, and rectangles of it.
const LARGEST: usize = 512 << 10;
const MOST_BYTES: u64 = 1 << 20;
const MOST: usize = 40_000;
/// Fewer are lines, tables, letters.
const FEWEST: usize = 60;

/// A rectangle in thousandths of a point from the top, and whether it is dark.
type Painted = ([i32; 4], bool);

/// What the content stream paints, where it paints many rectangles.
pub(super) fn rectangles(packed: bool, filtered: bool, body: &[u8]) -> Option<Vec<Painted>> {
    if body.len() > LARGEST || (filtered && !packed) {
        return None;
    }
    let mut data = Vec::new();
    if packed {
        flate2::read::ZlibDecoder::new(body).take(MOST_BYTES).read_to_end(&mut data).ok();
    } else {
        data.extend_from_slice(body);
    }
    // Each is closed by `re` or `h`; letters in strings only cost the reading.
    let many = |sign: &[u8]| memchr::memmem::find_iter(&data, sign).nth(FEWEST).is_some();
    if !many(b" re") && !many(b" l") {
        return None;
    }
    let mut page = Page { state: State { place: [1.0, 1.0, 0.0, 0.0], dark: true }, ..Page::default() };
    let words = data.split(|byte| b"\0\t\n\x0c\r []()<>".contains(byte)).filter(|word| !word.is_empty());
    for word in words {
        page.word(word);
    }
    (page.painted.len() >= FEWEST).then_some(page.painted)
}

#[derive(Clone, Copy, Default)]
struct State {
    /// Scale and place: x' = x * 0 + 2, y' = y * 1 + 3.
    place: [f64; 4],
    dark: bool,
}

#[derive(Default)]
struct Page {
    state: State,
    saved: Vec<State>,
    numbers: Vec<f64>,
    /// Corners of the outlines of the path that is being built: left, bottom, right, top.
    path: Vec<[f64; 4]>,
    painted: Vec<Painted>,
}

impl Page {
    fn word(&mut self, word: &[u8]) {
        let text = std::str::from_utf8(word).unwrap_or_default();
        if let Ok(number) = text.parse::<f64>()
            && number.is_finite()
        {
            if self.numbers.len() >= 16 {
                self.numbers.remove(0);
            }
            self.numbers.push(number);
            return;
        }
        let last = |count: usize| self.numbers.len().checked_sub(count).and_then(|at| self.numbers.get(at..));
        match (text, self.numbers.len()) {
            ("q", _) if self.saved.len() < 64 => self.saved.push(self.state),
            ("Q", _) => self.state = self.saved.pop().unwrap_or(self.state),
            ("cm", _) => {
                if let Some([a, .., d, e, f]) = last(6) {
                    let [x, y, left, up] = self.state.place;
                    self.state.place = [x * a, y * d, x * e + left, y * f + up];
                }
            }
            ("g" | "sc" | "scn", 1) => self.state.dark = self.numbers[0] < HALF,
            ("rg" | "sc" | "scn", 3) => {
                let grey = 0.3 * self.numbers[0] + 0.59 * self.numbers[1] + 0.11 * self.numbers[2];
                self.state.dark = grey < HALF;
            }
            ("k" | "sc" | "scn", 4) => {
                let ink = self.numbers[3].max(self.numbers[..3].iter().sum::<f64>() / 3.0);
                self.state.dark = ink > HALF;
            }
            ("re", _) => {
                if let Some([x, y, width, height]) = last(4) {
                    let corners = [x.min(x + width), y.min(y + height), x.max(x + width), y.max(y + height)];
                    self.path.push(corners);
                }
            }
            ("m", _) => {
                if let Some([x, y]) = last(2) {
                    self.path.push([*x, *y, *x, *y]);
                }
            }
            ("l", _) => {
                if let (Some([x, y]), Some(open)) = (last(2), self.path.last().copied()) {
                    let grown = [open[0].min(*x), open[1].min(*y), open[2].max(*x), open[3].max(*y)];
                    self.path.pop();
                    self.path.push(grown);
                }
            }
            ("f" | "F" | "f*" | "B" | "B*" | "b" | "b*", _) => self.paint(),
            ("n" | "S" | "s", _) => self.path.clear(),
            _ => {}
        }
        self.numbers.clear();
        self.path.truncate(MOST);
    }

    fn paint(&mut self) {
        let [x, y, left, up] = self.state.place;
        for [l, b, r, t] in std::mem::take(&mut self.path) {
            if self.painted.len() >= MOST {
                return;
            }
            let (one, other) = (l * x + left, r * x + left);
            // The page grows upwards, a picture downwards.
            let (low, high) = (-(b * y + up), -(t * y + up));
            let sides = [one.min(other), low.min(high), (one - other).abs(), (low - high).abs()];
            self.painted.push((sides.map(thousandths), self.state.dark));
        }
    }
}

/// Between dark and light.
const HALF: f64 = 0.5;

fn thousandths(length: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "clamped to what fits")]
    let whole = (length * 1000.0).round().clamp(-2e9, 2e9) as i32;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_of_a_page() {
        let module = |at: usize| format!("q 1 0 0 1 {at} 700 cm 0 0 4 4 re f Q\n");
        let page: String = (0..80).map(module).collect();
        let found = rectangles(false, false, page.as_bytes()).unwrap();
        assert_eq!((found.len(), found[3]), (80, ([3000, -704_000, 4000, 4000], true)));
        let page: String = (0..80).map(|at| format!("1 g {at} 0 m {at} 2 l 5 2 l 5 0 l h f ")).collect();
        assert_eq!(rectangles(false, false, page.as_bytes()).unwrap()[0], ([0, -2000, 5000, 2000], false));
        assert!(rectangles(false, false, b"0 0 1 1 re f").is_none());
        for hostile in ["re f ", "1e999 0 0 cm ", "q ", "Q 1 l ", "1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 re f "]
        {
            rectangles(false, false, hostile.repeat(20_000).as_bytes());
        }
    }
}
