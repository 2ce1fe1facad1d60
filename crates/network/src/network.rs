//! The component: requests under way, and the interface to those who send and answer them.

use crate::cni::{Arrival, Router, Sender, To};
use crate::dns::{self, Resolved};
use crate::kube_proxy::{self, KubeProxy};
use crate::record::Asked;
use crate::view::{Machine, View};
use crate::walk::{BETWEEN_NODES, GIVE_UP, Leg, Walk};
use client::{Component, Context, Hop, Outcome, Place, RequestLog, Signal, SignalKind};
use sim::collections::BTreeMap;
use sim::net::{Error, Payload, RecordType, Request, RequestId, Response};
use sim::{Duration, Rng, Time, Timers};
use std::sync::Arc;

/// How many requests may be under way. One more fails at once, as when a machine has no port left.
const MAX_UNDER_WAY: usize = 10_000;

/// Who lives where a packet has arrived.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A pod with a network of its own.
    Pod {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// A node: its own processes and the pods that use its network.
    Host(String),
    /// The API server, on the control plane's address.
    ApiServer,
    /// The laptop.
    Laptop,
}

/// A request that has arrived. Whoever lives there answers with [`Network::delivered`].
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// Which request.
    pub id: RequestId,
    /// At whom.
    pub to: Target,
    /// At which port.
    pub port: u16,
    /// `TCP`.
    pub protocol: &'static str,
    /// The source address that the other side sees.
    pub peer: String,
    /// What is said.
    pub payload: Payload,
}

type Answer = Result<Response, Error>;

/// What is due.
#[derive(Clone, Debug)]
enum Due {
    Arrive(Arc<Delivery>),
    Finish { result: Arc<Answer>, why: String, at: Hop },
    Deadline,
}

/// A request under way.
#[derive(Clone, Debug)]
struct Flight {
    from: Place,
    /// How the request came to its target.
    legs: Arc<Vec<Leg>>,
    /// What is remembered of it when it ends.
    asked: Option<Arc<Asked>>,
    /// Whether it has come to its target.
    arrived: bool,
}

/// The network of the cluster and around it.
///
/// A request lives from [`Network::send`] until it comes out of [`Network::take_finished`] or is cancelled. Hops are told
/// as signals when the walk begins; their times may lie a few milliseconds ahead.
#[derive(Clone, Debug)]
pub struct Network {
    view: View,
    proxy: KubeProxy,
    tunnel: bool,
    rng: Rng,
    flights: BTreeMap<RequestId, Flight>,
    timers: Timers<(RequestId, Due)>,
    deliveries: Vec<Delivery>,
    finished: Vec<(RequestId, Answer)>,
    signals: Vec<Signal>,
    requests: RequestLog,
}

impl Component for Network {
    fn watches(&self) -> &'static [&'static str] {
        &["pods", "nodes", "services", "endpointslices", "namespaces", "networkpolicies"]
    }

    fn wake(&self) -> Option<Time> {
        self.timers.next()
    }

    fn run(&mut self, ctx: &mut Context<'_>) {
        self.view.sync(ctx);
        self.advance(ctx.now);
        ctx.signals.append(&mut self.signals);
    }
}

impl Network {
    /// With random numbers of its own, for the choice among endpoints.
    pub fn new(rng: Rng) -> Network {
        Network {
            view: View::default(),
            proxy: KubeProxy::default(),
            tunnel: false,
            rng,
            flights: BTreeMap::new(),
            timers: Timers::default(),
            deliveries: Vec::new(),
            finished: Vec::new(),
            signals: Vec::new(),
            requests: RequestLog::default(),
        }
    }

