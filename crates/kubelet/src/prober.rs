//! Probes. Mirrors pkg/kubelet/prober and pkg/probe/{http,tcp,exec}.

use crate::Kubelet;
use crate::kubelet::Timer;
use crate::runtime::{exec_error, exec_in};
use crate::sync::go_duration;
use crate::worker::{Container, ContainerNo, Worker};
use apimachinery::Value;
use client::{Context, EventType};
use sim::net::{Error, HttpRequest, Payload, RequestId, Response};
use sim::{Duration, Time};
use userland::Pid;

/// How many bytes of a failed probe's output an Event carries.
const MAX_OUTPUT: usize = 10 << 10;

/// What a probe decides about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProbeKind {
    Startup,
    Liveness,
    Readiness,
}

const KINDS: [(ProbeKind, &str); 3] = [
    (ProbeKind::Startup, "startupProbe"),
    (ProbeKind::Liveness, "livenessProbe"),
    (ProbeKind::Readiness, "readinessProbe"),
];

impl ProbeKind {
    fn word(self) -> &'static str {
        match self {
            ProbeKind::Startup => "Startup",
            ProbeKind::Liveness => "Liveness",
            ProbeKind::Readiness => "Readiness",
        }
    }
}

/// One probe of one container.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    kind: ProbeKind,
    spec: Value,
    /// The attempt that is under way.
    attempt: Option<Attempt>,
    /// Attempts so far.
    number: u64,
    /// Results of the same kind in a row: (success, how often).
    run: (bool, i64),
}

#[derive(Clone, Debug)]
enum Attempt {
    Exec(Pid),
    Request(RequestId),
}

/// How an attempt went.
enum Outcome {
    Success,
    Failure(String),
    /// It could not be made: counts neither way.
    Unknown(String),
}

impl Probe {
    /// Whether it goes on while the pod is being stopped.
    pub(crate) fn is_readiness(&self) -> bool {
        self.kind == ProbeKind::Readiness
    }
}

impl Kubelet {
    /// Sets the probes of a container that was just started.
    pub(crate) fn arm_probes(&mut self, w: &mut Worker, no: ContainerNo, now: Time) {
        let id = w.id;
        let Some(c) = w.container(no) else { return };
        if !c.is_running() {
            return;
        }
        for (kind, field) in KINDS {
            let Some(spec) = c.spec.get(field).cloned() else { continue };
            let delay = Duration::from_secs(spec["initialDelaySeconds"].int().max(0) as u64);
            c.probes.push(Probe { kind, spec, attempt: None, number: 0, run: (false, 0) });
            // Liveness and readiness wait until the container has started up: see `started_up`.
            if kind == ProbeKind::Startup || c.started_up {
                let at = now + delay.max(Duration::from_millis(50));
                self.timers.push(at, Timer::Probe(id, no, kind));
            }
        }
    }

    /// A probe is due.
    pub(crate) fn start_probe(
        &mut self,
        ctx: &mut Context<'_>,
        w: &mut Worker,
        no: ContainerNo,
        kind: ProbeKind,
    ) {
        let (now, id, ip) = (ctx.now, w.id, w.ip().to_string());
        let Some(c) = w.container(no).filter(|c| c.is_running() && c.stopping.is_none()) else { return };
        let Some(probe) = c.probes.iter_mut().find(|p| p.kind == kind) else { return };
        probe.number += 1;
        let (spec, number) = (probe.spec.clone(), probe.number);
        let period = Duration::from_secs(spec["periodSeconds"].as_i64().unwrap_or(10).max(1) as u64);
        self.timers.push(now + period, Timer::Probe(id, no, kind));
        let timeout = Duration::from_secs(spec["timeoutSeconds"].as_i64().unwrap_or(1).max(1) as u64);
        let attempt = self.attempt(w, no, &spec, &ip, now);
        match attempt {
            Ok(attempt) => {
                if let Some(probe) = find(w, no, kind) {
                    probe.attempt = Some(attempt);
                }
                // Answered at once? Else it has until the time-out.
                self.settle_probes(ctx, w);
                if find(w, no, kind).is_some_and(|p| p.attempt.is_some()) {
                    self.timers.push(now + timeout, Timer::ProbeTimeout(id, no, kind, number));
                }
            }
            Err(outcome) => self.probe_result(ctx, w, no, kind, outcome),
        }
    }

