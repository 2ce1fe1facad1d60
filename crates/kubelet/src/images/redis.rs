//! Redis: the commands of tutorials, over plain connections, in Redis' own protocol or as plain lines; and redis-cli.

use super::server::{Stop, WAIT};
use super::{Definition, Image, base};
use sim::collections::BTreeMap;
use sim::net::{self, Payload, Request, RequestId, Response};
use sim::{Duration, Time};
use std::collections::VecDeque;
use userland::{Flavor, Os, Program, Read, Signal, Step};

pub(super) const IMAGE: Definition = Definition {
    repositories: &["docker.io/library/redis"],
    tags: &[
        "latest",
        "alpine",
        "3.2",
        "5",
        "5.0",
        "5.0.4",
        "6",
        "6.0",
        "6.0.5",
        "6.2",
        "7",
        "7.0",
        "7.2",
        "7.4",
        "8",
        "8.0",
        "6-alpine",
        "7-alpine",
        "7.2-alpine",
        "7.4-alpine",
        "8-alpine",
    ],
    make: |tag| {
        let alpine = tag.contains("alpine");
        let mut files = if alpine { base::alpine() } else { base::debian() };
        files.install("/usr/local/bin/redis-server", |_| Box::new(Redis::default()));
        files.install("/usr/local/bin/redis-cli", |_| Box::new(Client::default()));
        files.install("/usr/local/bin/docker-entrypoint.sh", |_| Box::new(Entrypoint));
        files.make_dirs("/data");
        let (size, flavor) = if alpine { (16_900_000, Flavor::Busybox) } else { (49_511_542, Flavor::Gnu) };
        let version = match tag.split(['-', '.']).next() {
            Some("6") => "6.2.19",
            Some("5") => "5.0.14",
            Some("3") => "3.2.12",
            Some("8") => "8.0.2",
            _ => "7.4.5",
        };
        let mut image = Image::new(size, files, flavor, &["docker-entrypoint.sh"], &["redis-server"])
            .with_env("REDIS_VERSION", version);
        image.working_dir = "/data".into();
        image
    },
};

/// Keys that a server holds; more are refused, as with `maxmemory`.
const MAX_KEYS: usize = 10_000;
/// The longest value in bytes.
const MAX_VALUE: usize = 1 << 20;

/// `docker-entrypoint.sh`: options are the server's.
#[derive(Clone)]
struct Entrypoint;

impl Program for Entrypoint {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        let mut argv = os.argv()[1..].to_vec();
        if argv.first().is_none_or(|a| a.starts_with('-') || a.ends_with(".conf")) {
            argv.insert(0, "redis-server".into());
        }
        match os.exec(&argv) {
            Ok(()) => Step::Yield,
            Err(_) => Step::Exit(127),
        }
    }
}

#[derive(Clone, Debug)]
enum Entry {
    Text(Vec<u8>),
    List(VecDeque<Vec<u8>>),
    Hash(BTreeMap<String, Vec<u8>>),
}

#[derive(Clone, Default)]
struct Redis {
    port: Option<u16>,
    stop: Stop,
    /// What `--requirepass` says.
    password: Option<String>,
    keys: BTreeMap<String, (Entry, Option<Time>)>,
}

/// `23 Nov 2026 02:24:55.811`.
fn stamp(now: Time) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = apimachinery::time::format(now);
    let month = text[5..7].parse::<usize>().unwrap_or(1);
    let millis = now.as_micros() / 1000 % 1000;
    format!("{} {} {} {}.{millis:03}", &text[8..10], MONTHS[month - 1], &text[..4], &text[11..19])
}

