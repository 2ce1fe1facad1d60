//! The laptop's minikube and the cluster under it: what is stopped, started and deleted as a whole.

use cluster::{Cluster, Config, Handle};
use shell::{Laptop, World};
use sim::Duration;
use std::rc::Rc;

/// How long a command may take, in virtual time, and the grain of that time.
const LIMIT: Duration = Duration::from_secs(300);
const GRAIN: Duration = Duration::from_millis(20);

struct Desk {
    handle: Handle,
    laptop: Laptop,
}

impl Desk {
    fn new() -> Desk {
        let handle = Handle::new(Cluster::new(Config::default()));
        let shared = Rc::new(handle.clone());
        let world = World {
            transport: shared.clone(),
            clock: shared.clone(),
            network: shared.clone(),
            driver: shared,
            start_delay: Duration::ZERO,
        };
        Desk { handle, laptop: Laptop::new(world, 1) }
    }

    /// What a script prints on both streams, and its exit code.
    fn run(&mut self, script: &str) -> (String, i32) {
        let session = self.laptop.run_script(script).expect("there is room for a process");
        let end = self.handle.0.borrow().now() + LIMIT;
        let mut text = Vec::new();
        loop {
            self.laptop.poll();
            text.extend(self.laptop.take_output(session).into_iter().flat_map(|(_, bytes)| bytes));
            if let Some(status) = self.laptop.status(session) {
                return (String::from_utf8_lossy(&text).into_owned(), status.code());
            }
            assert!(self.handle.0.borrow().now() < end, "{script} takes too long");
            self.handle.0.borrow_mut().advance(GRAIN);
        }
    }

    fn says(&mut self, script: &str, expected: &str, code: i32) {
        let (text, exit) = self.run(script);
        assert!(text.contains(expected) && exit == code, "{script}: exit {exit}\n{text}");
    }
}

#[test]
fn a_cluster_that_was_stopped_comes_back_with_its_objects() {
    let mut desk = Desk::new();
    desk.says("kubectl create deployment web --image=nginx --replicas=3", "created", 0);
    desk.says("kubectl rollout status deployment web", "successfully rolled out", 0);
    desk.says("minikube stop", "🛑  3 nodes stopped.", 0);
    desk.says("kubectl get pods", "The connection to the server localhost:8080 was refused", 1);
    desk.says("kubectl config current-context", "error: current-context is not set", 1);
    desk.says("minikube status", "apiserver: Stopped", 7);
    desk.says("minikube ip", "host is not running: state=Stopped", 83);
    desk.handle.0.borrow_mut().advance(Duration::from_secs(3600));
    desk.says("minikube start", "🏄  Done! kubectl is now configured to use \"minikube\" cluster", 0);
    desk.says("kubectl wait --for=condition=Ready pod -l app=web --timeout=60s", "condition met", 0);
    let (pods, _) = desk.run("kubectl get pods --no-headers");
    assert!(pods.lines().count() == 3 && pods.lines().all(|l| l.contains(" 1 (")), "same pods: {pods}");
    desk.says(
        "kubectl scale deployment web --replicas=5 && kubectl rollout status deployment web",
        "rolled",
        0,
    );
    desk.says("kubectl get nodes", "minikube-m03   Ready", 0);
    desk.says("minikube node stop minikube", "Successfully stopped node minikube", 0);
    desk.says("kubectl get pods", "dial tcp 192.168.49.2:8443: connect: no route to host", 1);
}

#[test]
fn a_cluster_that_was_deleted_is_gone_and_the_next_one_is_new() {
    let mut desk = Desk::new();
    desk.says("kubectl create configmap kept --from-literal=a=b", "created", 0);
    desk.says("minikube delete", "💀  Removed all traces of the \"minikube\" cluster.", 0);
    desk.says("minikube status", "🤷  Profile \"minikube\" not found.", 85);
    desk.says("minikube profile list", "No minikube profile was found.", 14);
    desk.says("kubectl get pods", "was refused", 1);
    desk.says("minikube start --nodes 2", "Creating docker container", 0);
    desk.says("kubectl get nodes --no-headers | wc -l", "2\n", 0);
    desk.says("kubectl get configmap kept", "configmaps \"kept\" not found", 1);
    desk.says("kubectl create deployment web --image=nginx", "created", 0);
    desk.says("kubectl rollout status deployment web", "successfully rolled out", 0);
}
