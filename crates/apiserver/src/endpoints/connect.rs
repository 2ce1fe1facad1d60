//! What connects the caller with a kubelet, a pod or a service, after everything that the API server itself checks.
//! Mirrors pkg/registry/core/pod/strategy.go (LogLocation, streamLocation, ResourceLocation) and
//! pkg/registry/core/service/storage.

use super::{errors, stored};
use crate::{ApiServer, Call};
use apimachinery::rest::Connect;
use apimachinery::status::FieldError;
use apimachinery::{Body, Object, Response, Status, Value};

/// Checks the request and answers with where it leads to.
pub fn handle(server: &ApiServer, call: &Call<'_>) -> Result<Response, Status> {
    match (call.subresource, call.kind.resource.plural) {
        ("proxy", _) => proxy(server, call),
        ("log", _) => log(stored(server, call)?, call),
        ("portforward", _) => {
            let pod = stored(server, call)?;
            has_host(pod)?;
            connect(call, pod, (String::new(), String::new()))
        }
        _ => {
            let pod = stored(server, call)?;
            container(pod, call)?;
            has_host(pod)?;
            if call.subresource == "exec" && call.request.param("command").unwrap_or_default().is_empty() {
                let error = FieldError::required("command", "");
                return Err(Status::invalid("", "PodExecOptions", "", &[error]));
            }
            connect(call, pod, (String::new(), String::new()))
        }
    }
}

fn connect(call: &Call<'_>, object: &Object, target: (String, String)) -> Result<Response, Status> {
    let connect = Connect {
        subresource: call.subresource.into(),
        object: object.clone(),
        rest: call.rest.into(),
        target,
    };
    Ok(Response { status: 200, warnings: Vec::new(), body: Body::Connect(Box::new(connect)) })
}

fn has_host(pod: &Object) -> Result<(), Status> {
    match pod["spec"]["nodeName"].str() {
        "" => Err(Status::bad_request(format!("pod {} does not have a host assigned", pod.name()))),
        _ => Ok(()),
    }
}

fn log(pod: &Object, call: &Call<'_>) -> Result<Response, Status> {
    check_log_options(call)?;
    container(pod, call)?;
    // A pod that nobody runs has said nothing.
    if pod["spec"]["nodeName"].str().is_empty() {
        return Ok(Response { status: 200, warnings: Vec::new(), body: Body::Text(String::new()) });
    }
    connect(call, pod, (String::new(), String::new()))
}

/// Mirrors ValidatePodLogOptions.
fn check_log_options(call: &Call<'_>) -> Result<(), Status> {
    let mut errors = Vec::new();
    for (key, least) in [("tailLines", 0), ("limitBytes", 1), ("sinceSeconds", 1)] {
        let Some(text) = call.request.param(key).filter(|t| !t.is_empty()) else { continue };
        let Ok(number) = text.parse::<i64>() else {
            return Err(Status::bad_request(format!("strconv.ParseInt: parsing {text:?}: invalid syntax")));
        };
        if number < least {
            let why = match least {
                0 => "must be greater than or equal to 0",
                _ => "must be greater than 0",
            };
            errors.push(FieldError::invalid(key, &Value::Int(number), why));
        }
    }
    match errors.is_empty() {
        true => Ok(()),
        false => Err(Status::invalid("", "PodLogOptions", call.name, &errors)),
    }
}

/// The container that is meant has to be one of the pod's. Mirrors validateContainer.
fn container(pod: &Object, call: &Call<'_>) -> Result<(), Status> {
    let lists = ["initContainers", "containers", "ephemeralContainers"];
    let names = |list: &str| pod["spec"][list].items().iter().map(|c| c["name"].str()).collect::<Vec<_>>();
    match call.request.param("container").unwrap_or_default() {
        "" => {
            let own = names("containers");
            if own.len() == 1 {
                return Ok(());
            }
            let (init, ephemeral) = (names("initContainers"), names("ephemeralContainers"));
            let mut text = format!(
                "a container name must be specified for pod {}, choose one of: [{}]",
                pod.name(),
                own.join(" ")
            );
            if !init.is_empty() {
                text += &format!(" or one of the init containers: [{}]", init.join(" "));
            }
            if !ephemeral.is_empty() {
                text += &format!(" or one of the ephemeral containers: [{}]", ephemeral.join(" "));
            }
            Err(Status::bad_request(text))
        }
        name if lists.iter().any(|list| names(list).contains(&name)) => Ok(()),
        name => Err(Status::bad_request(format!("container {name} is not valid for pod {}", pod.name()))),
    }
}

/// `proxy` of pods, services and nodes. The name may be `scheme:name:port`.
fn proxy(server: &ApiServer, call: &Call<'_>) -> Result<Response, Status> {
    let (scheme, name, port) = split_name(call.name).ok_or_else(|| {
        Status::bad_request(format!(
            "invalid {} request {:?}",
            call.kind.resource.kind.to_lowercase(),
            call.name
        ))
    })?;
    let object = server
        .get_object(&call.kind.resource, call.namespace, name)
        .ok_or_else(|| Status::not_found(call.group(), call.plural(), name))?;
    if call.kind.resource.plural == "services" {
        check_service(server, object, port)?;
    }
    connect(call, object, (scheme.into(), port.into()))
}

/// Mirrors SplitSchemeNamePort.
fn split_name(text: &str) -> Option<(&str, &str, &str)> {
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        [name] if !name.is_empty() => Some(("", name, "")),
        [name, port] if !name.is_empty() => Some(("", name, port)),
        [scheme @ ("" | "http" | "https"), name, port] if !name.is_empty() => Some((scheme, name, port)),
        _ => None,
    }
}

/// A service needs the port and somebody behind it. Mirrors ResourceLocation of the service registry.
fn check_service(server: &ApiServer, service: &Object, port: &str) -> Result<(), Status> {
    let ports = service["spec"]["ports"].items();
    let number = port.parse::<i64>().ok();
    let found = match port {
        "" => ports.first(),
        name => ports.iter().find(|p| p["name"] == *name || number.is_some_and(|n| p["port"].int() == n)),
    };
    let Some(found) = found else {
        return Err(errors::service_unavailable(format!(
            "no service port {port:?} found for service {:?}",
            service.name()
        )));
    };
    let endpoints = server.get_object(&api::endpoints::RESOURCE, service.namespace(), service.name());
    let Some(endpoints) = endpoints else {
        return Err(Status::not_found("", "endpoints", service.name()));
    };
    let ready = endpoints["subsets"].items().iter().any(|subset| {
        let serves = subset["ports"].items().iter().any(|p| p["name"].str() == found["name"].str());
        serves && !subset["addresses"].items().is_empty()
    });
    if ready {
        return Ok(());
    }
    Err(errors::service_unavailable(format!("no endpoints available for service {:?}", service.name())))
}
