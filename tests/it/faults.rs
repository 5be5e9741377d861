//! Unknown is not missing: every fault on every question type, injected through
//! a real resolver path, ends in unknown with its reason, never in a failing
//! "missing" and never in a pass that the fault made.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::flattery;
use hickory_resolver::proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_resolver::proto::rr::rdata::opt::EdnsOption;
use hickory_resolver::proto::rr::{DNSClass, Name as WireName, RData, Record, RecordType, rdata};
use mailvet::evidence::Evidence;
use mailvet::facts::{Facts, Prepared};
use mailvet::gather::{self, Limits, Sources, dns::DnsClient, resolver::Server, zonefile::ZoneFiles};
use mailvet::judge::finding::CheckResult;
use mailvet::model::{Name, Observation, Question, Scope, Target};
use mailvet::policy::Policy;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UdpSocket};

/// What the liar does to questions of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Silence,
    Servfail,
    Refused,
    /// TC over UDP, and the TCP connection is closed without an answer.
    TruncatedWithoutTcp,
    WrongTransactionId,
    /// NOERROR with nothing in it, not even an SOA record.
    Empty,
    /// Records of another name.
    OutsideTheQuestion,
    CnameLoop,
    /// NOERROR without records, and the SOA record of another zone.
    ForeignSoa,
    /// NXDOMAIN, and the SOA record of a zone below the name.
    SoaBelow,
    NxdomainWithoutSoa,
    /// SERVFAIL with the extended error of a validator (RFC 8914).
    Bogus,
    FormErr,
    NotImp,
    YxDomain,
    NotAuth,
    NotZone,
    /// An answer code that nobody assigned.
    UnassignedCode,
    /// EDNS version not supported (RFC 6891 section 6.1.3).
    BadVers,
    /// Bytes that are no message.
    Garbage,
    /// The first seven octets of a header.
    HalfHeader,
    /// Nothing but a datagram of length zero.
    EmptyDatagram,
    /// The question comes back as it was sent, as a question.
    Echo,
    /// Another question in the question section.
    OtherQuestion,
    /// No question in the question section, and no answer.
    NoQuestion,
    /// Another operation.
    OtherOperation,
    /// TC over UDP, and TC again over TCP.
    TruncatedTwice,
    /// TC over UDP, and half a message over TCP.
    TruncatedHalfTcp,
    /// TC over UDP, and a message of length zero over TCP.
    TruncatedZeroTcp,
    /// The answer is cut in the middle of its records.
    CutAnswer,
    /// A record of the wrong class.
    OtherClass,
    /// Only a record of another type.
    OtherType,
    /// A referral to other servers in place of an answer.
    Referral,
    /// A referral to the root in place of an answer.
    UpwardReferral,
    /// An alias, and nothing of what is behind it.
    AliasToNothing,
    /// Seventy aliases behind each other, and no end.
    LongChain,
    /// An alias that leads to itself.
    SelfAlias,
    /// NXDOMAIN, and the SOA record in the answer section.
    DenialInTheAnswer,
}

const FAULTS: [Fault; 38] = [
    Fault::Silence,
    Fault::Servfail,
    Fault::Refused,
    Fault::TruncatedWithoutTcp,
    Fault::WrongTransactionId,
    Fault::Empty,
    Fault::OutsideTheQuestion,
    Fault::CnameLoop,
    Fault::ForeignSoa,
    Fault::SoaBelow,
    Fault::NxdomainWithoutSoa,
    Fault::Bogus,
    Fault::FormErr,
    Fault::NotImp,
    Fault::YxDomain,
    Fault::NotAuth,
    Fault::NotZone,
    Fault::UnassignedCode,
    Fault::BadVers,
    Fault::Garbage,
    Fault::HalfHeader,
    Fault::EmptyDatagram,
    Fault::Echo,
    Fault::OtherQuestion,
    Fault::NoQuestion,
    Fault::OtherOperation,
    Fault::TruncatedTwice,
    Fault::TruncatedHalfTcp,
    Fault::TruncatedZeroTcp,
    Fault::CutAnswer,
    Fault::OtherClass,
    Fault::OtherType,
    Fault::Referral,
    Fault::UpwardReferral,
    Fault::AliasToNothing,
    Fault::LongChain,
    Fault::SelfAlias,
    Fault::DenialInTheAnswer,
];

