//! `kubectl port-forward`. Mirrors kubectl/pkg/cmd/portforward and client-go/tools/portforward.

use crate::builder::{Builder, Info};
use crate::cmd::{exec, pods};
use crate::flags::{Flag, duration, list};
use crate::{Command, Ctx, Error};
use apimachinery::rest::Method;
use apimachinery::{Object, Request, Value};
use client::{Connection, Frame, Input, Listener, LocalFuture, Stream};
use sim::net::http1::{self, ParseError};
use sim::net::{self, HttpRequest, HttpResponse};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

/// `kubectl port-forward`.
pub const COMMAND: Command = Command {
    name: "port-forward",
    usage: "TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]",
    short: "Forward one or more local ports to a pod",
    long: "Forward one or more local ports to a pod.\n\n TYPE/NAME such as deployment/web picks one pod; a pod is meant if there is no type. The forwarding ends when the pod does.",
    examples: "# Local ports 5000 and 6000 lead to the same ports of the pod\nkubectl port-forward pod/mypod 5000 6000\n# To a pod of a deployment\nkubectl port-forward deployment/web 8080:80\n# To a pod of a service, at the target of the service's port https\nkubectl port-forward service/web 8443:https\n# From a local port that is free\nkubectl port-forward pod/mypod :5000",
    flags: &[FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    list("address", ' ', "Addresses to listen on: localhost (the default), 127.0.0.1, ::1 or 0.0.0.0."),
    duration("pod-running-timeout", "1m0s", "How long to wait until a pod is there."),
];

/// How many connections are carried at once by one port; more wait.
const MAX_CONNECTIONS: usize = 64;

/// One port that is forwarded.
struct Port {
    local: u16,
    remote: u16,
}

/// What listens, and the pod's port that it leads to.
type Forwarding = (Rc<dyn Listener>, u16);

async fn run(c: &Ctx) -> Result<(), Error> {
    if c.args.len() < 2 {
        return Err(c.usage_error("TYPE/NAME and list of ports are required for port-forward"));
    }
    let timeout = pods::running_timeout(c).map_err(|e| c.usage_error(&e.text()))?;
    let info = pods::named(Builder::new(c)?, c, &c.args[..1]).await?;
    let pod = pods::attachable(c, &info, timeout).await?;
    let wanted = translate(&info, &pod, &c.args[1..])?;
    let pod = c.object(Request::get(api::pod::RESOURCE.object_path(pod.namespace(), pod.name()))).await?;
    let phase = pod.at("status.phase").str();
    if phase != "Running" {
        return Err(Error::Message(format!(
            "unable to forward port because pod is not running. Current status={phase}"
        )));
    }
    let ports = wanted.iter().map(|text| parse(text)).collect::<Result<Vec<_>, _>>()?;
    let addresses = addresses(c)?;
    // The connection is opened before anything listens, so that a kubelet that cannot be reached is told at once.
    open(c, &pod, ports[0].remote).await?;
    let listeners = listen(c, &ports, &addresses)?;
    let carry = |i: usize, connection: Connection| -> LocalFuture<'_, Result<(), Error>> {
        let (listener, remote) = &listeners[i];
        let local = listener.port();
        c.line(&format!("Handling connection for {local}"));
        Box::pin(carry(c, &pod, local, *remote, connection))
    };
    let mut running: Vec<LocalFuture<'_, Result<(), Error>>> = Vec::new();
    poll_fn(|cx| {
        for (i, (listener, _)) in listeners.iter().enumerate() {
            while running.len() < MAX_CONNECTIONS
                && let Poll::Ready(connection) = listener.poll_accept()
            {
                running.push(carry(i, connection));
            }
        }
        let mut lost = None;
        running.retain_mut(|connection| match connection.as_mut().poll(cx) {
            Poll::Pending => true,
            Poll::Ready(result) => {
                lost = lost.take().or(result.err());
                false
            }
        });
        lost.map_or(Poll::Pending, |e| Poll::Ready(Err(e)))
    })
    .await
}

