use super::{Command, Flag, Needs};
use crate::Spawn;
use client::NodeState;

/// `minikube status`. Its exit code says what is down, in bits: 1 machine, 2 cluster, 4 Kubernetes.
pub(super) const COMMAND: Command = Command {
    name: "status",
    short: "Gets the status of a local Kubernetes cluster",
    needs: Needs::Profile,
    flags: &[Flag { name: "node", short: Some('n'), value: true, help: "only this node" }],
    run: |spawn, args| {
        let only = args.value("node");
        Box::pin(async move { status(spawn, only) })
    },
};

fn status(spawn: &Spawn, only: Option<&str>) -> i32 {
    let mut code = 0;
    let mut nodes = spawn.world.driver.nodes();
    nodes.retain(|n| only.is_none_or(|name| n.name == name));
    if nodes.is_empty() {
        return super::fail(
            spawn,
            85,
            &format!("GUEST_NODE_RETRIEVE: The node {} does not exist.", only.unwrap_or_default()),
        );
    }
    for node in &nodes {
        spawn.print(&block(node));
        code |= if node.running { 0 } else { 1 } | if node.kubelet { 0 } else { 2 };
        if node.control_plane && !node.running {
            code |= 4;
        }
    }
    code
}

fn block(node: &NodeState) -> String {
    let state = |up: bool| if up { "Running" } else { "Stopped" };
    let (host, kubelet) = (state(node.running), state(node.kubelet));
    match node.control_plane {
        true => format!(
            "{}\ntype: Control Plane\nhost: {host}\nkubelet: {kubelet}\napiserver: {host}\nkubeconfig: {}\n\n",
            node.name,
            if node.running { "Configured" } else { host }
        ),
        false => format!("{}\ntype: Worker\nhost: {host}\nkubelet: {kubelet}\n\n", node.name),
    }
}
