use super::{Args, Command, KUBERNETES, Needs, PROFILE, fail, table};
use crate::Spawn;

/// `minikube profile [list]`.
pub(super) const COMMAND: Command = Command {
    name: "profile",
    short: "Get or list the current profiles (clusters)",
    needs: Needs::Nothing,
    flags: &[],
    run: |spawn, args| Box::pin(async move { profile(spawn, args) }),
};

fn profile(spawn: &Spawn, args: &Args) -> i32 {
    match args.words.first().map(String::as_str) {
        None => spawn.print(&format!("{PROFILE}\n")),
        Some(PROFILE) => spawn.print(&format!("✅  minikube profile was successfully set to {PROFILE}\n")),
        Some("list") => {
            let nodes = spawn.world.driver.nodes();
            let Some(first) = nodes.first() else {
                let why = "MK_USAGE_NO_PROFILE: No minikube profile was found.\n\n💡  Suggestion:\n\n    You can create one using 'minikube start'.";
                return fail(spawn, 14, why);
            };
            let status = match () {
                () if nodes.iter().all(|n| n.running && n.kubelet) => "OK",
                () if !first.running => "Stopped",
                () => "Degraded",
            };
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
            let address = first.address.as_str();
            let count = nodes.len().to_string();
            let context = if first.running { "*" } else { "" };
            let row = [PROFILE, "docker", "containerd", address, KUBERNETES, status, &count, "*", context]
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
