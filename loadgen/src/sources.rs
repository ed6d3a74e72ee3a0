//! Which local address a connection comes from, so that ports do not run out.
//!
//! A connection is told from others by four numbers, of which three are usually the same: to one server from one
//! address there are as many connections as local ports, 28,232 by default, those closed in the last minute included.
//! On loopback every 127.x.y.z is a local address, and each brings its own ports. Elsewhere the kernel chooses, and
//! running out is an error of its own class.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The kernel's default range of local ports, where it cannot be read.
const DEFAULT_PORTS: u64 = 28_232;
/// Source addresses that are gone through: 127.0.1.1 to 127.0.1.250.
const ADDRESSES: u64 = 250;

/// The choice of source addresses for one session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sources {
    /// Whether the target is an IPv4 loopback address.
    loopback: bool,
    /// Connections from one address: three quarters of the ports, since others need some too.
    each: u64,
    /// Whether every request has a connection of its own, each of which holds its port for a minute.
    new_connections: bool,
}

impl Sources {
    pub(crate) fn new(target: SocketAddr, new_connections: bool) -> Self {
        let loopback = matches!(target.ip(), IpAddr::V4(ip) if ip.is_loopback());
        let ports = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range");
        let ports = ports.ok().and_then(|range| port_count(&range)).unwrap_or(DEFAULT_PORTS);
        Self { loopback, each: (ports * 3 / 4).max(1), new_connections }
    }

    /// The address for the `opened`-th socket of a connection; `None` leaves it to the kernel.
    pub(crate) fn pick(&self, connection: u64, opened: u64) -> Option<Ipv4Addr> {
        let place = match (self.loopback, self.new_connections) {
            (false, _) => return None,
            (true, true) => connection + opened,
            (true, false) if connection < self.each => return None,
            (true, false) => connection / self.each - 1,
        };
        let last = u8::try_from(place % ADDRESSES + 1).unwrap_or(1);
        Some(Ipv4Addr::new(127, 0, 1, last))
    }
}

/// How many ports `first last` are.
fn port_count(range: &str) -> Option<u64> {
    let mut ends = range.split_whitespace().map(str::parse::<u64>);
    let (first, last) = (ends.next()?.ok()?, ends.next()?.ok()?);
    Some(last.checked_sub(first)? + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(loopback: bool, new_connections: bool) -> Sources {
        Sources { loopback, each: 1_000, new_connections }
    }

    #[test]
    fn the_kernel_chooses_until_ports_would_run_out() {
        let sources = sources(true, false);
        assert_eq!(sources.pick(999, 7), None);
        assert_eq!(sources.pick(1_000, 0), Some(Ipv4Addr::new(127, 0, 1, 1)));
        assert_eq!(sources.pick(1_999, 3), Some(Ipv4Addr::new(127, 0, 1, 1)));
        assert_eq!(sources.pick(2_000, 0), Some(Ipv4Addr::new(127, 0, 1, 2)));
    }

    #[test]
    fn a_connection_for_each_request_comes_from_all_addresses_in_turn() {
        let sources = sources(true, true);
        let picked: std::collections::HashSet<_> = (0..250).map(|opened| sources.pick(3, opened)).collect();
        assert_eq!(picked.len(), 250);
    }

    #[test]
    fn off_loopback_the_kernel_chooses() {
        assert_eq!(sources(false, true).pick(1_000_000, 5), None);
    }

    #[test]
    fn ports_are_counted_from_first_to_last() {
        assert_eq!(port_count("32768\t60999\n"), Some(DEFAULT_PORTS));
        assert_eq!(port_count("5 4"), None);
    }
}