    /// A request sets out from a place. `id` must not be under way already.
    pub fn send(&mut self, now: Time, id: RequestId, from: Place, request: Request) {
        let deadline = request.timeout.map(|timeout| now + timeout);
        let here = Hop::Place(from.clone());
        if self.flights.len() >= MAX_UNDER_WAY {
            let why = format!("{MAX_UNDER_WAY} requests are under way already");
            return self.conclude(now, id, here, Err(Error::NoRoute), why);
        }
        let asked = Asked::new(now, &from, &request).map(Arc::new);
        let flight = Flight { from: from.clone(), legs: Arc::default(), asked, arrived: false };
        self.flights.insert(id, flight);
        if let Some(deadline) = deadline {
            self.timers.push(deadline, (id, Due::Deadline));
        }
        let sender = match Sender::at(&self.view, &from) {
            Ok(sender) => sender,
            Err(why) => return self.finish(now, id, here, Err(Error::NoRoute), why),
        };
        let host = request.host.trim_start_matches('[').trim_end_matches(']');
        if let Payload::Lookup(kind) = request.payload {
            let resolved = self.resolve(id, &sender, host, kind, now);
            let at = resolved.at;
            let result =
                resolved.result.map(|records| Response::Records { server: resolved.server, records });
            return self.finish(at, id, here, result, resolved.why);
        }
        let literal = host.parse::<std::net::IpAddr>().is_ok();
        let (at, ip) = if literal {
            (now, host.to_string())
        } else {
            let resolved = self.resolve(id, &sender, host, RecordType::A, now);
            let server = resolved.server.clone();
            let records = resolved.result.as_deref().unwrap_or_default();
            let Some(address) = records.iter().find(|r| r.kind == RecordType::A) else {
                let result = Err(Error::NoSuchHost { server });
                return self.finish(resolved.at, id, here, result, resolved.why);
            };
            (resolved.at, address.data.clone())
        };
        self.connect(at, id, &sender, &ip, request);
    }

    fn resolve(
        &mut self,
        id: RequestId,
        sender: &Sender,
        host: &str,
        kind: RecordType,
        now: Time,
    ) -> Resolved {
        let mut resolved = dns::resolve(&mut self.router(), sender, host, kind, now);
        self.tell(id, &resolved.legs);
        if resolved.result != Err(Error::Timeout) {
            let left = resolved.at - resolved.legs.iter().map(|l| l.arrives.since(l.left)).sum::<Duration>();
            self.tell_back(id, &resolved.legs, left, &resolved.why);
        }
        resolved.legs.clear();
        resolved
    }

