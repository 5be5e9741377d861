//! The shapes of an SVG: rectangles, paths filled and stroked, and what `use` repeats. Groups are
//! followed for their place and colour; scales are left out, since they are the same for a whole code.

use foldhash::{HashMap, HashSet};

use super::vector::{Form, Shape};
use crate::facts::message::appearance::color;

/// Tags, segments of paths and bytes that are looked at.
const MOST_TAGS: usize = 60_000;
const MOST_SEGMENTS: usize = 200_000;
const MOST_BYTES: usize = 2 << 20;
const DEEPEST: usize = 64;

/// What an element hands down.
#[derive(Clone, Copy, Default)]
struct Group {
    at: [f64; 2],
    dark: Option<bool>,
}

#[derive(Default)]
struct Reader<'s> {
    groups: Vec<Group>,
    shapes: Vec<Shape>,
    /// Ids that `use` names: what carries one is a pattern, not yet painted.
    used: HashSet<&'s str>,
    patterns: HashMap<&'s str, [f64; 4]>,
    /// A group that is a pattern, until its first shape is met.
    waiting: Option<&'s str>,
    segments: usize,
}

/// The shapes in the order in which they are painted.
pub(super) fn shapes(source: &str) -> Vec<Shape> {
    let source = source.get(..source.floor_char_boundary(MOST_BYTES)).unwrap_or_default();
    let mut reader = Reader { groups: vec![Group::default()], ..Reader::default() };
    let tags = || memchr::memchr_iter(b'<', source.as_bytes()).take(MOST_TAGS);
    let tag_at = |at: usize| {
        let rest = source.get(at + 1..)?;
        rest.get(..memchr::memchr(b'>', rest.as_bytes())?)
    };
    let mut end = 0;
    for at in tags() {
        if at < end {
            continue;
        }
        let Some(tag) = tag_at(at) else { break };
        end = at + tag.len();
        if let Some(rest) = tag.strip_prefix("use") {
            reader.used.extend(reference(rest));
        }
    }
    end = 0;
    for at in tags() {
        // A `<` inside a tag begins none; and a tag without end is looked for but once.
        if at < end {
            continue;
        }
        let Some(tag) = tag_at(at) else { break };
        end = at + tag.len();
        reader.tag(tag);
    }
    reader.shapes
}

fn reference(tag: &str) -> Option<&str> {
    value(tag, "href").or_else(|| value(tag, "xlink:href"))?.trim().strip_prefix('#')
}

impl<'s> Reader<'s> {
    fn tag(&mut self, tag: &'s str) {
        let name = tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        let around = self.groups.last().copied().unwrap_or_default();
        match name {
            "g" | "svg" | "symbol" | "defs" => {
                if let Some(id) = value(tag, "id").filter(|id| self.used.contains(id)) {
                    self.waiting = Some(id);
                }
                if self.groups.len() < DEEPEST && !tag.ends_with('/') {
                    self.groups.push(Group { at: moved(tag, around.at), dark: fill(tag).or(around.dark) });
                }
            }
            "rect" => {
                let side = |name: &str| number(value(tag, name)?);
                if let (Some(width), Some(height)) = (side("width"), side("height")) {
                    let [x, y] = moved(tag, around.at);
                    let form = [x + side("x").unwrap_or(0.0), y + side("y").unwrap_or(0.0), width, height];
                    self.paint(tag, Form::Rectangle(form), around);
                }
            }
            "circle" => {
                let side = |name: &str| number(value(tag, name)?);
                if let Some(radius) = side("r") {
                    let [x, y] = moved(tag, around.at);
                    let (x, y) = (x + side("cx").unwrap_or(0.0), y + side("cy").unwrap_or(0.0));
                    // A dot fills the middle of its module.
                    let form = [x - radius, y - radius, 2.0 * radius, 2.0 * radius];
                    self.paint(tag, Form::Rectangle(form), around);
                }
            }
            "path" => self.path(tag, around),
            "use" => {
                let Some(pattern) = reference(tag).and_then(|id| self.patterns.get(id)).copied() else {
                    return;
                };
                let side = |name: &str| value(tag, name).and_then(number).unwrap_or(0.0);
                let [left, top] = moved(tag, around.at);
                let form =
                    [left + side("x") + pattern[0], top + side("y") + pattern[1], pattern[2], pattern[3]];
                self.paint(tag, Form::Rectangle(form), around);
            }
            _ if matches!(tag.trim_end(), "/g" | "/svg" | "/symbol" | "/defs") && self.groups.len() > 1 => {
                self.groups.pop();
            }
            _ => {}
        }
    }

