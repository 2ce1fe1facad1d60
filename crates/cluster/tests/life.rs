//! The whole machine: what is asked of the API is done by controllers, scheduler and kubelets.

use apimachinery::{Method, Object, Request, Value, json};
use cluster::{Cluster, Config};
use sim::Duration;

fn list(cluster: &Cluster, resource: &apimachinery::Resource, namespace: &str) -> Vec<Object> {
    let mut all = cluster.api().objects(resource);
    all.retain(|o| o.namespace() == namespace);
    all
}

fn ready(pod: &Object) -> bool {
    pod.at("status.conditions").items().iter().any(|c| c["type"] == "Ready" && c["status"] == "True")
}

fn create(cluster: &mut Cluster, resource: &apimachinery::Resource, object: Value) {
    let path = resource.path(object["metadata"]["namespace"].str());
    let response = cluster.request(Request::new(Method::Post, path).with_body(object));
    assert!(response.is_success(), "{:?}", response.value());
}

fn deployment(replicas: i64) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "replicas": replicas, "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "nginx", "image": "nginx:1.27"}]},
            },
        },
    })
}

#[test]
fn minikube_start_leaves_three_ready_nodes_and_kube_system() {
    let cluster = Cluster::new(Config::default());
    let nodes = cluster.api().objects(&api::node::RESOURCE);
    let names: Vec<&str> = nodes.iter().map(|n| n.name()).collect();
    assert_eq!(names, ["minikube", "minikube-m02", "minikube-m03"]);
    assert!(nodes.iter().all(ready), "{nodes:?}");
    let system = list(&cluster, &api::pod::RESOURCE, "kube-system");
    assert_eq!(system.len(), 9);
    for pod in &system {
        assert!(ready(pod), "{} {:?}", pod.name(), pod["status"]);
    }
}

#[test]
fn a_deployment_becomes_running_pods_on_all_nodes() {
    let mut cluster = Cluster::new(Config::default());
    create(&mut cluster, &api::deployment::RESOURCE, deployment(6));
    let all_ready =
        |c: &Cluster| list(c, &api::pod::RESOURCE, "default").iter().filter(|p| ready(p)).count() == 6;
    let reached = cluster.run_until(all_ready, Duration::from_secs(60));
    let pods = list(&cluster, &api::pod::RESOURCE, "default");
    assert_eq!(reached, Ok(()), "{pods:?}");
    let nodes: sim::collections::BTreeSet<&str> = pods.iter().map(|p| p.at("spec.nodeName").str()).collect();
    assert_eq!(nodes.len(), 3);
}

#[test]
fn the_same_seed_gives_the_same_trace_and_a_clone_goes_its_own_way() {
    let run = || {
        let mut cluster = Cluster::new(Config::default());
        create(&mut cluster, &api::deployment::RESOURCE, deployment(3));
        cluster.advance(Duration::from_secs(20));
        cluster
    };
    let (a, b) = (run(), run());
    assert_eq!(a.trace(), b.trace());
    let mut branch = a.clone();
    branch.advance(Duration::from_secs(60));
    assert_ne!(branch.trace(), a.trace());
    let mut other = b;
    other.advance(Duration::from_secs(60));
    assert_eq!(branch.trace(), other.trace());
    assert_ne!(
        Cluster::new(Config { seed: 2, ..Config::default() }).trace(),
        Cluster::new(Config::default()).trace()
    );
}