impl Program for Redis {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        let now = os.now();
        if self.stop.wanted() {
            os.print(&format!(
                "1:signal-handler ({}) Received SIGTERM scheduling shutdown...\n\
                 1:M {1} * User requested shutdown...\n1:M {1} * Redis is now ready to exit, bye bye...\n",
                now.as_secs(),
                stamp(now)
            ));
            return Step::Exit(0);
        }
        let port = match self.port {
            Some(port) => port,
            None => {
                let argv = os.argv();
                let option = |name: &str| argv.iter().position(|a| a == name).and_then(|i| argv.get(i + 1));
                let port = option("--port").and_then(|p| p.parse().ok()).unwrap_or(6379);
                self.password = option("--requirepass").filter(|p| !p.is_empty()).cloned();
                let (version, at) = (os.var("REDIS_VERSION").to_string(), stamp(now));
                self.port = Some(port);
                os.listen(port);
                os.claim_memory(8 << 20);
                os.print(&format!(
                    "1:C {at} * oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo\n\
                     1:C {at} * Redis version={version}, bits=64, commit=00000000, modified=0, pid=1, just started\n\
                     1:M {at} * Running mode=standalone, port={port}.\n1:M {at} * Server initialized\n\
                     1:M {at} * Ready to accept connections tcp\n"
                ));
                port
            }
        };
        while let Some((id, payload, _)) = os.accept(port) {
            let answer = match payload {
                Payload::Bytes(bytes) => Ok(Response::Bytes(self.converse(&bytes, now))),
                Payload::Connect => Ok(Response::Connected),
                // HTTP to Redis: it closes the connection.
                _ => Err(net::Error::EmptyReply),
            };
            os.answer(id, answer);
        }
        WAIT
    }

    fn dies_of(&mut self, signal: Signal) -> bool {
        self.stop.signal(signal)
    }
}

impl Redis {
    /// Answers every command of a message, which is a connection of its own: with a password it begins with AUTH.
    fn converse(&mut self, bytes: &[u8], now: Time) -> Vec<u8> {
        let mut out = Vec::new();
        let mut allowed = self.password.is_none();
        for command in commands(bytes).into_iter().filter(|c| !c.is_empty()) {
            let name = String::from_utf8_lossy(&command[0]).to_ascii_uppercase();
            out.extend(match name.as_str() {
                "AUTH" => self.auth(&command[1..], &mut allowed),
                "QUIT" => simple("OK"),
                _ if !allowed => error("NOAUTH Authentication required."),
                _ => self.command(&command, now),
            });
        }
        out
    }

    /// `AUTH [USER] PASSWORD`. Mirrors authCommand.
    fn auth(&self, words: &[Vec<u8>], allowed: &mut bool) -> Vec<u8> {
        let text = |word: &Vec<u8>| String::from_utf8_lossy(word).into_owned();
        let (user, given) = match words {
            [given] => ("default".to_string(), text(given)),
            [user, given] => (text(user), text(given)),
            [] => return error("ERR wrong number of arguments for 'auth' command"),
            _ => return error("ERR syntax error"),
        };
        match &self.password {
            None if words.len() == 1 => error(
                "ERR AUTH <password> called without any password configured for the default user. Are you sure your \
                 configuration is correct?",
            ),
            // Without a password the default user has any.
            None if user == "default" => simple("OK"),
            Some(password) if user == "default" && *password == given => {
                *allowed = true;
                simple("OK")
            }
            _ => error("WRONGPASS invalid username-password pair or user is disabled."),
        }
    }

