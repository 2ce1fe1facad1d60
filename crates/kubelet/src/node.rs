//! The Node object, its status and its lease. Mirrors pkg/kubelet/kubelet_node_status.go and component-helpers/apimachinery/lease.

use crate::Kubelet;
use crate::config::{
    KERNEL_VERSION, KUBELET_VERSION, LEASE_RENEW, LEASE_SECONDS, MAX_PODS, RUNTIME_VERSION, STATUS_REPORT,
};
use crate::kubelet::Timer;
use apimachinery::{Value, json, time};
use client::Context;
use sim::Time;

/// The namespace of node leases.
const LEASES: &str = "kube-node-lease";

impl Kubelet {
    /// Makes the Node object unless there is one; says whether there was.
    pub(crate) fn register(&mut self, ctx: &mut Context<'_>) -> bool {
        if ctx.get(&api::node::RESOURCE, "", &self.config.name).is_ok() {
            return true;
        }
        let name = self.config.name.as_str();
        let mut labels = json!({
            "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
            "kubernetes.io/hostname": name, "kubernetes.io/os": "linux",
        });
        for (key, value) in &self.config.labels {
            labels.set(key, value);
        }
        let cidr = self.config.pod_cidr.as_str();
        let node = json!({
            "apiVersion": "v1", "kind": "Node",
            "metadata": {"name": name, "labels": labels, "annotations": {"node.alpha.kubernetes.io/ttl": "0"}},
            "spec": {"podCIDR": cidr, "podCIDRs": [cidr]},
            "status": self.status_of_node(ctx.now, &Value::Null),
        });
        let _ = ctx.create(&api::node::RESOURCE, node);
        false
    }

    /// Writes the node's status, now and every five minutes.
    pub(crate) fn node_status(&mut self, ctx: &mut Context<'_>) {
        let next = STATUS_REPORT + STATUS_REPORT.mul_f64(self.rng.fraction() / 25.0);
        self.timers.retain(|t| *t != Timer::NodeStatus);
        self.timers.push(ctx.now + next, Timer::NodeStatus);
        let name = self.config.name.clone();
        let Ok(node) = ctx.get(&api::node::RESOURCE, "", &name) else {
            // Somebody deleted it. As in reality it does not come back before the kubelet is started again.
            return;
        };
        let status = self.status_of_node(ctx.now, &node["status"]);
        let _ = ctx.patch(&api::node::RESOURCE, "", &name, "status", json!({"status": status}));
    }

    /// Renews the lease, now and every ten seconds.
    pub(crate) fn renew_lease(&mut self, ctx: &mut Context<'_>) {
        self.timers.push(ctx.now + LEASE_RENEW, Timer::Lease);
        let name = self.config.name.clone();
        let renewed = json!({"spec": {"renewTime": time::format_micro(ctx.now)}});
        if ctx.merge_patch(&api::lease::RESOURCE, LEASES, &name, "", renewed).is_ok() {
            return;
        }
        let Ok(node) = ctx.get(&api::node::RESOURCE, "", &name) else { return };
        let lease = json!({
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": {"name": name.as_str(), "namespace": LEASES, "ownerReferences": [
                {"apiVersion": "v1", "kind": "Node", "name": name.as_str(), "uid": node.uid()}]},
            "spec": {"holderIdentity": name.as_str(), "leaseDurationSeconds": LEASE_SECONDS,
                "renewTime": time::format_micro(ctx.now)},
        });
        let _ = ctx.create(&api::lease::RESOURCE, lease);
    }

    fn status_of_node(&self, now: Time, old: &Value) -> Value {
        let resources = json!({
            "cpu": self.config.cpu.to_string(), "ephemeral-storage": "0",
            "memory": format!("{}Ki", self.config.memory / 1024), "pods": MAX_PODS.to_string(),
        });
        let features = json!({"recursiveReadOnlyMounts": false, "userNamespaces": false});
        json!({
            "addresses": [
                {"type": "InternalIP", "address": self.config.address.as_str()},
                {"type": "Hostname", "address": self.config.name.as_str()}],
            "allocatable": resources.clone(), "capacity": resources,
            "conditions": self.node_conditions(now, &old["conditions"]),
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "declaredFeatures": ["ExtendWebSocketsToKubelet", "InPlacePodLevelResourcesVerticalScaling",
                "InPlacePodVerticalScalingInitContainers", "RestartAllContainersOnContainerExits"],
            "nodeInfo": {
                "architecture": "amd64", "bootID": stable_uuid("boot"), "containerRuntimeVersion": RUNTIME_VERSION,
                "kernelVersion": KERNEL_VERSION, "kubeProxyVersion": "", "kubeletVersion": KUBELET_VERSION,
                "machineID": crate::machine_id::of(&self.config.name), "operatingSystem": "linux",
                "osImage": "Debian GNU/Linux 12 (bookworm)",
                "systemUUID": stable_uuid(&format!("system {}", self.config.name)),
            },
            "runtimeHandlers": [{"name": "", "features": features.clone()}, {"name": "runc", "features": features}],
        })
    }

    /// Mirrors pkg/kubelet/nodestatus/setters.go.
    fn node_conditions(&self, now: Time, old: &Value) -> Value {
        let disk = match self.disk_full {
            true => ("True", "KubeletHasDiskPressure", "kubelet has disk pressure"),
            false => ("False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        };
        let list = [
            (
                "MemoryPressure",
                ("False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
            ),
            ("DiskPressure", disk),
            ("PIDPressure", ("False", "KubeletHasSufficientPID", "kubelet has sufficient PID available")),
            ("Ready", ("True", "KubeletReady", "kubelet is posting ready status")),
        ];
        let condition = |(kind, (status, reason, message)): (&str, (&str, &str, &str))| {
            let before = old.items().iter().find(|c| c["type"] == kind && c["status"] == status);
            let since = before.map_or_else(|| time::format(now).into(), |c| c["lastTransitionTime"].clone());
            json!({"type": kind, "status": status, "reason": reason, "message": message,
                "lastHeartbeatTime": time::format(now), "lastTransitionTime": since})
        };
        Value::array(list.map(condition))
    }
}

/// A UUID that is always the same for a name.
fn stable_uuid(name: &str) -> String {
    apimachinery::names::uid(&mut sim::Rng::new(7).fork(name))
}
