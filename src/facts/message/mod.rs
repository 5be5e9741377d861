//! The sample message as facts: the message as read, with what is worked out of its words
//! and its look, each once and when first asked for. Must not judge.

pub(crate) mod appeals;
pub(crate) mod appearance;
pub(crate) mod bait;
pub(crate) mod client_support;
mod conjunction;
pub(crate) mod disguise;
pub(crate) mod kind;
pub(crate) mod lists;
pub(crate) mod mentions;
pub(crate) mod merge_fields;
pub(crate) mod pixels;
pub(crate) mod sender;
pub mod words;

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use self::appeals::Appeals;
use self::appearance::Look;
use self::mentions::without_mentions;
use self::sender::Sender;
use self::words::Wording;
use crate::evidence::MessageEvidence;
use crate::parse::message::{Html, Message};
use crate::parse::text::plain_text::beginning;
use crate::parse::web::lookalike::fold;

/// Characters that phrases are looked for in.
const MOST_TEXT: usize = 20_000;

/// One message and what was worked out of it.
pub struct MessageFacts {
    message: Message,
    wording: OnceLock<Wording>,
    looks: OnceLock<Vec<Vec<Look>>>,
    appeals: OnceLock<Appeals>,
    sender: OnceLock<Sender>,
    plain: OnceLock<String>,
}

impl Deref for MessageFacts {
    type Target = Message;

    fn deref(&self) -> &Message {
        &self.message
    }
}

impl MessageFacts {
    /// Reads the header; the rest waits until somebody asks.
    pub fn read(evidence: &MessageEvidence) -> MessageFacts {
        MessageFacts {
            message: Message::read(evidence.file.clone(), Arc::clone(&evidence.raw)),
            wording: OnceLock::new(),
            looks: OnceLock::new(),
            appeals: OnceLock::new(),
            sender: OnceLock::new(),
            plain: OnceLock::new(),
        }
    }

    /// The message's words, made comparable.
    pub fn wording(&self) -> &Wording {
        self.wording.get_or_init(|| Wording::read(&self.message))
    }

    /// What it says to be obeyed, answered or bought.
    pub(crate) fn appeals(&self) -> &Appeals {
        self.appeals.get_or_init(|| Appeals::read(&self.message, &self.plain_said()))
    }

    /// Who it says it is from.
    pub(crate) fn sender(&self) -> &Sender {
        self.sender.get_or_init(|| Sender::read(self))
    }

    /// What the sender wrote, disguises removed, so that phrases can be looked for; its beginning.
    pub(crate) fn plain_own(&self) -> &str {
        self.plain.get_or_init(|| fold(beginning(&self.wording().own, MOST_TEXT)))
    }

    /// The same without sentences in quotation marks, which warn of what others say.
    fn plain_said(&self) -> Cow<'_, str> {
        match without_mentions(beginning(&self.wording().own, MOST_TEXT)) {
            Cow::Borrowed(_) => Cow::Borrowed(self.plain_own()),
            Cow::Owned(said) => Cow::Owned(fold(&said)),
        }
    }

    /// The same with the foot below it.
    pub(crate) fn plain_visible(&self) -> Cow<'_, str> {
        // Nearly always nothing is quoted.
        let visible = self.message.unquoted_text();
        if self.wording().own.trim_ascii_end() == visible.trim_ascii_end() {
            return self.plain_said();
        }
        Cow::Owned(fold(&without_mentions(beginning(&visible, MOST_TEXT))))
    }

    /// How the text of one of [`Message::htmls`] looks.
    pub fn looks(&self, html: &Html) -> &[Look] {
        let looks = self.looks.get_or_init(|| self.htmls().iter().map(appearance::looks).collect());
        let at = self.htmls().iter().position(|known| std::ptr::eq(known, html));
        at.and_then(|at| looks.get(at)).map_or(&[], Vec::as_slice)
    }
}
