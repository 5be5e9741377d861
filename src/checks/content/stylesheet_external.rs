//! A style sheet is loaded from outside.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "stylesheet-external",
    area: Area::Content,
    title: "a style sheet is loaded from outside",
    severity: Severity::Medium,
    why: "\
        Gmail, Outlook and Yahoo never load external style sheets: the message arrives bare. \
        Filters see a fetch without purpose.",
    fix: "Inline the styles (and keep a style element for media queries).",
    references: &[pages::CAN_I_EMAIL],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    if message.htmls().is_empty() {
        return Ok(Verdict::NotApplicable("the message has no HTML part"));
    }
    let mut problems = Vec::new();
    for (html, part) in message.html_parts() {
        let source =
            message.bodies().iter().find(|body| body.part == html.part).map_or("", |body| &body.text);
        let sheets = html.tags_named("link").filter(|tag| is_sheet(tag.attribute("rel")));
        for tag in sheets.filter(|tag| !is_conditional(source, tag.offset)).take(5) {
            let href = tag.attribute("href").unwrap_or_default();
            // A font sheet that is dropped leaves the fallback fonts and harms nothing.
            let font = href.contains("font");
            problems.push(
                Problem::at(
                    message.part_subject(part),
                    format!("<link> loads {}; mail programs drop it", plain(href, Width::Line)),
                )
                .fix("inline the rules as style attributes, or put them into a <style> element")
                .severity(if font { Severity::Info } else { Severity::Medium })
                .located(message.location(tag.line)),
            );
        }
        for (css, line) in
            html.styles.iter().filter(|(css, _)| css.to_ascii_lowercase().contains("@import")).take(3)
        {
            let font = css.contains("font");
            problems.push(
                Problem::at(
                    message.part_subject(part),
                    "@import in <style>; Gmail drops the whole style element",
                )
                .fix("paste the imported rules in its place")
                .severity(if font { Severity::Low } else { Severity::Medium })
                .located(message.location(*line)),
            );
        }
    }
    Ok(Verdict::from_problems(problems))
}

fn is_sheet(rel: Option<&str>) -> bool {
    rel.is_some_and(|rel| rel.split_whitespace().any(|word| word.eq_ignore_ascii_case("stylesheet")))
}

/// Between `<!--[if ...]>` and its end: written for one program, which loads it.
fn is_conditional(source: &str, offset: usize) -> bool {
    let before = source.as_bytes().get(..offset).unwrap_or_default();
    let open = memchr::memmem::rfind(before, b"<!--[if");
    let close = memchr::memmem::rfind(before, b"<![endif]");
    open.is_some() && open > close
}
