//! Which addresses a request may reach. Pure.
//!
//! The blocks are those of IANA's registries of special-purpose addresses (RFC 6890 and its updates).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What lies behind an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The internet.
    Public,
    /// This machine or this house: only for a rule that says so.
    Private,
    /// Nobody's to ask: the link's own (where clouds keep credentials), groups, and what is reserved.
    Never,
}

/// What lies behind an address, whatever form it hides in.
#[must_use]
pub fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        // Loopback, private use (RFC 1918), and what providers share (RFC 6598).
        (127 | 10, ..) | (172, 16..=31, _) | (192, 168, _) | (100, 64..=127, _) => Reach::Private,
        // This network, the link's own, protocol assignments, documentation, the relays of 6to4,
        // benchmarks, groups, and what is reserved.
        (0 | 224..=255, ..)
        | (169, 254, _)
        | (192, 0, 0 | 2)
        | (192, 88, 99)
        | (198, 18..=19, _)
        | (198, 51, 100)
        | (203, 0, 113) => Reach::Never,
        _ => Reach::Public,
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    if address == Ipv6Addr::LOCALHOST {
        return Reach::Private;
    }
    if let Some(inner) = address.to_ipv4_mapped() {
        return reach_v4(inner);
    }
    let [a, b, c, d, e, f, g, h] = address.segments();
    match (a, b) {
        // The well-known prefix of NAT64 (RFC 6052) leads to the address that it ends with.
        (0x64, 0xff9b) if [c, d, e, f] == [0; 4] => {
            let [high, low] = [g.to_be_bytes(), h.to_be_bytes()];
            reach_v4(Ipv4Addr::new(high[0], high[1], low[0], low[1]))
        }
        // Unique local (RFC 4193).
        (0xfc00..=0xfdff, _) => Reach::Private,
        // Protocol assignments with Teredo among them (2001::/23), documentation, and 6to4, which hides
        // an address of version 4.
        (0x2001, 0..=0x01ff) | (0x2001, 0x0db8) | (0x2002, _) | (0x3fff, 0..=0x0fff) => Reach::Never,
        // What is assigned to the internet (RFC 4291, section 2.4).
        (0x2000..=0x3fff, _) => Reach::Public,
        _ => Reach::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_special_block_is_what_it_is_also_inside_another() {
        for (addresses, wanted) in [
            (
                "1.1.1.1 8.8.8.8 172.15.0.1 172.32.0.1 100.63.0.1 100.128.0.1 192.167.0.1 223.255.255.255 2606:4700::1 \
              ::ffff:1.1.1.1 64:ff9b::808:808",
                Reach::Public,
            ),
            (
                "127.0.0.1 127.255.255.254 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 100.64.0.1 100.127.255.255 ::1 \
              fc00::1 fdff::1 ::ffff:127.0.0.1 ::ffff:192.168.0.1 64:ff9b::7f00:1 64:ff9b::a00:1",
                Reach::Private,
            ),
            (
                "0.0.0.0 0.1.2.3 169.254.169.254 169.254.0.1 192.0.0.1 192.0.2.1 192.88.99.1 198.18.0.1 198.19.255.255 \
              198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 :: fe80::1 fec0::1 ff02::1 \
              ff0e::1 100::1 2001:db8::1 2001::1 2001:10::1 2002:7f00:1:: 2002:808:808:: 3fff::1 64:ff9b:1::1 \
              ::ffff:169.254.169.254 64:ff9b::a9fe:a9fe ::127.0.0.1 ::7f00:1 4000::1 5f00::1",
                Reach::Never,
            ),
        ] {
            for address in addresses.split_whitespace() {
                assert_eq!(reach(address.parse().unwrap()), wanted, "{address}");
            }
        }
    }
}
