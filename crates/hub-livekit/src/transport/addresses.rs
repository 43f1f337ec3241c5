//! The addresses that media can leave from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// Addresses of documentation, to which nothing is sent: they only ask the routing table.
const FAR: [IpAddr; 2] =
    [IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1))];

/// The address from which the server is reached, and those of the default routes, each once.
///
/// So a host that has nothing but its loopback works too. Nothing is sent and no name is resolved.
pub(crate) fn local_addresses(server: &[IpAddr]) -> Vec<IpAddr> {
    let mut found = Vec::new();
    for to in server.iter().chain(&FAR) {
        match from(*to) {
            Some(address) if !address.is_unspecified() && !found.contains(&address) => found.push(address),
            _ => {}
        }
    }
    found
}

fn from(to: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = if to.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).ok()?;
    socket.connect(SocketAddr::new(to, 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_loopback_is_reached_from_loopback() {
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let found = local_addresses(&[here, here]);
        assert_eq!(found.iter().filter(|address| **address == here).count(), 1);
        assert_eq!(found.first(), Some(&here));
    }
}
