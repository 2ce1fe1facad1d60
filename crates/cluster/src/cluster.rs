use crate::addons;
use crate::bootstrap::{self, Boot};
use crate::config::{Config, MAX_NODES, node_address, node_name};
use crate::listeners::Listeners;
use crate::log::{SignalLog, Trace};
use crate::schedule::Schedule;
use apimachinery::rest::{Cursor, WatchEvent};
use apimachinery::{Body, Method, Request, Response, Status};
use apiserver::ApiServer;
use client::{Component, Context, ObjectRef, Server, Signal, SignalKind};
use controller_manager::ControllerManager;
use kubelet::Kubelet;
use network::Network;
use scheduler::Scheduler;
use sim::collections::BTreeMap;
use sim::net::{self, RequestId};
use sim::{Duration, Rng, Time};
use std::hash::Hash;

/// How long after a write those who watch learn of it.
const WATCH_DELAY: Duration = Duration::from_millis(2);

/// How often components may run without virtual time moving on. More is a loop between them: a defect of ours, and the
/// cluster stops there instead of freezing the page.
const MAX_RUNS_PER_INSTANT: u32 = 100_000;

/// How many answers of requests from outside wait to be taken; the oldest are dropped.
const MAX_ANSWERS: usize = 10_000;

/// A whole simulated cluster. A clone is another one, which goes its own way from here.
#[derive(Clone)]
pub struct Cluster {
    pub(crate) config: Config,
    pub(crate) now: Time,
    pub(crate) api: ApiServer,
    pub(crate) network: Network,
    pub(crate) controllers: ControllerManager,
    pub(crate) scheduler: Scheduler,
    pub(crate) addons: addons::Addons,
    pub(crate) nodes: Vec<Machine>,
    pub(crate) answers: BTreeMap<RequestId, Option<Result<net::Response, net::Error>>>,
    pub(crate) next_request: u64,
    pub(crate) listeners: Listeners,
    schedule: Schedule,
    rngs: Vec<Rng>,
    seen: u64,
    runs: (Time, u32),
    signals: SignalLog,
    trace: Trace,
}

/// A node's machine: whether it is switched on and connected, and its kubelet.
#[derive(Clone)]
pub(crate) struct Machine {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) kubelet: Kubelet,
    pub(crate) running: bool,
    pub(crate) cut: bool,
}

/// A condition was not reached within the limit of virtual time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitReached;

// The components' places in the schedule; nodes follow.
const NETWORK: usize = 0;
const CONTROLLERS: usize = 1;
const SCHEDULER: usize = 2;
const ADDONS: usize = 3;
pub(crate) const FIRST_NODE: usize = 4;

impl Cluster {
    /// A cluster as `minikube start` leaves it: all nodes Ready, kube-system running.
    pub fn new(config: Config) -> Cluster {
        let (mut cluster, mut boot) = Cluster::starting(config);
        while !boot.step(&mut cluster) {}
        cluster
    }

    /// The same, to be brought up step by step.
    pub fn starting(config: Config) -> (Cluster, Boot) {
        let rng = Rng::new(config.seed);
        let now = config.start;
        let mut cluster = Cluster {
            now,
            api: ApiServer::new(rng.fork("apiserver")),
            network: Network::new(rng.fork("network")),
            controllers: ControllerManager::default(),
            scheduler: Scheduler::default(),
            addons: addons::Addons::default(),
            nodes: Vec::new(),
            answers: BTreeMap::new(),
            next_request: 1,
            listeners: Listeners::default(),
            schedule: Schedule::default(),
            rngs: ["network", "controllers", "scheduler", "addons"].iter().map(|n| rng.fork(n)).collect(),
            seen: 0,
            runs: (now, 0),
            signals: SignalLog::default(),
            trace: Trace::default(),
            config,
        };
        for index in 0..FIRST_NODE {
            cluster.schedule.set(index, Some(now));
        }
        let boot = Boot::new(&cluster);
        (cluster, boot)
    }

    /// The virtual time.
    pub fn now(&self) -> Time {
        self.now
    }

    /// When something happens next; `None` if nothing ever will.
    pub fn next_timer(&self) -> Option<Time> {
        self.schedule.next().map(|(at, _)| at.max(self.now))
    }

    /// Moves virtual time on and runs everything that falls due.
    pub fn advance(&mut self, by: Duration) {
        self.advance_to(self.now + by);
    }