fn split(port: &str) -> (&str, &str) {
    match port.split(':').collect::<Vec<_>>()[..] {
        [local, remote] => (local, remote),
        [first, ..] => (first, first),
        [] => ("", ""),
    }
}

/// Names and service ports become the pod's numbers.
fn translate(info: &Info, pod: &Object, wanted: &[String]) -> Result<Vec<String>, Error> {
    let service = (info.mapping.kind == "Service").then_some(&info.object);
    let specs: Vec<&Value> = match service {
        Some(service) => service.at("spec.ports").items().iter().collect(),
        None => pod.at("spec.containers").items().iter().flat_map(|c| c["ports"].items()).collect(),
    };
    let field = if service.is_some() { "port" } else { "containerPort" };
    let mut translated = Vec::new();
    for text in wanted {
        let (local, remote) = split(text);
        if remote.is_empty() && service.is_none() {
            return Err("remote port cannot be empty".into());
        }
        let number = match remote.parse::<i64>() {
            Ok(number) => number,
            Err(_) => match service {
                Some(service) => service_port(service, remote)?,
                None => container_port(pod, remote)?,
            },
        };
        let protocols = specs.iter().filter(|s| s[field].int() == number).map(|s| s["protocol"].str());
        let protocols: Vec<&str> = protocols.collect();
        if protocols.contains(&"UDP") && !protocols.contains(&"TCP") {
            return Err(Error::Message(format!("UDP protocol is not supported for {remote}")));
        }
        let target = match service {
            Some(service) => target_port(service, pod, number)?,
            None => number,
        };
        // A name stands for its number on both sides of a service, for the pod's only on the far one.
        let local = if service.is_some() && local == remote { number.to_string() } else { local.to_string() };
        translated.push(match service.is_none() && local == remote || local == target.to_string() {
            true => target.to_string(),
            false => format!("{local}:{target}"),
        });
    }
    Ok(translated)
}

fn service_port(service: &Object, name: &str) -> Result<i64, Error> {
    let ports = service.at("spec.ports").items();
    ports.iter().find(|p| p["name"] == *name).map(|p| p["port"].int()).ok_or_else(|| {
        Error::Message(format!("Service '{}' does not have a named port '{name}'", service.name()))
    })
}

fn container_port(pod: &Object, name: &str) -> Result<i64, Error> {
    let lists = ["containers", "initContainers"];
    let mut ports =
        lists.iter().flat_map(|l| pod["spec"][*l].items()).flat_map(|container| container["ports"].items());
    ports
        .find(|p| p["name"] == *name)
        .map(|p| p["containerPort"].int())
        .ok_or_else(|| Error::Message(format!("Pod '{}' does not have a named port '{name}'", pod.name())))
}

/// Mirrors LookupContainerPortNumberByServicePort.
fn target_port(service: &Object, pod: &Object, port: i64) -> Result<i64, Error> {
    let ports = service.at("spec.ports").items();
    let Some(spec) = ports.iter().find(|p| p["port"].int() == port) else {
        let name = service.name();
        return Err(Error::Message(format!("Service {name} does not have a service port {port}")));
    };
    if service.at("spec.clusterIP") == &Value::from("None") {
        return Ok(port);
    }
    match &spec["targetPort"] {
        Value::String(name) => container_port(pod, name),
        target => Ok(if target.int() == 0 { port } else { target.int() }),
    }
}

/// Mirrors parsePorts of client-go.
fn parse(text: &str) -> Result<Port, Error> {
    let (local, remote) = match text.split(':').collect::<Vec<_>>()[..] {
        [port] => (port, port),
        ["", remote] => ("0", remote),
        [local, remote] => (local, remote),
        _ => return Err(Error::Message(format!("invalid port format '{text}'"))),
    };
    let number = |which: &str, text: &str| {
        text.parse::<u16>().map_err(|_| {
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            let why = if digits { "value out of range" } else { "invalid syntax" };
            Error::Message(format!(
                "error parsing {which} port '{text}': strconv.ParseUint: parsing {text:?}: {why}"
            ))
        })
    };
    let port = Port { local: number("local", local)?, remote: number("remote", remote)? };
    if port.remote == 0 { Err("remote port must be > 0".into()) } else { Ok(port) }
}

