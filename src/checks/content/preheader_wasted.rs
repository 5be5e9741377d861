//! The preview line is wasted.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::words::folded;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "preheader-wasted",
    area: Area::Content,
    title: "the preview line is wasted",
    severity: Severity::Low,
    why: "\
        Inboxes show the first words of the body beside the subject. A repeated subject or \"view \
        in browser\" there wastes the second line a reader decides by.",
    fix: "Begin the HTML with a hidden preheader of 40 to 100 characters that goes on where the \
        subject stops.",
    references: &[pages::CAN_I_EMAIL],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let (Some(html), Some(subject)) = (message.html(), message.subject()) else {
        return Ok(Verdict::NotApplicable("no HTML part with a subject"));
    };
    let shown = if html.hidden.trim().chars().count() >= 10 { html.hidden.trim() } else { html.text.trim() };
    let preview: String = shown.chars().take(110).collect();
    let text = folded(&preview);
    let subject = folded(subject);
    let fault = if !subject.is_empty() && subject.chars().count() > 8 && text.trim() == subject.trim() {
        "the preview repeats the subject and adds nothing"
    } else if BROWSER.iter().any(|start| text.starts_with(start)) {
        "the preview is the link to the web version, not a word about the message"
    } else if text.starts_with("http://") || text.starts_with("https://") {
        "the preview is a raw link"
    } else {
        return Ok(Verdict::Pass);
    };
    let Some(part) = message.parts().get(html.part) else { return Ok(Verdict::Pass) };
    Ok(Verdict::Fail(vec![
        Problem::at(message.part_subject(part), fault)
            .proof(plain(&preview, Width::Line))
            .fix("put a preheader first: <div style=\"display:none;max-height:0;overflow:hidden\">one more reason to open</div>")
            .located(message.location(part.body_line)),
    ]))
}

/// How links to the web version begin, folded.
const BROWSER: &[&str] = &[
    "view in browser",
    "view this email in",
    "view this message in",
    "view online",
    "view it in your browser",
    "view email in",
    "view as web",
    "view web version",
    "having trouble viewing",
    "having trouble reading",
    "trouble viewing",
    "can't see this",
    "can't read this",
    "if you can't",
    "if you cannot",
    "if you are having trouble",
    "if you're having trouble",
    "email not displaying",
    "is this email not displaying",
    "read online",
    "read this online",
    "web version",
    "open in browser",
    "im browser ansehen",
    "im browser öffnen",
    "im browser anzeigen",
    "online ansehen",
    "onlineversion",
    "online-version",
    "webversion",
    "wird dieser newsletter nicht",
    "falls diese e-mail",
    "falls dieser newsletter",
    "wenn diese e-mail",
    "sollte diese e-mail",
    "voir en ligne",
    "voir dans le navigateur",
    "version en ligne",
    "si ce message ne",
    "si vous ne visualisez pas",
    "si vous n'arrivez pas",
    "ver en el navegador",
    "ver en línea",
    "versión web",
    "si no puede ver",
    "si no puedes ver",
    "visualizza nel browser",
    "visualizza online",
    "versione web",
    "se non visualizzi",
    "se non riesci",
    "bekijk in browser",
    "bekijk in je browser",
    "bekijk online",
    "bekijk de webversie",
    "webversie",
    "online versie",
    "ver no navegador",
    "ver online",
    "versão web",
    "se não conseguir",
    "caso não consiga",
];
