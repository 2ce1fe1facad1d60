use super::{Args, Command, Flag, KUBERNETES, PROFILE, VERSION, usage};
use crate::Spawn;
use sim::Duration;

/// How long minikube takes for each node that is up already, and for one that has to be started.
const CHECK: Duration = Duration::from_millis(400);
const BOOT: Duration = Duration::from_secs(8);

/// `minikube start`.
pub(super) const COMMAND: Command = Command {
    name: "start",
    short: "Starts a local Kubernetes cluster",
    flags: &[
        Flag { name: "nodes", short: Some('n'), value: true, help: "how many nodes there are to be" },
        Flag { name: "driver", short: None, value: true, help: "docker is the only one" },
    ],
    run: |spawn, args| Box::pin(start(spawn, args)),
};

async fn start(spawn: &Spawn, args: &Args) -> i32 {
    let driver = &spawn.world.driver;
    let known = driver.nodes();
    if let Some(name) = args.value("driver").filter(|d| *d != "docker") {
        return usage(spawn, &format!("the driver {name:?} is not simulated; there is only docker"));
    }
    if let Some(wanted) = args.value("nodes") {
        let Ok(wanted) = wanted.parse::<usize>() else {
            return usage(spawn, &format!("invalid argument {wanted:?} for \"-n, --nodes\" flag"));
        };
        if wanted != known.len() {
            spawn.complain("❗  You cannot change the number of nodes for an existing minikube cluster. Please use 'minikube node add' to add nodes to an existing cluster.\n");
        }
    }
    spawn.print(&format!(
        "😄  minikube {VERSION} on Debian 12 (amd64)\n✨  Using the docker driver based on existing profile\n"
    ));
    for node in known {
        let role = if node.control_plane { "primary control-plane" } else { "worker" };
        spawn.print(&format!(
            "👍  Starting \"{}\" {role} node in \"{PROFILE}\" cluster\n🚜  Pulling base image v0.0.50 ...\n",
            node.name
        ));
        let (step, time) = match node.running {
            true => ("🏃  Updating the running", CHECK),
            false => ("🔄  Restarting existing", BOOT),
        };
        let container = if node.running { "container ..." } else { "container for" };
        let name = &node.name;
        match node.running {
            true => spawn.print(&format!("{step} docker {name:?} {container}\n")),
            false => spawn.print(&format!("{step} docker {container} {name:?} ...\n")),
        }
        spawn.world.clock.sleep(time).await;
        if !node.running
            && let Err(why) = driver.act("start-node", &node.name)
        {
            return super::fail(spawn, 80, &format!("GUEST_START: {}", why.0));
        }
        spawn.print(&format!("📦  Preparing Kubernetes {KUBERNETES} on containerd 2.1.4 ...\n"));
        spawn.world.clock.sleep(CHECK).await;
        spawn.print("🔎  Verifying Kubernetes components...\n");
        if node.control_plane {
            let enabled: Vec<String> = driver.addons().into_iter().filter(|a| a.1).map(|a| a.0).collect();
            spawn.print(&format!(
                "    ▪ Using image gcr.io/k8s-minikube/storage-provisioner:v5\n🌟  Enabled addons: {}\n",
                enabled.join(", ")
            ));
        }
        spawn.print("\n");
    }
    spawn.print(&format!("🏄  Done! kubectl is now configured to use {PROFILE:?} cluster and \"default\" namespace by default\n"));
    0
}
