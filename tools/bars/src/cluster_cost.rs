//! What a cluster costs: a Deployment of 300 replicas until all are Running, and a minute in which nothing happens.

use crate::host::{clock, say};
use apimachinery::{Method, Request, Value, json};
use cluster::{Cluster, Config};
use sim::{Duration, Order};

const REPLICAS: i64 = 300;

/// The median of this many runs counts.
const RUNS: usize = 5;

/// A pod is long Running by then; who is not never will be.
const LIMIT: Duration = Duration::from_secs(600);

/// How often the bystander looks whether all are Running, in virtual time. The look is not measured.
const LOOK: Duration = Duration::from_millis(200);

/// Prints both figures.
pub fn measure() {
    let (mut rollouts, mut idles) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let fresh = Cluster::new(Config::default());
        idles.push(idle(fresh.clone()));
        rollouts.push(rollout(fresh));
    }
    say(&format!("rollout-300-ms {:.1}", median(rollouts)));
    say(&format!("idle-60-ms {:.1}", median(idles)));
}

fn median(mut times: Vec<f64>) -> f64 {
    times.order_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Milliseconds for 60 virtual seconds of a cluster that has settled.
fn idle(mut cluster: Cluster) -> f64 {
    cluster.advance(Duration::from_secs(60));
    let start = clock();
    cluster.advance(Duration::from_secs(60));
    clock() - start
}

/// Milliseconds from the request that creates the Deployment until its last pod is Running.
fn rollout(mut cluster: Cluster) -> f64 {
    let path = api::deployment::RESOURCE.path("default");
    let begin = cluster.now();
    let start = clock();
    let response = cluster.request(Request::new(Method::Post, path).with_body(deployment()));
    let mut spent = clock() - start;
    assert!(response.is_success(), "{:?}", response.value());
    while running(&cluster) < REPLICAS as usize {
        assert!(cluster.now().since(begin) < LIMIT, "{} of {REPLICAS} are Running", running(&cluster));
        let start = clock();
        cluster.advance(LOOK);
        spent += clock() - start;
    }
    spent
}

fn running(cluster: &Cluster) -> usize {
    let pods = cluster.api().objects(&api::pod::RESOURCE);
    pods.iter().filter(|pod| pod.namespace() == "default" && pod.at("status.phase") == "Running").count()
}

fn deployment() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "replicas": REPLICAS, "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "nginx", "image": "nginx:1.27"}]},
            },
        },
    })
}
