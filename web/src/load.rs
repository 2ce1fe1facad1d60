//! Requests that the page sends to a Service, one or a steady stream, and what became of them.

use apimachinery::Object;
use client::Place;
use cluster::Cluster;
use sim::net::{self, HttpRequest, Payload, RequestId};
use sim::{Duration, Time};

/// How long a request waits for its answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The most requests under way at a time; a stream pauses there.
const MAX_PENDING: usize = 500;

/// A stream of requests to one Service.
pub struct Load {
    /// `namespace/name` of the Service.
    pub service: String,
    /// Requests a second; 0 for none but single ones.
    pub rate: f64,
    /// How many were answered with a success.
    pub succeeded: u64,
    /// How many failed, and why the last one did.
    pub failed: u64,
    /// Why the last one failed.
    pub last_failure: String,
    next: Time,
    pending: Vec<RequestId>,
}

impl Load {
    /// To a Service; nothing is sent yet.
    pub fn new(service: &str, now: Time) -> Load {
        Load {
            service: service.into(),
            rate: 0.0,
            succeeded: 0,
            failed: 0,
            last_failure: String::new(),
            next: now,
            pending: Vec::new(),
        }
    }

    /// Sets the rate; the first request goes out at once.
    pub fn set_rate(&mut self, rate: f64, now: Time) {
        (self.rate, self.next) = (rate, now);
    }

    /// Sends one request.
    pub fn send(&mut self, cluster: &mut Cluster) {
        let service = self.service_object(cluster);
        match service.as_ref().map(address) {
            Some(Some((from, host, port))) => {
                let mut http = HttpRequest::get("/");
                http.headers.push(("Host".into(), format!("{host}:{port}")));
                let request =
                    net::Request { host, port, payload: Payload::Http(http), timeout: Some(TIMEOUT) };
                self.pending.push(cluster.send(from, request));
            }
            Some(None) => self.fail("the Service has no address".into()),
            None => self.fail("the Service is gone".into()),
        }
    }

    /// Sends what is due and counts what came back. Gives whether anything changed.
    pub fn step(&mut self, cluster: &mut Cluster) -> bool {
        let before = (self.succeeded, self.failed);
        let mut pending = std::mem::take(&mut self.pending);
        pending.retain(|id| match cluster.take_answer(*id) {
            None => true,
            Some(answer) => {
                self.count(answer);
                false
            }
        });
        self.pending = pending;
        while self.rate > 0.0 && self.next <= cluster.now() && self.pending.len() < MAX_PENDING {
            self.send(cluster);
            self.next += Duration::from_secs_f64(1.0 / self.rate);
        }
        before != (self.succeeded, self.failed)
    }

    fn count(&mut self, answer: Result<net::Response, net::Error>) {
        match answer {
            Ok(net::Response::Http(r)) if r.status >= 400 => self.fail(format!("HTTP {}", r.status)),
            Ok(_) => self.succeeded += 1,
            Err(error) => self.fail(error.to_string()),
        }
    }

    fn fail(&mut self, why: String) {
        self.failed += 1;
        self.last_failure = why;
    }

    fn service_object(&self, cluster: &Cluster) -> Option<Object> {
        cluster.api().objects(&api::service::RESOURCE).into_iter().find(|s| s.key() == self.service)
    }
}

/// From where and to where a Service is asked: from outside if that is possible, else from a node.
fn address(service: &Object) -> Option<(Place, String, u16)> {
    let spec = &service["spec"];
    let port = &spec["ports"][0];
    let number = |key: &str| u16::try_from(port[key].int()).ok().filter(|p| *p != 0);
    let balancer = service.at("status.loadBalancer.ingress")[0]["ip"].str();
    if !balancer.is_empty() {
        return Some((Place::Laptop, balancer.into(), number("port")?));
    }
    if let Some(port) = number("nodePort") {
        return Some((Place::Laptop, "192.168.49.2".into(), port));
    }
    match spec["clusterIP"].str() {
        "" | "None" => None,
        ip => Some((Place::Node("minikube".into()), ip.into(), number("port")?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::json;

    #[test]
    fn a_service_is_asked_from_outside_where_that_is_possible() {
        let port = json!([{"port": 80, "nodePort": 30080}]);
        let node_port = Object(json!({"spec": {"clusterIP": "10.96.1.1", "ports": port}}));
        assert_eq!(address(&node_port), Some((Place::Laptop, "192.168.49.2".into(), 30080)));
        let inside = Object(json!({"spec": {"clusterIP": "10.96.1.1", "ports": [{"port": 80}]}}));
        assert_eq!(address(&inside), Some((Place::Node("minikube".into()), "10.96.1.1".into(), 80)));
        assert_eq!(address(&Object(json!({"spec": {"clusterIP": "None", "ports": [{"port": 80}]}}))), None);
    }
}
