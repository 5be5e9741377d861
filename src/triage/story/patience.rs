//! How long mail systems keep trying and how often, by their own defaults:
//! what a log does not say about the next try and the last.

use crate::parse::log::event::Millis;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The defaults of one mail system.
pub(crate) struct Patience {
    /// Whose defaults, for a reader.
    pub whose: &'static str,
    /// From arrival to giving up.
    life: i64,
    /// Shortest and longest pause between tries.
    pause: (i64, i64),
}

/// By the name of the log's dialect. Sources: postconf(5) `maximal_queue_lifetime`,
/// `minimal_backoff_time`; Exim's default retry rule `F,2h,15m; G,16h,1h,1.5; F,4d,6h`;
/// sendmail `Timeout.queuereturn`; qmail-send(8) `queuelifetime`; smtpd.conf(5) `bounce`;
/// courier(8) `queuetime`; Exchange `MessageExpirationTimeout` and `OutboundConnectionFailureRetryInterval`;
/// SES "840 minutes"; SendGrid "72 hours". Else RFC 5321 section 4.5.4.1.
pub(crate) fn of(dialect: &str) -> Patience {
    let new = |whose, life, least, most| Patience { whose, life, pause: (least, most) };
    match dialect {
        "postfix" => new("Postfix's defaults", 5 * DAY, 5 * MINUTE, 4_000_000),
        "exim" => new("Exim's default retry rule", 4 * DAY, 15 * MINUTE, 6 * HOUR),
        "sendmail" => new("sendmail's defaults", 5 * DAY, 30 * MINUTE, 30 * MINUTE),
        "qmail" => new("qmail's defaults", 7 * DAY, 400_000, 16 * HOUR),
        "opensmtpd" => new("OpenSMTPD's defaults", 4 * DAY, 6 * MINUTE, 4 * HOUR),
        "courier" => new("Courier's defaults", 7 * DAY, 5 * MINUTE, 2 * HOUR),
        "exchange" | "exchange-tracking" | "exchange-protocol" => {
            new("Exchange's defaults", 2 * DAY, 10 * MINUTE, 10 * MINUTE)
        }
        "microsoft-365-trace" => new("Exchange Online's limit", DAY, 15 * MINUTE, HOUR),
        "amazon-ses" => new("Amazon SES's limit", 14 * HOUR, 15 * MINUTE, 2 * HOUR),
        "sendgrid" => new("SendGrid's limit", 3 * DAY, 15 * MINUTE, 4 * HOUR),
        _ => new("RFC 5321's advice of 4 to 5 days", 5 * DAY, 30 * MINUTE, 3 * HOUR),
    }
}

impl Patience {
    /// When it is tried again after a try at `at`, and when it is given up.
    pub(crate) fn outlook(&self, arrived: Millis, at: Millis) -> (Millis, Millis) {
        let age = at.saturating_sub(arrived).max(0);
        (at.saturating_add(age.clamp(self.pause.0, self.pause.1)), arrived.saturating_add(self.life))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_system_has_its_own_patience() {
        assert_eq!(of("postfix").outlook(0, 60_000), (360_000, 5 * DAY));
        assert_eq!(of("exim").outlook(0, 10 * HOUR), (16 * HOUR, 4 * DAY));
        assert_eq!(of("amazon-ses").outlook(0, HOUR).1, 14 * HOUR);
        assert!(of("ibmi-imail").whose.contains("RFC 5321"));
    }
}
