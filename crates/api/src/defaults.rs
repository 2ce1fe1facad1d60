//! Defaults that the schema states as plain values.

use crate::schema::{Type, schema};
use apimachinery::Value;

/// Fills in the plain defaults of a value of this type, at every depth. The value must have been decoded.
pub fn apply(type_name: &str, value: &mut Value) {
    let ty = schema().type_by_name(type_name).expect("kinds name types of the schema");
    if let Some(changed) = filled(ty, value) {
        *value = changed;
    }
}

/// The value with its defaults; `None` when it has them all, so that nothing is copied that does not change.
fn filled(ty: &Type, value: &Value) -> Option<Value> {
    match (ty, value) {
        (Type::Struct(index), Value::Object(map)) => {
            let mut result: Option<Value> = None;
            for field in schema().structure(*index).defaulted() {
                let change = match map.get(field.name) {
                    None | Some(Value::Null) => field.default_value(),
                    Some(value) => filled(&field.ty, value),
                };
                if let Some(change) = change {
                    result.get_or_insert_with(|| value.clone()).set(field.name, change);
                }
            }
            result
        }
        (Type::List(item), Value::Array(items)) if matches!(**item, Type::Struct(_)) => {
            let mut result: Option<Value> = None;
            for (i, item_value) in items.iter().enumerate() {
                if let Some(change) = filled(item, item_value) {
                    result.get_or_insert_with(|| value.clone()).array_mut()[i] = change;
                }
            }
            result
        }
        _ => None,
    }
}
