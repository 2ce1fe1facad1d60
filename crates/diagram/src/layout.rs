//! Where everything stands. From top to bottom the picture follows a request: outside, Services, nodes with their pods;
//! below them what waits for a node, and who owns what. Lengths are CSS pixels on an 8 px grid.

use crate::PodState;
use crate::scene::{PodView, Scene};
use crate::{lines, words};
use apimachinery::Object;
use sim::Time;
use std::rc::Rc;

const PAD: f64 = 16.0;
pub(crate) const GAP: f64 = 16.0;
const OUTSIDE_H: f64 = 40.0;
const SERVICE_H: f64 = 48.0;
const SERVICE_MIN_W: f64 = 248.0;
pub(crate) const LANE_H: f64 = 40.0;
const NODE_MIN_W: f64 = 152.0;
const NODE_HEAD: f64 = 56.0;
const NODE_FOOT: f64 = 32.0;
const SLOT_W: f64 = 64.0;
const SLOT_H: f64 = 64.0;
const WORKLOAD_H: f64 = 56.0;
const WORKLOAD_MIN_W: f64 = 232.0;
const TRAY_HEAD: f64 = 24.0;
/// Rows of slots that a node shows even when it is empty.
const MIN_SLOT_ROWS: usize = 2;
/// Slots of a node that are drawn, and of the tray; what is more is told by its number.
const MAX_SLOTS: usize = 48;

/// A point.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(missing_docs)] // their names say it
pub struct Spot {
    pub x: f64,
    pub y: f64,
}

/// A box, by its upper left corner and its size.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(missing_docs)] // their names say it
pub struct Area {
    pub x: f64,
    pub y: f64,
    pub w: f64,
    pub h: f64,
}

impl Area {
    /// Its middle.
    pub fn center(self) -> Spot {
        Spot { x: self.x + self.w / 2.0, y: self.y + self.h / 2.0 }
    }

    /// Whether a point lies in it.
    pub fn holds(self, spot: Spot) -> bool {
        (self.x..self.x + self.w).contains(&spot.x) && (self.y..self.y + self.h).contains(&spot.y)
    }

    /// The middle of its lower edge.
    pub fn bottom(self) -> Spot {
        Spot { x: self.x + self.w / 2.0, y: self.y + self.h }
    }
}

/// One look at a cluster: everything that is drawn apart from requests. Its things are shared, so that whoever draws one
/// can keep it to compare with the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// Size of the whole.
    pub width: f64,
    /// Size of the whole.
    pub height: f64,
    /// The learner's own computer.
    pub laptop: Area,
    /// The load balancer, where a Service has one with an address.
    pub load_balancer: Option<Area>,
    /// Services, in their order.
    pub services: Vec<Rc<ServiceBar>>,
    /// Nodes, in order of joining.
    pub nodes: Vec<Rc<NodeBox>>,
    /// Pods outside of kube-system, wherever they are.
    pub pods: Vec<Rc<PodMark>>,
    /// Which Service leads to which pod.
    pub links: Vec<Rc<Link>>,
    /// Where requests come in from outside: from the laptop or the load balancer to each Service that is open to them.
    pub entries: Vec<Vec<Spot>>,
    /// The tray of pods that no node holds, and how many of them are not drawn; none when all are on nodes.
    pub tray: Option<(Area, usize)>,
    /// Deployments, bare ReplicaSets and what else makes pods.
    pub workloads: Vec<Rc<Workload>>,
}

impl Picture {
    /// Whether nothing stands in it but the nodes.
    pub fn is_empty(&self) -> bool {
        self.pods.is_empty() && self.workloads.is_empty() && self.services.is_empty()
    }

    /// Whether something in it is drawn by the virtual second.
    pub fn counts_down(&self) -> bool {
        self.pods.iter().any(|pod| pod.counts_down())
    }
}

