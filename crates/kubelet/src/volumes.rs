//! Volumes of a pod as trees of files. Mirrors pkg/volume/{configmap,secret,projected,downwardapi,emptydir,hostpath}.
//!
//! A volume is one node of a file system; containers get it grafted in. What one of them writes is noticed by
//! comparing pointers after it ran, and passed on to the others.

use crate::env::{self, Facts};
use apimachinery::{Map, Object, Value, time};
use sim::Time;
use userland::{Files, Node};

/// Where volumes read ConfigMaps, Secrets, claims and volumes from.
pub(crate) type Lookup<'a> = env::Lookup<'a>;

/// A mounted volume.
#[derive(Clone, Debug)]
pub(crate) struct Volume {
    /// Its name in the pod.
    pub(crate) name: String,
    /// Its files.
    pub(crate) node: Node,
    /// Whether containers may write to it (and so share it): emptyDir and hostPath.
    pub(crate) shared: bool,
    /// The path on the node, for hostPath.
    pub(crate) host_path: Option<String>,
    /// The group that it belongs to: `fsGroup` of the pod, not for hostPath.
    group: Option<u32>,
    /// What it was made from, to see whether it has to be made anew.
    source: Value,
}

/// Where a volume's files stand while it is built.
const ROOT: &str = "/v";
/// The mode of files of data volumes that do not say one.
const FILE_MODE: i64 = 0o644;
/// What a directory lends to all that is made in it: its group.
const SETGID: u16 = 0o2000;

impl Volume {
    /// What a mount with this `subPath` shows; `None` where there is nothing.
    pub(crate) fn part(&self, sub: &str) -> Option<Node> {
        if sub.is_empty() {
            return Some(self.node.clone());
        }
        self.open().subtree(&format!("{ROOT}/{sub}"))
    }

    /// Replaces what a mount with this `subPath` shows.
    pub(crate) fn put_part(&mut self, sub: &str, node: Node) {
        self.change(sub, &mut |files, path| files.graft(path, node.clone()));
    }

    /// Makes a directory for a mount with this `subPath`, with the mode and the group of the volume.
    /// Mirrors pkg/kubelet/kubelet_pods.go, which calls SafeMakeDir.
    pub(crate) fn make_part(&mut self, sub: &str) {
        let group = self.group.unwrap_or(0);
        self.change(sub, &mut |files, path| {
            let mode = files.stat(ROOT, true).map_or(0o777, |root| root.meta().mode);
            files.make_dirs(path);
            let set = files.set_mode(path, mode).and_then(|()| files.set_owner(path, 0, group));
            set.expect("the directory was made just now");
        });
    }

    fn open(&self) -> Files {
        let mut files = Files::new();
        files.graft(ROOT, self.node.clone());
        files
    }

    fn change(&mut self, sub: &str, with: &mut dyn FnMut(&mut Files, &str)) {
        let mut files = self.open();
        let path = if sub.is_empty() { ROOT.to_string() } else { format!("{ROOT}/{sub}") };
        with(&mut files, &path);
        if let Some(node) = files.subtree(ROOT) {
            self.node = node;
        }
    }
}

/// The groups that a pod's processes have beside their own. Mirrors GetExtraSupplementalGroupsForPod and
/// convertToRuntimeSecurityContext.
pub(crate) fn groups(pod: &Object) -> Vec<u32> {
    let context = &pod["spec"]["securityContext"];
    let own = context["supplementalGroups"].items().iter().chain(context.get("fsGroup"));
    let mut groups: Vec<u32> = own.filter_map(|g| u32::try_from(g.as_i64()?).ok()).collect();
    sim::Order::order(groups.as_mut_slice());
    groups.dedup();
    groups
}

fn fs_group(pod: &Object) -> Option<u32> {
    u32::try_from(pod["spec"]["securityContext"]["fsGroup"].as_i64()?).ok()
}

