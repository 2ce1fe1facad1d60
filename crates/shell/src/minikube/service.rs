use super::{Args, Command, Flag, Needs, fail, table, usage};
use crate::{PageRequest, Spawn};
use apimachinery::{Request, Value};

/// `minikube service`.
pub(super) const COMMAND: Command = Command {
    name: "service",
    short: "Returns a URL to connect to a service",
    needs: Needs::Running,
    flags: &[
        Flag { name: "url", short: None, value: false, help: "print the address instead of opening it" },
        Flag {
            name: "namespace",
            short: Some('n'),
            value: true,
            help: "the namespace; default if none is named",
        },
        Flag { name: "https", short: None, value: false, help: "open with https" },
        Flag { name: "all", short: None, value: false, help: "all services of the namespace" },
    ],
    run: |spawn, args| Box::pin(service(spawn, args)),
};

async fn service(spawn: &Spawn, args: &Args) -> i32 {
    if args.words.first().is_some_and(|w| w == "list") {
        return list(spawn, args.value("namespace").unwrap_or_default()).await;
    }
    if args.words.is_empty() != args.has("all") {
        return usage(spawn, "You must specify service name(s) or --all");
    }
    let namespace = args.value("namespace").unwrap_or("default");
    let mut services = match read(spawn, namespace).await {
        Ok(services) => services,
        Err(code) => return code,
    };
    services
        .retain(|s| args.words.is_empty() || args.words.iter().any(|w| *w == *s.at("metadata.name").str()));
    if services.is_empty() {
        let name = args.words.first().cloned().unwrap_or_default();
        return fail(
            spawn,
            115,
            &format!(
                "SVC_NOT_FOUND: Service '{name}' was not found in '{namespace}' namespace.\nYou may select another namespace by using 'minikube service {name} -n <namespace>'. Or list out all the services using 'minikube service list'"
            ),
        );
    }
    for service in &services {
        let code = open(spawn, args, service, namespace).await;
        if code != 0 {
            return code;
        }
    }
    0
}

async fn open(spawn: &Spawn, args: &Args, service: &Value, namespace: &str) -> i32 {
    let name = service.at("metadata.name").str();
    if !has_running_pod(spawn, service, namespace).await {
        return fail(
            spawn,
            113,
            &format!("SVC_UNREACHABLE: service not available: no running pod for service {name} found"),
        );
    }
    let urls = urls(spawn, service, args.has("https"));
    if urls.is_empty() {
        spawn.complain(&format!("😿  service {namespace}/{name} has no node port\n❗  Services [{namespace}/{name}] have type \"ClusterIP\" not meant to be exposed, however for local development minikube allows you to access this !\n"));
        return 0;
    }
    if args.has("url") {
        spawn.print(&format!("{}\n", urls.join("\n")));
        return 0;
    }
    spawn.print(&rows_table(&[row(service, &urls)]));
    spawn.print(&format!("🎉  Opening service {namespace}/{name} in default browser...\n"));
    if !spawn.ask_page(PageRequest::Open(urls[0].clone())) {
        spawn.print(&format!("👉  {}\n", urls.join("\n")));
    }
    0
}

/// Services of a namespace, or of all. The error has been said.
async fn read(spawn: &Spawn, namespace: &str) -> Result<Vec<Value>, i32> {
    let path = match namespace {
        "" => "/api/v1/services".to_string(),
        namespace => format!("/api/v1/namespaces/{namespace}/services"),
    };
    match spawn.world.transport.send(Request::get(path)).await {
        Ok(response) if response.is_success() => Ok(response.value()["items"].items().to_vec()),
        _ => Err(fail(
            spawn,
            113,
            "SVC_UNAVAILABLE: Failed to get service URL - check that minikube is running and that you have specified the correct namespace (-n flag) if required",
        )),
    }
}

async fn has_running_pod(spawn: &Spawn, service: &Value, namespace: &str) -> bool {
    let selector = apimachinery::labels::format(service.at("spec.selector"));
    if selector == "<none>" {
        return true; // there is nothing to look for
    }
    let request =
        Request::get(format!("/api/v1/namespaces/{namespace}/pods")).with("labelSelector", selector);
    let pods = spawn.world.transport.send(request).await.map(|r| r.value()).unwrap_or_default();
    pods["items"].items().iter().any(|p| p.at("status.phase") == "Running")
}

fn urls(spawn: &Spawn, service: &Value, https: bool) -> Vec<String> {
    let address = spawn
        .world
        .driver
        .nodes()
        .into_iter()
        .find(|n| n.control_plane)
        .map(|n| n.address)
        .unwrap_or_default();
    let scheme = if https { "https" } else { "http" };
    let ports = service.at("spec.ports").items().iter().map(|p| p["nodePort"].int()).filter(|p| *p != 0);
    ports.map(|port| format!("{scheme}://{address}:{port}")).collect()
}

fn row(service: &Value, urls: &[String]) -> Vec<String> {
    let port = |p: &Value| match p["name"].str() {
        "" => p["port"].int().to_string(),
        name => format!("{name}/{}", p["port"].int()),
    };
    let ports: Vec<String> = service.at("spec.ports").items().iter().map(port).collect();
    let (target, address) = match urls.is_empty() {
        true => ("No node port".to_string(), String::new()),
        false => (ports.join("\n"), urls.join("\n")),
    };
    vec![
        service.at("metadata.namespace").str().into(),
        service.at("metadata.name").str().into(),
        target,
        address,
    ]
}

fn rows_table(rows: &[Vec<String>]) -> String {
    table::render(&["Namespace", "Name", "Target Port", "URL"], rows, true)
}

async fn list(spawn: &Spawn, namespace: &str) -> i32 {
    match read(spawn, namespace).await {
        Ok(services) => {
            let rows: Vec<Vec<String>> = services.iter().map(|s| row(s, &urls(spawn, s, false))).collect();
            spawn.print(&rows_table(&rows));
            0
        }
        Err(code) => code,
    }
}
