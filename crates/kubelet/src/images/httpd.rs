//! Apache httpd: serves `/usr/local/apache2/htdocs`.

use super::server::{self, Http, State};
use super::{Definition, Image, base};
use sim::net::{HttpRequest, HttpResponse};
use userland::{Flavor, Os};

pub(super) const IMAGE: Definition = Definition {
    repositories: &["docker.io/library/httpd"],
    tags: &["latest", "2", "2.4", "2.4.57", "2.4.58", "2.4.62", "2.4.63", "alpine", "2-alpine", "2.4-alpine"],
    make,
};

const ROOT: &str = "/usr/local/apache2/htdocs";

fn make(tag: &str) -> Image {
    let alpine = tag.contains("alpine");
    let mut files = if alpine { base::alpine() } else { base::debian() };
    files.put(&format!("{ROOT}/index.html"), "<html><body><h1>It works!</h1></body></html>\n");
    files.install("/usr/local/bin/httpd-foreground", |_| Http::boxed(start, respond, Some(0)));
    let (size, flavor) = if alpine { (22_500_000, Flavor::Busybox) } else { (58_300_000, Flavor::Gnu) };
    let mut image =
        Image::new(size, files, flavor, &[], &["httpd-foreground"]).with_env("HTTPD_VERSION", "2.4.63");
    image.working_dir = "/usr/local/apache2".into();
    image
}

fn start(os: &mut Os<'_>) -> u16 {
    os.claim_memory(6 << 20);
    let time = server::slash_time(os.now());
    let name = os.hostname().to_string();
    os.eprint(&format!(
        "AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using {name}. \
         Set the 'ServerName' directive globally to suppress this message\n\
         [{time}] [mpm_event:notice] [pid 1:tid 1] AH00489: Apache/2.4.63 (Unix) configured -- resuming normal operations\n\
         [{time}] [core:notice] [pid 1:tid 1] AH00094: Command line: 'httpd -D FOREGROUND'\n"
    ));
    80
}

fn respond(os: &mut Os<'_>, request: &HttpRequest, peer: &str, _: &mut State) -> HttpResponse {
    let path = server::path(request);
    let file = if path.ends_with('/') { format!("{ROOT}{path}index.html") } else { format!("{ROOT}{path}") };
    let mut response = match os.files().read(&file) {
        Ok(bytes) => HttpResponse::new(200, server::content_type(&file), bytes.to_vec()),
        Err(_) => HttpResponse::new(
            404,
            "text/html; charset=iso-8859-1",
            "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>404 Not Found</title>\n</head><body>\n\
             <h1>Not Found</h1>\n<p>The requested URL was not found on this server.</p>\n</body></html>\n",
        ),
    };
    response.headers.insert(0, ("Server".into(), "Apache/2.4.63 (Unix)".into()));
    os.print(&format!(
        "{peer} - - [{}] \"{} {} HTTP/1.1\" {} {}\n",
        server::log_time(os.now()),
        request.method,
        request.path,
        response.status,
        response.body.len()
    ));
    response
}
