use super::node::{OFF, act};
use super::{Args, Command, Flag, Needs, kubeconfig};
use crate::Spawn;

/// `minikube stop`: every machine is switched off, the control plane last. What the cluster has stored stays.
pub(super) const COMMAND: Command = Command {
    name: "stop",
    short: "Stops a running local Kubernetes cluster",
    needs: Needs::Profile,
    flags: &[Flag {
        name: "keep-context-active",
        short: None,
        value: false,
        help: "leaves the cluster's context in the kubeconfig",
    }],
    run: |spawn, args| Box::pin(stop(spawn, args)),
};

async fn stop(spawn: &Spawn, args: &Args) -> i32 {
    let nodes = spawn.world.driver.nodes();
    for node in nodes.iter().rev() {
        spawn.print(&format!("✋  Stopping node {:?}  ...\n", node.name));
        if node.running {
            spawn.print(&format!("🛑  Powering off {:?} via SSH ...\n", node.name));
            spawn.world.clock.sleep(OFF).await;
            let code = act(spawn, "stop-node", &node.name, "");
            if code != 0 {
                return code;
            }
        }
    }
    if !args.has("keep-context-active") {
        kubeconfig::remove(spawn);
    }
    let plural = if nodes.len() > 1 { "s" } else { "" };
    spawn.print(&format!("🛑  {} node{plural} stopped.\n", nodes.len()));
    0
}
