use super::{Command, Needs, fail};

/// `minikube dashboard`.
pub(super) const COMMAND: Command = Command {
    name: "dashboard",
    short: "Access the Kubernetes dashboard running within the minikube cluster",
    needs: Needs::Running,
    flags: &[],
    run: |spawn, _| {
        Box::pin(async move {
            let what = "MK_UNIMPLEMENTED: the dashboard is not simulated; the picture beside this terminal shows the cluster";
            fail(spawn, 69, what)
        })
    },
};