/// A Service.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceBar {
    /// `namespace/name`.
    pub key: String,
    /// Name, with the namespace where it is not `default`.
    pub name: String,
    /// Type and ports: `NodePort 30080 → 80 → 8080`.
    pub detail: String,
    /// How many endpoints are ready, and how many there are; those on their way out do not count. `None`: it leads to no pod.
    pub ready: Option<(usize, usize)>,
    /// The selector in words; empty when it has none.
    pub selector: String,
    /// From where outside of the cluster it can be reached.
    pub outside: Outside,
    /// Where it is.
    pub area: Area,
    /// Everything in one sentence.
    pub text: String,
}

/// How a Service can be reached from outside of the cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outside {
    /// It cannot.
    #[default]
    Closed,
    /// Through a port of every node.
    NodePort,
    /// Through the load balancer's address.
    Balancer,
}

/// A node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeBox {
    /// Its name.
    pub name: String,
    /// Address and role.
    pub detail: String,
    /// Whether it is Ready.
    pub ready: bool,
    /// Whether its machine is up.
    pub running: bool,
    /// Whether it takes no new pods.
    pub cordoned: bool,
    /// Pods of kube-system on it: name and whether it is ready.
    pub system: Vec<(String, bool)>,
    /// How many other pods on it are not drawn, because there are too many.
    pub more: usize,
    /// Where it is.
    pub area: Area,
    /// Everything in one sentence.
    pub text: String,
}

/// A pod.
#[derive(Clone, Debug, PartialEq)]
pub struct PodMark {
    /// Its uid.
    pub uid: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The end of the name, which tells it from its siblings.
    pub short: String,
    /// What it is doing.
    pub state: PodState,
    /// When it has to leave its node, whose taint it tolerates until then.
    pub leaves: Option<Time>,
    /// Ready containers of all: `1/1`.
    pub containers: String,
    /// Restarts of all containers.
    pub restarts: i64,
    /// Which owner's tint it has; `None` without owner.
    pub tint: Option<usize>,
    /// The key of the workload that owns it, if any.
    pub workload: Option<String>,
    /// The middle of its mark.
    pub spot: Spot,
    /// Everything in one sentence.
    pub text: String,
}

impl PodMark {
    /// Whether it is drawn by the virtual second: the end of a back-off or of a grace period comes closer, an image is
    /// pulled.
    pub fn counts_down(&self) -> bool {
        self.leaves.is_some()
            || matches!(
                self.state,
                PodState::BackOff(_, Some(_)) | PodState::Terminating(_) | PodState::Pulling(_)
            )
    }
}

/// A Service leads to a pod.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The Service's key.
    pub service: String,
    /// The pod's uid.
    pub pod: String,
    /// Whether traffic goes there now.
    pub ready: bool,
    /// From the Service's bar to the pod's mark, with right angles.
    pub points: Vec<Spot>,
}

/// A Deployment, or what else makes pods.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workload {
    /// `Kind/namespace/name`.
    pub key: String,
    /// Kind and name, as kubectl names it: `deployment/web`.
    pub name: String,
    /// Ready replicas, and how many are wanted; of what runs out, those that are done.
    pub ready: (i64, i64),
    /// Whether its pods come to an end by themselves: a Job.
    pub runs_out: bool,
    /// Whether it is paused or suspended.
    pub paused: bool,
    /// Its ReplicaSets that have or want pods, the newest first; itself if it needs none.
    pub replica_sets: Vec<Revision>,
    /// Where it is.
    pub area: Area,
    /// Everything in one sentence.
    pub text: String,
}

/// One ReplicaSet of a workload.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Revision {
    /// Its name.
    pub name: String,
    /// Its revision; empty for none.
    pub number: String,
    /// The image of its first container, without registry.
    pub image: String,
    /// Pods that are ready, and that are wanted.
    pub pods: (i64, i64),
    /// The tint that its pods' rings have.
    pub tint: usize,
}

/// Whether a Service has an address of the load balancer.
fn balanced(service: &Object) -> bool {
    !service.at("status.loadBalancer.ingress").is_empty()
}

/// Places of `n` equal boxes in rows: all as wide as they can be, at least `min`.
fn rows(n: usize, width: f64, min: f64) -> (usize, f64) {
    let room = width - 2.0 * PAD + GAP;
    let columns = ((room / (min + GAP)).floor() as usize).clamp(1, n.max(1));
    (columns, room / columns as f64 - GAP)
}