    fn paint(&mut self, tag: &'s str, form: Form, around: Group) {
        let id = value(tag, "id").filter(|id| self.used.contains(id)).or(self.waiting.take());
        if let Some(id) = id {
            self.patterns.insert(id, extent(&form));
            return;
        }
        // `none` paints nothing, and what is not said is black.
        let unsaid = value(tag, "fill").is_none() && !tag.contains("fill:");
        let dark = match fill(tag) {
            Some(dark) => dark,
            None if unsaid => around.dark.unwrap_or(true),
            None => return,
        };
        self.shapes.push(Shape { form, dark });
    }

    fn path(&mut self, tag: &'s str, around: Group) {
        let Some(data) = value(tag, "d") else { return };
        let [dx, dy] = moved(tag, around.at);
        let stroke = value(tag, "stroke").and_then(color);
        let fills = value(tag, "fill").is_some_and(|fill| fill != "none");
        let (mut edges, mut flat) = (Vec::new(), Vec::new());
        let left = MOST_SEGMENTS.saturating_sub(self.segments);
        self.segments += segments(data, left, &mut |[x0, y0, x1, y1], drawn| {
            let line = [x0 + dx, y0 + dy, x1 + dx, y1 + dy];
            if (y0 - y1).abs() > 1e-6 {
                edges.push(line);
            } else if drawn && (x0 - x1).abs() > 1e-6 {
                flat.push(line);
            }
        });
        // Rows of lines as thick as a module: qrcode.js, segno.
        if let (Some(ink), false) = (stroke, fills) {
            let thick = value(tag, "stroke-width").and_then(number).unwrap_or(1.0);
            let boxes = flat
                .into_iter()
                .map(|[x0, y, x1, _]| Form::Rectangle([x0.min(x1), y - thick / 2.0, (x1 - x0).abs(), thick]));
            let dark = ink.luminance() < HALF;
            self.shapes.extend(boxes.map(|form| Shape { form, dark }));
            return;
        }
        self.paint(tag, Form::Outline(edges), around);
    }
}

/// Between dark and light, in relative luminance: navy and forest green are dark to a scanner.
const HALF: f64 = 0.35;

/// Whether what the tag paints with is dark; `None` where it says nothing, or paints nothing.
fn fill(tag: &str) -> Option<bool> {
    let styled = value(tag, "style").and_then(|style| {
        let (_, rest) = style.split_once("fill:")?;
        rest.split(';').next()
    });
    let said = styled.or_else(|| value(tag, "fill"))?.trim();
    // A run of colours is as dark as code makers choose it.
    if said.eq_ignore_ascii_case("currentcolor") || said.starts_with("url(") {
        return Some(true);
    }
    color(said).map(|color| color.luminance() < HALF)
}

/// `transform="translate(4, 5)"`, added to where the group stands.
fn moved(tag: &str, at: [f64; 2]) -> [f64; 2] {
    let translated = || {
        let (_, rest) = value(tag, "transform")?.split_once("translate(")?;
        let mut numbers = rest.split(')').next()?.split([',', ' ']).filter(|n| !n.is_empty()).map(number);
        let x = numbers.next()??;
        Some([x, numbers.next().flatten().unwrap_or(0.0)])
    };
    translated().map_or(at, |[x, y]: [f64; 2]| [at[0] + x, at[1] + y])
}

fn extent(form: &Form) -> [f64; 4] {
    match form {
        Form::Rectangle(rectangle) => *rectangle,
        Form::Outline(edges) => {
            let mut lo = [f64::INFINITY; 2];
            let mut hi = [f64::NEG_INFINITY; 2];
            for [x0, y0, x1, y1] in edges {
                lo = [lo[0].min(*x0).min(*x1), lo[1].min(*y0).min(*y1)];
                hi = [hi[0].max(*x0).max(*x1), hi[1].max(*y0).max(*y1)];
            }
            [lo[0], lo[1], hi[0] - lo[0], hi[1] - lo[1]]
        }
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().trim_end_matches("px").parse::<f64>().ok().filter(|number| number.is_finite())
}

/// The value of an attribute of a tag.
fn value<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let bytes = tag.as_bytes();
    let at = tag.match_indices(name).find(|(at, _)| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        before.is_some_and(u8::is_ascii_whitespace) && bytes.get(at + name.len()) == Some(&b'=')
    })?;
    let rest = tag.get(at.0 + name.len() + 1..)?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest.get(1..)?.split(quote).next()
}

