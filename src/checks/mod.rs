//! The nine areas. One check is one file; the list at the end of each folder's
//! `mod.rs` is written by `UPDATE=1 cargo test --test it index`.

use crate::check::Check;
use crate::model::Area;

mod authentication;
mod content;
mod feedback_loops;
mod ip_reputation;
mod malware_phishing;
mod reverse_dns;
mod sending_practices;
mod subscription;
mod throttling;

/// A topic within an area and its checks, from a folder.
pub(crate) type Room = (&'static str, &'static [&'static Check]);

/// The rooms of one area; a small area is one room that goes by the area's name.
pub(crate) fn rooms(area: Area) -> Vec<Room> {
    match area {
        Area::Authentication => authentication::ROOMS.to_vec(),
        Area::ReverseDns => vec![("reverse-dns", reverse_dns::CHECKS)],
        Area::IpReputation => vec![("ip-reputation", ip_reputation::CHECKS)],
        Area::Content => vec![("content", content::CHECKS)],
        Area::Subscription => vec![("subscription", subscription::CHECKS)],
        Area::SendingPractices => sending_practices::ROOMS.to_vec(),
        Area::FeedbackLoops => vec![("feedback-loops", feedback_loops::CHECKS)],
        Area::MalwarePhishing => malware_phishing::ROOMS.to_vec(),
        Area::Throttling => vec![("throttling", throttling::CHECKS)],
    }
}
