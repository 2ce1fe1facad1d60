//! Carries packets between those who send them, the network, and those who answer.

use crate::cluster::Cluster;
use client::Place;
use kubelet::Outgoing;
use network::{Delivery, Target};
use sim::net::{self, HttpResponse, Payload, RequestId};

/// Ids below this are requests from outside; a kubelet's carry its index above it.
pub(crate) const OUTSIDE_IDS: u64 = 1 << 48;

impl Cluster {
    /// Sends a request from a place outside of the containers; its answer is taken by [`Cluster::take_answer`].
    pub fn send(&mut self, from: Place, request: net::Request) -> RequestId {
        let id = RequestId(self.next_request % OUTSIDE_IDS);
        self.next_request += 1;
        self.answers.insert(id, None);
        self.network.send(self.now, id, from, request);
        self.pump_network();
        id
    }

    /// The same for what `kubectl port-forward` carries from the laptop to a port inside a pod.
    pub(crate) fn forward(&mut self, pod: Place, request: net::Request) -> RequestId {
        let id = self.send(pod, request);
        self.network.forwarded(id);
        id
    }

    /// Takes the answer of a request, once it is there.
    pub fn take_answer(&mut self, id: RequestId) -> Option<Result<net::Response, net::Error>> {
        let ready = self.answers.get(&id).is_none_or(Option::is_some);
        // An answer that was dropped because nobody took it for long counts as lost.
        ready.then(|| self.answers.remove(&id).flatten().unwrap_or(Err(net::Error::Timeout)))
    }

    /// Nobody waits for this request's answer any more.
    pub fn cancel(&mut self, id: RequestId) {
        self.answers.remove(&id);
        self.network.cancel(id);
    }

    /// Moves on whatever the network has ready: arrivals at pods and hosts, and answers that are back.
    pub(crate) fn pump_network(&mut self) {
        // Each round carries packets one station on; a walk has few stations, so this ends.
        loop {
            let deliveries = self.network.take_deliveries(self.now);
            let finished = self.network.take_finished(self.now);
            if deliveries.is_empty() && finished.is_empty() {
                break;
            }
            deliveries.into_iter().for_each(|d| self.deliver(d));
            for (id, answer) in finished {
                match (id.0 / OUTSIDE_IDS) as usize {
                    0 => self.keep_answer(id, answer),
                    n => {
                        if let Some(node) = self.nodes.get_mut(n - 1) {
                            node.kubelet.answer(self.now, id, answer);
                            self.run_soon(n - 1);
                        }
                    }
                }
            }
        }
        self.wake_network();
    }

    /// Takes what a kubelet's containers send out and have answered.
    pub(crate) fn pump_kubelet(&mut self, index: usize) {
        if self.take_outgoing(index) {
            self.pump_network();
        }
    }

    fn take_outgoing(&mut self, index: usize) -> bool {
        let outgoing = self.nodes[index].kubelet.take_outgoing();
        let any = !outgoing.is_empty();
        for outgoing in outgoing {
            match outgoing {
                Outgoing::Request { id, from, request } => self.network.send(self.now, id, from, request),
                Outgoing::Answer { id, result } => self.network.delivered(self.now, id, result),
                Outgoing::Cancel { id } => self.network.cancel(id),
            }
        }
        any
    }

    /// Something has arrived where it was going.
    fn deliver(&mut self, delivery: Delivery) {
        let Delivery { id, to, port, peer, payload, .. } = delivery;
        match to {
            Target::Pod { namespace, name } => {
                let holder = self.node_of_pod(&namespace, &name);
                let Some(index) = holder else {
                    return self.network.delivered(self.now, id, Err(net::Error::Timeout));
                };
                let kubelet = &mut self.nodes[index].kubelet;
                kubelet.deliver(self.now, &namespace, &name, port, id, &peer, payload);
                self.pump_kubelet_soon(index);
            }
            Target::Host(node) => match self.node_index(&node) {
                None => self.network.delivered(self.now, id, Err(net::Error::Timeout)),
                Some(index) => {
                    self.nodes[index].kubelet.deliver_host(self.now, port, id, &peer, payload);
                    self.pump_kubelet_soon(index);
                }
            },
            Target::ApiServer => self.network.delivered(self.now, id, Ok(anonymous(&payload))),
            Target::Laptop => {
                if !self.listeners.deliver(port, id, payload) {
                    self.network.delivered(self.now, id, Err(net::Error::ConnectionRefused));
                }
            }
        }
    }

    /// The node on which a pod is, as its object says.
    fn node_of_pod(&self, namespace: &str, name: &str) -> Option<usize> {
        let pod = self.api.object(&api::pod::RESOURCE, namespace, name)?;
        self.node_index(pod.at("spec.nodeName").str())
    }

    /// Takes what a kubelet has answered at once, and lets it run for the rest.
    fn pump_kubelet_soon(&mut self, index: usize) {
        self.take_outgoing(index);
        self.wake_node(index);
    }
}

/// What the API server says to somebody without credentials.
fn anonymous(payload: &Payload) -> net::Response {
    match payload {
        Payload::Http(request) => {
            let why = format!("forbidden: User \"system:anonymous\" cannot get path \"{}\"", request.path);
            let status = apimachinery::Status::new(403, "Forbidden", why);
            let body = status.0.to_json_pretty("  ");
            net::Response::Http(HttpResponse::new(403, "application/json", body))
        }
        Payload::Bytes(_) => net::Response::Bytes(
            b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n".to_vec(),
        ),
        _ => net::Response::Connected,
    }
}