    fn command(&mut self, words: &[Vec<u8>], now: Time) -> Vec<u8> {
        let text =
            |i: usize| words.get(i).map(|w| String::from_utf8_lossy(w).into_owned()).unwrap_or_default();
        let name = text(0).to_ascii_uppercase();
        let key = text(1);
        let arguments = words.len() - 1;
        self.keys.retain(|_, (_, until)| until.is_none_or(|at| at > now));
        let least = match name.as_str() {
            "PING" | "DBSIZE" | "FLUSHALL" | "FLUSHDB" | "INFO" | "QUIT" | "COMMAND" | "CLIENT"
            | "CONFIG" | "HELLO" | "SAVE" | "BGSAVE" => 0,
            "SET" | "APPEND" | "LPUSH" | "RPUSH" | "INCRBY" | "DECRBY" | "EXPIRE" | "HGET" | "HDEL" => 2,
            "HSET" | "LRANGE" | "SETEX" => 3,
            _ => 1,
        };
        if arguments < least {
            return error(&format!("ERR wrong number of arguments for '{}' command", name.to_lowercase()));
        }
        match name.as_str() {
            "PING" if arguments == 0 => simple("PONG"),
            "PING" | "ECHO" => bulk(Some(&words[1])),
            "SELECT" | "CLIENT" | "CONFIG" | "SAVE" => simple("OK"),
            "BGSAVE" => simple("Background saving started"),
            "COMMAND" => array(&[]),
            "FLUSHALL" | "FLUSHDB" => {
                self.keys.clear();
                simple("OK")
            }
            "DBSIZE" => integer(self.keys.len() as i64),
            "INFO" => bulk(Some(b"# Server\r\nredis_mode:standalone\r\n# Replication\r\nrole:master\r\nconnected_slaves:0\r\n")),
            "EXISTS" => integer(words[1..].iter().filter(|k| self.has(k)).count() as i64),
            "DEL" | "UNLINK" => {
                let gone = words[1..].iter().filter(|k| self.keys.remove(&*String::from_utf8_lossy(k)).is_some());
                integer(gone.count() as i64)
            }
            "KEYS" => {
                let keys = self.keys.keys().filter(|k| matches(&key, k)).map(|k| k.clone().into_bytes());
                array(&keys.collect::<Vec<_>>())
            }
            "TYPE" => simple(match self.keys.get(&key).map(|e| &e.0) {
                None => "none",
                Some(Entry::Text(_)) => "string",
                Some(Entry::List(_)) => "list",
                Some(Entry::Hash(_)) => "hash",
            }),
            "TTL" => integer(match self.keys.get(&key) {
                None => -2,
                Some((_, None)) => -1,
                Some((_, Some(at))) => at.since(now).as_secs() as i64,
            }),
            "EXPIRE" => match (self.keys.get_mut(&key), text(2).parse::<u64>()) {
                (Some(entry), Ok(seconds)) => {
                    entry.1 = Some(now + Duration::from_secs(seconds));
                    integer(1)
                }
                _ => integer(0),
            },
            _ => self.data(&name, &key, words, now),
        }
    }

    fn has(&self, key: &[u8]) -> bool {
        self.keys.contains_key(&*String::from_utf8_lossy(key))
    }

