//! What `minikube start` leaves behind: namespaces, the API's own Service, nodes, and the pods of kube-system.

use crate::cluster::Cluster;
use crate::config::node_name;
use apimachinery::{Method, Request, Resource, Value, json};
use kubelet::NodeConfig;
use sim::{Duration, Time};

/// When, after the start, the other nodes join.
const JOIN: Duration = Duration::from_secs(5);
/// How long `minikube start` takes: a new cluster's clock stands this long after [`Config::start`](crate::Config), when
/// everything has settled and the learner may type.
pub const SETTLED: Duration = Duration::from_secs(23);

/// How far virtual time moves in one step of the last part, in which everything settles.
const STEP: Duration = Duration::from_secs(1);

/// A cluster on its way up. Whoever has to stay awake takes the steps one by one; the cluster is the same as with
/// [`Cluster::new`] when the last is done. Nothing else may be asked of it before.
#[derive(Clone, Debug)]
pub struct Boot {
    begin: Time,
    stage: Stage,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    ControlPlane,
    Nodes,
    System,
    Settling,
}

impl Boot {
    pub(crate) fn new(cluster: &Cluster) -> Boot {
        Boot { begin: cluster.now, stage: Stage::ControlPlane }
    }

    /// Takes the next step, some milliseconds of work. Gives whether the cluster is up.
    pub fn step(&mut self, cluster: &mut Cluster) -> bool {
        let end = self.begin + SETTLED;
        self.stage = match self.stage {
            Stage::ControlPlane => {
                control_plane(cluster);
                cluster.advance_to(self.begin + JOIN);
                Stage::Nodes
            }
            Stage::Nodes => {
                for _ in 1..cluster.config.nodes.clamp(1, crate::config::MAX_NODES) {
                    add_node(cluster);
                }
                cluster.advance_to(self.begin + JOIN + Duration::from_secs(1));
                Stage::System
            }
            Stage::System => {
                system_pods(cluster);
                Stage::Settling
            }
            Stage::Settling => {
                cluster.advance_to((cluster.now + STEP).min(end));
                Stage::Settling
            }
        };
        if cluster.now == end {
            forget_events(cluster);
        }
        cluster.now >= end
    }
}

/// Builds the cluster's first objects and lets virtual time run until all is up.
pub(crate) fn start(cluster: &mut Cluster) {
    let mut boot = Boot::new(cluster);
    while !boot.step(cluster) {}
}

fn control_plane(cluster: &mut Cluster) {
    for name in ["default", "kube-system", "kube-public", "kube-node-lease"] {
        create(
            cluster,
            &api::namespace::RESOURCE,
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}),
        );
    }
    for namespace in ["default", "kube-system"] {
        service_account(cluster, namespace, "default");
    }
    for controller in CONTROLLER_ACCOUNTS {
        service_account(cluster, "kube-system", controller);
    }
    for (name, value, description) in api::priorityclass::SYSTEM {
        let class = json!({
            "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name}, "value": value,
            "description": description,
        });
        create(cluster, &api::priorityclass::RESOURCE, class);
    }
    kubernetes_service(cluster);
    add_node(cluster);
    for (component, image) in CONTROL_PLANE {
        let name = format!("{component}-{}", node_name(0));
        create(cluster, &api::pod::RESOURCE, static_pod(&name, component, image));
    }
}

fn system_pods(cluster: &mut Cluster) {
    for account in ["coredns", "kube-proxy"] {
        service_account(cluster, "kube-system", account);
    }
    create(cluster, &api::storageclass::RESOURCE, storage_class());
    create(cluster, &api::service::RESOURCE, dns_service());
    create(cluster, &api::deployment::RESOURCE, coredns());
    create(cluster, &api::pod::RESOURCE, storage_provisioner());
    create(cluster, &api::daemonset::RESOURCE, kube_proxy());
}

/// A learner's first look at Events shows what he did, not how the nodes came up.
fn forget_events(cluster: &mut Cluster) {
    let mut request = Request::new(Method::Delete, api::event::RESOURCE.path("default"));
    request.agent = "minikube".into();
    cluster.request(request);
}