impl Scene {
    /// The picture, `width` CSS pixels wide; its height is what it needs.
    pub fn picture(&self, width: f64) -> Picture {
        let width = width.max(NODE_MIN_W + 2.0 * PAD);
        let mut picture = Picture { width, ..Picture::default() };
        let mut y = self.place_outside(&mut picture);
        y = self.place_services(&mut picture, y);
        y = self.place_nodes(&mut picture, y + LANE_H);
        y = self.place_tray(&mut picture, y);
        picture.height = self.place_workloads(&mut picture, y) + PAD;
        self.place_links(&mut picture);
        lines::place_entries(&mut picture);
        picture
    }

    fn place_outside(&self, picture: &mut Picture) -> f64 {
        picture.laptop = Area { x: PAD, y: PAD, w: 112.0, h: OUTSIDE_H };
        if self.services().any(balanced) {
            picture.load_balancer = Some(Area { x: PAD + 112.0 + GAP, y: PAD, w: 136.0, h: OUTSIDE_H });
        }
        PAD + OUTSIDE_H + LANE_H
    }

    fn place_services(&self, picture: &mut Picture, top: f64) -> f64 {
        let slots = self.service_slots.len();
        let (columns, w) = rows(slots, picture.width, SERVICE_MIN_W);
        for service in self.services() {
            let key = service.key();
            let Some(slot) = self.service_slots.get(&key) else { continue };
            let (row, column) = ((slot / columns) as f64, (slot % columns) as f64);
            let area =
                Area { x: PAD + column * (w + GAP), y: top + row * (SERVICE_H + GAP), w, h: SERVICE_H };
            let ready = (service.at("spec.type") != "ExternalName").then(|| {
                let endpoints = self.endpoints(&key);
                let all = endpoints.iter().filter(|e| !e.ending);
                (all.clone().filter(|e| e.ready).count(), all.count())
            });
            let (name, detail) = (words::display_name(service), words::service_detail(service));
            let selector = apimachinery::labels::format(service.at("spec.selector"));
            let selector = if selector == "<none>" { String::new() } else { selector };
            let text = words::service(&name, &detail, &selector, ready);
            let outside = match (balanced(service), words::has_node_port(service)) {
                (true, _) => Outside::Balancer,
                (false, true) => Outside::NodePort,
                (false, false) => Outside::Closed,
            };
            let bar = ServiceBar { key, name, detail, ready, selector, outside, area, text };
            picture.services.push(Rc::new(bar));
        }
        top + slots.div_ceil(columns) as f64 * (SERVICE_H + GAP) - if slots == 0 { 0.0 } else { GAP }
    }

    fn place_nodes(&self, picture: &mut Picture, top: f64) -> f64 {
        let names: Vec<&str> = self.node_names().collect();
        let (columns, w) = rows(names.len(), picture.width, NODE_MIN_W);
        let across = (((w - 16.0) / SLOT_W).floor() as usize).max(1);
        let mut y = top;
        for row in names.chunks(columns) {
            let slots = |name: &&str| {
                self.pod_slots.get(*name).map_or(0, |s| s.len()).min(MAX_SLOTS).div_ceil(across)
            };
            let deep = row.iter().map(slots).max().unwrap_or_default().max(MIN_SLOT_ROWS);
            let h = NODE_HEAD + deep as f64 * SLOT_H + NODE_FOOT;
            for (column, name) in row.iter().enumerate() {
                let area = Area { x: PAD + column as f64 * (w + GAP), y, w, h };
                picture.nodes.push(Rc::new(self.node_box(name, area)));
                let inset = (w - across as f64 * SLOT_W) / 2.0;
                for pod in self.pods().filter(|p| p.node == **name && !p.system) {
                    let slot = self.pod_slots.get(*name).and_then(|s| s.get(&pod.uid));
                    let Some(slot) = slot.filter(|slot| *slot < MAX_SLOTS) else { continue };
                    let (line, place) = ((slot / across) as f64, (slot % across) as f64);
                    let x = area.x + inset + (place + 0.5) * SLOT_W;
                    let spot = Spot { x, y: y + NODE_HEAD + (line + 0.5) * SLOT_H - 4.0 };
                    picture.pods.push(Rc::new(self.mark(pod, spot)));
                }
            }
            y += h + GAP;
        }
        y
    }

