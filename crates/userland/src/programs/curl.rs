//! `curl`: HTTP, with the words and exit codes of curl 7.88.

use super::net::{self, Url};
use crate::{Os, Program, Step};
use sim::Order;
use sim::net::{Error, HttpRequest, HttpResponse, Payload, RecordType, Request, RequestId, Response};
use sim::{Duration, Time};

/// Redirects that `-L` follows, as curl's default.
const MAX_REDIRECTS: usize = 50;
/// URLs of one call.
const MAX_URLS: usize = 100;
/// How long a connection is tried when nothing else is said, as Linux does.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(133);

/// Options: the letter or nothing, the long name, and whether a value follows.
const OPTIONS: &[(char, &str, bool)] = &[
    ('s', "silent", false),
    ('S', "show-error", false),
    ('i', "include", false),
    ('I', "head", false),
    ('v', "verbose", false),
    ('o', "output", true),
    ('O', "remote-name", false),
    ('w', "write-out", true),
    ('X', "request", true),
    ('d', "data", true),
    ('d', "data-ascii", true),
    ('B', "data-binary", true),
    ('r', "data-raw", true),
    ('U', "data-urlencode", true),
    ('J', "json", true),
    ('H', "header", true),
    ('A', "user-agent", true),
    ('e', "referer", true),
    ('b', "cookie", true),
    ('u', "user", true),
    ('k', "insecure", false),
    ('L', "location", false),
    ('m', "max-time", true),
    ('c', "connect-timeout", true),
    ('f', "fail", false),
    ('R', "retry", true),
    ('y', "retry-delay", true),
    ('q', "retry-connrefused", false),
    ('Q', "retry-all-errors", false),
    ('z', "resolve", true),
    ('G', "get", false),
    ('N', "no-buffer", false),
    ('4', "ipv4", false),
    ('Z', "cacert", true),
    ('E', "cert", true),
    ('K', "key", true),
    ('#', "progress-bar", false),
    ('P', "no-progress-meter", false),
    ('1', "http1.1", false),
    ('V', "version", false),
    ('h', "help", false),
    ('l', "url", true),
    ('t', "oauth2-bearer", true),
    ('F', "fail-with-body", false),
];

/// Letters that curl itself has; the others above stand for long names only.
const LETTERS: &str = "sSiIvoOwXdHAebukLmfGN4EV#h";

#[derive(Clone, Default)]
pub(super) struct Curl {
    begun: bool,
    options: Vec<(char, String)>,
    urls: Vec<String>,
    next: usize,
    url: Option<Url>,
    flight: Option<RequestId>,
    sent: Time,
    first_sent: Time,
    tries: usize,
    redirects: usize,
    /// Waits before the next try.
    pause: Option<Time>,
    code: i32,
    /// The address of the host, which `-v` shows.
    address: Option<String>,
    /// What `-v` says before the answer: only printed once there is one.
    verbose: String,
    /// Heads of answers that were followed.
    heads: Vec<u8>,
}

impl Curl {
    fn has(&self, letter: char) -> bool {
        self.options.iter().any(|(l, _)| *l == letter)
    }

    fn value(&self, letter: char) -> Option<&str> {
        self.options.iter().rev().find(|(l, _)| *l == letter).map(|(_, v)| v.as_str())
    }

    fn seconds(&self, letter: char) -> Option<Duration> {
        self.value(letter)?
            .parse::<f64>()
            .ok()
            .filter(|s| (0.0..1e9).contains(s))
            .map(Duration::from_secs_f64)
    }