    fn router(&mut self) -> Router<'_> {
        Router { view: &self.view, proxy: &mut self.proxy, tunnel: self.tunnel, rng: &mut self.rng }
    }

    fn connect(&mut self, now: Time, id: RequestId, sender: &Sender, ip: &str, request: Request) {
        let mut walk = Walk::begin(sender.place.clone(), now);
        let to = To { ip, port: request.port, protocol: "TCP" };
        let routed = self.router().route(&mut walk, sender, to);
        self.tell(id, &walk.legs);
        let service = kube_proxy::match_address(&self.view, ip, to.port, to.protocol)
            .map(|port| (port.service.namespace().to_string(), port.service.name().to_string()));
        self.came_by(id, service, &walk.legs);
        let arrival = match routed {
            Ok(arrival) => arrival,
            Err(lost) => {
                if lost.error == Error::ConnectionRefused {
                    self.tell_back(id, &walk.legs, walk.at, &lost.why);
                }
                return self.finish(lost.at, id, walk.here, Err(lost.error), lost.why);
            }
        };
        match arrival {
            Arrival::Site(site, port) => match site.answer(port, &request.payload) {
                Some(result) => {
                    let at = walk.at + walk.way_back();
                    self.tell_back(id, &walk.legs, walk.at, "the answer");
                    self.finish(at, id, Hop::Place(sender.place.clone()), result, String::new());
                }
                None => {
                    let lost = walk.dropped(format!("{} drops what comes in on port {port}", site.names[0]));
                    self.finish(lost.at, id, walk.here, Err(lost.error), lost.why);
                }
            },
            Arrival::Target { to, port, peer } => {
                let delivery = Delivery { id, to, port, protocol: "TCP", peer, payload: request.payload };
                if let Some(flight) = self.flights.get_mut(&id) {
                    flight.legs = Arc::new(walk.legs);
                }
                self.timers.push(walk.at, (id, Due::Arrive(Arc::new(delivery))));
            }
        }
    }

    /// What has arrived by now, in the order of arrival.
    pub fn take_deliveries(&mut self, now: Time) -> Vec<Delivery> {
        self.advance(now);
        std::mem::take(&mut self.deliveries)
    }

    /// The other side has answered, or has refused (`ConnectionRefused`: nobody listens) or broken off. Ignored when the
    /// request has ended meanwhile.
    pub fn delivered(&mut self, now: Time, id: RequestId, result: Answer) {
        let Some(flight) = self.flights.get(&id) else { return };
        let legs = flight.legs.clone();
        let from = Hop::Place(flight.from.clone());
        if let Some((node, at)) = self.broken(&legs) {
            let why = format!("the answer was lost: node {node} is not there any more");
            return self.finish(now + GIVE_UP, id, at, Err(Error::Timeout), why);
        }
        let last = legs.last().map(|l| l.to.clone()).unwrap_or(from.clone());
        let (why, at) = match &result {
            Ok(_) => ("the answer".to_string(), from),
            Err(Error::ConnectionRefused) => ("nobody listens on that port".to_string(), last),
            Err(error) => (error.to_string(), last),
        };
        self.tell_back(id, &legs, now, &why);
        let way_back: Duration = legs.iter().map(|l| l.arrives.since(l.left)).sum();
        self.finish(now + way_back, id, at, result, why);
    }

    /// A machine on the way that does not carry packets any more. One whose cable is cut still does so inside.
    fn broken(&self, legs: &[Leg]) -> Option<(String, Hop)> {
        let node = |hop: &Hop| match hop {
            Hop::Place(Place::Node(name)) => Some(name.clone()),
            _ => None,
        };
        let mut on: Option<String> = None;
        for leg in legs {
            on = node(&leg.from).or(on);
            let to = node(&leg.to);
            let by_cable = leg.arrives.since(leg.left) >= BETWEEN_NODES;
            let gone = |name: &&String| match self.view.machine(name) {
                Machine::Up => false,
                Machine::Down => true,
                Machine::Cut => by_cable,
            };
            if let Some(name) = [&on, &to].into_iter().flatten().find(gone) {
                return Some((name.clone(), Hop::Place(Place::Node(name.clone()))));
            }
            on = to.or(on);
        }
        None
    }

    /// The requests that have ended by now, and how.
    pub fn take_finished(&mut self, now: Time) -> Vec<(RequestId, Answer)> {
        self.advance(now);
        std::mem::take(&mut self.finished)
    }

    /// What has been told since the last time (or since [`Component::run`], which takes it along).
    pub fn take_signals(&mut self) -> Vec<Signal> {
        std::mem::take(&mut self.signals)
    }

    /// The requests that have ended, other than probes.
    pub fn requests(&self) -> &RequestLog {
        &self.requests
    }

    /// The sender does not wait any more.
    pub fn cancel(&mut self, id: RequestId) {
        if self.flights.remove(&id).is_some() {
            self.timers.retain(|(other, _)| *other != id);
        }
        self.deliveries.retain(|d| d.id != id);
    }

    /// How many requests are under way.
    pub fn under_way(&self) -> usize {
        self.flights.len()
    }

    /// A machine was switched on or off, or its cable was cut or mended.
    pub fn set_node(&mut self, now: Time, name: &str, up: bool, cut: bool) {
        let machine = match (up, cut) {
            (false, _) => Machine::Down,
            (true, true) => Machine::Cut,
            (true, false) => Machine::Up,
        };
        self.view.set_machine(name, machine);
        if machine == Machine::Up {
            return;
        }
        // Nobody tells those who wait for an answer from there.
        let waiting = self.flights.iter().filter_map(|(id, f)| Some((*id, self.broken(&f.legs)?)));
        let waiting: Vec<_> = waiting.collect();
        for (id, (node, at)) in waiting {
            let why = format!("node {node} is not there any more");
            self.finish(now + GIVE_UP, id, at, Err(Error::Timeout), why);
        }
    }

    /// `minikube tunnel` runs, or does not any more: with it the laptop reaches the addresses of Services.
    pub fn set_tunnel(&mut self, on: bool) {
        self.tunnel = on;
    }

    /// A request will end at `at` (or at its deadline, if that is earlier).
    fn finish(&mut self, at: Time, id: RequestId, hop: Hop, result: Answer, why: String) {
        self.timers.push(at, (id, Due::Finish { result: Arc::new(result), why, at: hop }));
    }

    /// Does everything that is due.
    fn advance(&mut self, now: Time) {
        while let Some((at, (id, due))) = self.timers.pop(now) {
            let Some(flight) = self.flights.get_mut(&id) else { continue };
            match due {
                Due::Arrive(delivery) => {
                    flight.arrived = true;
                    self.deliveries.push((*delivery).clone());
                }
                Due::Finish { result, why, at: hop } => {
                    let result = Arc::unwrap_or_clone(result);
                    self.conclude(at, id, hop, result, why);
                }
                Due::Deadline => {
                    let hop = flight.legs.last().map(|l| l.to.clone());
                    let hop = hop.unwrap_or(Hop::Place(flight.from.clone()));
                    let why = "no answer came in the time that the sender waits".to_string();
                    let error = if flight.arrived { Error::Unanswered } else { Error::Timeout };
                    self.conclude(at, id, hop, Err(error), why);
                }
            }
        }
    }

    fn conclude(&mut self, at: Time, id: RequestId, hop: Hop, result: Answer, why: String) {
        let asked = self.flights.get_mut(&id).and_then(|flight| flight.asked.take());
        if let Some(asked) = asked {
            self.requests.push(Arc::unwrap_or_clone(asked).ended(at, &result));
        }
        let outcome = match &result {
            Ok(Response::Http(response)) => Outcome::Answered(response.status),
            Ok(_) => Outcome::Answered(0),
            Err(error) => Outcome::Failed(error.clone(), why),
        };
        self.signal(at, SignalKind::End { request: id, at: hop, outcome });
        self.flights.remove(&id);
        self.finished.push((id, result));
    }

    /// A request under way was carried there for the laptop, by `kubectl port-forward` to a pod.
    pub fn forwarded(&mut self, id: RequestId) {
        if let Some(asked) = self.flights.get_mut(&id).and_then(|flight| flight.asked.as_mut()) {
            Arc::make_mut(asked).forwarded();
        }
    }

    /// Notes for the record which Service a request is addressed to or goes to, and which pod.
    fn came_by(&mut self, id: RequestId, service: Option<(String, String)>, legs: &[Leg]) {
        if let Some(asked) = self.flights.get_mut(&id).and_then(|flight| flight.asked.as_mut()) {
            Arc::make_mut(asked).came_by(service, legs);
        }
    }

    fn signal(&mut self, at: Time, kind: SignalKind) {
        self.signals.push(Signal { at, agent: "network".into(), kind });
    }

    fn tell(&mut self, id: RequestId, legs: &[Leg]) {
        for leg in legs {
            let kind = SignalKind::Hop {
                request: id,
                from: leg.from.clone(),
                to: leg.to.clone(),
                arrives: leg.arrives,
                answer: false,
                why: leg.why.clone(),
            };
            self.signal(leg.left, kind);
        }
    }

    fn tell_back(&mut self, id: RequestId, legs: &[Leg], mut left: Time, why: &str) {
        for leg in legs.iter().rev() {
            let arrives = left + leg.arrives.since(leg.left);
            let kind = SignalKind::Hop {
                request: id,
                from: leg.to.clone(),
                to: leg.from.clone(),
                arrives,
                answer: true,
                why: why.into(),
            };
            self.signal(left, kind);
            left = arrives;
        }
    }
}