/// The questions that a fault meets: of one type, at names that begin so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Aim(RecordType, &'static str);

impl Aim {
    fn meets(self, name: &str, rtype: RecordType) -> bool {
        self.0 == rtype && name.starts_with(self.1)
    }
}

impl From<RecordType> for Aim {
    fn from(rtype: RecordType) -> Aim {
        Aim(rtype, "")
    }
}

/// What an audit asks of a sender's DNS: TXT by what stands there, the other types whole.
const QUESTIONS: [Aim; 16] = [
    Aim(RecordType::TXT, "example.com"),
    Aim(RecordType::TXT, "mail.example.com"),
    Aim(RecordType::TXT, "_dmarc."),
    Aim(RecordType::TXT, "_mta-sts."),
    Aim(RecordType::TXT, "_smtp._tls."),
    Aim(RecordType::TXT, "default._bimi."),
    Aim(RecordType::TXT, "s1._domainkey."),
    Aim(RecordType::TXT, ""),
    Aim(RecordType::MX, ""),
    Aim(RecordType::A, ""),
    Aim(RecordType::AAAA, ""),
    Aim(RecordType::PTR, ""),
    Aim(RecordType::TLSA, ""),
    Aim(RecordType::CAA, ""),
    // Who holds the reverse zone.
    Aim(RecordType::SOA, ""),
    // SPF records of their own type (RFC 7208 section 14.1).
    Aim(RecordType::Unknown(99), ""),
];

/// Which sender the liar serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum World {
    Good,
    /// Everything is there, and most of it is wrong.
    Bad,
    /// The good one, each record twice in its answer.
    Doubled,
}

/// The records of a world.
fn records_of(kind: World) -> BTreeMap<(&'static str, RecordType), Vec<RData>> {
    let mut records = world();
    let name = |text: &str| WireName::from_ascii(text).unwrap();
    let txt = |text: &str| RData::TXT(rdata::TXT::new(vec![text.to_owned()]));
    match kind {
        World::Good => {}
        World::Doubled => records.values_mut().for_each(|same| *same = [same.as_slice(), same].concat()),
        World::Bad => {
            let mut put = |owner, data: RData| records.insert((owner, data.record_type()), vec![data]);
            put("example.com", txt("v=spf1 include:missing.example ip4:192.0.2.26 +all"));
            put("_dmarc.example.com", txt("v=DMARC1; p=none; rua=mailto:dmarc@reports.example"));
            put("25.2.0.192.in-addr.arpa", RData::PTR(rdata::PTR(name("other.example.com."))));
            put("example.com", RData::MX(rdata::MX::new(10, name("missing.example.com."))));
            put("_mta-sts.example.com", txt("v=STSv1; id=-"));
            put("_smtp._tls.example.com", txt("v=TLSRPTv1"));
            records.remove(&("mail.example.com", RecordType::A));
        }
    }
    records
}