    fn attempt(
        &mut self,
        w: &mut Worker,
        no: ContainerNo,
        spec: &Value,
        ip: &str,
        now: Time,
    ) -> Result<Attempt, Outcome> {
        if let Some(exec) = spec.get("exec") {
            let argv: Vec<String> = exec["command"].items().iter().map(|a| a.str().to_string()).collect();
            let pid = exec_in(w, no, argv.clone(), None, false).map_err(|e| {
                let id = self.hex_id();
                Outcome::Unknown(format!(
                    "rpc error: code = Unknown desc = failed to exec in container: failed to start exec {id:?}: \
                     OCI runtime exec failed: exec failed: unable to start container process: {}",
                    exec_error(&argv, &e)
                ))
            })?;
            self.run_machine(now, w, no);
            return Ok(Attempt::Exec(pid));
        }
        let (target, http) = match (spec.get("httpGet"), spec.get("tcpSocket")) {
            (Some(get), _) => (get, true),
            (None, Some(socket)) => (socket, false),
            (None, None) => return Err(Outcome::Unknown("grpc probes are not simulated".into())),
        };
        let container_spec = w.container(no).map(|c| c.spec.clone()).unwrap_or_default();
        let Some(port) = port_number(&container_spec, &target["port"]) else {
            return Err(Outcome::Unknown(format!("port {:?} not found", target["port"].str())));
        };
        let host = target["host"].as_str().unwrap_or(ip);
        let payload = if http {
            Payload::Http(http_request(target, host, port, "kube-probe/1.36"))
        } else {
            Payload::Connect
        };
        let request = self.net.fresh();
        self.net.own.insert(request, None);
        let peer = self.config.address.clone();
        self.deliver_to_pod(now, w, port, request, payload, &peer);
        Ok(Attempt::Request(request))
    }

    /// A probe has taken too long.
    pub(crate) fn probe_timeout(
        &mut self,
        ctx: &mut Context<'_>,
        w: &mut Worker,
        no: ContainerNo,
        kind: ProbeKind,
        number: u64,
    ) {
        let ip = w.ip().to_string();
        let Some(c) = w.container(no) else { return };
        let Some(probe) = c.probes.iter_mut().find(|p| p.kind == kind && p.number == number) else { return };
        let Some(attempt) = probe.attempt.take() else { return };
        let spec = probe.spec.clone();
        let message = match attempt {
            Attempt::Exec(pid) => {
                if let Some(machine) = &mut c.machine {
                    machine.forget(pid);
                }
                let timeout = Duration::from_secs(spec["timeoutSeconds"].as_i64().unwrap_or(1).max(1) as u64);
                let argv: Vec<&str> = spec["exec"]["command"].items().iter().map(Value::str).collect();
                format!("command timed out: {:?} timed out after {}", argv.join(" "), go_duration(timeout))
            }
            Attempt::Request(id) => {
                self.net.own.remove(&id);
                let port = port_number(&c.spec, &spec["httpGet"]["port"]);
                match port {
                    Some(port) => format!(
                        "Get {:?}: context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
                        url(&spec["httpGet"], &ip, port)
                    ),
                    None => {
                        let port = port_number(&c.spec, &spec["tcpSocket"]["port"]).unwrap_or(0);
                        format!("dial tcp {ip}:{port}: i/o timeout")
                    }
                }
            }
        };
        self.probe_result(ctx, w, no, kind, Outcome::Failure(message));
    }

