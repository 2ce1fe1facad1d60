//! The metrics-server addon: a Deployment like any other, and what it serves once it runs.

use crate::bootstrap;
use crate::cluster::Cluster;
use apimachinery::{Method, Object, Quantity, Request, Value, json, quantity, time};
use client::Context;
use sim::{Duration, Time};

/// How often it reads what containers use (`--metric-resolution`, as minikube sets it).
const RESOLUTION: Duration = Duration::from_secs(60);

/// How long after its start the first figures are there.
const FIRST: Duration = Duration::from_secs(15);

const IMAGE: &str = "registry.k8s.io/metrics-server/metrics-server:v0.8.0";

#[derive(Clone, Default)]
pub(crate) struct MetricsServer {
    pub(crate) enabled: bool,
    next: Option<Time>,
    due: bool,
}

impl MetricsServer {
    pub(crate) fn wake(&self) -> Option<Time> {
        self.next
    }

    pub(crate) fn take_due(&mut self) -> bool {
        std::mem::take(&mut self.due)
    }

    pub(crate) fn run(&mut self, ctx: &mut Context<'_>) {
        if !self.enabled || !ready(ctx) {
            self.next = None;
            return;
        }
        match self.next {
            None => self.next = Some(ctx.now + FIRST),
            Some(at) if at <= ctx.now => {
                self.due = true;
                self.next = Some(ctx.now + RESOLUTION);
            }
            Some(_) => {}
        }
    }
}

fn ready(ctx: &mut Context<'_>) -> bool {
    let path = api::pod::RESOURCE.path("kube-system");
    let pods = ctx.send(Request::get(path).with("labelSelector", "k8s-app=metrics-server")).value();
    let is_ready = |c: &Value| c["type"] == "Ready" && c["status"] == "True";
    pods["items"].items().iter().any(|p| p.at("status.conditions").items().iter().any(is_ready))
}

pub(crate) fn enable(cluster: &mut Cluster) {
    if cluster.addons.metrics.enabled {
        return;
    }
    cluster.addons.metrics.enabled = true;
    bootstrap::create(cluster, &api::deployment::RESOURCE, deployment());
    bootstrap::create(cluster, &api::service::RESOURCE, service());
}

pub(crate) fn disable(cluster: &mut Cluster) {
    cluster.addons.metrics.enabled = false;
    cluster.api.set_metrics(None);
    for resource in [api::deployment::RESOURCE, api::service::RESOURCE] {
        let mut request = Request::new(Method::Delete, resource.object_path("kube-system", "metrics-server"));
        request.agent = "minikube".into();
        cluster.request(request);
    }
}

/// Reads what every container uses and puts it behind metrics.k8s.io.
pub(crate) fn scrape(cluster: &mut Cluster) {
    let mut metrics = Vec::new();
    let stamp = time::format(cluster.now);
    let metric = |kind: &str, metadata: Value| {
        json!({
            "apiVersion": "metrics.k8s.io/v1beta1", "kind": kind, "metadata": metadata,
            "timestamp": stamp.as_str(), "window": "15s",
        })
    };
    for machine in cluster.nodes.iter().filter(|n| n.running && !n.cut && n.kubelet.is_running()) {
        let usage = machine.kubelet.usage();
        let mut node = metric("NodeMetrics", json!({"name": machine.name.as_str()}));
        node.set("usage", amounts(usage.cpu_millis, usage.memory_bytes));
        metrics.push(Object(node));
        for pod in usage.pods {
            let labels = cluster
                .api
                .object(&api::pod::RESOURCE, &pod.namespace, &pod.name)
                .map(|p| p.labels().clone());
            let mut one =
                metric("PodMetrics", json!({"name": pod.name, "namespace": pod.namespace, "labels": labels}));
            let container = |(name, cpu, memory): &(String, u64, u64)| json!({"name": name, "usage": amounts(*cpu, *memory)});
            one.set("containers", Value::array(pod.containers.iter().map(container)));
            metrics.push(Object(one));
        }
    }
    cluster.api.set_metrics(Some(metrics));
}

fn amounts(cpu_millis: u64, memory_bytes: u64) -> Value {
    let memory = Quantity::new((memory_bytes / 1024 * 1024) as i64, quantity::Format::BinarySi);
    json!({"cpu": format!("{}n", cpu_millis * 1_000_000), "memory": memory.to_string()})
}

fn deployment() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "metrics-server", "namespace": "kube-system", "labels": {"k8s-app": "metrics-server"}},
        "spec": {
            "selector": {"matchLabels": {"k8s-app": "metrics-server"}},
            "template": {
                "metadata": {"labels": {"k8s-app": "metrics-server"}},
                "spec": {
                    "priorityClassName": "system-cluster-critical",
                    "containers": [{
                        "name": "metrics-server", "image": IMAGE,
                        "args": ["--cert-dir=/tmp", "--secure-port=4443", "--metric-resolution=60s", "--kubelet-insecure-tls"],
                        "ports": [{"containerPort": 4443, "name": "https", "protocol": "TCP"}],
                        "resources": {"requests": {"cpu": "100m", "memory": "200Mi"}},
                    }],
                },
            },
        },
    })
}

fn service() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "metrics-server", "namespace": "kube-system", "labels": {"k8s-app": "metrics-server"}},
        "spec": {"selector": {"k8s-app": "metrics-server"}, "ports": [{"name": "https", "port": 443, "targetPort": "https"}]},
    })
}
