//! ServiceAccount: every pod has one, and a volume with its token. Mirrors plugin/pkg/admission/serviceaccount.

use crate::{ApiServer, Call};
use apimachinery::{Object, Status, Value, json, names};

/// Where the token is found in a container.
const MOUNT_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// What the token volume's name begins with.
const VOLUME_PREFIX: &str = "kube-api-access-";
/// The token is good for this long, in seconds; the seven are spare, so that it can be told from a user's wish.
const TOKEN_SECONDS: i64 = 3607;
/// A pod that mirrors a kubelet's own file has no account.
const MIRROR: &str = "kubernetes.io/config.mirror";

/// Fills in the account and mounts its token.
pub fn create(server: &mut ApiServer, call: &Call<'_>, pod: &mut Object) -> Result<(), Status> {
    if pod.annotation(MIRROR).is_some() {
        return Ok(());
    }
    if pod["spec"]["serviceAccountName"].str().is_empty() {
        pod.set_at("spec.serviceAccountName", "default");
    }
    let name = pod["spec"]["serviceAccountName"].str().to_string();
    pod.set_at("spec.serviceAccount", name.as_str());
    let account = server.get_object(&api::serviceaccount::RESOURCE, call.namespace, &name).cloned();
    let Some(account) = account else {
        let why = format!(
            "error looking up service account {}/{name}: serviceaccount \"{name}\" not found",
            call.namespace
        );
        return Err(call.forbidden(pod.name(), &why));
    };
    if should_mount(pod, &account) {
        mount(server, pod);
    }
    if pod["spec"]["imagePullSecrets"].is_empty() && !account["imagePullSecrets"].is_empty() {
        pod.set_at("spec.imagePullSecrets", &account["imagePullSecrets"]);
    }
    Ok(())
}

fn should_mount(pod: &Object, account: &Object) -> bool {
    let said = pod["spec"]["automountServiceAccountToken"].as_bool();
    said.or(account["automountServiceAccountToken"].as_bool()).unwrap_or(true)
}

fn mount(server: &mut ApiServer, pod: &mut Object) {
    let existing = pod["spec"]["volumes"].items().iter().map(|v| v["name"].str());
    let existing = existing.into_iter().find(|name| name.starts_with(VOLUME_PREFIX)).map(str::to_string);
    let is_new = existing.is_none();
    let volume =
        existing.unwrap_or_else(|| format!("{VOLUME_PREFIX}{}", names::random_suffix(&mut server.rng, 5)));
    let mut mounted = false;
    for list in ["initContainers", "containers"] {
        if pod["spec"][list].items().is_empty() {
            continue;
        }
        for container in pod.0.field_mut("spec").field_mut(list).array_mut() {
            if container["volumeMounts"].items().iter().any(|m| m["mountPath"] == MOUNT_PATH) {
                continue;
            }
            let mount = json!({"name": volume.as_str(), "mountPath": MOUNT_PATH, "readOnly": true});
            container.field_mut("volumeMounts").array_mut().push(mount);
            mounted = true;
        }
    }
    if mounted && is_new {
        pod.at_mut("spec.volumes").array_mut().push(token_volume(&volume));
    }
}

fn token_volume(name: &str) -> Value {
    json!({"name": name, "projected": {"defaultMode": 420, "sources": [
        {"serviceAccountToken": {"expirationSeconds": TOKEN_SECONDS, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [
            {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}},
        ]}},
    ]}})
}
