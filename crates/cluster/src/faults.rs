//! What somebody can do to a cluster from outside. `minikube node stop`, tests and the page's switches use the same verbs.

use crate::addons;
use crate::cluster::Cluster;
use crate::config::MAX_NODES;
use apimachinery::{Method, Request};
use client::{ObjectRef, Signal, SignalKind};

/// Something that is done to the cluster from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Switches a node's machine off: its kubelet and its containers stop.
    StopNode(String),
    /// Switches it on again.
    StartNode(String),
    /// Stops a node's kubelet; its containers go on.
    StopKubelet(String),
    /// Adds a node to the cluster.
    AddNode,
    /// Takes a node out of the cluster for good.
    DeleteNode(String),
    /// Deletes the whole cluster (`minikube delete`).
    DeleteCluster,
    /// Makes a new one of so many nodes, where the old one was deleted.
    CreateCluster(usize),
    /// Cuts a node off from the network.
    CutNode(String),
    /// Connects it again.
    HealNode(String),
    /// Fills a node's disk.
    FillNode(String),
    /// Frees a node's disk.
    FreeNode(String),
    /// Makes an image impossible to pull.
    BreakImage(String),
    /// Makes it possible again.
    MendImage(String),
    /// Kills a pod's containers: `namespace/pod` or `namespace/pod/container`.
    CrashContainer(String),
    /// Enables an addon.
    EnableAddon(String),
    /// Disables an addon.
    DisableAddon(String),
    /// Opens `minikube tunnel`: LoadBalancers get an address that the laptop can reach.
    StartTunnel,
    /// Closes it.
    StopTunnel,
}

impl Fault {
    /// From the words of the driver: a verb such as `stop-node` and what it is done to.
    pub fn parse(verb: &str, name: &str) -> Option<Fault> {
        let name = name.to_string();
        Some(match verb {
            "stop-node" => Fault::StopNode(name),
            "start-node" => Fault::StartNode(name),
            "stop-kubelet" => Fault::StopKubelet(name),
            "add-node" => Fault::AddNode,
            "delete-node" => Fault::DeleteNode(name),
            "delete-cluster" => Fault::DeleteCluster,
            "create-cluster" => Fault::CreateCluster(name.parse().ok()?),
            "cut-node" => Fault::CutNode(name),
            "heal-node" => Fault::HealNode(name),
            "fill-node" => Fault::FillNode(name),
            "free-node" => Fault::FreeNode(name),
            "break-image" => Fault::BreakImage(name),
            "mend-image" => Fault::MendImage(name),
            "crash-container" => Fault::CrashContainer(name),
            "enable-addon" => Fault::EnableAddon(name),
            "disable-addon" => Fault::DisableAddon(name),
            "start-tunnel" => Fault::StartTunnel,
            "stop-tunnel" => Fault::StopTunnel,
            _ => return None,
        })
    }

    /// What is said about it: a sentence, and what it is done to.
    fn words(&self) -> (String, &'static str, &str) {
        let node = |what: &str, name: &'_ str| format!("node {name} {what}");
        match self {
            Fault::StopNode(n) => (node("was stopped", n), "Node", n),
            Fault::StartNode(n) => (node("was started", n), "Node", n),
            Fault::StopKubelet(n) => (format!("the kubelet of node {n} was stopped"), "Node", n),
            Fault::AddNode => ("a node was added".into(), "Node", ""),
            Fault::DeleteNode(n) => (node("was deleted", n), "Node", n),
            Fault::DeleteCluster => ("the cluster was deleted".into(), "", ""),
            Fault::CreateCluster(n) => (format!("a cluster of {n} nodes was made"), "", ""),
            Fault::CutNode(n) => (node("was cut off from the network", n), "Node", n),
            Fault::HealNode(n) => (node("was connected again", n), "Node", n),
            Fault::FillNode(n) => (format!("the disk of node {n} was filled"), "Node", n),
            Fault::FreeNode(n) => (format!("the disk of node {n} was freed"), "Node", n),
            Fault::BreakImage(i) => (format!("image {i} can no longer be pulled"), "", i),
            Fault::MendImage(i) => (format!("image {i} can be pulled again"), "", i),
            Fault::CrashContainer(p) => (format!("a container of {p} was killed"), "Pod", p),
            Fault::EnableAddon(a) => (format!("addon {a} was enabled"), "", a),
            Fault::DisableAddon(a) => (format!("addon {a} was disabled"), "", a),
            Fault::StartTunnel => ("a tunnel to the LoadBalancers was opened".into(), "", ""),
            Fault::StopTunnel => ("the tunnel to the LoadBalancers was closed".into(), "", ""),
        }
    }
}

