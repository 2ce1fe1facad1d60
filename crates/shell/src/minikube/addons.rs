use super::{Args, Command, Needs, PROFILE, fail, table, usage};
use crate::Spawn;

/// `minikube addons`.
pub(super) const COMMAND: Command = Command {
    name: "addons",
    short: "Enable or disable a minikube addon",
    needs: Needs::Profile,
    flags: &[],
    run: |spawn, args| Box::pin(async move { addons(spawn, args) }),
};

fn addons(spawn: &Spawn, args: &Args) -> i32 {
    let word = |i: usize| args.words.get(i).map(String::as_str);
    match (word(0), word(1)) {
        (Some("list"), None) => list(spawn),
        (Some("list"), Some(_)) => usage(spawn, "usage: minikube addons list"),
        (Some("enable"), Some(name)) => switch(spawn, "enable", name),
        (Some("disable"), Some(name)) => switch(spawn, "disable", name),
        (Some(verb @ ("enable" | "disable")), None) => {
            usage(spawn, &format!("usage: minikube addons {verb} ADDON_NAME"))
        }
        _ => usage(spawn, "usage: minikube addons [list|enable|disable]"),
    }
}

fn list(spawn: &Spawn) -> i32 {
    let row = |(name, on): (String, bool)| {
        let status = if on { "enabled ✅" } else { "disabled" };
        let maintainer = if name == "metrics-server" { "Kubernetes" } else { "minikube" };
        vec![name, PROFILE.into(), status.into(), maintainer.into()]
    };
    let rows: Vec<Vec<String>> = spawn.world.driver.addons().into_iter().map(row).collect();
    spawn.print(&table::render(&["Addon Name", "Profile", "Status", "Maintainer"], &rows, true));
    0
}

fn switch(spawn: &Spawn, verb: &str, name: &str) -> i32 {
    if let Err(why) = spawn.world.driver.act(&format!("{verb}-addon"), name) {
        return fail(spawn, 10, &format!("MK_ADDON_{}: {}", verb.to_uppercase(), why.0));
    }
    match verb {
        "enable" => spawn.print(&format!(
            "💡  {name} is an addon maintained by Kubernetes. For any concerns contact minikube on GitHub.\n    ▪ Using image registry.k8s.io/metrics-server/metrics-server:v0.8.0\n🌟  The '{name}' addon is enabled\n"
        )),
        _ => spawn.print(&format!("🌑  \"The '{name}' addon is disabled\n")),
    }
    0
}