/// A small world in which a healthy sender passes.
fn world() -> BTreeMap<(&'static str, RecordType), Vec<RData>> {
    let name = |text: &str| WireName::from_ascii(text).unwrap();
    let txt = |text: &str| RData::TXT(rdata::TXT::new(vec![text.to_owned()]));
    let a = |text: &str| RData::A(rdata::A(text.parse().unwrap()));
    let mut world = BTreeMap::new();
    world.insert(("example.com", RecordType::TXT), vec![txt("v=spf1 ip4:192.0.2.25 -all")]);
    world.insert(
        ("example.com", RecordType::MX),
        vec![RData::MX(rdata::MX::new(10, name("mx.example.com.")))],
    );
    world.insert(("mx.example.com", RecordType::A), vec![a("192.0.2.1")]);
    world.insert(("mail.example.com", RecordType::A), vec![a("192.0.2.25")]);
    world.insert(("mail.example.com", RecordType::TXT), vec![txt("v=spf1 a -all")]);
    world.insert(
        ("_dmarc.example.com", RecordType::TXT),
        vec![txt("v=DMARC1; p=reject; rua=mailto:dmarc@example.com")],
    );
    world.insert(
        ("25.2.0.192.in-addr.arpa", RecordType::PTR),
        vec![RData::PTR(rdata::PTR(name("mail.example.com.")))],
    );
    world.insert(("_mta-sts.example.com", RecordType::TXT), vec![txt("v=STSv1; id=1")]);
    world.insert(
        ("_smtp._tls.example.com", RecordType::TXT),
        vec![txt("v=TLSRPTv1; rua=mailto:t@example.com")],
    );
    world.insert(("2.0.0.127.list.example", RecordType::A), vec![a("127.0.0.2")]);
    world
}

/// A resolver that lies about one type. Gives its address.
async fn liar(kind: World, target: Option<(Aim, Fault)>) -> SocketAddr {
    // The port that UDP got may be taken for TCP; then another is tried.
    let (udp, tcp, address) = loop {
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = udp.local_addr().unwrap();
        if let Ok(tcp) = TcpListener::bind(address).await {
            break (udp, tcp, address);
        }
    };
    let world = Arc::new(records_of(kind));
    let for_tcp = world.clone();
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = udp.recv_from(&mut buffer).await {
            if let Some(answer) = answer(&buffer[..length], &world, target, false) {
                let _ = udp.send_to(&answer, from).await;
            }
        }
    });
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = tcp.accept().await {
            let world = for_tcp.clone();
            tokio::spawn(async move {
                while let Ok(length) = stream.read_u16().await {
                    let mut query = vec![0; length.into()];
                    if stream.read_exact(&mut query).await.is_err() {
                        return;
                    }
                    let Some(answer) = answer(&query, &world, target, true) else { return };
                    let _ = stream.write_u16(answer.len() as u16).await;
                    let _ = stream.write_all(&answer).await;
                }
            });
        }
    });
    address
}

