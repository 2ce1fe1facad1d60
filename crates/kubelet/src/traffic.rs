//! What arrives at the node from the network, and what the metrics API asks for.

use crate::Kubelet;
use crate::kubelet::Power;
use crate::net::{Outgoing, Owner};
use crate::worker::{ContainerNo, Worker, WorkerId};
use sim::Time;
use sim::net::{Error, Payload, RequestId, Response};
use std::rc::Rc;

/// What a pod uses.
#[derive(Clone, Debug, PartialEq)]
pub struct PodUsage {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Of each running container: name, thousandths of a CPU, bytes of memory.
    pub containers: Vec<(String, u64, u64)>,
    /// When its first container was started.
    pub since: Time,
}

/// What a node uses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeUsage {
    /// Thousandths of a CPU, with what the system itself needs.
    pub cpu_millis: u64,
    /// Bytes of memory, with what the system itself needs.
    pub memory_bytes: u64,
    /// Its pods.
    pub pods: Vec<PodUsage>,
}

/// What kubelet, runtime and system use of a node: thousandths of a CPU, bytes.
const SYSTEM_USAGE: (u64, u64) = (40, 320 << 20);

impl Kubelet {
    /// The worker of a pod by name; of several (one going, one coming) the newest.
    pub(crate) fn pod_worker(&self, namespace: &str, name: &str) -> Option<&Worker> {
        let named = |w: &&Worker| w.pod.name() == name && w.pod.namespace() == namespace;
        self.workers.values().rev().map(Rc::as_ref).find(named)
    }

    /// Something came in from outside: run soon.
    pub(crate) fn poke(&mut self) {
        self.poked = true;
        self.find_machine_wake();
    }

    /// Runs a container because something came in for it.
    pub(crate) fn run_container(&mut self, now: Time, id: WorkerId, no: ContainerNo) {
        self.with_worker(id, |kubelet, w| kubelet.run_machine(now, w, no));
        self.poke();
    }

    /// A request arrives at a pod's port. It is answered by [`Outgoing::Answer`]: at once when nobody listens.
    #[allow(clippy::too_many_arguments)] // what a packet carries
    pub fn deliver(
        &mut self,
        now: Time,
        namespace: &str,
        name: &str,
        port: u16,
        id: RequestId,
        peer: &str,
        payload: Payload,
    ) {
        let target = self.pod_worker(namespace, name).filter(|w| !w.ip().is_empty()).map(|w| w.id);
        match target {
            Some(worker) if self.power != Power::Off => {
                self.with_worker(worker, |k, w| k.deliver_to_pod(now, w, port, id, payload, peer));
            }
            // Nobody has the address any more: the node finds no neighbour for it.
            Some(_) => self.net.answer(id, Err(Error::Timeout)),
            None => self.net.answer(id, Err(Error::NoRoute)),
        }
        self.poke();
    }

    /// A request arrives at a port of the node itself: its own programs, or pods that share its network.
    pub fn deliver_host(&mut self, now: Time, port: u16, id: RequestId, peer: &str, payload: Payload) {
        if self.power == Power::Off {
            self.net.answer(id, Err(Error::Timeout));
            return;
        }
        let reached = |w: &Worker| Some((w.id, port_on_host(w, port)?));
        if let Some((worker, port)) = self.workers.values().find_map(|w| reached(w)) {
            self.with_worker(worker, |k, w| k.deliver_to_pod(now, w, port, id, payload, peer));
        } else {
            match self.host.machine.deliver(port, id, payload, peer) {
                Ok(()) => self.host.run(now, &mut self.rng, &mut self.net, &mut self.sessions),
                Err(error) => self.net.answer(id, Err(error)),
            }
        }
        self.poke();
    }

