//! `kubectl create rolebinding` and `kubectl create clusterrolebinding`. Mirrors create_rolebinding.go and
//! create_clusterrolebinding.go.

use super::{GENERATOR_FLAGS, finish};
use crate::cmd::common::name_from_args;
use crate::flags::{Flag, array, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error};
use apimachinery::{Value, json};

/// `kubectl create rolebinding`.
pub const COMMAND: Command = Command {
    name: "rolebinding",
    usage: "NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    short: "Create a role binding for a particular role or cluster role",
    examples: "# Who is an administrator of the namespace\nkubectl create rolebinding admin --clusterrole=admin --user=user1 --user=user2 --group=group1",
    flags: &[FLAGS, SUBJECT_FLAGS, GENERATOR_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c, false))),
    ..Command::NEW
};

/// `kubectl create clusterrolebinding`.
pub const CLUSTER_ROLE_BINDING: Command = Command {
    name: "clusterrolebinding",
    usage: "NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    short: "Create a cluster role binding for a particular cluster role",
    examples: "# Who is an administrator of everything\nkubectl create clusterrolebinding cluster-admin --clusterrole=cluster-admin --user=user1 --group=group1",
    flags: &[CLUSTER_FLAGS, SUBJECT_FLAGS, GENERATOR_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c, true))),
    ..Command::NEW
};

static FLAGS: &[Flag] =
    &[text("clusterrole", ' ', "", "The cluster role to bind."), text("role", ' ', "", "The role to bind.")];

static CLUSTER_FLAGS: &[Flag] = &[text("clusterrole", ' ', "", "The cluster role to bind.").required()];

static SUBJECT_FLAGS: &[Flag] = &[
    array("group", ' ', "Group to bind it to; may be repeated."),
    array("serviceaccount", ' ', "Service account to bind it to, as <namespace>:<name>; may be repeated."),
    array("user", ' ', "User to bind it to; may be repeated."),
];

const GROUP: &str = "rbac.authorization.k8s.io";

async fn run(c: &Ctx, cluster: bool) -> Result<(), Error> {
    let name = name_from_args(c)?;
    let (role, cluster_role) = (if cluster { "" } else { c.text("role") }, c.text("clusterrole"));
    if role.is_empty() == cluster_role.is_empty() {
        return Err("exactly one of clusterrole or role must be specified".into());
    }
    let (kind, role) = if role.is_empty() { ("ClusterRole", cluster_role) } else { ("Role", role) };
    let subject = |kind: &'static str| move |name: &String| json!({"apiGroup": GROUP, "kind": kind, "name": name.as_str()});
    let mut subjects: Vec<Value> = c.values("user").iter().map(subject("User")).collect();
    subjects.extend(c.values("group").iter().map(subject("Group")));
    for account in c.values("serviceaccount") {
        let parts: Vec<&str> = account.split(':').collect();
        let [namespace, name] = parts[..] else {
            return Err("serviceaccount must be <namespace>:<name>".into());
        };
        if namespace.is_empty() || name.is_empty() {
            return Err("serviceaccount must be <namespace>:<name>".into());
        }
        subjects.push(json!({"kind": "ServiceAccount", "name": name, "namespace": namespace}));
    }
    let mut object = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": if cluster { "ClusterRoleBinding" } else { "RoleBinding" },
        "metadata": {"name": name}, "roleRef": {"apiGroup": GROUP, "kind": kind, "name": role},
    });
    if !subjects.is_empty() {
        object.set("subjects", subjects);
    }
    match cluster {
        true => finish(c, object, "clusterrolebindings", "failed to create clusterrolebinding:").await,
        false => finish(c, object, "rolebindings", "failed to create rolebinding:").await,
    }
}