/// Makes a volume. `Err`: the message of the FailedMount event.
pub(crate) fn mount(
    pod: &Object,
    volume: &Value,
    facts: &Facts<'_>,
    host: &mut Files,
    now: Time,
    lookup: Lookup<'_>,
) -> Result<Volume, String> {
    let name = volume["name"].str();
    let failed = |why: String| format!("MountVolume.SetUp failed for volume {name:?} : {why}");
    let group = fs_group(pod);
    let node = empty_dir(group);
    let source = Value::Null;
    let mut made = Volume { name: name.into(), node, shared: false, host_path: None, group, source };
    if volume.get("emptyDir").is_some() {
        made.shared = true;
        return Ok(made);
    }
    let claimed = match volume.get("persistentVolumeClaim") {
        Some(claim) => Some(claimed(pod, name, claim["claimName"].str(), lookup)?),
        None => None,
    };
    if let Some(host_path) = claimed.as_ref().or(volume.get("hostPath")) {
        let path = host_path["path"].str();
        made.node = host_node(host, path, host_path["type"].str()).map_err(failed)?;
        (made.shared, made.host_path, made.group) = (true, Some(path.to_string()), None);
        return Ok(made);
    }
    let Some(data) = payload(pod, volume, facts, lookup).map_err(failed)? else {
        return Err(unsupported(volume));
    };
    made.node = atomic_dir(&data, volume, group, now);
    made.source = data;
    Ok(made)
}

/// Makes a volume of data anew if its sources changed; says whether it did. What is gone keeps its last content.
pub(crate) fn refresh(
    made: &mut Volume,
    pod: &Object,
    volume: &Value,
    facts: &Facts<'_>,
    now: Time,
    lookup: Lookup<'_>,
) -> bool {
    match payload(pod, volume, facts, lookup) {
        Ok(Some(data)) if data != made.source => {
            made.node = atomic_dir(&data, volume, made.group, now);
            made.source = data;
            true
        }
        _ => false,
    }
}

/// Whether a volume can change while the pod runs, apart from what containers write. The token volume that every pod
/// has does not.
pub(crate) fn can_change(volume: &Value) -> bool {
    ["configMap", "secret", "downwardAPI"].iter().any(|k| volume.get(k).is_some())
        || (volume.get("projected").is_some() && !volume["name"].str().starts_with("kube-api-access-"))
}

fn unsupported(volume: &Value) -> String {
    let name = volume["name"].str();
    let plugin = volume.fields().map(|(k, _)| k).find(|k| *k != "name").unwrap_or("unknown");
    unprocessed(name, &format!("no volume plugin matched: volumes of type {plugin} are not simulated"))
}

fn unprocessed(name: &str, why: &str) -> String {
    format!(
        "Unable to attach or mount volumes: unmounted volumes=[{name}], unattached volumes=[], \
         failed to process volumes=[{name}]: {why}"
    )
}

/// The `hostPath` of the volume that a claim has. Mirrors getPVCExtractPV and getPVSpec of the desired state populator.
fn claimed(pod: &Object, volume: &str, name: &str, lookup: Lookup<'_>) -> Result<Value, String> {
    let failed =
        |why: &str| unprocessed(volume, &format!("error processing PVC {}/{name}: {why}", pod.namespace()));
    let claim = lookup("persistentvolumeclaim", name);
    let claim = claim.ok_or_else(|| {
        failed(&format!("failed to fetch PVC from API server: persistentvolumeclaims {name:?} not found"))
    })?;
    if claim.is_terminating() {
        return Err(failed("PVC is being deleted"));
    }
    if claim.at("status.phase") != "Bound" {
        return Err(failed("PVC is not bound"));
    }
    let bound = claim.at("spec.volumeName").str();
    let found = lookup("persistentvolume", bound);
    let found = found.ok_or_else(|| {
        failed(&format!("failed to fetch PV {bound} from API server: persistentvolumes {bound:?} not found"))
    })?;
    Ok(found.at("spec.hostPath").clone())
}

