//! `kubectl expose`. Mirrors kubectl/pkg/cmd/expose.

use crate::builder::{Builder, FILE_FLAGS, Info};
use crate::cmd::common::{self, DRY_RUN, DryRun, RECORD_FLAGS, SAVE_CONFIG, field_manager};
use crate::cmd::run::{generated, overridden};
use crate::flags::{Flag, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error, go};
use apimachinery::{Object, Value, json};

/// `kubectl expose`.
pub const COMMAND: Command = Command {
    name: "expose",
    usage: "(-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type]",
    short: "Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service",
    long: "Expose a resource as a new Kubernetes service.\n\n The selector of a deployment, service, replica set, replication controller, or the labels of a pod become the selector of the new service. Without --port, the ports of the resource are used.\n\nPossible resources include (case insensitive):\n\npod (po), service (svc), replicationcontroller (rc), deployment (deploy), replicaset (rs)",
    examples: "# Port 80 of the service leads to port 8000 of the pods\nkubectl expose deployment web --port=80 --target-port=8000\n# A pod, under another name\nkubectl expose pod valid-pod --port=444 --name=frontend\n# On a port of every node\nkubectl expose deployment/web --type=NodePort --port 8080",
    flags: &[FLAGS, FILE_FLAGS, PRINT_FLAGS, RECORD_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    text("cluster-ip", ' ', "", "The address to take; 'None' for a headless service."),
    DRY_RUN,
    text("external-ip", ' ', "", "One more address that leads to the service."),
    field_manager("kubectl-expose"),
    text("labels", 'l', "", "Labels of the service."),
    text("load-balancer-ip", ' ', "", "The address that the load balancer should have."),
    text("name", ' ', "", "The name of the service."),
    text("override-type", ' ', "merge", "How --overrides is merged: json, merge, or strategic."),
    text("overrides", ' ', "", "JSON that changes the generated object."),
    text("port", ' ', "", "The port of the service."),
    text("protocol", ' ', "", "TCP (the default), UDP or SCTP."),
    SAVE_CONFIG,
    text("selector", ' ', "", "The selector of the service; only equalities."),
    text("session-affinity", ' ', "", "'None' or 'ClientIP'."),
    text("target-port", ' ', "", "Name or number of the port of the pods."),
    text("type", ' ', "", "ClusterIP, NodePort, LoadBalancer, or ExternalName."),
];

/// The longest name of a service.
const MAX_NAME: usize = 63;

async fn run(c: &Ctx) -> Result<(), Error> {
    let dry_run = DryRun::of(c)?;
    let mut printer = common::printer(c, "exposed", dry_run)?;
    printer.typed = dry_run == DryRun::Client;
    let found = Builder::new(c)?.args(&c.args, false).find(c).await?;
    let mut errors = Vec::new();
    for item in found.items {
        let result = async {
            let service = overridden(c, service(c, &item?)?)?;
            let info = generated(c, service, "services", dry_run).await?;
            printer.print(c, &info.object)
        };
        errors.extend(result.await.err());
    }
    Error::all(errors)
}

fn service(c: &Ctx, info: &Info) -> Result<Value, Error> {
    let object = &info.object;
    let selector = match c.text("selector") {
        "" => selector(info)?,
        text => labels(text)?,
    };
    let headless = c.text("cluster-ip") == "None";
    let ports = match c.text("port") {
        "" => {
            let ports = ports(object);
            if ports.is_empty() && !headless {
                return Err("couldn't find port via --port flag or introspection".into());
            }
            ports.iter().map(|(port, _)| port.to_string()).collect::<Vec<_>>().join(",")
        }
        text => text.into(),
    };
    let name = match c.text("name") {
        "" => info.name.chars().take(MAX_NAME).collect(),
        name => name.to_string(),
    };
    let mut service = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
        "spec": {"selector": selector}, "status": {"loadBalancer": {}},
    });
    let own = match c.text("labels") {
        "" => object.labels().clone(),
        text => labels(text)?,
    };
    if !own.is_empty() {
        service.set_at("metadata.labels", own);
    }
    let ports = service_ports(c, object, &ports)?;
    if !ports.is_empty() {
        service.set_at("spec.ports", ports);
    }
    for (flag, path) in [("type", "spec.type"), ("cluster-ip", "spec.clusterIP")] {
        if !c.text(flag).is_empty() {
            service.set_at(path, c.text(flag));
        }
    }
    if !c.text("external-ip").is_empty() {
        service.set_at("spec.externalIPs", vec![c.text("external-ip")]);
    }
    if c.text("type") == "LoadBalancer" && !c.text("load-balancer-ip").is_empty() {
        service.set_at("spec.loadBalancerIP", c.text("load-balancer-ip"));
    }
    match c.text("session-affinity") {
        "" => {}
        affinity @ ("None" | "ClientIP") => service.set_at("spec.sessionAffinity", affinity),
        other => return Err(Error::Message(format!("unknown session affinity: {other}"))),
    }
    Ok(service)
}

