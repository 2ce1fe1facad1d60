//! Command lines against a server that answers from data: what the real kubectl prints for the same answers.

use apimachinery::patch::merge_patch;
use apimachinery::rest::{AS_TABLE, Body, Method};
use apimachinery::{Request, Response, Status, Value, json};
use client::{Clock, Listener, LocalFuture, Network, Place, Stream, Transport};
use kubectl::{Editor, Env, FileError, FileKind, Files, Io, Output};
use sim::collections::BTreeMap;
use sim::{Duration, Time, net};
use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// A server of canned answers: `METHOD path` (`TABLE path` where the server's columns are asked for).
struct Canned(Value);

impl Canned {
    fn answer(&self, request: &Request) -> Response {
        let verb = match request.method {
            Method::Get if request.accept == AS_TABLE => "TABLE",
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        };
        let known = &self.0[format!("{verb} {}", request.path).as_str()];
        if !known.is_null() {
            let code = known["status_code"].as_i64().unwrap_or(200);
            return Response::json(code as u16, known);
        }
        let body = match &request.body {
            Body::Value(value) => value.clone(),
            _ => Value::Null,
        };
        match request.method {
            Method::Post => Response::json(201, body),
            Method::Patch => {
                let object = &self.0[format!("GET {}", request.path).as_str()];
                Response::json(200, merge_patch(object, &body))
            }
            _ => {
                let mut parts = request.path.rsplit('/');
                let (name, plural) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
                let group =
                    request.path.strip_prefix("/apis/").and_then(|p| p.split('/').next()).unwrap_or("");
                Status::not_found(group, plural, name).into()
            }
        }
    }
}

impl Transport for Canned {
    fn send(&self, request: Request) -> LocalFuture<'_, Result<Response, net::Error>> {
        let answer = self.answer(&request);
        Box::pin(async move { Ok(answer) })
    }
    fn open(&self, _: Request) -> LocalFuture<'_, Result<Box<dyn Stream>, Response>> {
        Box::pin(async { Err(Status::bad_request("no streams").into()) })
    }
}

/// The rest of the laptop.
struct Laptop {
    out: RefCell<[Vec<u8>; 2]>,
    files: RefCell<BTreeMap<String, Vec<u8>>>,
}

impl Io for Laptop {
    fn write(&self, to: Output, bytes: &[u8]) {
        self.out.borrow_mut()[usize::from(to == Output::Stderr)].extend_from_slice(bytes);
    }
    fn poll_read(&self) -> Poll<Option<Vec<u8>>> {
        Poll::Ready(None)
    }
    fn stdin_is_tty(&self) -> bool {
        false
    }
    fn terminal(&self) -> Option<(u16, u16)> {
        None
    }
    fn set_raw(&self, _: bool) {}
}

impl Files for Laptop {
    fn kind(&self, path: &str) -> Option<FileKind> {
        self.files.borrow().get(path).map(|_| FileKind::File)
    }
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        self.files.borrow().get(path).cloned().ok_or(FileError("no such file or directory".into()))
    }
    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), FileError> {
        self.files.borrow_mut().insert(path.into(), bytes.to_vec());
        Ok(())
    }
    fn list(&self, _: &str) -> Result<Vec<String>, FileError> {
        Ok(Vec::new())
    }
}

impl Clock for Laptop {
    fn now(&self) -> Time {
        Time::from_secs(1_800_000_000)
    }
    fn sleep(&self, _: Duration) -> LocalFuture<'_, ()> {
        Box::pin(async {})
    }
}

impl Network for Laptop {
    fn send(&self, _: Place, _: net::Request) -> LocalFuture<'_, Result<net::Response, net::Error>> {
        Box::pin(async { Err(net::Error::ConnectionRefused) })
    }
    fn listen(&self, _: u16) -> Option<Rc<dyn Listener>> {
        None
    }
}

impl Editor for Laptop {
    fn edit(&self, _: &str, _: String) -> LocalFuture<'_, Option<String>> {
        Box::pin(async { None })
    }
}

