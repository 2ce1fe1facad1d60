//! Addresses for pods: the host-local plugin of CNI. Walks the node's range round and round, so that an address that
//! was given back is used again as late as possible.

use sim::collections::BTreeSet;

/// The addresses of one node's pods.
#[derive(Clone, Debug)]
pub(crate) struct Ipam {
    base: u32,
    last: u32,
    next: u32,
    taken: BTreeSet<u32>,
}

impl Ipam {
    /// Of a range such as `10.244.1.0/24`. The first address is the bridge's, the last is for broadcast.
    pub(crate) fn new(cidr: &str) -> Ipam {
        let (address, bits) = cidr.split_once('/').unwrap_or((cidr, "24"));
        let bits: u32 = bits.parse().ok().filter(|b| (8..=29).contains(b)).unwrap_or(24);
        let size = 1u32 << (32 - bits);
        let base = address.split('.').fold(0u32, |n, part| (n << 8) | part.parse::<u32>().unwrap_or(0))
            & !(size - 1);
        Ipam { base, last: size - 2, next: 2, taken: BTreeSet::new() }
    }

    /// Takes the next free address; `None` when all are taken.
    pub(crate) fn allocate(&mut self) -> Option<String> {
        let count = self.last - 1;
        let free = (0..count).map(|i| 2 + (self.next - 2 + i) % count).find(|n| !self.taken.contains(n))?;
        self.taken.insert(free);
        self.next = if free == self.last { 2 } else { free + 1 };
        let n = self.base + free;
        Some(format!("{}.{}.{}.{}", n >> 24, n >> 16 & 255, n >> 8 & 255, n & 255))
    }

    /// Gives an address back.
    pub(crate) fn release(&mut self, address: &str) {
        let n = address.split('.').fold(0u32, |n, part| (n << 8) | part.parse::<u32>().unwrap_or(0));
        self.taken.remove(&n.wrapping_sub(self.base));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_never_shared_and_used_again_late() {
        let mut ipam = Ipam::new("10.244.1.0/24");
        assert_eq!(ipam.allocate().unwrap(), "10.244.1.2");
        ipam.release("10.244.1.2");
        assert_eq!(ipam.allocate().unwrap(), "10.244.1.3");
        let rest: BTreeSet<String> = std::iter::from_fn(|| ipam.allocate()).collect();
        assert_eq!(rest.len(), 252);
        assert!(
            rest.contains("10.244.1.2") && !rest.contains("10.244.1.3") && !rest.contains("10.244.1.255")
        );
    }
}