/// Switches one more node on; it registers itself.
pub(crate) fn add_node(cluster: &mut Cluster) -> Option<usize> {
    cluster.add_node().ok()
}

/// A node's machine, as the kubelet finds it.
pub(crate) fn node_config(name: &str, address: &str, index: usize) -> NodeConfig {
    let pods = format!("10.{}.{}.0/24", 244 + index / 256, index % 256);
    NodeConfig::minikube(name, u16::try_from(index).unwrap_or(u16::MAX), address, &pods)
}

/// Writes an object in minikube's name. That it is refused would be a defect of ours.
pub(crate) fn create(cluster: &mut Cluster, resource: &Resource, object: Value) {
    let path = resource.path(object["metadata"]["namespace"].str());
    let mut request = Request::new(Method::Post, path).with_body(object);
    request.agent = "minikube".into();
    let response = cluster.request(request);
    assert!(response.is_success(), "bootstrap: {:?}", response.value());
}

fn service_account(cluster: &mut Cluster, namespace: &str, name: &str) {
    let metadata = json!({"name": name, "namespace": namespace});
    create(
        cluster,
        &api::serviceaccount::RESOURCE,
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}),
    );
}

fn kubernetes_service(cluster: &mut Cluster) {
    let labels = json!({"component": "apiserver", "provider": "kubernetes"});
    let service = json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "kubernetes", "namespace": "default", "labels": labels},
        "spec": {"clusterIP": "10.96.0.1", "ports": [{"name": "https", "port": 443, "targetPort": 8443}]},
    });
    create(cluster, &api::service::RESOURCE, service);
    let endpoints = json!({
        "apiVersion": "v1", "kind": "Endpoints",
        "metadata": {"name": "kubernetes", "namespace": "default", "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"}},
        "subsets": [{"addresses": [{"ip": "192.168.49.2"}], "ports": [{"name": "https", "port": 8443, "protocol": "TCP"}]}],
    });
    create(cluster, &api::endpoints::RESOURCE, endpoints);
    let slice = json!({
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
        "metadata": {"name": "kubernetes", "namespace": "default", "labels": {"kubernetes.io/service-name": "kubernetes"}},
        "endpoints": [{"addresses": ["192.168.49.2"], "conditions": {"ready": true}}],
        "ports": [{"name": "https", "port": 8443, "protocol": "TCP"}],
    });
    create(cluster, &api::endpointslice::RESOURCE, slice);
}

/// The accounts that the controller manager makes for its controllers (`--use-service-account-credentials`).
const CONTROLLER_ACCOUNTS: [&str; 37] = [
    "attachdetach-controller",
    "bootstrap-signer",
    "certificate-controller",
    "clusterrole-aggregation-controller",
    "cronjob-controller",
    "daemon-set-controller",
    "deployment-controller",
    "device-taint-eviction-controller",
    "disruption-controller",
    "endpoint-controller",
    "endpointslice-controller",
    "endpointslicemirroring-controller",
    "ephemeral-volume-controller",
    "expand-controller",
    "generic-garbage-collector",
    "horizontal-pod-autoscaler",
    "job-controller",
    "legacy-service-account-token-cleaner",
    "namespace-controller",
    "node-controller",
    "persistent-volume-binder",
    "pod-garbage-collector",
    "pv-protection-controller",
    "pvc-protection-controller",
    "replicaset-controller",
    "replication-controller",
    "resource-claim-controller",
    "resourcequota-controller",
    "root-ca-cert-publisher",
    "service-account-controller",
    "service-cidrs-controller",
    "statefulset-controller",
    "token-cleaner",
    "ttl-after-finished-controller",
    "ttl-controller",
    "validatingadmissionpolicy-status-controller",
    "volumeattributesclass-protection-controller",
];

/// The static pods of the control plane: component and image.
const CONTROL_PLANE: [(&str, &str); 4] = [
    ("etcd", "registry.k8s.io/etcd:3.6.6-0"),
    ("kube-apiserver", "registry.k8s.io/kube-apiserver:v1.36.2"),
    ("kube-controller-manager", "registry.k8s.io/kube-controller-manager:v1.36.2"),
    ("kube-scheduler", "registry.k8s.io/kube-scheduler:v1.36.2"),
];

