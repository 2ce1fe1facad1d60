//! `kubectl top`. Mirrors kubectl/pkg/cmd/top and kubectl/pkg/metricsutil.

use crate::flags::{Flag, on, switch, text};
use crate::printers::tabwriter::TabWriter;
use crate::{Command, Ctx, Error};
use apimachinery::labels::Selector;
use apimachinery::quantity::Format;
use apimachinery::{Object, Quantity, Request, Value};
use sim::{Duration, Order};

/// `kubectl top`.
pub const COMMAND: Command = Command {
    name: "top",
    short: "Display resource (CPU/memory) usage",
    long: "Display resource (CPU/memory) usage.\n\n What nodes and pods use, as the metrics server measured it a moment ago. The metrics server has to run in the cluster.",
    subs: &[("Available Commands:", &[&NODE, &POD])],
    ..Command::NEW
};

const NODE: Command = Command {
    name: "node",
    aliases: &["nodes", "no"],
    usage: "[NAME | -l label]",
    short: "Display resource (CPU/memory) usage of nodes",
    examples: "# All nodes\nkubectl top node\n# One node\nkubectl top node NODE_NAME",
    flags: &[NODE_FLAGS],
    run: Some(|c| Box::pin(nodes(c))),
    ..Command::NEW
};

const POD: Command = Command {
    name: "pod",
    aliases: &["pods", "po"],
    usage: "[NAME | -l label]",
    short: "Display resource (CPU/memory) usage of pods",
    long: "Display resource (CPU/memory) usage of pods.\n\n A pod that was created a moment ago has no figures yet.",
    examples: "# All pods of the namespace\nkubectl top pod\n# One pod, container by container\nkubectl top pod POD_NAME --containers\n# The pods with a label\nkubectl top pod -l name=myLabel",
    flags: &[POD_FLAGS],
    run: Some(|c| Box::pin(pods(c))),
    ..Command::NEW
};

const NO_HEADERS: Flag = switch("no-headers", ' ', "Print no titles.");
const SELECTOR: Flag = text("selector", 'l', "", "Labels to select by.");
const SHOW_SWAP: Flag = switch("show-swap", ' ', "Print swap too.");
const SORT_BY: Flag = text("sort-by", ' ', "", "Sort by cpu or by memory.");
const PROTOBUF: Flag = on("use-protocol-buffers", ' ', "How metrics are encoded on their way.").refused();

static NODE_FLAGS: &[Flag] = &[
    NO_HEADERS,
    SELECTOR,
    switch("show-capacity", ' ', "Percentages of what the nodes have, not of what pods may use."),
    SHOW_SWAP,
    SORT_BY,
    PROTOBUF,
];

static POD_FLAGS: &[Flag] = &[
    switch("all-namespaces", 'A', "Of all namespaces."),
    switch("containers", ' ', "Print what each container uses."),
    text("field-selector", ' ', "", "Fields to select by, with '=', '==' and '!='."),
    NO_HEADERS,
    SELECTOR,
    SHOW_SWAP,
    SORT_BY,
    switch("sum", ' ', "Print the sum too."),
    PROTOBUF,
];

/// For how long a pod may have no figures.
const CREATION_DELAY: Duration = Duration::from_secs(120);
const UNKNOWN: &str = "<unknown>";

/// The resources that are shown.
fn measured(c: &Ctx) -> Vec<&'static str> {
    let mut names = vec!["cpu", "memory"];
    if c.on("show-swap") {
        names.push("swap");
    }
    names
}

fn validate(c: &Ctx, selected: bool, both: &str) -> Result<(), Error> {
    if c.args.len() > 1 {
        return Err(c.usage_error(&format!("{} {}", c.command().name, c.command().usage)));
    }
    if !matches!(c.text("sort-by"), "" | "cpu" | "memory") {
        return Err("--sort-by accepts only cpu or memory".into());
    }
    if !c.args.is_empty() && selected {
        return Err(Error::Message(format!("only one of NAME or {both} can be provided")));
    }
    if !c.text("selector").is_empty() {
        Selector::parse(c.text("selector")).map_err(Error::Message)?;
    }
    Ok(())
}

