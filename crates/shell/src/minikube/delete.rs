use super::{Command, fail};

/// `minikube delete`.
pub(super) const COMMAND: Command = Command {
    name: "delete",
    short: "Deletes a local Kubernetes cluster",
    flags: &[],
    run: |spawn, _| {
        Box::pin(async move {
            let what = "MK_UNIMPLEMENTED: deleting the whole cluster is not simulated; the page's Reset gives you a new one";
            fail(spawn, 69, what)
        })
    },
};