    fn read_options(&mut self, os: &mut Os<'_>) -> Result<(), i32> {
        let argv = os.argv()[1..].to_vec();
        let mut args = argv.into_iter();
        let wrong = |os: &mut Os<'_>, text: String| {
            os.eprint(&format!(
                "curl: {text}\ncurl: try 'curl --help' or 'curl --manual' for more information\n"
            ));
            2
        };
        while let Some(arg) = args.next() {
            if let Some(long) = arg.strip_prefix("--") {
                let Some((letter, _, takes)) = OPTIONS.iter().find(|(_, n, _)| *n == long) else {
                    return Err(wrong(os, format!("option {arg}: is unknown")));
                };
                let value = if *takes { args.next() } else { Some(String::new()) };
                let Some(value) = value else {
                    return Err(wrong(os, format!("option {arg}: requires parameter")));
                };
                if *letter == 'l' {
                    self.urls.push(value)
                } else {
                    self.options.push((*letter, value))
                }
                continue;
            }
            let Some(letters) = arg.strip_prefix('-').filter(|l| !l.is_empty()) else {
                self.urls.push(arg);
                continue;
            };
            for (n, letter) in letters.char_indices() {
                let known = OPTIONS.iter().find(|(l, ..)| *l == letter && LETTERS.contains(letter));
                let Some((_, _, takes)) = known else {
                    return Err(wrong(os, format!("option {arg}: is unknown")));
                };
                let rest = &letters[n + letter.len_utf8()..];
                if !*takes {
                    self.options.push((letter, String::new()));
                    continue;
                }
                let value = if rest.is_empty() { args.next() } else { Some(rest.to_string()) };
                let Some(value) = value else {
                    return Err(wrong(os, format!("option -{letter}: requires parameter")));
                };
                self.options.push((letter, value));
                break;
            }
        }
        if self.has('V') {
            os.print("curl 7.88.1 (x86_64-pc-linux-gnu)\nProtocols: http https\n");
            return Err(0);
        }
        if self.has('h') {
            os.print("Usage: curl [options...] <url>\n");
            let mut names: Vec<String> = OPTIONS.iter().map(|(_, n, _)| format!("     --{n}\n")).collect();
            names.order();
            os.print(&names.concat());
            return Err(0);
        }
        if self.urls.is_empty() {
            os.eprint("curl: try 'curl --help' or 'curl --manual' for more information\n");
            return Err(2);
        }
        if self.urls.len() > MAX_URLS {
            return Err(wrong(os, format!("more than {MAX_URLS} URLs")));
        }
        Ok(())
    }

    fn complain(&mut self, os: &mut Os<'_>, code: i32, text: &str) {
        if !self.has('s') || self.has('S') {
            os.eprint(&format!("curl: ({code}) {text}\n"));
        }
        self.code = code;
    }

    /// Begins the next URL. `None`: there is no more.
    fn begin_url(&mut self, os: &mut Os<'_>) -> Option<()> {
        let text = self.urls.get(self.next)?.clone();
        self.next += 1;
        (self.tries, self.redirects) = (0, 0);
        self.address = None;
        self.heads.clear();
        self.first_sent = os.now();
        match Url::parse(&text) {
            Ok(url) => {
                self.url = Some(url);
                self.send(os);
            }
            Err(scheme) if scheme.is_empty() => {
                self.complain(os, 3, "URL using bad/illegal format or missing URL")
            }
            Err(scheme) => {
                let text = format!("Protocol \"{scheme}\" not supported or disabled in libcurl");
                self.complain(os, 1, &text);
            }
        }
        Some(())
    }

    /// The body that `-d` and its kin give, and its type.
    fn body(&mut self, os: &mut Os<'_>) -> Result<(Vec<u8>, Option<&'static str>), String> {
        let (mut body, mut kind) = (Vec::new(), None);
        for (letter, value) in self.options.clone().iter().filter(|(l, _)| "dBrUJ".contains(*l)) {
            kind =
                Some(if *letter == 'J' { "application/json" } else { "application/x-www-form-urlencoded" });
            if !body.is_empty() && *letter != 'J' {
                body.push(b'&');
            }
            match value.strip_prefix('@').filter(|_| *letter != 'r') {
                Some("-") => return Err("reading data from standard input is not supported".into()),
                Some(file) => match os.read_file(file) {
                    Ok(data) if *letter == 'd' => {
                        body.extend(data.iter().filter(|b| !matches!(b, b'\n' | b'\r')))
                    }
                    Ok(data) => body.extend(data.iter()),
                    Err(_) => return Err(format!("Failed to open {file}")),
                },
                None if *letter == 'U' => body.extend(encode(value).into_bytes()),
                None => body.extend(value.bytes()),
            }
        }
        Ok((body, kind))
    }

    fn send(&mut self, os: &mut Os<'_>) {
        let Some(mut url) = self.url.clone() else { return };
        let (mut body, kind) = match self.body(os) {
            Ok(body) => body,
            Err(text) => return self.complain(os, 26, &text),
        };
        if self.has('G') && !body.is_empty() {
            let mark = if url.path.contains('?') { '&' } else { '?' };
            url.path = format!("{}{mark}{}", url.path, String::from_utf8_lossy(&body));
            body = Vec::new();
        }
        if url.scheme == "https" && !self.has('k') && !self.has('Z') && is_private(&url.host) {
            let text = "SSL certificate problem: unable to get local issuer certificate\nMore details here: \
                        https://curl.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of the server and \
                        therefore could not\nestablish a secure connection to it. To learn more about this situation \
                        and\nhow to fix it, please visit the web page mentioned above.";
            return self.complain(os, 60, text);
        }
        let posts = kind.is_some() && !self.has('G');
        let method = match self.value('X') {
            Some(method) => method.to_string(),
            None if self.has('I') => "HEAD".into(),
            None if posts => "POST".into(),
            None => "GET".into(),
        };
        let headers = self.headers(&url, &body, kind.filter(|_| posts));
        let mut host = self.resolved(&url);
        self.sent = os.now();
        if self.has('v') {
            let Some(shown) = Some(&host).filter(|h| net::is_address(h)).or(self.address.as_ref()).cloned()
            else {
                self.flight = Some(net::lookup(os, &host, RecordType::A));
                return;
            };
            host = shown.clone();
            let mut text = format!("*   Trying {shown}:{}...\n", url.port);
            text.push_str(&format!("* Connected to {} ({shown}) port {} (#0)\n", url.host, url.port));
            text.push_str(&format!("> {method} {} HTTP/1.1\r\n", url.path));
            headers.iter().for_each(|(n, v)| text.push_str(&format!("> {n}: {v}\r\n")));
            text.push_str("> \r\n");
            self.verbose = text;
        }
        let request = HttpRequest { method, path: url.path.clone(), headers, body };
        let timeout = [self.seconds('c'), self.seconds('m')].into_iter().flatten().min();
        let timeout = Some(timeout.unwrap_or(CONNECT_TIMEOUT));
        self.flight =
            Some(os.send(Request { host, port: url.port, payload: Payload::Http(request), timeout }));
    }

    /// `--resolve host:port:address`
    fn resolved(&self, url: &Url) -> String {
        let entries = self.options.iter().filter(|(l, _)| *l == 'z');
        let mut parts = entries.map(|(_, v)| v.splitn(3, ':').collect::<Vec<_>>());
        let found = parts.find(|p| p.len() == 3 && p[0] == url.host && p[1] == url.port.to_string());
        found.map_or(url.host.clone(), |p| p[2].into())
    }

    fn headers(&self, url: &Url, body: &[u8], kind: Option<&str>) -> Vec<(String, String)> {
        let mut headers: Vec<(String, String)> = vec![
            ("Host".into(), url.authority()),
            ("User-Agent".into(), self.value('A').unwrap_or("curl/7.88.1").into()),
            ("Accept".into(), "*/*".into()),
        ];
        if let Some(user) = self.value('u').map(String::from).or(url.user.clone()) {
            headers.insert(
                1,
                ("Authorization".into(), format!("Basic {}", super::base64::encode(user.as_bytes()))),
            );
        }
        for (letter, name) in [('e', "Referer"), ('b', "Cookie")] {
            headers.extend(self.value(letter).map(|v| (name.to_string(), v.to_string())));
        }
        headers.extend(self.value('t').map(|v| ("Authorization".to_string(), format!("Bearer {v}"))));
        if let Some(kind) = kind {
            headers.push(("Content-Length".into(), body.len().to_string()));
            headers.push(("Content-Type".into(), kind.into()));
        }
        for (_, line) in self.options.iter().filter(|(l, _)| *l == 'H') {
            let Some((name, value)) = line.split_once(':') else { continue };
            let (name, value) = (name.trim(), value.trim());
            headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
            if value.is_empty() {
                continue;
            }
            // `Host` stays where it is looked for.
            let at = if name.eq_ignore_ascii_case("host") { 0 } else { headers.len() };
            headers.insert(at, (name.into(), value.into()));
        }
        headers
    }

    fn failed(&mut self, os: &mut Os<'_>, error: Error) {
        let Some(url) = self.url.clone() else { return };
        let elapsed = os.now().since(self.sent).as_millis();
        let limited = self.has('c') || self.has('m');
        let failed = format!(
            "Failed to connect to {} port {} after {elapsed} ms: Couldn't connect to server",
            url.host, url.port
        );
        let (code, text) = match &error {
            Error::NoSuchHost { .. } => (6, format!("Could not resolve host: {}", url.host)),
            Error::ConnectionRefused | Error::NoRoute => (7, failed),
            // Mirrors multi_handle_timeout of libcurl: the words tell whether there was a connection.
            Error::Timeout if limited => (28, format!("Connection timed out after {elapsed} milliseconds")),
            Error::Unanswered if limited => {
                (28, format!("Operation timed out after {elapsed} milliseconds with 0 bytes received"))
            }
            Error::Timeout | Error::Unanswered => (28, failed),
            Error::Reset => (56, "Recv failure: Connection reset by peer".into()),
            Error::EmptyReply => (52, "Empty reply from server".into()),
        };
        let again = code == 28 || code == 7 && self.has('q') || self.has('Q');
        if self.meter(os) {
            os.eprint(METER);
        }
        if self.has('v') {
            let at = self.address.as_ref().unwrap_or(&url.host);
            let mut tried = match code {
                6 => String::new(),
                _ => format!("*   Trying {at}:{}...\n", url.port),
            };
            if code == 7 {
                let why = if error == Error::NoRoute { "No route to host" } else { "Connection refused" };
                tried.push_str(&format!("* connect to {at} port {} failed: {why}\n", url.port));
            }
            os.eprint(&format!("{tried}* {text}\n"));
        }
        if self.meter(os) && code != 6 {
            os.eprint(&format!("\r{METER_ROW}\n"));
        }
        if self.has('v') {
            os.eprint("* Closing connection 0\n");
        }
        if again && self.may_retry() {
            self.complain(os, code, &text);
            let why = if code == 28 { "timeout" } else { "connection refused" };
            return self.retry(os, why);
        }
        self.complain(os, code, &text);
        self.write_out(os, None);
        self.url = None;
    }

    fn may_retry(&self) -> bool {
        self.tries < self.value('R').and_then(|r| r.parse().ok()).unwrap_or(0)
    }

    /// Tries again later, as `--retry` says.
    fn retry(&mut self, os: &mut Os<'_>, why: &str) {
        let most: usize = self.value('R').and_then(|r| r.parse().ok()).unwrap_or(0);
        let wait = self.seconds('y').unwrap_or(Duration::from_secs(1 << self.tries.min(9)));
        self.tries += 1;
        if !self.has('s') {
            let (left, seconds) = (most + 1 - self.tries, wait.as_secs());
            warn(os, &format!("Problem : {why}. Will retry in {seconds} seconds. {left} retries left."));
        }
        self.code = 0;
        self.pause = Some(os.now() + wait);
    }

    /// Whether the progress meter is shown: when the body goes to no terminal.
    fn meter(&self, os: &Os<'_>) -> bool {
        let quiet = ['s', '#', 'P'].into_iter().any(|l| self.has(l));
        !quiet && (!os.is_tty(1) || self.value('o').is_some() || self.has('O'))
    }

    fn answered(&mut self, os: &mut Os<'_>, response: HttpResponse) {
        let Some(url) = self.url.clone() else { return };
        let transient = matches!(response.status, 408 | 429 | 500 | 502 | 503 | 504);
        if transient && self.may_retry() {
            return self.retry(os, "HTTP error");
        }
        let head = net::head(&response);
        if self.has('v') {
            let mut text = std::mem::take(&mut self.verbose);
            head.lines().for_each(|l| text.push_str(&format!("< {l}\r\n")));
            os.eprint(&text);
        }
        if self.has('i') || self.has('I') {
            self.heads.extend(head.bytes());
        }
        let location =
            response.header("Location").filter(|_| self.has('L') && (300..400).contains(&response.status));
        if let Some(location) = location {
            self.redirects += 1;
            if self.redirects > MAX_REDIRECTS {
                self.url = None;
                return self.complain(os, 47, &format!("Maximum ({MAX_REDIRECTS}) redirects followed"));
            }
            match url.follow(location) {
                Ok(next) => {
                    self.address = self.address.take().filter(|_| next.host == url.host);
                    self.url = Some(next);
                }
                Err(_) => return self.complain(os, 3, "URL using bad/illegal format or missing URL"),
            }
            return self.send(os);
        }
        self.deliver(os, &url, &response);
        self.url = None;
    }

    fn deliver(&mut self, os: &mut Os<'_>, url: &Url, response: &HttpResponse) {
        let error = response.status >= 400 && (self.has('f') || self.has('F'));
        let mut out = std::mem::take(&mut self.heads);
        if !self.has('I') && (!error || self.has('F')) {
            out.extend(&response.body);
        }
        if self.meter(os) {
            let size = if self.has('I') { 0 } else { response.body.len() };
            let spent = os.now().since(self.first_sent).as_millis().max(1) as usize;
            let speed = size * 1000 / spent;
            os.eprint(&if error {
                format!("{METER}\r  0 {size:>5}    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0\n")
            } else {
                format!(
                "{METER}\r100 {size:>5}  100 {size:>5}    0     0 {speed:>6}      0 --:--:-- --:--:-- --:--:-- {speed:>5}\n"
            )
            });
        }
        if self.has('v') && !os.is_tty(1) && !response.body.is_empty() {
            os.eprint(&format!("{{ [{} bytes data]\n", response.body.len()));
        }
        let remote = url.path.split('?').next().and_then(|p| p.rsplit('/').next()).unwrap_or("").to_string();
        let file = if self.has('O') { Some(remote) } else { self.value('o').map(String::from) };
        match file.filter(|f| f != "-") {
            None => os.write(1, &out),
            Some(file) if file.is_empty() => self.complain(os, 23, "Remote file name has no length!"),
            Some(file) => {
                if os.write_file(&file, &out).is_err() {
                    if !self.has('s') {
                        os.eprint(&format!("Warning: Failed to open the file {file}: Permission denied\n"));
                    }
                    self.complain(os, 23, "Failure writing output to destination");
                }
            }
        }
        if self.has('v') {
            os.eprint(&format!("* Connection #0 to host {} left intact\n", url.host));
        }
        if error {
            self.complain(os, 22, &format!("The requested URL returned error: {}", response.status));
        }
        self.write_out(os, Some(response));
    }

    /// `-w`
    fn write_out(&mut self, os: &mut Os<'_>, response: Option<&HttpResponse>) {
        let Some(format) = self.value('w').map(String::from) else { return };
        let total = os.now().since(self.first_sent);
        let mut text = crate::shell::escape::unescape(&format, true).0;
        let size = response.map_or(0, |r| r.body.len());
        let values = [
            ("http_code", format!("{:03}", response.map_or(0, |r| r.status))),
            ("response_code", format!("{:03}", response.map_or(0, |r| r.status))),
            ("time_total", format!("{:.6}", total.as_secs_f64())),
            ("time_connect", format!("{:.6}", total.as_secs_f64() / 2.0)),
            ("time_starttransfer", format!("{:.6}", total.as_secs_f64())),
            ("size_download", size.to_string()),
            ("content_type", response.and_then(|r| r.header("Content-Type")).unwrap_or("").into()),
            (
                "url_effective",
                self.url
                    .as_ref()
                    .map_or(String::new(), |u| format!("{}://{}{}", u.scheme, u.authority(), u.path)),
            ),
            ("num_redirects", self.redirects.to_string()),
            ("exitcode", self.code.to_string()),
            ("errormsg", String::new()),
            ("method", self.value('X').unwrap_or("GET").into()),
        ];
        for (name, value) in values {
            text = text.replace(&format!("%{{{name}}}"), &value);
        }
        os.print(&text.replace("%%", "%"));
    }
}

