use kubelet::Images;
use sim::Time;

/// The most nodes a cluster starts with.
pub const MAX_NODES: usize = 5000;

/// What a cluster is made from. The same configuration and the same inputs give the same trace.
#[derive(Clone)]
pub struct Config {
    /// How many nodes, the control plane's included; at least 1, at most [`MAX_NODES`].
    pub nodes: usize,
    /// All randomness comes from this.
    pub seed: u64,
    /// The virtual wall clock when `minikube start` was typed.
    pub start: Time,
    /// The images that registries have.
    pub images: Images,
}

impl Default for Config {
    /// `minikube start --nodes 3`, on the morning of 5 January 2026.
    fn default() -> Config {
        Config { nodes: 3, seed: 1, start: Time::from_secs(1_767_600_000), images: Images::default() }
    }
}

/// The name of the n-th node, as minikube names them: `minikube`, `minikube-m02`, ...
pub(crate) fn node_name(index: usize) -> String {
    if index == 0 { "minikube".into() } else { format!("minikube-m{:02}", index + 1) }
}

/// The address of the n-th node. With more than 250 nodes the addresses go on in the next networks.
pub(crate) fn node_address(index: usize) -> String {
    format!("192.168.{}.{}", 49 + index / 250, 2 + index % 250)
}
