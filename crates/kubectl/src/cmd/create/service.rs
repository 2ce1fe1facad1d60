//! `kubectl create service`: one subcommand for each type. Mirrors create_service.go.

use super::{GENERATOR_FLAGS, finish};
use crate::cmd::common::name_from_args;
use crate::flags::{Flag, int, list, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error};
use apimachinery::{Value, json, labels};

/// `kubectl create service`.
pub const COMMAND: Command = Command {
    name: "service",
    aliases: &["svc"],
    usage: "",
    short: "Create a service using a specified subcommand",
    subs: &[("Available Commands:", &[&CLUSTER_IP, &NODE_PORT, &LOAD_BALANCER, &EXTERNAL_NAME])],
    ..Command::NEW
};

const TCP: Flag = list("tcp", ' ', "Ports, as '<port>:<targetPort>'.");

const CLUSTER_IP: Command = Command {
    name: "clusterip",
    usage: "NAME [--tcp=<port>:<targetPort>] [--dry-run=server|client|none]",
    short: "Create a ClusterIP service",
    examples: "# Port 5678, which leads to port 8080 of the pods\nkubectl create service clusterip my-cs --tcp=5678:8080\n# Headless\nkubectl create service clusterip my-cs --clusterip=\"None\"",
    flags: &[CLUSTER_IP_FLAGS, GENERATOR_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c, "ClusterIP"))),
    ..Command::NEW
};
static CLUSTER_IP_FLAGS: &[Flag] =
    &[text("clusterip", ' ', "", "The address to take, or 'None' for a headless service."), TCP];

const NODE_PORT: Command = Command {
    name: "nodeport",
    usage: "NAME [--tcp=port:targetPort] [--dry-run=server|client|none]",
    short: "Create a NodePort service",
    examples: "# Port 5678, also on every node\nkubectl create service nodeport my-ns --tcp=5678:8080",
    flags: &[NODE_PORT_FLAGS, GENERATOR_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c, "NodePort"))),
    ..Command::NEW
};
static NODE_PORT_FLAGS: &[Flag] = &[int("node-port", ' ', "0", "The port to take on every node."), TCP];

const LOAD_BALANCER: Command = Command {
    name: "loadbalancer",
    usage: "NAME [--tcp=port:targetPort] [--dry-run=server|client|none]",
    short: "Create a LoadBalancer service",
    examples: "# Port 5678, also outside of the cluster\nkubectl create service loadbalancer my-lbs --tcp=5678:8080",
    flags: &[LOAD_BALANCER_FLAGS, GENERATOR_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c, "LoadBalancer"))),
    ..Command::NEW
};
static LOAD_BALANCER_FLAGS: &[Flag] = &[TCP];

const EXTERNAL_NAME: Command = Command {
    name: "externalname",
    usage: "NAME --external-name external.name [--dry-run=server|client|none]",
    short: "Create an ExternalName service",
    examples: "# Another name for bar.com\nkubectl create service externalname my-ns --external-name bar.com",
    flags: &[EXTERNAL_NAME_FLAGS, GENERATOR_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c, "ExternalName"))),
    ..Command::NEW
};
static EXTERNAL_NAME_FLAGS: &[Flag] =
    &[text("external-name", ' ', "", "The name that the service stands for.").required(), TCP];

async fn run(c: &Ctx, kind: &'static str) -> Result<(), Error> {
    let name = name_from_args(c)?;
    let tcp = c.values("tcp");
    let cluster_ip = if kind == "ClusterIP" { c.text("clusterip") } else { "" };
    if cluster_ip != "None" && tcp.is_empty() && kind != "ExternalName" {
        return Err("at least one tcp port specifier must be provided".into());
    }
    let mut spec = json!({"type": kind, "selector": {"app": name}});
    if kind == "ExternalName" {
        let external = c.text("external-name");
        if !labels::dns1123_subdomain_errors(external).is_empty() {
            return Err(Error::Message(format!("invalid service external name {external}")));
        }
        spec.set("externalName", external);
    }
    let ports = tcp.iter().map(|t| port(t)).collect::<Result<Vec<Value>, Error>>()?;
    if !ports.is_empty() {
        spec.set("ports", ports);
    }
    if kind == "NodePort" && c.int("node-port") != 0 {
        for port in spec.field_mut("ports").array_mut() {
            port.set("nodePort", c.int("node-port"));
        }
    }
    if !cluster_ip.is_empty() {
        spec.set("clusterIP", cluster_ip);
    }
    let object = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "labels": {"app": name}},
        "spec": spec, "status": {"loadBalancer": {}},
    });
    finish(c, object, "services", &format!("failed to create {kind} service:")).await
}

/// `80:8080`, `80:http` or `80`. Mirrors parsePorts.
fn port(text: &str) -> Result<Value, Error> {
    let (first, second) = text.split_once(':').map_or((text, None), |(a, b)| (a, b.split(':').next()));
    let number: i64 = match first.parse::<u64>() {
        Ok(n) if n <= 65535 => n as i64,
        Ok(_) => {
            return Err(Error::Message(format!("strconv.ParseUint: parsing {first:?}: value out of range")));
        }
        Err(_) => {
            return Err(Error::Message(format!("strconv.ParseUint: parsing {first:?}: invalid syntax")));
        }
    };
    let target: Value = match second {
        None => number.into(),
        Some(word) => match word.parse::<i64>() {
            Ok(n) if (1..=65535).contains(&n) => n.into(),
            Ok(_) => return Err("must be between 1 and 65535, inclusive".into()),
            Err(_) => port_name(word)?.into(),
        },
    };
    Ok(json!({
        "name": text.replace(':', "-"), "port": number, "protocol": "TCP", "targetPort": target,
    }))
}

/// Mirrors validation.IsValidPortName.
fn port_name(name: &str) -> Result<&str, Error> {
    let mut problems = Vec::new();
    if name.len() > 15 {
        problems.push("must be no more than 15 characters");
    }
    if !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        problems.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
    }
    if !name.chars().any(|c| c.is_ascii_lowercase()) {
        problems.push("must contain at least one letter (a-z)");
    }
    if name.contains("--") {
        problems.push("must not contain consecutive hyphens");
    }
    if name.starts_with('-') || name.ends_with('-') {
        problems.push("must not begin or end with a hyphen");
    }
    if problems.is_empty() { Ok(name) } else { Err(Error::Message(problems.join(","))) }
}