/// The straight segments of a path (SVG 2, section 9.3), at most `most`; curves are taken as the line
/// between their ends. The flag tells a segment that is written from one that closes an outline.
fn segments(data: &str, most: usize, on: &mut dyn FnMut([f64; 4], bool)) -> usize {
    let mut count = 0;
    let (mut at, mut start) = ([0.0, 0.0], [0.0, 0.0]);
    let mut rest = data;
    let mut command = 'M';
    while count < most {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        let Some(first) = rest.chars().next() else { break };
        if first.is_ascii_alphabetic() {
            command = first;
            rest = &rest[1..];
        } else if command.eq_ignore_ascii_case(&'z') {
            break;
        }
        count += 1;
        let base = if command.is_ascii_lowercase() { at } else { [0.0, 0.0] };
        let wanted = match command.to_ascii_lowercase() {
            'z' => 0,
            'h' | 'v' => 1,
            'm' | 'l' | 't' => 2,
            'q' | 's' => 4,
            'c' => 6,
            'a' => 7,
            _ => break,
        };
        let mut taken = [0.0; 7];
        let read = taken.iter_mut().take(wanted).all(|slot| match leading_number(&mut rest) {
            Some(number) => {
                *slot = number;
                true
            }
            None => false,
        });
        if !read {
            break;
        }
        let to = match command.to_ascii_lowercase() {
            'z' => start,
            'h' => [base[0] + taken[0], at[1]],
            'v' => [at[0], base[1] + taken[0]],
            _ => [base[0] + taken[wanted - 2], base[1] + taken[wanted - 1]],
        };
        if command.eq_ignore_ascii_case(&'m') {
            // What is filled is closed, said or not.
            on([at[0], at[1], start[0], start[1]], false);
            start = to;
            // Further pairs are lines.
            command = if command == 'm' { 'l' } else { 'L' };
        } else {
            on([at[0], at[1], to[0], to[1]], !command.eq_ignore_ascii_case(&'z'));
        }
        at = to;
    }
    on([at[0], at[1], start[0], start[1]], false);
    count
}

/// `1.5-2.25` are two numbers, and so is `.5.5`.
fn leading_number(rest: &mut &str) -> Option<f64> {
    let text = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
    let bytes = text.as_bytes();
    let (mut end, mut point) = (0, false);
    while let Some(byte) = bytes.get(end) {
        let exponent = end > 0 && matches!(bytes[end - 1], b'e' | b'E');
        match byte {
            b'0'..=b'9' => {}
            b'-' | b'+' if end == 0 || exponent => {}
            b'.' if !point => point = true,
            b'e' | b'E' if end > 0 => point = true,
            _ => break,
        }
        end += 1;
    }
    let number = text.get(..end)?.parse::<f64>().ok().filter(|number| number.is_finite())?;
    *rest = &text[end..];
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_followed() {
        let mut lines = Vec::new();
        segments("M4 4h7v1h-7zm1.5-2.5.5.5l1,1H3", 100, &mut |line, drawn| {
            if drawn {
                lines.push(line);
            }
        });
        assert_eq!(lines[0], [4.0, 4.0, 11.0, 4.0]);
        assert_eq!(lines[2], [11.0, 5.0, 4.0, 5.0]);
        assert_eq!(lines[3], [5.5, 1.5, 6.0, 2.0]);
        assert_eq!(lines.last(), Some(&[7.0, 3.0, 3.0, 3.0]));
        for broken in ["", "z", "M", "Mé", "M1 1 h", "M1 1 x", "M1e999 1h1", "M0 0 0 0 z 5", "-", "M1 1l--2"]
        {
            segments(broken, 100, &mut |_, _| {});
        }
    }

    #[test]
    fn hostile_sources_end() {
        for piece in ["<rect", "<use href='#a' ", "<path d=\"M0 0h1", "<g ", "</g>", "<rect width='é'>", "<"]
        {
            shapes(&piece.repeat(30_000));
        }
        assert!(shapes("<rect width=\"é").is_empty());
    }
}
