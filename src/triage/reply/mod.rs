//! What an SMTP reply means: the cause, whether it is final, who must act and
//! what to do. Pure: text in, verdict out; looks nothing up.

mod advice;
mod clearer;
mod contacts;
mod ending;
mod file;
mod learnt;
mod limit;
mod makers;
mod needles;
mod object;
mod own;
mod passage;
mod pasted;
mod peer;
mod setting;
mod shut;
mod speaker;
mod stage;
mod standard;
mod success;
mod wording;

use std::collections::HashMap;
use std::net::IpAddr;

use serde::Serialize;

use crate::data::playbooks::{self, Playbook};
use crate::data::smtp_replies::{CATALOGUE, Provider};
use crate::model::Area;
use crate::model::enhanced_code::EnhancedCode;
use crate::model::speaker::Speaker;
use crate::parse::smtp::reply::{Reply, Stage};
use crate::triage::cause::Cause;
use crate::triage::confirmation::Confirmation;

pub(crate) use advice::is_waiting;
pub use advice::{Who, area};
pub(crate) use ending::is_time_over;
pub use limit::Limit;
pub use setting::{Queue, Setting};
pub use success::explain;

/// What decided the verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "by", content = "what")]
pub enum Basis {
    /// A wording of the catalogue: the pattern's id.
    Pattern(String),
    /// A wording MTAs share: the group's id.
    Phrase(String),
    /// The text is unknown; what its words say together: tentative.
    Sense(String),
    /// The text is unknown; what words and codes like its most often mean, and how surely: tentative.
    Learnt(String),
    /// The text is unknown; RFC 3463's meaning of the code.
    EnhancedCode(String),
    /// The text is unknown; RFC 5321's meaning of the code.
    ReplyCode(u16),
    /// Nothing is known.
    Nothing,
}

/// The meaning of one reply.
#[derive(Clone, Debug)]
pub struct ReplyVerdict {
    /// Why the message was not taken.
    pub cause: Cause,
    /// `Some(false)`: the sender's server goes on trying. `None`: the text does not say.
    pub permanent: Option<bool>,
    /// The area of an audit that looks into such causes.
    pub area: Area,
    /// The receiving provider, where the reply or the MX host shows it.
    pub provider: Option<&'static Provider>,
    /// The SMTP reply code (RFC 5321 section 4.2).
    pub reply_code: Option<u16>,
    /// The enhanced status code (RFC 3463).
    pub enhanced_code: Option<EnhancedCode>,
    /// Who must act.
    pub who: Who,
    /// What to do, in order.
    pub action: Vec<String>,
    /// The page or mailbox where it is done.
    pub page: Option<String>,
    /// What the cause was read from.
    pub basis: Basis,
    /// Decided by a word or code that could mean other things too.
    pub weak: bool,
    /// The reply without its wrapping. Hostile text.
    pub text: String,
    /// The host that is said to have replied.
    pub host: Option<String>,
    /// The command that was answered, where the reply shows it.
    pub stage: Option<Stage>,
    /// Whose words these are.
    pub speaker: Speaker,
    /// A limit the reply states.
    pub limit: Option<Limit>,
    /// Pages and mailboxes the reply names for help.
    pub contacts: Vec<String>,
    /// What the provider's own pages say to do.
    pub playbook: Option<&'static Playbook>,
    /// IP addresses the reply names.
    pub addresses: Vec<IpAddr>,
    /// Web addresses the reply names.
    pub links: Vec<String>,
    /// Zones of DNS lists the reply names.
    pub lists: Vec<String>,
    /// Whether the DNS still says so; `None` where it was not asked or has no say.
    pub confirmation: Option<Confirmation>,
}

/// What a wording or a code decided, before advice.
#[derive(Clone, Debug)]
struct Decision {
    cause: Cause,
    who: Option<Who>,
    action: Option<&'static str>,
    provider: Option<usize>,
    basis: Basis,
    /// Decided by a word or code that could mean other things too.
    weak: bool,
    /// Whose words, where the wording shows it.
    speaker: Option<Speaker>,
    /// The first step, in place of the action's.
    lead: Option<String>,
}

/// Classifies one reply as quoted by any MTA. `mx` is the host that gave it, or
/// the recipient's domain.
pub fn classify(text: &str, mx: Option<&str>) -> ReplyVerdict {
    classify_in(text, &Setting { hosts: mx.as_slice(), ..Setting::default() })
}

