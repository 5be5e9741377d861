//! A limit that a reply states, as data: "100 messages per hour".

#![expect(clippy::expect_used, reason = "constant patterns, which a test compiles")]

use std::sync::LazyLock;

use regex::Regex;
use serde::Serialize;

/// What a sender may do, as the reply says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// How many.
    pub count: u64,
    /// `second`, `minute`, `hour`, `day`, `connection`, `message`; `None` where it holds at any one time.
    pub per: Option<String>,
    /// `messages`, `recipients`, `connections`, `failures`.
    pub of: String,
}

const THING: &str =
    r"(messages?|e-?mails?|mails?|recipients?|rcpts?|connections?|sessions?|deliveries|failures|attempts?)";
const SPAN: &str =
    r"(seconds?|minutes?|min|hours?|days?|24 ?h(?:ours)?|connection|session|message|transaction|sec|h)\b";

static FORMS: LazyLock<[Regex; 4]> = LazyLock::new(|| {
    let one = |text: String| Regex::new(&text).expect("a form of a limit");
    [
        // "100 messages per hour", "5 concurrent connections allowed per minute"
        one(format!(
            r"\b(\d{{1,9}})(?:/\d+)? (?:[a-z]+ ){{0,2}}?{THING}(?: [a-z]+){{0,3}}? ?(?:per|a|an|every|each|in one|in an?|within an?|within|in|/) ?(?:1 )?{SPAN}"
        )),
        // "max emails per hour (100/100 (100%))", "messages per connection: 20"
        one(format!(r"{THING} (?:per|an?|/) ?{SPAN}[^0-9]{{0,30}}(\d{{1,9}})")),
        // "hourly limit of 100 messages", "daily quota 500 messages"
        one(format!(r"(hourly|daily)[^0-9]{{0,40}}(\d{{1,9}})(?: (?:[a-z]+ )?{THING})?")),
        // "maximum of 2 connections", "limit is 10 recipients"
        one(format!(
            r"(?:limit|max(?:imum)?|only|more than|exceed\w*|up to|at most|allowed)[^0-9.]{{0,30}}(\d{{1,9}}) (?:[a-z]+ )?{THING}"
        )),
    ]
});

/// The first limit that `text` states.
pub(super) fn stated(text: &str) -> Option<Limit> {
    let lower = text.to_lowercase();
    let [plain, named, daily, any] = &*FORMS;
    if let Some(found) = plain.captures(&lower) {
        return limit(&found[1], Some(&found[3]), &found[2]);
    }
    if let Some(found) = named.captures(&lower) {
        return limit(&found[3], Some(&found[2]), &found[1]);
    }
    if let Some(found) = daily.captures(&lower) {
        let per = if &found[1] == "daily" { "day" } else { "hour" };
        return limit(&found[2], Some(per), found.get(3).map_or("messages", |thing| thing.as_str()));
    }
    let found = any.captures(&lower)?;
    limit(&found[1], None, &found[2])
}

fn limit(count: &str, per: Option<&str>, of: &str) -> Option<Limit> {
    let of = match of.trim_end_matches('s') {
        "recipient" | "rcpt" => "recipients",
        "connection" | "session" => "connections",
        "failure" => "failures",
        "attempt" => "attempts",
        _ => "messages",
    };
    let per = per.map(|per| match per.trim_end_matches('s') {
        "min" | "minute" => "minute",
        "sec" | "second" => "second",
        "h" | "hour" => "hour",
        "connection" | "session" => "connection",
        "message" | "transaction" => "message",
        _ => "day",
    });
    Some(Limit { count: count.parse().ok()?, per: per.map(str::to_owned), of: of.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_taken_out_as_data() {
        for (text, count, per, of) in [
            ("450 4.7.1 limit is 100 messages per hour", 100, Some("hour"), "messages"),
            (
                "Domain x has exceeded the max emails per hour (150/150 (100%)) allowed",
                150,
                Some("hour"),
                "messages",
            ),
            ("421 too many connections, only 2 connections allowed", 2, None, "connections"),
            ("452 hourly limit of 500 reached", 500, Some("hour"), "messages"),
            ("421 maximum 20 messages per connection", 20, Some("connection"), "messages"),
            ("550 more than 100 recipients in one message", 100, Some("message"), "recipients"),
        ] {
            let want = Limit { count, per: per.map(str::to_owned), of: of.to_owned() };
            assert_eq!(stated(text), Some(want), "{text}");
        }
        for text in ["550 5.1.1 no such user", "421 4.7.0 try again in 5 minutes", "554 192.0.2.1 blocked"] {
            assert_eq!(stated(text), None, "{text}");
        }
    }
}
