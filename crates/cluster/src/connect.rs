//! Where the API server connects its caller with a kubelet or a pod: logs, exec, attach, port-forward, proxy.

use crate::cluster::Cluster;
use crate::config::node_name;
use crate::handle::Handle;
use crate::streams::{self, Session};
use apimachinery::rest::Connect;
use apimachinery::{Body, Method, Object, Request, Response, Status, Value};
use client::{Place, Stream};
use kubelet::{LogLine, LogOptions};
use sim::net::{self, HttpRequest, Payload};
use sim::{Duration, Time};
use userland::{Command, Tty};

/// How long the API server waits for a pod that it proxies to.
const PROXY_TIMEOUT: Duration = Duration::from_secs(30);

/// Answers a request that ends in one answer.
pub(crate) async fn send(handle: &Handle, request: Request, connect: Connect) -> Response {
    match connect.subresource.as_str() {
        "log" => match logs(&handle.0.borrow(), &request, &connect) {
            Ok(text) => Response { status: 200, warnings: Vec::new(), body: Body::Text(text) },
            Err(status) => status.into(),
        },
        "proxy" => proxy(handle, &request, &connect).await.unwrap_or_else(Response::from),
        _ => Status::bad_request("Upgrade request required").into(),
    }
}

/// Opens a stream.
pub(crate) fn open(
    handle: &Handle,
    request: &Request,
    connect: Connect,
) -> Result<Box<dyn Stream>, Response> {
    let opened: Result<Box<dyn Stream>, Status> = match connect.subresource.as_str() {
        "log" => {
            streams::Log::open(handle.clone(), request, &connect).map(|s| Box::new(s) as Box<dyn Stream>)
        }
        "exec" | "attach" => session(handle, request, &connect),
        "portforward" => port_forward(handle, request, &connect),
        other => Err(Status::bad_request(format!("{other} is not a stream"))),
    };
    opened.map_err(Response::from)
}

/// The options of a log request, and whether lines carry their times. Mirrors v1.PodLogOptions.
pub(crate) fn log_options(request: &Request, now: Time) -> (LogOptions, bool) {
    let number = |key: &str| request.param(key).and_then(|v| v.parse::<usize>().ok());
    let ago = request.param("sinceSeconds").and_then(|v| v.parse().ok()).map(Duration::from_secs);
    let options = LogOptions {
        previous: request.flag("previous"),
        tail: number("tailLines"),
        since: ago.map(|ago| now - ago).or_else(|| apimachinery::time::parse(request.param("sinceTime")?)),
        limit_bytes: number("limitBytes"),
        after: None,
    };
    (options, request.flag("timestamps"))
}

/// Lines of a log as they are sent.
pub(crate) fn log_text(lines: &[LogLine], timestamps: bool) -> Vec<u8> {
    let mut text = Vec::new();
    for line in lines {
        if timestamps {
            text.extend_from_slice(format!("{} ", apimachinery::time::format_nano(line.time)).as_bytes());
        }
        text.extend_from_slice(&line.text);
        if line.ended {
            text.push(b'\n');
        }
    }
    text
}

/// The place of a pod's node among the nodes, or what the API server says when it cannot reach the kubelet there.
pub(crate) fn kubelet_of(cluster: &Cluster, pod: &Object, what: &str) -> Result<usize, Status> {
    let node = pod.at("spec.nodeName").str();
    let index = cluster.node_index(node).ok_or_else(|| Status::not_found("", "nodes", node))?;
    let machine = &cluster.nodes[index];
    let why = match () {
        () if machine.cut || !machine.running => "connect: no route to host",
        () if !machine.kubelet.is_running() => "connect: connection refused",
        () => return Ok(index),
    };
    let at = format!("{}:10250", machine.address);
    if what != "containerLogs" {
        return Err(Status::new(500, "", format!("error dialing backend: dial tcp {at}: {why}")));
    }
    let message = format!(
        "Get \"https://{at}/{what}/{}/{}/{}\": dial tcp {at}: {why}",
        pod.namespace(),
        pod.name(),
        pod.at("spec.containers")[0]["name"].str()
    );
    Err(Status::new(500, "", message))
}

