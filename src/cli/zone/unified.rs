//! A unified diff of two texts, as `patch` and `git apply` take it.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::model::untrusted::Width;
use similar::{Algorithm, DiffOp, capture_diff_slices_deadline, group_diff_ops};

/// Lines shown around a change.
const CONTEXT: usize = 3;
/// How long to look for the shortest diff; a longer one is as right.
const PATIENCE: Duration = Duration::from_secs(5);

/// The diff, empty where nothing differs; `None` where a line of it is no text that can be shown:
/// control characters could forge lines at a terminal or in a log.
pub(super) fn diff(path: &str, old: &[u8], new: &[u8]) -> Option<String> {
    if old == new {
        return Some(String::new());
    }
    let before: Vec<&[u8]> = old.split_inclusive(|byte| *byte == b'\n').collect();
    let after: Vec<&[u8]> = new.split_inclusive(|byte| *byte == b'\n').collect();
    let deadline = Instant::now().checked_add(PATIENCE);
    let ops = capture_diff_slices_deadline(Algorithm::Myers, &before, &after, deadline);
    let path = crate::model::untrusted::plain(path, Width::Record);
    let mut out = format!("--- a/{path}\n+++ b/{path}\n");
    for group in group_diff_ops(ops, CONTEXT) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let old_range = first.old_range().start..last.old_range().end;
        let new_range = first.new_range().start..last.new_range().end;
        // Writing to a string cannot fail.
        let _ = writeln!(out, "@@ -{} +{} @@", range(old_range), range(new_range));
        for op in group {
            lines(&mut out, &op, &before, &after)?;
        }
    }
    Some(out)
}

fn lines(out: &mut String, op: &DiffOp, before: &[&[u8]], after: &[&[u8]]) -> Option<()> {
    let mut write = |sign: char, lines: &[&[u8]]| -> Option<()> {
        for line in lines {
            let text = std::str::from_utf8(line).ok()?;
            let body = text.strip_suffix('\n').unwrap_or(text);
            let body = body.strip_suffix('\r').unwrap_or(body);
            if body.chars().any(|c| c != '\t' && (c.is_control() || hides(c))) {
                return None;
            }
            out.push(sign);
            out.push_str(text);
            if !text.ends_with('\n') {
                out.push_str("\n\\ No newline at end of file\n");
            }
        }
        Some(())
    };
    match op {
        DiffOp::Equal { .. } => write(' ', &before[op.old_range()]),
        _ => {
            write('-', &before[op.old_range()])?;
            write('+', &after[op.new_range()])
        }
    }
}

/// Characters that turn the direction of a line around, and those that end one.
fn hides(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// `12,3`, `12` for one line, `11,0` before line 12 where there is none.
fn range(lines: std::ops::Range<usize>) -> String {
    match lines.len() {
        1 => format!("{}", lines.start + 1),
        0 => format!("{},0", lines.start),
        count => format!("{},{count}", lines.start + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_has_lines_of_both_and_says_where_the_last_does_not_end() {
        let told = diff("z", b"a\nb\nc", b"a\nB\nc\n").unwrap();
        assert_eq!(
            told,
            "--- a/z\n+++ b/z\n@@ -1,3 +1,3 @@\n a\n-b\n-c\n\\ No newline at end of file\n+B\n+c\n"
        );
        assert_eq!(diff("z", b"a\n", b"a\n").unwrap(), "");
        assert!(diff("z", b"a\n", b"a\n\x1b[2J\n").is_none() && diff("z", b"a\n", b"\xff\n").is_none());
        assert!(diff("z", b"a\n", b"b\r::error::x\n").is_none());
    }
}