/// Path -> content of a volume of data; `None` when it is of another type.
fn payload(
    pod: &Object,
    volume: &Value,
    facts: &Facts<'_>,
    lookup: Lookup<'_>,
) -> Result<Option<Value>, String> {
    let mut files = Map::default();
    if let Some(source) = volume.get("configMap") {
        keys(&mut files, "configmap", source["name"].str(), source, lookup)?;
    } else if let Some(source) = volume.get("secret") {
        keys(&mut files, "secret", source["secretName"].str(), source, lookup)?;
    } else if let Some(source) = volume.get("downwardAPI") {
        downward(&mut files, source, pod, facts)?;
    } else if let Some(projected) = volume.get("projected") {
        for source in projected["sources"].items() {
            if let Some(token) = source.get("serviceAccountToken") {
                files.insert(token["path"].str(), token_of(pod).into());
            } else if let Some(map) = source.get("configMap") {
                keys(&mut files, "configmap", map["name"].str(), map, lookup)?;
            } else if let Some(secret) = source.get("secret") {
                keys(&mut files, "secret", secret["name"].str(), secret, lookup)?;
            } else if let Some(api) = source.get("downwardAPI") {
                downward(&mut files, api, pod, facts)?;
            } else {
                let kind = source.fields().next().map_or("unknown", |(k, _)| k);
                return Err(format!("projected volume source {kind} is not simulated"));
            }
        }
    } else {
        return Ok(None);
    }
    Ok(Some(files.into()))
}

fn keys(files: &mut Map, kind: &str, name: &str, source: &Value, lookup: Lookup<'_>) -> Result<(), String> {
    let optional = source["optional"].is_true();
    let Some(object) = lookup(kind, name) else {
        return if optional { Ok(()) } else { Err(format!("{kind} {name:?} not found")) };
    };
    let get = |key: &str| {
        let plain = object["data"].get(key).map(|v| env::text(kind, v));
        plain.or_else(|| object["binaryData"].get(key).map(|v| env::text("secret", v)))
    };
    if source["items"].items().is_empty() {
        for (key, _) in object["data"].fields().chain(object["binaryData"].fields()) {
            files.insert(key, get(key).into());
        }
        return Ok(());
    }
    for item in source["items"].items() {
        let key = item["key"].str();
        match get(key) {
            Some(text) => drop(files.insert(item["path"].str(), text.into())),
            None if optional => {}
            None => return Err(format!("references non-existent {kind} key: {key}")),
        }
    }
    Ok(())
}

fn downward(files: &mut Map, source: &Value, pod: &Object, facts: &Facts<'_>) -> Result<(), String> {
    for item in source["items"].items() {
        let text = match item.get("resourceFieldRef") {
            Some(reference) => env::resource(pod, &Value::Null, reference, facts)?,
            None => env::field(pod, item["fieldRef"]["fieldPath"].str(), facts)?,
        };
        files.insert(item["path"].str(), text.into());
    }
    Ok(())
}

/// Looks like a token; says whose it is and is good for nothing.
fn token_of(pod: &Object) -> String {
    format!("kubarium.{}.{}", pod.namespace(), pod["spec"]["serviceAccountName"].str())
}

/// Everybody may write to it; with `fsGroup` it lends that group to what is made in it. Mirrors SetVolumeOwnership.
fn empty_dir(group: Option<u32>) -> Node {
    let mut files = Files::new();
    files.make_dirs(ROOT);
    let mode = 0o777 | group.map_or(0, |_| SETGID);
    let set = files.set_mode(ROOT, mode).and_then(|()| files.set_owner(ROOT, 0, group.unwrap_or(0)));
    set.expect("the directory was made above");
    files.subtree(ROOT).expect("the directory was made above")
}

/// A directory whose names are links into a dated directory that is replaced as a whole.
/// Mirrors pkg/volume/util/atomic_writer.go, and SetVolumeOwnership for the group.
fn atomic_dir(data: &Value, volume: &Value, group: Option<u32>, now: Time) -> Node {
    let mut files = Files::new();
    files.make_dirs(ROOT);
    let stamp = time::format(now).replace('-', "_").replace(['T', ':', 'Z'], "_");
    let dated = format!("..{}.{:06}", stamp.trim_end_matches('_'), now.as_micros() % 1_000_000);
    files.make_dirs(&format!("{ROOT}/{dated}"));
    files.link(&format!("{ROOT}/..data"), &dated);
    let lent = group.map_or(0, |_| SETGID);
    // Only ConfigMaps are on the node's disk; the others are in memory, where the directory is sticky.
    let sticky = if volume.get("configMap").is_some() { 0 } else { 0o1000 };
    let own = |files: &mut Files, path: &str, mode: u16| {
        let set = files.set_mode(path, mode).and_then(|()| files.set_owner(path, 0, group.unwrap_or(0)));
        set.expect("it was made just now");
    };
    own(&mut files, ROOT, 0o777 | sticky | lent);
    own(&mut files, &format!("{ROOT}/{dated}"), 0o755 | lent);
    for (path, text) in data.fields() {
        let full = format!("{ROOT}/{dated}/{path}");
        files.put(&full, text.str());
        let mode = file_mode(volume, path) as u16 | group.map_or(0, |_| 0o440);
        own(&mut files, &full, mode);
        let top = path.split('/').next().unwrap_or(path);
        files.link(&format!("{ROOT}/{top}"), &format!("..data/{top}"));
    }
    files.subtree(ROOT).expect("the directory was made above")
}

