//! The addresses of one host that is about to be talked to, as a system's own
//! look-up would give them: A and AAAA, from zone files and then the network.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::{Limits, Reply, Sources, ask};
use crate::model::{Name, Observation, Question, Rdata, RecordType};

/// IPv4 first, each in order. The text says why there is none.
pub(crate) async fn of(host: &Name, sources: &Sources, limits: &Limits) -> Result<Vec<IpAddr>, String> {
    let in_flight = Arc::new(Semaphore::new(2));
    let one = |rtype| {
        let question = Question::Dns { name: host.clone(), rtype };
        ask(question, sources, limits, in_flight.clone())
    };
    let (mut found, mut failed) = (Vec::new(), None);
    let (first, second) = futures_util::future::join(one(RecordType::A), one(RecordType::Aaaa)).await;
    for reply in [first, second] {
        let Reply::Dns(question, answer) = reply else { continue };
        match answer.observation {
            Observation::Seen(records) => {
                let mut addresses: Vec<IpAddr> = records
                    .iter()
                    .filter_map(|record| match record.rdata {
                        Rdata::A(ip) => Some(ip.into()),
                        Rdata::Aaaa(ip) => Some(ip.into()),
                        _ => None,
                    })
                    .collect();
                addresses.sort();
                found.extend(addresses);
            }
            Observation::Absent(_) => {}
            Observation::Failed(failure) => failed = Some(format!("{question}: {failure}")),
            Observation::NotAttempted(why) => failed = Some(format!("{question}: {why}")),
        }
    }
    match (found.is_empty(), failed) {
        (false, _) => Ok(found),
        (true, Some(failed)) => Err(failed),
        (true, None) => Err("the name has no address in DNS".to_owned()),
    }
}
