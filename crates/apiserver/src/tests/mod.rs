//! The server from outside, through [`ApiServer::handle`]. Texts are those that a real 1.36 server sends.

mod admission;
mod deletion;
mod discovery;
mod errors;
mod objects;
mod services;
mod watches;

use super::*;
use apimachinery::json;

pub const NOW: Time = Time::from_secs(1_795_000_000);
pub const PODS: &str = "/api/v1/namespaces/default/pods";
pub const SERVICES: &str = "/api/v1/namespaces/default/services";
pub const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/default/deployments";

/// A server with the namespaces and accounts that every cluster has.
pub fn server() -> ApiServer {
    let mut server = ApiServer::new(Rng::new(1));
    for name in ["default", "kube-system"] {
        post(&mut server, "/api/v1/namespaces", json!({"metadata": {"name": name}})).unwrap();
        let accounts = format!("/api/v1/namespaces/{name}/serviceaccounts");
        post(&mut server, &accounts, json!({"metadata": {"name": "default"}})).unwrap();
    }
    server
}

pub fn send(server: &mut ApiServer, request: Request) -> Result<Object, Status> {
    server.handle(NOW, request).into_object()
}

pub fn get(server: &mut ApiServer, path: &str) -> Result<Object, Status> {
    send(server, Request::get(path))
}

pub fn post(server: &mut ApiServer, path: &str, body: Value) -> Result<Object, Status> {
    send(server, Request::new(Method::Post, path).with_body(body))
}

pub fn put(server: &mut ApiServer, path: &str, body: impl Into<Value>) -> Result<Object, Status> {
    send(server, Request::new(Method::Put, path).with_body(body))
}

pub fn patch(server: &mut ApiServer, path: &str, kind: &str, body: Value) -> Result<Object, Status> {
    send(server, Request::patch(path, kind, body))
}

pub fn delete(server: &mut ApiServer, path: &str, options: Value) -> Result<Object, Status> {
    send(server, Request::new(Method::Delete, path).with_body(options))
}

pub fn pod(name: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"containers": [{"name": "c", "image": "nginx"}]},
    })
}

/// A pod on a node, running.
pub fn running_pod(server: &mut ApiServer, name: &str) -> Object {
    post(server, PODS, pod(name)).unwrap();
    let binding = json!({"metadata": {"name": name}, "target": {"kind": "Node", "name": "minikube"}});
    post(server, &format!("{PODS}/{name}/binding"), binding).unwrap();
    let status = json!({"status": {"phase": "Running"}});
    patch(server, &format!("{PODS}/{name}/status"), apimachinery::rest::STRATEGIC_PATCH, status).unwrap()
}

pub fn deployment(name: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}},
        },
    })
}
