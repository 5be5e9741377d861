//! The bounds of a run. A bound reached gives "unknown", never "missing".

use std::time::Duration;

/// Bounds on one question and on the whole run.
#[derive(Clone, Debug)]
pub struct Limits {
    /// One question to one server, retries over UDP included (`--timeout`).
    pub question: Duration,
    /// The whole run (`--deadline`).
    pub run: Duration,
    /// One reply of a mail server: those that wait for early talkers or slow
    /// strangers down greet after 6 to 30 s.
    pub reply: Duration,
    /// One dialogue with a mail server.
    pub dialogue: Duration,
    /// Questions in flight in total.
    pub in_flight: usize,
    /// Questions in flight to one server. A default UDP receive buffer takes 166
    /// datagrams of up to 512 octets, and a loss costs a whole retry, so a burst
    /// stays below that.
    pub per_server: usize,
    /// Questions of one run; a hostile zone must not make us ask for ever.
    pub questions: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            question: Duration::from_secs(5),
            reply: Duration::from_secs(30),
            dialogue: Duration::from_secs(90),
            run: Duration::from_secs(60),
            in_flight: 1000,
            per_server: 150,
            questions: 20_000,
        }
    }
}
