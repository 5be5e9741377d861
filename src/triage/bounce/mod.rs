//! What a message about a delivery means: bounce, delay, complaint, automatic
//! reply or none of them, and per recipient the cause. Pure.

use crate::model::enhanced_code::EnhancedCode;
use crate::model::speaker::Speaker;
use crate::parse::bounce::dsn::{Action, Recipient as Fields};
use crate::parse::bounce::ses::{Event, EventRecipient};
use crate::parse::bounce::{Notice, Original, Told};
use crate::parse::report::file::Complaint;
use crate::parse::smtp::reply::{Reply, Stage};
use crate::parse::text::plain_text::beginning;
use crate::triage::cause::Cause;
use crate::triage::reply::{Basis, Queue, ReplyVerdict, Setting, classify_in, explain};

mod complaint;
mod forwarded;
mod held;
mod kind;
mod kind_words;
mod other;
mod party;
mod scanner;
mod status;
mod waiting;

pub use kind::Kind;
pub use other::Other;
pub use status::CodeFrom;

/// The verdict on one message.
#[derive(Clone, Debug)]
pub struct BounceVerdict {
    /// What the message is.
    pub kind: Kind,
    /// The recipients it speaks of, each once.
    pub recipients: Vec<Recipient>,
    /// What it says of the message that was sent.
    pub original: Original,
    /// Of a complaint: `abuse`, `auth-failure`, `opt-out` ...
    pub feedback_type: Option<String>,
    /// What it is where it tells of no failed delivery and is no ordinary mail.
    pub other: Option<Other>,
    pub(crate) reporting_mta: Option<String>,
    /// Of a complaint: the envelope id of the message complained about.
    pub(crate) envelope_id: Option<String>,
}

impl BounceVerdict {
    /// A complaint that came in another wrapping than a mail of its own.
    pub fn complaint(report: &Complaint) -> BounceVerdict {
        let named = report.feedback.recipients.clone();
        BounceVerdict {
            kind: Kind::Complaint,
            recipients: complaint::complainers(named, &report.original),
            feedback_type: Some(report.feedback.kind.clone()),
            envelope_id: report.feedback.envelope_id.clone(),
            original: report.original.clone(),
            ..BounceVerdict::none()
        }
    }

    /// Of what is no message about a delivery.
    pub fn none() -> BounceVerdict {
        BounceVerdict {
            kind: Kind::None,
            recipients: Vec::new(),
            original: Original::default(),
            feedback_type: None,
            other: None,
            reporting_mta: None,
            envelope_id: None,
        }
    }
}

/// The verdict on one recipient.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// The address the failure is about, as the report has it. Hostile text.
    pub address: String,
    /// The address the message was first sent to, where a forwarding made another of it.
    pub original_address: Option<String>,
    /// The report's `Action` (RFC 3464 section 2.3.3).
    pub action: Option<Action>,
    /// Why the message did not arrive.
    pub cause: Cause,
    /// By the reply code, else the status code, else the report's action.
    pub permanent: Option<bool>,
    /// The SMTP reply code quoted (RFC 5321 section 4.2).
    pub reply_code: Option<u16>,
    /// The status code (RFC 3463), written or of the same meaning as the cause.
    pub enhanced_code: Option<EnhancedCode>,
    /// Where the code comes from.
    pub code_from: CodeFrom,
    /// The words the cause was read from. Hostile text.
    pub reply: Option<String>,
    pub(crate) remote_mta: Option<String>,
    /// The classified reply with advice; `None` for complaints and automatic replies.
    pub verdict: Option<Box<ReplyVerdict>>,
}

/// Judges one message. `None` where `raw` holds no message.
pub fn judge(raw: &[u8]) -> Option<BounceVerdict> {
    let notice = Notice::read(raw)?;
    let mut kind = kind::of(&notice);
    let recipients = match kind {
        Kind::None => Vec::new(),
        Kind::Complaint => complaint::of(&notice),
        Kind::AutoReply => auto_reply(&notice),
        Kind::Bounce | Kind::Delay | Kind::Delivered | Kind::Relayed => reported(&notice, kind),
    };
    let mut recipients = recipients;
    if kind == Kind::Bounce && held::refused_by_list(&notice) {
        let unstated = recipients.iter_mut().filter(|recipient| recipient.cause == Cause::Undetermined);
        unstated.for_each(|recipient| recipient.cause = Cause::PolicyRejected);
    }
    if recipients.is_empty()
        && matches!(kind, Kind::Bounce | Kind::Delay | Kind::Delivered)
        && notice.report.is_none()
    {
        kind = Kind::None;
    }
    if kind == Kind::Delivered && recipients.iter().any(|r| r.cause == Cause::AcceptedByRelay) {
        kind = Kind::Relayed;
    } else if kind == Kind::Bounce && !recipients.is_empty() {
        let all = |action| recipients.iter().all(|r| r.action == Some(action));
        if all(Action::Delayed) {
            kind = Kind::Delay;
        } else if recipients.iter().all(|r| r.cause == Cause::Delivered) {
            kind = Kind::Delivered;
        }
    }
    Some(BounceVerdict {
        other: other::of(&notice, kind),
        kind,
        recipients,
        feedback_type: feedback_type(&notice, kind),
        reporting_mta: notice.report.as_ref().and_then(|r| r.reporting_mta.clone()),
        envelope_id: notice.feedback.as_ref().and_then(|f| f.envelope_id.clone()),
        original: notice.original,
    })
}