fn logs(cluster: &Cluster, request: &Request, connect: &Connect) -> Result<String, Status> {
    let pod = &connect.object;
    let (options, timestamps) = log_options(request, cluster.now);
    let index = kubelet_of(cluster, pod, "containerLogs")?;
    let container = request.param("container").unwrap_or_default();
    let lines = cluster.nodes[index].kubelet.logs(pod.namespace(), pod.name(), container, &options)?;
    Ok(String::from_utf8_lossy(&log_text(&lines, timestamps)).into_owned())
}

fn session(handle: &Handle, request: &Request, connect: &Connect) -> Result<Box<dyn Stream>, Status> {
    let pod = &connect.object;
    let mut cluster = handle.0.borrow_mut();
    let index = kubelet_of(&cluster, pod, &connect.subresource)?;
    let container = request.param("container").unwrap_or_default();
    let now = cluster.now;
    let tty = request.flag("tty").then_some(Tty { columns: 80, rows: 24 });
    let kubelet = &mut cluster.nodes[index].kubelet;
    let id = if connect.subresource == "attach" {
        kubelet.attach(now, pod.namespace(), pod.name(), container)?
    } else {
        let argv = request.params("command").map(str::to_string).collect();
        let command = Command { argv, tty, stdin: request.flag("stdin"), ..Command::default() };
        kubelet.exec(now, pod.namespace(), pod.name(), container, command)?
    };
    cluster.pump_kubelet(index);
    cluster.wake_node(index);
    Ok(Box::new(Session::new(handle.clone(), index, id)))
}

/// A shell on a node's host, or one command there.
pub(crate) fn ssh(
    handle: &Handle,
    node: &str,
    command: &[String],
    tty: bool,
) -> Result<Box<dyn Stream>, String> {
    let mut cluster = handle.0.borrow_mut();
    let index = cluster.node_index(node).ok_or_else(|| format!("node {node:?} does not exist"))?;
    if !cluster.nodes[index].running {
        return Err(format!("the machine of node {node} is not running"));
    }
    let tty = tty.then_some(Tty { columns: 80, rows: 24 });
    let argv =
        if command.is_empty() { Vec::new() } else { vec!["bash".into(), "-c".into(), command.join(" ")] };
    let command = Command {
        argv,
        tty,
        stdin: true,
        user: "docker".into(),
        cwd: "/home/docker".into(),
        ..Command::default()
    };
    let now = cluster.now;
    let id = cluster.nodes[index].kubelet.host_session(now, command).map_err(|s| s.message().to_string())?;
    cluster.pump_kubelet(index);
    cluster.wake_node(index);
    Ok(Box::new(Session::new(handle.clone(), index, id)))
}

/// A port-forward carries HTTP messages as bytes: what is written is sent from the pod's own node to the pod's loopback.
fn port_forward(handle: &Handle, request: &Request, connect: &Connect) -> Result<Box<dyn Stream>, Status> {
    kubelet_of(&handle.0.borrow(), &connect.object, "portForward")?;
    let from =
        Place::Pod { namespace: connect.object.namespace().into(), name: connect.object.name().into() };
    let port = request.param("ports").and_then(|p| p.parse().ok());
    let port = port.ok_or_else(|| Status::bad_request("you must specify at least 1 port"))?;
    Ok(Box::new(streams::Forward::new(handle.clone(), from, port)))
}

