//! A static server for the built page, on loopback only.

use anyhow::{Context, Result, bail};
use std::fs::File;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use tiny_http::{Header, Method, Request, Response, Server};

/// Requests answered at the same time: a page and its handful of files.
const WORKERS: usize = 4;

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
    let server = match Server::http(("127.0.0.1", port)) {
        Ok(server) => Arc::new(server),
        Err(error) => bail!("cannot listen on 127.0.0.1:{port} ({error}); choose another with --port"),
    };
    let address = server.server_addr().to_ip().context("a socket without address")?;
    println!("http://{address}/");
    if open {
        open_browser(&format!("http://{address}/"));
    }
    let folder = Arc::new(folder.to_path_buf());
    let work = |server: Arc<Server>, folder: Arc<PathBuf>| {
        for request in server.incoming_requests() {
            // A reader who went away before the answer is no error of ours.
            let _ = answer(request, &folder);
        }
    };
    let spawn = |_| {
        std::thread::spawn({
            let (s, f) = (server.clone(), folder.clone());
            move || work(s, f)
        })
    };
    for worker in (0..WORKERS).map(spawn).collect::<Vec<_>>() {
        worker.join().map_err(|_| anyhow::anyhow!("a worker of the server died"))?;
    }
    Ok(())
}

fn answer(request: Request, folder: &Path) -> std::io::Result<()> {
    if !matches!(request.method(), Method::Get | Method::Head) {
        return request.respond(Response::from_string("only GET and HEAD\n").with_status_code(405));
    }
    let Some(path) = file_of(request.url(), folder) else {
        return request.respond(Response::from_string("not found\n").with_status_code(404));
    };
    let end = path.extension().unwrap_or_default().to_string_lossy().into_owned();
    let mime =
        MIME.iter().find(|(kind, _)| *kind == end).map_or("application/octet-stream", |(_, mime)| mime);
    let (encoding, file) = encoded(&path, &accepted(&request))?;
    let cache = if named_by_content(&path) { "max-age=31536000, immutable" } else { "no-cache" };
    let mut response = Response::from_file(file)
        .with_header(header("Content-Type", mime))
        .with_header(header("Cache-Control", cache))
        .with_header(header("Vary", "Accept-Encoding"));
    if let Some(encoding) = encoding {
        response.add_header(header("Content-Encoding", encoding));
    }
    request.respond(response)
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
fn accepted(request: &Request) -> Vec<String> {
    let named = request.headers().iter().filter(|header| header.field.equiv("Accept-Encoding"));
    let words = |header: &Header| header.value.as_str().to_ascii_lowercase();
    named.map(words).flat_map(|text| text.split(',').map(coding).collect::<Vec<_>>()).flatten().collect()
}

/// `br;q=0.5` is `br`; a weight of 0 is a refusal.
fn coding(word: &str) -> Option<String> {
    let (name, weight) = word.split_once(';').unwrap_or((word, ""));
    let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.trim().parse() == Ok(0.0));
    (!refused).then(|| name.trim().to_string())
}

/// The smallest form of the file that the browser takes.
fn encoded(path: &Path, accepted: &[String]) -> std::io::Result<(Option<&'static str>, File)> {
    for (encoding, end) in [("br", ".br"), ("gzip", ".gz")] {
        let twin = PathBuf::from(format!("{}{end}", path.display()));
        if accepted.iter().any(|word| word == encoding) && twin.is_file() {
            return Ok((Some(encoding), File::open(twin)?));
        }
    }
    Ok((None, File::open(path)?))
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("header names and values of this file are ASCII")
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
