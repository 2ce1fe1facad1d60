//! `kubectl autoscale`. Mirrors kubectl/pkg/cmd/autoscale.

use crate::builder::{Builder, FILE_FLAGS, Info};
use crate::cmd::common::{self, DRY_RUN, DryRun, RECORD_FLAGS, SAVE_CONFIG, field_manager};
use crate::flags::{Flag, int, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error, go};
use apimachinery::quantity::Quantity;
use apimachinery::rest::Method;
use apimachinery::{Object, Request, Value, json};

/// `kubectl autoscale`.
pub const COMMAND: Command = Command {
    name: "autoscale",
    usage: "(-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu=CPU] [--memory=MEMORY]",
    short: "Auto-scale a deployment, replica set, stateful set, or replication controller",
    long: "Creates an autoscaler, which chooses and sets the number of pods of a deployment, replica set, stateful set or replication controller.",
    examples: "# Between 2 and 10 pods, with the server's own target\nkubectl autoscale deployment web --min=2 --max=10\n# With a target of 80 % of the CPU that the pods request\nkubectl autoscale deployment web --max=5 --cpu=80%\n# With an average of 500m CPU and 200Mi of memory\nkubectl autoscale deployment web --min=3 --max=6 --cpu=500m --memory=200Mi",
    flags: &[FLAGS, FILE_FLAGS, PRINT_FLAGS, RECORD_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    text("cpu", ' ', "", "Target for CPU: a percentage of what is requested (70%) or an average quantity (500m)."),
    int("cpu-percent", ' ', "-1", "Target for CPU in percent of what is requested.").deprecated(
        "Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).",
    ),
    DRY_RUN,
    field_manager("kubectl-autoscale"),
    int("max", ' ', "-1", "The most pods.").required(),
    text("memory", ' ', "", "Target for memory: a percentage of what is requested (60%) or an average quantity (200Mi)."),
    int("min", ' ', "-1", "The fewest pods; the server's default if negative."),
    text("name", ' ', "", "Name of the autoscaler; that of the resource by default."),
    SAVE_CONFIG,
];

/// The autoscalers' group and version.
const GROUP_VERSION: &str = "autoscaling/v2";

async fn run(c: &Ctx) -> Result<(), Error> {
    let dry_run = DryRun::of(c)?;
    let (namespace, _) = c.namespace()?;
    let metrics = validate(c)?;
    let mut errors = Vec::new();
    let mut count = 0;
    for item in Builder::new(c)?.args(&c.args, false).find(c).await?.items {
        let result = match item {
            Ok(info) => autoscale(c, &info, &namespace, metrics.clone(), dry_run).await,
            Err(e) => Err(e),
        };
        match result {
            Ok(()) => count += 1,
            Err(e) => errors.push(e),
        }
    }
    Error::all(errors)?;
    if count == 0 { Err("no objects passed to autoscale".into()) } else { Ok(()) }
}

/// The checks, and the metrics that the flags ask for.
fn validate(c: &Ctx) -> Result<Vec<Value>, Error> {
    let (min, max, percent) = (c.int("min"), c.int("max"), c.int("cpu-percent"));
    if max < 1 {
        return Err(Error::Message(format!("--max=MAXPODS is required and must be at least 1, max: {max}")));
    }
    if max < min {
        return Err(Error::Message(format!(
            "--max=MAXPODS must be larger or equal to --min=MINPODS, max: {max}, min: {min}"
        )));
    }
    if percent > 0 && !c.text("cpu").is_empty() {
        return Err("--cpu-percent and --cpu are mutually exclusive".into());
    }
    let metric =
        |name: &str, target: Value| json!({"type": "Resource", "resource": {"name": name, "target": target}});
    let mut metrics = Vec::new();
    if percent > 0 {
        metrics.push(metric("cpu", json!({"type": "Utilization", "averageUtilization": percent})));
    }
    for (name, unit) in [("cpu", "m"), ("memory", "Mi")] {
        if !c.text(name).is_empty() {
            metrics.push(metric(name, target(c.text(name), name, unit)?));
        }
    }
    Ok(metrics)
}

/// `70%` or a quantity; a bare number has the resource's usual unit. Mirrors parseResourceInput.
fn target(input: &str, resource: &str, unit: &str) -> Result<Value, Error> {
    let input = input.trim();
    if input.is_empty() {
        return Err("empty input".into());
    }
    if let Some(percent) = input.strip_suffix('%') {
        return match percent.parse::<i32>() {
            Ok(n) if n >= 0 => Ok(json!({"type": "Utilization", "averageUtilization": i64::from(n)})),
            _ => Err(Error::Message(format!("invalid percentage value: {percent}"))),
        };
    }
    let text = match input.parse::<f64>() {
        Ok(number) if number.is_finite() => format!("{}{unit}", go::float(number)),
        _ => input.to_string(),
    };
    match Quantity::parse(&text) {
        Some(quantity) => Ok(json!({"type": "AverageValue", "averageValue": quantity.to_string()})),
        None => Err(Error::Message(format!("invalid resource {resource} value: {input}"))),
    }
}

async fn autoscale(
    c: &Ctx,
    info: &Info,
    namespace: &str,
    metrics: Vec<Value>,
    dry_run: DryRun,
) -> Result<(), Error> {
    if !has_scale(info) {
        return Err(Error::Message(format!(
            "cannot autoscale a {}: could not find scale subresource for {} in discovery information",
            info.mapping.kind,
            info.mapping.gvr()
        )));
    }
    let name = if c.text("name").is_empty() { info.name.as_str() } else { c.text("name") };
    let mut object = json!({
        "apiVersion": GROUP_VERSION, "kind": "HorizontalPodAutoscaler", "metadata": {"name": name},
        "spec": {
            "maxReplicas": c.int("max"),
            "scaleTargetRef": {
                "apiVersion": info.mapping.api_version(), "kind": info.mapping.kind.as_str(),
                "name": info.name.as_str(),
            },
        },
        "status": {"currentMetrics": null, "desiredReplicas": 0},
    });
    if c.int("min") > 0 {
        object.set_at("spec.minReplicas", c.int("min"));
    }
    if c.namespace()?.1 {
        object.set_at("metadata.namespace", namespace);
    }
    if !metrics.is_empty() {
        object.set_at("spec.metrics", Value::array(metrics));
    }
    let mut object = Object(object);
    common::record(c, &mut object);
    if dry_run == DryRun::Client {
        let mut printer = common::printer(c, "created", dry_run)?;
        printer.typed = true;
        return printer.print(c, &object);
    }
    if c.on("save-config") {
        object = common::with_configuration(&object);
    }
    let path = api::horizontalpodautoscaler::RESOURCE.path(namespace);
    let request = Request::new(Method::Post, path).with_body(object.0);
    let made =
        c.object(common::writing(c, request, dry_run, "")).await.map_err(|e| without_fallback(c, e))?;
    common::printer(c, "autoscaled", dry_run)?.print(c, &made)
}

/// What comes of a refusal: kubectl then tries autoscaling/v1, which would be refused alike, but only if v1 can say what
/// was asked for. Mirrors canCreateHPAV1.
fn without_fallback(c: &Ctx, error: Error) -> Error {
    let incompatible = |why: &str| {
        Error::Message(format!(
            "failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1: {why}"
        ))
    };
    match target(c.text("cpu"), "cpu", "m") {
        Err(why) => incompatible(&why.text()),
        Ok(target) if c.text("memory").is_empty() && target["type"] == "Utilization" => error,
        Ok(_) => incompatible("%!w(<nil>)"),
    }
}

/// Whether a kind has a scale subresource.
fn has_scale(info: &Info) -> bool {
    matches!(
        info.mapping.kind.as_str(),
        "Deployment" | "ReplicaSet" | "StatefulSet" | "ReplicationController"
    )
}
