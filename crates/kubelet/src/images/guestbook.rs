//! The guestbook's front end: its page. What it says to Redis is not simulated.

use super::server::{self, Http, State};
use super::{Definition, Image, base};
use sim::net::{HttpRequest, HttpResponse};
use userland::{Flavor, Os};

pub(super) const IMAGE: Definition = Definition {
    repositories: &[
        "gcr.io/google_samples/gb-frontend",
        "gcr.io/google-samples/gb-frontend",
        "us-docker.pkg.dev/google-samples/containers/gke/gb-frontend",
    ],
    tags: &["v3", "v4", "v5", "v6"],
    make: |_| {
        let mut files = base::debian();
        files.put("/var/www/html/index.html", PAGE);
        files.install("/usr/local/bin/apache2-foreground", |_| Http::boxed(start, respond, Some(0)));
        Image::new(157_000_000, files, Flavor::Gnu, &[], &["apache2-foreground"])
    },
};

const PAGE: &str =
    "<html>\n<head><title>Guestbook</title></head>\n<body><h2>Guestbook</h2></body>\n</html>\n";

fn start(os: &mut Os<'_>) -> u16 {
    os.claim_memory(10 << 20);
    os.eprint("AH00163: Apache/2.4.29 (Debian) PHP/7.4 configured -- resuming normal operations\n");
    80
}

fn respond(os: &mut Os<'_>, request: &HttpRequest, peer: &str, _: &mut State) -> HttpResponse {
    let response = match server::path(request) {
        "/" | "/index.html" => {
            let page = os.files().read("/var/www/html/index.html").unwrap_or_default();
            HttpResponse::new(200, "text/html", page.to_vec())
        }
        "/guestbook.php" => server::text(501, "guestbook.php is not simulated\n"),
        _ => server::text(404, "Not Found\n"),
    };
    os.print(&(server::access_line(os.now(), peer, request, &response) + "\n"));
    response
}