    /// Commands on one key's value.
    fn data(&mut self, name: &str, key: &str, words: &[Vec<u8>], now: Time) -> Vec<u8> {
        let number = |i: usize| words.get(i).and_then(|w| String::from_utf8_lossy(w).parse::<i64>().ok());
        let full = self.keys.len() >= MAX_KEYS && !self.keys.contains_key(key);
        let too_long = words.iter().any(|w| w.len() > MAX_VALUE);
        if full || too_long {
            return error("OOM command not allowed when used memory > 'maxmemory'.");
        }
        let wrong = || error("WRONGTYPE Operation against a key holding the wrong kind of value");
        let entry = self.keys.get_mut(key).map(|e| &mut e.0);
        match (name, entry) {
            ("SET" | "SETEX", _) => {
                let (value, seconds) = match name {
                    "SETEX" => (words[3].clone(), number(2)),
                    _ => {
                        let ex = words.iter().position(|w| w.eq_ignore_ascii_case(b"EX"));
                        (words[2].clone(), ex.and_then(|i| number(i + 1)))
                    }
                };
                let until = seconds.map(|s| now + Duration::from_secs(s.max(0) as u64));
                self.keys.insert(key.into(), (Entry::Text(value), until));
                simple("OK")
            }
            ("GET", None) => bulk(None),
            ("GET", Some(Entry::Text(value))) => bulk(Some(value)),
            ("STRLEN", Some(Entry::Text(value))) => integer(value.len() as i64),
            ("APPEND", Some(Entry::Text(value))) => {
                value.extend_from_slice(&words[2]);
                integer(value.len() as i64)
            }
            ("APPEND", None) => {
                self.keys.insert(key.into(), (Entry::Text(words[2].clone()), None));
                integer(words[2].len() as i64)
            }
            ("INCR" | "DECR" | "INCRBY" | "DECRBY", old) => {
                let by = if name.ends_with("BY") { number(2) } else { Some(1) };
                let old = match old {
                    None => Some(0),
                    Some(Entry::Text(v)) => String::from_utf8_lossy(v).parse::<i64>().ok(),
                    Some(_) => return wrong(),
                };
                let (Some(old), Some(by)) = (old, by) else {
                    return error("ERR value is not an integer or out of range");
                };
                let new =
                    if name.starts_with("INCR") { old.saturating_add(by) } else { old.saturating_sub(by) };
                let until = self.keys.get(key).and_then(|e| e.1);
                self.keys.insert(key.into(), (Entry::Text(new.to_string().into_bytes()), until));
                integer(new)
            }
            ("LPUSH" | "RPUSH", None | Some(Entry::List(_))) => {
                let list =
                    self.keys.entry(key.into()).or_insert_with(|| (Entry::List(VecDeque::new()), None));
                let Entry::List(list) = &mut list.0 else { return wrong() };
                for word in &words[2..] {
                    if name == "LPUSH" { list.push_front(word.clone()) } else { list.push_back(word.clone()) }
                }
                integer(list.len() as i64)
            }
            ("LPOP", Some(Entry::List(list))) => bulk(list.pop_front().as_deref()),
            ("RPOP", Some(Entry::List(list))) => bulk(list.pop_back().as_deref()),
            ("LLEN", Some(Entry::List(list))) => integer(list.len() as i64),
            ("LRANGE", Some(Entry::List(list))) => {
                let n = list.len() as i64;
                let at = |i: i64| if i < 0 { (n + i).max(0) } else { i.min(n) };
                let (from, to) = (at(number(2).unwrap_or(0)), at(number(3).unwrap_or(-1)));
                let part = list.iter().skip(from as usize).take((to + 1 - from).max(0) as usize);
                array(&part.cloned().collect::<Vec<_>>())
            }
            ("HSET", None | Some(Entry::Hash(_))) => {
                let hash =
                    self.keys.entry(key.into()).or_insert_with(|| (Entry::Hash(BTreeMap::new()), None));
                let Entry::Hash(hash) = &mut hash.0 else { return wrong() };
                let field = |w: &[Vec<u8>]| String::from_utf8_lossy(&w[0]).into_owned();
                let new =
                    words[2..].chunks_exact(2).filter(|w| hash.insert(field(w), w[1].clone()).is_none());
                integer(new.count() as i64)
            }
            ("HGET", Some(Entry::Hash(hash))) => {
                bulk(hash.get(&*String::from_utf8_lossy(&words[2])).map(Vec::as_slice))
            }
            ("HGETALL", Some(Entry::Hash(hash))) => {
                let pairs = hash.iter().flat_map(|(k, v)| [k.clone().into_bytes(), v.clone()]);
                array(&pairs.collect::<Vec<_>>())
            }
            ("LPOP" | "RPOP" | "HGET", None) => bulk(None),
            ("LLEN" | "STRLEN", None) => integer(0),
            ("LRANGE" | "HGETALL", None) => array(&[]),
            (
                "GET" | "STRLEN" | "APPEND" | "LPUSH" | "RPUSH" | "LPOP" | "RPOP" | "LLEN" | "LRANGE"
                | "HSET" | "HGET" | "HGETALL",
                _,
            ) => wrong(),
            _ => {
                let rest: String =
                    words[1..].iter().map(|w| format!("'{}' ", String::from_utf8_lossy(w))).collect();
                error(&format!(
                    "ERR unknown command '{}', with args beginning with: {rest}",
                    name.to_lowercase()
                ))
            }
        }
    }
}

