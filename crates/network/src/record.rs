//! What is remembered of a request.

use crate::walk::Leg;
use client::{Hop, MAX_ANSWER, Place, RequestRecord};
use sim::Time;
use sim::net::{Error, Payload, Request, Response};

/// How a kubelet's probes introduce themselves: requests that nobody made.
const PROBE: &str = "kube-probe/";

/// A request under way, as it will be remembered.
#[derive(Clone, Debug)]
pub(crate) struct Asked(RequestRecord);

impl Asked {
    /// A request that sets out; `None` for those that are not worth remembering.
    pub(crate) fn new(at: Time, from: &Place, request: &Request) -> Option<Asked> {
        let (host, port) = (&request.host, request.port);
        let mut named = None;
        let url = match &request.payload {
            Payload::Lookup(_) => format!("dns:{host}"),
            Payload::Http(http) if http.header("User-Agent").is_some_and(|a| a.starts_with(PROBE)) => {
                return None;
            }
            Payload::Http(http) => {
                let other = http.header("Host").map(|h| h.rsplit_once(':').map_or(h, |(name, _)| name));
                named = other.filter(|o| o != host).map(|o| format!("http://{o}:{port}{}", http.path));
                format!("http://{host}:{port}{}", http.path)
            }
            _ => format!("tcp://{host}:{port}"),
        };
        Some(Asked(RequestRecord {
            at,
            ended: at,
            from: from.clone(),
            url,
            named,
            service: None,
            pod: None,
            result: Err(Error::Timeout),
            body: String::new(),
        }))
    }

    /// The laptop is who really asked, a pod by its name what it asked. The laptop's own request, to the port of
    /// `kubectl port-forward`, is another one.
    pub(crate) fn forwarded(&mut self) {
        let Place::Pod { name, .. } = std::mem::replace(&mut self.0.from, Place::Laptop) else { return };
        self.0.url = self.0.url.replacen("://localhost:", &format!("://{name}:"), 1);
        self.0.named = None;
    }

    /// The Service whose address was asked for, if it was one, and the way that it took.
    pub(crate) fn came_by(&mut self, service: Option<(String, String)>, legs: &[Leg]) {
        self.0.service = service;
        for leg in legs {
            match &leg.to {
                Hop::Service(namespace, name) => self.0.service = Some((namespace.clone(), name.clone())),
                Hop::Place(Place::Pod { namespace, name }) => {
                    self.0.pod = Some((namespace.clone(), name.clone()));
                }
                _ => {}
            }
        }
    }

    /// It has ended.
    pub(crate) fn ended(mut self, at: Time, result: &Result<Response, Error>) -> RequestRecord {
        self.0.ended = at;
        self.0.result = match result {
            Ok(Response::Http(http)) => Ok(http.status),
            Ok(_) => Ok(0),
            Err(error) => Err(error.clone()),
        };
        self.0.body = match result {
            Ok(Response::Http(http)) => beginning(&http.body),
            Ok(Response::Bytes(bytes)) => beginning(bytes),
            Ok(Response::Records { records, .. }) => {
                records.iter().map(|r| format!("{} {:?} {}\n", r.name, r.kind, r.data)).collect()
            }
            _ => String::new(),
        };
        self.0
    }
}

fn beginning(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_ANSWER)]).into_owned()
}
