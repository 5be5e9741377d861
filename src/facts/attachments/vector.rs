//! Shapes of a drawing made into modules: rectangles and outlines, dark and light, in the order in
//! which they are painted.

use std::collections::BTreeMap;

/// Modules, row by row, true for dark.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Drawing {
    pub rows: Vec<Vec<bool>>,
}

/// A code has 21 modules a side or more, and no more than 177.
pub(super) const LEAST: usize = 21;
pub(super) const MOST: usize = 200;
/// What is painted.
#[derive(Clone, Debug)]
pub(super) enum Form {
    /// Left, top, width, height.
    Rectangle([f64; 4]),
    /// Edges of an outline, filled by the even-odd rule: from x, y to x, y.
    Outline(Vec<[f64; 4]>),
}

#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub form: Form,
    pub dark: bool,
}

/// Fewer rectangles are no code.
const FEWEST: usize = 60;
/// Sides of a module that a single shape of a code may have: eyes have seven.
const LONGEST_RUN: f64 = 20.5;
/// Crossings of lines with edges that are worked out for one drawing.
const MOST_CROSSINGS: usize = 400_000;

/// The modules, where the shapes may be a code.
pub(super) fn rastered(shapes: &[Shape]) -> Option<Drawing> {
    let unit = unit_of(shapes)?;
    let of_code = |shape: &&Shape| match &shape.form {
        Form::Rectangle([.., width, height]) => is_run(*width, unit) && is_run(*height, unit),
        Form::Outline(edges) => !edges.is_empty(),
    };
    let modules: Vec<&Shape> = shapes.iter().filter(of_code).collect();
    let first_dark = modules.iter().position(|shape| shape.dark).unwrap_or(0);
    let ground = shapes.iter().find(|shape| is_ground(shape, unit)).is_some_and(|shape| shape.dark);
    // Light on light before anything dark is the paper.
    let modules = if ground { &modules[..] } else { &modules[first_dark..] };
    let (left, top) = modules.iter().fold((f64::INFINITY, f64::INFINITY), |(x, y), shape| {
        let [a, b] = corner(&shape.form);
        (x.min(a), y.min(b))
    });
    if !(left.is_finite() && top.is_finite()) {
        return None;
    }
    let mut grid = Grid { rows: vec![vec![ground; MOST]; MOST], right: 0, bottom: 0, crossings: 0 };
    for shape in modules {
        match &shape.form {
            Form::Rectangle([x, y, width, height]) => {
                let ((x, wide), (y, high)) = (span(x - left, *width, unit), span(y - top, *height, unit));
                grid.fill(x..x + wide, y..y + high, shape.dark);
            }
            Form::Outline(edges) => grid.outline(edges, [left, top], unit, shape.dark),
        }
    }
    let Grid { mut rows, right, bottom, .. } = grid;
    rows.truncate(bottom);
    rows.iter_mut().for_each(|row| row.truncate(right));
    (right >= LEAST && bottom >= LEAST).then_some(Drawing { rows })
}

/// The side of a module: the height that most rectangles have, or the shortest straight edge.
fn unit_of(shapes: &[Shape]) -> Option<f64> {
    let mut heights: Vec<f64> = Vec::new();
    let mut shortest = f64::INFINITY;
    let mut edges_seen = 0;
    for shape in shapes {
        match &shape.form {
            Form::Rectangle([.., width, height]) if sound(*width) && sound(*height) => {
                heights.push(width.min(*height))
            }
            Form::Rectangle(_) => {}
            Form::Outline(edges) => {
                edges_seen += edges.len();
                let lengths =
                    edges.iter().filter(|e| (e[0] - e[2]).abs() < 1e-6).map(|e| (e[3] - e[1]).abs());
                shortest = lengths.filter(|length| sound(*length)).fold(shortest, f64::min);
            }
        }
    }
    if heights.len() < FEWEST {
        return (edges_seen >= 2 * FEWEST && shortest.is_finite()).then_some(shortest);
    }
    heights.sort_by(f64::total_cmp);
    let runs = heights.chunk_by(|a, b| (b - a).abs() <= a * 0.02);
    runs.max_by_key(|run| run.len()).and_then(|run| run.get(run.len() / 2)).copied()
}

fn sound(length: f64) -> bool {
    length.is_finite() && length > 1e-6
}

/// About a whole number of modules, as no border or letter is for long.
fn is_run(length: f64, unit: f64) -> bool {
    let modules = length / unit;
    sound(length) && (0.8..=LONGEST_RUN).contains(&modules) && (modules - modules.round()).abs() <= 0.2
}

fn is_ground(shape: &Shape, unit: f64) -> bool {
    let long = |length: f64| length.is_finite() && length / unit >= LONGEST_RUN;
    match &shape.form {
        Form::Rectangle([.., width, height]) => long(*width) && long(*height),
        Form::Outline(edges) => {
            // The sheet is one rectangle: two edges that do not lie flat.
            edges.len() == 2 && edges.iter().all(|edge| long((edge[3] - edge[1]).abs()))
        }
    }
}

fn corner(form: &Form) -> [f64; 2] {
    match form {
        Form::Rectangle([x, y, ..]) => [*x, *y],
        Form::Outline(edges) => edges.iter().fold([f64::INFINITY; 2], |[x, y], edge| {
            [x.min(edge[0]).min(edge[2]), y.min(edge[1]).min(edge[3])]
        }),
    }
}

/// First module and their number.
fn span(from: f64, length: f64, unit: f64) -> (usize, usize) {
    (whole(from / unit, 0.0), whole(length / unit, 1.0))
}

fn whole(number: f64, least: f64) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=MOST")]
    let whole = number.round().clamp(least, MOST as f64) as usize;
    whole
}

struct Grid {
    rows: Vec<Vec<bool>>,
    right: usize,
    bottom: usize,
    crossings: usize,
}

impl Grid {
    fn fill(&mut self, columns: std::ops::Range<usize>, rows: std::ops::Range<usize>, dark: bool) {
        for row in self.rows.iter_mut().skip(rows.start).take(rows.len()) {
            row.iter_mut().skip(columns.start).take(columns.len()).for_each(|cell| *cell = dark);
        }
        self.right = self.right.max(columns.end.min(MOST));
        self.bottom = self.bottom.max(rows.end.min(MOST));
    }

    fn outline(&mut self, edges: &[[f64; 4]], [left, top]: [f64; 2], unit: f64, dark: bool) {
        // Most outlines are of one module.
        let mut lines: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for [x0, y0, x1, y1] in edges {
            let (upper, lower) = (y0.min(*y1), y0.max(*y1));
            // Lines through the middle of the modules between the ends of the edge.
            let (first, last) = (whole((upper - top) / unit, 0.0), whole((lower - top) / unit, 0.0));
            for line in first.saturating_sub(1)..=last.min(MOST - 1) {
                let y = top + (line as f64 + 0.5) * unit;
                if self.crossings >= MOST_CROSSINGS {
                    return;
                }
                if y >= upper && y < lower {
                    self.crossings += 1;
                    lines.entry(line).or_default().push(x0 + (x1 - x0) * (y - y0) / (y1 - y0));
                }
            }
        }
        for (line, mut crossings) in lines {
            crossings.sort_by(f64::total_cmp);
            for pair in crossings.chunks_exact(2) {
                let (from, to) = (whole((pair[0] - left) / unit, 0.0), whole((pair[1] - left) / unit, 0.0));
                if to > from {
                    self.fill(from..to, line..line + 1, dark);
                }
            }
        }
    }
}
