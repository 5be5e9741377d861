//! What may stand in public DNS. Ranges for documentation and for networks under test count
//! as public: they stand in examples on purpose.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::facts::listings::public::{hidden, special_range};
use crate::model::Name;
use crate::parse::web::host_name;

pub(super) fn is_public(net: IpNet) -> bool {
    special_range(net).is_none_or(|(_, not)| not.stands_for_another())
}

pub(super) fn is_public_address(ip: IpAddr) -> bool {
    hidden(ip).is_none()
}

/// Two labels at least, and no name of an inner network.
pub(super) fn is_public_name(name: &Name) -> bool {
    name.label_count() > 1 && !host_name::is_private(name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_addresses_and_names_stay_out() {
        for ip in [
            "10.1.1.5",
            "192.168.0.1",
            "172.20.0.1",
            "::1",
            "fd00::1",
            "127.0.0.1",
            "100.64.3.3",
            "::ffff:10.0.0.1",
        ] {
            assert!(!is_public_address(ip.parse().unwrap()), "{ip}");
        }
        for ip in ["11.22.33.44", "192.0.2.25", "2a00:1::44", "2001:db8::1", "::ffff:11.22.33.44"] {
            assert!(is_public_address(ip.parse().unwrap()), "{ip}");
        }
        assert!(is_public_name(&Name::lenient("mail.example.com")));
        for inner in ["as400.local", "as400", "mail.home.arpa", "AS400.Lan", "mx.workgroup"] {
            assert!(!is_public_name(&Name::lenient(inner)), "{inner}");
        }
    }
}
