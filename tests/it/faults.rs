//! Unknown is not missing: every fault on every question type, injected through
//! a real resolver path, ends in unknown with its reason, never in a failing
//! "missing" and never in a pass that the fault made.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hickory_resolver::proto::op::{Message, MessageType, ResponseCode};
use hickory_resolver::proto::rr::{Name as WireName, RData, Record, RecordType, rdata};
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
}

const FAULTS: [Fault; 8] = [
    Fault::Silence,
    Fault::Servfail,
    Fault::Refused,
    Fault::TruncatedWithoutTcp,
    Fault::WrongTransactionId,
    Fault::Empty,
    Fault::OutsideTheQuestion,
    Fault::CnameLoop,
];

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
async fn liar(target: Option<(RecordType, Fault)>) -> SocketAddr {
    // The port that UDP got may be taken for TCP; then another is tried.
    let (udp, tcp, address) = loop {
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = udp.local_addr().unwrap();
        if let Ok(tcp) = TcpListener::bind(address).await {
            break (udp, tcp, address);
        }
    };
    let world = Arc::new(world());
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
    target: Option<(RecordType, Fault)>,
    tcp: bool,
) -> Option<Vec<u8>> {
    let query = Message::from_vec(query).ok()?;
    let question = query.queries.first()?.clone();
    let mut response = Message::response(query.id, query.op_code);
    response.metadata.recursion_available = true;
    response.metadata.message_type = MessageType::Response;
    response.add_query(question.clone());
    let name = question.name().to_ascii().trim_end_matches('.').to_ascii_lowercase();
    let soa = || {
        let root = WireName::root();
        Record::from_rdata(root.clone(), 60, RData::SOA(rdata::SOA::new(root.clone(), root, 1, 1, 1, 1, 60)))
    };
    match target.filter(|(rtype, _)| *rtype == question.query_type()).map(|(_, fault)| fault) {
        Some(Fault::Silence) => return None,
        Some(Fault::Servfail) => response.metadata.response_code = ResponseCode::ServFail,
        Some(Fault::Refused) => response.metadata.response_code = ResponseCode::Refused,
        Some(Fault::TruncatedWithoutTcp) if tcp => return None,
        Some(Fault::TruncatedWithoutTcp) => response.metadata.truncation = true,
        Some(Fault::WrongTransactionId) => response.metadata.id = query.id.wrapping_add(1),
        Some(Fault::Empty) => {}
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

struct Quiet(Mutex<usize>);

impl gather::Progress for Quiet {
    fn update(&self, answered: usize, _: usize) {
        *self.0.lock().unwrap() = answered;
    }
}

/// Audits the small world through a liar; the evidence and the results' outcomes.
async fn audit(
    target: Option<(RecordType, Fault)>,
) -> (Evidence, BTreeMap<&'static str, (&'static str, String)>) {
    audit_through(liar(target).await, "example.com", "mail.example.com", "list.example").await
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
        dns: Some(DnsClient::new(&[Server::Plain(address)], &limits).unwrap()),
    };
    let mut evidence = Evidence {
        target: Target {
            domain: Some(Name::parse(domain).unwrap()),
            ips: vec!["192.0.2.25".parse().unwrap()],
            helo: Some(helo.to_owned()),
            ..Target::default()
        },
        taken_at: 1_795_435_200,
        ..Evidence::default()
    };
    let scope = Scope { lists: vec![Name::lenient(list)], ..Scope::everything() };
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

fn shown(result: &CheckResult) -> String {
    result.findings().iter().map(|finding| finding.problem.summary.clone()).collect::<Vec<_>>().join(" / ")
}

#[test]
fn no_fault_becomes_missing_or_clean() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let (truth, honest) = audit(None).await;
        assert!(truth.failures().next().is_none(), "the honest world answers everything");
        assert_eq!(honest["spf-missing"].0, "pass");
        let types: BTreeSet<RecordType> = truth
            .answers
            .keys()
            .filter_map(|question| match question {
                Question::Dns { rtype, .. } => Some(RecordType::from(rtype.number())),
                _ => None,
            })
            .collect();
        assert!(types.len() >= 5, "{types:?}");
        let mut runs = Vec::new();
        for rtype in types {
            for fault in FAULTS {
                runs.push(async move { (rtype, fault, audit(Some((rtype, fault))).await) });
            }
        }
        let mut wrong = Vec::new();
        for (rtype, fault, (evidence, outcomes)) in futures_util::future::join_all(runs).await {
            for (question, answer) in &evidence.answers {
                let Question::Dns { rtype: asked, .. } = question else { continue };
                if asked.number() == u16::from(rtype) && !matches!(answer.observation, Observation::Failed(_))
                {
                    wrong.push(format!("{fault:?} on {rtype}: {question} became {:?}", answer.observation));
                }
            }
            for (code, (outcome, summary)) in &outcomes {
                let (before, known) = &honest[code];
                // A fault may make an outcome unknown, or leave it; it may not make up
                // a finding, and may not turn one into a pass.
                let invented = *outcome == "fail" && (*before != "fail" || summary != known);
                let cleared = *outcome == "pass" && *before == "fail";
                if invented || cleared {
                    wrong.push(format!(
                        "{fault:?} on {rtype}: {code} went from {before} to {outcome}: {summary}"
                    ));
                }
            }
        }
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    });
}
