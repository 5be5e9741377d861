//! The table of dialects: one row each, read by detection, by the parser, by
//! `--dialect`, its help and its errors. A new dialect is a file and a row.

use super::event::{NO_TIME, Sink};
use super::syslog::Head;
use super::{
    courier, dialogue, dovecot, esp, events_json, exchange, exim, ironport, journald, kumomta, opensmtpd,
    postfix, powermta, qmail, queue, qzmf, sendmail, trace365,
};

/// What dialects remember from line to line.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    qmail: qmail::State,
    exchange: exchange::State,
    trace: trace365::State,
    dialogue: dialogue::State,
    qzmf: qzmf::State,
    queue: queue::State,
    ironport: ironport::State,
    powermta: powermta::State,
}

impl State {
    /// `year` is assumed for stamps without one.
    pub(super) fn new(year: i32) -> State {
        State { queue: queue::State::new(year), ..State::default() }
    }
}

/// A line with a head. `None`: no program of the dialect wrote it; false: torn.
pub(super) type Logged = fn(&Head<'_>, &[u8], u32, &mut State, &mut dyn Sink) -> Option<bool>;
/// A line of the dialect's own files. `None`: not one, syslog may have written it.
type Own = fn(&[u8], u32, &mut State, &mut dyn Sink) -> Option<bool>;

/// A record with a head inside; `None`: not one.
type Unwrap = fn(&[u8]) -> Option<journald::Record>;
/// A block of the log of a year: the lines that were not understood.
type Block = fn(&[u8], u32, &mut dyn Sink) -> u32;

/// How much reading one line needs of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Each line stands for itself; blocks may be parsed at once.
    Apart,
    /// A line can only be understood after those before it.
    InOrder,
    /// The text is one document, or one a line, with several events each.
    Whole,
}

/// One dialect.
pub(super) struct Row {
    /// As `--dialect` takes it and JSON shows it.
    pub name: &'static str,
    /// Other names `--dialect` takes.
    pub aliases: &'static [&'static str],
    /// As people call it.
    pub title: &'static str,
    pub reading: Reading,
    /// Whether a whole log begins so: asked before any line is.
    pub file: fn(&[u8]) -> bool,
    /// What a line of its own files, the n-th of the log, counts for.
    pub votes: fn(&[u8], usize) -> u32,
    /// Tried before a syslog head is looked for.
    pub own: Option<Own>,
    /// Knows its programs and reads what they write through syslog.
    pub logged: Option<Logged>,
    /// Tried where no syslog head is found.
    pub headless: Option<Own>,
    /// Unwraps a record into a head, for the programs of other rows.
    pub wraps: Option<Unwrap>,
    /// Reads whole blocks.
    pub block: Option<Block>,
}

const NONE: Row = Row {
    name: "",
    aliases: &[],
    title: "",
    reading: Reading::Apart,
    file: |_| false,
    votes: |_, _| 0,
    own: None,
    logged: None,
    headless: None,
    wraps: None,
    block: None,
};

