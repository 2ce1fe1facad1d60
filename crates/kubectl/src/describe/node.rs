use super::{Writer, date, plain, since};
use crate::{Ctx, Error};
use apimachinery::{Object, Quantity, Request, Value};
use client::LocalFuture;
use sim::Order;
use sim::collections::BTreeMap;

const ROLE: &str = "node-role.kubernetes.io/";

pub(super) fn describe<'a>(
    c: &'a Ctx,
    node: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        let roles: Vec<&str> = node.labels().fields().filter_map(|(k, _)| k.strip_prefix(ROLE)).collect();
        w.put(0, &format!("Name:\t{}\n", node.name()));
        w.put(0, &format!("Roles:\t{}\n", super::or_none(&roles.join(","))));
        w.labels("Labels", node.labels());
        w.annotations("Annotations", node.meta("annotations"));
        w.put(0, &format!("CreationTimestamp:\t{}\n", date(node.meta("creationTimestamp"))));
        taints(node, w);
        w.put(0, &format!("Unschedulable:\t{}\n", node.at("spec.unschedulable").is_true()));
        lease(c, node, w).await;
        conditions(node, w);
        info(node, w);
        let selector = format!("spec.nodeName={},status.phase!=Failed,status.phase!=Succeeded", node.name());
        let pods = super::list(c, Request::get("/api/v1/pods").with("fieldSelector", selector)).await?;
        pods_of(c, node, &pods, w);
        allocated(node, &pods, w);
        Ok(())
    })
}

fn taints(node: &Object, w: &mut Writer) {
    let mut taints: Vec<&Value> = node.at("spec.taints").items().iter().collect();
    taints.order_by_key(|t| format!("{},{}", t["effect"].str(), t["key"].str()));
    let line = |t: &&Value| match (t["key"].str(), t["value"].str(), t["effect"].str()) {
        (key, "", effect) => format!("{key}:{effect}"),
        (key, value, effect) => format!("{key}={value}:{effect}"),
    };
    let lines: Vec<String> = taints.iter().map(line).collect();
    w.column("Taints", &lines);
}

async fn lease(c: &Ctx, node: &Object, w: &mut Writer) {
    let path = format!("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{}", node.name());
    match c.object(Request::get(path)).await {
        Ok(lease) => {
            let spec = &lease["spec"];
            let time = |key: &str| if spec[key].is_null() { "<unset>".into() } else { date(&spec[key]) };
            let holder =
                if spec["holderIdentity"].is_null() { "<unset>" } else { spec["holderIdentity"].str() };
            w.put(0, "Lease:\n");
            w.put(1, &format!("HolderIdentity:\t{holder}\n"));
            w.put(1, &format!("AcquireTime:\t{}\n", time("acquireTime")));
            w.put(1, &format!("RenewTime:\t{}\n", time("renewTime")));
        }
        Err(e) => w.put(0, &format!("Lease:\tFailed to get lease: {}\n", e.text())),
    }
}

fn conditions(node: &Object, w: &mut Writer) {
    let conditions = node.at("status.conditions").items();
    if !conditions.is_empty() {
        w.put(0, "Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage\n");
        w.put(1, "----\t------\t-----------------\t------------------\t------\t-------\n");
    }
    for c in conditions {
        let (beat, change) = (date(&c["lastHeartbeatTime"]), date(&c["lastTransitionTime"]));
        let (kind, status) = (c["type"].str(), c["status"].str());
        let (reason, message) = (c["reason"].str(), c["message"].str());
        w.put(1, &format!("{kind} \t{status} \t{beat} \t{change} \t{reason} \t{message}\n"));
    }
}

fn info(node: &Object, w: &mut Writer) {
    w.put(0, "Addresses:\n");
    for a in node.at("status.addresses").items() {
        w.put(1, &format!("{}:\t{}\n", a["type"].str(), a["address"].str()));
    }
    for (title, key) in [("Capacity", "capacity"), ("Allocatable", "allocatable")] {
        let amounts = &node["status"][key];
        if !amounts.is_empty() {
            w.put(0, &format!("{title}:\n"));
        }
        for (name, amount) in amounts.fields() {
            w.put(0, &format!("  {name}:\t{}\n", plain(amount)));
        }
    }
    w.put(0, "System Info:\n");
    for (title, key) in [
        ("Machine ID", "machineID"),
        ("System UUID", "systemUUID"),
        ("Boot ID", "bootID"),
        ("Kernel Version", "kernelVersion"),
        ("OS Image", "osImage"),
        ("Operating System", "operatingSystem"),
        ("Architecture", "architecture"),
        ("Container Runtime Version", "containerRuntimeVersion"),
        ("Kubelet Version", "kubeletVersion"),
    ] {
        w.put(0, &format!("  {title}:\t{}\n", node.at("status.nodeInfo")[key].str()));
    }
    for (title, text) in [
        ("PodCIDR", node.at("spec.podCIDR").str().to_string()),
        ("PodCIDRs", super::joined(node.at("spec.podCIDRs"), ",")),
        ("ProviderID", node.at("spec.providerID").str().to_string()),
    ] {
        if !text.is_empty() {
            w.put(0, &format!("{title}:\t{text}\n"));
        }
    }
}