/// A glob of `*` and `?`.
fn matches(pattern: &str, text: &str) -> bool {
    fn go(p: &[u8], t: &[u8]) -> bool {
        match (p.first(), t.first()) {
            (None, None) => true,
            (Some(b'*'), _) => go(&p[1..], t) || (!t.is_empty() && go(p, &t[1..])),
            (Some(b'?'), Some(_)) => go(&p[1..], &t[1..]),
            (Some(a), Some(b)) if a == b => go(&p[1..], &t[1..]),
            _ => false,
        }
    }
    pattern.len() <= 64 && go(pattern.as_bytes(), text.as_bytes())
}

fn simple(text: &str) -> Vec<u8> {
    format!("+{text}\r\n").into_bytes()
}

fn error(text: &str) -> Vec<u8> {
    format!("-{text}\r\n").into_bytes()
}

fn integer(n: i64) -> Vec<u8> {
    format!(":{n}\r\n").into_bytes()
}

fn bulk(value: Option<&[u8]>) -> Vec<u8> {
    let Some(value) = value else { return b"$-1\r\n".to_vec() };
    [format!("${}\r\n", value.len()).as_bytes(), value, b"\r\n"].concat()
}

fn array(items: &[Vec<u8>]) -> Vec<u8> {
    let mut out = format!("*{}\r\n", items.len()).into_bytes();
    items.iter().for_each(|i| out.extend(bulk(Some(i))));
    out
}

fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|b| *b == b'\n')?;
    Some((bytes[..end].strip_suffix(b"\r").unwrap_or(&bytes[..end]), &bytes[end + 1..]))
}

/// The commands of a message: arrays of bulk strings, or plain lines.
fn commands(mut bytes: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        if bytes[0] != b'*' {
            let (text, rest) = line(bytes).unwrap_or((bytes, &[]));
            bytes = rest;
            let words: Vec<Vec<u8>> =
                words(&String::from_utf8_lossy(text)).into_iter().map(String::into_bytes).collect();
            if !words.is_empty() {
                out.push(words);
            }
            continue;
        }
        let Some((head, mut rest)) = line(bytes) else { break };
        let count: usize = String::from_utf8_lossy(&head[1..]).parse().unwrap_or(0);
        let mut words = Vec::new();
        for _ in 0..count.min(10_000) {
            let Some((head, after)) = line(rest) else { return out };
            let length: usize =
                String::from_utf8_lossy(head.get(1..).unwrap_or_default()).parse().unwrap_or(0);
            if after.len() < length {
                return out;
            }
            words.push(after[..length].to_vec());
            rest = after[length..].strip_prefix(b"\r\n").unwrap_or(&after[length..]);
        }
        bytes = rest;
        if !words.is_empty() {
            out.push(words);
        }
    }
    out
}

/// Splits a line at blanks; quotes hold words together.
fn words(text: &str) -> Vec<String> {
    let (mut out, mut word, mut quote, mut open) = (Vec::new(), String::new(), None, false);
    for c in text.chars() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '"' | '\'') => (quote, open) = (Some(c), true),
            (None, c) if c.is_whitespace() => {
                if open || !word.is_empty() {
                    out.push(std::mem::take(&mut word));
                }
                open = false;
            }
            (_, c) => word.push(c),
        }
    }
    if open || !word.is_empty() {
        out.push(word);
    }
    out
}

/// redis-cli: a command from its arguments, or lines from standard input.
#[derive(Clone, Default)]
struct Client {
    begun: bool,
    host: String,
    port: u16,
    once: bool,
    input: Vec<u8>,
    ended: bool,
    waiting: Option<RequestId>,
    /// The password that each connection begins with.
    password: Option<String>,
    /// The one that the command under way tries.
    tried: Option<String>,
}

