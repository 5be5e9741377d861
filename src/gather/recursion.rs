//! `--resolver recurse`: from the root down to each zone's own servers, with
//! nobody in between. Blocklists refuse the resolvers of large services; this
//! asks them from our own address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Instant;

use hickory_resolver::net::NetError;
use hickory_resolver::proto::op::{DnsResponse, Query};
use hickory_resolver::recursor::{DnssecPolicy, QNameMinimization, Recursor, RecursorError, RecursorOptions};

use super::extended_errors::Listening;
use super::resolver::ResolverError;
pub use super::resolver::Roots;

/// The root servers (IANA root hints of 2024-08-17, unchanged on 2026-11-23).
const ROOTS_4: [[u8; 4]; 13] = [
    [198, 41, 0, 4],
    [170, 247, 170, 2],
    [192, 33, 4, 12],
    [199, 7, 91, 13],
    [192, 203, 230, 10],
    [192, 5, 5, 241],
    [192, 112, 36, 4],
    [198, 97, 190, 53],
    [192, 36, 148, 17],
    [192, 58, 128, 30],
    [193, 0, 14, 129],
    [199, 7, 83, 42],
    [202, 12, 27, 33],
];
/// Some of them over IPv6, for hosts without IPv4.
const ROOTS_6: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0x2001, 0x503, 0xba3e, 0, 0, 0, 2, 0x30),
    Ipv6Addr::new(0x2001, 0x500, 0x2f, 0, 0, 0, 0, 0xf),
    Ipv6Addr::new(0x2001, 0x7fd, 0, 0, 0, 0, 0, 1),
];

/// A recursor with its cache.
pub struct Recursion(Recursor<Listening>);

impl Recursion {
    /// A recursor from `roots` down, which listens where it must with `listening`.
    ///
    /// # Errors
    /// Where no root server's address is given, or the recursor cannot be set up.
    pub fn new(roots: &Roots, listening: Listening) -> Result<Recursion, ResolverError> {
        let mut options = RecursorOptions {
            case_randomization: true,
            edns_payload_len: 1232, // DNS flag day 2020: no fragments.
            // Servers that answer NXDOMAIN for a name with names below it (many serve
            // DNS lists) would otherwise make all below it look absent.
            qname_minimization: QNameMinimization::Relaxed,
            ..RecursorOptions::default()
        };
        let addresses = match roots {
            Roots::Internet => {
                let four = ROOTS_4.iter().map(|octets| IpAddr::from(Ipv4Addr::from(*octets)));
                four.chain(ROOTS_6.iter().copied().map(IpAddr::from)).collect()
            }
            Roots::Own(addresses) => {
                options.deny_server.clear();
                addresses.clone()
            }
        };
        if addresses.is_empty() {
            return Err(ResolverError::Setup("the root hints name no address".to_owned()));
        }
        let recursor = Recursor::new(&addresses, DnssecPolicy::ValidationDisabled, None, options, listening)
            .map_err(|error| ResolverError::Setup(error.to_string()))?;
        Ok(Recursion(recursor))
    }

    /// One question, from the cache or from its zone's servers.
    pub(crate) async fn exchange(&self, query: Query, signatures: bool) -> Result<DnsResponse, NetError> {
        match self.0.resolve(query, Instant::now(), signatures).await {
            Ok(message) => DnsResponse::from_message(message).map_err(NetError::from),
            Err(RecursorError::Net(error)) => Err(error),
            Err(RecursorError::Timeout) => Err(NetError::Timeout),
            Err(error @ RecursorError::Negative(_)) => Err(error.into()),
            // hickory keeps only the words of what ended the search for a zone's servers.
            Err(error) => {
                let words = error.to_string();
                Err(if words.contains("timed out") { NetError::Timeout } else { NetError::from(words) })
            }
        }
    }
}
