//! The files of the Kubernetes documentation's examples, from a folder: nothing is fetched from the network.

use client::{Listener, LocalFuture, Network, Place};
use cluster::Handle;
use sim::net::{Error, HttpResponse, Payload, Request, Response};
use std::cell::RefCell;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

/// Where pages say that examples are.
const HOSTS: [&str; 3] = ["k8s.io", "kubernetes.io", "www.kubernetes.io"];
/// What their paths begin with, behind a language such as `/docs` or nothing.
const PATH: &str = "/examples/";
/// The largest file that is read, in bytes.
pub(crate) const MAX_FILE: u64 = 1 << 20;

/// The folder of the examples, if there is one.
#[derive(Default)]
pub(crate) struct Samples(pub(crate) Option<PathBuf>);

impl Samples {
    /// The content of an example, by its path below `https://k8s.io/examples/`.
    pub(crate) fn read(&self, path: &str) -> Option<Vec<u8>> {
        read_below(self.0.as_ref()?, path)
    }
}

/// A file below a folder; nothing that lies elsewhere, by whatever way, and nothing that is too large.
pub(crate) fn read_below(folder: &Path, path: &str) -> Option<Vec<u8>> {
    if !Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return None;
    }
    let (folder, file) = (folder.canonicalize().ok()?, folder.join(path).canonicalize().ok()?);
    let small = file.metadata().is_ok_and(|meta| meta.is_file() && meta.len() <= MAX_FILE);
    if small && file.starts_with(folder) { std::fs::read(file).ok() } else { None }
}

/// The cluster's network, with the examples' hosts in it.
pub(crate) struct Web {
    handle: Rc<Handle>,
    samples: Rc<Samples>,
    missing: RefCell<Vec<String>>,
}

impl Web {
    pub(crate) fn new(handle: Rc<Handle>, samples: Rc<Samples>) -> Web {
        Web { handle, samples, missing: RefCell::default() }
    }

    /// Addresses that were asked for and are not there, since the last call.
    pub(crate) fn take_missing(&self) -> Vec<String> {
        self.missing.take()
    }

    /// The answer of an examples' host; `None`: the request goes elsewhere.
    fn answer(&self, request: &Request) -> Option<Response> {
        let Payload::Http(http) = &request.payload else { return None };
        let path = http.path.strip_prefix(PATH).filter(|_| HOSTS.contains(&request.host.as_str()))?;
        let found = self.samples.read(path);
        if found.is_none() {
            self.missing.borrow_mut().push(format!("https://{}{}", request.host, http.path));
        }
        Some(Response::Http(match found {
            Some(content) => HttpResponse::new(200, "text/plain; charset=utf-8", content),
            None => HttpResponse::new(404, "text/plain; charset=utf-8", "Not Found\n"),
        }))
    }
}

impl Network for Web {
    fn send(&self, from: Place, request: Request) -> LocalFuture<'_, Result<Response, Error>> {
        match self.answer(&request) {
            Some(answer) => Box::pin(async move { Ok(answer) }),
            None => Network::send(&*self.handle, from, request),
        }
    }

    fn listen(&self, port: u16) -> Option<Rc<dyn Listener>> {
        self.handle.listen(port)
    }
}