/// Mirrors polymorphichelpers.canBeExposed and mapBasedSelectorForObject.
fn selector(info: &Info) -> Result<Value, Error> {
    let object = &info.object;
    let introspect = |why: &str| {
        Error::Message(format!("couldn't retrieve selectors via --selector flag or introspection: {why}"))
    };
    match (info.mapping.group.as_str(), info.mapping.kind.as_str()) {
        ("", "Pod") => match object.labels() {
            labels if labels.is_empty() => Err(introspect("the pod has no labels and cannot be exposed")),
            labels => Ok(labels.clone()),
        },
        ("", "Service") if object.at("spec.selector").is_empty() => {
            Err(introspect("the service has no pod selector set"))
        }
        ("", "Service" | "ReplicationController") => Ok(object.at("spec.selector").clone()),
        ("apps" | "extensions", "Deployment" | "ReplicaSet") => {
            let expressions = object.at("spec.selector.matchExpressions");
            if !expressions.is_empty() {
                return Err(introspect(&format!(
                    "couldn't convert expressions - \"{}\" to map-based selector format",
                    go::display(expressions)
                )));
            }
            Ok(object.at("spec.selector.matchLabels").clone())
        }
        _ => Err(Error::Message(format!(
            "cannot expose a {}",
            info.mapping.title().replacen(&info.mapping.kind.to_lowercase(), &info.mapping.kind, 1)
        ))),
    }
}

fn labels(text: &str) -> Result<Value, Error> {
    let mut labels = Value::object();
    for part in text.split(',') {
        match part.split_once('=') {
            Some(("", _)) => return Err("unexpected empty label key".into()),
            Some((key, value)) if !value.contains('=') => labels.set(key, value),
            _ => return Err(Error::Message(format!("unexpected label spec: {part}"))),
        }
    }
    Ok(labels)
}

/// Ports and protocols of a service or of the containers. Mirrors portsForObject and protocolsForObject.
fn ports(object: &Object) -> Vec<(i64, String)> {
    let found: Vec<(&Value, &str)> = if object.kind() == "Service" {
        object.at("spec.ports").items().iter().map(|p| (p, "port")).collect()
    } else {
        let spec = if object.kind() == "Pod" { "spec" } else { "spec.template.spec" };
        let containers = object.at(spec)["containers"].items();
        containers.iter().flat_map(|c| c["ports"].items()).map(|p| (p, "containerPort")).collect()
    };
    let protocol = |p: &Value| match p["protocol"].str() {
        "" => "TCP".to_string(),
        protocol => protocol.to_string(),
    };
    found.into_iter().map(|(p, field)| (p[field].int(), protocol(p))).collect()
}

/// Mirrors createService's ports: several get names of their own, and one port may have several protocols.
fn service_ports(c: &Ctx, object: &Object, text: &str) -> Result<Vec<Value>, Error> {
    let known = ports(object);
    let numbers: Vec<&str> = text.split(',').filter(|_| !text.is_empty()).collect();
    let mut list = Vec::new();
    let mut done = Vec::new();
    for (i, number) in numbers.iter().enumerate() {
        let port: i64 = number.parse().map_err(|_| {
            Error::Message(format!("strconv.Atoi: parsing {}: invalid syntax", go::quote(number)))
        })?;
        if done.contains(&port) && numbers.len() > 1 {
            continue;
        }
        done.push(port);
        let protocols: Vec<String> = match c.text("protocol") {
            "" => {
                let of_port = known.iter().filter(|(p, _)| *p == port).map(|(_, protocol)| protocol.clone());
                let mut found: Vec<String> = of_port.collect();
                if found.is_empty() {
                    found.push("TCP".into());
                }
                found.dedup();
                found
            }
            protocol => vec![protocol.into()],
        };
        for protocol in &protocols {
            let mut entry =
                json!({"port": port, "protocol": protocol.as_str(), "targetPort": target(c, port)});
            if protocols.len() > 1 {
                entry.set("name", format!("port-{}-{}", i + 1, protocol.to_lowercase()));
            } else if numbers.len() > 1 {
                entry.set("name", format!("port-{}", i + 1));
            }
            list.push(entry);
        }
    }
    Ok(list)
}

fn target(c: &Ctx, port: i64) -> Value {
    match c.text("target-port") {
        "" => port.into(),
        text => text.parse::<i64>().map_or_else(|_| text.into(), Value::from),
    }
}
