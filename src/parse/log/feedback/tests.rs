//! Complaints, wishes to be left out, and what is neither, as each sender reports them.

use crate::parse::log::event::Kind;
use crate::parse::log::{Dialect, parse_block};

/// Who objects and who asks to be left out, of abuse, not-spam and opt-out.
const OBJECTIONS: [(Kind, &str); 2] =
    [(Kind::Complained, "a@example.org"), (Kind::OptedOut, "d@example.org")];

fn objections(dialect: Dialect, text: &str) -> Vec<(Kind, &'static str)> {
    let batch = parse_block(dialect, text.as_bytes(), 2024);
    assert_eq!(batch.unparsed, 0, "{text}");
    let known = ["a@example.org", "c@example.org", "d@example.org"];
    let of = |to: &[u8]| known.into_iter().find(|known| known.as_bytes() == to).unwrap_or("another");
    let objects = |kind| matches!(kind, Kind::Complained | Kind::OptedOut);
    batch.iter().filter(|event| objects(event.kind)).map(|event| (event.kind, of(event.recipient))).collect()
}

#[test]
fn what_a_feedback_loop_reports_is_not_always_a_complaint() {
    let each = |row: &dyn Fn(&str, &str) -> String| {
        [("a", "abuse"), ("c", "not-spam"), ("d", "opt-out")].map(|(to, kind)| row(to, kind)).concat()
    };
    let kumo = each(&|to, kind| {
        format!(
            "{{\"type\":\"Feedback\",\"id\":\"1\",\"sender\":\"\",\"recipient\":\"{to}@example.org\",\"queue\":\"\",\"site\":\"\",\"size\":1,\"response\":{{}},\"timestamp\":1709460000,\"nodeid\":\"n\",\"feedback_report\":{{\"feedback_type\":\"{kind}\"}}}}\n"
        )
    });
    assert_eq!(objections(Dialect::Kumomta, &kumo), OBJECTIONS);
    let spark = each(&|to, kind| {
        format!(
            "{{\"msys\":{{\"message_event\":{{\"type\":\"spam_complaint\",\"message_id\":\"1\",\"rcpt_to\":\"{to}@example.org\",\"timestamp\":\"1709460001\",\"fbtype\":\"{kind}\"}}}}}}\n"
        )
    });
    assert_eq!(objections(Dialect::Sparkpost, &spark), OBJECTIONS);
    let ses = each(&|to, kind| {
        format!(
            "{{\"notificationType\":\"Complaint\",\"mail\":{{\"messageId\":\"1\"}},\"complaint\":{{\"complainedRecipients\":[{{\"emailAddress\":\"{to}@example.org\"}}],\"complaintFeedbackType\":\"{kind}\"}}}}\n"
        )
    });
    assert_eq!(objections(Dialect::Ses, &ses), OBJECTIONS);
    let loops = "type,timeLogged,rcpt,feedbackType\n\
f,2024-03-08 10:00:05+0100,a@example.org,abuse\n\
f,2024-03-08 10:00:05+0100,c@example.org,not-spam\n\
f,2024-03-08 10:00:05+0100,d@example.org,opt-out\n";
    assert_eq!(objections(Dialect::Powermta, loops), OBJECTIONS);
}

#[test]
fn who_leaves_every_topic_of_a_list_has_opted_out() {
    let event = |to: &str, preferences: &str| {
        format!(
            "{{\"eventType\":\"Subscription\",\"mail\":{{\"messageId\":\"1\",\"timestamp\":\"2024-03-03T10:15:00Z\",\"destination\":[{to}]}},\"subscription\":{{\"contactList\":\"news\",\"timestamp\":\"2024-03-04T10:15:00Z\",\"newTopicPreferences\":{preferences}}}}}\n"
        )
    };
    let gone = "{\"unsubscribeAll\":true,\"topicSubscriptionStatus\":[]}";
    let topic = "{\"unsubscribeAll\":false,\"topicSubscriptionStatus\":[{\"topicName\":\"x\",\"subscriptionStatus\":\"OptOut\"}]}";
    let text = event("\"d@example.org\"", gone)
        + &event("\"a@example.org\"", topic)
        + &event("\"a@example.org\",\"c@example.org\"", gone)
        + "{\"notificationType\":\"AmazonSnsSubscriptionSucceeded\",\"message\":\"You have successfully subscribed\"}\n";
    assert_eq!(objections(Dialect::Ses, &text), [(Kind::OptedOut, "d@example.org")]);
    let torn = "{\"notificationType\":\"Bounce\"}\n";
    assert_eq!(parse_block(Dialect::Ses, torn.as_bytes(), 2024).unparsed, 1);
}
