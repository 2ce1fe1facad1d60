//! Manifests from the web, for `-f http://...`.

use crate::ctx::host_of;
use crate::{Ctx, Error};
use client::Place;
use sim::net::{HttpRequest, Payload, Request, Response};

/// Fetches a text. Mirrors cli-runtime's URLVisitor.
pub async fn fetch(c: &Ctx, url: &str) -> Result<String, Error> {
    let target = host_of(url);
    let (host, port) = target.rsplit_once(':').unwrap_or((&target, "80"));
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').map_or("/", |i| &rest[i..]);
    let mut http = HttpRequest::get(path);
    http.headers.push(("Host".into(), host.into()));
    let request = Request {
        host: host.into(),
        port: port.parse().unwrap_or_default(),
        payload: Payload::Http(http),
        timeout: None,
    };
    match c.env.network.send(Place::Laptop, request).await {
        Ok(Response::Http(answer)) if answer.status == 200 => {
            Ok(String::from_utf8_lossy(&answer.body).into_owned())
        }
        Ok(Response::Http(answer)) => Err(Error::Message(format!(
            "unable to read URL {url:?}, server reported {0}, status code={0}",
            answer.status
        ))),
        Ok(_) => Err(Error::Message(format!("unable to read URL {url:?}, server answered no HTTP"))),
        Err(why) => Err(Error::Connection(target, why)),
    }
}
