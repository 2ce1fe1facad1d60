//! agnhost, the program of Kubernetes' own tests: one binary with many subcommands.

use super::server::{self, Http, State};
use super::{Definition, Image, base};
use sim::Duration;
use sim::net::{HttpRequest, HttpResponse};
use userland::{Command, Flavor, Os, Program, Signal, Step};

pub(super) const IMAGE: Definition = Definition {
    repositories: &["registry.k8s.io/e2e-test-images/agnhost", "k8s.gcr.io/e2e-test-images/agnhost"],
    tags: &[
        "2.2", "2.20", "2.21", "2.32", "2.39", "2.40", "2.43", "2.45", "2.47", "2.52", "2.53", "2.55", "2.56",
    ],
    make: |_| {
        let mut files = base::busybox();
        base::add(&mut files, &["curl", "dig"]);
        files.install("/agnhost", program);
        Image::new(51_105_200, files, Flavor::Busybox, &["/agnhost"], &["pause"])
    },
};

/// How long the `liveness` subcommand is healthy.
const HEALTHY_FOR: Duration = Duration::from_secs(10);

fn program(command: &Command) -> Box<dyn Program> {
    match command.argv.get(1).map(String::as_str) {
        Some("netexec") => Http::boxed(start_netexec, netexec, Some(0)),
        Some("liveness") => Http::boxed(start_liveness, liveness, Some(0)),
        Some("serve-hostname") => Http::boxed(start_hostname, hostname, Some(0)),
        Some("test-webserver") => Http::boxed(start_webserver, webserver, Some(0)),
        Some("pause") => Box::new(Pause::default()),
        _ => Box::new(Other),
    }
}

/// The value of `--name=value` or `--name value`.
fn option(os: &Os<'_>, name: &str) -> Option<String> {
    let argv = os.argv();
    let joined = format!("{name}=");
    argv.iter().enumerate().find_map(|(i, a)| match a.strip_prefix(&joined) {
        Some(value) => Some(value.to_string()),
        None if a == name => argv.get(i + 1).cloned(),
        None => None,
    })
}

fn start_netexec(os: &mut Os<'_>) -> u16 {
    let port = option(os, "--http-port").and_then(|p| p.parse().ok()).unwrap_or(8080);
    let time = server::slash_time(os.now());
    os.eprint(&format!("{time} Started HTTP server on port {port}\n"));
    port
}

fn netexec(os: &mut Os<'_>, request: &HttpRequest, peer: &str, state: &mut State) -> HttpResponse {
    let path = server::path(request).to_string();
    let time = server::slash_time(os.now());
    os.eprint(&format!("{time} {} {path}\n", request.method));
    match path.as_str() {
        "/" => server::text(200, format!("NOW: {}", apimachinery::time::format(os.now()))),
        "/hostname" | "/hostName" => server::text(200, os.hostname()),
        "/clientip" => server::text(200, format!("{peer}:40000")),
        "/echo" => {
            let code = server::query(request, "code").and_then(|c| c.parse().ok()).unwrap_or(200);
            server::text(code, server::query(request, "msg").unwrap_or_default())
        }
        "/header" => {
            let key = server::query(request, "key").unwrap_or_default();
            server::text(200, request.header(&key).unwrap_or_default())
        }
        "/healthz" if state.sick => server::text(412, "service unavailable"),
        "/healthz" => server::text(200, ""),
        "/shutdown" => {
            state.exit = Some(0);
            server::text(200, "")
        }
        "/exit" => {
            state.exit = Some(server::query(request, "code").and_then(|c| c.parse().ok()).unwrap_or(0));
            server::text(200, "")
        }
        "/redirect" => {
            let mut response = server::text(302, "");
            let to = server::query(request, "location").unwrap_or_default();
            response.headers.push(("Location".into(), to));
            response
        }
        _ => server::text(404, "404 page not found\n"),
    }
}

fn start_liveness(_: &mut Os<'_>) -> u16 {
    8080
}

fn liveness(os: &mut Os<'_>, request: &HttpRequest, _: &str, state: &mut State) -> HttpResponse {
    let age = os.now().since(state.started);
    match server::path(request) {
        "/healthz" if age > HEALTHY_FOR => server::text(500, format!("error: {:.3}", age.as_secs_f64())),
        "/healthz" => server::text(200, "ok"),
        "/started" => server::text(200, apimachinery::time::format(state.started)),
        _ => server::text(404, "404 page not found\n"),
    }
}

fn start_hostname(os: &mut Os<'_>) -> u16 {
    let port = option(os, "--port").and_then(|p| p.parse().ok()).unwrap_or(9376);
    os.eprint(&format!("I 1 serve_hostname.go: Serving on port {port}.\n"));
    port
}

fn hostname(os: &mut Os<'_>, _: &HttpRequest, _: &str, _: &mut State) -> HttpResponse {
    server::text(200, os.hostname())
}

fn start_webserver(os: &mut Os<'_>) -> u16 {
    option(os, "--port").and_then(|p| p.parse().ok()).unwrap_or(80)
}

fn webserver(os: &mut Os<'_>, request: &HttpRequest, _: &str, _: &mut State) -> HttpResponse {
    match os.files().read(server::path(request)) {
        Ok(bytes) => server::text(200, bytes.to_vec()),
        Err(_) => server::text(404, "404 page not found\n"),
    }
}

/// Does nothing until it is asked to end.
#[derive(Clone, Default)]
struct Pause {
    said: bool,
    stop: server::Stop,
}

impl Program for Pause {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        if !std::mem::replace(&mut self.said, true) {
            os.print("Paused\n");
        }
        if self.stop.wanted() { Step::Exit(0) } else { server::WAIT }
    }

    fn dies_of(&mut self, signal: Signal) -> bool {
        self.stop.signal(signal)
    }
}

/// Subcommands that are not here; `connect` and `help` aside they need more of a machine than there is.
#[derive(Clone)]
struct Other;

impl Program for Other {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        let name = os.argv().get(1).cloned().unwrap_or_default();
        os.eprint(&format!(
            "agnhost: the subcommand {name:?} is not simulated (netexec, liveness, serve-hostname, test-webserver and pause are)\n"
        ));
        Step::Exit(1)
    }
}
