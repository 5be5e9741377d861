//! Who may send for the domain, and how its mail travels and arrives.

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod arc;
mod bimi;
mod change;
mod dane;
mod dkim;
mod dmarc;
mod mta_sts;
mod mx;
mod relay;
mod reports;
mod require;
mod spf;
mod transport;
mod zone;
mod zone_file;

#[rustfmt::skip]
pub(super) static ROOMS: &[super::Room] = &[
    ("arc", arc::CHECKS),
    ("bimi", bimi::CHECKS),
    ("change", change::CHECKS),
    ("dane", dane::CHECKS),
    ("dkim", dkim::CHECKS),
    ("dmarc", dmarc::CHECKS),
    ("mta-sts", mta_sts::CHECKS),
    ("mx", mx::CHECKS),
    ("relay", relay::CHECKS),
    ("reports", reports::CHECKS),
    ("require", require::CHECKS),
    ("spf", spf::CHECKS),
    ("transport", transport::CHECKS),
    ("zone", zone::CHECKS),
    ("zone-file", zone_file::CHECKS),
];
