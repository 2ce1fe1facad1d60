//! Programs that people look for and that are not here: each says so by its name.

use super::support::name;
use crate::Os;

/// What to use instead, where there is something.
const INSTEAD: &[(&str, &str)] = &[
    ("ping", "the simulated network carries names, TCP and HTTP; try curl, nc -zv or nslookup"),
    ("traceroute", "the simulated network shows its hops in the picture"),
    ("jq", "try kubectl -o jsonpath, -o go-template, or grep"),
    ("openssl", "the simulated network does not encrypt"),
    ("docker", "images come from the simulated registries; see kubectl"),
    ("ssh", "try minikube ssh"),
    ("apt", "nothing can be installed here"),
    ("apt-get", "nothing can be installed here"),
    ("apk", "nothing can be installed here"),
    ("yum", "nothing can be installed here"),
];

pub(super) fn refused(os: &mut Os<'_>) -> i32 {
    let name = name(os);
    let why = INSTEAD.iter().find(|(n, _)| *n == name).map_or("", |(_, why)| why);
    let mark = if why.is_empty() { "" } else { ": " };
    os.eprint(&format!("{name}: not simulated{mark}{why}\n"));
    1
}
