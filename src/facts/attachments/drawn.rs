//! QR codes that are drawn without a picture: in block characters, in the cells of a table, in the
//! rectangles of an SVG. Filters that look at pictures alone do not see them. Gives dark and light
//! modules; reading them is for others.

use super::grounds::Grounds;
use super::svg;
use super::vector::{Drawing, Form, LEAST, MOST, Shape, rastered};
use crate::parse::message::{Html, Tag};

/// Drawings taken from one text.
pub(super) const MOST_DRAWINGS: usize = 4;

/// What block characters draw: full and half blocks, two or one for a module.
pub(super) fn in_text(text: &str) -> Vec<Drawing> {
    let mut found = Vec::new();
    let mut lines: Vec<Vec<char>> = Vec::new();
    for line in text.lines().map(str::trim_end).chain(std::iter::once("")) {
        let blocks = line.chars().filter(|c| matches!(c, '▀' | '▄') || is_full(*c)).count();
        if blocks >= 5 && line.chars().all(|c| matches!(c, '▀' | '▄') || is_full(c) || is_empty(c)) {
            if lines.len() < MOST {
                lines.push(line.chars().take(2 * MOST + 20).collect());
            }
            continue;
        }
        found.extend(drawing_of(&lines));
        lines.clear();
        if found.len() >= MOST_DRAWINGS {
            break;
        }
    }
    found
}

/// Characters whose whole box is ink.
fn is_full(c: char) -> bool {
    matches!(c, '█' | '▓' | '■' | '⬛' | '◼')
}

/// Those that leave the paper as it is.
fn is_empty(c: char) -> bool {
    c.is_whitespace() || matches!(c, '░' | '□' | '⬜' | '◻' | '\u{2800}')
}

/// Those that look like one module by themselves, or that a text has once for a module.
fn is_square(c: char) -> bool {
    matches!(c, '⬛' | '⬜' | '■' | '□' | '◼' | '◻')
}

fn drawing_of(lines: &[Vec<char>]) -> Option<Drawing> {
    let halves = lines.iter().flatten().any(|c| matches!(c, '▀' | '▄'));
    if lines.len() < if halves { LEAST / 2 } else { LEAST } {
        return None;
    }
    let width = lines.iter().map(Vec::len).max()?;
    let at = |line: &[char], column: usize| line.get(column).copied().unwrap_or(' ');
    if halves {
        let rows = lines.iter().flat_map(|line| {
            let row =
                |full: char| (0..width).map(move |c| is_full(at(line, c)) || at(line, c) == full).collect();
            [row('▀'), row('▄')]
        });
        return Some(Drawing { rows: rows.collect() });
    }
    // Characters are twice as high as wide: two stand for a module.
    let square = lines.iter().flatten().any(|c| is_square(*c));
    let double = !square && width >= lines.len() * 3 / 2;
    let step = if double { 2 } else { 1 };
    let rows = lines.iter().map(|line| (0..width).step_by(step).map(|c| is_full(at(line, c))).collect());
    Some(Drawing { rows: rows.collect() })
}