/// Amounts by resource.
type Amounts = BTreeMap<String, Quantity>;

/// What a pod asks for: its containers together, or an init container that asks for more. Sidecars count with the
/// containers. Mirrors resourcehelper.PodRequests and PodLimits.
fn amounts(pod: &Object, key: &str) -> Amounts {
    let of = |container: &Value| -> Amounts {
        let list = container["resources"][key].fields();
        list.filter_map(|(k, v)| Some((k.to_string(), Quantity::parse(&plain(v))?))).collect()
    };
    let mut sum = Amounts::new();
    pod.at("spec.containers").items().iter().for_each(|c| add(&mut sum, of(c)));
    let (mut sidecars, mut most) = (Amounts::new(), Amounts::new());
    for c in pod.at("spec.initContainers").items() {
        let mut now = of(c);
        if c["restartPolicy"] == "Always" {
            add(&mut sum, now.clone());
            add(&mut sidecars, now);
            now = sidecars.clone();
        } else {
            add(&mut now, sidecars.clone());
        }
        max(&mut most, now);
    }
    max(&mut sum, most);
    sum
}

fn add(sum: &mut Amounts, more: Amounts) {
    for (name, amount) in more {
        let known = sum.entry(name).or_insert(Quantity::ZERO);
        *known = *known + amount;
    }
}

fn max(sum: &mut Amounts, other: Amounts) {
    for (name, amount) in other {
        let known = sum.entry(name).or_insert(Quantity::ZERO);
        if *known < amount {
            *known = amount;
        }
    }
}

/// `100m (2%)` of what the node has.
fn share(amounts: &Amounts, name: &str, node: &Object) -> String {
    let amount = amounts.get(name).copied().unwrap_or(Quantity::ZERO);
    let status = &node["status"];
    let all = if status["allocatable"].is_empty() { &status["capacity"] } else { &status["allocatable"] };
    let all = Quantity::parse(&plain(&all[name])).unwrap_or(Quantity::ZERO);
    let (part, whole) =
        if name == "cpu" { (amount.millis(), all.millis()) } else { (amount.value(), all.value()) };
    let percent = if whole == 0 { 0.0 } else { part as f64 / whole as f64 * 100.0 };
    format!("{amount} ({}%)", percent as i64)
}

fn pods_of(c: &Ctx, node: &Object, pods: &[Object], w: &mut Writer) {
    w.put(0, &format!("Non-terminated Pods:\t({} in total)\n", pods.len()));
    w.put(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge\n");
    w.put(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---\n");
    for pod in pods {
        let (requests, limits) = (amounts(pod, "requests"), amounts(pod, "limits"));
        let columns = [
            share(&requests, "cpu", node),
            share(&limits, "cpu", node),
            share(&requests, "memory", node),
            share(&limits, "memory", node),
            since(c, pod.meta("creationTimestamp")),
        ];
        w.put(1, &format!("{}\t{}\t\t{}\n", pod.namespace(), pod.name(), columns.join("\t")));
    }
}

fn allocated(node: &Object, pods: &[Object], w: &mut Writer) {
    let (mut requests, mut limits) = (Amounts::new(), Amounts::new());
    for pod in pods {
        add(&mut requests, amounts(pod, "requests"));
        add(&mut limits, amounts(pod, "limits"));
    }
    w.put(0, "Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)\n");
    w.put(1, "Resource\tRequests\tLimits\n");
    w.put(1, "--------\t--------\t------\n");
    for name in ["cpu", "memory", "ephemeral-storage"] {
        w.put(1, &format!("{name}\t{}\t{}\n", share(&requests, name, node), share(&limits, name, node)));
    }
}
