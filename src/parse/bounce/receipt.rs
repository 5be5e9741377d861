//! The fields of a message disposition notification (RFC 8098): what a reader's mail program did with a message.

use super::dsn::{self, Field, Fields};

/// A receipt, which tells of a message that arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// `displayed`, `deleted`, `processed`, `dispatched`, `denied`, `failed`; lower case.
    pub disposition: String,
    /// Whose mail program it was, as the receipt has it.
    pub recipient: Option<String>,
}

impl Receipt {
    /// Reads the body of a `message/disposition-notification` part; `None` without a disposition.
    pub(super) fn read(text: &str) -> Option<Receipt> {
        let mut receipt = Receipt::default();
        for field in Fields::new(text) {
            let Field::Line(name, value) = field else { continue };
            match name.as_str() {
                // `manual-action/MDN-sent-manually; displayed/error`
                "disposition" => {
                    let kind = value.rsplit_once(';').map_or(value.as_str(), |(_, kind)| kind);
                    let word: String = kind.trim().chars().take_while(char::is_ascii_alphabetic).collect();
                    receipt.disposition = word.to_ascii_lowercase();
                }
                "final-recipient" => receipt.recipient = dsn::mailbox(&value),
                "original-recipient" if receipt.recipient.is_none() => {
                    receipt.recipient = dsn::mailbox(&value);
                }
                _ => {}
            }
        }
        (!receipt.disposition.is_empty()).then_some(receipt)
    }
}

#[cfg(test)]
mod tests {
    use super::Receipt;

    #[test]
    fn the_last_word_is_what_was_done() {
        let read = |value: &str| {
            let text = format!("Final-Recipient: rfc822;a@example.net\nDisposition: {value}\n");
            Receipt::read(&text).map(|receipt| receipt.disposition)
        };
        for (value, word) in [
            ("manual-action/MDN-sent-manually; displayed", "displayed"),
            ("automatic-action/MDN-sent-automatically;deleted", "deleted"),
            ("automatic-action/MDN-sent-automatically; processed/error", "processed"),
            ("Displayed", "displayed"),
        ] {
            assert_eq!(read(value).as_deref(), Some(word), "{value}");
        }
        assert_eq!((read(""), read(";")), (None, None));
        assert_eq!(Receipt::read("Reporting-UA: x\n"), None);
    }
}