/// As [`classify`], where more is known than the words: who speaks comes first,
/// then the refused command, the code, the provider, and the wording last.
pub fn classify_in(text: &str, setting: &Setting<'_>) -> ReplyVerdict {
    let setting = &pasted::around(text, *setting);
    let mut reply = Reply::read(text);
    reply.stage = reply.stage.or(setting.stage);
    let agrees = |status: &EnhancedCode| reply.code.is_none_or(|code| code / 100 == u16::from(status.class));
    reply.enhanced = reply.enhanced.or(setting.status.filter(agrees));
    let decision = decide(&reply, setting);
    verdict(reply, decision, setting)
}

impl ReplyVerdict {
    /// How sure the cause is: `known` by its wording, `tentative` by words or
    /// codes that mostly mean so, or `undetermined`.
    pub fn confidence(&self) -> &'static str {
        match (&self.basis, self.weak) {
            _ if self.cause == Cause::Undetermined => "undetermined",
            (Basis::Sense(_) | Basis::Learnt(_) | Basis::ReplyCode(_) | Basis::Nothing, _) => "tentative",
            (_, true) if !matches!(self.cause, Cause::Delivered | Cause::AcceptedByRelay) => "tentative",
            _ => "known",
        }
    }

    /// The cause in words, where the wording says more than its class: how far the attempt came, who waited in
    /// vain, and whose mail went round in a circle, were reached.
    pub fn title(&self) -> &'static str {
        let by_cause = || self.cause.title_of(Some(self.speaker), self.who == Who::Sender);
        self.own_title().unwrap_or_else(by_cause)
    }

    /// As [`Self::title`], where it is not that of the cause.
    pub(crate) fn own_title(&self) -> Option<&'static str> {
        let way = matches!(self.cause, Cause::NetworkFailure | Cause::UnknownHost);
        if let Some(title) = passage::title(&self.basis).filter(|_| way) {
            return Some(title);
        }
        let waited = match &self.basis {
            Basis::Phrase(id) => id.starts_with("session-"),
            Basis::Pattern(id) => id == "pf-timeout",
            _ => false,
        };
        if waited {
            return Some("the receiver waited in vain for the sending server's next words");
        }
        self.is_loop().then_some("the mail goes round in a circle between servers")
    }

    /// True where the mail went round between servers until one of them stopped it: each was reached.
    fn is_loop(&self) -> bool {
        let by_words =
            matches!(&self.basis, Basis::Phrase(id) if matches!(id.as_str(), "sentence-loop" | "loop"));
        let by_code = self.enhanced_code.is_some_and(|code| (code.subject, code.detail) == (4, 6));
        by_words || by_code && self.cause == Cause::NetworkFailure
    }

    /// True when a wording all servers share said so, not one of a known provider.
    pub fn is_generic(&self) -> bool {
        match &self.basis {
            Basis::Pattern(id) => wording::is_shared(id),
            _ => true,
        }
    }
}

/// Remembers decisions by text without its numbers and addresses, for the
/// thousands of like replies in a log.
#[derive(Default)]
pub struct Cache {
    known: HashMap<String, Decision>,
}

/// Entries at which a [`Cache`] starts afresh: hostile logs vary every line.
const CACHE_LIMIT: usize = 20_000;

impl Cache {
    /// The cause, who must act, and whether it is final: what a log needs per line.
    pub fn cause(&mut self, text: &str, mx: Option<&str>) -> (Cause, Option<bool>) {
        let reply = Reply::read(text);
        let key = Cache::key(&reply, mx);
        let cause = match self.known.get(&key) {
            Some(decision) => decision.cause,
            None => {
                if self.known.len() >= CACHE_LIMIT {
                    self.known.clear();
                }
                let decision = decide(&reply, &Setting { hosts: mx.as_slice(), ..Setting::default() });
                let cause = decision.cause;
                self.known.insert(key, decision);
                cause
            }
        };
        (cause, finality(&reply, cause))
    }

