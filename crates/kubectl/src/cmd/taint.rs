//! `kubectl taint`. Mirrors kubectl/pkg/cmd/taint.

use crate::builder::{Builder, Info};
use crate::cmd::common::{self, DRY_RUN, DryRun, VALIDATE, field_manager};
use crate::flags::{Flag, switch, text};
use crate::printers::{PRINT_FLAGS, Printer};
use crate::{Command, Ctx, Error, go};
use apimachinery::labels::{label_value_errors, qualified_name_errors};
use apimachinery::rest::STRATEGIC_PATCH;
use apimachinery::{Value, json};

/// `kubectl taint`.
pub const COMMAND: Command = Command {
    name: "taint",
    usage: "NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N",
    short: "Update the taints on one or more nodes",
    long: "Update the taints on one or more nodes.\n\n  *  A taint has a key, a value (may be empty), and an effect: NoSchedule, PreferNoSchedule or NoExecute.\n  *  Without --overwrite, a taint that is there with the same effect is an error.",
    examples: "# A taint\nkubectl taint nodes minikube-m02 dedicated=special-user:NoSchedule\n# Without it\nkubectl taint nodes minikube-m02 dedicated:NoSchedule-\n# Without all taints of this key\nkubectl taint nodes minikube-m02 dedicated-\n# On all nodes with a label\nkubectl taint node -l myLabel=X dedicated=foo:PreferNoSchedule",
    flags: &[FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    switch("all", ' ', "All nodes of the cluster."),
    DRY_RUN,
    field_manager("kubectl-taint"),
    switch("overwrite", ' ', "Taints that are there already may get another value."),
    text("selector", 'l', "", "Labels to select nodes by."),
    VALIDATE,
];

/// A taint; in a removal an empty effect means every one.
#[derive(Clone, PartialEq)]
struct Taint {
    key: String,
    value: String,
    effect: String,
}

impl Taint {
    /// Mirrors parseTaint.
    fn parse(text: &str) -> Result<Taint, String> {
        let invalid = || format!("invalid taint spec: {text}");
        let parts: Vec<&str> = text.split(':').collect();
        let (pair, effect) = match parts[..] {
            [key] => (key, ""),
            [pair, effect] => (pair, effect),
            _ => return Err(invalid()),
        };
        if parts.len() == 2 && !matches!(effect, "NoSchedule" | "PreferNoSchedule" | "NoExecute") {
            return Err(format!("invalid taint effect: {effect}, unsupported taint effect"));
        }
        let (key, value) = match pair.split_once('=').filter(|_| parts.len() == 2) {
            Some((_, value)) if value.contains('=') => return Err(invalid()),
            Some(pair) => pair,
            None => (pair, ""),
        };
        for problems in [label_value_errors(value), qualified_name_errors(key)] {
            if !problems.is_empty() {
                return Err(format!("{}, {}", invalid(), problems.join("; ")));
            }
        }
        Ok(Taint { key: key.into(), value: value.into(), effect: effect.into() })
    }

    fn of(value: &Value) -> Taint {
        let text = |field: &str| value[field].str().to_string();
        Taint { key: text("key"), value: text("value"), effect: text("effect") }
    }

    fn matches(&self, other: &Taint) -> bool {
        self.key == other.key && (self.effect.is_empty() || self.effect == other.effect)
    }

    fn text(&self) -> String {
        match (self.effect.as_str(), self.value.as_str()) {
            ("", "") => self.key.clone(),
            ("", value) => format!("{}={value}:", self.key),
            (effect, "") => format!("{}:{effect}", self.key),
            (effect, value) => format!("{}={value}:{effect}", self.key),
        }
    }
}

async fn run(c: &Ctx) -> Result<(), Error> {
    let dry_run = DryRun::of(c)?;
    common::validation(c)?;
    let is_taint = |a: &str| a.contains(['=', ':']) || a.ends_with('-');
    let first = c.args.iter().position(|a| is_taint(a)).unwrap_or(c.args.len());
    let (resources, words) = c.args.split_at(first);
    if let Some(word) = words.iter().find(|w| !is_taint(w)) {
        return Err(Error::Message(format!("all resources must be specified before taint changes: {word}")));
    }
    if resources.is_empty() {
        return Err("one or more resources must be specified as <resource> <name>".into());
    }
    if words.is_empty() {
        return Err("at least one taint update is required".into());
    }
    let (add, remove) = parse(words).map_err(|why| c.usage_error(&why))?;
    validate(c, resources, &add, &remove).await?;
    let mut args = vec!["nodes".to_string()];
    if !c.on("all") && c.text("selector").is_empty() {
        args.extend_from_slice(&resources[1..]);
    }
    let found =
        Builder::new(c)?.selector(c.text("selector")).all(c.on("all")).args(&args, false).find(c).await?;
    let mut printer = common::printer(c, "", dry_run)?;
    let mut errors = Vec::new();
    for item in found.items {
        let result = async { one(c, &item?, &add, &remove, dry_run, &mut printer).await };
        errors.extend(result.await.err());
    }
    Error::all(errors)
}

fn parse(words: &[String]) -> Result<(Vec<Taint>, Vec<Taint>), String> {
    let (mut add, mut remove): (Vec<Taint>, Vec<Taint>) = (Vec::new(), Vec::new());
    for word in words {
        if let Some(word) = word.strip_suffix('-') {
            remove.push(Taint::parse(word)?);
            continue;
        }
        let taint = Taint::parse(word)?;
        if taint.effect.is_empty() {
            return Err(format!("invalid taint spec: {word}"));
        }
        if add.iter().any(|t| t.matches(&taint)) {
            return Err(format!("duplicated taints with the same key and effect: {}", taint.text()));
        }
        add.push(taint);
    }
    Ok((add, remove))
}

async fn validate(c: &Ctx, resources: &[String], add: &[Taint], remove: &[Taint]) -> Result<(), Error> {
    let kind = resources[0].to_lowercase();
    if c.resource(&kind).await?.kind != "Node" {
        return Err(Error::Message(format!("invalid resource type {kind}, only node types are supported")));
    }
    let both: Vec<String> = add
        .iter()
        .flat_map(|a| remove.iter().filter(|r| r.matches(a)))
        .map(|r| format!("{}={}", r.key, r.effect))
        .collect();
    if !both.is_empty() {
        let both = both.join(", ");
        return Err(Error::Message(format!(
            "can not both modify and remove the following taint(s) in the same command: {both}"
        )));
    }
    let selected = !c.text("selector").is_empty();
    if c.on("all") && selected {
        return Err("setting 'all' parameter with a non empty selector is prohibited".into());
    }
    if !c.on("all") && !selected && resources.len() < 2 {
        return Err("at least one resource name must be specified since 'all' parameter is not set".into());
    }
    Ok(())
}

/// Mirrors updateTaints and reorganizeTaints.
async fn one(
    c: &Ctx,
    info: &Info,
    add: &[Taint],
    remove: &[Taint],
    dry_run: DryRun,
    printer: &mut Printer,
) -> Result<(), Error> {
    let old: Vec<Value> = info.object.at("spec.taints").items().to_vec();
    if !c.on("overwrite") {
        let there: Vec<&str> = add
            .iter()
            .filter(|a| old.iter().any(|o| a.matches(&Taint::of(o))))
            .map(|a| a.key.as_str())
            .collect();
        if !there.is_empty() {
            return Err(Error::Message(format!(
                "node {} already has {} taint(s) with same effect(s) and --overwrite is false",
                info.name,
                there.join(",")
            )));
        }
    }
    let mut new: Vec<Value> = add
        .iter()
        .map(|t| {
            let mut taint = json!({"key": t.key.as_str(), "effect": t.effect.as_str()});
            if !t.value.is_empty() {
                taint.set("value", t.value.as_str());
            }
            taint
        })
        .collect();
    new.extend(old.iter().filter(|o| !add.iter().any(|a| a.matches(&Taint::of(o)))).cloned());
    let added = new.len() != old.len();
    let (mut deleted, mut errors) = (false, Vec::new());
    for taint in remove {
        let before = new.len();
        new.retain(|t| !taint.matches(&Taint::of(t)));
        deleted = new.len() < before;
        if !deleted {
            errors.push(Error::Message(format!("taint {} not found", go::quote(&taint.text()))));
        }
    }
    Error::all(errors)?;
    let operation = match () {
        () if added && deleted || c.on("overwrite") => "modified",
        () if added => "tainted",
        () => "untainted",
    };
    printer.operation(&format!("{operation}{}", dry_run.suffix()));
    let mut object = info.object.clone();
    if dry_run == DryRun::Client {
        object.set_at("spec.taints", new);
    } else {
        let taints = if new.is_empty() { Value::Null } else { Value::from(new) };
        // The list as a whole: it has no merge key that tells two effects of one key apart.
        let patch = json!({"spec": {"taints": taints}});
        object = common::patch(c, &info.path(), STRATEGIC_PATCH, patch, dry_run).await?;
    }
    printer.print(c, &object)
}
