//! The sample message as facts: the message as read, with what is worked out of its words
//! and its look, each once and when first asked for. Must not judge.

pub(crate) mod appeals;
pub(crate) mod appearance;
pub(crate) mod bait;
pub(crate) mod client_support;
pub(crate) mod disguise;
pub(crate) mod kind;
pub(crate) mod lists;
pub(crate) mod merge_fields;
pub(crate) mod pixels;
pub(crate) mod sender;
pub mod words;

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use self::appeals::Appeals;
use self::appearance::Look;
use self::words::Wording;
use crate::evidence::MessageEvidence;
use crate::parse::message::{Html, Message};

/// One message and what was worked out of it.
pub struct MessageFacts {
    message: Message,
    wording: OnceLock<Wording>,
    looks: OnceLock<Vec<Vec<Look>>>,
    appeals: OnceLock<Appeals>,
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
        }
    }

    /// The message's words, made comparable.
    pub fn wording(&self) -> &Wording {
        self.wording.get_or_init(|| Wording::read(&self.message))
    }

    /// What it says to be obeyed, answered or bought.
    pub(crate) fn appeals(&self) -> &Appeals {
        self.appeals.get_or_init(|| Appeals::read(&self.message, &self.wording().own))
    }

    /// How the text of one of [`Message::htmls`] looks.
    pub fn looks(&self, html: &Html) -> &[Look] {
        let looks = self.looks.get_or_init(|| self.htmls().iter().map(appearance::looks).collect());
        let at = self.htmls().iter().position(|known| std::ptr::eq(known, html));
        at.and_then(|at| looks.get(at)).map_or(&[], Vec::as_slice)
    }
}