impl Program for Client {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        if !std::mem::replace(&mut self.begun, true) {
            let argv = os.argv().to_vec();
            (self.host, self.port) = ("127.0.0.1".into(), 6379);
            let (mut rest, mut silent) = (1, false);
            while let Some(flag) = argv.get(rest).filter(|a| a.starts_with('-')) {
                let value = argv.get(rest + 1).cloned().unwrap_or_default();
                match flag.as_str() {
                    "-h" => self.host = value,
                    "-p" => self.port = value.parse().unwrap_or(6379),
                    "-a" => self.password = Some(value),
                    "--no-auth-warning" => {
                        silent = true;
                        rest += 1;
                        continue;
                    }
                    "-n" => {}
                    other => {
                        os.eprint(&format!("Unrecognized option or bad number of args for: '{other}'\n"));
                        return Step::Exit(1);
                    }
                }
                rest += 2;
            }
            if self.password.is_some() && !silent {
                os.eprint("Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n");
            } else {
                let known = os.var("REDISCLI_AUTH").to_string();
                self.password = self.password.take().or((!known.is_empty()).then_some(known));
            }
            self.once = argv.len() > rest;
            if self.once {
                self.send(os, &argv[rest..]);
            } else if os.is_tty(0) {
                self.prompt(os);
            }
        }
        loop {
            if let Some(id) = self.waiting {
                let Some(answer) = os.poll(id) else { return WAIT };
                self.waiting = None;
                let failed = self.show(os, answer);
                if self.once {
                    return Step::Exit(i32::from(failed));
                }
                if os.is_tty(0) {
                    self.prompt(os);
                }
            }
            if let Some((text, rest)) = line(&self.input).map(|(t, r)| (t.to_vec(), r.to_vec())) {
                self.input = rest;
                let words = words(&String::from_utf8_lossy(&text));
                match words.first().map(|w| w.to_ascii_lowercase()).as_deref() {
                    Some("exit" | "quit") => return Step::Exit(0),
                    Some(_) => self.send(os, &words),
                    None if os.is_tty(0) => self.prompt(os),
                    None => {}
                }
                continue;
            }
            if self.ended {
                return Step::Exit(0);
            }
            match os.read_stdin() {
                Read::Data(bytes) => self.input.extend(bytes),
                Read::Empty => return WAIT,
                Read::End => {
                    self.ended = true;
                    if !self.input.is_empty() {
                        self.input.push(b'\n');
                    }
                }
            }
        }
    }
}

impl Client {
    fn prompt(&self, os: &mut Os<'_>) {
        os.print(&format!("{}:{}> ", self.host, self.port));
    }

    /// Sends a command, after the password where one is known.
    fn send(&mut self, os: &mut Os<'_>, words: &[String]) {
        let message =
            |words: &[&str]| array(&words.iter().map(|w| w.as_bytes().to_vec()).collect::<Vec<_>>());
        let auth = words[0].eq_ignore_ascii_case("auth");
        self.tried = words.last().filter(|_| auth && words.len() > 1).cloned();
        let mut bytes = Vec::new();
        if let (Some(password), false) = (&self.password, auth) {
            bytes.extend(message(&["AUTH", password]));
        }
        bytes.extend(message(&words.iter().map(String::as_str).collect::<Vec<_>>()));
        let request = Request {
            host: self.host.clone(),
            port: self.port,
            payload: Payload::Bytes(bytes),
            timeout: None,
        };
        self.waiting = Some(os.send(request));
    }

    /// Prints an answer; says whether there was none.
    fn show(&mut self, os: &mut Os<'_>, answer: Result<Response, net::Error>) -> bool {
        match answer {
            Ok(Response::Bytes(bytes)) => {
                let mut rest = &bytes[..];
                let tty = os.is_tty(1);
                match self.tried.take() {
                    Some(password) if rest.starts_with(b"+OK") => self.password = Some(password),
                    None if self.password.is_some() => {
                        let first = reply(&mut rest, false, "");
                        if first.starts_with("WRONGPASS") || first.starts_with("ERR") {
                            os.eprint(&format!("AUTH failed: {first}"));
                        }
                    }
                    _ => {}
                }
                let text = reply(&mut rest, tty, "");
                os.print(&text);
                false
            }
            Ok(_) => true,
            Err(error) => {
                let why = match error {
                    net::Error::NoSuchHost { .. } => "Name or service not known".to_string(),
                    net::Error::ConnectionRefused => "Connection refused".into(),
                    net::Error::Timeout | net::Error::Unanswered => "Connection timed out".into(),
                    other => other.to_string(),
                };
                os.eprint(&format!("Could not connect to Redis at {}:{}: {why}\n", self.host, self.port));
                true
            }
        }
    }
}

