//! What a container finds when it starts: its command, its environment, the files that the kubelet makes, its volumes.
//! Mirrors the option makers of pkg/kubelet/kubelet_pods.go and pkg/kubelet/network/dns.

use crate::Kubelet;
use crate::env::{self, Facts};
use crate::images::Image;
use crate::sysctl;
use crate::volumes::{self, Volume};
use crate::worker::{Container, Worker};
use apimachinery::Value;
use client::Context;
use sim::collections::BTreeMap;
use userland::{Command, Files};

/// Where programs are looked for when neither image nor pod says it.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl Kubelet {
    pub(crate) fn environment(
        &mut self,
        ctx: &mut Context<'_>,
        w: &Worker,
        spec: &Value,
        image: &Image,
    ) -> Result<BTreeMap<String, String>, String> {
        self.services.sync(ctx);
        let services: Vec<&apimachinery::Object> = self.services.list().collect();
        let facts = Facts {
            pod_ip: w.ip(),
            host_ip: &self.config.address,
            node: (self.config.cpu, self.config.memory),
        };
        let namespace = w.pod.namespace().to_string();
        let mut lookup = |kind: &str, name: &str| Kubelet::lookup(ctx, &namespace, kind, name);
        let own = env::make(&w.pod, spec, &services, &facts, &mut lookup)?;
        let mut all: BTreeMap<String, String> = image.env.iter().cloned().collect();
        all.entry("PATH".into()).or_insert_with(|| DEFAULT_PATH.into());
        all.insert("HOSTNAME".into(), self.hostname(w));
        all.extend(own);
        if spec["tty"].is_true() {
            all.entry("TERM".into()).or_insert_with(|| "xterm".into());
        }
        Ok(all)
    }

    /// The name that a pod gives itself. Mirrors GeneratePodHostNameAndDomain and determinePodHostname.
    pub(crate) fn hostname(&self, w: &Worker) -> String {
        let (name, domain) = self.hostname_and_domain(w);
        if w.pod["spec"]["setHostnameAsFQDN"].is_true() && !domain.is_empty() {
            format!("{name}.{domain}")
        } else {
            name
        }
    }

    /// Host name, and the domain that a subdomain makes; empty without one.
    fn hostname_and_domain(&self, w: &Worker) -> (String, String) {
        let spec = &w.pod["spec"];
        if w.host_network() {
            return (self.config.name.clone(), String::new());
        }
        let given = match spec["hostnameOverride"].str() {
            "" => spec["hostname"].str(),
            name => return (name.into(), String::new()),
        };
        let name = match given {
            "" => w.pod.name().chars().take(63).collect::<String>().trim_end_matches(['-', '.']).to_string(),
            name => name.to_string(),
        };
        let domain = match spec["subdomain"].str() {
            "" => String::new(),
            subdomain => format!("{subdomain}.{}.svc.cluster.local", w.pod.namespace()),
        };
        (name, domain)
    }

    /// Files that the kubelet makes, and volumes.
    pub(crate) fn furnish(
        &mut self,
        files: &mut Files,
        w: &Worker,
        spec: &Value,
    ) -> Result<(), (&'static str, String)> {
        files.put("/etc/hostname", format!("{}\n", self.hostname(w)));
        files.put("/etc/hosts", self.hosts(w));
        sysctl::write(files, &w.pod);
        files.put("/etc/resolv.conf", resolv_conf(w));
        let path = spec["terminationMessagePath"].as_str().unwrap_or("/dev/termination-log");
        files.put(path, "");
        if spec["securityContext"]["readOnlyRootFilesystem"].is_true() {
            files.set_read_only("/", true);
            files.set_read_only("/dev", false);
        }
        for mount in spec["volumeMounts"].items() {
            let volume = w.volumes.iter().flatten().find(|v| mount["name"] == v.name.as_str());
            let Some(volume) = volume else {
                let message = format!("volume {:?} is not mounted", mount["name"].str());
                return Err(("CreateContainerConfigError", message));
            };
            place(files, volume, mount);
        }
        Ok(())
    }

    /// Mirrors managedHostsFileContent.
    fn hosts(&self, w: &Worker) -> String {
        let (hostname, domain) = self.hostname_and_domain(w);
        let mut text = String::from(
            "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n\
             fe00::\tip6-localnet\nfe00::\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n",
        );
        if domain.is_empty() {
            text += &format!("{}\t{hostname}\n", w.ip());
        } else {
            text += &format!("{}\t{hostname}.{domain}\t{hostname}\n", w.ip());
        }
        let aliases = w.pod["spec"]["hostAliases"].items();
        if !aliases.is_empty() {
            text += "\n# Entries added by HostAliases.\n";
        }
        for alias in aliases {
            let names: Vec<&str> = alias["hostnames"].items().iter().map(Value::str).collect();
            text += &format!("{}\t{}\n", alias["ip"].str(), names.join("\t"));
        }
        text
    }
}

