//! QR codes that the boxes of a page draw: empty elements side by side in rows, all in one, or each at
//! its place. Gives dark and light modules; reading them is for others.

use super::drawn::MOST_DRAWINGS;
use super::grounds::{Ground, Grounds};
use super::vector::{Drawing, Form, LEAST, MOST, Shape, rastered};
use crate::parse::message::{Html, Tag};

/// Elements that hold nothing and are drawn all the same. Cells of tables are read by their rows.
const BOXES: [&str; 14] =
    ["div", "span", "i", "b", "u", "s", "em", "p", "a", "li", "font", "small", "strong", "section"];
/// Fewer boxes draw no code: a row may be one run, and no row is.
const FEWEST: usize = LEAST * 4;
/// Boxes that are looked at.
const MOST_BOXES: usize = 60_000;

/// An empty box, and the element around it.
struct Cell {
    parent: usize,
    ground: Ground,
}

/// What the empty boxes of a page draw.
pub(super) fn in_boxes(html: &Html) -> Vec<Drawing> {
    if html.tags.iter().filter(|tag| BOXES.contains(&&*tag.name)).nth(FEWEST).is_none() {
        return Vec::new();
    }
    let cells = cells_of(html);
    if cells.len() < FEWEST {
        return Vec::new();
    }
    let mut found: Vec<Drawing> = Vec::new();
    // Rows that stand under one element, in order: that element and the boxes.
    let mut rows: Vec<(Option<usize>, &[Cell])> = Vec::new();
    for group in cells.chunk_by(|a, b| a.parent == b.parent) {
        if let Some(drawing) = placed(group).or_else(|| flowing(group)) {
            found.push(drawing);
        } else if let Some(around) = group.first().and_then(|cell| html.tags.get(cell.parent)) {
            rows.push((around.parent, group));
        }
    }
    for group in rows.chunk_by(|a, b| a.0 == b.0) {
        if (LEAST..=MOST).contains(&group.len()) {
            let unit = unit_of(group.iter().flat_map(|(_, row)| *row));
            let drawing = Drawing { rows: group.iter().map(|(_, row)| modules(row, unit)).collect() };
            let wide = drawing.rows.iter().filter(|row| row.len() >= LEAST).count() >= LEAST;
            found.extend(wide.then_some(drawing));
        }
    }
    found.retain(|drawing| drawing.rows.iter().flatten().any(|dark| *dark));
    found.truncate(MOST_DRAWINGS);
    found
}

/// The empty boxes that have a ground or a size; what says neither is not seen. A box that says no
/// ground shows that of the two elements around it.
fn cells_of(html: &Html) -> Vec<Cell> {
    let mut holds = vec![false; html.tags.len()];
    for parent in html.tags.iter().filter_map(|tag| tag.parent) {
        if let Some(holds) = holds.get_mut(parent) {
            *holds = true;
        }
    }
    let grounds = Grounds::read(html);
    let mut around: Option<(usize, Option<bool>)> = None;
    let empty = html
        .tags
        .iter()
        .zip(&holds)
        .filter(|(tag, holds)| !**holds && BOXES.contains(&&*tag.name) && html.text_of(tag).is_empty());
    let cell = |(tag, _): (&Tag, &bool)| {
        let parent = tag.parent?;
        let ground = grounds.of(tag);
        if ground.dark.is_none() && (ground.width.is_none() || ground.clears) {
            return None;
        }
        if around.is_none_or(|(known, _)| known != parent) {
            let outer = html.tags.get(parent)?;
            let next = || outer.parent.and_then(|at| html.tags.get(at)).and_then(|tag| grounds.of(tag).dark);
            around = Some((parent, grounds.of(outer).dark.or_else(next)));
        }
        let dark = ground.dark.or(around.and_then(|(_, dark)| dark));
        Some(Cell { parent, ground: Ground { dark, ..ground } })
    };
    empty.filter_map(cell).take(MOST_BOXES).collect()
}

/// Boxes that say where they stand.
fn placed(cells: &[Cell]) -> Option<Drawing> {
    let shape = |cell: &Cell| {
        let Ground { dark, width, height, left, top, .. } = cell.ground;
        let sides = [left.unwrap_or(0.0), top.unwrap_or(0.0), width?, height?];
        (left.is_some() || top.is_some())
            .then(|| Shape { form: Form::Rectangle(sides), dark: dark.unwrap_or(false) })
    };
    let shapes: Vec<Shape> = cells.iter().filter_map(shape).collect();
    (shapes.len() >= FEWEST && shapes.len() * 2 > cells.len()).then(|| rastered(&shapes))?
}

/// Boxes that follow each other and are broken by the width of what is around them: a code is square.
fn flowing(cells: &[Cell]) -> Option<Drawing> {
    let all = modules(cells, unit_of(cells));
    let side = all.len().isqrt();
    let square = side * side == all.len() && (LEAST..=MOST).contains(&side);
    square.then(|| Drawing { rows: all.chunks(side).map(<[bool]>::to_vec).collect() })
}

/// The side of a module: the narrowest box.
fn unit_of<'c>(cells: impl IntoIterator<Item = &'c Cell>) -> f64 {
    let widths = cells.into_iter().filter_map(|cell| cell.ground.width).filter(|width| *width > 0.0);
    widths.fold(f64::INFINITY, f64::min)
}

/// Each box by the modules that are as wide as it.
fn modules(cells: &[Cell], unit: f64) -> Vec<bool> {
    let span = |cell: &Cell| {
        let modules = cell.ground.width.map_or(1.0, |width| (width / unit).round());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 1..=MOST")]
        let modules = if modules.is_finite() { modules.clamp(1.0, MOST as f64) as usize } else { 1 };
        modules
    };
    let of = |cell: &Cell| std::iter::repeat_n(cell.ground.dark.unwrap_or(false), span(cell));
    cells.iter().flat_map(of).take(MOST * MOST).collect()
}
