//! A line is longer than 998 bytes.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "line-too-long",
    area: Area::Content,
    title: "a line is longer than 998 bytes",
    severity: Severity::Medium,
    why: "\
        SMTP allows 998 bytes a line. Exim refuses longer ones, Postfix cuts them in the \
        middle of words and tags, and either breaks the DKIM signature.",
    fix: "Encode the part as quoted-printable or base64, and fold long headers.",
    references: &[
        Reference::Rfc { number: 5322, section: "2.1.1" },
        Reference::Rfc { number: 5321, section: "4.5.3.1.6" },
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let lines = message.lines();
    if lines.over_998.count == 0 {
        return Ok(Verdict::Pass);
    }
    let (length, longest) = lines.longest;
    let in_header = longest < message.header().body_line;
    Ok(Verdict::Fail(vec![
        Problem::at(
            Subject::Message,
            format!(
                "{} 998 bytes; the longest is line {longest} with {length}",
                match lines.over_998.count {
                    1 => "1 line exceeds".to_owned(),
                    many => format!("{many} lines exceed"),
                }
            ),
        )
        .fix(if in_header {
            "fold the header at white space, or shorten it"
        } else {
            "encode the part: Content-Transfer-Encoding: quoted-printable"
        })
        .located(message.location(lines.over_998.first)),
    ]))
}
