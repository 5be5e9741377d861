//! QR codes that are drawn without a picture: in block characters, in the cells of a table, in the
//! rectangles of an SVG. Filters that look at pictures alone do not see them. Gives dark and light
//! modules; reading them is for others.

use crate::parse::message::{Html, Tag};

/// Modules, row by row, true for dark.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Drawing {
    pub rows: Vec<Vec<bool>>,
}

/// A code has 21 modules a side or more, and no more than 177.
const LEAST: usize = 21;
const MOST: usize = 200;
/// Drawings taken from one text.
const MOST_DRAWINGS: usize = 4;

/// What block characters draw: full and half blocks, two or one for a module.
pub(super) fn in_text(text: &str) -> Vec<Drawing> {
    let mut found = Vec::new();
    let mut lines: Vec<Vec<char>> = Vec::new();
    for line in text.lines().map(str::trim_end).chain(std::iter::once("")) {
        let blocks = line.chars().filter(|c| matches!(c, '█' | '▀' | '▄')).count();
        if blocks >= 5
            && line.chars().all(|c| matches!(c, '█' | '▀' | '▄' | ' ' | '\u{a0}' | '\u{2003}' | '░'))
        {
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

fn drawing_of(lines: &[Vec<char>]) -> Option<Drawing> {
    let halves = lines.iter().flatten().any(|c| matches!(c, '▀' | '▄'));
    if lines.len() < if halves { LEAST / 2 } else { LEAST } {
        return None;
    }
    let width = lines.iter().map(Vec::len).max()?;
    let at = |line: &[char], column: usize| line.get(column).copied().unwrap_or(' ');
    if halves {
        let rows = lines.iter().flat_map(|line| {
            let row = |full: char| {
                (0..width).map(move |c| matches!(at(line, c), '█') || at(line, c) == full).collect()
            };
            [row('▀'), row('▄')]
        });
        return Some(Drawing { rows: rows.collect() });
    }
    // Characters are twice as high as wide: two stand for a module.
    let double = width >= lines.len() * 3 / 2;
    let step = if double { 2 } else { 1 };
    let rows = lines.iter().map(|line| (0..width).step_by(step).map(|c| at(line, c) == '█').collect());
    Some(Drawing { rows: rows.collect() })
}

/// What the cells of tables draw by their background.
pub(super) fn in_tables(html: &Html) -> Vec<Drawing> {
    // Rows in order: the table around and the cells.
    let mut rows: Vec<(Option<usize>, Vec<bool>)> = Vec::new();
    let mut row_of: Option<usize> = None;
    for (at, tag) in html.tags.iter().enumerate() {
        match &*tag.name {
            "tr" => {
                row_of = Some(at);
                let table = around(html, tag, "table");
                if rows.len() < 4000 {
                    rows.push((table, Vec::new()));
                }
            }
            "td" if row_of.is_some() && html.text_of(tag).is_empty() => {
                let span = tag.attribute("colspan").and_then(|n| n.trim().parse::<usize>().ok()).unwrap_or(1);
                let dark = is_dark(tag);
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

fn is_dark(tag: &Tag) -> bool {
    let dark = |color: &str| {
        let color = color.trim().to_ascii_lowercase();
        matches!(
            color.as_str(),
            "black"
                | "#000"
                | "#000000"
                | "rgb(0,0,0)"
                | "#111"
                | "#111111"
                | "#222"
                | "#222222"
                | "#333"
                | "#333333"
        )
    };
    tag.attribute("bgcolor").is_some_and(dark)
        || tag.declarations().any(|(property, value)| {
            matches!(&*property, "background" | "background-color") && dark(value.replace(' ', "").as_str())
        })
}

/// What the rectangles of an SVG draw, by the smallest of them: `rect` elements, and the runs of
/// a path such as `M4 4h7v1h-7z`.
pub(super) fn in_svg(source: &str) -> Vec<Drawing> {
    let source = source.get(..floor(source, 2 << 20)).unwrap_or_default();
    let mut boxes: Vec<[f64; 4]> = Vec::new();
    for (at, _) in source.match_indices("<rect").take(40_000) {
        let tag = source.get(at..).and_then(|rest| rest.get(..rest.find('>')?)).unwrap_or_default();
        let side = |name: &str| value(tag, name).and_then(|v| v.trim_end_matches("px").parse::<f64>().ok());
        let white = value(tag, "fill")
            .is_some_and(|fill| matches!(fill, "#fff" | "#ffffff" | "#FFFFFF" | "white" | "none"));
        if let (Some(width), Some(height), false) = (side("width"), side("height"), white) {
            boxes.push([side("x").unwrap_or(0.0), side("y").unwrap_or(0.0), width, height]);
        }
    }
    for (at, _) in source.match_indices(" d=\"").take(50) {
        let path = source.get(at + 4..).and_then(|rest| rest.get(..rest.find('"')?)).unwrap_or_default();
        runs(path, &mut boxes);
    }
    rastered(&boxes).into_iter().collect()
}

fn floor(text: &str, limit: usize) -> usize {
    let mut at = limit.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn value<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let at = tag.match_indices(name).find(|(at, _)| {
        let before = tag.get(..*at).and_then(|head| head.chars().next_back());
        before.is_some_and(char::is_whitespace)
            && tag.get(at + name.len()..).is_some_and(|rest| rest.starts_with('='))
    })?;
    let rest = tag.get(at.0 + name.len() + 1..)?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest.get(1..)?.split(quote).next()
}

/// `Mx,yhWvH...`: a box for each piece that begins so.
fn runs(path: &str, boxes: &mut Vec<[f64; 4]>) {
    let mut at = [0.0, 0.0];
    for piece in path
        .split_inclusive(['z', 'Z'])
        .flat_map(|piece| piece.split('M').filter(|p| !p.is_empty()))
        .take(40_000)
    {
        let relative = piece.starts_with('m');
        let piece = piece.trim_start_matches('m');
        let end = piece.find(['h', 'H']).unwrap_or(piece.len());
        let numbers: Vec<f64> = piece
            .get(..end)
            .unwrap_or_default()
            .split([' ', ','])
            .filter_map(|n| n.trim().parse().ok())
            .collect();
        let [x, y] = numbers.as_slice() else { continue };
        at = if relative { [at[0] + x, at[1] + y] } else { [*x, *y] };
        let after = |sign: char| {
            let rest = piece.split_once(sign)?.1;
            let end =
                rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-'))).unwrap_or(rest.len());
            rest.get(..end)?.parse::<f64>().ok()
        };
        let width = after('h').or_else(|| after('H').map(|to| to - at[0]));
        let height = after('v').or_else(|| after('V').map(|to| to - at[1])).unwrap_or(1.0);
        if let Some(width) = width {
            boxes.push([at[0], at[1], width, height]);
        }
    }
}

fn rastered(boxes: &[[f64; 4]]) -> Option<Drawing> {
    let sound: Vec<&[f64; 4]> =
        boxes.iter().filter(|b| b.iter().all(|n| n.is_finite()) && b[2] > 0.0 && b[3] > 0.0).collect();
    let unit = sound.iter().map(|b| b[2].min(b[3])).fold(f64::INFINITY, f64::min);
    let (left, top) =
        sound.iter().fold((f64::INFINITY, f64::INFINITY), |(x, y), b| (x.min(b[0]), y.min(b[1])));
    if sound.len() < 60 || !unit.is_finite() {
        return None;
    }
    let mut rows = vec![vec![false; MOST]; MOST];
    let (mut right, mut bottom) = (0, 0);
    for b in sound {
        let cell = |from: f64, length: f64| {
            let start = (from / unit).round().clamp(0.0, MOST as f64);
            let count = (length / unit).round().clamp(1.0, MOST as f64);
            // Both lie within the sides of the drawing.
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "clamped to 0..=MOST"
            )]
            let range = (start as usize, count as usize);
            range
        };
        let ((x, width), (y, height)) = (cell(b[0] - left, b[2]), cell(b[1] - top, b[3]));
        // A ground as large as the picture is no module.
        if width >= MOST || height >= MOST {
            continue;
        }
        for row in rows.iter_mut().skip(y).take(height) {
            row.iter_mut().skip(x).take(width).for_each(|cell| *cell = true);
        }
        (right, bottom) = (right.max((x + width).min(MOST)), bottom.max((y + height).min(MOST)));
    }
    rows.truncate(bottom);
    rows.iter_mut().for_each(|row| row.truncate(right));
    (right >= LEAST && bottom >= LEAST).then_some(Drawing { rows })
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
        let mut boxes = Vec::new();
        runs("M4 4h7v1h-7zM12,4h1v1h-1z", &mut boxes);
        assert_eq!(boxes, [[4.0, 4.0, 7.0, 1.0], [12.0, 4.0, 1.0, 1.0]]);
        assert!(in_svg("<rect width=\"é").is_empty());
    }
}
