//! The laptop's minikube and the cluster under it: what is stopped, started and deleted as a whole.

use sim::Duration;
use tests::desk::Desk;

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
