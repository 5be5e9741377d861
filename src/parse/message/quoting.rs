//! Which of a text its sender did not write: lines behind `>`, what stands below the head that
//! mail programs put over the mail answered or passed on, and the elements they put it in.

use std::borrow::Cow;
use std::ops::Range;

use super::html::{Html, Tag};

/// Bytes of a text, in order and apart from each other.
pub(crate) type Spans = Vec<Range<usize>>;

/// Letters and digits above quoted mail that make a mail of one's own; an answer does with fewer.
/// Without any the quoted mail is the message, whatever head it wears.
const OWN: usize = 20;
const OWN_OF_ANSWER: usize = 8;

/// What stands between dashes over the mail that follows.
const RULED: &[&str] = &[
    "original message",
    "originalnachricht",
    "original-nachricht",
    "ursprüngliche nachricht",
    "weitergeleitete nachricht",
    "forwarded message",
    "message d'origine",
    "message original",
    "message transféré",
    "mensaje original",
    "mensaje reenviado",
    "mensagem original",
    "mensagem encaminhada",
    "messaggio originale",
    "messaggio inoltrato",
    "oorspronkelijk bericht",
    "doorgestuurd bericht",
    "wiadomość oryginalna",
    "původní zpráva",
    "oprindelig meddelelse",
    "ursprungligt meddelande",
    "исходное сообщение",
    "пересылаемое сообщение",
    "元のメッセージ",
    "原始邮件",
    "원본 메시지",
];

/// Fields of a head, by what they say: who, when, to whom, of what.
const FIELDS: &[(usize, &[&str])] = &[
    (0, &["from", "von", "de", "da", "van", "od", "från", "fra", "от", "差出人", "发件人", "보낸 사람"]),
    (
        1,
        &[
            "sent",
            "date",
            "gesendet",
            "datum",
            "envoyé",
            "enviado",
            "fecha",
            "data",
            "inviato",
            "verzonden",
            "wysłano",
            "odesláno",
            "skickat",
            "sendt",
            "дата",
            "отправлено",
            "送信日時",
            "发送时间",
        ],
    ),
    (2, &["to", "an", "à", "para", "a", "aan", "do", "komu", "till", "til", "кому", "宛先", "收件人"]),
    (
        3,
        &[
            "subject",
            "betreff",
            "objet",
            "asunto",
            "assunto",
            "oggetto",
            "onderwerp",
            "temat",
            "předmět",
            "ämne",
            "emne",
            "тема",
            "件名",
            "主题",
        ],
    ),
    (4, &["cc", "kopie", "copie", "cc.", "kopia"]),
];

/// Words of the line that says who wrote on which day.
const WROTE: &[&str] = &[
    " wrote",
    " schrieb",
    " a écrit",
    " escribió",
    " escreveu",
    " ha scritto",
    " schreef",
    " napisał",
    " skrev",
    " написал",
];

/// In a plain text, or in the text of a page.
pub(crate) fn in_plain(text: &str) -> Spans {
    let lines = lines(text);
    let mut spans = Vec::new();
    for (at, (start, line)) in lines.iter().enumerate() {
        let end = start + line.len();
        let shown = line.trim();
        if shown.starts_with('>') {
            spans.push(*start..end);
        } else if is_ruled(shown) || is_head(&lines[at..]) {
            spans.push(*start..text.len());
            break;
        } else if let Some(cited) = wrote(&lines[at..]) {
            let stop = if cited { end } else { text.len() };
            spans.push(*start..stop);
            if !cited {
                break;
            }
        }
    }
    spans
}

/// In the text of a page, by its elements and its lines.
pub(crate) fn in_html(html: &Html) -> Spans {
    let mut spans = in_plain(&html.text);
    let mut cited_from = None;
    for tag in &html.tags {
        match quotes(tag) {
            Some(Quotes::Inside) => spans.push(tag.text.clone()),
            Some(Quotes::Below) => spans.push(tag.text.start..html.text.len()),
            Some(Quotes::Next) => {
                spans.push(tag.text.clone());
                cited_from = Some(tag.text.end);
            }
            None => {}
        }
        if tag.name == "blockquote" && cited_from.is_some_and(|end| tag.text.start <= end + 2) {
            spans.push(tag.text.clone());
        }
    }
    joined(spans)
}

/// Where an element has the quoted mail.
enum Quotes {
    Inside,
    /// From its beginning to the end of the page.
    Below,
    /// In the element and the quotation behind it.
    Next,
}

fn quotes(tag: &Tag) -> Option<Quotes> {
    if tag.name == "blockquote" && tag.attribute("type").is_some_and(|kind| kind.eq_ignore_ascii_case("cite"))
    {
        return Some(Quotes::Inside);
    }
    // The names that Outlook, Gmail, Yahoo, Proton and Thunderbird give.
    if tag.attribute("id").is_some_and(|id| matches!(id, "divRplyFwdMsg" | "appendonsend")) {
        return Some(Quotes::Below);
    }
    tag.attribute("class")?.split_ascii_whitespace().find_map(|class| match class {
        "gmail_quote" | "gmail_quote_container" | "yahoo_quoted" | "protonmail_quote" => Some(Quotes::Inside),
        "moz-cite-prefix" => Some(Quotes::Next),
        _ => None,
    })
}

fn joined(mut spans: Spans) -> Spans {
    spans.retain(|span| span.start < span.end);
    spans.sort_unstable_by_key(|span| span.start);
    let mut out: Spans = Vec::with_capacity(spans.len());
    for span in spans {
        match out.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => out.push(span),
        }
    }
    out
}