/// The mode of a file of a data volume: that of its item, or that of the volume.
fn file_mode(volume: &Value, path: &str) -> i64 {
    let kinds = ["configMap", "secret", "downwardAPI", "projected"];
    let Some(source) = kinds.iter().find_map(|kind| volume.get(kind)) else { return FILE_MODE };
    let projected = source["sources"].items().iter();
    let parts = projected.flat_map(|s| kinds.iter().filter_map(|kind| s.get(kind)));
    let mut items = parts.chain([source]).flat_map(|s| s["items"].items());
    let own = items.find(|item| item["path"] == path).and_then(|item| item["mode"].as_i64());
    own.or(source["defaultMode"].as_i64()).unwrap_or(FILE_MODE)
}

fn host_node(host: &mut Files, path: &str, kind: &str) -> Result<Node, String> {
    if matches!(kind, "DirectoryOrCreate" | "") && !host.exists(path) {
        host.make_dirs(path);
    }
    if kind == "FileOrCreate" && !host.exists(path) {
        host.put(path, "");
    }
    let found = host
        .stat(path, true)
        .map_err(|_| format!("hostPath type check failed: {path} is not a {}", noun(kind)))?;
    let fits = match kind {
        "Directory" | "DirectoryOrCreate" => found.is_dir(),
        "File" | "FileOrCreate" => found.is_file(),
        "" => true,
        _ => false,
    };
    if fits {
        Ok(found.node)
    } else {
        Err(format!("hostPath type check failed: {path} is not a {}", noun(kind)))
    }
}

fn noun(kind: &str) -> &'static str {
    match kind {
        "File" | "FileOrCreate" => "file",
        "Socket" => "socket file",
        "CharDevice" => "character device",
        "BlockDevice" => "block device",
        _ => "directory",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::json;

    #[test]
    fn a_config_map_is_links_into_a_dated_directory_and_changes_as_a_whole() {
        let pod = Object(json!({"metadata": {"name": "p", "namespace": "d"}}));
        let facts = Facts { pod_ip: "", host_ip: "", node: (1, 1) };
        let volume = json!({"name": "v", "configMap": {"name": "c"}});
        let mut value = "one";
        let mut host = Files::new();
        let mut found = |_: &str, _: &str| Some(Object(json!({"data": {"key": (value)}})));
        let mut made = mount(&pod, &volume, &facts, &mut host, Time::from_secs(1), &mut found).unwrap();
        let read = |v: &Volume| {
            let mut files = Files::new();
            files.graft("/etc/config", v.node.clone());
            String::from_utf8(files.read("/etc/config/key").unwrap().to_vec()).unwrap()
        };
        assert_eq!(read(&made), "one");
        assert!(!refresh(&mut made, &pod, &volume, &facts, Time::from_secs(2), &mut found));
        value = "two";
        let mut found = |_: &str, _: &str| Some(Object(json!({"data": {"key": (value)}})));
        assert!(refresh(&mut made, &pod, &volume, &facts, Time::from_secs(3), &mut found));
        assert_eq!(read(&made), "two");
        let error = mount(&pod, &volume, &facts, &mut host, Time::ZERO, &mut |_, _| None).unwrap_err();
        assert_eq!(error, "MountVolume.SetUp failed for volume \"v\" : configmap \"c\" not found");
    }
}
