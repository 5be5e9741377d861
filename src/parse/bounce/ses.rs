//! Amazon SES events, as its notification topics mail or post them.

use serde_json::Value;

/// What an event says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// `bounce`, `complaint`, `delivery`; lower case.
    pub kind: String,
    /// `permanent`, `transient`, `undetermined`; lower case.
    pub bounce_type: Option<String>,
    pub bounce_subtype: Option<String>,
    pub recipients: Vec<EventRecipient>,
    pub message_id: Option<String>,
    pub from: Option<String>,
    pub subject: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRecipient {
    pub address: String,
    pub action: Option<String>,
    pub status: Option<String>,
    pub diagnostic: Option<String>,
}

impl Event {
    /// The first event in `text`.
    pub fn find(text: &str) -> Option<Event> {
        let at = text.find('{')?;
        if !text.contains("notificationType") && !text.contains("eventType") {
            return None;
        }
        let json = text.get(at..)?;
        let value = first_value(json).or_else(|| {
            // Mail folds long lines.
            first_value(&json.replace("\r\n", "").replace('\n', ""))
        })?;
        Event::read(&value, 0)
    }

    fn read(value: &Value, depth: usize) -> Option<Event> {
        // A topic posts the event as a string inside its own envelope.
        if let Some(inner) = value.get("Message").and_then(Value::as_str)
            && depth < 2
        {
            return Event::read(&serde_json::from_str(inner).ok()?, depth + 1);
        }
        let kind = text(value, "notificationType").or_else(|| text(value, "eventType"))?.to_ascii_lowercase();
        let body = value.get(kind.as_str())?;
        let listed = body.get("bouncedRecipients").or_else(|| body.get("complainedRecipients"));
        let response = text(body, "smtpResponse");
        let recipients =
            match (listed.and_then(Value::as_array), body.get("recipients").and_then(Value::as_array)) {
                (Some(listed), _) => listed
                    .iter()
                    .filter_map(recipient)
                    .take(crate::parse::bounce::dsn::MOST_RECIPIENTS)
                    .collect(),
                (None, Some(plain)) => plain
                    .iter()
                    .filter_map(Value::as_str)
                    .take(crate::parse::bounce::dsn::MOST_RECIPIENTS)
                    .map(|address| EventRecipient {
                        address: address.to_owned(),
                        action: Some("delivered".to_owned()),
                        status: None,
                        diagnostic: response.clone(),
                    })
                    .collect(),
                _ => Vec::new(),
            };
        let mail = value.get("mail");
        let headers = mail.and_then(|m| m.get("commonHeaders"));
        Some(Event {
            kind,
            bounce_type: text(body, "bounceType").map(|t| t.to_ascii_lowercase()),
            bounce_subtype: text(body, "bounceSubType"),
            recipients,
            message_id: headers
                .and_then(|h| text(h, "messageId"))
                .or_else(|| mail.and_then(|m| text(m, "messageId"))),
            from: mail.and_then(|m| text(m, "source")),
            subject: headers.and_then(|h| text(h, "subject")),
        })
    }
}

fn first_value(json: &str) -> Option<Value> {
    serde_json::Deserializer::from_str(json).into_iter::<Value>().next()?.ok()
}

fn recipient(value: &Value) -> Option<EventRecipient> {
    Some(EventRecipient {
        address: text(value, "emailAddress")?,
        action: text(value, "action"),
        status: text(value, "status"),
        diagnostic: text(value, "diagnosticCode"),
    })
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}