/// Whether there is a metrics server. Mirrors SupportedMetricsAPIVersionAvailable.
async fn available(c: &Ctx) -> Result<(), Error> {
    let groups = c.object(Request::get("/apis")).await?;
    let found = groups["groups"].items().iter().any(|g| {
        g["name"] == "metrics.k8s.io" && g["versions"].items().iter().any(|v| v["version"] == "v1beta1")
    });
    if found { Ok(()) } else { Err("Metrics API not available".into()) }
}

/// One object by name, or those that the selectors select.
async fn fetch(c: &Ctx, path: &str, selectors: &[(&str, &str)]) -> Result<Vec<Object>, Error> {
    if let Some(name) = c.args.first() {
        return Ok(vec![c.object(Request::get(format!("{path}/{name}"))).await?]);
    }
    let mut request = Request::get(path);
    for (key, value) in selectors.iter().filter(|(_, v)| !v.is_empty()) {
        request = request.with(key, *value);
    }
    let list = c.object(request).await?;
    Ok(list["items"].items().iter().cloned().map(Object).collect())
}

fn quantity(value: &Value) -> Quantity {
    Quantity::parse(value.str()).unwrap_or(Quantity::ZERO)
}

/// The usage in the order of `--sort-by`: most first, or by name.
fn sort<T>(c: &Ctx, items: &mut [T], usage: &dyn Fn(&T, &str) -> Quantity, name: &dyn Fn(&T) -> String) {
    match c.text("sort-by") {
        "" => items.order_by_key(|item| name(item)),
        "cpu" => items.order_by_key(|item| std::cmp::Reverse(usage(item, "cpu").millis())),
        _ => items.order_by_key(|item| std::cmp::Reverse(usage(item, "memory").value())),
    }
}

fn shown(resource: &str, amount: Quantity) -> String {
    match resource {
        "cpu" => format!("{}m\t", amount.millis()),
        _ => format!("{}Mi\t", amount.value() / (1024 * 1024)),
    }
}

async fn nodes(c: &Ctx) -> Result<(), Error> {
    validate(c, !c.text("selector").is_empty(), "--selector")?;
    available(c).await?;
    let selectors = [("labelSelector", c.text("selector"))];
    let mut metrics = fetch(c, &api::nodemetrics::RESOURCE.path(""), &selectors).await?;
    if metrics.is_empty() {
        return Err("metrics not available yet".into());
    }
    let nodes = fetch(c, &api::node::RESOURCE.path(""), &selectors).await?;
    sort(c, &mut metrics, &|m, resource| quantity(&m["usage"][resource]), &|m| m.name().into());
    let mut w = TabWriter::for_tables();
    if !c.on("no-headers") {
        w.write("NAME\tCPU(cores)\tCPU(%)\tMEMORY(bytes)\tMEMORY(%)\t");
        w.write(if c.on("show-swap") { "SWAP(bytes)\tSWAP(%)\t\n" } else { "\n" });
    }
    for m in &metrics {
        let node = nodes.iter().find(|n| n.name() == m.name());
        w.write(&format!("{}\t", m.name()));
        for resource in measured(c) {
            w.write(&node_usage(c, m, node, resource));
        }
        w.write("\n");
    }
    for node in nodes.iter().filter(|n| !metrics.iter().any(|m| m.name() == n.name())) {
        let unknown = format!("{UNKNOWN}\t").repeat(2 * measured(c).len());
        w.write(&format!("{}\t{unknown}\n", node.name()));
    }
    c.out(&w.flush());
    Ok(())
}

/// What is used, and how much of what there is that is.
fn node_usage(c: &Ctx, metrics: &Object, node: Option<&Object>, resource: &str) -> String {
    let used = quantity(&metrics["usage"][resource]);
    let Some(node) = node else { return shown(resource, used) };
    let field = if c.on("show-capacity") { "capacity" } else { "allocatable" };
    let there = match resource {
        "swap" => match node.at("status.nodeInfo.swap.capacity").as_i64() {
            Some(bytes) => Quantity::new(bytes, Format::BinarySi),
            None => return format!("{UNKNOWN}\t{UNKNOWN}\t"),
        },
        _ => quantity(&node["status"][field][resource]),
    };
    let percent = match there.millis() {
        0 => 0,
        all => (used.millis() as f64 / all as f64 * 100.0) as i64,
    };
    format!("{}{percent}%\t", shown(resource, used))
}

