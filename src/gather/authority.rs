//! Questions to a zone's own name servers, without recursion. Not through
//! hickory's pool, which drops what shows a lame server: the AA bit.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::proto::op::{DnsResponse, Edns, Message, Query, ResponseCode};
use hickory_resolver::proto::rr::RData;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};

use super::Limits;
use super::wire::{self, Said};
use crate::model::{Absence, Failure, Name, Observation, RecordType, ServerAnswer};

/// Delegations name no port.
const PORT: u16 = 53;
/// UDP loses questions; a server has so many chances within the bound.
const TRIES: u32 = 3;

/// Asks one server.
pub(super) async fn ask(
    server: IpAddr,
    name: &Name,
    rtype: RecordType,
    limits: &Limits,
) -> Observation<ServerAnswer> {
    let wire_name = match wire::name_to_wire(name) {
        Ok(wire_name) => wire_name,
        Err(why) => return Observation::Failed(Failure::Unaskable(why)),
    };
    let mut question = Message::query();
    question.add_query(Query::query(wire_name, rtype.number().into()));
    question.metadata.recursion_desired = false;
    question.edns.get_or_insert_with(Edns::new).set_max_payload(1232);
    let exchange = exchange(SocketAddr::new(server, PORT), &question, limits.question);
    match tokio::time::timeout(limits.question, exchange).await {
        Err(_) => Observation::Failed(Failure::Timeout),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::TimedOut => {
            Observation::Failed(Failure::Timeout)
        }
        Ok(Err(error)) => Observation::Failed(Failure::Network(error.to_string())),
        Ok(Ok(message)) => read(message, name, rtype),
    }
}

/// UDP, and TCP where the answer is cut off.
async fn exchange(server: SocketAddr, question: &Message, bound: Duration) -> std::io::Result<Message> {
    let bytes = question.to_vec().map_err(std::io::Error::other)?;
    let any: IpAddr = if server.is_ipv4() { [0, 0, 0, 0].into() } else { [0; 16].into() };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(server).await?;
    let mut buffer = vec![0; 4096];
    let mut answer = None;
    'tries: for _ in 0..TRIES {
        socket.send(&bytes).await?;
        let until = tokio::time::Instant::now() + bound / (TRIES + 1);
        while let Ok(received) = tokio::time::timeout_at(until, socket.recv(&mut buffer)).await {
            let length = received?;
            let message = buffer.get(..length).and_then(|bytes| Message::from_vec(bytes).ok());
            if let Some(message) = message.filter(|message| is_answer(message, question)) {
                answer = Some(message);
                break 'tries;
            }
        }
    }
    let Some(answer) = answer else { return Err(std::io::ErrorKind::TimedOut.into()) };
    if !answer.truncation {
        return Ok(answer);
    }
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(bytes.len()).map_err(std::io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes()[..], &bytes].concat()).await?;
    let length = stream.read_u16().await?;
    let mut reply = vec![0; length.into()];
    stream.read_exact(&mut reply).await?;
    let message = Message::from_vec(&reply).map_err(std::io::Error::other)?;
    if is_answer(&message, question) {
        Ok(message)
    } else {
        Err(std::io::Error::other("another question's answer"))
    }
}

fn is_answer(message: &Message, question: &Message) -> bool {
    let same = |a: &Query, b: &Query| {
        a.name().to_lowercase() == b.name().to_lowercase() && a.query_type() == b.query_type()
    };
    message.id == question.id
        && message.queries.len() == 1
        && message.queries.iter().zip(&question.queries).all(|(a, b)| same(a, b))
}

fn read(message: Message, name: &Name, rtype: RecordType) -> Observation<ServerAnswer> {
    let lame =
        |how: &str| Observation::Seen(ServerAnswer { lame: Some(how.to_owned()), ..ServerAnswer::default() });
    match message.response_code {
        ResponseCode::NoError | ResponseCode::NXDomain => {}
        ResponseCode::Refused => return lame("it answers REFUSED"),
        ResponseCode::NotAuth => return lame("it answers NOTAUTH"),
        ResponseCode::ServFail => {
            return lame("it answers SERVFAIL, as if it had no usable copy of the zone");
        }
        other => return Observation::Failed(Failure::Rcode(other.to_string())),
    }
    if !message.authoritative {
        let cut = message.authorities.iter().find(|record| matches!(record.data, RData::NS(_)));
        return match cut {
            Some(cut) if message.answers.is_empty() => {
                let referral = Some(wire::name_from_wire(&cut.name));
                Observation::Seen(ServerAnswer { referral, ..ServerAnswer::default() })
            }
            _ => lame("it answers without authority (AA is not set)"),
        };
    }
    let is_nxdomain = message.response_code == ResponseCode::NXDomain;
    let Ok(response) = DnsResponse::from_message(message) else {
        return Observation::Failed(Failure::Malformed("the answer cannot be read again".to_owned()));
    };
    let has_soa = response.soa().is_some();
    let absent = |absence, aliases| {
        Observation::Seen(ServerAnswer { absent: Some(absence), aliases, ..ServerAnswer::default() })
    };
    match wire::read(&response, name, rtype) {
        Said::GoOn { aliases, .. } => Observation::Seen(ServerAnswer { aliases, ..ServerAnswer::default() }),
        Said::Settled { observation, aliases, .. } => match observation {
            Observation::Seen(found) => {
                let mut records: Vec<String> = found.iter().map(|record| record.rdata.to_string()).collect();
                records.sort();
                let ttl = found.iter().map(|record| record.ttl).max().unwrap_or_default();
                Observation::Seen(ServerAnswer { records, aliases, ttl, ..ServerAnswer::default() })
            }
            Observation::Absent(absence) => absent(absence, aliases),
            // With authority, a denial without an SOA record is still one.
            Observation::Failed(Failure::Empty) => absent(Absence::NoData, aliases),
            Observation::Failed(Failure::Mismatched(_)) if is_nxdomain && !has_soa => {
                absent(Absence::Nxdomain, aliases)
            }
            Observation::Failed(failure) => Observation::Failed(failure),
            Observation::NotAttempted(why) => Observation::NotAttempted(why),
        },
    }
}
