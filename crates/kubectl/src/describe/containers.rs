//! Containers of pods and of pod templates.

use super::{Writer, date, or_none, plain};
use apimachinery::{Object, Quantity, Value, quantity};
use sim::Order;

/// Containers under a title. `statuses` is null for a template; `pod` resolves what comes from the pod itself.
pub(super) fn containers(
    w: &mut Writer,
    title: &str,
    list: &Value,
    statuses: &Value,
    pod: Option<&Object>,
    space: &str,
) {
    let none = if list.items().is_empty() { " <none>" } else { "" };
    w.put(0, &format!("{space}{title}:{none}\n"));
    for container in list.items() {
        let status = statuses.items().iter().find(|s| s["name"] == container["name"]);
        basic(w, container, status, space);
        command(w, container);
        if let Some(status) = status {
            state(w, "State", &status["state"]);
            if !status.at("lastState.terminated").is_null() {
                state(w, "Last State", &status["lastState"]);
            }
            w.put(2, &format!("Ready:\t{}\n", if status["ready"].is_true() { "True" } else { "False" }));
            w.put(2, &format!("Restart Count:\t{}\n", status["restartCount"].int()));
        }
        resources(w, &container["resources"], 2);
        for (title, key) in
            [("Liveness", "livenessProbe"), ("Readiness", "readinessProbe"), ("Startup", "startupProbe")]
        {
            if !container[key].is_null() {
                w.put(2, &format!("{title}:\t{}\n", probe(&container[key])));
            }
        }
        env_from(w, &container["envFrom"]);
        env(w, container, pod);
        mounts(w, container);
    }
}

fn basic(w: &mut Writer, container: &Value, status: Option<&Value>, space: &str) {
    let indent = if space.is_empty() { "" } else { " " };
    w.put(1, &format!("{indent}{}:\n", container["name"].str()));
    if let Some(status) = status {
        w.put(2, &format!("Container ID:\t{}\n", status["containerID"].str()));
    }
    w.put(2, &format!("Image:\t{}\n", container["image"].str()));
    if let Some(status) = status {
        w.put(2, &format!("Image ID:\t{}\n", status["imageID"].str()));
    }
    for (one, many, key) in [("Port", "Ports", "containerPort"), ("Host Port", "Host Ports", "hostPort")] {
        let port = |p: &Value| {
            let text = format!("{}/{}", p[key].int(), p["protocol"].str());
            if p["name"].is_empty() { text } else { format!("{text} ({})", p["name"].str()) }
        };
        let text = container["ports"].items().iter().map(port).collect::<Vec<_>>().join(", ");
        let title = if text.contains(',') { many } else { one };
        w.put(2, &format!("{title}:\t{}\n", or_none(&text)));
    }
    let seccomp = container.at("securityContext.seccompProfile");
    if !seccomp.is_null() {
        w.put(2, &format!("SeccompProfile:\t{}\n", seccomp["type"].str()));
        if seccomp["type"] == "Localhost" {
            w.put(3, &format!("LocalhostProfile:\t{}\n", seccomp["localhostProfile"].str()));
        }
    }
}

fn command(w: &mut Writer, container: &Value) {
    for (title, key) in [("Command", "command"), ("Args", "args")] {
        if container[key].is_empty() {
            continue;
        }
        w.put(2, &format!("{title}:\n"));
        for line in container[key].items().iter().flat_map(|a| a.str().split('\n')) {
            w.put(3, &format!("{line}\n"));
        }
    }
}

/// Mirrors describeStatus.
fn state(w: &mut Writer, title: &str, state: &Value) {
    if let Some(running) = state.get("running") {
        w.put(2, &format!("{title}:\tRunning\n"));
        w.put(3, &format!("Started:\t{}\n", date(&running["startedAt"])));
    } else if let Some(ended) = state.get("terminated") {
        w.put(2, &format!("{title}:\tTerminated\n"));
        for (name, key) in [("Reason", "reason"), ("Message", "message")] {
            if !ended[key].is_empty() {
                w.put(3, &format!("{name}:\t{}\n", ended[key].str()));
            }
        }
        w.put(3, &format!("Exit Code:\t{}\n", ended["exitCode"].int()));
        if ended["signal"].int() > 0 {
            w.put(3, &format!("Signal:\t{}\n", ended["signal"].int()));
        }
        w.put(3, &format!("Started:\t{}\n", date(&ended["startedAt"])));
        w.put(3, &format!("Finished:\t{}\n", date(&ended["finishedAt"])));
    } else {
        w.put(2, &format!("{title}:\tWaiting\n"));
        if !state.at("waiting.reason").is_empty() {
            w.put(3, &format!("Reason:\t{}\n", state.at("waiting.reason").str()));
        }
    }
}

/// Limits and requests.
pub(super) fn resources(w: &mut Writer, resources: &Value, level: usize) {
    for (title, key) in [("Limits", "limits"), ("Requests", "requests")] {
        if !resources[key].is_empty() {
            w.put(level, &format!("{title}:\n"));
        }
        for (name, amount) in resources[key].fields() {
            w.put(level + 1, &format!("{name}:\t{}\n", plain(amount)));
        }
    }
}

