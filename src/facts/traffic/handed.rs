//! Deliveries that are none: a message handed to a filter that hands it back
//! counts once, under the queue id it comes back with.

use memchr::memmem;

use crate::parse::log::Kind;
use crate::parse::log::event::Event;
use crate::parse::log::record::queued_as;

/// Words in names of pipe services that look at mail and hand it back.
const FILTERS: [&[u8]; 6] = [b"spam", b"amavis", b"filter", b"clam", b"scan", b"dspam"];

/// Whether a positive reply came from a filter that gave the message back.
#[inline]
pub(super) fn is_handed_over(event: &Event<'_>) -> bool {
    if event.kind != Kind::Delivered {
        return false;
    }
    match event.ip {
        [b'1', b'2', b'7', b'.', ..] | b"::1" => names_an_id(event),
        // A filter on a machine of its own: amavis quotes whom it gave the message to.
        [b'1', b'0', b'.', ..]
        | [b'1', b'9', b'2', b'.', b'1', b'6', b'8', ..]
        | [b'1', b'7', b'2', b'.', ..] => memmem::find(event.reply, b"from MTA(").is_some(),
        b"" => {
            event.reply.starts_with(b"delivered via ")
                && FILTERS.iter().any(|word| memmem::find(event.host, word).is_some())
        }
        _ => false,
    }
}

fn names_an_id(event: &Event<'_>) -> bool {
    !next_id(event).is_empty()
}

/// The queue id it comes back with, where the reply names it.
pub(super) fn next_id<'e>(event: &Event<'e>) -> &'e [u8] {
    let reply = std::str::from_utf8(event.reply).unwrap_or_default();
    queued_as(reply).unwrap_or_default().as_bytes()
}
