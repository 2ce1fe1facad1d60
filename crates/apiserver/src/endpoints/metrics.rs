//! metrics.k8s.io/v1beta1, as metrics-server answers it, while there is one.

use super::errors;
use crate::ApiServer;
use apimachinery::labels::Selector;
use apimachinery::{Object, Request, Response, Status, Value, json};

/// GET of node or pod metrics.
pub fn get(
    server: &ApiServer,
    request: &Request,
    namespace: &str,
    resource: &str,
    name: &str,
) -> Result<Response, Status> {
    let kind = match resource {
        "nodes" => "NodeMetrics",
        "pods" => "PodMetrics",
        _ => return Ok(errors::page_not_found()),
    };
    let Some(all) = &server.metrics else { return Ok(errors::page_not_found()) };
    let selector = Selector::parse(request.param("labelSelector").unwrap_or_default());
    let selector = selector.map_err(Status::bad_request)?;
    let mut found = all
        .iter()
        .filter(|o| o.kind() == kind)
        .filter(|o| (namespace.is_empty() || o.namespace() == namespace) && selector.matches(o.labels()));
    if !name.is_empty() {
        let one = found.find(|o| o.name() == name);
        let one = one.ok_or_else(|| Status::not_found("metrics.k8s.io", resource, name))?;
        return Ok(Response::json(200, one.clone()));
    }
    let items: Vec<Object> = found.cloned().collect();
    let list = json!({
        "kind": format!("{kind}List"), "apiVersion": "metrics.k8s.io/v1beta1",
        "metadata": {}, "items": Value::array(items.into_iter().map(Value::from)),
    });
    Ok(Response::json(200, list))
}
