//! The tutorial's application: says hello, where it runs and which version it is. Ignores SIGTERM, so that its pods
//! take the whole grace period to go.

use super::server::{self, Http, State};
use super::{Definition, Image, base};
use sim::net::{HttpRequest, HttpResponse};
use userland::{Flavor, Os};

pub(super) const GOOGLE: Definition = Definition {
    repositories: &["gcr.io/google-samples/kubernetes-bootcamp", "docker.io/jocatalin/kubernetes-bootcamp"],
    tags: &["v1"],
    make: |_| image("1"),
};

pub(super) const JOCATALIN: Definition = Definition {
    repositories: &["docker.io/jocatalin/kubernetes-bootcamp"],
    tags: &["v2"],
    make: |_| image("2"),
};

fn image(version: &str) -> Image {
    let mut files = base::debian();
    base::add(&mut files, &["curl", "wget", "ps", "kill"]);
    files.put("/server.js", SOURCE.replace("VERSION", version));
    files.install("/usr/local/bin/node", |_| Http::boxed(start, hello, None));
    Image::new(83_560_000, files, Flavor::Gnu, &[], &["node", "server.js"])
        .with_env("NPM_CONFIG_LOGLEVEL", "info")
        .with_env("NODE_VERSION", "6.3.1")
}

fn start(os: &mut Os<'_>) -> u16 {
    os.claim_memory(12 << 20);
    let (time, host) = (server::iso_time(os.now()), os.hostname().to_string());
    os.print(&format!("Kubernetes Bootcamp App Started At: {time} | Running On:  {host} \n\n"));
    8080
}

fn hello(os: &mut Os<'_>, _: &HttpRequest, _: &str, state: &mut State) -> HttpResponse {
    let (host, uptime) =
        (os.hostname().to_string(), os.now().since(state.started).as_millis() as f64 / 1000.0);
    os.print(&format!(
        "Running On: {host} | Total Requests: {} | App Uptime: {uptime} seconds | Log Time: {}\n",
        state.count,
        server::iso_time(os.now())
    ));
    let source = os.files().read("/server.js").unwrap_or_default();
    let version =
        String::from_utf8_lossy(&source).split("v=").nth(1).and_then(|t| t.chars().next()).unwrap_or('1');
    let body = format!("Hello Kubernetes bootcamp! | Running on: {host} | v={version}\n");
    HttpResponse::new(200, "text/plain", body)
}

/// What `cat server.js` shows.
const SOURCE: &str = r#"var http = require('http');
var host = process.env.HOSTNAME;
var requests = 0;
var started;

http.createServer(function (request, response) {
  requests += 1;
  response.setHeader('Content-Type', 'text/plain');
  response.writeHead(200);
  response.end('Hello Kubernetes bootcamp! | Running on: ' + host + ' | v=VERSION\n');
  console.log('Running On:', host, '| Total Requests:', requests,
    '| App Uptime:', (new Date() - started) / 1000, 'seconds', '| Log Time:', new Date());
}).listen(8080, function () {
  started = new Date();
  console.log('Kubernetes Bootcamp App Started At:', started, '| Running On: ', host, '\n');
});
"#;