    /// Looks whether probes under way have been answered.
    pub(crate) fn settle_probes(&mut self, ctx: &mut Context<'_>, w: &mut Worker) {
        let ip = w.ip().to_string();
        let mut done = Vec::new();
        for c in w.containers.iter_mut() {
            let no = c.no;
            let Container { probes, machine, spec, .. } = c;
            for probe in probes.iter_mut() {
                let outcome = match &probe.attempt {
                    None => continue,
                    Some(Attempt::Exec(pid)) => {
                        let Some(machine) = machine else { continue };
                        let Some(status) = machine.status(*pid) else { continue };
                        let output: Vec<u8> =
                            machine.take_output(*pid).into_iter().flat_map(|(_, b)| b).collect();
                        machine.forget(*pid);
                        let text =
                            String::from_utf8_lossy(&output[..output.len().min(MAX_OUTPUT)]).into_owned();
                        if status.code() == 0 { Outcome::Success } else { Outcome::Failure(text) }
                    }
                    Some(Attempt::Request(id)) => {
                        let Some(Some(answer)) = self.net.own.get(id).cloned() else { continue };
                        self.net.own.remove(id);
                        answered(answer, &probe.spec, spec, &ip)
                    }
                };
                probe.attempt = None;
                done.push((no, probe.kind, outcome));
            }
        }
        for (no, kind, outcome) in done {
            self.probe_result(ctx, w, no, kind, outcome);
        }
    }

    /// Counts a result and draws the consequences. Mirrors prober/worker.go doProbe.
    fn probe_result(
        &mut self,
        ctx: &mut Context<'_>,
        w: &mut Worker,
        no: ContainerNo,
        kind: ProbeKind,
        outcome: Outcome,
    ) {
        let Some(name) = w.container(no).map(|c| c.name.clone()) else { return };
        let success = match outcome {
            Outcome::Success => true,
            Outcome::Failure(text) => {
                let message = format!("{} probe failed: {text}", kind.word());
                self.container_event(ctx, w, &name, EventType::Warning, "Unhealthy", message.trim_end());
                false
            }
            Outcome::Unknown(text) => {
                let message = format!("{} probe errored and resulted in unknown state: {text}", kind.word());
                self.container_event(ctx, w, &name, EventType::Warning, "Unhealthy", &message);
                return;
            }
        };
        let Some(probe) = find(w, no, kind) else { return };
        let count = if probe.run.0 == success { probe.run.1 + 1 } else { 1 };
        probe.run = (success, count);
        let threshold = if success {
            probe.spec["successThreshold"].as_i64().unwrap_or(1)
        } else {
            probe.spec["failureThreshold"].as_i64().unwrap_or(3)
        };
        if count >= threshold {
            self.probe_verdict(ctx, w, no, kind, success);
        }
    }

    fn probe_verdict(
        &mut self,
        ctx: &mut Context<'_>,
        w: &mut Worker,
        no: ContainerNo,
        kind: ProbeKind,
        success: bool,
    ) {
        let (now, id) = (ctx.now, w.id);
        let Some(c) = w.container(no) else { return };
        match (kind, success) {
            (ProbeKind::Readiness, _) => {
                if c.ready == success {
                    return;
                }
                c.ready = success;
                // Readiness is told at once, without a sync. Mirrors SetContainerReadiness.
                self.update_status(ctx, w);
                self.trigger(w, now);
            }
            (ProbeKind::Startup, true) => {
                if c.started_up {
                    return;
                }
                c.started_up = true;
                c.probes.retain(|p| p.kind != ProbeKind::Startup);
                let begun = c.started.unwrap_or(now);
                for probe in &c.probes {
                    let delay = Duration::from_secs(probe.spec["initialDelaySeconds"].int().max(0) as u64);
                    let at = (begun + delay).max(now + Duration::from_millis(50));
                    self.timers.push(at, Timer::Probe(id, no, probe.kind));
                }
                self.update_status(ctx, w);
                self.trigger(w, now);
            }
            (_, true) => {}
            (_, false) => {
                if c.condemned.is_none() && c.stopping.is_none() {
                    let word = if kind == ProbeKind::Startup { "startup" } else { "liveness" };
                    let never = w.pod["spec"]["restartPolicy"] == "Never";
                    let Some(c) = w.containers.iter_mut().find(|c| c.no == no) else { return };
                    let name = c.name.clone();
                    let end = if never { "" } else { ", will be restarted" };
                    c.condemned = Some(format!("Container {name} failed {word} probe{end}"));
                    c.probes.retain(|p| p.kind == ProbeKind::Readiness);
                }
                self.trigger(w, now);
            }
        }
    }
}

