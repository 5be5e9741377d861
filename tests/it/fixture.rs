//! Reads `fixtures/checks/<area>/<code>.toml`: cases written by hand.

use std::collections::BTreeMap;
use std::path::Path;

use mailvet::evidence::{BrandEvidence, Earlier, Evidence, MessageEvidence, SettingsEvidence, Transcript};
use mailvet::model::{Answer, Failure, Observation, Question, Rdata, Record, Target};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    pub case: Vec<Case>,
}

/// One case: evidence, and what the check must say of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    /// pass, fail, not-applicable or unknown.
    pub expect: String,
    /// Must occur in a problem's summary.
    pub summary: Option<String>,
    /// Must occur in a problem's fix.
    pub fix: Option<String>,
    /// The worst severity.
    pub severity: Option<String>,
    /// The number of problems.
    pub problems: Option<usize>,
    /// Must occur in the gap's text, for unknown.
    pub gap: Option<String>,
    /// Default `example.com`; the empty string is no domain.
    domain: Option<String>,
    #[serde(default)]
    ip: Vec<std::net::IpAddr>,
    helo: Option<String>,
    mail_from: Option<String>,
    #[serde(default)]
    selector: Vec<String>,
    relay: Option<String>,
    /// `[require]` of the settings.
    #[serde(default)]
    require: mailvet::policy::Require,
    /// sends, parked, receives-only, reverse-zone or none.
    role: Option<String>,
    /// RFC 3339; default 2026-11-23T12:00:00Z.
    now: Option<String>,
    /// The message as text; line ends become CRLF unless `message_raw`; `@fill:N@` stands for N bytes.
    message: Option<String>,
    /// Instead of `message`: base64, for bytes that TOML cannot hold.
    message_base64: Option<String>,
    /// A file below `fixtures/`.
    message_file: Option<String>,
    /// Line ends of `message` are kept as they are.
    #[serde(default)]
    message_raw: bool,
    /// Aggregates of a log; what is not given is zero or empty.
    traffic: Option<toml::Table>,
    /// Lines of a signer's log, `mail.log`, read for the case's domain.
    signing_log: Option<String>,
    /// Reports as a receiver sends them: the XML or JSON of each.
    reports: Option<Vec<String>>,
    /// The SVG given with `--logo`, and the PEM given with `--certificate`.
    bimi_logo: Option<String>,
    bimi_certificate: Option<String>,
    /// Question to answer.
    #[serde(default)]
    dns: BTreeMap<String, Given>,
    /// What every DNS question not listed gets: `nxdomain`, `no-data`; without it, it is unasked.
    otherwise: Option<String>,
    /// Zones to ask instead of the catalogue's.
    #[serde(default)]
    lists: Vec<String>,
    /// `bulk` or `transactional`.
    kind: Option<String>,
    /// What a scanner engine answered; `{ failed = "timeout" }` where it did not.
    #[serde(default)]
    scan: BTreeMap<String, serde_json::Value>,
    /// Ask the zone's own name servers; what they say stands in `said`, by `@ADDR NAME TYPE`.
    #[serde(default)]
    authoritative: bool,
    /// The validation of a DNS question, as a recording holds it; `{ failed = "timeout" }` where there is none.
    #[serde(default)]
    dnssec: BTreeMap<String, serde_json::Value>,
    /// What a host said, by question; `{ failed = "timeout" }` where nothing.
    /// `"@good"` among certificates stands for `fixtures/certificates/good.pem`.
    #[serde(default)]
    said: BTreeMap<Question, serde_json::Value>,
    /// Talk to hosts: what is not `said` is then unasked instead of not allowed.
    #[serde(default)]
    probe: bool,
    /// Authorities to trust, files of `fixtures/certificates`.
    #[serde(default)]
    ca: Vec<String>,
    /// The answer to a POST to this address, as a recording holds it; `{ failed = "timeout" }` where there is none.
    #[serde(default)]
    post: BTreeMap<String, serde_json::Value>,
    /// The same for a HEAD of this address.
    #[serde(default)]
    head: BTreeMap<String, serde_json::Value>,
    /// Permission to follow links where nothing is recorded in `head`.
    #[serde(default)]
    follow_links: bool,
    /// The recording given with `--before`.
    before: Option<Before>,
    /// Printed settings of the sending IBM i.
    ibmi: Option<String>,
    /// A zone file of the domain, and the same before a change.
    zone: Option<String>,
    zone_before: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Before {
    /// RFC 3339.
    at: jiff::Timestamp,
    #[serde(default)]
    dns: BTreeMap<String, Given>,
    #[serde(default)]
    said: BTreeMap<Question, serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Given {
    Records(Vec<String>),
    Other(Other),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Other {
    failed: Option<Failure>,
    absent: Option<mailvet::model::Absence>,
    /// Why nobody asked.
    not_attempted: Option<String>,
    records: Option<Vec<String>>,
    #[serde(default)]
    aliases: Vec<String>,
    ttl: Option<u32>,
    #[serde(default)]
    authenticated: bool,
}

impl Fixture {
    pub fn read(path: &Path) -> Fixture {
        let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }
}

impl Case {
    pub fn policy(&self) -> mailvet::policy::Policy {
        use mailvet::policy::{MailKind, Policy};
        let kind = match self.kind.as_deref() {
            None => MailKind::Unstated,
            Some("bulk") => MailKind::Bulk,
            Some("transactional") => MailKind::Transactional,
            Some(other) => panic!("kind = {other:?}"),
        };
        Policy { kind, require: self.require.clone(), ..Policy::default() }
    }

    pub fn scope(&self) -> mailvet::model::Scope {
        let mut scope = mailvet::model::Scope::everything();
        scope.probe = self.probe;
        scope.roots = self.ca.iter().flat_map(|name| certificates(name)).collect();
        scope.links = self.follow_links.then(|| (Default::default(), 30));
        scope.authoritative = self.authoritative;
        scope.lists = self.lists.iter().map(|zone| mailvet::model::Name::lenient(zone)).collect();
        scope
    }

    pub fn evidence(&self) -> Evidence {
        let domain = match self.domain.as_deref() {
            Some("") => None,
            Some(domain) => Some(mailvet::model::Name::parse(domain).unwrap()),
            None => Some(mailvet::model::Name::parse("example.com").unwrap()),
        };
        let now: jiff::Timestamp = self.now.as_deref().unwrap_or("2026-11-23T12:00:00Z").parse().unwrap();
        Evidence {
            target: Target {
                domain,
                ips: self.ip.clone(),
                helo: self.helo.clone(),
                mail_from: self.mail_from.clone(),
                selectors: self.selector.clone(),
                bimi_selector: None,
                relay: self.relay.clone(),
                role: self.role.as_deref().map(|name| mailvet::model::Role::from_name(name).unwrap()),
            },
            taken_at: now.as_second(),
            answers: self.dns.iter().map(|(q, given)| answer(q, given)).collect(),
            message: self
                .raw_message()
                .map(|raw| MessageEvidence { file: "message.eml".to_owned(), raw: raw.into() }),
            traffic: self.traffic.as_ref().map(traffic),
            signing: self.signing_log.as_deref().map(|log| self.signing(log)),
            reports: self.reports.as_deref().map(|given| {
                let lost = |gap: &String| gap.contains("reports could not be read");
                reports(given, self.gap.as_ref().is_some_and(lost))
            }),
            brand: (self.bimi_logo.is_some() || self.bimi_certificate.is_some()).then(|| BrandEvidence {
                logo: self.bimi_logo.as_ref().map(|text| filled(text).into_bytes()),
                certificate: self.bimi_certificate.as_ref().map(|text| text.clone().into_bytes()),
            }),
            earlier: self.before.as_ref().map(|before| {
                Earlier::whole(Evidence {
                    taken_at: before.at.as_second(),
                    answers: before.dns.iter().map(|(q, given)| answer(q, given)).collect(),
                    transcripts: before.said.iter().map(|(q, given)| transcript(q.clone(), given)).collect(),
                    ..Evidence::default()
                })
            }),
            zone: self.zone.as_deref().map(|text| self.zone_problems(text)),
            settings: self
                .ibmi
                .clone()
                .map(|text| vec![SettingsEvidence { file: "settings.txt".to_owned(), text }]),
            transcripts: self
                .scan
                .iter()
                .map(|(engine, given)| (Question::Scan { engine: engine.clone() }, given))
                .chain(self.dnssec.iter().map(|(q, given)| (format!("{q} dnssec").parse().unwrap(), given)))
                .chain(self.said.iter().map(|(question, given)| (question.clone(), given)))
                .chain(self.post.iter().map(|(url, given)| (Question::Post { url: url.clone() }, given)))
                .chain(self.head.iter().map(|(url, given)| (Question::Head { url: url.clone() }, given)))
                .map(|(question, given)| transcript(question, given))
                .collect(),
        }
    }

    /// What the readers say of the zone, and of the step to it.
    fn zone_problems(&self, text: &str) -> Vec<mailvet::model::ZoneProblem> {
        use mailvet::parse::zone::{changes, parse_any, problems};
        let origin = match self.domain.as_deref() {
            Some("") => None,
            domain => Some(mailvet::model::Name::lenient(domain.unwrap_or("example.com"))),
        };
        let read = |text: &str| {
            let parsed = parse_any("example.com.zone", text.as_bytes(), origin.as_ref());
            parsed.expect("a zone")
        };
        let new = read(text);
        let mut all = problems(&new);
        if let Some(before) = &self.zone_before {
            all.extend(changes(&read(before), &new));
        }
        all
    }

    /// What the lines say of selectors, as `--log` reads them.
    fn signing(&self, log: &str) -> mailvet::model::SigningSummary {
        use mailvet::parse::dkim::signing_log::{Reader, Tally};
        let domain = self.domain.as_deref().unwrap_or("example.com");
        let own: Vec<_> = mailvet::model::Name::parse(domain).into_iter().collect();
        let (mut tally, mut reader) = (Tally::new(&own), Reader::default());
        for (number, line) in (1..).zip(log.lines()) {
            let at = mailvet::model::Location { file: "mail.log".to_owned(), line: number };
            reader.line(line.as_bytes()).into_iter().for_each(|one| tally.add(one, &at));
        }
        tally.finish()
    }

    fn raw_message(&self) -> Option<Vec<u8>> {
        use base64::Engine as _;
        if let Some(path) = &self.message_file {
            return Some(std::fs::read(crate::root().join("fixtures").join(path)).unwrap());
        }
        if let Some(text) = &self.message_base64 {
            let text: String = text.split_whitespace().collect();
            return Some(base64::engine::general_purpose::STANDARD.decode(text).unwrap());
        }
        let text = &filled(self.message.as_ref()?);
        Some(if self.message_raw { text.clone() } else { text.replace('\n', "\r\n") }.into_bytes())
    }

    /// The answer to what the case does not list.
    pub fn unlisted(&self) -> Option<Answer> {
        Some(Answer::given(Observation::Absent(match self.otherwise.as_deref()? {
            "nxdomain" => mailvet::model::Absence::Nxdomain,
            "no-data" => mailvet::model::Absence::NoData,
            other => panic!("otherwise = {other:?}"),
        })))
    }
}

/// `@fill:N@` stands for N bytes of folded filler, so that large messages need no large fixture.
fn filled(text: &str) -> String {
    let Some((before, rest)) = text.split_once("@fill:") else { return text.to_owned() };
    let (count, after) = rest.split_once('@').unwrap();
    let line = "filler text for a large message, fifty bytes long\n ";
    let count: usize = count.parse().unwrap();
    format!("{before}{}{after}", line.repeat(count / line.len()))
}

/// The reports added up, as `--reports` does; lost ones only in a case about them.
fn reports(given: &[String], may_be_lost: bool) -> mailvet::model::ReportSummary {
    let mut sum = mailvet::parse::report::summary::Summing::default();
    for (index, text) in given.iter().enumerate() {
        mailvet::parse::report::file::read("report", text.as_bytes(), &mut |_, result| {
            assert!(result.is_ok() || may_be_lost, "report {index}: {result:?}");
            sum.add(&result);
        });
    }
    sum.summary
}

/// The default summary with the given values laid over it.
fn traffic(given: &toml::Table) -> mailvet::model::traffic::TrafficSummary {
    let mut value = serde_json::to_value(mailvet::model::traffic::TrafficSummary::default()).unwrap();
    overlay(&mut value, serde_json::to_value(given).unwrap());
    serde_json::from_value(value).unwrap_or_else(|e| panic!("traffic: {e}"))
}

fn overlay(base: &mut serde_json::Value, given: serde_json::Value) {
    match (base, given) {
        (serde_json::Value::Object(base), serde_json::Value::Object(given)) => {
            for (key, value) in given {
                overlay(base.entry(key).or_insert(serde_json::Value::Null), value);
            }
        }
        (base, given) => *base = given,
    }
}

fn transcript(question: Question, given: &serde_json::Value) -> (Question, Observation<Transcript>) {
    let mut given = given.clone();
    spell_out(&mut given);
    match given.get("failed") {
        Some(failure) => (question, Observation::Failed(serde_json::from_value(failure.clone()).unwrap())),
        None => {
            let seen = Transcript::observed(&question, Observation::Seen(given));
            (question, seen)
        }
    }
}

/// The certificates of a file, DER.
fn certificates(name: &str) -> Vec<Vec<u8>> {
    let path = crate::root().join(format!("fixtures/certificates/{name}.pem"));
    let text = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    mailvet::parse::transport::pem::certificates(&text).unwrap()
}

/// Puts certificates in the place of `@name`.
fn spell_out(value: &mut serde_json::Value) {
    use base64::Engine as _;
    let serde_json::Value::Object(fields) = value else { return };
    for (key, field) in fields {
        match field.as_array_mut() {
            Some(list) if key == "certificates" => {
                let named: Vec<String> =
                    list.iter().map(|v| v.as_str().unwrap().trim_start_matches('@').to_owned()).collect();
                let encoded = named.iter().flat_map(|name| certificates(name));
                *list =
                    encoded.map(|der| base64::engine::general_purpose::STANDARD.encode(der).into()).collect();
            }
            _ => spell_out(field),
        }
    }
}

fn answer(question: &str, given: &Given) -> (Question, Answer) {
    let question: Question = question.parse().unwrap();
    let Question::Dns { rtype, .. } = question else { panic!("{question}: only DNS answers are given here") };
    let seen = |records: &[String], ttl: u32| {
        let record = |text: &String| {
            let rdata = Rdata::from_text(rtype, text).unwrap_or_else(|e| panic!("{question}: {e}"));
            Record { ttl, ..Record::new(rdata) }
        };
        Observation::Seen(records.iter().map(record).collect())
    };
    let answer = match given {
        Given::Records(records) if records.is_empty() => {
            Answer::given(Observation::Absent(mailvet::model::Absence::NoData))
        }
        Given::Records(records) => Answer::given(seen(records, 3600)),
        Given::Other(other) => {
            if let Some(why) = &other.not_attempted {
                return (question, Answer::given(Observation::NotAttempted(why.clone())));
            }
            let observation = match (&other.failed, other.absent, &other.records) {
                (Some(failure), None, None) => Observation::Failed(failure.clone()),
                (None, Some(absence), None) => Observation::Absent(absence),
                (None, None, Some(records)) => seen(records, other.ttl.unwrap_or(3600)),
                _ => panic!("{question}: give one of failed, absent, records"),
            };
            let aliases = other.aliases.iter().map(|name| mailvet::model::Name::lenient(name)).collect();
            Answer { aliases, authenticated: other.authenticated, ..Answer::given(observation) }
        }
    };
    (question, answer)
}
