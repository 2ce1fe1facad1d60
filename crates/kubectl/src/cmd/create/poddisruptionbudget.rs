//! `kubectl create poddisruptionbudget`. Mirrors create_pdb.go.

use super::{GENERATOR_FLAGS, finish};
use crate::cmd::common::name_from_args;
use crate::flags::{Flag, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error};
use apimachinery::labels::{Operator, Selector};
use apimachinery::{Value, json};

/// `kubectl create poddisruptionbudget`.
pub const COMMAND: Command = Command {
    name: "poddisruptionbudget",
    aliases: &["pdb"],
    usage: "NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none]",
    short: "Create a pod disruption budget with the specified name",
    examples: "# At least one pod stays available\nkubectl create poddisruptionbudget my-pdb --selector=app=rails --min-available=1",
    flags: &[FLAGS, GENERATOR_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    text("max-unavailable", ' ', "", "How many pods, or what part of them, may be unavailable."),
    text("min-available", ' ', "", "How many pods, or what part of them, must be available."),
    text("selector", ' ', "", "Labels of the pods; only equalities."),
];

async fn run(c: &Ctx) -> Result<(), Error> {
    let name = name_from_args(c)?;
    let (min, max) = (c.text("min-available"), c.text("max-unavailable"));
    if c.text("selector").is_empty() {
        return Err("a selector must be specified".into());
    }
    if min.is_empty() && max.is_empty() {
        return Err("one of min-available or max-unavailable must be specified".into());
    }
    if !min.is_empty() && !max.is_empty() {
        return Err("min-available and max-unavailable cannot be both specified".into());
    }
    let (field, amount, flag) = if max.is_empty() {
        ("minAvailable", min, "min-available")
    } else {
        ("maxUnavailable", max, "max-unavailable")
    };
    if amount.strip_suffix('%').unwrap_or(amount).parse::<u32>().is_err() {
        return Err(Error::Message(format!("invalid format specified for {flag}")));
    }
    let amount = amount.parse::<i64>().map_or_else(|_| Value::from(amount), Value::from);
    let object = json!({
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name},
        "spec": {(field): amount, "selector": selector(c.text("selector"))?},
        "status": {"currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0},
    });
    finish(c, object, "poddisruptionbudgets", "failed to create poddisruptionbudgets:").await
}

/// Mirrors metav1.ParseToLabelSelector.
fn selector(text: &str) -> Result<Value, Error> {
    let parsed = Selector::parse(text)
        .map_err(|why| Error::Message(format!("couldn't parse the selector string \"{text}\": {why}")))?;
    let mut selector = Value::object();
    for r in parsed.0 {
        match (r.operator, r.values.as_slice()) {
            (Operator::In, [value]) => selector.field_mut("matchLabels").set(&r.key, value),
            (operator, values) => {
                let mut expression = json!({"key": r.key.as_str(), "operator": format!("{operator:?}")});
                if !values.is_empty() {
                    expression.set("values", values.to_vec());
                }
                selector.field_mut("matchExpressions").array_mut().push(expression);
            }
        }
    }
    Ok(selector)
}
