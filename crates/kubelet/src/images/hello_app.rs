//! Google's hello-app: answers with its version and where it runs. Port 8080, or what `PORT` says.

use super::server::{self, Http, State};
use super::{Definition, Image};
use sim::net::{HttpRequest, HttpResponse};
use userland::{Files, Flavor, Os};

pub(super) const IMAGE: Definition = Definition {
    repositories: &[
        "gcr.io/google-samples/hello-app",
        "us-docker.pkg.dev/google-samples/containers/gke/hello-app",
    ],
    tags: &["1.0", "2.0"],
    make,
};

fn make(tag: &str) -> Image {
    // A static program in an otherwise empty image: there is no shell in it.
    let mut files = Files::new();
    files.install("/hello-app", |_| Http::boxed(start, hello, Some(2)));
    files.put("/etc/version", format!("{tag}.0"));
    let mut image = Image::new(11_500_000, files, Flavor::Gnu, &["/hello-app"], &[]).with_env("PORT", "8080");
    image.user = "65532".into();
    image
}

fn start(os: &mut Os<'_>) -> u16 {
    let port = os.var("PORT").parse().unwrap_or(8080);
    os.claim_memory(3 << 20);
    let time = server::slash_time(os.now());
    os.eprint(&format!("{time} Server listening on port {port}\n"));
    port
}

fn hello(os: &mut Os<'_>, request: &HttpRequest, _: &str, _: &mut State) -> HttpResponse {
    let (time, path) = (server::slash_time(os.now()), server::path(request).to_string());
    os.eprint(&format!("{time} Serving request: {path}\n"));
    let version = os.files().read("/etc/version").unwrap_or_default();
    let version = String::from_utf8_lossy(&version).into_owned();
    server::text(200, format!("Hello, world!\nVersion: {version}\nHostname: {}\n", os.hostname()))
}
