//! What a one-click address said to the POST of RFC 8058, raw.

use serde::{Deserialize, Serialize};

/// The server's answer to the POST.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostReply {
    /// Of HTTP, 100 to 599.
    pub status: u16,
    /// Where a redirect leads; empty without one.
    #[serde(default)]
    pub location: String,
    #[serde(default)]
    pub content_type: String,
    /// The beginning of the page.
    #[serde(default)]
    pub body: String,
    /// It wanted to set a cookie.
    #[serde(default)]
    pub sets_cookie: bool,
}
