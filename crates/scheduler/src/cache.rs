//! What the rules look at: nodes with what runs on them. Kept up to date from watch deltas, never rebuilt.
//! Mirrors pkg/scheduler/backend/cache.

use crate::pod::{Group, HostPort, PodInfo, Resources, same};
use apimachinery::{Object, Value, json};
use sim::collections::BTreeMap;
use std::sync::Arc;

/// A node and what is on it. Mirrors framework.NodeInfo.
#[derive(Clone, Debug, Default)]
pub struct NodeInfo {
    /// Its name.
    pub name: String,
    /// As it stands in the API; null while only pods are known that claim to run on it.
    pub object: Object,
    /// Its fields that node affinity may ask for.
    pub fields: Value,
    /// `status.allocatable`.
    pub allocatable: Resources,
    /// What its pods ask for.
    pub requested: Resources,
    /// Millicores and bytes that its pods count as in scores.
    pub non_zero: (i64, i64),
    /// Its pods, by key.
    pub pods: BTreeMap<String, Arc<PodInfo>>,
    /// Its pods by what rules see of them, with how many there are.
    pub groups: BTreeMap<String, (Arc<Group>, i64)>,
    /// How many of the groups have rules about other pods.
    pub affinity_groups: usize,
    /// Its images, with their sizes.
    pub images: BTreeMap<String, i64>,
}

impl NodeInfo {
    /// A label of the node.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.object.label(key)
    }

    /// `spec.taints`.
    pub fn taints(&self) -> &[Value] {
        self.object["spec"]["taints"].items()
    }

    /// Ports of the node that are taken.
    pub fn used_ports(&self) -> impl Iterator<Item = &HostPort> {
        self.pods.values().flat_map(|p| p.ports.iter())
    }

    /// How many pods of a namespace, not on their way out, have labels that `matches` accepts.
    /// Mirrors podtopologyspread.countPodsMatchSelector.
    pub fn count(&self, namespace: &str, matches: &dyn Fn(&Value) -> bool) -> i64 {
        let counted = |g: &Group| g.namespace == namespace && !g.terminating && matches(&g.labels);
        self.groups.values().filter(|(g, _)| counted(g)).map(|(_, n)| n).sum()
    }

    /// Puts a pod on it.
    pub fn add(&mut self, pod: Arc<PodInfo>) {
        self.remove(&pod.key);
        self.account(&pod, 1);
        let known = self.groups.entry(pod.group.id.clone()).or_insert_with(|| (pod.group.clone(), 0));
        known.1 += 1;
        self.affinity_groups += usize::from(known.1 == 1 && pod.group.has_affinity());
        self.pods.insert(pod.key.clone(), pod);
    }

    /// Takes a pod away, if it is there.
    pub fn remove(&mut self, key: &str) {
        let Some(pod) = self.pods.remove(key) else { return };
        self.account(&pod, -1);
        let Some(known) = self.groups.get_mut(&pod.group.id) else { return };
        known.1 -= 1;
        if known.1 == 0 {
            self.affinity_groups -= usize::from(pod.group.has_affinity());
            self.groups.remove(&pod.group.id);
        }
    }

    fn account(&mut self, pod: &PodInfo, sign: i64) {
        self.requested.add(&pod.requests, sign);
        self.non_zero.0 += sign * pod.non_zero.0;
        self.non_zero.1 += sign * pod.non_zero.1;
    }

    /// Gives back the images that were there, if that has changed.
    fn set_object(&mut self, node: Object) -> Option<BTreeMap<String, i64>> {
        if !same(&self.object["status"]["allocatable"], &node["status"]["allocatable"]) {
            self.allocatable = Resources::from_list(&node["status"]["allocatable"]);
        }
        let changed = !same(&self.object["status"]["images"], &node["status"]["images"]);
        let replaced = changed.then(|| std::mem::replace(&mut self.images, images_of(&node)));
        self.fields = json!({"metadata.name": node.name()});
        self.object = node;
        replaced
    }
}

fn images_of(node: &Object) -> BTreeMap<String, i64> {
    let images = node["status"]["images"].items().iter();
    let sized =
        images.flat_map(|i| i["names"].items().iter().map(|n| (n.str().into(), i["sizeBytes"].int())));
    sized.collect()
}

