use super::{Writer, joined, list, service};
use crate::{Ctx, Error};
use apimachinery::{Object, Request, Value};
use client::LocalFuture;

/// Mirrors describeIngressV1.
pub(super) fn describe<'a>(
    c: &'a Ctx,
    ingress: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        let spec = &ingress["spec"];
        w.put(0, &format!("Name:\t{}\n", ingress.name()));
        w.labels("Labels", ingress.labels());
        w.put(0, &format!("Namespace:\t{}\n", ingress.namespace()));
        w.put(0, &format!("Address:\t{}\n", api::ingress::addresses(ingress)));
        let class = spec["ingressClassName"].as_str().unwrap_or("<none>");
        w.put(0, &format!("Ingress Class:\t{class}\n"));
        let default = match &spec["defaultBackend"] {
            backend if backend.is_null() => "<default>".to_string(),
            backend => backend_text(c, ingress.namespace(), backend).await,
        };
        w.put(0, &format!("Default backend:\t{default}\n"));
        tls(&spec["tls"], w);
        w.put(0, "Rules:\n  Host\tPath\tBackends\n");
        w.put(1, "----\t----\t--------\n");
        let mut any = false;
        for rule in spec["rules"].items().iter().filter(|rule| !rule["http"].is_null()) {
            any = true;
            let host = if rule["host"].is_empty() { "*" } else { rule["host"].str() };
            w.put(1, &format!("{host}\t\n"));
            for path in rule["http"]["paths"].items() {
                let backend = backend_text(c, ingress.namespace(), &path["backend"]).await;
                w.put(2, &format!("\t{} \t{backend}\n", path["path"].str()));
            }
        }
        if !any {
            w.put(1, &format!("*\t*\t{default}\n"));
        }
        w.annotations("Annotations", ingress.meta("annotations"));
        Ok(())
    })
}

/// Mirrors describeIngressTLSV1.
fn tls(list: &Value, w: &mut Writer) {
    if list.is_empty() {
        return;
    }
    w.put(0, "TLS:\n");
    for entry in list.items() {
        let hosts = joined(&entry["hosts"], ",");
        match entry["secretName"].str() {
            "" => w.put(1, &format!("SNI routes {hosts}\n")),
            secret => w.put(1, &format!("{secret} terminates {hosts}\n")),
        }
    }
}

/// A backend with the endpoints behind it. Mirrors describeBackendV1.
async fn backend_text(c: &Ctx, namespace: &str, backend: &Value) -> String {
    let wanted = &backend["service"];
    if wanted.is_null() {
        let resource = &backend["resource"];
        let group = resource["apiGroup"].as_str().unwrap_or("<none>");
        let (kind, name) = (resource["kind"].str(), resource["name"].str());
        return format!("APIGroup: {group}, Kind: {kind}, Name: {name}");
    }
    let (name, port) = (wanted["name"].str(), &wanted["port"]);
    let shown = match port["number"].int() {
        0 => format!("{name}:{}", port["name"].str()),
        number => format!("{name}:{number}"),
    };
    let path = format!("/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices");
    let selector = format!("kubernetes.io/service-name={name}");
    let slices = match list(c, Request::get(path).with("labelSelector", selector)).await {
        Ok(slices) => slices,
        Err(error) => return format!("{shown} (<error: {}>)", error.text()),
    };
    let service = match c.object(Request::get(api::service::RESOURCE.object_path(namespace, name))).await {
        Ok(service) => service,
        Err(Error::Status(status)) => return format!("{shown} (<error: {}>)", status.message()),
        Err(error) => return format!("{shown} (<error: {}>)", error.text()),
    };
    let is_it = |p: &&Value| match port["number"].int() {
        0 => p["name"].str() == port["name"].str(),
        number => p["port"].int() == number,
    };
    let found = service.at("spec.ports").items().iter().rev().find(is_it);
    format!("{shown} ({})", service::endpoints(&slices, found.map_or("", |p| p["name"].str())))
}
