//! Random records over random answers, our verdict beside that of mail-auth.
//! Every difference must have a rule of RFC 7208 that explains it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use mail_auth::MessageAuthenticator;
use mail_auth::spf::verify::SpfParameters;
use mailvet::facts::spf::{Evaluation, Limits, SpfInput, SpfResult};
use mailvet::model::{Absence, Answer, Name, Observation, Rdata, Record, RecordType};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::spf::settle_within;
use crate::world::dns::{Say, serve};

const CASES: usize = 400;
type Zone = BTreeMap<(Name, RecordType), Vec<Rdata>>;

/// One sender and the records it meets.
#[derive(Clone, Debug)]
struct World {
    ip: IpAddr,
    /// At the domain itself, `i1` and `i2` below it.
    records: Vec<String>,
}

/// Terms with `B` for the case's own domain.
fn term() -> impl Strategy<Value = String> {
    let qualifier = prop_oneof![4 => Just(""), 1 => Just("-"), 1 => Just("~"), 1 => Just("?")];
    let mechanism = prop_oneof![
        Just("ip4:192.0.2.0/24"),
        Just("ip4:198.51.100.7"),
        Just("ip6:2001:db8::/32"),
        Just("ip4:0.0.0.0/0"),
        Just("a"),
        Just("a:h1.B"),
        Just("a:h2.B"),
        Just("a:h1.B/16"),
        Just("a:h2.B//64"),
        Just("a:gone.B"),
        Just("mx"),
        Just("mx:h1.B"),
        Just("mx/24"),
        Just("include:i1.B"),
        Just("include:i2.B"),
        Just("include:gone.B"),
        Just("exists:h1.B"),
        Just("exists:six.B"),
        Just("exists:%{l}.%{d}"),
        Just("exists:%{ir}.list.B"),
        Just("ptr:B"),
        Just("ip4:192.0.2.1/33"),
        Just("ip4:192.0.2"),
        Just("moo"),
        Just("a:"),
        Just("all"),
    ];
    (qualifier, mechanism).prop_map(|(qualifier, mechanism)| format!("{qualifier}{mechanism}"))
}

fn record() -> impl Strategy<Value = String> {
    let end = prop_oneof![
        3 => Just(" -all"), 2 => Just(" ~all"), 1 => Just(" ?all"), 1 => Just(" redirect=i1.B"), 1 => Just(""),
    ];
    (prop::collection::vec(term(), 0..6), end)
        .prop_map(|(terms, end)| format!("v=spf1 {}{end}", terms.join(" ")).trim_end().to_owned())
}

fn world() -> impl Strategy<Value = World> {
    let ip = prop_oneof![
        Just("192.0.2.1"),
        Just("198.51.100.7"),
        Just("203.0.113.9"),
        Just("2001:db8::7"),
        Just("2001:db8:1::1"),
    ];
    (ip, prop::collection::vec(record(), 3))
        .prop_map(|(ip, records)| World { ip: ip.parse().unwrap(), records })
}

impl World {
    fn zone(&self, base: &str) -> Zone {
        let mut zone = Zone::new();
        let mut add = |name: &str, rdata: Rdata| {
            let name = if name.is_empty() { base.to_owned() } else { format!("{name}.{base}") };
            zone.entry((Name::lenient(&name), rdata.record_type())).or_default().push(rdata);
        };
        for (name, record) in ["", "i1", "i2"].into_iter().zip(&self.records) {
            add(name, Rdata::Txt(vec![record.replace('B', base).into_bytes()]));
        }
        add("", Rdata::A("192.0.2.77".parse().unwrap()));
        for (preference, host) in [(10, "h1"), (20, "h2")] {
            add("", Rdata::Mx { preference, exchange: Name::lenient(&format!("{host}.{base}")) });
        }
        add("h1", Rdata::A("192.0.2.1".parse().unwrap()));
        add("h2", Rdata::A("198.51.100.7".parse().unwrap()));
        add("h2", Rdata::Aaaa("2001:db8::7".parse().unwrap()));
        add("six", Rdata::Aaaa("2001:db8::7".parse().unwrap()));
        zone
    }
}

/// One way in which mail-auth departs from RFC 7208: a change to the world, or to
/// the limits, after which our verdict must be the one it gave.
struct Departure {
    rule: &'static str,
    change: fn(&mut World, &mut Limits),
}

const DEPARTURES: [Departure; 4] = [
    Departure {
        rule: "4.6.4: at most two void look-ups; mail-auth does not count them",
        change: |_, limits| limits.voids = usize::MAX,
    },
    Departure {
        rule: "5.6: a prefix length is at most 32; mail-auth cuts it down to 32",
        change: |world, _| world.replace("192.0.2.1/33", "192.0.2.1/32"),
    },
    Departure {
        rule: "4.6.1: an unknown mechanism is a syntax error; mail-auth skips it and the term after it",
        change: |world, _| world.drop_with_next("moo"),
    },
    Departure {
        rule: "5.7: exists asks for A, whatever the client's family; mail-auth takes AAAA too",
        change: |world, _| world.replace("exists:six.B", "exists:h1.B"),
    },
];

