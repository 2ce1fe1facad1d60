use super::{Args, Command, Flag, Needs, fail};
use crate::Spawn;

/// `minikube logs`: the parts that mean something here. The programs of the control plane write no logs.
pub(super) const COMMAND: Command = Command {
    name: "logs",
    short: "Returns logs to debug a local Kubernetes cluster",
    needs: Needs::Running,
    flags: &[
        Flag { name: "follow", short: Some('f'), value: false, help: "refused: there is no journal" },
        Flag { name: "problems", short: None, value: false, help: "only known problems" },
        Flag { name: "length", short: Some('n'), value: true, help: "how many lines of each log" },
    ],
    run: |spawn, args| Box::pin(logs(spawn, args)),
};

/// What is shown, and the kubectl command that tells it.
const SECTIONS: [(&str, &[&str]); 2] =
    [("container status", &["get", "pods", "-A", "-o", "wide"]), ("describe nodes", &["describe", "nodes"])];
/// Logs of the real minikube that nobody writes here.
const SILENT: &str = "Audit, containerd, coredns, dmesg, etcd, kernel, kube-apiserver, kube-controller-manager, kube-proxy, kube-scheduler, kubelet";

async fn logs(spawn: &Spawn, args: &Args) -> i32 {
    if args.has("follow") {
        let why = "MK_UNIMPLEMENTED: the programs of the control plane write no journal in the simulation; 'kubectl get events -A -w' tells what happens";
        return fail(spawn, 69, why);
    }
    if args.has("problems") {
        return 0;
    }
    for (i, (title, command)) in SECTIONS.iter().enumerate() {
        spawn.print(&format!("{}==> {title} <==\n", if i > 0 { "\n" } else { "" }));
        let words = command.iter().map(|w| w.to_string()).collect();
        kubectl::run(words, crate::kubectl_env::env(spawn)).await;
    }
    spawn.complain(&format!(
        "\n❗  Not simulated: the logs of {SILENT}. 'kubectl get events -A' tells what happened.\n"
    ));
    0
}
