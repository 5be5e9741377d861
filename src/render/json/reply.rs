//! `mailvet/reply/1`: the meaning of one SMTP reply.

use serde::Serialize;

use crate::model::speaker::{Speaker, Stage};
use crate::triage::confirmation::Confirmation;
use crate::triage::reply::{Basis, Limit, ReplyVerdict};

#[derive(Serialize)]
pub(crate) struct ReplyV1 {
    schema: &'static str,
    cause: &'static str,
    cause_title: &'static str,
    permanent: Option<bool>,
    area: &'static str,
    provider: Option<&'static str>,
    provider_name: Option<&'static str>,
    reply_code: Option<u16>,
    enhanced_code: Option<String>,
    who: &'static str,
    action: String,
    steps: Vec<String>,
    page: Option<String>,
    basis: Basis,
    /// `known`, `tentative` or `undetermined`.
    confidence: &'static str,
    text: String,
    host: Option<String>,
    stage: Option<Stage>,
    speaker: Speaker,
    limit: Option<Limit>,
    contacts: Vec<String>,
    /// The receiver's own recovery: its name, the day of the page it is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    playbook: Option<PlaybookV1>,
    named: NamedV1,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmation: Option<ConfirmationV1>,
}

/// Whether the cause still holds.
#[derive(Serialize)]
pub(crate) struct ConfirmationV1 {
    /// `still-so`, `fixed-since` or `unconfirmed`.
    state: &'static str,
    /// What was seen, or why nothing was.
    seen: String,
}

impl From<&Confirmation> for ConfirmationV1 {
    fn from(confirmation: &Confirmation) -> ConfirmationV1 {
        ConfirmationV1 { state: confirmation.state.name(), seen: confirmation.seen.clone() }
    }
}

#[derive(Serialize)]
struct PlaybookV1 {
    id: &'static str,
    page: &'static str,
    seen: &'static str,
}

#[derive(Serialize)]
struct NamedV1 {
    addresses: Vec<String>,
    links: Vec<String>,
    lists: Vec<String>,
}

pub(crate) fn reply(verdict: &ReplyVerdict) -> ReplyV1 {
    ReplyV1 {
        schema: "mailvet/reply/1",
        cause: verdict.cause.name(),
        cause_title: verdict.cause.title(),
        permanent: verdict.permanent,
        area: verdict.area.name(),
        provider: verdict.provider.map(|p| p.tag.as_str()),
        provider_name: verdict.provider.map(|p| p.name.as_str()),
        reply_code: verdict.reply_code,
        enhanced_code: verdict.enhanced_code.map(|code| code.to_string()),
        who: verdict.who.name(),
        action: verdict.action.join("; "),
        steps: verdict.action.clone(),
        page: verdict.page.clone(),
        basis: verdict.basis.clone(),
        confidence: verdict.confidence(),
        text: verdict.text.clone(),
        host: verdict.host.clone(),
        stage: verdict.stage,
        speaker: verdict.speaker,
        limit: verdict.limit.clone(),
        contacts: verdict.contacts.clone(),
        playbook: verdict.playbook.map(|book| PlaybookV1 {
            id: &book.id,
            page: &book.page,
            seen: &book.seen,
        }),
        named: NamedV1 {
            addresses: verdict.addresses.iter().map(ToString::to_string).collect(),
            links: verdict.links.clone(),
            lists: verdict.lists.clone(),
        },
        confirmation: verdict.confirmation.as_ref().map(ConfirmationV1::from),
    }
}
