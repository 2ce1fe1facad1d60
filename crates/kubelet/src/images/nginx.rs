//! nginx: serves `/usr/share/nginx/html`, writes its access log to standard output, stops at once.

use super::server::{self, Stop, WAIT};
use super::{Definition, Image, base};
use sim::net::{HttpRequest, HttpResponse};
use userland::{Flavor, Os, Program, Signal, Step};

pub(super) const IMAGE: Definition = Definition {
    repositories: &[
        "docker.io/library/nginx",
        "docker.io/nginxinc/nginx-unprivileged",
        "registry.k8s.io/nginx",
    ],
    tags: &[
        "latest",
        "stable",
        "mainline",
        "alpine",
        "stable-alpine",
        "perl",
        "1",
        "1.7.9",
        "1.14",
        "1.14.2",
        "1.15",
        "1.16",
        "1.16.0",
        "1.16.1",
        "1.17",
        "1.18",
        "1.19",
        "1.19.1",
        "1.20",
        "1.20.1",
        "1.21",
        "1.21.6",
        "1.22",
        "1.22.1",
        "1.23",
        "1.23.3",
        "1.24",
        "1.24.0",
        "1.25",
        "1.25.3",
        "1.25.5",
        "1.26",
        "1.26.0",
        "1.27",
        "1.27.0",
        "1.27.1",
        "1.27.4",
        "1.28",
        "1.28.0",
        "1.29",
        "1.29.0",
        "1-alpine",
        "1.25-alpine",
        "1.26-alpine",
        "1.27-alpine",
        "1.28-alpine",
        "1.29-alpine",
    ],
    make,
};

fn make(tag: &str) -> Image {
    let version = match tag.trim_end_matches("-alpine") {
        "latest" | "mainline" | "alpine" | "perl" | "1" => "1.29.0",
        "stable" => "1.28.0",
        other => other,
    };
    let version = if version.split('.').count() == 2 { format!("{version}.0") } else { version.to_string() };
    let alpine = tag.contains("alpine");
    let mut files = if alpine { base::busybox() } else { base::debian() };
    base::add(&mut files, &["curl"]);
    files.put("/usr/share/nginx/html/index.html", WELCOME);
    files.put("/usr/share/nginx/html/50x.html", "<html><body>An error occurred.</body></html>\n");
    files.put("/etc/nginx/nginx.conf", CONFIG);
    files.put("/etc/nginx/conf.d/default.conf", DEFAULT_CONF);
    files.make_dirs("/docker-entrypoint.d");
    files.make_dirs("/var/log/nginx");
    files.install("/docker-entrypoint.sh", |_| Box::new(Entrypoint));
    files.install("/usr/sbin/nginx", |_| Box::new(Nginx::default()));
    let (size, flavor) = if alpine { (20_989_000, Flavor::Busybox) } else { (72_223_946, Flavor::Gnu) };
    Image::new(size, files, flavor, &["/docker-entrypoint.sh"], &["nginx", "-g", "daemon off;"])
        .with_env("NGINX_VERSION", &version)
}

/// Prints what the image's start script prints, and becomes its arguments.
#[derive(Clone)]
struct Entrypoint;

impl Program for Entrypoint {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        let argv = os.argv()[1..].to_vec();
        if argv.first().is_some_and(|a| a == "nginx") {
            os.print(START_SCRIPT);
        }
        match os.exec(&argv) {
            Ok(()) => Step::Yield,
            Err(_) => {
                let name = argv.first().cloned().unwrap_or_default();
                os.eprint(&format!("/docker-entrypoint.sh: line 47: exec: {name}: not found\n"));
                Step::Exit(127)
            }
        }
    }
}

#[derive(Clone, Default)]
struct Nginx {
    started: bool,
    stop: Stop,
    /// (port, directory of its files)
    servers: Vec<(u16, String)>,
}

impl Program for Nginx {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        if self.stop.wanted() {
            return Step::Exit(0);
        }
        if !self.started
            && let Err(code) = self.start(os)
        {
            return Step::Exit(code);
        }
        for (port, root) in self.servers.clone() {
            server::serve(os, port, &mut |os, request, peer| {
                let response = respond(os, &root, request);
                os.print(&(server::access_line(os.now(), peer, request, &response) + " \"-\"\n"));
                response
            });
        }
        WAIT
    }

    fn dies_of(&mut self, signal: Signal) -> bool {
        self.stop.signal(signal)
    }
}

