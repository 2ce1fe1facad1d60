use super::{Args, Command, Flag, KUBERNETES, Needs, PROFILE, VERSION, kubeconfig, usage};
use crate::Spawn;
use client::NodeState;
use sim::Duration;

/// How long minikube takes for each node that is up already, and for one that has to be started.
const CHECK: Duration = Duration::from_millis(400);
const BOOT: Duration = Duration::from_secs(8);

/// `minikube start`.
pub(super) const COMMAND: Command = Command {
    name: "start",
    short: "Starts a local Kubernetes cluster",
    needs: Needs::Nothing,
    flags: &[
        Flag { name: "nodes", short: Some('n'), value: true, help: "how many nodes there are to be" },
        Flag { name: "driver", short: None, value: true, help: "docker is the only one" },
    ],
    run: |spawn, args| Box::pin(start(spawn, args)),
};

/// The nodes of a new cluster that does not say how many.
const ONE: usize = 1;

async fn start(spawn: &Spawn, args: &Args) -> i32 {
    let driver = &spawn.world.driver;
    let known = driver.nodes();
    if let Some(name) = args.value("driver").filter(|d| *d != "docker") {
        return usage(spawn, &format!("the driver {name:?} is not simulated; there is only docker"));
    }
    let wanted = match args.value("nodes").map(str::parse::<usize>) {
        None => None,
        Some(Ok(wanted)) => Some(wanted),
        Some(Err(_)) => {
            let given = args.value("nodes").unwrap_or_default();
            return usage(spawn, &format!("invalid argument {given:?} for \"-n, --nodes\" flag"));
        }
    };
    spawn.print(&format!("😄  minikube {VERSION} on Debian 12 (amd64)\n"));
    let code = match known.is_empty() {
        true => create(spawn, wanted.unwrap_or(ONE)).await,
        false => {
            if wanted.is_some_and(|wanted| wanted != known.len()) {
                spawn.complain("❗  You cannot change the number of nodes for an existing minikube cluster. Please use 'minikube node add' to add nodes to an existing cluster.\n");
            }
            spawn.print("✨  Using the docker driver based on existing profile\n");
            restart(spawn, &known).await
        }
    };
    if code == 0 {
        kubeconfig::add(spawn);
        spawn.print(&format!("🏄  Done! kubectl is now configured to use {PROFILE:?} cluster and \"default\" namespace by default\n"));
    }
    code
}

fn starting(name: &str, control_plane: bool) -> String {
    let role = if control_plane { "primary control-plane" } else { "worker" };
    format!(
        "👍  Starting \"{name}\" {role} node in \"{PROFILE}\" cluster\n🚜  Pulling base image v0.0.50 ...\n"
    )
}

fn addons(spawn: &Spawn) -> String {
    let enabled = spawn.world.driver.addons().into_iter().filter(|a| a.1).map(|a| a.0);
    format!(
        "    ▪ Using image gcr.io/k8s-minikube/storage-provisioner:v5\n🌟  Enabled addons: {}\n",
        enabled.collect::<Vec<_>>().join(", ")
    )
}

/// Makes a cluster where there is none.
async fn create(spawn: &Spawn, count: usize) -> i32 {
    spawn.print(
        "✨  Automatically selected the docker driver\n📌  Using Docker driver with root privileges\n",
    );
    // All machines come up within one step of the simulation; what is said of each follows.
    if let Err(why) = spawn.world.driver.act("create-cluster", &count.to_string()) {
        return super::fail(spawn, 80, &format!("GUEST_START: {}", why.0));
    }
    for node in spawn.world.driver.nodes() {
        spawn.print(&starting(&node.name, node.control_plane));
        spawn.print("🔥  Creating docker container (CPUs=no-limit, Memory=no-limit) ...\n");
        if !node.control_plane {
            spawn.print("🌐  Found network options:\n    ▪ NO_PROXY=192.168.49.2\n");
        }
        spawn.print(&format!("📦  Preparing Kubernetes {KUBERNETES} on containerd 2.1.4 ...\n"));
        if node.control_plane {
            spawn.print("🔗  Configuring CNI (Container Networking Interface) ...\n");
        } else {
            spawn.print("    ▪ env NO_PROXY=192.168.49.2\n");
        }
        spawn.world.clock.sleep(CHECK).await;
        spawn.print("🔎  Verifying Kubernetes components...\n");
        if node.control_plane {
            spawn.print(&addons(spawn));
        }
        spawn.print("\n");
    }
    0
}

/// Looks after the machines of a cluster, and switches on those that are off.
async fn restart(spawn: &Spawn, nodes: &[NodeState]) -> i32 {
    for node in nodes {
        let name = &node.name;
        spawn.print(&starting(name, node.control_plane));
        if node.running {
            spawn.print(&format!("🏃  Updating the running docker {name:?} container ...\n"));
            spawn.world.clock.sleep(CHECK).await;
        } else {
            spawn.print(&format!("🔄  Restarting existing docker container for {name:?} ...\n"));
            spawn.world.clock.sleep(BOOT).await;
        }
        if !(node.running && node.kubelet)
            && let Err(why) = spawn.world.driver.act("start-node", name)
        {
            return super::fail(spawn, 80, &format!("GUEST_START: {}", why.0));
        }
        spawn.print(&format!("📦  Preparing Kubernetes {KUBERNETES} on containerd 2.1.4 ...\n"));
        spawn.world.clock.sleep(CHECK).await;
        spawn.print("🔎  Verifying Kubernetes components...\n");
        if node.control_plane {
            spawn.print(&addons(spawn));
        }
        spawn.print("\n");
    }
    0
}
