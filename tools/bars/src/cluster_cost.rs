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

/// How often the bystander looks whether all are Running, in virtual time.
const LOOK: Duration = Duration::from_millis(200);

/// An idle minute is so short that this many are measured in one go.
const MINUTES: u32 = 20;

/// Prints both figures.
pub fn measure() {
    let fresh = Cluster::new(Config::default());
    let virtual_time = time_to_run(fresh.clone());
    let (mut rollouts, mut idles) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        rollouts.push(rollout(fresh.clone(), virtual_time));
        idles.push(idle(fresh.clone()));
    }
    say(&format!("rollout-300-ms {:.1}", median(rollouts)));
    say(&format!("idle-60-ms {:.2}", median(idles)));
}

fn median(mut times: Vec<f64>) -> f64 {
    times.order_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Milliseconds for 60 virtual seconds of a cluster that has settled.
fn idle(mut cluster: Cluster) -> f64 {
    cluster.advance(Duration::from_secs(60));
    let start = clock();
    cluster.advance(Duration::from_secs(60) * MINUTES);
    (clock() - start) / f64::from(MINUTES)
}

/// How much virtual time passes from the request that creates the Deployment until its last pod is Running.
fn time_to_run(mut cluster: Cluster) -> Duration {
    let begin = cluster.now();
    create(&mut cluster);
    while running(&cluster) < REPLICAS as usize {
        assert!(cluster.now().since(begin) < LIMIT, "{} of {REPLICAS} are Running", running(&cluster));
        cluster.advance(LOOK);
    }
    cluster.now().since(begin)
}

/// Milliseconds for that time; whether all are Running is looked at before and after, not while it is measured.
fn rollout(mut cluster: Cluster, virtual_time: Duration) -> f64 {
    let start = clock();
    create(&mut cluster);
    cluster.advance(virtual_time);
    let spent = clock() - start;
    assert_eq!(running(&cluster), REPLICAS as usize, "the same inputs do the same");
    spent
}

fn create(cluster: &mut Cluster) {
    let path = api::deployment::RESOURCE.path("default");
    let response = cluster.request(Request::new(Method::Post, path).with_body(deployment()));
    assert!(response.is_success(), "{:?}", response.value());
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
