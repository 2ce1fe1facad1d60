use super::{Command, fail};

/// `minikube stop`: would stop the API server itself, and there would be nothing left to look at.
pub(super) const COMMAND: Command = Command {
    name: "stop",
    short: "Stops a running local Kubernetes cluster",
    flags: &[],
    run: |spawn, _| {
        Box::pin(async move {
            let what = "MK_UNIMPLEMENTED: stopping the whole cluster is not simulated; 'minikube node stop' stops a worker";
            fail(spawn, 69, what)
        })
    },
};