    /// Moves virtual time on to `until`, if that lies ahead.
    pub fn advance_to(&mut self, until: Time) {
        while let Some((at, index)) = self.schedule.next().filter(|(at, _)| *at <= until) {
            self.now = self.now.max(at);
            self.run(index);
        }
        self.now = self.now.max(until);
    }

    /// Runs until a condition holds, looking after each step, for at most `limit` of virtual time.
    pub fn run_until(
        &mut self,
        mut condition: impl FnMut(&Cluster) -> bool,
        limit: Duration,
    ) -> Result<(), LimitReached> {
        let end = self.now + limit;
        while !condition(self) {
            match self.schedule.next().filter(|(at, _)| *at <= end) {
                Some((at, _)) => self.advance_to(at),
                None => {
                    self.now = end;
                    return if condition(self) { Ok(()) } else { Err(LimitReached) };
                }
            }
        }
        Ok(())
    }

    /// A request from outside (kubectl, the page), handled at once.
    pub fn request(&mut self, request: Request) -> Response {
        let response = self.gate("", true, |gate| gate.request(request));
        self.deliver_changes();
        response
    }

    /// What a watch has to report since it was last polled.
    pub fn poll(&mut self, cursor: &mut Cursor) -> Vec<WatchEvent> {
        self.api.poll(self.now, cursor)
    }

    /// What happened, for those who look on.
    pub fn signals(&self) -> &SignalLog {
        &self.signals
    }

    /// The requests that have ended, for those who look on.
    pub fn requests(&self) -> &client::RequestLog {
        self.network.requests()
    }

    /// A hash of everything that has happened so far: two clusters with equal traces did the same.
    pub fn trace(&self) -> u64 {
        self.trace.value()
    }

    /// The API server's store, to look into without making a request of it.
    pub fn api(&self) -> &ApiServer {
        &self.api
    }

    /// Every node's name, in order of joining, and whether its machine is up.
    pub fn machines(&self) -> impl Iterator<Item = (String, bool)> {
        self.nodes.iter().filter(|n| !n.name.is_empty()).map(|n| (n.name.clone(), n.running))
    }

    pub(crate) fn add_node(&mut self) -> Result<usize, String> {
        let index = (0..MAX_NODES).find(|i| self.nodes.iter().all(|n| n.name != node_name(*i)));
        let index = index.ok_or_else(|| format!("a cluster has at most {MAX_NODES} nodes"))?;
        let (name, address) = (node_name(index), node_address(index));
        let rng = Rng::new(self.config.seed).fork(&name);
        let config = bootstrap::node_config(&name, &address, index);
        let kubelet = Kubelet::new(config, self.config.images.clone(), rng.clone());
        self.nodes.push(Machine { name: name.clone(), address, kubelet, running: true, cut: false });
        self.rngs.push(rng);
        self.network.set_node(self.now, &name, true, false);
        let place = FIRST_NODE + self.nodes.len() - 1;
        self.schedule.set(place, Some(self.now));
        Ok(self.nodes.len() - 1)
    }

    /// Whether the machine with the API server is on. Before there is any machine, the cluster is being made.
    pub(crate) fn control_plane_is_up(&self) -> bool {
        self.nodes.iter().find(|n| !n.name.is_empty()).map_or(self.nodes.is_empty(), |n| n.running)
    }

    /// The programs of the control plane start anew: they know nothing, and read everything again.
    pub(crate) fn restart_control_plane(&mut self) {
        (self.controllers, self.scheduler) = (ControllerManager::default(), Scheduler::default());
        for index in [NETWORK, CONTROLLERS, SCHEDULER, ADDONS] {
            self.schedule.set(index, Some(self.now));
        }
    }

    /// Everything is gone but the time, the log of what happened, and what listens on the laptop.
    pub(crate) fn forget_cluster(&mut self) {
        self.api.wipe();
        self.network = Network::new(self.rngs[NETWORK].fork("network"));
        self.addons = addons::Addons::default();
        for node in &mut self.nodes {
            node.name.clear();
        }
        for answer in self.answers.values_mut().filter(|a| a.is_none()) {
            *answer = Some(Err(net::Error::Reset));
        }
    }