fn lines(text: &str) -> Vec<(usize, &str)> {
    let mut start = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        lines.push((start, line));
        start += line.len();
    }
    lines
}

/// `-----Original Message-----`, `Begin forwarded message:`.
fn is_ruled(line: &str) -> bool {
    if line.len() > 120 {
        return false;
    }
    if line.eq_ignore_ascii_case("begin forwarded message:") {
        return true;
    }
    let dashes =
        |mut signs: std::str::Chars<'_>| signs.by_ref().take_while(|c| matches!(c, '-' | '_')).count();
    let ruled = dashes(line.chars()) >= 2 && line.ends_with(['-', '_']);
    ruled && {
        let words = line.trim_matches(['-', '_', ' ', '\u{a0}']).to_lowercase();
        RULED.contains(&words.as_str())
    }
}

/// Three of four lines are fields of a head, and the first says from whom.
fn is_head(lines: &[(usize, &str)]) -> bool {
    if lines.first().and_then(|(_, line)| field(line)) != Some(0) {
        return false;
    }
    let seen =
        lines.iter().take(4).filter_map(|(_, line)| field(line)).fold(0u8, |seen, kind| seen | 1 << kind);
    seen.count_ones() >= 3
}

/// Which field of a head a line is; bold print leaves stars in a plain text.
fn field(line: &str) -> Option<usize> {
    let (name, value) = line.trim_start_matches(['*', ' ']).split_once([':', '：'])?;
    if name.len() > 24 || value.trim_matches(['*', ' ', '\r', '\n']).is_empty() {
        return None;
    }
    let name = name.trim_matches(['*', ' ', '\u{a0}']).to_lowercase();
    FIELDS.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(kind, _)| *kind)
}

/// `On Tue, 6 Oct 2026, Kim wrote:`, on one line or two. True where quoted lines follow, which say
/// themselves how far they go.
fn wrote(lines: &[(usize, &str)]) -> Option<bool> {
    let first = lines.first()?.1.trim();
    if first.len() > 200 || !first.ends_with(':') {
        return None;
    }
    let lower = first.to_lowercase();
    if !WROTE.iter().any(|word| lower.contains(word)) {
        return None;
    }
    let next = lines.iter().skip(1).take(4).map(|(_, line)| line.trim()).find(|line| !line.is_empty());
    let cited = next.is_some_and(|line| line.starts_with('>'));
    (cited || first.contains(|c: char| c.is_ascii_digit())).then_some(cited)
}

/// Whether what looks quoted is taken for quoted: something of the sender's own must stand beside
/// it, and more where no field says that the mail answers another. A lure in the dress of an old
/// thread is still the only thing its mail says.
pub(crate) fn holds(text: &str, spans: &Spans, answers: bool) -> bool {
    let own = without(text, spans).chars().filter(|c| c.is_alphanumeric()).take(OWN).count();
    own >= if answers { OWN_OF_ANSWER } else { OWN }
}

/// The text without what is quoted.
pub(crate) fn without<'t>(text: &'t str, spans: &Spans) -> Cow<'t, str> {
    if spans.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut own = String::new();
    let mut from = 0;
    for span in spans {
        own.push_str(text.get(from..span.start).unwrap_or_default());
        from = span.end;
    }
    own.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(own)
}

/// True where the place is quoted.
pub(crate) fn covers(spans: &Spans, at: usize) -> bool {
    let next = spans.partition_point(|span| span.end <= at);
    spans.get(next).is_some_and(|span| span.start <= at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(text: &str) -> String {
        without(text, &in_plain(text)).trim().to_owned()
    }

    #[test]
    fn heads_of_quoted_mail_are_known() {
        for head in [
            "-----Original Message-----\nx",
            "-----Ursprüngliche Nachricht-----",
            "---------- Forwarded message ---------\nFrom: a",
            "From: Kim\nSent: Monday\nTo: Jo\nSubject: x\n\nlure",
            "*Von:* Kim\n*Gesendet:* Montag\n*Betreff:* x\nlure",
            "De : Kim\nEnvoyé : lundi\nÀ : Jo\nlure",
            "On Tue, 6 Oct 2026 at 09:02, Kim wrote:\nlure",
            "Am 06.10.26 um 09:02 schrieb Kim:\n\n> lure",
            "> lure\n>> lure",
        ] {
            assert_eq!(own(&format!("Hi Kim\n{head}")), "Hi Kim", "{head}");
        }
    }

    #[test]
    fn what_only_resembles_a_head_is_own() {
        for text in [
            "From: today\nwe are open",
            "-- \nJo Field",
            "------------------\nterms",
            "To: do\nSubject: to change",
            "The original message was lost",
            "As the poet wrote:\nroses are red",
        ] {
            assert_eq!(own(text), text);
        }
        assert_eq!(own("Kim wrote:\n> question\nanswer below"), "answer below");
    }

    #[test]
    fn a_mail_of_quotes_alone_quotes_nothing() {
        let text = "Hi\n-----Original Message-----\nVerify your account";
        assert!(!holds(text, &in_plain(text), true));
        let text = "Hi Kim, delete it\n-----Original Message-----\nVerify your account";
        assert!(holds(text, &in_plain(text), true) && !holds(text, &in_plain(text), false));
    }

    #[test]
    fn spans_join_and_cover() {
        let spans = joined(vec![5..9, 0..2, 8..12, 3..3]);
        assert_eq!(spans, vec![0..2, 5..12]);
        assert!(covers(&spans, 1) && covers(&spans, 11) && !covers(&spans, 2) && !covers(&spans, 12));
    }
}