/// Mirrors DescribeProbe.
fn probe(probe: &Value) -> String {
    let number = |key: &str| probe[key].int();
    let attributes = format!(
        "delay={}s timeout={}s period={}s #success={} #failure={}",
        number("initialDelaySeconds"),
        number("timeoutSeconds"),
        number("periodSeconds"),
        number("successThreshold"),
        number("failureThreshold")
    );
    if let Some(exec) = probe.get("exec") {
        return format!("exec [{}] {attributes}", super::joined(&exec["command"], " "));
    }
    if let Some(http) = probe.get("httpGet") {
        let path = http["path"].str();
        let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
        let (scheme, host, port) =
            (http["scheme"].str().to_lowercase(), http["host"].str(), plain(&http["port"]));
        return format!("http-get {scheme}://{host}:{port}{slash}{path} {attributes}");
    }
    if let Some(tcp) = probe.get("tcpSocket") {
        return format!("tcp-socket {}:{} {attributes}", tcp["host"].str(), plain(&tcp["port"]));
    }
    match probe.get("grpc") {
        Some(grpc) => format!("grpc <pod>:{} {} {attributes}", grpc["port"].int(), grpc["service"].str()),
        None => format!("unknown {attributes}"),
    }
}

fn env_from(w: &mut Writer, sources: &Value) {
    if sources.is_empty() {
        return;
    }
    w.put(2, "Environment Variables from:\n");
    for source in sources.items() {
        let (from, what) = match source.get("configMapRef") {
            Some(what) => ("ConfigMap", what),
            None => ("Secret", &source["secretRef"]),
        };
        let prefix = match source["prefix"].str() {
            "" => String::new(),
            prefix => format!(" with prefix '{prefix}'"),
        };
        let (name, optional) = (what["name"].str(), what["optional"].is_true());
        w.put(3, &format!("{name}\t{from}{prefix}\tOptional: {optional}\n"));
    }
}

fn env(w: &mut Writer, container: &Value, pod: Option<&Object>) {
    let none = if container["env"].is_empty() { "\t<none>" } else { "" };
    w.put(2, &format!("Environment:{none}\n"));
    for variable in container["env"].items() {
        let (name, from) = (variable["name"].str(), &variable["valueFrom"]);
        if from.is_null() {
            for (i, line) in variable["value"].str().split('\n').enumerate() {
                let name = if i == 0 { format!("{name}:") } else { String::new() };
                w.put(3, &format!("{name}\t{line}\n"));
            }
            continue;
        }
        if let Some(field) = from.get("fieldRef") {
            let value = pod.map(|p| field_of(p, field["fieldPath"].str())).unwrap_or_default();
            w.put(
                3,
                &format!("{name}:\t{value} ({}:{})\n", field["apiVersion"].str(), field["fieldPath"].str()),
            );
        } else if let Some(resource) = from.get("resourceFieldRef") {
            let what = resource["resource"].str();
            let mut value = resource_of(container, resource);
            if value == "0" && matches!(what, "limits.cpu" | "limits.memory") {
                value = "node allocatable".into();
            }
            w.put(3, &format!("{name}:\t{value} ({what})\n"));
        } else {
            let (key, words) = match from.get("secretKeyRef") {
                Some(key) => (key, "in secret"),
                None => (&from["configMapKeyRef"], "of config map"),
            };
            let optional = key["optional"].is_true();
            let (k, n) = (key["key"].str(), key["name"].str());
            w.put(3, &format!("{name}:\t<set to the key '{k}' {words} '{n}'>\tOptional: {optional}\n"));
        }
    }
}

/// A field of a pod, as far as kubectl knows it: its scheme converts the names of no other fields. Mirrors EnvValueRetriever.
fn field_of(pod: &Object, path: &str) -> String {
    match path {
        "metadata.name" | "metadata.namespace" => pod.at(path).str().into(),
        _ => String::new(),
    }
}

/// A limit or request in units of the divisor, rounded up.
fn resource_of(container: &Value, reference: &Value) -> String {
    let amount = container["resources"].at(reference["resource"].str());
    let amount = Quantity::parse(&plain(amount)).unwrap_or(Quantity::ZERO);
    let divisor = Quantity::parse(&plain(&reference["divisor"])).filter(|d| !d.is_zero());
    let divisor = divisor.unwrap_or(Quantity::new(1, quantity::Format::DecimalSi));
    let (amount, divisor) = (amount.millis(), divisor.millis().max(1));
    ((amount + divisor - 1) / divisor).to_string()
}

fn mounts(w: &mut Writer, container: &Value) {
    let none = if container["volumeMounts"].is_empty() { "\t<none>" } else { "" };
    w.put(2, &format!("Mounts:{none}\n"));
    let mut sorted: Vec<&Value> = container["volumeMounts"].items().iter().collect();
    sorted.order_by_key(|m| m["mountPath"].str());
    for mount in sorted {
        let mut flags = if mount["readOnly"].is_true() { "ro".to_string() } else { "rw".into() };
        if !mount["subPath"].is_empty() {
            flags.push_str(&format!(",path={:?}", mount["subPath"].str()));
        }
        w.put(3, &format!("{} from {} ({flags})\n", mount["mountPath"].str(), mount["name"].str()));
    }
    if !container["volumeDevices"].is_empty() {
        w.put(2, &format!("Devices:{none}\n"));
        for device in container["volumeDevices"].items() {
            w.put(3, &format!("{} from {}\n", device["devicePath"].str(), device["name"].str()));
        }
    }
}