    /// Makes a new cluster of so many nodes where one was forgotten, as `minikube start` does.
    pub(crate) fn make_cluster(&mut self, nodes: usize) {
        for index in 0..self.nodes.len() {
            self.schedule.set(FIRST_NODE + index, None);
        }
        self.nodes.clear();
        self.rngs.truncate(FIRST_NODE);
        self.config.nodes = nodes;
        self.restart_control_plane();
        bootstrap::start(self);
    }

    pub(crate) fn node_index(&self, name: &str) -> Option<usize> {
        self.nodes.iter().position(|n| n.name == name)
    }

    /// Runs one component, hands on what it changed, and asks when it wants to run again.
    fn run(&mut self, index: usize) {
        self.runs = if self.runs.0 == self.now { (self.now, self.runs.1 + 1) } else { (self.now, 0) };
        assert!(self.runs.1 < MAX_RUNS_PER_INSTANT, "components keep waking each other at {:?}", self.now);
        let up = self.control_plane_is_up();
        if !up && matches!(index, CONTROLLERS | SCHEDULER | ADDONS) {
            // They run on the machine that is off; they start anew with it.
            return self.schedule.set(index, None);
        }
        let reachable = up
            && (index < FIRST_NODE || {
                let node = &self.nodes[index - FIRST_NODE];
                node.running && !node.cut
            });
        let mut signals = Vec::new();
        let (now, api, trace) = (self.now, &mut self.api, &mut self.trace);
        let component: &mut dyn Component = match index {
            NETWORK => &mut self.network,
            CONTROLLERS => &mut self.controllers,
            SCHEDULER => &mut self.scheduler,
            ADDONS => &mut self.addons,
            node => &mut self.nodes[node - FIRST_NODE].kubelet,
        };
        let mut changes = Vec::new();
        let mut gate = Gate { api, now, reachable, changes: &mut changes, trace };
        let mut ctx = Context {
            now,
            rng: &mut self.rngs[index],
            server: &mut gate,
            signals: &mut signals,
            agent: AGENTS[index.min(FIRST_NODE)],
        };
        component.run(&mut ctx);
        let wake = component.wake().map(|at| at.max(now));
        self.schedule.set(index, wake);
        for signal in changes.into_iter().chain(signals) {
            self.note(signal);
        }
        self.deliver_changes();
        match index {
            NETWORK => self.pump_network(),
            ADDONS => self.pump_addons(),
            node if node >= FIRST_NODE => self.pump_kubelet(node - FIRST_NODE),
            _ => {}
        }
    }