impl World {
    fn replace(&mut self, from: &str, to: &str) {
        for record in &mut self.records {
            *record = record.replace(from, to);
        }
    }

    /// Drops the terms of a name, and the term after each.
    fn drop_with_next(&mut self, name: &str) {
        for record in &mut self.records {
            let mut terms = record.split(' ');
            let mut kept = Vec::new();
            while let Some(term) = terms.next() {
                if term.trim_start_matches(['-', '~', '?', '+']) == name {
                    terms.next();
                } else {
                    kept.push(term);
                }
            }
            *record = kept.join(" ");
        }
    }

    /// Our verdict on this world under these limits.
    fn ours(&self, base: &str, limits: Limits) -> Evaluation {
        let zone = self.zone(base);
        let input = SpfInput::mail_from(Some(self.ip), &sender(base), "mail.example.net", 0);
        settle_within(&input, limits, &|name, rtype| answer(&zone, name, rtype)).0
    }

    /// The fewest departures that together turn our verdict into theirs; `None`
    /// where none do, so that nothing is explained by what has no part in it.
    fn rule(&self, base: &str, theirs: SpfResult) -> Option<String> {
        let mut sets: Vec<u32> = (1..1 << DEPARTURES.len()).collect();
        sets.sort_by_key(|set| set.count_ones());
        let chosen = |set: u32| DEPARTURES.iter().enumerate().filter(move |(at, _)| set & 1 << at != 0);
        let found = sets.into_iter().find(|set| {
            let (mut world, mut limits) = (self.clone(), Limits::RFC);
            for (_, departure) in chosen(*set) {
                (departure.change)(&mut world, &mut limits);
            }
            world.ours(base, limits).verdict.result == Ok(theirs)
        })?;
        Some(chosen(found).map(|(_, departure)| departure.rule).collect::<Vec<_>>().join("; "))
    }
}

fn sender(base: &str) -> String {
    format!("h1@{base}")
}

fn answer(zone: &Zone, name: &Name, rtype: RecordType) -> Answer {
    Answer::given(match zone.get(&(name.clone(), rtype)) {
        Some(found) => Observation::Seen(found.iter().cloned().map(Record::new).collect()),
        None if zone.keys().any(|(known, _)| known == name) => Observation::Absent(Absence::NoData),
        None => Observation::Absent(Absence::Nxdomain),
    })
}

fn theirs(result: mail_auth::SpfResult) -> SpfResult {
    match result {
        mail_auth::SpfResult::Pass => SpfResult::Pass,
        mail_auth::SpfResult::Fail => SpfResult::Fail,
        mail_auth::SpfResult::SoftFail => SpfResult::SoftFail,
        mail_auth::SpfResult::Neutral => SpfResult::Neutral,
        mail_auth::SpfResult::TempError => SpfResult::TempError,
        mail_auth::SpfResult::PermError => SpfResult::PermError,
        mail_auth::SpfResult::None => SpfResult::None,
    }
}

fn library(server: std::net::SocketAddr) -> MessageAuthenticator {
    let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
    for connection in &mut connections {
        connection.port = server.port();
    }
    let name_server = NameServerConfig::new(server.ip(), true, connections);
    let mut options = ResolverOpts::default();
    options.cache_size = 0;
    MessageAuthenticator::new(ResolverConfig::from_parts(None, Vec::new(), vec![name_server]), options)
        .unwrap()
}

#[test]
fn spf_differs_from_mail_auth_only_by_rule() {
    let zones: Arc<Mutex<Zone>> = Arc::default();
    let served = zones.clone();
    let server = serve(move |name, rtype| Say::Answer(answer(&served.lock().unwrap(), name, rtype)));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let library = runtime.block_on(async { library(server) });
    let mut runner = TestRunner::deterministic();
    let (mut unexplained, mut agreed, mut rules) = (Vec::new(), 0, BTreeMap::<String, usize>::new());
    for case in 0..CASES {
        let world = world().new_tree(&mut runner).unwrap().current();
        let base = format!("c{case}.example.com");
        let zone = world.zone(&base);
        *zones.lock().unwrap() = zone;
        let sender = sender(&base);
        let ours = world.ours(&base, Limits::RFC);
        let parameters =
            SpfParameters::verify_mail_from(world.ip, "mail.example.net", "mx.example.org", &sender);
        let output = runtime.block_on(library.verify_spf(parameters));
        let (result, other) = (ours.verdict.result.clone().unwrap(), theirs(output.result()));
        if result == other {
            agreed += 1;
        } else if let Some(rule) = world.rule(&base, other) {
            *rules.entry(rule).or_default() += 1;
        } else {
            unexplained
                .push(format!("{world:?}: ours {result:?} {:?}, theirs {other:?}", ours.verdict.trouble));
        }
    }
    eprintln!("{agreed} of {CASES} agree; explained: {rules:?}");
    assert!(unexplained.is_empty(), "{} unexplained:\n{}", unexplained.len(), unexplained.join("\n"));
    // A generator that only makes errors, or rules that explain everything, would prove nothing.
    assert!(agreed > CASES / 2, "only {agreed} of {CASES} agree");
}
