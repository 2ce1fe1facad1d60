//! `kubectl cluster-info`. Mirrors kubectl/pkg/cmd/clusterinfo.

use crate::{Command, Ctx, Error};
use apimachinery::{Request, Value};

/// `kubectl cluster-info`.
pub const COMMAND: Command = Command {
    name: "cluster-info",
    short: "Display cluster information",
    long: "Display addresses of the control plane and services with label kubernetes.io/cluster-service=true. To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.",
    examples: "# Where the control plane is\nkubectl cluster-info",
    subs: &[(
        "Available Commands:",
        &[&Command::refused("dump", "Dump relevant information for debugging and diagnosis")],
    )],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

async fn run(c: &Ctx) -> Result<(), Error> {
    let host = c.config()?.server().to_string();
    let request = Request::get("/api/v1/namespaces/kube-system/services")
        .with("labelSelector", "kubernetes.io/cluster-service=true");
    let services = c.object(request).await?;
    c.line(&format!("Kubernetes control plane is running at {host}"));
    for service in services["items"].items() {
        let title = match service.at("metadata.labels")["kubernetes.io/name"].str() {
            "" => service.at("metadata.name").str(),
            name => name,
        };
        c.line(&format!("{title} is running at {}", link(&host, service)));
    }
    c.line("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.");
    Ok(())
}

fn link(host: &str, service: &Value) -> String {
    let ports = service.at("spec.ports").items();
    if let Some(ingress) = service.at("status.loadBalancer.ingress").items().first() {
        let ip = if ingress["ip"].is_empty() { ingress["hostname"].str() } else { ingress["ip"].str() };
        return ports.iter().map(|p| format!("http://{ip}:{} ", p["port"].int())).collect();
    }
    let mut name = service.at("metadata.name").str().to_string();
    if let Some(port) = ports.first() {
        let title = port["name"].str();
        let https = title == "https" || port["port"].int() == 443;
        name = match (https, title) {
            (true, title) => format!("https:{name}:{title}"),
            (false, "") => name,
            (false, title) => format!("{name}:{title}"),
        };
    }
    format!("{host}/api/v1/namespaces/{}/services/{name}/proxy", service.at("metadata.namespace").str())
}