fn feedback_type(notice: &Notice, kind: Kind) -> Option<String> {
    let stated = notice.feedback.as_ref().map(|f| f.kind.clone());
    let opt_out = notice.text.to_lowercase().contains("unsubscribe");
    stated.or_else(|| {
        (kind == Kind::Complaint).then(|| {
            if opt_out && notice.complaint_recipient.is_none() { "opt-out" } else { "abuse" }.to_owned()
        })
    })
}

fn auto_reply(notice: &Notice) -> Vec<Recipient> {
    let address = notice
        .from
        .split_whitespace()
        .find(|w| w.contains('@'))
        .map(|w| w.trim_matches(['<', '>', '"', ',']).to_owned());
    vec![plain(address.unwrap_or_default(), held::back(notice).unwrap_or(Cause::AutoReply))]
}

fn plain(address: String, cause: Cause) -> Recipient {
    Recipient {
        address,
        original_address: None,
        action: None,
        cause,
        permanent: None,
        reply_code: None,
        enhanced_code: None,
        code_from: CodeFrom::Meaning,
        reply: None,
        remote_mta: None,
        verdict: None,
    }
}

/// What is known of one recipient before it is judged.
#[derive(Default)]
struct Known {
    address: String,
    original: Option<String>,
    action: Option<Action>,
    status: Option<EnhancedCode>,
    remote: Option<String>,
    /// The words, the most telling first.
    words: Vec<String>,
    /// The last of the words is the whole notice.
    whole: bool,
    /// How many of the words come from the report's fields.
    fields: usize,
    stage: Option<Stage>,
}

/// Bytes of a notice that speak for each of several recipients whom no words name.
const SHARED_TEXT: usize = 16 << 10;

fn reported(notice: &Notice, kind: Kind) -> Vec<Recipient> {
    let mut known = listed(notice);
    for recipient in &mut known {
        complete(&mut recipient.address, notice);
    }
    let alone = known.len() == 1;
    for recipient in &mut known {
        let told = notice.told.iter().find(|t| same_mailbox(&t.address, &recipient.address));
        let told = told.or_else(|| notice.told.iter().find(|t| t.address.is_empty()));
        let told = told.or_else(|| if alone && notice.told.len() == 1 { notice.told.first() } else { None });
        if let Some(told) = told {
            add(recipient, told);
        }
        if alone || recipient.words.is_empty() {
            // Of many each keeps and reads the beginning only: a thousand copies of a long notice are none.
            let text = if alone { notice.text.as_str() } else { beginning(&notice.text, SHARED_TEXT) };
            recipient.words.push(waiting::without_forms(text));
            recipient.whole = true;
        }
        if recipient.action.is_none() && kind == Kind::Delay {
            recipient.action = Some(Action::Delayed);
        }
    }
    known.into_iter().map(|k| judge_recipient(k, notice, kind)).collect()
}

/// The recipients by the best source there is.
fn listed(notice: &Notice) -> Vec<Known> {
    if let Some(event) = &notice.event {
        return event.recipients.iter().map(|r| of_event(event, r)).collect();
    }
    let fields: Vec<&Fields> = notice.report.iter().flat_map(|r| &r.recipients).collect();
    if !fields.is_empty() {
        let only = notice.told.first().filter(|_| fields.len() == 1);
        return fields
            .into_iter()
            .map(|f| Known {
                address: f
                    .address()
                    .map(str::to_owned)
                    .or_else(|| only.map(|t| t.address.clone()))
                    .or_else(|| notice.original.to.first().cloned())
                    .unwrap_or_default(),
                original: f.original_recipient.clone(),
                action: f.action,
                status: f.status,
                remote: f.remote_mta.clone(),
                words: f.diagnostic.iter().chain(&f.supplement).cloned().collect(),
                fields: usize::from(f.diagnostic.is_some()) + usize::from(f.supplement.is_some()),
                whole: false,
                ..Known::default()
            })
            .collect();
    }
    let named = |address: &String| Known { address: address.clone(), ..Known::default() };
    // The notice's own addressee is the sender who asks, seldom the one who failed.
    let to = notice.to.as_deref().unwrap_or_default();
    let told: Vec<Known> = notice
        .told
        .iter()
        .filter(|t| !t.address.eq_ignore_ascii_case(to))
        .map(|t| named(&t.address))
        .collect();
    if !notice.failed_header.is_empty() {
        return notice.failed_header.iter().map(named).collect();
    }
    if !told.is_empty() {
        return told;
    }
    if let Some(first) = notice.original.to.first() {
        return vec![named(first)];
    }
    if let Some(told) = notice.told.first().filter(|told| !told.reasons.is_empty()) {
        return vec![named(&told.address)];
    }
    // The words report a failure without saying whose.
    vec![Known::default()]
}