    /// Hands a request to whichever of a pod's containers listens.
    pub(crate) fn deliver_to_pod(
        &mut self,
        now: Time,
        w: &mut Worker,
        port: u16,
        id: RequestId,
        payload: Payload,
        peer: &str,
    ) {
        let Some(no) = listener(w, port) else { return self.net.answer(id, Err(Error::ConnectionRefused)) };
        let Some(c) = w.container(no) else { return };
        let Some(machine) = &mut c.machine else { return };
        match machine.deliver(port, id, payload, peer) {
            Ok(()) => {
                c.serving.insert(id);
                self.run_machine(now, w, no);
            }
            Err(error) => self.net.answer(id, Err(error)),
        }
    }

    /// The answer to a request that one of the node's machines sent.
    pub fn answer(&mut self, now: Time, id: RequestId, result: Result<Response, Error>) {
        match self.net.asking.remove(&id) {
            Some(Owner::Container(worker, no)) => {
                self.with_worker(worker, |_, w| {
                    if let Some(c) = w.container(no)
                        && c.asking.remove(&id)
                    {
                        c.answers.insert(id, result);
                    }
                });
                self.run_container(now, worker, no);
            }
            Some(Owner::Host) => {
                self.host.answers.insert(id, result);
                self.host.run(now, &mut self.rng, &mut self.net, &mut self.sessions);
                self.poke();
            }
            None => {} // whoever asked is gone
        }
    }

    /// Whether something in a pod listens on a port: for port-forward.
    pub fn port_open(&self, namespace: &str, pod: &str, port: u16) -> bool {
        self.pod_worker(namespace, pod).is_some_and(|w| listener(w, port).is_some())
    }

    /// Whether a pod of this node runs containers.
    pub fn runs(&self, namespace: &str, pod: &str) -> bool {
        self.power != Power::Off
            && self.pod_worker(namespace, pod).is_some_and(|w| w.running().next().is_some())
    }

    /// What the node and its pods use now.
    pub fn usage(&self) -> NodeUsage {
        let (mut cpu, mut memory) = SYSTEM_USAGE;
        let mut usage = NodeUsage::default();
        for w in self.workers.values().filter(|w| w.running().next().is_some()) {
            let of = |c: &crate::worker::Container| {
                let used = c.machine.as_ref().map(|m| m.usage()).unwrap_or_default();
                let cap = if c.cpu_limit > 0 { c.cpu_limit as u64 } else { u64::MAX };
                (c.name.clone(), used.cpu_millis.min(cap), used.memory_bytes)
            };
            let containers: Vec<(String, u64, u64)> = w.running().map(of).collect();
            cpu += containers.iter().map(|c| c.1).sum::<u64>();
            memory += containers.iter().map(|c| c.2).sum::<u64>();
            usage.pods.push(PodUsage {
                namespace: w.pod.namespace().into(),
                name: w.pod.name().into(),
                since: w.running().filter_map(|c| c.started).min().unwrap_or(w.seen),
                containers,
            });
        }
        usage.cpu_millis = cpu.min(self.config.cpu as u64 * 1000);
        usage.memory_bytes = memory;
        usage
    }

    /// Forgets requests whose answer nobody waits for any more: for whoever carries them.
    pub fn cancel(&mut self, id: RequestId) {
        for w in self.workers.values_mut().map(Rc::make_mut) {
            for c in &mut w.containers {
                c.serving.remove(&id);
            }
        }
        self.net.outgoing.retain(|o| !matches!(o, Outgoing::Answer { id: other, .. } if *other == id));
    }
}

/// The pod's port that a port of the node leads to: by `hostPort`, or because the pod shares the node's network.
fn port_on_host(w: &Worker, port: u16) -> Option<u16> {
    if w.host_network() {
        return listener(w, port).map(|_| port);
    }
    let ports = w.running().flat_map(|c| c.spec["ports"].items());
    let mapped = ports.filter(|p| p["hostPort"].int() == i64::from(port)).map(|p| p["containerPort"].int());
    mapped.into_iter().find_map(|p| u16::try_from(p).ok())
}

/// The container of a pod that listens on a port.
fn listener(w: &Worker, port: u16) -> Option<ContainerNo> {
    w.running().find(|c| c.machine.as_ref().is_some_and(|m| m.listening(port))).map(|c| c.no)
}
