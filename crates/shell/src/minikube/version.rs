use super::{Command, Flag, Needs, VERSION};

/// `minikube version`.
pub(super) const COMMAND: Command = Command {
    name: "version",
    short: "Print the version of minikube",
    needs: Needs::Nothing,
    flags: &[Flag { name: "short", short: None, value: false, help: "only the number" }],
    run: |spawn, args| {
        Box::pin(async move {
            match args.has("short") {
                true => spawn.print(&format!("{VERSION}\n")),
                // The commit of that release.
                false => spawn.print(&format!(
                    "minikube version: {VERSION}\ncommit: c93a4cb9311efc66b90d33ea03f75f2c4120e9b0\n"
                )),
            }
            0
        })
    },
};