const PROXY_IMAGE: &str = "registry.k8s.io/kube-proxy:v1.36.2";
const DNS_IMAGE: &str = "registry.k8s.io/coredns/coredns:v1.13.1";
const STORAGE_IMAGE: &str = "gcr.io/k8s-minikube/storage-provisioner:v5";

fn static_pod(name: &str, component: &str, image: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": name, "namespace": "kube-system",
            "labels": {"component": component, "tier": "control-plane"},
            "annotations": {"kubernetes.io/config.source": "file"},
        },
        "spec": {
            "hostNetwork": true, "nodeName": node_name(0), "priorityClassName": "system-node-critical",
            "tolerations": [{"operator": "Exists"}], "automountServiceAccountToken": false,
            "containers": [{"name": component, "image": image, "resources": {"requests": {"cpu": "100m"}}}],
        },
    })
}

fn kube_proxy() -> Value {
    let labels = json!({"k8s-app": "kube-proxy"});
    json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": {"name": "kube-proxy", "namespace": "kube-system", "labels": labels.clone()},
        "spec": {
            "selector": {"matchLabels": labels.clone()},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "hostNetwork": true, "priorityClassName": "system-node-critical",
                    "nodeSelector": {"kubernetes.io/os": "linux"},
                    "serviceAccountName": "kube-proxy", "tolerations": [{"operator": "Exists"}],
                    "containers": [{"name": "kube-proxy", "image": PROXY_IMAGE}],
                },
            },
        },
    })
}

fn storage_provisioner() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "storage-provisioner", "namespace": "kube-system", "labels": {"integration-test": "storage-provisioner"}},
        "spec": {
            "hostNetwork": true, "nodeName": node_name(0),
            "containers": [{"name": "storage-provisioner", "image": STORAGE_IMAGE}],
        },
    })
}

/// The addon `default-storageclass`, as `kubectl apply` made it.
fn storage_class() -> Value {
    const IS_DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";
    let mut class = json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
        "metadata": {"annotations": {IS_DEFAULT: "true"}, "name": "standard"},
        "provisioner": "kubernetes.io/host-path", "reclaimPolicy": "Delete", "volumeBindingMode": "Immediate",
    });
    let applied = format!("{}\n", class.to_json());
    class.at_mut("metadata.annotations").set("kubectl.kubernetes.io/last-applied-configuration", applied);
    class
}

fn dns_service() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {
            "name": "kube-dns", "namespace": "kube-system",
            "labels": {"k8s-app": "kube-dns", "kubernetes.io/cluster-service": "true", "kubernetes.io/name": "CoreDNS"},
        },
        "spec": {
            "clusterIP": "10.96.0.10", "selector": {"k8s-app": "kube-dns"},
            "ports": [
                {"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "dns-tcp", "port": 53, "protocol": "TCP"},
                {"name": "metrics", "port": 9153, "protocol": "TCP"},
            ],
        },
    })
}

fn coredns() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "coredns", "namespace": "kube-system", "labels": {"k8s-app": "kube-dns"}},
        "spec": {
            "replicas": 1, "selector": {"matchLabels": {"k8s-app": "kube-dns"}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}},
            "template": {
                "metadata": {"labels": {"k8s-app": "kube-dns"}},
                "spec": {
                    "priorityClassName": "system-cluster-critical", "serviceAccountName": "coredns", "dnsPolicy": "Default",
                    "nodeSelector": {"kubernetes.io/os": "linux", "node-role.kubernetes.io/control-plane": ""},
                    "tolerations": [{"key": "CriticalAddonsOnly", "operator": "Exists"}],
                    "containers": [{
                        "name": "coredns", "image": DNS_IMAGE, "args": ["-conf", "/etc/coredns/Corefile"],
                        "ports": [
                            {"containerPort": 53, "name": "dns", "protocol": "UDP"},
                            {"containerPort": 53, "name": "dns-tcp", "protocol": "TCP"},
                            {"containerPort": 9153, "name": "metrics", "protocol": "TCP"},
                        ],
                        "resources": {"requests": {"cpu": "100m", "memory": "70Mi"}, "limits": {"memory": "170Mi"}},
                    }],
                },
            },
        },
    })
}
