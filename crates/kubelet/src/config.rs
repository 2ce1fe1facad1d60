//! What a node is, and the kubelet's own figures.

use sim::Duration;

/// What the machine under a kubelet is.
#[derive(Clone, Debug)]
pub struct NodeConfig {
    /// Its name, such as `minikube-m02`.
    pub name: String,
    /// Its number among all nodes that ever were; part of every request id, so that ids differ between kubelets.
    pub index: u16,
    /// Its address, such as `192.168.49.3`.
    pub address: String,
    /// How many processors.
    pub cpu: i64,
    /// Memory in bytes.
    pub memory: i64,
    /// The addresses of its pods, such as `10.244.1.0/24`.
    pub pod_cidr: String,
    /// Whether it carries the control plane.
    pub control_plane: bool,
    /// Labels beside those that every kubelet sets.
    pub labels: Vec<(String, String)>,
}

impl NodeConfig {
    /// A node as minikube's docker driver makes it: the first one carries the control plane.
    pub fn minikube(name: &str, index: u16, address: &str, pod_cidr: &str) -> NodeConfig {
        let control_plane = index == 0;
        let mut labels = vec![
            ("minikube.k8s.io/name".to_string(), "minikube".to_string()),
            ("minikube.k8s.io/primary".to_string(), control_plane.to_string()),
        ];
        if control_plane {
            labels.push(("node-role.kubernetes.io/control-plane".into(), String::new()));
        }
        NodeConfig {
            name: name.into(),
            index,
            address: address.into(),
            cpu: 4,
            memory: 8_129_052 * 1024,
            pod_cidr: pod_cidr.into(),
            control_plane,
            labels,
        }
    }
}

/// The version that nodes report.
pub const KUBELET_VERSION: &str = "v1.36.2";
/// The runtime that nodes report.
pub const RUNTIME_VERSION: &str = "containerd://2.1.4";
/// The kernel that nodes report.
pub const KERNEL_VERSION: &str = "6.8.0-64-generic";

/// How many pods run on a node. Mirrors KubeletConfiguration.maxPods.
pub const MAX_PODS: usize = 110;

/// How often the runtime is asked what changed. Mirrors genericPlegRelistPeriod.
pub(crate) const RELIST_PERIOD: Duration = Duration::from_secs(1);
/// How soon a pod's state is read again after a sync that started something without an error.
pub(crate) const RELIST_AFTER_SYNC: Duration = Duration::from_millis(30);
/// How long a worker waits after a failed sync, at least; up to half as long again. Mirrors backOffPeriod.
pub(crate) const BACKOFF_PERIOD: Duration = Duration::from_secs(10);
/// How long between two syncs when all is well, at least; up to half as long again. Mirrors SyncFrequency.
pub(crate) const RESYNC_INTERVAL: Duration = Duration::from_secs(60);
/// How long mounting volumes takes: the volume manager is asked at this interval. Mirrors podAttachAndMountRetryInterval.
pub(crate) const MOUNT_POLL: Duration = Duration::from_millis(300);
/// How long taking a pod's volumes away takes: the volume manager is asked at the same interval. Mirrors WaitForUnmount.
pub(crate) const UNMOUNT_TIME: Duration = Duration::from_millis(300);
/// First and last delay between two attempts to mount a volume. Mirrors exponentialbackoff in the operation executor.
pub(crate) const MOUNT_RETRY: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(122));
/// How long a sync waits for volumes. Mirrors podAttachAndMountTimeout.
pub(crate) const MOUNT_TIMEOUT: Duration = Duration::from_secs(123);
/// How long the runtime takes for a sandbox with its network.
pub(crate) const SANDBOX_TIME: Duration = Duration::from_millis(10);
/// How long the runtime takes to create a container.
pub(crate) const CREATE_TIME: Duration = Duration::from_millis(3);
/// How long the runtime takes to start a container.
pub(crate) const START_TIME: Duration = Duration::from_millis(1);
/// How long the runtime takes from the end of the last process until a pod's sandbox and network are gone.
pub(crate) const STOP_TIME: Duration = Duration::from_millis(200);
/// How long after a container's start the runtime tells of its end at the earliest: even the shortest is seen running once.
pub(crate) const SHORTEST_LIFE: Duration = Duration::from_millis(50);
/// The shortest grace period. Mirrors minimumGracePeriodInSeconds.
pub(crate) const MIN_GRACE: Duration = Duration::from_secs(2);
/// First and last delay of crash and pull back-off. Mirrors imageBackOffPeriod and MaxContainerBackOff.
pub(crate) const BACKOFF: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(300));
/// How often the node's lease is renewed: a quarter of its 40 s.
pub(crate) const LEASE_RENEW: Duration = Duration::from_secs(10);
/// How long a lease lasts.
pub(crate) const LEASE_SECONDS: i64 = 40;
/// How often an unchanged node status is written. Mirrors nodeStatusReportFrequency.
pub(crate) const STATUS_REPORT: Duration = Duration::from_secs(300);
/// How long after its start a kubelet that was away writes its node's status. Mirrors nodeStatusUpdateFrequency.
pub(crate) const STATUS_UPDATE: Duration = Duration::from_secs(10);
/// How many lines of a container's log are kept; the oldest go first, as by rotation.
pub(crate) const MAX_LOG_LINES: usize = 5_000;
/// How many bytes of a container's log are kept.
pub(crate) const MAX_LOG_BYTES: usize = 1 << 20;
/// The longest line of a log; longer ones are split, as the runtime does.
pub(crate) const MAX_LOG_LINE: usize = 16 * 1024;
/// How many bytes of a termination message are kept. Mirrors MaxContainerTerminationMessageLength.
pub(crate) const MAX_TERMINATION_MESSAGE: usize = 4096;
/// How many sessions (exec, attach, logins) a kubelet carries at once.
pub(crate) const MAX_SESSIONS: usize = 64;
/// How many bytes of a session's output wait to be read; more is dropped.
pub(crate) const MAX_SESSION_BYTES: usize = 4 << 20;
/// How often a machine is run again at the same moment because it used up its budget.
pub(crate) const MAX_ROUNDS: usize = 8;
