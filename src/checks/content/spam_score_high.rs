//! The message looks like spam as a whole.

use crate::check::{Check, Problem, Verdict, pages};
use crate::checks::malware_phishing::NOT_YOURS;
use crate::facts::Facts;
use crate::facts::message::appeals::Appeal;
use crate::facts::spam_score::{Kind, Part, SpamScore};
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spam-score-high",
    area: Area::Content,
    title: "the message looks like spam as a whole",
    severity: Severity::Medium,
    why: "\
        What the reader is asked for, who asks, where the links lead and how the message is built \
        add up to where spam lies, and at least two of these agree: under 1 % of wanted messages of \
        the sample corpora reach 50.",
    fix: "Change the heaviest parts first; the sum is listed part by part in spam_parts of the \
        JSON report.",
    references: &[pages::SPAMASSASSIN_TESTS],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let score = facts.spam_score()?;
    // One kind of evidence is a manner of writing; two that agree are what filters act on.
    if score.total < SpamScore::THRESHOLD || score.agreeing() < 2 {
        return Ok(Verdict::Pass);
    }
    let heaviest: Vec<_> =
        score.parts.iter().filter(|part| part.points >= 1.0 && part.kind.is_some()).take(8).collect();
    let listed: Vec<String> = heaviest
        .iter()
        .map(|part| format!("+{:.0} {} ({})", part.points, part.evidence, part.name))
        .collect();
    let mut steps: Vec<String> = Vec::new();
    for part in heaviest.iter().take(5) {
        let step = remedy(part);
        if !steps.contains(&step) {
            steps.push(step);
        }
    }
    if message.appeals().worst_fraud().is_some_and(Appeal::is_beyond_words) {
        steps = vec![NOT_YOURS.to_owned()];
    }
    let kinds: Vec<&str> = score
        .kinds
        .iter()
        .filter(|(_, points)| *points >= SpamScore::SPEAKS)
        .map(|(kind, _)| in_words(*kind))
        .collect();
    let severity = if score.total >= 75 { Severity::High } else { Severity::Medium };
    Ok(Verdict::Fail(vec![
        Problem::at(
            Subject::Message,
            format!(
                "spam score {} of 100, from {} on content filters call a message spam; {} agree",
                score.total,
                SpamScore::THRESHOLD,
                enumerated(&kinds)
            ),
        )
        .proof(listed.join("\n"))
        .fix(steps.join("; "))
        .severity(severity)
        .confidence(Confidence::Firm)
        .located(message.location(1)),
    ]))
}

/// A kind of evidence as a marketer would call it.
fn in_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Appeal => "what it asks of the reader",
        Kind::Phrase => "its worn phrases",
        Kind::Loudness => "its loudness",
        Kind::Sender => "who it says it is from",
        Kind::Links => "where its links lead",
        Kind::Channel => "how to answer or pay",
        Kind::Disguise => "its disguised words",
        Kind::Form => "how it is built",
        Kind::Attachment => "what is attached",
    }
}

/// `a, b and c`.
fn enumerated(words: &[&str]) -> String {
    match words {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => words.concat(),
    }
}

/// What an honest sender can add where the mail asks as frauds do.
const VERIFIABLE: &str = "\
    say who you are and how the reader knows you, with the name, address and telephone number of your firm, and \
    let the reader check what the mail asks without it: on a page of your own domain";

/// What an honest sender can add where the mail sells as unasked mail does.
const PARTICULAR: &str = "\
    say what this very offer is: the goods or service, the price with its currency, until when it holds, and where \
    the reader asked for it";

/// What to change about a part of the score. A courtesy is no part of it.
fn remedy(part: &Part) -> String {
    let name = part.name.as_str();
    let fixed = match name {
        "html-only" => "add a text/plain part with the same words",
        "html-text-differs" => "let the text part say what the HTML says",
        "html-title-blank" => "give the page its own title, or none",
        "html-image-only" | "html-images-over-text" => "say in text what the images say",
        "html-large-type" | "html-coloured-type" | "html-small-type" | "html-blinking" | "html-centred" => {
            "use one size and colour of type for the text"
        }
        "html-active" | "html-form" | "html-frame" => "remove scripts, forms and frames",
        "html-broken" => "close what the HTML opens, see html-broken",
        "from-name-capitals" | "from-name-signs" | "from-name-digits" => "write your name as a name",
        "from-digits" | "from-local-random" => "send from an address that people can read",
        "from-free-mail" | "from-office-at-free-mail" => "send from a domain of your own",
        "from-suffix-cheap" | "from-domain-random" | "from-domain-put-together" | "from-machine" => {
            "send from your main domain, not from one bought for the mailing"
        }
        "from-brand-foreign" | "from-domain-poses" => "use your own name and domain, nobody else's",
        "greets-an-address" => "greet the reader by name, or the group by what it is",
        "lure-elsewhere" | "links-elsewhere" => "link to your own domain",
        "lure-with-deadline" => "set no deadline in hours",
        "crime-from-free-mail" => "send such a request from the firm's own domain",
        "blackmail-in-coins" => "ask for no payment to an anonymous purse",
        "channel-free-mailbox" => "name an address at your own domain for answers",
        "channel-chat" => "name a telephone number or page of yours beside the chat",
        "channel-coins" | "channel-payment" => "name a way to pay that can be taken back",
        "header-raw-eight-bit" => "encode header text (RFC 2047)",
        "text-base64" => "send ASCII text as 7bit or quoted-printable",
        "charset-wrong" | "mime-broken" => "mend the charset and MIME structure, see those findings",
        "body-capitals" | "subject-capitals" => "write in lower case",
        "body-exclamations-doubled" | "body-exclamations" | "subject-exclamation" => {
            "remove the exclamation marks"
        }
        "body-short" | "body-empty" => "say more in the text",
        "attachment-program" | "attachment-page" | "attachment-packed" => "link to the file on your own site",
        "attachment-instead-of-text" => "say in the text what is attached and why",
        _ => "",
    };
    if !fixed.is_empty() {
        return fixed.to_owned();
    }
    match part.kind {
        // Which words to leave out would serve those alone who have something to hide.
        Some(Kind::Appeal) => VERIFIABLE.to_owned(),
        Some(Kind::Phrase) => PARTICULAR.to_owned(),
        Some(Kind::Disguise) => "write plain words and remove what readers do not see".to_owned(),
        Some(Kind::Links) => "link with https to pages below your own domain".to_owned(),
        Some(Kind::Loudness) => "tone the subject and the text down".to_owned(),
        _ => format!("mend {name}: {}", part.evidence),
    }
}
