//! Secret.

mod validation;

use crate::kind::{BASE, Kind};
use crate::meta::{age, column, number};
use apimachinery::{Object, Resource, Value};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource =
    Resource { group: "", version: "v1", kind: "Secret", plural: "secrets", namespaced: true };

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "secret",
    schema: "Secret",
    validate: validation::validate,
    validate_update: validation::validate_update,
    strategy_create: |secret| write_string_data(secret),
    strategy_update: |secret, _| write_string_data(secret),
    fields: |secret| vec![("type", secret["type"].str().to_string())],
    columns: &[column("Name"), column("Type"), number("Data"), column("Age")],
    row,
    ..BASE
};

/// `stringData` is written only: its texts become base64 in `data`. Mirrors the conversion of Secret.
fn write_string_data(secret: &mut Object) {
    if let Some(texts) = secret.remove("stringData") {
        for (key, text) in texts.fields() {
            let encoded = apimachinery::base64::encode(text.str().as_bytes());
            secret.field_mut("data").set(key, encoded);
        }
    }
}

fn row(secret: &Object, now: Time) -> Vec<Value> {
    let count = secret["data"].fields().count();
    vec![secret.name().into(), secret["type"].clone(), count.into(), age(secret, now)]
}
