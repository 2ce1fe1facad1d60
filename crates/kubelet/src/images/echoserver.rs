//! Servers that answer with what they were asked.

use super::server::{self, Http, State};
use super::{Definition, Image, base};
use sim::Order;
use sim::net::{HttpRequest, HttpResponse};
use userland::{Files, Flavor, Os};

pub(super) const IMAGE: Definition = Definition {
    repositories: &[
        "registry.k8s.io/echoserver",
        "k8s.gcr.io/echoserver",
        "gcr.io/google_containers/echoserver",
        "registry.k8s.io/e2e-test-images/echoserver",
    ],
    tags: &["1.4", "1.8", "1.9", "1.10", "2.3", "2.4", "2.5"],
    make: |_| {
        let mut files = base::debian();
        base::add(&mut files, &["curl"]);
        files.install("/usr/local/bin/run.sh", |_| Http::boxed(start, echo, Some(0)));
        Image::new(46_200_000, files, Flavor::Gnu, &["/usr/local/bin/run.sh"], &[])
    },
};

pub(super) const ECHO_SERVER: Definition = Definition {
    repositories: &["docker.io/kicbase/echo-server"],
    tags: &["latest", "1.0"],
    make: |_| {
        let mut files = Files::new();
        files.install("/echo-server", |_| Http::boxed(start_kicbase, echo_kicbase, Some(2)));
        Image::new(4_940_000, files, Flavor::Gnu, &["/echo-server"], &[])
    },
};

fn start(os: &mut Os<'_>) -> u16 {
    os.claim_memory(4 << 20);
    os.print("Generating self-signed cert\nStarting nginx\n");
    8080
}

fn echo(os: &mut Os<'_>, request: &HttpRequest, peer: &str, _: &mut State) -> HttpResponse {
    let mut headers: Vec<String> =
        request.headers.iter().map(|(k, v)| format!("\t{}={v}", k.to_lowercase())).collect();
    headers.order();
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let host = request.header("Host").unwrap_or("localhost");
    let body = match request.body.is_empty() {
        true => "\t-no body in request-".to_string(),
        false => String::from_utf8_lossy(&request.body).into_owned(),
    };
    let text = format!(
        "\n\nHostname: {}\n\nPod Information:\n\t-no pod information available-\n\nServer values:\n\
         \tserver_version=nginx: 1.13.3 - lua: 10008\n\nRequest Information:\n\tclient_address={peer}\n\tmethod={}\n\
         \treal path={path}\n\tquery={query}\n\trequest_version=1.1\n\trequest_scheme=http\n\
         \trequest_uri=http://{host}{}\n\nRequest Headers:\n{}\n\nRequest Body:\n{body}\n\n",
        os.hostname(),
        request.method,
        request.path,
        headers.join("\n")
    );
    let response = HttpResponse::new(200, "text/plain", text);
    os.print(&(server::access_line(os.now(), peer, request, &response) + "\n"));
    response
}

fn start_kicbase(os: &mut Os<'_>) -> u16 {
    os.print("Echo server listening on port 8080.\n");
    8080
}

fn echo_kicbase(os: &mut Os<'_>, request: &HttpRequest, peer: &str, _: &mut State) -> HttpResponse {
    let mut text =
        format!("Request served by {}\n\n{} {} HTTP/1.1\n\n", os.hostname(), request.method, request.path);
    if let Some(host) = request.header("Host") {
        text += &format!("Host: {host}\n");
    }
    let mut headers: Vec<String> = request
        .headers
        .iter()
        .filter(|(k, _)| !k.eq_ignore_ascii_case("host"))
        .map(|(k, v)| format!("{k}: {v}\n"))
        .collect();
    headers.order();
    os.print(&format!("{peer} | {} {}\n", request.method, request.path));
    text += &headers.concat();
    server::text(200, text.into_bytes().into_iter().chain(request.body.iter().copied()).collect::<Vec<u8>>())
}