/// The head of the progress meter and its first row.
const METER: &str = "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 \
                     Dload  Upload   Total   Spent    Left  Speed\n\r  0     0    0     0    0     0      0      0 \
                     --:--:-- --:--:-- --:--:--     0";
/// A row of it for nothing received.
const METER_ROW: &str = "  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0";

/// Writes a warning as curl does: in lines that fit the terminal, each with its `Warning: `.
fn warn(os: &mut Os<'_>, text: &str) {
    let mut rest = text;
    while !rest.is_empty() {
        let cut = match rest.char_indices().nth(70) {
            None => rest.len(),
            Some((end, _)) => rest[..end].rfind(' ').map_or(end, |n| n + 1),
        };
        os.eprint(&format!("Warning: {}\n", &rest[..cut]));
        rest = &rest[cut..];
    }
}

/// Whether a host's certificate would be signed by the cluster's own authority.
fn is_private(host: &str) -> bool {
    net::is_address(host) || host == "localhost" || host.starts_with("kubernetes") || host.ends_with(".local")
}

/// Percent-encoding of `--data-urlencode`; a name before `=` stays.
fn encode(text: &str) -> String {
    let (name, value) = text.split_once('=').map_or((None, text), |(n, v)| (Some(n), v));
    let mut out = name.filter(|n| !n.is_empty()).map_or(String::new(), |n| format!("{n}="));
    for b in value.bytes() {
        match b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
            true => out.push(b as char),
            false => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}

impl Program for Curl {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        if !self.begun {
            self.begun = true;
            if let Err(code) = self.read_options(os) {
                return Step::Exit(code);
            }
        }
        if let Some(at) = self.pause {
            if os.now() < at {
                return Step::Wait(Some(at));
            }
            self.pause = None;
            self.send(os);
        }
        if let Some(flight) = self.flight {
            let Some(answer) = os.poll(flight) else { return Step::Wait(None) };
            self.flight = None;
            match answer {
                Ok(Response::Http(response)) => self.answered(os, response),
                Ok(Response::Bytes(_)) => {
                    self.complain(os, 1, "Received HTTP/0.9 when not allowed");
                    self.url = None;
                }
                Ok(Response::Records { records, .. }) => {
                    match records.into_iter().rev().find(|r| r.kind == RecordType::A) {
                        Some(record) => {
                            self.address = Some(record.data);
                            self.send(os);
                        }
                        None => self.failed(os, Error::NoSuchHost { server: String::new() }),
                    }
                }
                Ok(_) => self.failed(os, Error::EmptyReply),
                Err(error) => self.failed(os, error),
            }
            return Step::Yield;
        }
        match self.begin_url(os) {
            Some(()) => Step::Yield,
            None => Step::Exit(self.code),
        }
    }
}
