use super::{Writer, joined, or_none, plain};
use crate::{Ctx, Error};
use apimachinery::{Object, Request, Value, labels};
use client::LocalFuture;

/// How many endpoints are named before "+ n more...".
const MAX_ENDPOINTS: usize = 3;

pub(super) fn describe<'a>(
    c: &'a Ctx,
    s: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        let spec = &s["spec"];
        super::head(s, w);
        w.put(0, &format!("Selector:\t{}\n", labels::format(&spec["selector"])));
        w.put(0, &format!("Type:\t{}\n", spec["type"].str()));
        optional(w, "IP Family Policy", &spec["ipFamilyPolicy"]);
        w.put(0, &format!("IP Families:\t{}\n", or_none(&joined(&spec["ipFamilies"], ","))));
        w.put(0, &format!("IP:\t{}\n", spec["clusterIP"].str()));
        w.put(0, &format!("IPs:\t{}\n", or_none(&joined(&spec["clusterIPs"], ","))));
        if !spec["externalIPs"].is_empty() {
            w.put(0, &format!("External IPs:\t{}\n", joined(&spec["externalIPs"], ",")));
        }
        optional(w, "Desired LoadBalancer IP", &spec["loadBalancerIP"]);
        optional(w, "External Name", &spec["externalName"]);
        let ingress = s.at("status.loadBalancer.ingress").items();
        if !ingress.is_empty() {
            let list: Vec<String> = ingress.iter().map(ingress_text).collect();
            w.put(0, &format!("LoadBalancer Ingress:\t{}\n", list.join(", ")));
        }
        ports(c, s, w).await?;
        w.put(0, &format!("Session Affinity:\t{}\n", spec["sessionAffinity"].str()));
        optional(w, "External Traffic Policy", &spec["externalTrafficPolicy"]);
        optional(w, "Internal Traffic Policy", &spec["internalTrafficPolicy"]);
        optional(w, "HealthCheck NodePort", &spec["healthCheckNodePort"]);
        if !spec["loadBalancerSourceRanges"].is_empty() {
            let ranges = joined(&spec["loadBalancerSourceRanges"], ",");
            w.put(0, &format!("LoadBalancer Source Ranges:\t{ranges}\n"));
        }
        optional(w, "Traffic Distribution", &spec["trafficDistribution"]);
        Ok(())
    })
}

/// A line that is only there when the field is.
fn optional(w: &mut Writer, title: &str, value: &Value) {
    if !value.is_empty() && value.as_i64() != Some(0) {
        w.put(0, &format!("{title}:\t{}\n", plain(value)));
    }
}

fn ingress_text(ingress: &Value) -> String {
    match (ingress["ip"].str(), ingress["ipMode"].str()) {
        ("", _) => ingress["hostname"].str().into(),
        (ip, "") => ip.into(),
        (ip, mode) => format!("{ip} ({mode})"),
    }
}

async fn ports(c: &Ctx, s: &Object, w: &mut Writer) -> Result<(), Error> {
    let path = format!("/apis/discovery.k8s.io/v1/namespaces/{}/endpointslices", s.namespace());
    let selector = format!("kubernetes.io/service-name={}", s.name());
    let slices = super::list(c, Request::get(path).with("labelSelector", selector)).await?;
    for port in s.at("spec.ports").items() {
        let (name, protocol) = (port["name"].str(), port["protocol"].str());
        let shown = if name.is_empty() { "<unset>" } else { name };
        w.put(0, &format!("Port:\t{shown}\t{}/{protocol}\n", port["port"].int()));
        w.put(0, &format!("TargetPort:\t{}/{protocol}\n", plain(&port["targetPort"])));
        optional(w, "AppProtocol", &port["appProtocol"]);
        if port["nodePort"].int() != 0 {
            w.put(0, &format!("NodePort:\t{shown}\t{}/{protocol}\n", port["nodePort"].int()));
        }
        w.put(0, &format!("Endpoints:\t{}\n", endpoints(&slices, name)));
    }
    Ok(())
}

/// Mirrors formatEndpointSlices: ready endpoints of one port, the first few of them.
pub(super) fn endpoints(slices: &[Object], port_name: &str) -> String {
    if slices.is_empty() {
        return "<none>".into();
    }
    let (mut list, mut more) = (Vec::new(), 0);
    let mut add = |slice: &Object, port: &str| {
        let ready = |e: &&Value| e.at("conditions.ready").as_bool() != Some(false);
        for e in slice["endpoints"].items().iter().filter(ready) {
            if list.len() == MAX_ENDPOINTS {
                more += 1;
            } else {
                list.push(format!("{}{port}", e["addresses"][0].str()));
            }
        }
    };
    for slice in slices {
        // A slice without ports (headless) shows bare addresses.
        if slice["ports"].is_empty() {
            add(slice, "");
        }
        for p in slice["ports"].items().iter().filter(|p| p["name"].str() == port_name) {
            add(slice, &format!(":{}", p["port"].int()));
        }
    }
    match more {
        0 => list.join(","),
        more => format!("{} + {more} more...", list.join(",")),
    }
}