fn files() -> BTreeMap<String, Vec<u8>> {
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "minikube",
        "clusters": [{"name": "minikube", "cluster": {"server": "https://192.168.49.2:8443"}}],
        "contexts": [{"name": "minikube", "context": {"cluster": "minikube", "user": "minikube"}}],
        "users": [
            {"name": "minikube", "user": {"client-certificate": "/c.crt"}},
            {"name": "bob", "user": {"token": "abc"}},
        ],
    });
    let list = [
        ("/home/learner/.kube/config", config.to_json()),
        ("new.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: new}\n".into()),
        ("broken.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n spec:\n  containers: []\n".into()),
        ("nokind.yaml", "apiVersion: v1\nmetadata: {name: x}\n".into()),
        (
            "multi.yaml",
            ["ConfigMap", "Bogus", "ConfigMap"]
                .iter()
                .enumerate()
                .map(|(i, kind)| {
                    format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: m{}}}\n---\n", i + 1)
                })
                .collect(),
        ),
    ];
    list.into_iter().map(|(path, text): (&str, String)| (path.into(), text.into_bytes())).collect()
}

fn run(laptop: &Rc<Laptop>, line: &str) -> String {
    let args: Vec<String> = line.split(' ').skip(1).map(String::from).collect();
    let env = Env {
        transport: Rc::new(Canned(Value::from_json(include_str!("data/server.json")).unwrap())),
        server: "https://192.168.49.2:8443".into(),
        clock: laptop.clone(),
        network: laptop.clone(),
        io: laptop.clone(),
        files: laptop.clone(),
        vars: [("HOME".to_string(), "/home/learner".to_string())].into(),
        editor: laptop.clone(),
    };
    let mut future = Box::pin(kubectl::run(args, env));
    let mut context = Context::from_waker(Waker::noop());
    let mut code = None;
    for _ in 0..10_000 {
        if let Poll::Ready(exit) = future.as_mut().poll(&mut context) {
            code = Some(exit);
            break;
        }
    }
    let [out, err] = std::mem::take(&mut *laptop.out.borrow_mut()).map(|b| String::from_utf8(b).unwrap());
    let mut text = out.clone();
    if !out.is_empty() && !out.ends_with('\n') {
        text.push_str("⏎\n");
    }
    // What follows the last line of an error is not looked at, as in the recorded transcripts.
    err.trim_end_matches('\n').lines().for_each(|l| text.push_str(&format!("2> {l}\n")));
    match code {
        Some(0) => {}
        Some(code) => text.push_str(&format!("[exit {code}]\n")),
        None => text.push_str("[never ends]\n"),
    }
    text
}

fn check(script: &str) {
    let laptop = Rc::new(Laptop { out: RefCell::default(), files: RefCell::new(files()) });
    let mut wrong = String::new();
    for case in format!("\n{script}").split("\n$ ").skip(1) {
        let (line, expected) = case.split_once('\n').unwrap_or((case, ""));
        let expected = if expected.is_empty() || expected.ends_with('\n') {
            expected.into()
        } else {
            format!("{expected}\n")
        };
        let ours = run(&laptop, line);
        if ours != expected {
            wrong.push_str(&format!("$ {line}\n--- expected\n{expected}--- ours\n{ours}\n"));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn get_prints_every_format() {
    check(include_str!("data/get.txt"));
}

#[test]
fn errors_have_the_real_words() {
    check(include_str!("data/errors.txt"));
}

#[test]
fn changes_are_sent_and_told() {
    check(include_str!("data/change.txt"));
}

#[test]
fn commands_that_look_into_pods_and_nodes_say_what_is_wrong() {
    check(include_str!("data/troubleshoot.txt"));
}

#[test]
fn every_command_has_help_of_the_real_structure() {
    let laptop = Rc::new(Laptop { out: RefCell::default(), files: RefCell::new(files()) });
    let text = run(&laptop, "kubectl create deployment --help");
    for part in [
        "Aliases:\ndeployment, deploy\n",
        "Examples:\n  # ",
        "Options:\n",
        "    -r, --replicas=1:\n\t",
        "Usage:\n  kubectl create deployment NAME",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
    assert!(run(&laptop, "kubectl").contains("Basic Commands (Beginner):\n  create"));
    assert!(run(&laptop, "kubectl config").ends_with("[exit 1]\n"));
}
