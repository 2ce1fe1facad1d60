//! `status.conditions`, as several kinds have them.

use apimachinery::{Value, json, time};
use sim::Time;

/// The condition of a type; null when there is none.
pub fn get<'a>(status: &'a Value, kind: &str) -> &'a Value {
    static NONE: Value = Value::Null;
    status["conditions"].items().iter().find(|c| c["type"] == kind).unwrap_or(&NONE)
}

/// Whether a condition is there and `True`.
pub fn is_true(status: &Value, kind: &str) -> bool {
    get(status, kind)["status"] == "True"
}

/// A condition with its `lastTransitionTime`.
pub fn new(now: Time, kind: &str, status: &str, reason: &str, message: &str) -> Value {
    json!({
        "type": kind, "status": status, "reason": reason, "message": message,
        "lastTransitionTime": time::format(now),
    })
}

/// Puts a condition at the end, in place of one of its type.
pub fn put(status: &mut Value, condition: Value) {
    remove(status, condition["type"].str());
    status.field_mut("conditions").array_mut().push(condition);
}

/// Takes a condition out.
pub fn remove(status: &mut Value, kind: &str) {
    if get(status, kind).is_null() {
        return;
    }
    let conditions = status.field_mut("conditions").array_mut();
    conditions.retain(|c| c["type"] != kind);
    if conditions.is_empty() {
        status.remove("conditions");
    }
}
