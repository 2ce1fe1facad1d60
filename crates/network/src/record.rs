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
        let url = match &request.payload {
            Payload::Lookup(_) => format!("dns:{host}"),
            Payload::Http(http) if http.header("User-Agent").is_some_and(|a| a.starts_with(PROBE)) => {
                return None;
            }
            Payload::Http(http) => format!("http://{host}:{port}{}", http.path),
            _ => format!("tcp://{host}:{port}"),
        };
        Some(Asked(RequestRecord {
            at,
            ended: at,
            from: from.clone(),
            url,
            service: None,
            pod: None,
            result: Err(Error::Timeout),
            body: String::new(),
        }))
    }

    /// The way that it took.
    pub(crate) fn came_by(&mut self, legs: &[Leg]) {
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