/// The addresses as they are printed.
fn addresses(c: &Ctx) -> Result<Vec<&'static str>, Error> {
    let given = c.values("address");
    if given.is_empty() {
        return Ok(vec!["127.0.0.1", "[::1]"]);
    }
    let mut addresses = Vec::new();
    for address in given {
        match address.as_str() {
            "localhost" => addresses.extend(["127.0.0.1", "[::1]"]),
            "127.0.0.1" => addresses.push("127.0.0.1"),
            "::1" => addresses.push("[::1]"),
            "0.0.0.0" => addresses.push("0.0.0.0"),
            other => {
                return Err(Error::Message(format!(
                    "--address={other} is not supported here: only addresses of this computer itself are"
                )));
            }
        }
    }
    addresses.dedup();
    Ok(addresses)
}

/// Listens on all ports that are free, and says so. Mirrors PortForwarder.forward.
fn listen(c: &Ctx, ports: &[Port], addresses: &[&str]) -> Result<Vec<Forwarding>, Error> {
    let mut listeners = Vec::new();
    for port in ports {
        let Some(listener) = c.env.network.listen(port.local) else {
            let each = addresses.iter().map(|address| {
                let family = if address.starts_with('[') { "tcp6" } else { "tcp4" };
                format!("unable to create listener: Error listen {family} {address}:{}: bind: address already in use", port.local)
            });
            c.err_line(&format!(
                "Unable to listen on port {}: Listeners failed to create with the following errors: [{}]",
                port.local,
                each.collect::<Vec<_>>().join(" ")
            ));
            continue;
        };
        for address in addresses {
            c.line(&format!("Forwarding from {address}:{} -> {}", listener.port(), port.remote));
        }
        listeners.push((listener, port.remote));
    }
    if listeners.is_empty() {
        let all: Vec<String> = ports.iter().map(|p| format!("{{{} {}}}", p.local, p.remote)).collect();
        return Err(Error::Message(format!(
            "unable to listen on any of the requested ports: [{}]",
            all.join(" ")
        )));
    }
    Ok(listeners)
}

async fn open(c: &Ctx, pod: &Object, remote: u16) -> Result<Box<dyn Stream>, Error> {
    let path = api::pod::RESOURCE.object_path(pod.namespace(), pod.name());
    let request = Request::new(Method::Post, format!("{path}/portforward")).with("ports", remote.to_string());
    exec::open(c, request).await
}

/// Carries one connection. An error ends the forwarding, as in the real one.
async fn carry(c: &Ctx, pod: &Object, local: u16, remote: u16, connection: Connection) -> Result<(), Error> {
    let Connection { request, answer } = connection;
    let why = match open(c, pod, remote).await {
        Err(_) => "the pod is gone".to_string(),
        Ok(stream) => match exchange(stream, &request).await {
            Ok(response) => {
                answer(Ok(response));
                return Ok(());
            }
            Err(why) => why,
        },
    };
    answer(Err(net::Error::EmptyReply));
    c.err_line(&format!(
        "an error occurred forwarding {local} -> {remote}: error forwarding port {remote} to pod {}, uid : {why}",
        pod.uid()
    ));
    Err("lost connection to pod".into())
}

/// One HTTP exchange over the bytes of a stream.
async fn exchange(mut stream: Box<dyn Stream>, request: &HttpRequest) -> Result<HttpResponse, String> {
    stream.write(Input::Stdin(http1::write_request(request)));
    let mut bytes = Vec::new();
    while let Some(frame) = stream.next().await {
        match frame {
            Frame::Stdout(more) => bytes.extend(more),
            Frame::Failed(why) => return Err(why),
            _ => continue,
        }
        match http1::parse_response(&bytes) {
            Ok((response, _)) => return Ok(response),
            Err(ParseError::Incomplete) => {}
            Err(ParseError::Invalid) => return Err("malformed HTTP response".into()),
        }
    }
    Err("EOF".into())
}