/// One reply as redis-cli shows it: with marks on a terminal, plain otherwise.
fn reply(bytes: &mut &[u8], tty: bool, indent: &str) -> String {
    let Some((head, rest)) = line(bytes) else { return String::new() };
    let (kind, head) = (
        head.first().copied().unwrap_or(b'+'),
        String::from_utf8_lossy(head.get(1..).unwrap_or_default()).into_owned(),
    );
    *bytes = rest;
    match kind {
        b'-' if tty => format!("(error) {head}\n"),
        b':' if tty => format!("(integer) {head}\n"),
        b'$' => {
            let Ok(length) = head.parse::<usize>() else {
                return if tty { "(nil)\n".into() } else { "\n".into() };
            };
            let text = String::from_utf8_lossy(&rest[..length.min(rest.len())]).into_owned();
            *bytes = rest.get(length + 2..).unwrap_or_default();
            if tty { format!("{text:?}\n") } else { text + "\n" }
        }
        b'*' => {
            let count: usize = head.parse().unwrap_or(0);
            if count == 0 {
                return if tty { "(empty array)\n".into() } else { "\n".into() };
            }
            let mut out = String::new();
            for i in 1..=count {
                let mark =
                    if tty { format!("{}{i}) ", if i > 1 { indent } else { "" }) } else { String::new() };
                out += &mark;
                out += &reply(bytes, tty, &format!("{indent}   "));
            }
            out
        }
        _ => head + "\n",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_understood_in_both_forms() {
        let mut redis = Redis::default();
        let now = Time::from_secs(100);
        let mut say = |text: &str| String::from_utf8(redis.converse(text.as_bytes(), now)).unwrap();
        assert_eq!(say("PING\r\n"), "+PONG\r\n");
        assert_eq!(
            say("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\na b\r\nget k\nget none\n"),
            "+OK\r\n$3\r\na b\r\n$-1\r\n"
        );
        assert_eq!(
            say("incr n\nincrby n 5\nincr k"),
            ":1\r\n:6\r\n-ERR value is not an integer or out of range\r\n"
        );
        assert_eq!(
            say("rpush l a b\nlpush l z\nlrange l 0 -1"),
            ":2\r\n:3\r\n*3\r\n$1\r\nz\r\n$1\r\na\r\n$1\r\nb\r\n"
        );
        assert_eq!(say("get l"), "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n");
        assert_eq!(
            say("keys *\nset k"),
            "*3\r\n$1\r\nk\r\n$1\r\nl\r\n$1\r\nn\r\n-ERR wrong number of arguments for 'set' command\r\n"
        );
        redis.password = Some("p".into());
        let mut say = |text: &str| String::from_utf8(redis.converse(text.as_bytes(), now)).unwrap();
        assert_eq!(say("get k"), "-NOAUTH Authentication required.\r\n");
        assert!(say("auth x\nget k").starts_with("-WRONGPASS "));
        assert_eq!(say("auth p\nget k"), "+OK\r\n$3\r\na b\r\n");
        assert_eq!(say("auth default p\nping"), "+OK\r\n+PONG\r\n");
        let mut bytes = &b"*2\r\n$1\r\na\r\n:5\r\n"[..];
        assert_eq!(reply(&mut bytes, true, ""), "1) \"a\"\n2) (integer) 5\n");
        assert_eq!(words("set k \"a b\" ''"), ["set", "k", "a b", ""]);
    }
}
