//! One public shape of each service, alone, in a list, mixed and damaged.

use crate::parse::log::event::{Event, Kind, Sink};
use crate::parse::log::{Dialect, detect, parse_block};

/// A log of the service, what it holds as kind and reply by recipient.
type Case = (Dialect, &'static [&'static str], &'static [(Kind, &'static str, &'static str)]);

const CASES: &[Case] = &[
    (
        Dialect::Mailgun,
        &[
            r#"{"event":"accepted","log-level":"info","timestamp":1709460000.5,"recipient":"a@example.org","message":{"headers":{"message-id":"1@example.com"}},"envelope":{"sender":"b@example.com"}}"#,
            r#"{"signature":{},"event-data":{"event":"failed","log-level":"warn","severity":"temporary","timestamp":1709460002.5,"recipient":"a@example.org","delivery-status":{"code":452,"message":"4.2.2 mailbox full","mx-host":"mx.example.org"},"message":{"headers":{"message-id":"1@example.com"}}}}"#,
            r#"{"event":"failed","log-level":"error","severity":"permanent","reason":"suppress-bounce","timestamp":1709460002.5,"recipient":"c@example.org","delivery-status":{"code":605,"message":"","description":"Not delivering to previously bounced address"},"message":{"headers":{"message-id":"2@example.com"}}}"#,
            r#"{"event":"delivered","log-level":"info","timestamp":1709460003.5,"recipient":"a@example.org","delivery-status":{"code":250,"message":"OK","mx-host":"mx.example.org"},"message":{"headers":{"message-id":"1@example.com"}}}"#,
        ],
        &[
            (Kind::Received, "a@example.org", ""),
            (Kind::Deferred, "a@example.org", "452 4.2.2 mailbox full"),
            (
                Kind::Rejected,
                "c@example.org",
                "mailgun: suppress-bounce: 605 Not delivering to previously bounced address",
            ),
            (Kind::Delivered, "a@example.org", "250 OK"),
        ],
    ),
    (
        Dialect::Postmark,
        &[
            r#"{"RecordType":"Delivery","MessageID":"883953f4-6105","Recipient":"a@example.org","DeliveredAt":"2024-03-03T10:00:01Z","Details":"250 2.0.0 ok"}"#,
            r#"{"RecordType":"Bounce","Type":"HardBounce","TypeCode":1,"MessageID":"883953f4-6106","Email":"c@example.org","From":"b@example.com","BouncedAt":"2024-03-03T10:00:02Z","Description":"The server was unable to deliver your message","Details":"smtp;550 5.1.1 no such user"}"#,
            r#"{"RecordType":"Bounce","Type":"Transient","MessageID":"883953f4-6107","Email":"d@example.org","BouncedAt":"2024-03-03T10:00:02Z","Details":"smtp;451 4.7.1 later"}"#,
        ],
        &[
            (Kind::Delivered, "a@example.org", "250 2.0.0 ok"),
            (Kind::Bounced, "c@example.org", "550 5.1.1 no such user"),
            (Kind::Deferred, "d@example.org", "451 4.7.1 later"),
        ],
    ),
    (
        Dialect::Sparkpost,
        &[
            r#"{"msys":{"message_event":{"type":"delivery","message_id":"000443ee","rcpt_to":"a@example.org","msg_from":"b@example.com","timestamp":"1709460001","ip_address":"192.0.2.7"}}}"#,
            r#"{"msys":{"message_event":{"type":"bounce","message_id":"000443ef","rcpt_to":"c@example.org","timestamp":"1709460002","raw_reason":"550 5.1.1 unknown","bounce_class":"10"}}}"#,
            r#"{"msys":{"message_event":{"type":"delay","message_id":"000443f0","rcpt_to":"d@example.org","timestamp":"1709460002","raw_reason":"451 later"}}}"#,
        ],
        &[
            (Kind::Delivered, "a@example.org", ""),
            (Kind::Bounced, "c@example.org", "550 5.1.1 unknown"),
            (Kind::Deferred, "d@example.org", "451 later"),
        ],
    ),
    (
        Dialect::Brevo,
        &[
            r#"{"event":"delivered","email":"a@example.org","message-id":"<1@example.com>","ts_event":1709460001,"ts_epoch":1709460001000}"#,
            r#"{"event":"hard_bounce","email":"c@example.org","message-id":"<2@example.com>","ts_event":1709460002,"reason":"550 5.1.1 unknown"}"#,
            r#"{"event":"deferred","email":"d@example.org","message-id":"<3@example.com>","ts_event":1709460002,"reason":"451 later"}"#,
        ],
        &[
            (Kind::Delivered, "a@example.org", "delivered"),
            (Kind::Bounced, "c@example.org", "550 5.1.1 unknown"),
            (Kind::Deferred, "d@example.org", "451 later"),
        ],
    ),
    (
        Dialect::Brevo,
        &[
            r#"{"email":"c@example.org","date":"2024-03-03T15:30:02.000+05:30","subject":"x","messageId":"<2@example.com>","event":"hardBounces","reason":"550 5.1.1 unknown","from":"b@example.com"}"#,
            r#"{"email":"d@example.org","date":"2024-03-03T15:30:01.000+05:30","messageId":"<3@example.com>","event":"softBounce","reason":"452 4.2.2 full"}"#,
            r#"{"email":"a@example.org","date":"2024-03-03T15:30:00.000+05:30","messageId":"<1@example.com>","event":"delivered"}"#,
            r#"{"email":"a@example.org","date":"2024-03-03T15:29:00.000+05:30","messageId":"<1@example.com>","event":"requests"}"#,
        ],
        &[
            (Kind::Bounced, "c@example.org", "550 5.1.1 unknown"),
            (Kind::Bounced, "d@example.org", "452 4.2.2 full"),
            (Kind::Delivered, "a@example.org", "delivered"),
            (Kind::Received, "a@example.org", "requests"),
        ],
    ),
    (
        Dialect::Mailjet,
        &[
            r#"{"event":"sent","time":1709460001,"MessageID":19421777835146490,"Message_GUID":"1ab23cd4","email":"a@example.org","mj_campaign_id":7,"smtp_reply":"sent (250 2.0.0 OK 4fa)"}"#,
            r#"{"event":"bounce","time":1709460002,"MessageID":13792286917004336,"Message_GUID":"1ab23cd5","email":"c@example.org","mj_campaign_id":7,"hard_bounce":true,"error_related_to":"recipient","error":"user unknown"}"#,
        ],
        &[
            (Kind::Delivered, "a@example.org", "250 2.0.0 OK 4fa"),
            (Kind::Bounced, "c@example.org", "recipient: user unknown"),
        ],
    ),
    (
        Dialect::Mandrill,
        &[
            r#"{"event":"send","_id":"e1","ts":1709460001,"msg":{"ts":1709460001,"email":"a@example.org","sender":"b@example.com","state":"sent","_id":"e1","smtp_events":[{"ts":1709460001,"type":"sent","diag":"250 OK","source_ip":"192.0.2.1","destination_ip":"192.0.2.7"}]}}"#,
            r#"{"event":"send","_id":"e2","ts":1709460001,"msg":{"email":"e@example.org","state":"sent","_id":"e2","smtp_events":[]}}"#,
            r#"{"event":"hard_bounce","_id":"e3","ts":1709460002,"msg":{"email":"c@example.org","state":"bounced","_id":"e3","bounce_description":"bad_mailbox","diag":"smtp;550 5.1.1 unknown","smtp_events":[]}}"#,
        ],
        &[
            (Kind::Delivered, "a@example.org", "250 OK"),
            // Handed to the service's own queue: no reply of a receiver is told.
            (Kind::Received, "e@example.org", "sent"),
            (Kind::Bounced, "c@example.org", "550 5.1.1 unknown"),
        ],
    ),
];

