use super::{Command, Flag, Needs, fail};

/// `minikube ip`.
pub(super) const COMMAND: Command = Command {
    name: "ip",
    short: "Retrieves the IP address of the specified node",
    needs: Needs::Running,
    flags: &[Flag {
        name: "node",
        short: Some('n'),
        value: true,
        help: "the node; the control plane if none is named",
    }],
    run: |spawn, args| {
        Box::pin(async move {
            let nodes = spawn.world.driver.nodes();
            let wanted = args.value("node");
            match nodes.iter().find(|n| wanted.map_or(n.control_plane, |w| n.name == w)) {
                Some(node) => {
                    spawn.print(&format!("{}\n", node.address));
                    0
                }
                None => fail(
                    spawn,
                    80,
                    &format!(
                        "GUEST_NODE_RETRIEVE: retrieving node: Could not find node {}",
                        wanted.unwrap_or_default()
                    ),
                ),
            }
        })
    },
};
