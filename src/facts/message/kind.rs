//! What kind of mail a message is, by marks that stand in it. The user's word
//! (`--kind`) goes before; `policy` holds it.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::data::unsubscribe_words::{BROWSER_PHRASES, FOOTER_PHRASES};
use crate::facts::message::MessageFacts;
use crate::facts::subscription::unsubscribe::BodyWay;
use crate::model::MailKind;
use crate::parse::message::LinkPlace;
use crate::parse::text::plain_text::beginning;

/// Newsletter and advertisement, message about an affair of the recipient's own, or a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// With a header that says so, or several marks.
    Bulk,
    /// One mark only: likely, not certain.
    LikelyBulk,
    Transactional,
    /// A person's post that a list server passed on.
    ListPost,
    /// Nothing distinguishes it from a person's letter.
    Personal,
}

/// Whether what Google, Yahoo and Microsoft ask of bulk mail applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    Bulk,
    /// One mark only: findings are less severe and less sure.
    LikelyBulk,
    /// With the reason.
    None(&'static str),
}

/// The kind, and what it was judged by.
#[derive(Clone, Debug)]
pub struct Kind {
    pub nature: Nature,
    /// Marks of bulk mail, in words.
    pub marks: Vec<&'static str>,
}

impl Kind {
    pub fn read(message: &MessageFacts, way: BodyWay) -> Kind {
        let mut marks = Vec::new();
        let mut certain = false;
        for (name, mark) in
            [("List-Unsubscribe", "a List-Unsubscribe header"), ("List-Id", "a List-Id header")]
        {
            if message.first(name).is_some() {
                marks.push(mark);
                certain = true;
            }
        }
        let precedence = message.first("Precedence").map(|field| field.text().to_ascii_lowercase());
        if matches!(precedence.as_deref(), Some("bulk" | "list")) {
            marks.push("Precedence: bulk");
            certain = true;
        }
        if message.fields().iter().any(|field| is_campaign(&field.name)) {
            marks.push("a campaign header");
        }
        if matches!(way, BodyWay::Link(_)) && !is_list_footer(message) {
            marks.push("an unsubscribe link");
        }
        let text = message.visible_text();
        if names(&BROWSER, beginning(text, HEAD)) {
            marks.push("a link to view it in a browser");
        }
        if names(&FOOTER, end(text, FOOT)) && !is_list_footer(message) {
            marks.push("the foot of a newsletter");
        }
        marks.extend(offer(message));
        let tracked = message.links().iter().filter(|link| {
            link.place == LinkPlace::Anchor && (link.url.contains("utm_") || link.url.contains("mc_cid="))
        });
        if tracked.count() >= 2 {
            marks.push("campaign tracking in links");
        }
        let bulk = certain || marks.len() >= 2;
        if is_list_post(message) {
            return Kind { nature: Nature::ListPost, marks };
        }
        let nature = match (bulk, marks.is_empty(), is_transactional(message)) {
            (true, _, false) => Nature::Bulk,
            (true, _, true) if certain && message.first("List-Unsubscribe").is_some() => Nature::Bulk,
            (_, _, true) => Nature::Transactional,
            (false, false, false) => Nature::LikelyBulk,
            (false, true, false) => Nature::Personal,
        };
        Kind { nature, marks }
    }

    /// True for mail about an affair of the recipient's own, and a list's posts, whose readers signed up there.
    pub fn needs_no_consent(&self, stated: MailKind) -> bool {
        match stated {
            MailKind::Bulk => false,
            MailKind::Transactional => true,
            MailKind::Unstated => matches!(self.nature, Nature::Transactional | Nature::ListPost),
        }
    }

    /// The duties that follow, the user's word before the marks.
    pub fn duty(&self, stated: MailKind) -> Duty {
        match (stated, self.nature) {
            (MailKind::Bulk, _) | (MailKind::Unstated, Nature::Bulk) => Duty::Bulk,
            (MailKind::Unstated, Nature::LikelyBulk) => Duty::LikelyBulk,
            (MailKind::Transactional, _) => Duty::None("the mail is transactional, as --kind says"),
            (MailKind::Unstated, Nature::Transactional) => {
                Duty::None("the mail looks transactional (--kind bulk judges it as bulk)")
            }
            (MailKind::Unstated, Nature::ListPost) => Duty::None(
                "the mail is a post to a discussion list, whose server owes the way out (--kind bulk judges it as bulk)",
            ),
            (MailKind::Unstated, Nature::Personal) => {
                Duty::None("nothing marks the mail as bulk (--kind bulk judges it so)")
            }
        }
    }
}