impl Cluster {
    /// Does something to the cluster. The error is one line of English; then nothing was done.
    pub fn fault(&mut self, fault: &Fault) -> Result<(), String> {
        match fault {
            Fault::StopNode(n) => self.switch_node(n, false)?,
            Fault::StartNode(n) => self.switch_node(n, true)?,
            Fault::StopKubelet(n) => self.node_mut(n)?.kubelet.stop_kubelet(),
            Fault::AddNode => drop(self.add_node()?),
            Fault::DeleteNode(n) => self.delete_node(n)?,
            Fault::DeleteCluster => self.delete_cluster()?,
            Fault::CreateCluster(n) => self.create_cluster(*n)?,
            Fault::CutNode(n) => self.cut_node(n, true)?,
            Fault::HealNode(n) => self.cut_node(n, false)?,
            Fault::FillNode(n) => self.fill_node(n, true)?,
            Fault::FreeNode(n) => self.fill_node(n, false)?,
            Fault::BreakImage(i) => self.break_image(i, true),
            Fault::MendImage(i) => self.break_image(i, false),
            Fault::CrashContainer(p) => self.crash_container(p)?,
            Fault::EnableAddon(a) => addons::enable(self, a)?,
            Fault::DisableAddon(a) => addons::disable(self, a)?,
            Fault::StartTunnel => addons::tunnel(self, true),
            Fault::StopTunnel => addons::tunnel(self, false),
        }
        let (text, kind, name) = fault.words();
        let object = ObjectRef { kind: kind.into(), namespace: String::new(), name: name.into() };
        let signal = Signal { at: self.now, agent: "you".into(), kind: SignalKind::Fault { text, object } };
        self.note(signal);
        (0..self.nodes.len()).for_each(|i| self.run_soon(i));
        Ok(())
    }

    /// Adds an image to all registries, for the nodes that are there and those that join. `false`: that is no name of an
    /// image.
    pub fn register_image(&mut self, name: &str, image: crate::Image) -> bool {
        let nodes = self.nodes.iter_mut().map(|node| node.kubelet.images_mut());
        nodes.chain([&mut self.config.images]).all(|images| images.register(name, image.clone()))
    }

    fn node_mut(&mut self, name: &str) -> Result<&mut crate::cluster::Machine, String> {
        self.nodes.iter_mut().find(|n| n.name == name).ok_or_else(|| format!("node {name:?} does not exist"))
    }

    fn switch_node(&mut self, name: &str, on: bool) -> Result<(), String> {
        let node = self.node_mut(name)?;
        match on {
            true => node.kubelet.start(),
            false => node.kubelet.stop(),
        }
        let was = std::mem::replace(&mut node.running, on);
        let cut = node.cut;
        self.network.set_node(self.now, name, on, cut);
        if on && !was && self.is_control_plane(name) {
            self.restart_control_plane();
        }
        Ok(())
    }

    fn is_control_plane(&self, name: &str) -> bool {
        self.machines().next().is_some_and(|(first, _)| first == name)
    }

    fn delete_cluster(&mut self) -> Result<(), String> {
        let names: Vec<String> = self.machines().map(|(name, _)| name).collect();
        if names.is_empty() {
            return Err("there is no cluster".into());
        }
        for name in names.iter().rev() {
            self.switch_node(name, false)?;
        }
        self.forget_cluster();
        Ok(())
    }

    fn create_cluster(&mut self, nodes: usize) -> Result<(), String> {
        if self.machines().next().is_some() {
            return Err("there is a cluster already".into());
        }
        if !(1..=MAX_NODES).contains(&nodes) {
            return Err(format!("a cluster has 1 to {MAX_NODES} nodes"));
        }
        self.make_cluster(nodes);
        Ok(())
    }

    fn cut_node(&mut self, name: &str, cut: bool) -> Result<(), String> {
        let node = self.node_mut(name)?;
        node.cut = cut;
        let running = node.running;
        self.network.set_node(self.now, name, running, cut);
        Ok(())
    }

    fn delete_node(&mut self, name: &str) -> Result<(), String> {
        if self.is_control_plane(name) {
            return Err(format!("node {name} runs the control plane and cannot be deleted"));
        }
        self.switch_node(name, false)?;
        let mut request = Request::new(Method::Delete, api::node::RESOURCE.object_path("", name));
        request.agent = "minikube".into();
        self.request(request);
        // The machine stays in the list, switched off and forgotten, so that the others keep their places.
        self.node_mut(name)?.name.clear();
        Ok(())
    }

    fn fill_node(&mut self, name: &str, full: bool) -> Result<(), String> {
        let now = self.now;
        self.node_mut(name)?.kubelet.fill_disk(now, full);
        Ok(())
    }

    fn break_image(&mut self, image: &str, broken: bool) {
        for node in &mut self.nodes {
            match broken {
                true => node.kubelet.break_image(image),
                false => node.kubelet.mend_image(image),
            }
        }
    }

    fn crash_container(&mut self, what: &str) -> Result<(), String> {
        let mut parts = what.splitn(3, '/');
        let (namespace, pod) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let container = parts.next().unwrap_or_default();
        let now = self.now;
        let killed = self.nodes.iter_mut().any(|n| n.kubelet.crash_container(now, namespace, pod, container));
        if killed { Ok(()) } else { Err(format!("no container runs in {what:?}")) }
    }
}
