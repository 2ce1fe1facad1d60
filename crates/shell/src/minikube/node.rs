use super::{Args, Command, Flag, Needs, PROFILE, fail, usage};
use crate::Spawn;
use sim::Duration;

/// How long a machine takes to be switched off, and to come up.
pub(super) const OFF: Duration = Duration::from_secs(2);
const ON: Duration = Duration::from_secs(6);

/// `minikube node`.
pub(super) const COMMAND: Command = Command {
    name: "node",
    short: "Add, remove, or list additional nodes",
    needs: Needs::Profile,
    flags: &[
        Flag { name: "worker", short: None, value: false, help: "the new node is a worker; it always is" },
        Flag {
            name: "control-plane",
            short: None,
            value: false,
            help: "refused: there is one control plane",
        },
    ],
    run: |spawn, args| Box::pin(node(spawn, args)),
};

async fn node(spawn: &Spawn, args: &Args) -> i32 {
    let word = |i: usize| args.words.get(i).map(String::as_str);
    match (word(0), word(1)) {
        (Some("list"), None) => {
            for node in spawn.world.driver.nodes() {
                spawn.print(&format!("{}\t{}\n", node.name, node.address));
            }
            0
        }
        (Some("list"), Some(_)) => usage(spawn, "Usage: minikube node list"),
        (Some("add"), _) if args.has("control-plane") => {
            spawn.complain("❌  Adding a control-plane node to a non-HA (non-multi-control plane) cluster is not currently supported. Please first delete the cluster and use 'minikube start --ha' to create new one.\n");
            0
        }
        (Some("add"), _) => add(spawn).await,
        (Some("stop"), Some(name)) => stop(spawn, name).await,
        (Some("start"), Some(name)) => start(spawn, name).await,
        (Some("delete"), Some(name)) => delete(spawn, name).await,
        (Some(verb @ ("stop" | "start" | "delete")), None) => {
            usage(spawn, &format!("Usage: minikube node {verb} NODE_NAME"))
        }
        _ => usage(spawn, "Usage: minikube node [add|start|stop|delete|list]"),
    }
}

/// Finds a node by its name, or by its end (`m02`), as minikube does. The error has been said.
fn find(spawn: &Spawn, name: &str) -> Result<client::NodeState, i32> {
    let full = format!("{PROFILE}-{name}");
    let found = spawn.world.driver.nodes().into_iter().find(|n| n.name == name || n.name == full);
    found.ok_or_else(|| {
        fail(spawn, 80, &format!("GUEST_NODE_RETRIEVE: retrieving node: Could not find node {name}"))
    })
}

async fn stop(spawn: &Spawn, name: &str) -> i32 {
    let node = match find(spawn, name) {
        Ok(node) => node,
        Err(code) => return code,
    };
    spawn.print(&format!(
        "✋  Stopping node {:?}  ...\n🛑  Powering off {:?} via SSH ...\n",
        node.name, node.name
    ));
    spawn.world.clock.sleep(OFF).await;
    act(spawn, "stop-node", &node.name, &format!("🛑  Successfully stopped node {}\n", node.name))
}

async fn start(spawn: &Spawn, name: &str) -> i32 {
    let node = match find(spawn, name) {
        Ok(node) => node,
        Err(code) => return code,
    };
    if node.running && node.kubelet {
        spawn.print(&format!("✅  {} is already running\n", node.name));
        return 0;
    }
    spawn.print(&format!(
        "👍  Starting {:?} {} node in {PROFILE:?} cluster\n🚜  Pulling base image v0.0.50 ...\n🔄  Restarting existing docker container for {:?} ...\n",
        node.name,
        if node.control_plane { "primary control-plane" } else { "worker" },
        node.name
    ));
    spawn.world.clock.sleep(ON).await;
    act(
        spawn,
        "start-node",
        &node.name,
        &format!("🔎  Verifying Kubernetes components...\n😄  Successfully started node {}!\n", node.name),
    )
}

async fn delete(spawn: &Spawn, name: &str) -> i32 {
    let node = match find(spawn, name) {
        Ok(node) => node,
        Err(code) => return code,
    };
    spawn.print(&format!("🔥  Deleting node {} from cluster {PROFILE}\n", node.name));
    spawn.world.clock.sleep(OFF).await;
    act(spawn, "delete-node", &node.name, &format!("💀  Node {} was successfully deleted.\n", node.name))
}

async fn add(spawn: &Spawn) -> i32 {
    let driver = &spawn.world.driver;
    let before = driver.nodes();
    let name = format!("m{:02}", before.len() + 1);
    spawn.print(&format!("😄  Adding node {name} to cluster {PROFILE} as [worker]\n"));
    spawn.print(&format!("👍  Starting \"{PROFILE}-{name}\" worker node in {PROFILE:?} cluster\n🚜  Pulling base image v0.0.50 ...\n"));
    spawn.world.clock.sleep(ON).await;
    act(
        spawn,
        "add-node",
        "",
        &format!("🔎  Verifying Kubernetes components...\n🏄  Successfully added {name} to {PROFILE}!\n"),
    )
}

pub(super) fn act(spawn: &Spawn, verb: &str, name: &str, done: &str) -> i32 {
    match spawn.world.driver.act(verb, name) {
        Ok(()) => {
            spawn.print(done);
            0
        }
        Err(why) => fail(spawn, 80, &format!("GUEST_NODE: {}", why.0)),
    }
}
