use super::{Args, Command, KUBERNETES, PROFILE, fail, table};
use crate::Spawn;

/// `minikube profile [list]`.
pub(super) const COMMAND: Command = Command {
    name: "profile",
    short: "Get or list the current profiles (clusters)",
    flags: &[],
    run: |spawn, args| Box::pin(async move { profile(spawn, args) }),
};

fn profile(spawn: &Spawn, args: &Args) -> i32 {
    match args.words.first().map(String::as_str) {
        None => spawn.print(&format!("{PROFILE}\n")),
        Some(PROFILE) => spawn.print(&format!("✅  minikube profile was successfully set to {PROFILE}\n")),
        Some("list") => {
            let nodes = spawn.world.driver.nodes();
            let status = if nodes.iter().all(|n| n.running && n.kubelet) { "OK" } else { "Degraded" };
            let titles = [
                "Profile",
                "Driver",
                "Runtime",
                "IP",
                "Version",
                "Status",
                "Nodes",
                "Active Profile",
                "Active Kubecontext",
            ];
            let address = nodes.first().map_or("", |n| n.address.as_str());
            let count = nodes.len().to_string();
            let row = [PROFILE, "docker", "containerd", address, KUBERNETES, status, &count, "*", "*"]
                .map(String::from);
            spawn.print(&table::render(&titles, &[row.to_vec()], false));
        }
        Some(other) => {
            return fail(
                spawn,
                85,
                &format!("MK_USAGE: Profile {other:?} not found. There is only {PROFILE:?}."),
            );
        }
    }
    0
}