async fn pods(c: &Ctx) -> Result<(), Error> {
    let selected = !c.text("selector").is_empty() || !c.text("field-selector").is_empty();
    validate(c, selected, "selector")?;
    let (own, _) = c.namespace()?;
    let all = c.on("all-namespaces");
    available(c).await?;
    let namespace = if all { "" } else { own.as_str() };
    let selectors = [("labelSelector", c.text("selector")), ("fieldSelector", c.text("field-selector"))];
    let mut metrics = fetch(c, &api::podmetrics::RESOURCE.path(namespace), &selectors).await?;
    if metrics.is_empty() {
        explain_nothing(c, &own, &selectors).await?;
        c.err_line(&match all {
            true => "No resources found".to_string(),
            false => format!("No resources found in {own} namespace."),
        });
        return Ok(());
    }
    sort(c, &mut metrics, &pod_usage, &|m| match all {
        true => format!("{}/{}", m.namespace(), m.name()),
        false => m.name().into(),
    });
    print_pods(c, &metrics);
    Ok(())
}

/// What all containers of a pod use.
fn pod_usage(metrics: &Object, resource: &str) -> Quantity {
    let containers = metrics["containers"].items().iter();
    containers.fold(Quantity::ZERO, |sum, container| sum + quantity(&container["usage"][resource]))
}

/// Why there are no figures: pods too old to have none are an error. Mirrors verifyEmptyMetrics.
async fn explain_nothing(c: &Ctx, namespace: &str, selectors: &[(&str, &str)]) -> Result<(), Error> {
    let pods = fetch(c, &api::pod::RESOURCE.path(namespace), selectors).await?;
    if pods.is_empty() {
        return Ok(());
    }
    for pod in &pods {
        let age = c.env.clock.now().since(pod.created().unwrap_or_default());
        if age > CREATION_DELAY {
            return Err(Error::Message(format!(
                "Metrics not available for pod {}/{}, age: {}",
                pod.namespace(),
                pod.name(),
                crate::go::duration(age)
            )));
        }
    }
    Err("metrics not available yet".into())
}

/// Mirrors PrintPodMetrics.
fn print_pods(c: &Ctx, metrics: &[Object]) {
    let (all, containers) = (c.on("all-namespaces"), c.on("containers"));
    let measured = measured(c);
    let mut w = TabWriter::for_tables();
    if !c.on("no-headers") {
        w.write(if all { "NAMESPACE\t" } else { "" });
        w.write(if containers { "POD\t" } else { "" });
        w.write("NAME\tCPU(cores)\tMEMORY(bytes)\t");
        w.write(if c.on("show-swap") { "SWAP(bytes)\t\n" } else { "\n" });
    }
    let mut line = |pod: &Object, name: &str, usage: &dyn Fn(&str) -> Quantity| {
        let namespace = if all { format!("{}\t", pod.namespace()) } else { String::new() };
        let before = if containers { format!("{}\t", pod.name()) } else { String::new() };
        let cells: String = measured.iter().map(|r| shown(r, usage(r))).collect();
        w.write(&format!("{namespace}{before}{name}\t{cells}\n"));
    };
    for m in metrics {
        if containers {
            let mut each = m["containers"].items().to_vec();
            sort(c, &mut each, &|e, resource| quantity(&e["usage"][resource]), &|e| e["name"].str().into());
            each.iter().for_each(|e| line(m, e["name"].str(), &|r| quantity(&e["usage"][r])));
        } else {
            line(m, m.name(), &|r| pod_usage(m, r));
        }
    }
    if c.on("sum") {
        // The real one does not count columns whose titles it does not print.
        let extra = if c.on("no-headers") { 0 } else { usize::from(all) + usize::from(containers) };
        let width = 1 + measured.len() + extra;
        w.write(&format!("{}________\t________\t\n", "\t".repeat(width - 2)));
        let total = |r: &str| metrics.iter().fold(Quantity::ZERO, |sum, m| sum + pod_usage(m, r));
        let cells: String = measured.iter().map(|r| shown(r, total(r))).collect();
        w.write(&format!("{}\t{cells}\n", "\t".repeat(width - 3)));
    }
    c.out(&w.flush());
}
