use super::node::{OFF, act};
use super::{Command, Needs, PROFILE, kubeconfig, usage};
use crate::Spawn;

/// `minikube delete`: the machines and all that was stored are gone; `minikube start` makes a new cluster.
pub(super) const COMMAND: Command = Command {
    name: "delete",
    short: "Deletes a local Kubernetes cluster",
    needs: Needs::Nothing,
    flags: &[super::Flag { name: "all", short: None, value: false, help: "all clusters; there is one" }],
    run: |spawn, args| {
        Box::pin(async move {
            if !args.words.is_empty() {
                return usage(spawn, "Usage: minikube delete");
            }
            delete(spawn, args.has("all")).await
        })
    },
};

async fn delete(spawn: &Spawn, all: bool) -> i32 {
    let nodes = spawn.world.driver.nodes();
    if nodes.is_empty() && !all {
        spawn.complain(&format!("🙄  {PROFILE:?} profile does not exist, trying anyways.\n"));
    }
    if !nodes.is_empty() {
        spawn.print(&format!("🔥  Deleting {PROFILE:?} in docker ...\n"));
        for node in &nodes {
            spawn.print(&format!("🔥  Deleting container {:?} ...\n", node.name));
            spawn.world.clock.sleep(OFF).await;
        }
        let code = act(spawn, "delete-cluster", "", "");
        if code != 0 {
            return code;
        }
        for node in &nodes {
            spawn.print(&format!(
                "🔥  Removing {}/.minikube/machines/{} ...\n",
                crate::home::HOME,
                node.name
            ));
        }
    }
    kubeconfig::remove(spawn);
    spawn.print(&format!("💀  Removed all traces of the {PROFILE:?} cluster.\n"));
    if all {
        spawn.print("🔥  Successfully deleted all profiles\n");
    }
    0
}