/// All nodes. Grows with the cluster's nodes and pods.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    nodes: BTreeMap<String, Arc<NodeInfo>>,
    /// How many of them are there (and not only named by pods).
    present: usize,
    /// Where each pod is, by key.
    places: Arc<BTreeMap<String, Arc<str>>>,
    /// How many nodes have an image.
    images: BTreeMap<String, i64>,
}

impl Cache {
    fn node_mut(&mut self, name: &str) -> &mut NodeInfo {
        let node = self
            .nodes
            .entry(name.to_string())
            .or_insert_with(|| Arc::new(NodeInfo { name: name.to_string(), ..Default::default() }));
        Arc::make_mut(node)
    }

    /// A node is there or has changed.
    pub fn set_node(&mut self, node: Object) {
        let name = node.name().to_string();
        let info = self.node_mut(&name);
        let fresh = info.object.is_null();
        let replaced = info.set_object(node);
        self.present += usize::from(fresh);
        if let Some(before) = replaced {
            let after = self.nodes[&name].images.clone();
            self.recount(&before, &after);
        }
    }

    /// A node is gone. Pods that claim to run on it stay known until they are gone too.
    pub fn remove_node(&mut self, name: &str) {
        let Some(info) = self.nodes.get_mut(name) else { return };
        let info = Arc::make_mut(info);
        self.present -= usize::from(!info.object.is_null());
        let before = std::mem::take(&mut info.images);
        (info.object, info.allocatable) = Default::default();
        if info.pods.is_empty() {
            self.nodes.remove(name);
        }
        self.recount(&before, &BTreeMap::new());
    }

    fn recount(&mut self, before: &BTreeMap<String, i64>, after: &BTreeMap<String, i64>) {
        before.keys().for_each(|image| *self.images.entry(image.clone()).or_default() -= 1);
        after.keys().for_each(|image| *self.images.entry(image.clone()).or_default() += 1);
        self.images.retain(|_, nodes| *nodes > 0);
    }

    /// A pod is on a node (or has changed, or is assumed to be there).
    pub fn set_pod(&mut self, pod: Arc<PodInfo>, node: &str) {
        if self.places.get(&pod.key).is_some_and(|place| **place != *node) {
            self.remove_pod(&pod.key);
        }
        Arc::make_mut(&mut self.places).insert(pod.key.clone(), node.into());
        self.node_mut(node).add(pod);
    }

    /// A pod is gone.
    pub fn remove_pod(&mut self, key: &str) {
        let Some(place) = Arc::make_mut(&mut self.places).remove(key) else { return };
        let node = self.node_mut(&place);
        node.remove(key);
        if node.object.is_null() && node.pods.is_empty() {
            self.nodes.remove(&*place);
        }
    }

    /// A pod that is on a node.
    pub fn pod(&self, key: &str) -> Option<&Arc<PodInfo>> {
        self.nodes.get(&**self.places.get(key)?)?.pods.get(key)
    }

    /// The nodes, to look at.
    pub fn view(&self) -> Nodes<'_> {
        Nodes { cache: self, instead: None }
    }
}

/// The nodes as one decision sees them: possibly with one of them changed, to try something out.
#[derive(Clone, Copy)]
pub struct Nodes<'a> {
    cache: &'a Cache,
    instead: Option<&'a NodeInfo>,
}

impl<'a> Nodes<'a> {
    /// The same nodes, but this one instead of the one with its name.
    pub fn with(self, instead: &'a NodeInfo) -> Nodes<'a> {
        Nodes { instead: Some(instead), ..self }
    }

    /// Every node, by name.
    pub fn iter(self) -> impl Iterator<Item = &'a NodeInfo> {
        let there = self.cache.nodes.values().map(|n| &**n).filter(|n| !n.object.is_null());
        there.map(move |n| self.instead.filter(|i| i.name == n.name).unwrap_or(n))
    }

    /// One node.
    pub fn get(self, name: &str) -> Option<&'a NodeInfo> {
        let node = self.cache.nodes.get(name).filter(|n| !n.object.is_null())?;
        Some(self.instead.filter(|i| i.name == name).unwrap_or(node))
    }

    /// How many there are.
    pub fn len(self) -> usize {
        self.cache.present
    }

    /// How many nodes have an image.
    pub fn with_image(self, image: &str) -> i64 {
        self.cache.images.get(image).copied().unwrap_or_default()
    }
}