/// What the cells of tables draw by their background.
pub(super) fn in_tables(html: &Html) -> Vec<Drawing> {
    if html.tags_named("td").nth(LEAST * LEAST / 4).is_none() {
        return Vec::new();
    }
    let said = Grounds::read(html);
    // A cell that says nothing shows the ground of its row, and that of its table.
    let mut grounds = [None; 2];
    // Rows in order: the table around and the cells.
    let mut rows: Vec<(Option<usize>, Vec<bool>)> = Vec::new();
    let mut row_of: Option<usize> = None;
    for (at, tag) in html.tags.iter().enumerate() {
        match &*tag.name {
            "table" => grounds = [said.of(tag).dark, None],
            "tr" => {
                row_of = Some(at);
                grounds[1] = said.of(tag).dark;
                let table = around(html, tag, "table");
                if rows.len() < 4000 {
                    rows.push((table, Vec::new()));
                }
            }
            "td" if row_of.is_some() && html.text_of(tag).is_empty() => {
                let span = tag.attribute("colspan").and_then(|n| n.trim().parse::<usize>().ok()).unwrap_or(1);
                let dark = said.of(tag).dark.or(grounds[1]).or(grounds[0]).unwrap_or(false);
                if let Some((_, cells)) = rows.last_mut() {
                    cells.extend(std::iter::repeat_n(dark, span.clamp(1, MOST)));
                    cells.truncate(MOST);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    for group in rows.chunk_by(|a, b| a.0 == b.0) {
        let cells: Vec<Vec<bool>> = group.iter().map(|(_, cells)| cells.clone()).collect();
        let square = cells.len() >= LEAST
            && cells.len() <= MOST
            && cells.iter().filter(|row| row.len() >= LEAST).count() >= LEAST;
        if square && cells.iter().flatten().any(|dark| *dark) && found.len() < MOST_DRAWINGS {
            found.push(Drawing { rows: cells });
        }
    }
    found
}

fn around(html: &Html, tag: &Tag, name: &str) -> Option<usize> {
    let mut at = tag.parent;
    for _ in 0..8 {
        let index = at?;
        let outer = html.tags.get(index)?;
        if outer.name == name {
            return Some(index);
        }
        at = outer.parent;
    }
    None
}

/// The content of elements that keep their blanks, where block characters may draw.
pub(super) fn kept_lines(html: &Html, source: &str) -> Vec<String> {
    let keeps = |tag: &&Tag| {
        matches!(&*tag.name, "pre" | "code" | "textarea")
            || tag
                .declarations()
                .any(|(property, value)| property == "white-space" && value.starts_with("pre"))
    };
    let mut end = 0;
    let mut found = Vec::new();
    for tag in html.tags.iter().filter(|tag| !tag.hidden).filter(keeps).take(20) {
        if tag.offset < end {
            continue;
        }
        let rest = source.get(tag.offset..).unwrap_or_default();
        let close = rest.find(&format!("</{}", tag.name)).unwrap_or(rest.len()).min(LONGEST_TEXT);
        let inner = rest.get(..rest.floor_char_boundary(close)).unwrap_or_default();
        end = tag.offset + inner.len();
        found.push(without_tags(inner));
    }
    found
}

/// Bytes of one such element: 200 lines of 400 characters in entities.
const LONGEST_TEXT: usize = 1 << 20;

fn without_tags(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(at) = memchr::memchr2(b'<', b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let (sign, tail) = (rest.as_bytes()[at], &rest[at..]);
        let end = memchr::memchr(if sign == b'<' { b'>' } else { b';' }, tail.as_bytes());
        let Some(end) = end.filter(|end| sign == b'<' || *end <= 12) else {
            // No tag ends any more, or a lone sign.
            if sign == b'<' {
                return out;
            }
            out.push('&');
            rest = &tail[1..];
            continue;
        };
        if sign == b'<' {
            let name = tail[1..end].trim_start_matches('/').trim_end_matches(['/', ' ']).to_ascii_lowercase();
            if matches!(name.as_str(), "br" | "div" | "p") {
                out.push('\n');
            }
        } else {
            out.extend(entity(&tail[1..end]));
        }
        rest = &tail[end + 1..];
    }
    out.push_str(rest);
    out
}

/// The characters that drawings are made of.
fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']);
        let code = hex.map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
        return code.and_then(char::from_u32);
    }
    Some(match name {
        "block" => '█',
        "uhblk" => '▀',
        "lhblk" => '▄',
        "nbsp" | "emsp" | "ensp" => ' ',
        _ => return None,
    })
}

/// What the shapes of an SVG draw.
pub(super) fn in_svg(source: &str) -> Vec<Drawing> {
    rastered(&svg::shapes(source)).into_iter().collect()
}

/// What the rectangles of a page of a PDF draw.
pub(super) fn in_page(rectangles: &[([i32; 4], bool)]) -> Option<Drawing> {
    let shape =
        |(sides, dark): &([i32; 4], bool)| Shape { form: Form::Rectangle(sides.map(f64::from)), dark: *dark };
    rastered(&rectangles.iter().map(shape).collect::<Vec<_>>())
}

/// A grey picture of a drawing with its quiet zone, four pixels a module: width, height, bytes.
pub(super) fn picture(drawing: &Drawing, inverted: bool) -> (usize, usize, Vec<u8>) {
    const SCALE: usize = 4;
    const QUIET: usize = 4;
    let columns = drawing.rows.iter().map(Vec::len).max().unwrap_or(0);
    let (width, height) = ((columns + 2 * QUIET) * SCALE, (drawing.rows.len() + 2 * QUIET) * SCALE);
    let mut bytes = vec![255; width * height];
    for (y, line) in bytes.chunks_exact_mut(width.max(1)).enumerate() {
        let Some(row) = (y / SCALE).checked_sub(QUIET).and_then(|y| drawing.rows.get(y)) else { continue };
        for (x, byte) in line.iter_mut().enumerate() {
            let Some(x) = (x / SCALE).checked_sub(QUIET).filter(|x| *x < columns) else { continue };
            let dark = row.get(x).copied().unwrap_or(false) != inverted;
            *byte = if dark { 0 } else { 255 };
        }
    }
    (width, height, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawings_keep_their_modules() {
        let line = "█ ".repeat(30);
        let text = format!("{}\n", line.trim_end()).repeat(25);
        let found = in_text(&text);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].rows.len(), found[0].rows[0].len()), (25, 30));
        assert!(in_text("█ a small bar █").is_empty());
        let svg: String = (0..30)
            .flat_map(|y| (0..30).map(move |x| (x, y)))
            .filter(|(x, y)| (x + y) % 2 == 0)
            .map(|(x, y)| format!("<rect x=\"{}\" y=\"{}\" width=\"5\" height=\"5\"/>", x * 5, y * 5))
            .collect();
        let found = in_svg(&svg);
        assert_eq!((found[0].rows.len(), found[0].rows[0].len()), (30, 30));
        assert!(found[0].rows[0][0] && !found[0].rows[0][1]);
        assert!(in_svg("<rect width=\"é").is_empty());
    }
}