fn answer(
    query: &[u8],
    world: &BTreeMap<(&'static str, RecordType), Vec<RData>>,
    target: Option<(Aim, Fault)>,
    tcp: bool,
) -> Option<Vec<u8>> {
    let wire = query;
    let query = Message::from_vec(query).ok()?;
    let question = query.queries.first()?.clone();
    let mut response = Message::response(query.id, query.op_code);
    response.metadata.recursion_available = true;
    response.metadata.message_type = MessageType::Response;
    response.add_query(question.clone());
    let name = question.name().to_ascii().trim_end_matches('.').to_ascii_lowercase();
    let soa_at = |owner: &str| {
        let root = WireName::root();
        let data = RData::SOA(rdata::SOA::new(root.clone(), root, 1, 1, 1, 1, 60));
        Record::from_rdata(WireName::from_ascii(owner).unwrap(), 60, data)
    };
    let soa = || soa_at(".");
    let met = |aim: Aim| aim.meets(&name, question.query_type());
    // Nothing comes of the name behind the alias either, also where it is asked for by itself.
    let behind = |aim: Aim| name == "nowhere.example" && aim.0 == question.query_type();
    let fault = match target {
        Some((aim, Fault::AliasToNothing)) if behind(aim) => Some(Fault::Empty),
        Some((aim, fault)) => met(aim).then_some(fault),
        None => None,
    };
    match fault {
        Some(Fault::Silence) => return None,
        Some(Fault::Servfail) => response.metadata.response_code = ResponseCode::ServFail,
        Some(Fault::Refused) => response.metadata.response_code = ResponseCode::Refused,
        Some(Fault::TruncatedWithoutTcp) if tcp => return None,
        Some(Fault::TruncatedWithoutTcp) => response.metadata.truncation = true,
        Some(Fault::WrongTransactionId) => response.metadata.id = query.id.wrapping_add(1),
        Some(Fault::Empty) => {}
        Some(Fault::ForeignSoa) => {
            response.add_authority(soa_at("other.example."));
        }
        Some(Fault::SoaBelow) => {
            response.metadata.response_code = ResponseCode::NXDomain;
            response.add_authority(soa_at(&format!("below.{name}.")));
        }
        Some(Fault::NxdomainWithoutSoa) => response.metadata.response_code = ResponseCode::NXDomain,
        Some(Fault::Bogus) => {
            response.metadata.response_code = ResponseCode::ServFail;
            let mut edns = Edns::new();
            edns.options_mut().insert(EdnsOption::Unknown(15, vec![0, 6]));
            response.set_edns(edns);
        }
        Some(Fault::OutsideTheQuestion) => {
            let other = WireName::from_ascii("other.example.").unwrap();
            let data = world.values().flatten().find(|data| data.record_type() == question.query_type());
            let data = data.cloned().unwrap_or_else(|| RData::TXT(rdata::TXT::new(vec!["x".to_owned()])));
            response.add_answer(Record::from_rdata(other, 60, data));
        }
        Some(Fault::CnameLoop) => {
            let here = question.name().clone();
            let there = WireName::from_ascii("loop.example.").unwrap();
            for (owner, to) in [(here.clone(), there.clone()), (there, here)] {
                response.add_answer(Record::from_rdata(owner, 60, RData::CNAME(rdata::CNAME(to))));
            }
        }
        Some(fault) => return broken(fault, response, wire, &question, tcp),
        None => match world.get(&(name.as_str(), question.query_type())) {
            Some(records) => {
                for data in records {
                    response.add_answer(Record::from_rdata(question.name().clone(), 60, data.clone()));
                }
            }
            None => {
                if !world.keys().any(|(known, _)| *known == name) {
                    response.metadata.response_code = ResponseCode::NXDomain;
                }
                response.add_authority(soa());
            }
        },
    }
    response.to_vec().ok()
}

/// The faults of the message itself, and of what stands where.
fn broken(fault: Fault, mut response: Message, wire: &[u8], question: &Query, tcp: bool) -> Option<Vec<u8>> {
    let here = question.name().clone();
    let name = |text: &str| WireName::from_ascii(text).unwrap();
    let alias = |from: &WireName, to: &WireName| {
        Record::from_rdata(from.clone(), 60, RData::CNAME(rdata::CNAME(to.clone())))
    };
    let code = |code| Some(code);
    let said = match fault {
        Fault::FormErr => code(ResponseCode::FormErr),
        Fault::NotImp => code(ResponseCode::NotImp),
        Fault::YxDomain => code(ResponseCode::YXDomain),
        Fault::NotAuth => code(ResponseCode::NotAuth),
        Fault::NotZone => code(ResponseCode::NotZone),
        Fault::UnassignedCode => code(ResponseCode::Unknown(12)),
        Fault::BadVers => {
            response.set_edns(Edns::new());
            code(ResponseCode::BADVERS)
        }
        _ => None,
    };
    if let Some(said) = said {
        response.metadata.response_code = said;
        return response.to_vec().ok();
    }
    match fault {
        Fault::Garbage => return Some(wire.iter().rev().map(|octet| octet ^ 0x5a).collect()),
        Fault::HalfHeader => return Some(wire[..7].to_vec()),
        Fault::EmptyDatagram => return Some(Vec::new()),
        Fault::Echo => return Some(wire.to_vec()),
        Fault::TruncatedTwice => response.metadata.truncation = true,
        Fault::TruncatedHalfTcp | Fault::TruncatedZeroTcp if !tcp => response.metadata.truncation = true,
        Fault::TruncatedHalfTcp => return Some(wire[..wire.len() / 2].to_vec()),
        Fault::TruncatedZeroTcp => return Some(Vec::new()),
        Fault::OtherQuestion => {
            response.queries.clear();
            response.add_query(Query::query(name("other.example."), question.query_type()));
        }
        Fault::NoQuestion => response.queries.clear(),
        Fault::OtherOperation => response.metadata.op_code = OpCode::Status,
        Fault::CutAnswer => {
            let data = RData::TXT(rdata::TXT::new(vec!["cut".repeat(40)]));
            response.add_answer(Record::from_rdata(here, 60, data));
            let mut bytes = response.to_vec().ok()?;
            bytes.truncate(bytes.len() - 60);
            return Some(bytes);
        }
        Fault::OtherClass => {
            let data = RData::TXT(rdata::TXT::new(vec!["chaos".to_owned()]));
            let mut record = Record::from_rdata(here, 60, data);
            record.dns_class = DNSClass::CH;
            response.add_answer(record);
        }
        Fault::OtherType => {
            let data = RData::HINFO(rdata::HINFO::new("none".to_owned(), "none".to_owned()));
            response.add_answer(Record::from_rdata(here, 60, data));
        }
        Fault::Referral | Fault::UpwardReferral => {
            let owner = if fault == Fault::Referral { here } else { WireName::root() };
            let data = RData::NS(rdata::NS(name("ns.other.example.")));
            response.add_authority(Record::from_rdata(owner, 60, data));
        }
        Fault::AliasToNothing => {
            response.add_answer(alias(&here, &name("nowhere.example.")));
        }
        Fault::SelfAlias => {
            response.add_answer(alias(&here, &here));
        }
        Fault::LongChain => {
            let mut from = here;
            for step in 0..70 {
                let to = name(&format!("a{step}.example."));
                response.add_answer(alias(&from, &to));
                from = to;
            }
        }
        Fault::DenialInTheAnswer => {
            response.metadata.response_code = ResponseCode::NXDomain;
            let root = WireName::root();
            let data = RData::SOA(rdata::SOA::new(root.clone(), root.clone(), 1, 1, 1, 1, 60));
            response.add_answer(Record::from_rdata(root, 60, data));
        }
        other => unreachable!("{other:?} is served where the records are"),
    }
    response.to_vec().ok()
}

struct Quiet(Mutex<usize>);

impl gather::Progress for Quiet {
    fn update(&self, answered: usize, _: usize) {
        *self.0.lock().unwrap() = answered;
    }
}

/// Audits the small world through a liar; the evidence and the results' outcomes.
async fn audit(
    kind: World,
    target: Option<(Aim, Fault)>,
) -> (Evidence, BTreeMap<&'static str, (&'static str, String)>) {
    audit_through(liar(kind, target).await, "example.com", "mail.example.com", "list.example").await
}

