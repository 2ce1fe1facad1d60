use super::{Writer, plain};
use apimachinery::Value;

/// One line of a volume: its title, and the field that it shows.
type Line = (&'static str, &'static str);

/// Volumes that are shown field by field: the source's name, what it is, its lines.
const SIMPLE: &[(&str, &str, &[Line])] = &[
    (
        "secret",
        "Secret (a volume populated by a Secret)",
        &[("SecretName", "secretName"), ("Optional", "optional")],
    ),
    (
        "configMap",
        "ConfigMap (a volume populated by a ConfigMap)",
        &[("Name", "name"), ("Optional", "optional")],
    ),
    (
        "persistentVolumeClaim",
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        &[("ClaimName", "claimName"), ("ReadOnly", "readOnly")],
    ),
    (
        "nfs",
        "NFS (an NFS mount that lasts the lifetime of a pod)",
        &[("Server", "server"), ("Path", "path"), ("ReadOnly", "readOnly")],
    ),
    (
        "gitRepo",
        "GitRepo (a volume that is pulled from git when the pod is created)",
        &[("Repository", "repository"), ("Revision", "revision")],
    ),
    (
        "image",
        "Image (a container image or OCI artifact)",
        &[("Reference", "reference"), ("PullPolicy", "pullPolicy")],
    ),
];

/// Fields that Go prints as `false` when they are not there.
const BOOLEANS: [&str; 2] = ["optional", "readOnly"];

/// The volumes of a pod or of a template.
pub(super) fn volumes(w: &mut Writer, volumes: &Value, space: &str) {
    if volumes.is_empty() {
        w.put(0, &format!("{space}Volumes:\t<none>\n"));
        return;
    }
    w.put(0, &format!("{space}Volumes:\n"));
    let indent = if space.is_empty() { "" } else { " " };
    for volume in volumes.items() {
        w.put(1, &format!("{indent}{}:\n", volume["name"].str()));
        source(w, volume);
    }
}

fn source(w: &mut Writer, volume: &Value) {
    if let Some((key, what, lines)) = SIMPLE.iter().find(|(key, ..)| volume.get(key).is_some()) {
        w.put(2, &format!("Type:\t{what}\n"));
        for (title, field) in *lines {
            let value = &volume[*key][*field];
            let text = if BOOLEANS.contains(field) { value.is_true().to_string() } else { plain(value) };
            w.put(2, &format!("{title}:\t{text}\n"));
        }
    } else if let Some(host) = volume.get("hostPath") {
        let kind = host.get("type").map_or("<none>".into(), plain);
        w.put(2, "Type:\tHostPath (bare host directory volume)\n");
        w.put(2, &format!("Path:\t{}\n", host["path"].str()));
        w.put(2, &format!("HostPathType:\t{kind}\n"));
    } else if let Some(empty) = volume.get("emptyDir") {
        let limit = empty.get("sizeLimit").map_or("<unset>".into(), plain);
        w.put(2, "Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)\n");
        w.put(2, &format!("Medium:\t{}\n", empty["medium"].str()));
        w.put(2, &format!("SizeLimit:\t{limit}\n"));
    } else if let Some(down) = volume.get("downwardAPI") {
        w.put(2, "Type:\tDownwardAPI (a volume populated by information about the pod)\n    Items:\n");
        for item in down["items"].items() {
            let from = if item["fieldRef"].is_null() {
                item.at("resourceFieldRef.resource")
            } else {
                item.at("fieldRef.fieldPath")
            };
            w.put(3, &format!("{} -> {}\n", from.str(), item["path"].str()));
        }
    } else if let Some(projected) = volume.get("projected") {
        w.put(2, "Type:\tProjected (a volume that contains injected data from multiple sources)\n");
        projected["sources"].items().iter().for_each(|s| projection(w, s));
    } else {
        w.put(1, "<unknown>\n");
    }
}

fn projection(w: &mut Writer, source: &Value) {
    if let Some(secret) = source.get("secret") {
        w.put(2, &format!("SecretName:\t{}\n", secret["name"].str()));
        w.put(2, &format!("Optional:\t{}\n", secret["optional"].is_true()));
    } else if source.get("downwardAPI").is_some() {
        w.put(2, "DownwardAPI:\ttrue\n");
    } else if let Some(map) = source.get("configMap") {
        w.put(2, &format!("ConfigMapName:\t{}\n", map["name"].str()));
        w.put(2, &format!("Optional:\t{}\n", map["optional"].is_true()));
    } else if let Some(token) = source.get("serviceAccountToken") {
        w.put(2, &format!("TokenExpirationSeconds:\t{}\n", token["expirationSeconds"].int()));
    }
}
