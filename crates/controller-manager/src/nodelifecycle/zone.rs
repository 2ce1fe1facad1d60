//! How many nodes of the cluster are in trouble. Mirrors ComputeZoneState.

use super::EVICTION_RATE;

/// From which part of not ready nodes on a zone counts as unhealthy. Mirrors `--unhealthy-zone-threshold`.
const UNHEALTHY: f64 = 0.55;
/// Up to how many nodes a cluster is small: then an unhealthy one is not emptied at all.
/// Mirrors `--large-cluster-size-threshold`.
const LARGE: usize = 50;
/// The rate of an unhealthy large one. Mirrors `--secondary-node-eviction-rate`.
const SECONDARY_RATE: f64 = 0.01;

/// The state of the cluster's one zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// Not looked at yet.
    Initial,
    /// Most nodes are ready.
    Normal,
    /// Many are not.
    Partial,
    /// None is.
    Full,
}

impl Zone {
    /// From the status of every node's condition Ready.
    pub fn of(states: &[String]) -> Zone {
        let unready = states.iter().filter(|s| *s != "True").count();
        match () {
            () if unready > 0 && unready == states.len() => Zone::Full,
            () if unready > 2 && unready as f64 / states.len() as f64 >= UNHEALTHY => Zone::Partial,
            () => Zone::Normal,
        }
    }

    /// How many nodes a second may be emptied.
    pub fn eviction_rate(self, nodes: usize) -> f64 {
        match self {
            Zone::Initial | Zone::Normal => EVICTION_RATE,
            Zone::Partial if nodes > LARGE => SECONDARY_RATE,
            Zone::Partial | Zone::Full => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_in_trouble_is_emptied_slowly_or_not_at_all() {
        let states = |ready: usize, unready: usize| -> Vec<String> {
            let list = std::iter::repeat_n("True", ready).chain(std::iter::repeat_n("Unknown", unready));
            list.map(str::to_string).collect()
        };
        assert_eq!(Zone::of(&states(2, 1)), Zone::Normal);
        assert_eq!(Zone::of(&states(1, 2)), Zone::Normal);
        assert_eq!(Zone::of(&states(0, 3)), Zone::Full);
        assert_eq!(Zone::of(&states(2, 3)), Zone::Partial);
        assert_eq!(Zone::Partial.eviction_rate(5), 0.0);
        assert_eq!(Zone::Normal.eviction_rate(5), 0.1);
    }
}
