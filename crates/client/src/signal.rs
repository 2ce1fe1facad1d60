use crate::Place;
use sim::Time;
use sim::net::{Error, RequestId};

/// Something that the picture may show: plain data, raised where it happens.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Signal {
    /// When.
    pub at: Time,
    /// Who says it: `kubectl`, `replicaset-controller`, `default-scheduler`, `kubelet/minikube`, `kube-proxy`, ...
    pub agent: String,
    /// What.
    pub kind: SignalKind,
}

/// Names an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // Kubernetes' own words
pub struct ObjectRef {
    pub kind: String,
    pub namespace: String,
    pub name: String,
}

impl ObjectRef {
    /// The reference to an object.
    pub fn of(object: &apimachinery::Object) -> ObjectRef {
        ObjectRef {
            kind: object.kind().into(),
            namespace: object.namespace().into(),
            name: object.name().into(),
        }
    }
}

/// What a signal tells.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum SignalKind {
    /// Somebody changed something through the API.
    Change {
        /// `create`, `update`, `patch`, `delete`, `deletecollection`.
        verb: String,
        /// What was changed.
        object: ObjectRef,
        /// The subresource, or empty.
        subresource: String,
        /// HTTP status of the answer.
        code: u16,
    },
    /// A component decided something: what, about which object, and why, in one sentence of English.
    Decision {
        /// About what.
        object: ObjectRef,
        /// What was decided and why.
        text: String,
        /// Details, such as a node's score or why it was rejected: (name, text).
        details: Vec<(String, String)>,
    },
    /// A packet moves one hop.
    Hop {
        /// Which request.
        request: RequestId,
        /// From where.
        from: Hop,
        /// To where.
        to: Hop,
        /// When it arrives (it left at the signal's `at`).
        arrives: Time,
        /// Whether it is the way back.
        answer: bool,
        /// Why it goes this way, such as the rule that chose the endpoint.
        why: String,
    },
    /// A request has ended.
    End {
        /// Which request.
        request: RequestId,
        /// Where it ended.
        at: Hop,
        /// How.
        outcome: Outcome,
    },
    /// Somebody did something to the cluster from outside: a node was stopped, cut off, filled.
    Fault {
        /// What was done, in words.
        text: String,
        /// To which node or pod.
        object: ObjectRef,
    },
}

/// A station on a packet's way.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Hop {
    /// A place that packets start from.
    Place(Place),
    /// A Service's virtual address, as (namespace, name).
    Service(String, String),
    /// Something outside of the cluster, by its name or address.
    Outside(String),
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Outcome {
    /// An HTTP status, or 0 for an answer without one.
    Answered(u16),
    /// It failed, and why in one sentence.
    Failed(Error, String),
}