fn found(dialect: Dialect, text: &str) -> (Vec<(Kind, String, String)>, u64) {
    let batch = parse_block(dialect, text.as_bytes(), 2024);
    let of = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let events = batch.iter().filter(|event| event.kind != Kind::Addressed);
    (events.map(|event| (event.kind, of(event.recipient), of(event.reply))).collect(), batch.unparsed)
}

fn wanted(events: &[(Kind, &str, &str)]) -> Vec<(Kind, String, String)> {
    events.iter().map(|(kind, to, reply)| (*kind, (*to).to_owned(), (*reply).to_owned())).collect()
}

#[test]
fn each_service_is_known_and_read_a_line_an_event_or_as_a_list() {
    for (dialect, lines, events) in CASES {
        for text in [lines.join("\n"), format!("[{}]", lines.join(",\n"))] {
            assert_eq!(detect::dialect(text.as_bytes()), Some(*dialect), "{text}");
            assert_eq!(found(*dialect, &text), (wanted(events), 0), "{text}");
        }
    }
}

#[test]
fn damaged_and_foreign_lines_are_counted_and_cost_no_others() {
    for (dialect, lines, events) in CASES {
        let (first, rest) = lines.split_first().unwrap();
        let cut = &first[..first.len() / 2];
        let text = format!("{first}\n{cut}\n{{\"other\":1}}\n{}", rest.join("\n"));
        let (got, unparsed) = found(*dialect, &text);
        assert_eq!(got, wanted(events), "{text}");
        assert_eq!(unparsed, 2, "{text}");
    }
}

#[test]
fn deep_lists_and_odd_types_are_no_events() {
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    for (dialect, ..) in CASES {
        for text in
            [deep.as_str(), "[]", "{}", "null", "{\"event\":7,\"msg\":[],\"msys\":[1],\"RecordType\":{}}"]
        {
            assert!(found(*dialect, text).0.is_empty(), "{dialect:?} {text}");
        }
    }
}

/// Counts what is pushed, keeps nothing.
struct Count(usize);

impl Sink for Count {
    fn push(&mut self, event: &Event<'_>) {
        self.0 += usize::from(event.kind == Kind::Delivered);
    }
    fn other_program(&mut self) {}
    fn unparsed(&mut self, _: u32, _: &[u8]) {}
}

#[test]
fn deliveries_are_those_counted_by_hand() {
    for (dialect, lines, events) in CASES {
        let by_hand = events.iter().filter(|(kind, ..)| *kind == Kind::Delivered).count();
        let mut count = Count(0);
        let mut parser = crate::parse::log::Parser::new(*dialect, 2024);
        let text = lines.join("\n");
        for _ in 0..3 {
            parser.read(text.as_bytes(), 0, &mut count);
        }
        assert_eq!(count.0, 3 * by_hand, "{dialect:?}");
    }
}
