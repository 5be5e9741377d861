//! What a web server said to a GET of a policy file, raw.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// One exchange; the body is cut at [`LONGEST_BODY`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpsTranscript {
    pub status: u16,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub content_type: String,
    /// Where a redirect points; it is not followed (RFC 8461 section 3.3).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub location: String,
    pub body: String,
    /// The body's bytes where they are no text, such as a packed logo; base64.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub body_base64: String,
    /// The body went on beyond the bound.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// As sent, the server's own first; base64 of DER.
    pub certificates: Vec<String>,
    pub ms: u32,
}

impl HttpsTranscript {
    /// A file that is larger than what is read.
    pub fn is_too_long(&self) -> bool {
        self.status == 200 && self.cut
    }

    /// The body as it came.
    pub fn bytes(&self) -> Vec<u8> {
        match self.body_base64.as_str() {
            "" => self.body.clone().into_bytes(),
            encoded => STANDARD.decode(encoded).unwrap_or_default(),
        }
    }
}

/// Bytes read of a body: what RFC 8461 section 3.3 suggests as the limit.
pub(crate) const LONGEST_BODY: usize = 64 << 10;