fn find(w: &mut Worker, no: ContainerNo, kind: ProbeKind) -> Option<&mut Probe> {
    w.container(no)?.probes.iter_mut().find(|p| p.kind == kind)
}

fn answered(answer: Result<Response, Error>, probe: &Value, container: &Value, ip: &str) -> Outcome {
    let get = &probe["httpGet"];
    match answer {
        // No program here speaks TLS, and Go's client says so at the first byte.
        Ok(Response::Http(_)) if get["scheme"] == "HTTPS" => {
            let port = port_number(container, &get["port"]).unwrap_or(0);
            let url = url(get, ip, port);
            Outcome::Failure(format!("Get {url:?}: http: server gave HTTP response to HTTPS client"))
        }
        Ok(Response::Http(response)) if (200..400).contains(&response.status) => Outcome::Success,
        Ok(Response::Http(response)) => {
            Outcome::Failure(format!("HTTP probe failed with statuscode: {}", response.status))
        }
        Ok(Response::Connected) if get.is_null() => Outcome::Success,
        Ok(_) => {
            Outcome::Failure("net/http: HTTP/1.x transport connection broken: malformed HTTP response".into())
        }
        Err(error) => {
            let target = if get.is_null() { &probe["tcpSocket"] } else { get };
            let port = port_number(container, &target["port"]).unwrap_or(0);
            let dial = match error {
                Error::ConnectionRefused => format!("dial tcp {ip}:{port}: connect: connection refused"),
                Error::Reset => format!("read tcp {ip}:{port}: read: connection reset by peer"),
                other => other.to_string(),
            };
            Outcome::Failure(if get.is_null() {
                dial
            } else {
                format!("Get {:?}: {dial}", url(get, ip, port))
            })
        }
    }
}

fn url(get: &Value, ip: &str, port: u16) -> String {
    let scheme = get["scheme"].as_str().unwrap_or("HTTP").to_lowercase();
    let path = get["path"].as_str().unwrap_or("/");
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("{scheme}://{}:{port}{slash}{path}", get["host"].as_str().unwrap_or(ip))
}

/// The request of an httpGet probe or hook.
pub(crate) fn http_request(get: &Value, ip: &str, port: u16, agent: &str) -> HttpRequest {
    let path = get["path"].as_str().unwrap_or("/");
    let mut request = HttpRequest::get(&if path.starts_with('/') { path.into() } else { format!("/{path}") });
    let own = get["httpHeaders"].items();
    let mut header = |name: &str, value: String| {
        if !own.iter().any(|h| h["name"].str().eq_ignore_ascii_case(name)) {
            request.headers.push((name.into(), value));
        }
    };
    header("Host", format!("{ip}:{port}"));
    header("User-Agent", agent.into());
    header("Accept", "*/*".into());
    request.headers.extend(own.iter().map(|h| (h["name"].str().to_string(), h["value"].str().to_string())));
    request
}

/// A port by number or by the name that the container gives it.
pub(crate) fn port_number(container: &Value, port: &Value) -> Option<u16> {
    let number = match port {
        Value::Int(n) => *n,
        other => match other.str().parse() {
            Ok(n) => n,
            Err(_) => {
                let named = |p: &&Value| !other.str().is_empty() && p["name"] == other.str();
                container["ports"].items().iter().find(named)?["containerPort"].int()
            }
        },
    };
    u16::try_from(number).ok().filter(|n| *n > 0)
}
