//! nginx: serves `/usr/share/nginx/html`, writes its access log to standard output, stops at once, and can be told to by
//! `nginx -s`.

use super::server::{self, WAIT};
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

/// Where the number of the running nginx stands.
const PID_FILE: &str = "/run/nginx.pid";
/// The number of the first worker process: the start script has used those before.
const FIRST_WORKER: u32 = 29;

fn make(tag: &str) -> Image {
    let version = match tag.trim_end_matches("-alpine") {
        "latest" | "mainline" | "alpine" | "perl" | "1" => "1.29.0",
        "stable" => "1.28.0",
        other => other,
    };
    let version = if version.split('.').count() == 2 { format!("{version}.0") } else { version.to_string() };
    let alpine = tag.contains("alpine");
    let mut files = if alpine { base::alpine() } else { base::debian() };
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
        .with_stop_signal(stop_signal(&version))
}

/// The images say SIGQUIT since 1.20, and said SIGTERM before.
fn stop_signal(version: &str) -> Signal {
    let minor = version.split('.').nth(1).and_then(|n| n.parse::<u32>().ok());
    if minor.is_some_and(|minor| minor < 20) { Signal::Term } else { Signal::Quit }
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
    /// The signal that came and was not looked at yet.
    signal: Option<Signal>,
    /// The number of the worker process; each one that follows has a higher one.
    worker: u32,
    /// (port, directory of its files)
    servers: Vec<(u16, String)>,
}

impl Program for Nginx {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        match self.signal.take() {
            Some(Signal::Hup) => self.reload(os),
            Some(signal) => return self.end(os, signal),
            None => {}
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
        if matches!(signal, Signal::Quit | Signal::Term | Signal::Int | Signal::Hup) {
            self.signal = Some(signal);
            return false;
        }
        matches!(signal, Signal::Kill | Signal::Segv | Signal::Abrt)
    }
}

/// A line of the error log, of the master or another process.
fn notice(os: &mut Os<'_>, pid: u32, text: &str) {
    let stamp = apimachinery::time::format(os.now()).replace('-', "/").replace('T', " ");
    os.eprint(&format!("{} [notice] {pid}#{pid}: {text}\n", stamp.trim_end_matches('Z')));
}

/// `nginx -s quit|stop|reload|reopen`: a signal to the one that runs, whose number its file tells.
fn tell(os: &mut Os<'_>, word: &str) -> i32 {
    let signal = match word {
        "quit" => Signal::Quit,
        "stop" => Signal::Term,
        "reload" => Signal::Hup,
        "reopen" => Signal::Usr1,
        other => {
            os.eprint(&format!("nginx: invalid option: \"-s {other}\"\n"));
            return 1;
        }
    };
    let own = os.pid().0;
    notice(os, own, "signal process started");
    let Ok(text) = os.read_file(PID_FILE) else {
        os.eprint(&format!("nginx: [error] open() \"{PID_FILE}\" failed (2: No such file or directory)\n"));
        return 1;
    };
    let text = String::from_utf8_lossy(&text).trim().to_string();
    let Ok(pid) = text.parse() else {
        os.eprint(&format!("nginx: [error] invalid PID number \"{text}\" in \"{PID_FILE}\"\n"));
        return 1;
    };
    if os.kill(userland::Pid(pid), signal) {
        return 0;
    }
    os.eprint(&format!("nginx: [error] kill({pid}, {}) failed (3: No such process)\n", signal as i32));
    1
}

impl Nginx {
    fn start(&mut self, os: &mut Os<'_>) -> Result<(), i32> {
        let version = os.var("NGINX_VERSION").to_string();
        if os.argv().iter().any(|a| a == "-v") {
            os.eprint(&format!("nginx version: nginx/{version}\n"));
            return Err(0);
        }
        if let Some(at) = os.argv().iter().position(|a| a == "-s") {
            let word = os.argv().get(at + 1).cloned().unwrap_or_default();
            return Err(tell(os, &word));
        }
        let stamp = apimachinery::time::format(os.now()).replace('-', "/").replace('T', " ");
        let stamp = stamp.trim_end_matches('Z').to_string();
        self.started = true;
        self.worker = FIRST_WORKER;
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
        let pid = os.pid().0;
        // Without a place for its number it runs all the same.
        let _ = os.write_file(PID_FILE, format!("{pid}\n").as_bytes());
        for line in [
            "using the \"epoll\" event method".to_string(),
            format!("nginx/{version}"),
            "start worker processes".into(),
            format!("start worker process {}", self.worker),
        ] {
            notice(os, pid, &line);
        }
        Ok(())
    }

    /// Reads its configuration again: a new worker serves, the old one ends.
    fn reload(&mut self, os: &mut Os<'_>) {
        let (master, old) = (os.pid().0, self.worker);
        self.worker += 1;
        let new = format!("start worker process {}", self.worker);
        let begin = ["signal 1 (SIGHUP) received, reconfiguring", "reconfiguring"];
        let begin =
            begin.into_iter().chain(["using the \"epoll\" event method", "start worker processes", &new]);
        begin.for_each(|text| notice(os, master, text));
        for (port, _) in std::mem::take(&mut self.servers) {
            os.unlisten(port);
        }
        self.servers = configured(os);
        for (port, _) in &self.servers {
            os.listen(*port);
        }
        worker_ends(os, old, true);
    }

    /// Ends, after what is under way with SIGQUIT, at once with the others.
    fn end(&mut self, os: &mut Os<'_>, signal: Signal) -> Step {
        let master = os.pid().0;
        let how = match signal {
            Signal::Quit => "signal 3 (SIGQUIT) received, shutting down",
            Signal::Int => "signal 2 (SIGINT) received, exiting",
            _ => "signal 15 (SIGTERM) received, exiting",
        };
        notice(os, master, how);
        worker_ends(os, self.worker, signal == Signal::Quit);
        notice(os, master, "exit");
        Step::Exit(0)
    }
}

/// What a worker says that is told to end, and its master of it.
fn worker_ends(os: &mut Os<'_>, worker: u32, gracefully: bool) {
    if gracefully {
        notice(os, worker, "gracefully shutting down");
    }
    notice(os, worker, "exiting");
    notice(os, worker, "exit");
    let master = os.pid().0;
    notice(os, master, &format!("signal 17 (SIGCHLD) received from {worker}"));
    notice(os, master, &format!("worker process {worker} exited with code 0"));
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
