//! `kubectl proxy`. Mirrors kubectl/pkg/cmd/proxy and kubectl/pkg/proxy.

use crate::cmd::get::unescape;
use crate::cmd::version::indented;
use crate::flags::{Flag, duration, int, switch, text};
use crate::printers::ordered;
use crate::{Command, Ctx, Error, go};
use apimachinery::json;
use apimachinery::rest::Method;
use apimachinery::{Body, Request, Response, Value};
use client::{Connection, Listener, LocalFuture};
use sim::net::{HttpRequest, HttpResponse};
use std::future::poll_fn;
use std::task::Poll;

/// `kubectl proxy`.
pub const COMMAND: Command = Command {
    name: "proxy",
    usage: "[--port=PORT] [--www=static-dir] [--www-prefix=prefix] [--api-prefix=prefix]",
    short: "Run a proxy to the Kubernetes API server",
    long: "Creates a proxy between localhost and the Kubernetes API server: what arrives at the port is sent on to the server, as you.",
    examples: "# The whole API at http://localhost:8001/\nkubectl proxy\n# At another port\nkubectl proxy --port=8011\n# At a port that is free; it is printed\nkubectl proxy --port=0\n# With another prefix: the pods are at localhost:8001/custom/api/v1/pods\nkubectl proxy --api-prefix=/custom/",
    flags: &[FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    text("accept-hosts", ' ', r"^localhost$,^127\.0\.0\.1$,^\[::1\]$", "Hosts to accept.").refused(),
    text("accept-paths", ' ', "^.*", "Paths to accept.").refused(),
    text("address", ' ', "127.0.0.1", "The address to listen on; here only 127.0.0.1 and localhost."),
    text("api-prefix", ' ', "/", "Where the API begins."),
    switch("append-server-path", ' ', "Put the path of the server's address before each path.").refused(),
    switch("disable-filter", ' ', "Accept requests for any host and any path."),
    duration("keepalive", "0s", "How often idle connections are probed.").refused(),
    int("port", 'p', "8001", "The port to listen on; 0 picks one."),
    text("reject-methods", ' ', "^$", "Methods to reject.").refused(),
    text("reject-paths", ' ', "^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach", "Paths to reject.").refused(),
    text("unix-socket", 'u', "", "Unix socket to listen on.").refused(),
    text("www", 'w', "", "Directory with files to serve too.").refused(),
    text("www-prefix", 'P', "/static/", "Where the files begin.").refused(),
];

/// How many requests are answered at once; more wait.
const MAX_REQUESTS: usize = 64;

async fn run(c: &Ctx) -> Result<(), Error> {
    c.config()?;
    let address = c.text("address");
    if !matches!(address, "127.0.0.1" | "localhost") {
        return Err(Error::Message(format!("--address={address} is not supported here: only 127.0.0.1 is")));
    }
    let port = u16::try_from(c.int("port"))
        .map_err(|_| Error::Message(format!("listen tcp: address {}: invalid port", c.int("port"))))?;
    let listener = c.env.network.listen(port).ok_or_else(|| {
        Error::Message(format!("listen tcp 127.0.0.1:{port}: bind: address already in use"))
    })?;
    if c.on("disable-filter") {
        c.err_line("Request filter disabled, your proxy is vulnerable to XSRF attacks, please be cautious");
    }
    c.line(&format!("Starting to serve on 127.0.0.1:{}", listener.port()));
    serve(listener.as_ref(), &|connection| Box::pin(answer(c, connection))).await
}

/// Accepts connections and carries each one out, until Ctrl-C drops it all.
async fn serve<'a>(
    listener: &dyn Listener,
    answer: &dyn Fn(Connection) -> LocalFuture<'a, ()>,
) -> Result<(), Error> {
    let mut running: Vec<LocalFuture<'a, ()>> = Vec::new();
    poll_fn(|cx| {
        while running.len() < MAX_REQUESTS
            && let Poll::Ready(connection) = listener.poll_accept()
        {
            running.push(answer(connection));
        }
        running.retain_mut(|request| request.as_mut().poll(cx).is_pending());
        Poll::Pending
    })
    .await
}

async fn answer(c: &Ctx, connection: Connection) {
    let Connection { request, answer } = connection;
    let response = respond(c, &request).await;
    answer(Ok(response));
}