/// Audits one sender through a resolver; the evidence and the results' outcomes.
pub async fn audit_through(
    address: SocketAddr,
    domain: &str,
    helo: &str,
    list: &str,
) -> (Evidence, BTreeMap<&'static str, (&'static str, String)>) {
    let limits =
        Limits { question: Duration::from_millis(1200), run: Duration::from_secs(20), ..Limits::default() };
    let sources = Sources {
        zones: ZoneFiles::default(),
        dns: Some(DnsClient::new(&[Server::Plain(address)], &limits).unwrap().into()),
    };
    let mut evidence = Evidence {
        target: Target {
            domain: Some(Name::parse(domain).unwrap()),
            ips: vec!["192.0.2.25".parse().unwrap()],
            helo: Some(helo.to_owned()),
            selectors: vec!["s1".to_owned()],
            ..Target::default()
        },
        taken_at: 1_795_435_200,
        ..Evidence::default()
    };
    let scope = scope(list);
    let prepared = Prepared::new(&evidence);
    gather::gather(&mut evidence, &scope, &prepared, &sources, &limits, &Quiet(Mutex::new(0))).await;
    let outcomes = {
        let facts = Facts::build(&evidence, &scope, &prepared);
        assert!(facts.wanted().is_empty(), "{address}: still wanted: {:?}", facts.wanted());
        let results = mailvet::judge::judge(&facts, &Policy::default());
        results.iter().map(|result| (result.check.code, (result.outcome_name(), shown(result)))).collect()
    };
    (evidence, outcomes)
}