    /// The reply with digits, and words with `@`, made alike; and the provider.
    fn key(reply: &Reply, mx: Option<&str>) -> String {
        let mut key = format!("{:?} {:?} {:?} ", reply.code, reply.enhanced, reply.wrapper);
        if let Some(provider) = mx.and_then(|mx| CATALOGUE.provider_of_host(mx)) {
            key.push_str(&format!("{provider} "));
        }
        for word in reply.whole.split(' ') {
            if word.contains('@') {
                key.push('@');
            } else if word.len() > 6 && word.bytes().filter(u8::is_ascii_digit).count() * 2 > word.len() {
                key.push('#');
            } else {
                key.push_str(word);
            }
            key.push(' ');
        }
        key
    }
}

fn decide(reply: &Reply, setting: &Setting<'_>) -> Decision {
    let decision = ending::before_the_end(reply, setting).unwrap_or_else(|| judged(reply, setting));
    match setting.queue {
        Queue::Reported | Queue::Failed => decision,
        Queue::Unknown | Queue::Waits | Queue::GaveUp => ending::unreached(reply, decision),
    }
}

/// By who speaks, the stage, the codes, the provider and the words.
fn judged(reply: &Reply, setting: &Setting<'_>) -> Decision {
    let hosts = setting.hosts;
    if reply.code.is_some_and(|code| code < 400)
        || (reply.code.is_none() && reply.enhanced.is_some_and(|code| code.class == 2))
    {
        return Decision {
            cause: Cause::Delivered,
            who: Some(Who::Nobody),
            action: Some("next_hop_check"),
            provider: wording::provider(reply, hosts),
            basis: standard::basis(reply),
            weak: false,
            speaker: None,
            lead: None,
        };
    }
    let (decided, provider) = wording::decide(reply, hosts);
    let mut decision = decided.unwrap_or_else(|| standard::decide(reply));
    decision.provider = decision.provider.or(provider);
    let vague = matches!(&decision.basis, Basis::Pattern(id) if wording::is_vague(id));
    let inner = wording::inner(reply);
    decision = learnt::likelier(reply, wording::reason(&inner), decision, vague);
    // RFC 7372 section 3: these codes name the check that failed; a wording that
    // many servers use for many things must not overrule them.
    let named = reply.enhanced.is_some_and(|code| code.subject == 7 && (20..=26).contains(&code.detail));
    let loose = matches!(decision.basis, Basis::Phrase(_) | Basis::Sense(_) | Basis::Learnt(_))
        || matches!(&decision.basis, Basis::Pattern(id) if wording::is_shared(id));
    if named && loose {
        let provider = decision.provider;
        decision = Decision { provider, ..standard::decide(reply) };
    }
    // X.1.7 and X.1.8 speak of the sender's address (RFC 3463 section 3.2), whatever the words.
    let of_sender = reply.enhanced.is_some_and(|code| code.subject == 1 && matches!(code.detail, 7 | 8));
    // 530, 534 and 535 answer AUTH (RFC 4954 section 6): the user they speak of is the sender's.
    if loose && matches!(reply.code, Some(530 | 534 | 535)) && decision.cause == Cause::UnknownUser {
        decision = Decision { provider: decision.provider, ..standard::decide(reply) };
    }
    // X.1.6 says that the address has moved; "no longer here" alone does not. And 4.3.2 takes no mail
    // now, which is not for ever.
    let resting = reply.enhanced.is_some_and(|code| (code.class, code.subject, code.detail) == (4, 3, 2))
        && decision.cause == Cause::MailNotAccepted;
    let moved = reply.enhanced.is_some_and(|code| (code.subject, code.detail) == (1, 6))
        && decision.cause == Cause::UnknownUser;
    if loose && (moved || resting) {
        let provider = decision.provider;
        decision = Decision { provider, ..standard::decide(reply) };
    }
    if of_sender && loose && matches!(decision.cause, Cause::UnknownUser | Cause::UnknownHost) {
        let provider = decision.provider;
        decision = Decision { provider, ..standard::decide(reply) };
    }
    let lower = reply.whole.to_lowercase();
    let decision = passage::correct(reply, &lower, decision, setting);
    let by_words = speaker::by_words(reply, &lower, &decision);
    match own::decide(reply, &lower, &decision, setting, by_words) {
        Some(own) => own,
        None => object::bind(reply, stage::correct(reply, &lower, decision)),
    }
}

