//! A check's page for `mailvet explain`.

use super::style::{Look, wrap};
use crate::check::Check;

/// The page, from the check's one declaration.
pub(crate) fn page(check: &Check, look: Look) -> String {
    let mut out = format!("{}\n", look.bold(check.code));
    out.push_str(&wrap(check.title, look.width, "  ", "  "));
    out.push_str(&format!("\n  area      {}\n", check.area.title()));
    out.push_str(&format!("  severity  {}\n", look.severity(check.severity, check.severity.name())));
    out.push_str(&format!("  since     {}\n\n", check.since));
    out.push_str(&format!("{}\n{}\n", look.bold("Why it matters"), wrap(check.why, look.width, "  ", "  ")));
    out.push_str(&format!("{}\n{}\n", look.bold("How to fix it"), wrap(check.fix, look.width, "  ", "  ")));
    out.push_str(&format!("{}\n", look.bold("References")));
    for reference in check.references {
        out.push_str(&wrap(&reference.label(), look.width, "  ", "  "));
        out.push_str(&format!("    {}\n", reference.url()));
    }
    out
}

/// One line a check, area by area.
pub(crate) fn list<'a>(checks: impl Iterator<Item = &'a Check>, look: Look) -> String {
    let mut out = String::new();
    let mut area = None;
    for check in checks {
        if area != Some(check.area) {
            if area.is_some() {
                out.push('\n');
            }
            out.push_str(&format!("{}\n", look.bold(check.area.title())));
            area = Some(check.area);
        }
        let severity = look.severity(check.severity, &format!("{:8}", check.severity.name()));
        out.push_str(&format!("  {severity}  {}\n", check.code));
        out.push_str(&wrap(check.title, look.width, "            ", "            "));
    }
    out
}