impl Nginx {
    fn start(&mut self, os: &mut Os<'_>) -> Result<(), i32> {
        let version = os.var("NGINX_VERSION").to_string();
        if os.argv().iter().any(|a| a == "-v") {
            os.eprint(&format!("nginx version: nginx/{version}\n"));
            return Err(0);
        }
        let stamp = apimachinery::time::format(os.now()).replace('-', "/").replace('T', " ");
        let stamp = stamp.trim_end_matches('Z').to_string();
        self.started = true;
        self.servers = configured(os);
        for (port, _) in &self.servers {
            if !os.listen(*port) {
                os.eprint(&format!(
                    "{stamp} [emerg] {pid}#{pid}: bind() to 0.0.0.0:{port} failed (98: Address already in use)\n",
                    pid = os.pid().0
                ));
                return Err(1);
            }
        }
        os.claim_memory(3 << 20);
        for line in [
            "using the \"epoll\" event method".to_string(),
            format!("nginx/{version}"),
            "start worker processes".into(),
            "start worker process 29".into(),
        ] {
            os.eprint(&format!("{stamp} [notice] 1#1: {line}\n"));
        }
        Ok(())
    }
}

/// The ports and directories of `/etc/nginx/conf.d`: of each server the first `listen` and `root`.
fn configured(os: &Os<'_>) -> Vec<(u16, String)> {
    let mut servers = Vec::new();
    let names = os.files().list("/etc/nginx/conf.d").unwrap_or_default();
    for (name, _) in names.iter().filter(|(n, _)| n.ends_with(".conf")) {
        let text = os.files().read(&format!("/etc/nginx/conf.d/{name}")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        for block in text.split("server {").skip(1) {
            let value = |key: &str| {
                let words =
                    |l: &str| l.trim().strip_prefix(key).map(|r| r.trim().trim_end_matches(';').to_string());
                block.lines().find_map(words)
            };
            let listen = value("listen ").unwrap_or_default();
            let port = listen.split([' ', ':']).find_map(|w| w.parse().ok()).unwrap_or(80);
            let root = value("root ").unwrap_or_else(|| "/usr/share/nginx/html".into());
            servers.push((port, root.split_whitespace().next().unwrap_or("").to_string()));
        }
    }
    servers
}

fn respond(os: &Os<'_>, root: &str, request: &HttpRequest) -> HttpResponse {
    let path = server::path(request);
    let mut file = format!("{root}{path}");
    if file.ends_with('/') {
        file += "index.html";
    }
    let version = os.var("NGINX_VERSION").to_string();
    let mut response = match os.files().read(&file) {
        _ if !matches!(request.method.as_str(), "GET" | "HEAD") => page(405, "Not Allowed", &version),
        _ if path.contains("/../") => page(400, "Bad Request", &version),
        Ok(bytes) => HttpResponse::new(200, server::content_type(&file), bytes.to_vec()),
        Err(_) if path.ends_with('/') && os.files().exists(&format!("{root}{path}")) => {
            page(403, "Forbidden", &version)
        }
        Err(_) => page(404, "Not Found", &version),
    };
    response.headers.insert(0, ("Server".into(), format!("nginx/{version}")));
    response
}

fn page(status: u16, text: &str, version: &str) -> HttpResponse {
    let body = format!(
        "<html>\r\n<head><title>{status} {text}</title></head>\r\n<body>\r\n<center><h1>{status} {text}</h1></center>\r\n\
         <hr><center>nginx/{version}</center>\r\n</body>\r\n</html>\r\n"
    );
    HttpResponse::new(status, "text/html", body)
}

const START_SCRIPT: &str = "\
/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration
/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/
/docker-entrypoint.sh: Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh
10-listen-on-ipv6-by-default.sh: info: Getting the checksum of /etc/nginx/conf.d/default.conf
10-listen-on-ipv6-by-default.sh: info: Enabled listen on IPv6 in /etc/nginx/conf.d/default.conf
/docker-entrypoint.sh: Sourcing /docker-entrypoint.d/15-local-resolvers.envsh
/docker-entrypoint.sh: Launching /docker-entrypoint.d/20-envsubst-on-templates.sh
/docker-entrypoint.sh: Launching /docker-entrypoint.d/30-tune-worker-processes.sh
/docker-entrypoint.sh: Configuration complete; ready for start up
";

const WELCOME: &str = "\
<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>

<p>For online documentation and support please refer to
<a href=\"http://nginx.org/\">nginx.org</a>.<br/>
Commercial support is available at
<a href=\"http://nginx.com/\">nginx.com</a>.</p>

<p><em>Thank you for using nginx.</em></p>
</body>
</html>
";

const CONFIG: &str =
    "user  nginx;\nworker_processes  auto;\n\nhttp {\n    include /etc/nginx/conf.d/*.conf;\n}\n";

const DEFAULT_CONF: &str = "\
server {
    listen       80;
    server_name  localhost;

    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }
}
";