macro_rules! dialects {
    ($($(#[$doc:meta])* $variant:ident { $($field:ident: $value:expr,)* })*) => {
        /// A grammar of log lines.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Dialect { $($(#[$doc])* $variant,)* }

        impl Dialect {
            /// All, in the order detection prefers them.
            pub const ALL: &'static [Dialect] = &[$(Dialect::$variant,)*];

            pub(super) fn row(self) -> &'static Row {
                match self { $(Dialect::$variant => {
                    static ROW: Row = Row { $($field: $value,)* ..NONE };
                    &ROW
                })* }
            }
        }
    };
}

dialects! {
    /// What Postfix writes through syslog.
    Postfix {
        name: "postfix",
        title: "Postfix",
        logged: Some(|head, text, number, _, sink| {
            if postfix::mailscanner::is_mailscanner(head.program) {
                return Some(postfix::mailscanner::line(head, text, number, sink));
            }
            if postfix::amavis::is_amavis(head.program) {
                return postfix::amavis::line(head, text, number, sink);
            }
            Some(postfix::line(postfix::daemon(head.program)?, head, text, number, sink))
        }),
    }
    /// Exim's main log, of its own or through syslog.
    Exim {
        name: "exim",
        title: "Exim",
        votes: |line, _| u32::from(exim::looks_like(line)),
        // Its own files begin with its own stamp; through syslog, with syslog's.
        own: Some(|text, number, _, sink| {
            (exim::is_own(text) && exim::line(text, number, sink)).then_some(true)
        }),
        logged: Some(|head, text, number, _, sink| {
            head.program.starts_with(b"exim").then(|| {
                exim::body(head.at, head.host, exim::without_stamp(head.body), text, number, sink)
            })
        }),
        headless: Some(|text, number, _, sink| {
            (!text.first().is_some_and(u8::is_ascii_digit) && exim::line(text, number, sink)).then_some(true)
        }),
    }
    /// What Sendmail writes through syslog.
    Sendmail {
        name: "sendmail",
        title: "Sendmail",
        logged: Some(|head, text, number, _, sink| {
            sendmail::is_sendmail(head.program).then(|| sendmail::line(head, text, number, sink))
        }),
    }
    /// qmail-send, qmail-smtpd and rblsmtpd, behind multilog or syslog.
    Qmail {
        name: "qmail",
        title: "qmail",
        reading: Reading::InOrder,
        votes: |line, _| u32::from(qmail::looks_like(line)),
        logged: Some(|head, text, number, state, sink| {
            qmail::is_qmail(head.program).then(|| qmail::line(head, text, number, &mut state.qmail, sink))
        }),
        headless: Some(|text, number, state, sink| {
            let head = Head { at: NO_TIME, host: b"", program: b"", body: text };
            Some(qmail::line(&head, text, number, &mut state.qmail, sink))
        }),
    }
    /// What OpenSMTPD writes through syslog.
    Opensmtpd {
        name: "opensmtpd",
        title: "OpenSMTPD",
        logged: Some(|head, text, number, _, sink| {
            opensmtpd::is_opensmtpd(head.program).then(|| opensmtpd::line(head, text, number, sink))
        }),
    }
    /// What Courier writes through syslog.
    Courier {
        name: "courier",
        title: "Courier",
        logged: Some(|head, text, number, _, sink| {
            courier::is_courier(head.program).then(|| courier::line(head, text, number, sink))
        }),
    }
    /// What Dovecot's LMTP, local delivery and Sieve write through syslog.
    Dovecot {
        name: "dovecot",
        title: "Dovecot LMTP and Sieve",
        logged: Some(|head, text, number, _, sink| {
            (dovecot::is_dovecot(head.program) && dovecot::files(head.body))
                .then(|| dovecot::line(head, text, number, sink))
        }),
    }
    /// The CSV of Exchange's message tracking.
    ExchangeTracking {
        name: "exchange-tracking",
        aliases: &["exchange"],
        title: "Exchange message tracking",
        reading: Reading::InOrder,
        votes: |line, _| 3 * u32::from(exchange::looks_like(line)),
        own: Some(|text, number, state, sink| Some(exchange::line(text, number, &mut state.exchange, sink))),
    }
    /// Exchange's SMTP protocol log: dialogues.
    ExchangeProtocol {
        name: "exchange-protocol",
        title: "Exchange SMTP protocol log",
        reading: Reading::InOrder,
        // The headings name the columns: nothing else does.
        votes: |line, _| {
            let headed = line.starts_with(b"#Fields:") && dialogue::looks_like(line);
            1000 * u32::from(headed || line.starts_with(b"#Log-type: SMTP"))
        },
        own: Some(|text, number, state, sink| Some(dialogue::line(text, number, &mut state.dialogue, sink))),
    }
    /// The CSV of a Microsoft 365 message trace.
    MessageTrace {
        name: "microsoft-365-trace",
        aliases: &["message-trace", "office365"],
        title: "Microsoft 365 message trace",
        reading: Reading::InOrder,
        votes: |line, number| 1000 * u32::from(number <= 5 && trace365::looks_like(line)),
        own: Some(|text, number, state, sink| Some(trace365::line(text, number, &mut state.trace, sink))),
    }
    /// A dump of the mail journal of IBM i.
    Qzmf {
        name: "ibmi-qzmf",
        aliases: &["qzmf"],
        title: "IBM i QZMF journal",
        reading: Reading::InOrder,
        votes: |line, _| u32::from(qzmf::looks_like(line)),
        own: Some(|text, number, state, sink| Some(qzmf::line(text, number, &mut state.qzmf, sink))),
    }
    /// The job log of IBM i mail programs, and other dialogues written out.
    Imail {
        name: "ibmi-imail",
        aliases: &["imail", "dialogue"],
        title: "IBM i mail programs and other SMTP dialogues",
        reading: Reading::InOrder,
        votes: |line, _| u32::from(!line.starts_with(b"#Fields:") && dialogue::looks_like(line)),
        own: Some(|text, number, state, sink| Some(dialogue::line(text, number, &mut state.dialogue, sink))),
    }
    /// Amazon SES's events in JSON.
    Ses {
        name: "amazon-ses",
        aliases: &["ses"],
        title: "Amazon SES events",
        reading: Reading::Whole,
        file: |head| events_json::looks_like(head) && !events_json::is_sendgrid(head),
        block: Some(events_json::block),
    }
    /// Events of SendGrid's webhook in JSON.
    Sendgrid {
        name: "sendgrid",
        title: "SendGrid events",
        reading: Reading::Whole,
        file: |head| events_json::looks_like(head) && events_json::is_sendgrid(head),
        block: Some(events_json::block),
    }
    /// The text mail logs of Cisco Secure Email, its own files or through syslog.
    Ironport {
        name: "cisco-esa",
        aliases: &["ironport"],
        title: "Cisco Secure Email (IronPort) mail_logs",
        reading: Reading::InOrder,
        votes: |line, _| u32::from(ironport::looks_like(line)),
        own: Some(|text, number, state, sink| ironport::own(text, number, &mut state.ironport, sink)),
        logged: Some(|head, text, number, state, sink| {
            ironport::is_logged(head).then(|| ironport::logged(head, text, number, &mut state.ironport, sink))
        }),
    }
    /// PowerMTA's accounting files.
    Powermta {
        name: "powermta",
        aliases: &["pmta"],
        title: "PowerMTA accounting",
        reading: Reading::InOrder,
        votes: |line, number| 1000 * u32::from(number <= 5 && powermta::looks_like(line)),
        own: Some(|text, number, state, sink| Some(powermta::line(text, number, &mut state.powermta, sink))),
    }
    /// KumoMTA's log records.
    Kumomta {
        name: "kumomta",
        title: "KumoMTA log records",
        votes: |line, _| u32::from(kumomta::looks_like(line)),
        own: Some(|text, number, _, sink| Some(kumomta::line(text, number, sink))),
    }
    /// Mailgun's events.
    Mailgun {
        name: "mailgun",
        title: "Mailgun events",
        reading: Reading::Whole,
        file: esp::mailgun::is,
        block: Some(esp::mailgun::block),
    }
    /// Postmark's webhooks.
    Postmark {
        name: "postmark",
        title: "Postmark events",
        reading: Reading::Whole,
        file: esp::postmark::is,
        block: Some(esp::postmark::block),
    }
    /// SparkPost's events.
    Sparkpost {
        name: "sparkpost",
        title: "SparkPost events",
        reading: Reading::Whole,
        file: esp::sparkpost::is,
        block: Some(esp::sparkpost::block),
    }
    /// Brevo's webhooks.
    Brevo {
        name: "brevo",
        aliases: &["sendinblue"],
        title: "Brevo events",
        reading: Reading::Whole,
        file: esp::brevo::is,
        block: Some(esp::brevo::block),
    }
    /// Mailjet's events.
    Mailjet {
        name: "mailjet",
        title: "Mailjet events",
        reading: Reading::Whole,
        file: esp::mailjet::is,
        block: Some(esp::mailjet::block),
    }
    /// Mandrill's webhooks.
    Mandrill {
        name: "mandrill",
        title: "Mandrill events",
        reading: Reading::Whole,
        file: esp::mandrill::is,
        block: Some(esp::mandrill::block),
    }
    /// What a mail system lists as waiting.
    MailQueue {
        name: "mail-queue",
        aliases: &["queue", "mailq", "postqueue"],
        title: "queue listings (postqueue, mailq, exim -bp, qmail-qread, Exchange)",
        reading: Reading::InOrder,
        file: queue::is_listing,
        own: Some(|text, number, state, sink| Some(queue::line(text, number, &mut state.queue, sink))),
    }
    /// journald's and Docker's JSON around the lines of other dialects.
    Journald {
        name: "journald",
        title: "journald JSON",
        votes: |line, _| u32::from(line.first() == Some(&b'{') && journald::looks_like(line)),
        wraps: Some(journald::record),
    }
}

impl Dialect {
    /// As `--dialect` takes it and JSON shows it.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Other names it is known by.
    pub fn aliases(self) -> &'static [&'static str] {
        self.row().aliases
    }

    /// As people call it.
    pub fn title(self) -> &'static str {
        self.row().title
    }

    /// By name or alias, in any letter case.
    pub fn from_name(name: &str) -> Option<Dialect> {
        let named = |known: &&str| known.eq_ignore_ascii_case(name);
        Dialect::ALL
            .iter()
            .copied()
            .find(|dialect| std::iter::once(&dialect.name()).chain(dialect.aliases()).any(&named))
    }

    /// Whether a line can only be understood after those before it, so that
    /// blocks must be parsed in order by one parser.
    pub fn sequential(self) -> bool {
        self.row().reading == Reading::InOrder
    }

    /// Whether single lines cannot be picked out of a log.
    pub fn parsed_whole(self) -> bool {
        self.row().reading != Reading::Apart
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        let mut seen = std::collections::BTreeSet::new();
        for dialect in Dialect::ALL {
            assert!(!dialect.title().is_empty());
            for name in std::iter::once(&dialect.name()).chain(dialect.aliases()) {
                assert!(seen.insert(*name), "{name} twice");
                assert_eq!(Dialect::from_name(&name.to_uppercase()), Some(*dialect));
            }
        }
    }

    /// No program is claimed by two rows, whatever their order.
    #[test]
    fn programs_have_one_owner() {
        for program in [
            "postfix/smtp",
            "postfix-out/smtpd",
            "server1/smtp",
            "exim",
            "exim4",
            "sendmail",
            "sm-mta",
            "smtpd",
            "courierd",
            "courieresmtp",
            "qmail",
            "qmail-smtpd",
            "rblsmtpd",
        ] {
            let head = Head { at: NO_TIME, host: b"h", program: program.as_bytes(), body: b"x" };
            let reads = |dialect: &&Dialect| {
                let mut batch = crate::parse::log::Batch::new(b"");
                let read = dialect.row().logged?;
                read(&head, b"x", 0, &mut State::default(), &mut batch)
            };
            assert_eq!(Dialect::ALL.iter().filter_map(|dialect| reads(&dialect)).count(), 1, "{program}");
        }
    }
}