/// Puts a volume into every container that mounts it, apart from the one at `except`.
pub(crate) fn graft(containers: &mut [Container], volume: &Volume, except: Option<usize>) {
    for (_, c) in containers.iter_mut().enumerate().filter(|(i, _)| Some(*i) != except) {
        let Some(machine) = &mut c.machine else { continue };
        for mount in c.spec["volumeMounts"].items().iter().filter(|m| m["name"] == volume.name.as_str()) {
            // As in reality, what is mounted by subPath does not follow changes of data volumes.
            if volume.shared || mount["subPath"].is_empty() {
                place(&mut machine.files, volume, mount);
            }
        }
    }
}

fn place(files: &mut Files, volume: &Volume, mount: &Value) {
    let path = mount["mountPath"].str();
    if let Some(node) = volume.part(mount["subPath"].str()) {
        files.graft(path, node);
    }
    if mount["readOnly"].is_true() || !volume.shared {
        files.set_read_only(path, true);
    } else {
        files.set_read_only(path, false);
    }
}

/// Makes `subPath` of `subPathExpr`, with the container's environment. Mirrors ExpandContainerVolumeMounts.
pub(crate) fn expand_sub_paths(spec: &mut Value, env: &BTreeMap<String, String>) -> Result<(), String> {
    for i in 0..spec["volumeMounts"].items().len() {
        let text = spec["volumeMounts"].items()[i]["subPathExpr"].str().to_string();
        if text.is_empty() {
            continue;
        }
        let missing = std::cell::RefCell::new(Vec::new());
        let path = env::expand(&text, |name| {
            if !env.contains_key(name) {
                missing.borrow_mut().push(name.to_string());
            }
            env.get(name).cloned()
        });
        if let Some(name) = missing.borrow().first() {
            return Err(format!("failed to expand subPath {text:?}: missing value for {name:?}"));
        }
        spec.field_mut("volumeMounts").array_mut()[i].set("subPath", path);
    }
    Ok(())
}

impl Kubelet {
    /// Makes the directories that containers mount by `subPath` in volumes that can be written to.
    pub(crate) fn make_sub_paths(&mut self, w: &mut Worker, spec: &Value) {
        let Some(mut mounted) = w.volumes.take() else { return };
        for mount in spec["volumeMounts"].items() {
            let sub = mount["subPath"].str();
            let volume = mounted.iter_mut().find(|v| mount["name"] == v.name.as_str());
            let Some(volume) = volume.filter(|v| v.shared && !sub.is_empty() && v.part(sub).is_none()) else {
                continue;
            };
            volume.make_part(sub);
            if let Some(host_path) = &volume.host_path {
                self.host.machine.files.graft(host_path, volume.node.clone());
            }
            graft(&mut w.containers, volume, None);
        }
        w.volumes = Some(mounted);
    }
}

