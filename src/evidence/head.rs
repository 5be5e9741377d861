//! What a web server said to HEAD of a link, raw.

use serde::{Deserialize, Serialize};

/// The head of one answer. Nothing of it is followed: the next hop is a question of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadReply {
    /// Of HTTP, 100 to 599.
    pub status: u16,
    /// Where a redirect leads; empty without one.
    #[serde(default)]
    pub location: String,
    /// A `Refresh` field, which browsers obey as they do a redirect.
    #[serde(default)]
    pub refresh: String,
    /// It wanted to set a cookie.
    #[serde(default)]
    pub sets_cookie: bool,
}
