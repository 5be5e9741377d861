//! A DNS server on a free loopback port, UDP and TCP, that answers what it is
//! told to: with records, with silence, with SERVFAIL, or only over TCP.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;

use hickory_resolver::proto::op::{Message, MessageType, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME, MX, NS, NULL, PTR, SOA, TXT};
use hickory_resolver::proto::rr::{self, RData};
use mailvet::model::{Absence, Answer, Name, Observation, Rdata, RecordType};

/// What the server does with a question.
pub enum Say {
    Answer(Answer),
    /// Over UDP a truncated answer without records, the whole one over TCP.
    OverTcp(Answer),
    Silence,
    Servfail,
}

type Script = dyn Fn(&Name, RecordType) -> Say + Send + Sync;

/// Starts the server; its threads live as long as the process.
pub fn serve(script: impl Fn(&Name, RecordType) -> Say + Send + Sync + 'static) -> SocketAddr {
    let script: Arc<Script> = Arc::new(script);
    let (udp, tcp) = loop {
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()) {
            break (udp, tcp);
        }
    };
    let address = udp.local_addr().unwrap();
    let over_udp = script.clone();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok((length, client)) = udp.recv_from(&mut buffer) {
            // A panic in the script must fail the test that caused it, not silence the server.
            let answered = std::panic::AssertUnwindSafe(|| reply(&buffer[..length], &*over_udp, true));
            if let Some(reply) = std::panic::catch_unwind(answered).unwrap_or_default() {
                let _ = udp.send_to(&reply, client);
            }
        }
    });
    std::thread::spawn(move || {
        for stream in tcp.incoming().flatten() {
            let script = script.clone();
            std::thread::spawn(move || converse(stream, &*script));
        }
    });
    address
}

fn converse(mut stream: TcpStream, script: &Script) -> Option<()> {
    loop {
        let mut length = [0; 2];
        stream.read_exact(&mut length).ok()?;
        let mut request = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut request).ok()?;
        if let Some(reply) = reply(&request, script, false) {
            stream.write_all(&u16::try_from(reply.len()).ok()?.to_be_bytes()).ok()?;
            stream.write_all(&reply).ok()?;
        }
    }
}

fn reply(request: &[u8], script: &Script, udp: bool) -> Option<Vec<u8>> {
    let request = Message::from_vec(request).ok()?;
    let query = request.queries.first()?.clone();
    let name = Name::from_labels(query.name().iter());
    let mut message = Message::new(request.metadata.id, MessageType::Response, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.metadata.recursion_available = true;
    message.add_query(query.clone());
    let rtype = RecordType::from_number(query.query_type().into());
    let answer = match script(&name, rtype) {
        Say::Silence => return None,
        Say::Servfail => {
            message.metadata.response_code = ResponseCode::ServFail;
            return message.to_vec().ok();
        }
        Say::OverTcp(_) if udp => {
            message.metadata.truncation = true;
            return message.to_vec().ok();
        }
        Say::Answer(answer) | Say::OverTcp(answer) => answer,
    };
    let mut owner = query.name().clone();
    for alias in &answer.aliases {
        let target = wire(alias);
        message.add_answer(rr::Record::from_rdata(owner, 60, RData::CNAME(CNAME(target.clone()))));
        owner = target;
    }
    match &answer.observation {
        Observation::Seen(records) => {
            for record in records {
                message.add_answer(rr::Record::from_rdata(owner.clone(), 60, rdata(&record.rdata)));
            }
        }
        Observation::Absent(absence) => {
            if *absence == Absence::Nxdomain {
                message.metadata.response_code = ResponseCode::NXDomain;
            }
            let host = wire(&Name::lenient("ns.invalid"));
            let soa = SOA::new(host.clone(), host, 1, 60, 60, 60, 60);
            message.add_authority(rr::Record::from_rdata(rr::Name::root(), 60, RData::SOA(soa)));
        }
        _ => message.metadata.response_code = ResponseCode::ServFail,
    }
    let bytes = message.to_vec().ok()?;
    if udp && bytes.len() > 1232 {
        message.metadata.truncation = true;
        message.answers.clear();
        return message.to_vec().ok();
    }
    Some(bytes)
}

fn wire(name: &Name) -> rr::Name {
    let labels = name.raw_labels();
    let mut name = rr::Name::from_labels(labels.iter().map(Vec::as_slice)).unwrap();
    name.set_fqdn(true);
    name
}

fn rdata(rdata: &Rdata) -> RData {
    match rdata {
        Rdata::A(ip) => RData::A(A(*ip)),
        Rdata::Aaaa(ip) => RData::AAAA(AAAA(*ip)),
        Rdata::Mx { preference, exchange } => RData::MX(MX::new(*preference, wire(exchange))),
        Rdata::Ptr(name) => RData::PTR(PTR(wire(name))),
        Rdata::Ns(name) => RData::NS(NS(wire(name))),
        Rdata::Cname(name) => RData::CNAME(CNAME(wire(name))),
        // A TXT record without any string cannot be written on the wire.
        Rdata::Txt(strings) if strings.is_empty() => RData::TXT(TXT::from_bytes(vec![b""])),
        Rdata::Txt(strings) => RData::TXT(TXT::from_bytes(strings.iter().map(Vec::as_slice).collect())),
        Rdata::Spf(strings) => {
            let length = |string: &Vec<u8>| u8::try_from(string.len()).unwrap();
            let bytes =
                strings.iter().flat_map(|s| std::iter::once(length(s)).chain(s.iter().copied())).collect();
            RData::Unknown { code: rr::RecordType::Unknown(99), rdata: NULL::with(bytes) }
        }
        other => panic!("{other} is not served here"),
    }
}

#[test]
fn world_dns_serves_over_tcp() {
    let server = serve(|_, _| Say::OverTcp(Answer::given(Observation::Absent(Absence::NoData))));
    let query = rr::Name::from_ascii("example.com.").unwrap();
    let mut message = Message::new(7, MessageType::Query, OpCode::Query);
    message.add_query(hickory_resolver::proto::op::Query::query(query, rr::RecordType::TXT));
    let bytes = message.to_vec().unwrap();
    let mut stream = TcpStream::connect(server).unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_secs(5))).unwrap();
    stream.write_all(&u16::try_from(bytes.len()).unwrap().to_be_bytes()).unwrap();
    stream.write_all(&bytes).unwrap();
    let mut length = [0; 2];
    stream.read_exact(&mut length).unwrap();
    let mut reply = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut reply).unwrap();
    assert_eq!(Message::from_vec(&reply).unwrap().authorities.len(), 1);
}

#[test]
fn world_dns_is_asked_over_tcp_where_udp_is_cut() {
    use mailvet::gather::{Limits, dns::DnsClient, resolver::Server};
    let server = serve(|_, _| Say::OverTcp(Answer::given(Observation::Absent(Absence::NoData))));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let started = std::time::Instant::now();
    let answer = runtime.block_on(async {
        let limits = Limits::default();
        let client = DnsClient::new(&[Server::Plain(server)], &limits).unwrap();
        client.ask(&Name::lenient("example.com"), RecordType::Txt, &limits).await
    });
    eprintln!("{:?} after {:?}", answer.observation, started.elapsed());
    assert_eq!(answer.observation, Observation::Absent(Absence::NoData));
}