/// Program, arguments, directory and user, as image and pod say. Mirrors ExpandContainerCommandAndArgs.
pub(crate) fn command(
    w: &Worker,
    spec: &Value,
    image: &Image,
    env: BTreeMap<String, String>,
) -> Result<Command, String> {
    let texts = |key: &str| -> Vec<String> {
        let expand = |v: &Value| env::expand(v.str(), |n| env.get(n).cloned());
        spec[key].items().iter().map(expand).collect()
    };
    let (own_command, own_args) = (texts("command"), texts("args"));
    let mut argv = if own_command.is_empty() { image.entrypoint.clone() } else { own_command.clone() };
    if !own_args.is_empty() {
        argv.extend(own_args);
    } else if own_command.is_empty() {
        argv.extend(image.cmd.iter().cloned());
    }
    if argv.is_empty() {
        return Err("no command specified".into());
    }
    let of = |key: &str| {
        let own = &spec["securityContext"][key];
        if own.is_null() { w.pod["spec"]["securityContext"][key].as_i64() } else { own.as_i64() }
    };
    let user = match (of("runAsUser"), of("runAsGroup")) {
        (Some(user), Some(group)) => format!("{user}:{group}"),
        (Some(user), None) => user.to_string(),
        (None, _) => image.user.clone(),
    };
    let own = spec["securityContext"]["runAsNonRoot"].as_bool();
    let non_root = own.unwrap_or(w.pod["spec"]["securityContext"]["runAsNonRoot"].is_true());
    let id = user.split(':').next().unwrap_or("");
    if non_root && matches!(id, "" | "0" | "root") {
        let name = w.pod.name();
        return Err(match of("runAsUser") {
            Some(_) => format!(
                "container's runAsUser breaks non-root policy (pod: \"{name}_{}({})\", container: {})",
                w.pod.namespace(),
                w.pod.uid(),
                spec["name"].str()
            ),
            None => format!(
                "container has runAsNonRoot and image will run as root (pod: \"{name}_{}({})\", container: {})",
                w.pod.namespace(),
                w.pod.uid(),
                spec["name"].str()
            ),
        });
    }
    let mut env = env;
    env.entry("HOME".into()).or_insert_with(|| home(&image.files, &user));
    let groups = volumes::groups(&w.pod);
    let cwd = spec["workingDir"].as_str().unwrap_or(&image.working_dir).to_string();
    let tty = spec["tty"].is_true().then_some(userland::Tty { columns: 80, rows: 24 });
    Ok(Command { argv, env, cwd, user, groups, tty, stdin: spec["stdin"].is_true() })
}

/// Mirrors pkg/kubelet/network/dns.
fn resolv_conf(w: &Worker) -> String {
    let spec = &w.pod["spec"];
    let (mut servers, mut searches, mut options) = (Vec::new(), Vec::new(), Vec::new());
    let policy = spec["dnsPolicy"].as_str().unwrap_or("ClusterFirst");
    let own_network = !w.host_network();
    match policy {
        "ClusterFirst" if own_network => {}
        "ClusterFirstWithHostNet" => {}
        "None" => {}
        _ => servers.push("192.168.49.1".to_string()),
    }
    if policy == "ClusterFirstWithHostNet" || (policy == "ClusterFirst" && own_network) {
        servers.push("10.96.0.10".into());
        let namespace = w.pod.namespace();
        searches.extend([
            format!("{namespace}.svc.cluster.local"),
            "svc.cluster.local".into(),
            "cluster.local".into(),
        ]);
        options.push("ndots:5".to_string());
    }
    let own = &spec["dnsConfig"];
    servers.extend(own["nameservers"].items().iter().map(|s| s.str().to_string()));
    searches.extend(own["searches"].items().iter().map(|s| s.str().to_string()));
    for option in own["options"].items() {
        let name = option["name"].str();
        options.retain(|o| o.split(':').next() != Some(name));
        options.push(option["value"].as_str().map_or(name.to_string(), |v| format!("{name}:{v}")));
    }
    let mut text: String = String::new();
    if !searches.is_empty() {
        text += &format!("search {}\n", searches.join(" "));
    }
    servers.iter().for_each(|s| text += &format!("nameserver {s}\n"));
    if !options.is_empty() {
        text += &format!("options {}\n", options.join(" "));
    }
    text
}

/// The home of a user (a name or a number, maybe with a group) in `/etc/passwd`, `/` where it has none. Mirrors runc.
fn home(files: &userland::Files, user: &str) -> String {
    let user = match user.split(':').next() {
        None | Some("") => "0",
        Some(user) => user,
    };
    let passwd = files.read("/etc/passwd").unwrap_or_default();
    let passwd = String::from_utf8_lossy(&passwd).into_owned();
    let of = |line: &str| {
        let fields: Vec<&str> = line.split(':').collect();
        (fields[0] == user || fields.get(2) == Some(&user)).then(|| fields.get(5).unwrap_or(&"/").to_string())
    };
    passwd.lines().find_map(of).unwrap_or_else(|| "/".into())
}