    fn node_box(&self, name: &str, area: Area) -> NodeBox {
        let object = self.node(name);
        let ready = object.is_some_and(|n| crate::pod_state::condition(n, "Ready")["status"] == "True");
        let cordoned = object.is_some_and(|n| n.at("spec.unschedulable").is_true());
        let running = self.is_running(name);
        let system = self.pods().filter(|p| p.node == name && p.system);
        let system = system.map(|p| (p.object.name().to_string(), p.state == PodState::Ready)).collect();
        let detail = object.map(words::node_detail).unwrap_or_default();
        let pods = self.pods().filter(|p| p.node == name && !p.system);
        let drawn = |p: &&PodView| {
            self.pod_slots.get(name).and_then(|s| s.get(&p.uid)).is_some_and(|s| s < MAX_SLOTS)
        };
        let (drawn, hidden): (Vec<&PodView>, Vec<&PodView>) = pods.partition(drawn);
        let (pods, more) = (drawn.len() + hidden.len(), hidden.len());
        let text = words::node(name, &detail, ready, running, cordoned, pods);
        NodeBox { name: name.into(), detail, ready, running, cordoned, system, more, area, text }
    }

    fn mark(&self, pod: &PodView, spot: Spot) -> PodMark {
        let name = pod.object.name();
        let (containers, restarts) = words::containers(&pod.object);
        let workload = pod.workload.clone();
        PodMark {
            uid: pod.uid.clone(),
            namespace: pod.object.namespace().into(),
            name: name.into(),
            short: words::short_name(
                name,
                pod.object.controller().is_some_and(|o| o.kind() != "StatefulSet"),
            ),
            state: pod.state.clone(),
            leaves: pod.leaves,
            text: words::pod(&pod.object, &pod.state, &containers, restarts),
            containers,
            restarts,
            tint: pod.tint,
            workload,
            spot,
        }
    }

    fn place_tray(&self, picture: &mut Picture, top: f64) -> f64 {
        if self.tray.len() == 0 {
            return top;
        }
        let w = picture.width - 2.0 * PAD;
        let across = (((w - 16.0) / SLOT_W).floor() as usize).max(1);
        let h = TRAY_HEAD + self.tray.len().min(MAX_SLOTS).div_ceil(across) as f64 * SLOT_H + 8.0;
        let mut more = 0;
        for pod in self.pods().filter(|p| p.node.is_empty() && !p.system) {
            let Some(slot) = self.tray.get(&pod.uid).filter(|slot| *slot < MAX_SLOTS) else {
                more += 1;
                continue;
            };
            let (line, place) = ((slot / across) as f64, (slot % across) as f64);
            let spot = Spot {
                x: PAD + 8.0 + (place + 0.5) * SLOT_W,
                y: top + TRAY_HEAD + (line + 0.5) * SLOT_H - 4.0,
            };
            picture.pods.push(Rc::new(self.mark(pod, spot)));
        }
        picture.tray = Some((Area { x: PAD, y: top, w, h }, more));
        top + h + GAP
    }

    fn place_workloads(&self, picture: &mut Picture, top: f64) -> f64 {
        let slots = self.workload_slots.len();
        if slots == 0 {
            return top - GAP;
        }
        let (columns, w) = rows(slots, picture.width, WORKLOAD_MIN_W);
        // A row is as high as the workload with the most revisions in it.
        let lines = self.workloads().iter().map(|w| w.replica_sets.len()).max().unwrap_or(1).max(1);
        let h = WORKLOAD_H + (lines - 1) as f64 * 16.0;
        for mut workload in self.workloads() {
            let Some(slot) = self.workload_slots.get(&workload.key) else { continue };
            let (row, column) = ((slot / columns) as f64, (slot % columns) as f64);
            workload.area = Area { x: PAD + column * (w + GAP), y: top + row * (h + GAP), w, h };
            picture.workloads.push(Rc::new(workload));
        }
        top + slots.div_ceil(columns) as f64 * (h + GAP) - GAP
    }
}
