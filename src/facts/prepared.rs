//! What is worked out once from the files given and shared by all rounds of a
//! run: parsing a message again after each DNS answer would be waste.

use std::sync::OnceLock;

use super::attachments::Attachments;
use super::dkim::signed_message::SignedMessage;
use super::ibmi::Ibmi;
use super::links::Links;
use super::message::bait::Bait;
use super::message::kind::Kind;
use super::spam_score::SpamScore;
use super::subscription::unsubscribe::{self, BodyWay};
use crate::evidence::Evidence;
use crate::facts::message::MessageFacts;

/// Facts that no network answer can change.
#[derive(Default)]
pub struct Prepared {
    message: OnceLock<Option<MessageFacts>>,
    signed: OnceLock<Option<SignedMessage>>,
    body_way: OnceLock<BodyWay>,
    kind: OnceLock<Kind>,
    attachments: OnceLock<Attachments>,
    links: OnceLock<Links>,
    bait: OnceLock<Bait>,
    spam_score: OnceLock<Option<SpamScore>>,
    ibmi: OnceLock<Option<Ibmi>>,
}

impl Prepared {
    /// Nothing is read yet; each part is when first asked for.
    pub fn new(_evidence: &Evidence) -> Prepared {
        Prepared::default()
    }

    /// The sample message, read when first asked for.
    pub fn message(&self, evidence: &Evidence) -> Option<&MessageFacts> {
        self.message.get_or_init(|| evidence.message.as_ref().map(MessageFacts::read)).as_ref()
    }

    /// The settings of an IBM i, read when first asked for.
    pub(crate) fn ibmi(&self, evidence: &Evidence) -> Option<&Ibmi> {
        let read = || evidence.settings.as_deref().map(Ibmi::read);
        self.ibmi.get_or_init(read).as_ref()
    }

    /// The sample message's spam score, weighed when first asked for.
    pub fn spam_score(&self, evidence: &Evidence) -> Option<&SpamScore> {
        self.spam_score.get_or_init(|| self.message(evidence).map(SpamScore::of)).as_ref()
    }

    /// The sample message as a verifier sees it, read when first asked for.
    pub fn signed(&self, evidence: &Evidence) -> Option<&SignedMessage> {
        let read = || evidence.message.as_ref().map(|message| SignedMessage::read(&message.raw));
        self.signed.get_or_init(read).as_ref()
    }

    /// The way out in the message's body.
    pub fn body_way(&self, message: &MessageFacts) -> BodyWay {
        *self.body_way.get_or_init(|| unsubscribe::in_body(message))
    }

    /// What kind of mail the message is.
    pub fn kind(&self, message: &MessageFacts, way: BodyWay) -> &Kind {
        self.kind.get_or_init(|| Kind::read(message, way))
    }

    /// The attachments of the message, examined when first asked for.
    pub fn attachments(&self, message: &MessageFacts) -> &Attachments {
        self.attachments.get_or_init(|| Attachments::read(message))
    }

    /// The links of body and attachments, read when first asked for.
    pub fn links(&self, message: &MessageFacts) -> &Links {
        self.links.get_or_init(|| Links::read(message, self.attachments(message)))
    }

    pub(crate) fn bait(&self, message: &MessageFacts) -> &Bait {
        self.bait.get_or_init(|| Bait::read(message, &message.sender().name))
    }
}