fn plain(status: u16, text: &str) -> HttpResponse {
    HttpResponse::new(status, "text/plain; charset=utf-8", format!("{text}\n"))
}

async fn respond(c: &Ctx, http: &HttpRequest) -> HttpResponse {
    let (path, query) = http.path.split_once('?').unwrap_or((&http.path, ""));
    if !c.on("disable-filter") && !accepted(http, path) {
        return plain(403, "Forbidden");
    }
    let prefix = format!("{}/", c.text("api-prefix").trim_end_matches('/'));
    let path = match path.strip_prefix(prefix.as_str()) {
        // A prefix that begins like the API is part of the path.
        Some(_) if prefix.starts_with("/api") => path.to_string(),
        Some(rest) => format!("/{rest}"),
        None => return plain(404, "404 page not found"),
    };
    let request = match rest_request(http, &path, query) {
        Ok(request) => request,
        Err(refused) => return refused,
    };
    if let Err(e) = reach(c).await {
        return plain(500, &e.text());
    }
    if request.flag("watch") || request.flag("follow") {
        return plain(501, "streams are not supported by this proxy");
    }
    match c.env.transport.send(request).await {
        Ok(response) => rendered(http, &path, query, response),
        Err(why) => plain(500, &Error::Connection(c.env.server.clone(), why).text()),
    }
}

async fn reach(c: &Ctx) -> Result<(), Error> {
    c.config()?.reach(c).await
}

/// Only for this computer, and nothing that opens a shell. Mirrors FilterServer with its defaults.
fn accepted(http: &HttpRequest, path: &str) -> bool {
    let host = http.header("host").unwrap_or("localhost");
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let after = path.strip_prefix("/api/").and_then(|rest| rest.split_once("/pods/")).map(|(_, rest)| rest);
    let opens = after.is_some_and(|rest| rest.contains("/exec") || rest.contains("/attach"));
    matches!(host, "localhost" | "127.0.0.1" | "[::1]") && !opens
}

fn rest_request(http: &HttpRequest, path: &str, query: &str) -> Result<Request, HttpResponse> {
    let method = match http.method.as_str() {
        "GET" | "HEAD" => Method::Get,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        _ => return Err(plain(405, "Method Not Allowed")),
    };
    let mut request = Request::new(method, unescape(&path.replace('+', "%2B")));
    for part in query.split('&').filter(|p| !p.is_empty()) {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        request = request.with(&unescape(key), unescape(value));
    }
    let agent = http.header("user-agent").unwrap_or("kubectl");
    request.agent = agent.split('/').next().unwrap_or_default().into();
    request.accept = http.header("accept").filter(|a| *a != "*/*").unwrap_or_default().into();
    // curl says this of every body that it is not told about.
    let kind = http.header("content-type").unwrap_or_default();
    if kind != "application/x-www-form-urlencoded" {
        request.content_type = kind.into();
    }
    if !http.body.is_empty() {
        let text = String::from_utf8_lossy(&http.body).into_owned();
        request.body = match Value::from_json(&text) {
            Ok(value) => Body::Value(value),
            Err(_) => Body::Text(text),
        };
    }
    Ok(request)
}

/// An answer as the API server writes it: indented for curl and browsers. Mirrors apiserver's isPrettyPrint.
fn rendered(http: &HttpRequest, path: &str, query: &str, response: Response) -> HttpResponse {
    let pretty = match query.split('&').find_map(|p| p.strip_prefix("pretty=")) {
        Some(wanted) => matches!(wanted, "1" | "t" | "true"),
        None => {
            let agent = http.header("user-agent").unwrap_or_default();
            ["curl", "Wget", "Mozilla/5.0"].iter().any(|known| agent.starts_with(known))
        }
    };
    let value = match response.body {
        Body::Text(text) => return HttpResponse::new(response.status, "text/plain; charset=utf-8", text),
        Body::Value(value) => value,
        Body::Empty => json!({}),
        Body::Watch(_) | Body::Connect(_) => return plain(501, "streams are not supported by this proxy"),
    };
    let text = match () {
        () if path == "/version" => indented(&value),
        () if pretty => ordered::json(&value, "  "),
        () => go::json(&value, "") + "\n",
    };
    HttpResponse::new(response.status, "application/json", text)
}
