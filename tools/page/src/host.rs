//! A static server for the built page, on loopback only.

use anyhow::{Context, Result, bail};
use oxhttp::Server;
use oxhttp::model::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, VARY,
};
use oxhttp::model::{Body, Method, Request, Response, StatusCode};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Component, Path, PathBuf};

/// Connections at the same time; each has a thread of its own.
const CONNECTIONS: usize = 256;

/// What browsers need to hear about each kind of file; a kind that is missing here is sent as bytes.
const MIME: [(&str, &str); 10] = [
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("wasm", "application/wasm"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("json", "application/json"),
    ("md", "text/markdown; charset=utf-8"),
    ("yaml", "application/yaml"),
    ("txt", "text/plain; charset=utf-8"),
];

/// Serves the folder until the process ends; the first line it prints is the address. Port 0 takes a free one.
pub fn host(folder: &Path, port: u16, open: bool) -> Result<()> {
    if !folder.join("index.html").is_file() {
        bail!("there is no index.html in {}", folder.display());
    }
    let port = free_port(port)?;
    let folder = folder.to_path_buf();
    let server = Server::new(move |request| answer(request, &folder))
        .bind((Ipv4Addr::LOCALHOST, port))
        .with_max_concurrent_connections(CONNECTIONS)
        .spawn()
        .with_context(|| format!("listen on 127.0.0.1:{port}"))?;
    println!("http://127.0.0.1:{port}/");
    if open {
        open_browser(&format!("http://127.0.0.1:{port}/"));
    }
    Ok(server.join()?)
}

/// The port, or a free one for 0.
fn free_port(port: u16) -> Result<u16> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(listener) => Ok(listener.local_addr()?.port()),
        Err(error) => bail!("cannot listen on 127.0.0.1:{port} ({error}); choose another with --port"),
    }
}

fn answer(request: &Request<Body>, folder: &Path) -> Response<Body> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return failure(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD\n");
    }
    let Some(path) = file_of(request.uri().path(), folder) else {
        return failure(StatusCode::NOT_FOUND, "not found\n");
    };
    file_response(request, &path).unwrap_or_else(|_| failure(StatusCode::NOT_FOUND, "cannot be read\n"))
}

fn failure(status: StatusCode, why: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(why));
    *response.status_mut() = status;
    response
}

fn file_response(request: &Request<Body>, path: &Path) -> Result<Response<Body>> {
    let end = path.extension().unwrap_or_default().to_string_lossy().into_owned();
    let mime =
        MIME.iter().find(|(kind, _)| *kind == end).map_or("application/octet-stream", |(_, mime)| mime);
    let (encoding, file) = encoded(path, &accepted(request))?;
    let cache = if named_by_content(path) { "max-age=31536000, immutable" } else { "no-cache" };
    let mut response = Response::builder()
        .header(CONTENT_TYPE, mime)
        .header(CACHE_CONTROL, cache)
        .header(VARY, "Accept-Encoding");
    if let Some(encoding) = encoding {
        response = response.header(CONTENT_ENCODING, encoding);
    }
    let body = if request.method() == Method::HEAD { Vec::new() } else { std::fs::read(file)? };
    Ok(response.body(Body::from(body))?)
}

/// The file that a URL means; `None` where there is none or the URL points out of the folder.
fn file_of(url: &str, folder: &Path) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next()?.trim_start_matches('/');
    let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    let mut file = folder.join(path);
    if file.is_dir() {
        file.push("index.html");
    }
    (inside && file.is_file()).then_some(file)
}

/// True for `NAME-0123456789abcdef.END`: such a file never changes. Any other is asked for each time.
fn named_by_content(path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    stem.rsplit_once('-')
        .is_some_and(|(_, hash)| hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// The codings that the browser takes, from its Accept-Encoding.
fn accepted(request: &Request<Body>) -> Vec<String> {
    let named = request.headers().get_all(ACCEPT_ENCODING).iter();
    let words = |value: &HeaderValue| value.to_str().unwrap_or_default().to_ascii_lowercase();
    named.map(words).flat_map(|text| text.split(',').map(coding).collect::<Vec<_>>()).flatten().collect()
}

/// `br;q=0.5` is `br`; a weight of 0 is a refusal.
fn coding(word: &str) -> Option<String> {
    let (name, weight) = word.split_once(';').unwrap_or((word, ""));
    let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.trim().parse() == Ok(0.0));
    (!refused).then(|| name.trim().to_string())
}

/// The smallest form of the file that the browser takes.
fn encoded(path: &Path, accepted: &[String]) -> Result<(Option<&'static str>, PathBuf)> {
    for (encoding, end) in [("br", ".br"), ("gzip", ".gz")] {
        let twin = PathBuf::from(format!("{}{end}", path.display()));
        if accepted.iter().any(|word| word == encoding) && twin.is_file() {
            return Ok((Some(encoding), twin));
        }
    }
    Ok((None, path.to_path_buf()))
}

/// Asks the system to show the address. Where it cannot, the printed line is enough.
fn open_browser(address: &str) {
    let opener = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };
    if std::process::Command::new(opener).arg(address).spawn().is_err() {
        println!("{opener} is not there: open the address by hand");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_cannot_leave_the_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(file_of("/src/host.rs?x=/../y", folder), Some(folder.join("src/host.rs")));
        assert_eq!(file_of("/../page/Cargo.toml", folder), None);
        assert_eq!(file_of("//etc/passwd", folder), None);
        assert_eq!(file_of("/nothing", folder), None);
    }

    #[test]
    fn only_names_with_a_hash_are_kept() {
        assert!(named_by_content(Path::new("/a/web-0424f180852160e9.wasm")));
        assert!(!named_by_content(Path::new("/a/index.html")));
        assert!(!named_by_content(Path::new("/a/getting-started.md")));
    }

    #[test]
    fn a_weight_of_nothing_is_a_refusal() {
        assert_eq!(coding(" br;q=1.0"), Some("br".into()));
        assert_eq!(coding("gzip; q=0"), None);
    }
}
