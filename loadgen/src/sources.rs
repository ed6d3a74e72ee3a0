//! Which local address a connection comes from, so that ports do not run out.
//!
//! A connection is told from others by four numbers, of which three are usually the same: to one server from one
//! address there are as many connections as local ports, 28,232 by default, those closed in the last minute included.
//! On loopback every 127.x.y.z is a local address, and each brings its own ports. The segments of one schedule, which run
//! at the same time, each have addresses of their own, since none knows how many ports the others hold. Elsewhere the kernel chooses, and
//! running out is an error of its own class.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The kernel's default range of local ports, where it cannot be read.
const DEFAULT_PORTS: u64 = 28_232;
/// Source addresses that are gone through: 127.0.1.1 to 127.0.1.250; 127.0.2.1 to 127.0.2.250 for the second segment, and
/// so on for as many segments.
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
    /// Which segment of the schedule it is for, counted from 0.
    segment: u64,
}

impl Sources {
    pub(crate) fn new(target: SocketAddr, new_connections: bool, segment: u64) -> Self {
        let loopback = matches!(target.ip(), IpAddr::V4(ip) if ip.is_loopback());
        let ports = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range");
        let ports = ports.ok().and_then(|range| port_count(&range)).unwrap_or(DEFAULT_PORTS);
        Self { loopback, each: (ports * 3 / 4).max(1), new_connections, segment }
    }

    /// The address for the `opened`-th socket of a connection; `None` leaves it to the kernel.
    pub(crate) fn pick(&self, connection: u64, opened: u64) -> Option<Ipv4Addr> {
        let place = match (self.loopback, self.new_connections, self.segment) {
            (false, ..) => return None,
            (true, true, _) => connection + opened,
            (true, false, 0) if connection < self.each => return None,
            (true, false, 0) => connection / self.each - 1,
            (true, false, _) => connection / self.each,
        };
        let octet = |number: u64| u8::try_from(number % ADDRESSES + 1).unwrap_or(1);
        Some(Ipv4Addr::new(127, 0, octet(self.segment), octet(place)))
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
        Sources { loopback, each: 1_000, new_connections, segment: 0 }
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
    fn segments_have_no_address_in_common() {
        for new_connections in [false, true] {
            let mut owners = std::collections::HashMap::new();
            for segment in 0..4 {
                let sources = Sources { segment, ..sources(true, new_connections) };
                for connection in (0..5_000).step_by(250) {
                    let owner = *owners.entry(sources.pick(connection, 0)).or_insert(segment);
                    assert_eq!(owner, segment, "{new_connections}, connection {connection}");
                }
            }
        }
        let second = Sources { segment: 1, ..sources(true, false) };
        assert_eq!(second.pick(999, 7), Some(Ipv4Addr::new(127, 0, 2, 1)));
        assert_eq!(second.pick(1_000, 0), Some(Ipv4Addr::new(127, 0, 2, 2)));
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
