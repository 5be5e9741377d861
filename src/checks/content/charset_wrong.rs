//! A text part is not in the charset it declares.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "charset-wrong",
    area: Area::Content,
    title: "a text part is not in the charset it declares",
    severity: Severity::Medium,
    why: "\
        Readers decode by the declared charset, so recipients see replacement characters or \
        garbage; SpamAssassin and Rspamd score bytes that do not fit.",
    fix: "Declare the charset the text is really in; convert everything to UTF-8 first.",
    references: &[
        Reference::Rfc { number: 2046, section: "4.1.2" },
        Reference::Rfc { number: 3629, section: "3" },
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let mut problems = Vec::new();
    for body in message.bodies() {
        let Some((part, charset)) =
            message.parts().get(body.part).and_then(|part| Some((part, part.charset.as_deref()?)))
        else {
            continue;
        };
        let shown = plain(charset, Width::Word);
        let summary = if body.unknown_charset {
            format!("part {} declares the charset {shown:?}, which no reader knows", part.path)
        } else if body.wrong_charset {
            format!("part {} declares {shown} and holds bytes that are not {shown}", part.path)
        } else {
            continue;
        };
        problems.push(
            Problem::at(message.part_subject(part), summary)
                .fix(format!(
                    "convert the text to UTF-8 and write: Content-Type: {}; charset=utf-8",
                    part.content_type
                ))
                .located(message.location(part.line)),
        );
    }
    Ok(Verdict::from_problems(problems))
}