    /// Lets somebody use the API server, and writes down what was done.
    fn gate<T>(&mut self, _agent: &str, reachable: bool, f: impl FnOnce(&mut Gate<'_>) -> T) -> T {
        let mut changes = Vec::new();
        let mut gate = Gate {
            api: &mut self.api,
            now: self.now,
            reachable,
            changes: &mut changes,
            trace: &mut self.trace,
        };
        let result = f(&mut gate);
        changes.into_iter().for_each(|s| self.note(s));
        result
    }

    pub(crate) fn note(&mut self, signal: Signal) {
        signal.hash(&mut self.trace);
        self.signals.push(signal);
    }

    /// Wakes those who watch what has changed since last time.
    pub(crate) fn deliver_changes(&mut self) {
        let revision = self.api.revision();
        if revision == self.seen {
            return;
        }
        let at = self.now + WATCH_DELAY;
        for change in self.api.changes_since(self.seen) {
            for (index, watches) in [
                (NETWORK, self.network.watches()),
                (CONTROLLERS, self.controllers.watches()),
                (SCHEDULER, self.scheduler.watches()),
                (ADDONS, self.addons.watches()),
            ] {
                if watches.contains(&change.plural) {
                    self.schedule.by(index, at);
                }
            }
            let (old, new) = match change.plural {
                "pods" => (change.old.map(node_of), change.new.map(node_of)),
                _ => (None, None),
            };
            for (i, node) in self.nodes.iter().enumerate() {
                let concerned = match change.plural {
                    // A kubelet watches only its own pods.
                    "pods" => [old, new].contains(&Some(node.name.as_str())),
                    plural => node.kubelet.watches().contains(&plural),
                };
                if concerned {
                    self.schedule.by(FIRST_NODE + i, at);
                }
            }
        }
        self.seen = revision;
    }

    pub(crate) fn wake_node(&mut self, node: usize) {
        let wake = self.nodes[node].kubelet.wake();
        let now = self.now;
        if let Some(at) = wake {
            self.schedule.by(FIRST_NODE + node, at.max(now));
        }
    }

    pub(crate) fn run_soon(&mut self, node: usize) {
        let now = self.now;
        self.schedule.by(FIRST_NODE + node, now);
    }

    pub(crate) fn wake_network(&mut self) {
        let now = self.now;
        if let Some(at) = self.network.wake() {
            self.schedule.by(NETWORK, at.max(now));
        }
    }

    pub(crate) fn wake_addons(&mut self) {
        let now = self.now;
        self.schedule.by(ADDONS, now);
    }

    /// A listener on the laptop has answered.
    pub(crate) fn answered(&mut self, id: RequestId, result: Result<net::Response, net::Error>) {
        self.network.delivered(self.now, id, result);
        self.pump_network();
    }

    /// One of `n`, at random.
    pub(crate) fn pick(&mut self, n: usize) -> usize {
        self.rngs[NETWORK].below(n as u64) as usize
    }

    pub(crate) fn keep_answer(&mut self, id: RequestId, answer: Result<net::Response, net::Error>) {
        if let Some(slot) = self.answers.get_mut(&id) {
            *slot = Some(answer);
        }
        while self.answers.len() > MAX_ANSWERS {
            self.answers.pop_first();
        }
    }
}

/// The node that a pod is bound to; empty for none.
fn node_of(pod: &apimachinery::Object) -> &str {
    pod["spec"]["nodeName"].str()
}

/// Under which name components speak when they do not say another.
const AGENTS: [&str; FIRST_NODE + 1] =
    ["kube-proxy", "kube-controller-manager", "kube-scheduler", "minikube", "kubelet"];

/// The way to the API server: notes what is changed, and is closed for a node that is cut off.
pub(crate) struct Gate<'a> {
    pub(crate) api: &'a mut ApiServer,
    now: Time,
    reachable: bool,
    changes: &'a mut Vec<Signal>,
    trace: &'a mut Trace,
}

impl Server for Gate<'_> {
    fn request(&mut self, request: Request) -> Response {
        if !self.reachable {
            let why = "dial tcp 192.168.49.2:8443: connect: no route to host";
            return Status::new(503, "ServiceUnavailable", why).into();
        }
        if request.method == Method::Get {
            return self.api.handle(self.now, request);
        }
        let (method, path, agent) = (request.method, request.path.clone(), request.agent.clone());
        let response = self.api.handle(self.now, request);
        (self.now, &agent, std::mem::discriminant(&method), &path, response.status).hash(self.trace);
        if let Some(kind) = change(method, &path, &response) {
            self.changes.push(Signal { at: self.now, agent, kind });
        }
        response
    }

    fn poll(&mut self, cursor: &mut Cursor) -> Vec<WatchEvent> {
        if self.reachable { self.api.poll(self.now, cursor) } else { Vec::new() }
    }
}

/// The signal of a write; none for Events and Leases, of which there are too many to look at.
fn change(method: Method, path: &str, response: &Response) -> Option<SignalKind> {
    let verb = match method {
        Method::Get => return None,
        Method::Post => "create",
        Method::Put => "update",
        Method::Patch => "patch",
        Method::Delete => "delete",
    };
    // /api/v1/... or /apis/group/v1/..., then optionally namespaces/NS, then plural/name/subresource.
    let mut parts = path.trim_start_matches('/').split('/');
    let skip = if parts.next()? == "api" { 1 } else { 2 };
    let mut parts: Vec<&str> = parts.skip(skip).collect();
    let mut namespace = "";
    if parts.first() == Some(&"namespaces") && parts.len() > 2 {
        namespace = parts[1];
        parts.drain(..2);
    }
    let plural = *parts.first()?;
    if plural == "events" || plural == "leases" {
        return None;
    }
    let kind = api::KINDS.iter().find(|k| k.resource.plural == plural).map_or(plural, |k| k.resource.kind);
    let created = match &response.body {
        Body::Value(value) => value["metadata"]["name"].str(),
        _ => "",
    };
    let name = parts.get(1).copied().unwrap_or(created);
    Some(SignalKind::Change {
        verb: verb.into(),
        object: ObjectRef { kind: kind.into(), namespace: namespace.into(), name: name.into() },
        subresource: parts.get(2).copied().unwrap_or_default().into(),
        code: response.status,
    })
}