fn of_event(event: &Event, recipient: &EventRecipient) -> Known {
    Known {
        address: recipient.address.clone(),
        action: recipient.action.as_deref().and_then(Action::parse),
        status: recipient.status.as_deref().and_then(EnhancedCode::parse),
        words: recipient.diagnostic.iter().cloned().chain(event.bounce_subtype.clone()).collect(),
        ..Known::default()
    }
}

/// A local part alone gets the domain of the addressee it belongs to, else of
/// the system that writes: GroupWise and others name their own users so.
fn complete(address: &mut String, notice: &Notice) {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    if address.is_empty() || address.len() > 64 || !address.chars().all(plain) {
        return;
    }
    let whole = notice
        .original
        .to
        .iter()
        .find(|to| to.rsplit_once('@').is_some_and(|(local, _)| local.eq_ignore_ascii_case(address)));
    if let Some(whole) = whole {
        address.clone_from(whole);
    } else if let Some(domain) = notice.from_domain() {
        *address = format!("{address}@{domain}");
    }
}

fn same_mailbox(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

fn add(recipient: &mut Known, told: &Told) {
    recipient.words.extend(told.reasons.iter().cloned());
    recipient.stage = recipient.stage.or(told.stage);
    if recipient.remote.is_none() {
        recipient.remote.clone_from(&told.remote);
    }
}

/// How much a verdict on words is worth.
fn rank(verdict: &ReplyVerdict) -> u8 {
    match verdict.basis {
        Basis::Pattern(_) | Basis::Phrase(_) | Basis::Sense(_) if !verdict.weak => 3,
        Basis::Pattern(_)
        | Basis::Phrase(_)
        | Basis::Sense(_)
        | Basis::Learnt(_)
        | Basis::EnhancedCode(_) => 2,
        Basis::ReplyCode(_) => 1,
        Basis::Nothing => 0,
    }
}

/// The most telling words of one recipient, their meaning, and the codes.
#[derive(Default)]
struct Heard {
    /// Worth, words, meaning.
    best: Option<(u8, String, ReplyVerdict)>,
    reply_code: Option<u16>,
    enhanced_code: Option<EnhancedCode>,
}

impl Heard {
    /// Codes come from the first words that have them.
    fn take_codes(&mut self, code: Option<u16>, enhanced: Option<EnhancedCode>) {
        if self.reply_code.is_none() && self.enhanced_code.is_none() {
            (self.reply_code, self.enhanced_code) = (code, enhanced);
        }
    }

    fn verdict(&self) -> Option<&ReplyVerdict> {
        self.best.as_ref().map(|(_, _, verdict)| verdict)
    }
}

/// Listens to all words about one recipient.
fn hear(known: &Known, kind: Kind, speaker: Option<Speaker>) -> Heard {
    let domain = known.address.rsplit_once('@').map(|(_, domain)| domain);
    let hosts: Vec<&str> = domain.into_iter().chain(known.remote.as_deref()).collect();
    let setting = Setting {
        speaker,
        stage: known.stage,
        status: known.status,
        hosts: &hosts,
        queue: if failed_for_good(known, kind) { Queue::Failed } else { Queue::Reported },
        ..Setting::default()
    };
    let plain_status = known.status.filter(|code| code.subject != 0 && status::is_plain(*code)).is_some();
    let waits = kind == Kind::Delay || known.action == Some(Action::Delayed);
    let about = known.words.len() - usize::from(known.whole);
    let failed = matches!(known.action, Some(Action::Failed | Action::Delayed))
        || (known.action.is_none()
            && known.status.is_none_or(|code| code.class != 2)
            && kind != Kind::Delivered);
    let mut heard = Heard::default();
    for (index, words) in known.words.iter().filter(|w| !w.trim().is_empty()).enumerate() {
        // What the report's fields say plainly, free text does not overrule.
        if index >= known.fields && plain_status {
            if index < about {
                let read = Reply::read(words);
                heard.take_codes(read.code, read.enhanced);
            }
            continue;
        }
        // Of a delay the words about the recipient say what it waits for.
        let queue = if waits && index < about { Queue::Waits } else { setting.queue };
        let Some(verdict) = waiting::meaning(words, Setting { queue, ..setting }, waits, failed) else {
            continue;
        };
        // That time was over is said of every failure: where words about the recipient say why, they stand.
        let told = heard.verdict().is_some_and(|verdict| verdict.cause != Cause::Undetermined);
        if known.whole && index >= about && told && verdict.cause == Cause::QueueExpired {
            continue;
        }
        heard.take_codes(verdict.reply_code, verdict.enhanced_code);
        let worth = rank(&verdict);
        if heard.best.as_ref().is_none_or(|(so_far, ..)| worth > *so_far) {
            heard.best = Some((worth, words.clone(), verdict));
        }
        if worth == 3 {
            break;
        }
    }
    if heard.best.as_ref().is_none_or(|(worth, ..)| *worth < 2)
        && let Some(status) = known.status
        && let by_status = classify_in(&status.to_string(), &Setting { status: None, ..setting })
        && !matches!(by_status.cause, Cause::Undetermined | Cause::Delivered)
    {
        let words = heard.best.as_ref().map(|(_, words, _)| words.clone()).unwrap_or_default();
        heard.best = Some((2, words, by_status));
    }
    heard
}

/// True where the notice says that nobody tries again.
fn failed_for_good(known: &Known, kind: Kind) -> bool {
    match known.action {
        Some(Action::Failed) => kind != Kind::Delay,
        Some(_) => false,
        None => kind == Kind::Bounce,
    }
}

/// True where a server of the recipient's domain took the message, and not only its envelope.
fn was_taken(known: &Known) -> bool {
    let took = |words: &String| explain(words, None).cause != Cause::Undetermined;
    party::is_receiver(known.remote.as_deref(), &known.address)
        && known.words.iter().take(known.fields).any(took)
}

fn judge_recipient(known: Known, notice: &Notice, kind: Kind) -> Recipient {
    let sent_on = forwarded::of(&known.address, known.original.as_deref(), notice);
    let speaker = party::reports_itself(notice, &known.address).then_some(Speaker::Receiver);
    let heard = hear(&known, kind, speaker);
    let (reply_code, mut enhanced_code) = (heard.reply_code, heard.enhanced_code);
    let mut code_from = CodeFrom::Reply;
    if enhanced_code.is_none_or(|code| code.subject == 0 && code.detail == 0) && known.status.is_some() {
        enhanced_code = known.status;
        code_from = CodeFrom::Report;
    }
    let mut cause = heard.verdict().map_or(Cause::Undetermined, |verdict| verdict.cause);
    let denied = status::is_failure(known.status, known.words.iter().take(known.fields));
    match known.action {
        Some(Action::Delivered | Action::Relayed | Action::Expanded) if denied => {
            cause = Cause::Undetermined;
        }
        Some(Action::Delivered) => cause = Cause::Delivered,
        // As `triage` tells of the same hop: the recipient's own server answered the end of DATA.
        Some(Action::Relayed) if was_taken(&known) => cause = Cause::Delivered,
        // Passed on to where nobody reports, or to a list (RFC 3464 section 2.3.3).
        Some(Action::Relayed | Action::Expanded) => cause = Cause::AcceptedByRelay,
        Some(Action::Failed) if cause == Cause::Delivered => cause = Cause::Undetermined,
        _ if kind == Kind::Delivered => cause = Cause::Delivered,
        _ => {}
    }
    let permanent = match cause {
        Cause::Delivered | Cause::AcceptedByRelay => None,
        _ => status::permanent(reply_code, enhanced_code, known.action, notice, kind),
    };
    if enhanced_code.is_none() {
        code_from = CodeFrom::Meaning;
        enhanced_code = Some(status::of_cause(cause, permanent));
    }
    let (words, verdict) = match heard.best {
        Some((_, words, verdict)) => {
            (Some(words), Some(Box::new(forwarded::advise(verdict, sent_on.as_ref()))))
        }
        None => (None, None),
    };
    let original = known.original.filter(|original| !same_mailbox(original, &known.address));
    let reply = words.map(|w| w.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|w| !w.is_empty());
    Recipient {
        address: known.address,
        original_address: original,
        action: known.action,
        cause,
        permanent,
        reply_code,
        enhanced_code,
        code_from,
        reply,
        remote_mta: known.remote,
        verdict,
    }
}

#[cfg(test)]
mod tests;