async fn proxy(handle: &Handle, request: &Request, connect: &Connect) -> Result<Response, Status> {
    let (host, port) = match connect.object.kind() {
        "Service" => service_target(handle, connect)?,
        "Pod" => pod_target(connect)?,
        other => return Err(Status::bad_request(format!("proxy to {other} is not simulated"))),
    };
    let query: Vec<String> = request.query.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let mut path = if connect.rest.is_empty() { "/".to_string() } else { connect.rest.clone() };
    if !query.is_empty() {
        path = format!("{path}?{}", query.join("&"));
    }
    let body = match &request.body {
        Body::Empty | Body::Watch(_) | Body::Connect(_) => Vec::new(),
        Body::Value(value) => value.to_json().into_bytes(),
        Body::Text(text) => text.clone().into_bytes(),
    };
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    };
    let http = HttpRequest {
        method: method.into(),
        path,
        headers: vec![("Host".into(), format!("{host}:{port}"))],
        body,
    };
    let packet =
        net::Request { host: host.clone(), port, payload: Payload::Http(http), timeout: Some(PROXY_TIMEOUT) };
    let id = handle.0.borrow_mut().send(Place::Node(node_name(0)), packet);
    match handle.answer(id).await {
        Ok(net::Response::Http(answer)) => {
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            Ok(Response { status: answer.status, warnings: Vec::new(), body: Body::Text(text) })
        }
        Ok(_) => Err(unreachable(&format!("malformed HTTP response from {host}:{port}"))),
        Err(error) => Err(unreachable(&format!("dial tcp {host}:{port}: connect: {error}"))),
    }
}

/// Mirrors the error of apimachinery/pkg/util/proxy.
fn unreachable(why: &str) -> Status {
    Status::new(503, "ServiceUnavailable", format!("error trying to reach service: {why}"))
}

/// Mirrors pkg/registry/core/pod ResourceLocation: the port that was named, else the first one of a container, else 80.
fn pod_target(connect: &Connect) -> Result<(String, u16), Status> {
    let pod = &connect.object;
    let ip = pod.at("status.podIP").str();
    if ip.is_empty() {
        return Err(Status::bad_request("address not allowed"));
    }
    let ports = || pod.at("spec.containers").items().iter().flat_map(|c| c["ports"].items());
    let port = match connect.target.1.as_str() {
        "" => ports().next().map_or(80, |p| p["containerPort"].int()),
        name => match name.parse::<i64>() {
            Ok(number) => number,
            Err(_) => ports().find(|p| p["name"] == *name).map_or(0, |p| p["containerPort"].int()),
        },
    };
    Ok((ip.into(), u16::try_from(port).unwrap_or_default()))
}

/// Mirrors pkg/registry/core/service ResourceLocation: a random ready endpoint of the port that was named.
fn service_target(handle: &Handle, connect: &Connect) -> Result<(String, u16), Status> {
    let service = &connect.object;
    let wanted = connect.target.1.as_str();
    let ports = service.at("spec.ports").items();
    let port = match wanted {
        "" => ports.first(),
        name => ports.iter().find(|p| p["name"] == *name || p["port"].int().to_string() == name),
    };
    let missing = || {
        let message = format!("no service port {wanted:?} found for service {:?}", service.name());
        Status::new(503, "ServiceUnavailable", message)
    };
    let port = port.ok_or_else(missing)?;
    let name = port["name"].str().to_string();
    let mut cluster = handle.0.borrow_mut();
    let request = Request::get(api::endpoints::RESOURCE.object_path(service.namespace(), service.name()));
    let endpoints = cluster.request(request).value();
    let found: Vec<(String, i64)> =
        endpoints["subsets"].items().iter().flat_map(|s| targets(s, &name)).collect();
    if found.is_empty() {
        let message = format!("no endpoints available for service {:?}", service.name());
        return Err(Status::new(503, "ServiceUnavailable", message));
    }
    let pick = cluster.pick(found.len());
    let (ip, port) = found[pick].clone();
    Ok((ip, u16::try_from(port).unwrap_or_default()))
}

fn targets(subset: &Value, port_name: &str) -> Vec<(String, i64)> {
    let port = subset["ports"].items().iter().find(|p| p["name"].str() == port_name);
    let port = port.map(|p| p["port"].int());
    let addresses = subset["addresses"].items().iter().map(|a| a["ip"].str().to_string());
    port.map(|port| addresses.map(|ip| (ip, port)).collect()).unwrap_or_default()
}