/// Characters at a text's beginning and end that are looked at.
const HEAD: usize = 1500;
const FOOT: usize = 2500;

static BROWSER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(BROWSER_PHRASES).ok());
static FOOTER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(FOOTER_PHRASES).ok());

fn names(phrases: &Option<AhoCorasick>, text: &str) -> bool {
    phrases.as_ref().is_some_and(|phrases| phrases.is_match(&text.to_lowercase()))
}

fn end(text: &str, most: usize) -> &str {
    let cut = || text.char_indices().nth_back(most - 1).map_or(0, |(at, _)| at);
    &text[if text.len() <= most { 0 } else { cut() }..]
}

/// An advertisement by its words: an offer in the subject and another in the text, or several in
/// the text. One is a seller's letter, and a quote for what was asked names a price without any.
fn offer(message: &MessageFacts) -> Option<&'static str> {
    let appeal = message.appeals().all().find(|appeal| appeal.family.name == "offer")?;
    let strong = appeal.phrases.values().filter(|(weight, _)| *weight > 1).count();
    let laid_out = message.html().is_some_and(|html| html.tags_named("img").count() >= 2);
    (!is_list_footer(message) && strong + usize::from(appeal.is_in_front()) + usize::from(laid_out) >= 3)
        .then_some("the words of an offer")
}

/// Headers that campaign mailers write.
fn is_campaign(name: &str) -> bool {
    const NAMES: [&str; 8] = [
        "Feedback-ID",
        "X-Campaign",
        "X-CampaignID",
        "X-Campaign-Id",
        "X-Mailgun-Tag",
        "X-CSA-Complaints",
        "X-Report-Abuse",
        "X-MC-User",
    ];
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// A list that its readers may write to (RFC 2369 section 3.4), and no mark of a campaign. The
/// duties of Google and Yahoo are those of marketing and subscribed mail.
fn is_list_post(message: &MessageFacts) -> bool {
    let open =
        message.first("List-Post").is_some_and(|field| !field.text().trim().eq_ignore_ascii_case("no"));
    let campaign = message.first("List-Unsubscribe-Post").is_some()
        || message.fields().iter().any(|field| is_campaign(&field.name));
    let forwarded = message.first("X-Mailing-List").is_some()
        || message.first("Mailing-List").is_some()
        || (message.first("List-Id").is_some() && is_list_footer(message));
    (open || forwarded) && !campaign
}

/// A discussion list's footer stands below a person's letter, which is no campaign.
fn is_list_footer(message: &MessageFacts) -> bool {
    message.first("In-Reply-To").is_some() || message.first("References").is_some()
}

/// Words of a subject that speak of the recipient's own affair.
fn is_transactional(message: &MessageFacts) -> bool {
    const WORDS: &[&str] = &[
        "password",
        "verification code",
        "verify your",
        "confirm your",
        "security alert",
        "sign-in",
        "your order",
        "order confirmation",
        "your receipt",
        "invoice",
        "has shipped",
        "delivery update",
        "your booking",
        "passwort",
        "bestätigungscode",
        "bestellbestätigung",
        "ihre bestellung",
        "deine bestellung",
        "ihre rechnung",
        "rechnung nr",
        "versandbestätigung",
        "mot de passe",
        "votre commande",
        "votre facture",
        "contraseña",
        "su pedido",
        "tu pedido",
        "su factura",
        "il tuo ordine",
        "la tua fattura",
        "uw bestelling",
        "je bestelling",
        "uw factuur",
        "seu pedido",
        "sua fatura",
        "senha",
    ];
    let generated = message.first("Auto-Submitted").is_some_and(|field| {
        !field.text().trim().eq_ignore_ascii_case("no") && !field.text().trim().is_empty()
    });
    let subject = message.subject().unwrap_or_default().to_lowercase();
    generated || WORDS.iter().any(|word| subject.contains(word))
}
