use super::{Command, fail};

/// `minikube logs`.
pub(super) const COMMAND: Command = Command {
    name: "logs",
    short: "Returns logs to debug a local Kubernetes cluster",
    flags: &[],
    run: |spawn, _| {
        Box::pin(async move {
            let what = "MK_UNIMPLEMENTED: the control plane writes no logs in the simulation; 'kubectl get events -A' tells what happened";
            fail(spawn, 69, what)
        })
    },
};