fn scope(list: &str) -> Scope {
    Scope { lists: vec![Name::lenient(list)], ..Scope::everything() }
}

fn shown(result: &CheckResult) -> String {
    result.findings().iter().map(|finding| finding.problem.summary.clone()).collect::<Vec<_>>().join(" / ")
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// RFC 2181 section 5: records of the same name, type and data are one record.
#[test]
fn the_same_record_twice_is_one_record() {
    runtime().block_on(async {
        let (_, once) = audit(World::Good, None).await;
        let (_, twice) = audit(World::Doubled, None).await;
        assert_eq!(once, twice);
    });
}

#[test]
fn a_validators_servfail_is_bogus_data() {
    runtime().block_on(async {
        let (evidence, _) = audit(World::Good, Some((RecordType::TXT.into(), Fault::Bogus))).await;
        let answer = &evidence.answers[&"example.com TXT".parse().unwrap()];
        assert!(
            matches!(&answer.observation, Observation::Failed(mailvet::model::Failure::Bogus(_))),
            "{answer:?}"
        );
    });
}

#[test]
fn a_dead_family_leaves_the_other_ones_addresses_known() {
    runtime().block_on(async {
        for fault in FAULTS {
            let (_, outcomes) = audit(World::Good, Some((RecordType::AAAA.into(), fault))).await;
            for code in ["helo-unresolved", "helo-mismatch", "mx-unresolvable"] {
                assert_eq!(outcomes[code].0, "pass", "{fault:?}: {code}");
            }
        }
    });
}

#[test]
fn no_fault_becomes_missing_or_clean() {
    no_fault_flatters(World::Good);
}

#[test]
fn no_fault_of_a_bad_sender_becomes_missing_or_clean() {
    no_fault_flatters(World::Bad);
}

fn no_fault_flatters(kind: World) {
    runtime().block_on(async {
        let (truth, honest) = audit(kind, None).await;
        assert!(truth.failures().next().is_none(), "the honest world answers everything");
        assert_eq!(honest["spf-missing"].0, "pass");
        let asked: Vec<(String, RecordType)> = truth
            .answers
            .keys()
            .filter_map(|question| match question {
                Question::Dns { name, rtype } => {
                    Some((name.as_str().to_owned(), RecordType::from(rtype.number())))
                }
                _ => None,
            })
            .collect();
        // Each kind of question is asked, and no type is that no fault meets.
        for aim in QUESTIONS {
            assert!(asked.iter().any(|(name, rtype)| aim.meets(name, *rtype)), "{aim:?} is not asked");
        }
        let unmet: Vec<&(String, RecordType)> = asked
            .iter()
            .filter(|(name, rtype)| !QUESTIONS.iter().any(|aim| aim.meets(name, *rtype)))
            .collect();
        assert!(unmet.is_empty(), "no fault meets {unmet:?}");
        let scope = scope("list.example");
        let before = flattery::top(&truth, &scope);
        let mut runs = Vec::new();
        for rtype in QUESTIONS {
            for fault in FAULTS {
                runs.push(async move { (rtype, fault, audit(kind, Some((rtype, fault))).await) });
            }
        }
        let mut wrong = Vec::new();
        for (rtype, fault, (evidence, outcomes)) in futures_util::future::join_all(runs).await {
            for (question, answer) in &evidence.answers {
                let Question::Dns { name, rtype: asked } = question else { continue };
                let met = rtype.meets(name.as_str(), RecordType::from(asked.number()));
                if met && !matches!(answer.observation, Observation::Failed(_)) {
                    wrong.push(format!("{fault:?} on {rtype:?}: {question} became {:?}", answer.observation));
                }
            }
            let after = flattery::top(&evidence, &scope);
            for fault_of_top in flattery::flattered(&before, &after) {
                wrong.push(format!("{fault:?} on {rtype:?}: {fault_of_top}"));
            }
            if after.score.essential_unanswered && (after.score.grade.is_some() || after.exit(false) == 0) {
                wrong.push(format!("{fault:?} on {rtype:?}: graded without an essential answer"));
            }
            for (code, (outcome, summary)) in &outcomes {
                let (before, known) = &honest[code];
                // A fault may make an outcome unknown, or leave it; it may not make up
                // a finding, and may not turn one into a pass.
                let invented = *outcome == "fail" && (*before != "fail" || summary != known);
                let cleared = *outcome == "pass" && *before == "fail";
                if invented || cleared {
                    wrong.push(format!(
                        "{fault:?} on {rtype:?}: {code} went from {before} to {outcome}: {summary}"
                    ));
                }
            }
        }
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    });
}

/// A slow machine loses answers that no fault was meant for: any two of them.
#[test]
fn no_two_lost_answers_flatter() {
    let runtime = runtime();
    for kind in [World::Good, World::Bad] {
        let (truth, _) = runtime.block_on(audit(kind, None));
        let scope = scope("list.example");
        let before = flattery::top(&truth, &scope);
        let questions: Vec<&Question> = truth.answers.keys().collect();
        let mut wrong = Vec::new();
        for (at, one) in questions.iter().enumerate() {
            for other in &questions[at..] {
                let mut evidence = truth.clone();
                for lost in [one, other] {
                    let silence = Observation::Failed(mailvet::model::Failure::Timeout);
                    evidence.answers.insert((*lost).clone(), mailvet::model::Answer::given(silence));
                }
                let after = flattery::top(&evidence, &scope);
                let faults = flattery::flattered(&before, &after);
                wrong.extend(faults.into_iter().map(|fault| format!("{one} and {other}: {fault}")));
            }
        }
        assert!(questions.len() > 20, "{}", questions.len());
        assert!(wrong.is_empty(), "{kind:?}, {} wrong:\n{}", wrong.len(), wrong.join("\n"));
    }
}

/// The commands that answer one question exit by the same rules: where the question that decides
/// got no answer, never 0.
#[test]
fn single_commands_never_exit_0_without_the_answer_that_decides() {
    let commands: [(&str, RecordType); 7] = [
        ("spf example.com --ip 192.0.2.25", RecordType::TXT),
        ("dkim example.com --selector s1", RecordType::TXT),
        ("dmarc example.com", RecordType::TXT),
        ("transport example.com", RecordType::TXT),
        ("mx example.com", RecordType::MX),
        ("ptr 192.0.2.25", RecordType::PTR),
        ("audit example.com --ip 192.0.2.25 --list list.example --format nagios", RecordType::TXT),
    ];
    let runtime = runtime();
    let mut runs = Vec::new();
    for (command, rtype) in commands {
        for fault in FAULTS {
            let address = runtime.block_on(liar(World::Good, Some((rtype.into(), fault))));
            runs.push((command, fault, address));
        }
    }
    let queue = Mutex::new(runs.into_iter());
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                loop {
                    let Some((command, fault, address)) = queue.lock().unwrap().next() else { return };
                    let output = std::process::Command::new(env!("CARGO_BIN_EXE_mailvet"))
                        .args(command.split(' '))
                        .args(["--resolver", &address.to_string(), "--timeout", "1", "--deadline", "20"])
                        .current_dir(std::env::temp_dir())
                        .output()
                        .unwrap();
                    let (out, err) =
                        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
                    let fails =
                        output.status.code() == Some(0) || err.contains("panicked") || out.contains("OK -");
                    if fails {
                        wrong
                            .lock()
                            .unwrap()
                            .push(format!("{fault:?}: {command}: {:?} {out}", output.status));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
