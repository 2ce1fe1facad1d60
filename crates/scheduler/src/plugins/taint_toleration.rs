//! TaintToleration: taints keep pods away that do not tolerate them. Mirrors plugins/tainttoleration.

use crate::cache::NodeInfo;
use crate::framework::{ClusterEvent, Cycle, Listers, Plugin, Status, default_normalize};
use crate::pod::{PodInfo, same};
use apimachinery::Value;

pub struct TaintToleration;

/// A view of one of `spec.tolerations`.
#[derive(Clone, Copy, Debug)]
pub struct Toleration<'a>(&'a Value);

impl Toleration<'_> {
    /// Whether it tolerates a taint. Mirrors v1.Toleration.ToleratesTaint.
    pub fn tolerates(self, taint: &Value) -> bool {
        let is = |key: &str| self.0[key].str();
        let effect = is("effect").is_empty() || is("effect") == taint["effect"].str();
        let key = is("key").is_empty() || is("key") == taint["key"].str();
        let value = match is("operator") {
            "Exists" => true,
            "" | "Equal" => is("value") == taint["value"].str(),
            _ => false,
        };
        effect && key && value
    }
}

/// A pod's tolerations.
pub fn tolerations(pod: &PodInfo) -> Vec<Toleration<'_>> {
    pod.object["spec"]["tolerations"].items().iter().map(Toleration).collect()
}

/// Whether a node has a taint that keeps pods away and is not tolerated.
pub fn repels(node: &NodeInfo, tolerations: &[Toleration<'_>]) -> bool {
    let keeps_away = |t: &&Value| t["effect"] == "NoSchedule" || t["effect"] == "NoExecute";
    let mut taints = node.taints().iter().filter(keeps_away);
    taints.any(|taint| !tolerations.iter().any(|t| t.tolerates(taint)))
}

impl Plugin for TaintToleration {
    fn name(&self) -> &'static str {
        "TaintToleration"
    }

    fn weight(&self) -> i64 {
        3
    }

    fn filter(&self, cycle: &Cycle<'_>, node: &NodeInfo) -> Result<(), Status> {
        if repels(node, &cycle.tolerations) {
            return Err(Status::unresolvable("node(s) had untolerated taint(s)"));
        }
        Ok(())
    }

    fn pre_score(&self, _: &mut Cycle<'_>, _: &[&NodeInfo]) -> bool {
        true
    }

    /// How many `PreferNoSchedule` taints are not tolerated.
    fn score(&self, cycle: &Cycle<'_>, node: &NodeInfo) -> i64 {
        let soft = |t: Toleration<'_>| matches!(t.0["effect"].str(), "" | "PreferNoSchedule");
        let tolerated = |taint: &Value| cycle.tolerations.iter().any(|t| soft(*t) && t.tolerates(taint));
        let taints = node.taints().iter().filter(|t| t["effect"] == "PreferNoSchedule");
        taints.filter(|t| !tolerated(t)).count() as i64
    }

    fn normalize(&self, _: &Cycle<'_>, _: &[&NodeInfo], scores: &mut [i64]) {
        default_normalize(true, scores);
    }

    fn requeue(&self, pod: &PodInfo, event: &ClusterEvent<'_>, _: &Listers) -> bool {
        matches!(event, ClusterEvent::Node { old, new: Some(node) }
            if old.is_none_or(|o| !same(&o["spec"]["taints"], &node.object["spec"]["taints"]))
                && !repels(node, &tolerations(pod)))
    }
}