/// As [`permanent`], and final where the queue's time is over.
fn finality(reply: &Reply, cause: Cause) -> Option<bool> {
    if ending::over(reply, &reply.whole.to_ascii_lowercase(), cause) {
        return Some(true);
    }
    permanent(reply, cause)
}

/// What the code says, else the words.
fn permanent(reply: &Reply, cause: Cause) -> Option<bool> {
    if cause == Cause::Delivered {
        return None;
    }
    let lower = reply.whole.to_ascii_lowercase();
    // HTTP's codes of an API: SMTP has no 401 to 409 and no 429 (RFC 5321 section 4.2.3).
    // An enhanced code, or a queue that waits, is SMTP all the same: sendmail writes "403 4.7.0".
    let of_api = reply.enhanced.is_none() && !lower.contains("deferred");
    match reply.code {
        Some(401..=409) if of_api => return Some(true),
        Some(429) => return Some(false),
        _ => {}
    }
    // "Host not found, try again": the resolver's word for an answer that may come yet.
    let unanswered =
        lower.contains("try again") && !ending::GAVE_UP.iter().any(|words| lower.contains(words));
    if reply.code.is_none() && reply.enhanced.is_none() && unanswered {
        return Some(false);
    }
    reply.permanent()
}

fn verdict(reply: Reply, decision: Decision, setting: &Setting<'_>) -> ReplyVerdict {
    let lower = reply.whole.to_lowercase();
    let queue = match setting.queue {
        Queue::Unknown if ending::over(&reply, &lower, decision.cause) => Queue::GaveUp,
        queue => queue,
    };
    let who = match decision.who.unwrap_or_else(|| advice::who(decision.cause)) {
        // Waiting sufficed until the sending server stopped to.
        Who::Nobody if queue.is_over() && decision.cause == Cause::Greylisted => Who::Sender,
        // Of what failed for a reason nobody states, the sender must ask.
        Who::Nobody if queue.is_over() && decision.cause == Cause::Undetermined => Who::Sender,
        who => who,
    };
    let permanent = permanent(&reply, decision.cause);
    let speaker = speaker::of(&reply, &lower, &decision, setting.speaker);
    // A rule of one's own service is nothing that the receiver could allow.
    let own_rule = decision.cause == Cause::PolicyRejected
        && who == Who::Receiver
        && decision.lead.is_none()
        && (speaker == Speaker::OwnRelay && decision.who.is_none()
            || setting.speaker.is_some_and(Speaker::is_own));
    let action = if speaker == Speaker::OwnRelay { "read_service_rule" } else { "own_rule" };
    // A fault of one's own server is never the receiver's to mend.
    let faulty = matches!(decision.cause, Cause::RemoteError | Cause::RemoteFull | Cause::MailerError);
    let who = match who {
        Who::Receiver if faulty && setting.speaker == Some(Speaker::OwnServer) => Who::Sender,
        who => who,
    };
    let (who, decision) = match own_rule {
        true => (Who::Sender, Decision { action: Some(action), ..decision }),
        false => (who, decision),
    };
    let contacts = contacts::of(&reply);
    let provider = decision.provider.and_then(|index| CATALOGUE.providers.get(index));
    let playbook = (who == Who::Sender && decision.lead.is_none())
        .then(|| playbooks::find(provider.map(|p| p.tag.as_str()), reply.enhanced, &lower))
        .flatten();
    let known = advice::Known {
        reply: &reply,
        decision: &decision,
        permanent,
        queue,
        who,
        speaker,
        contacts: &contacts,
        playbook,
    };
    let (action, page) = advice::steps(&known);
    ReplyVerdict {
        cause: decision.cause,
        // A notice of failure says so, and a queue that gave up, whatever the code is called.
        permanent: if queue.is_over() { Some(true) } else { permanent },
        area: area(decision.cause),
        provider,
        reply_code: reply.code,
        enhanced_code: reply.enhanced,
        who,
        action,
        page,
        basis: decision.basis,
        weak: decision.weak,
        speaker,
        limit: if decision.cause == Cause::Delivered { None } else { limit::stated(&reply.text) },
        contacts,
        playbook,
        addresses: reply.addresses(),
        links: reply.links(),
        lists: reply.lists(),
        text: reply.text,
        host: reply.host,
        stage: reply.stage,
        confirmation: None,
    }
}

#[cfg(test)]
mod tests;
