//! JSON patch, RFC 6902.

use crate::Value;

/// How many operations a patch may have. Mirrors maxJSONPatchOperations of the API server.
const MAX_OPERATIONS: usize = 10_000;

/// Why a JSON patch could not be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonPatchError {
    /// It is no JSON patch; the words of Go's decoder. A bad request.
    Malformed(String),
    /// It has too many operations.
    TooLarge(String),
    /// It does not fit the document: a path that is not there, a test that fails.
    DoesNotApply(String),
}

/// Applies a JSON patch: an array of operations.
pub fn json_patch(document: &Value, patch: &Value) -> Result<Value, JsonPatchError> {
    let Some(operations) = patch.as_array() else {
        let kind = match patch {
            Value::Object(_) => "object",
            Value::String(_) => "string",
            Value::Bool(_) => "bool",
            _ => "number",
        };
        return Err(JsonPatchError::Malformed(format!(
            "json: cannot unmarshal {kind} into Go value of type []handlers.jsonPatchOp"
        )));
    };
    if operations.len() > MAX_OPERATIONS {
        return Err(JsonPatchError::TooLarge(format!(
            "The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {}",
            operations.len()
        )));
    }
    let mut result = document.clone();
    for operation in operations {
        apply(&mut result, operation).map_err(JsonPatchError::DoesNotApply)?;
    }
    Ok(result)
}

fn apply(document: &mut Value, operation: &Value) -> Result<(), String> {
    let op = operation["op"].str();
    let path = operation["path"].as_str().ok_or("missing path")?;
    let missing = |e: String| format!("{op} operation does not apply: doc is missing path: {path:?}: {e}");
    match op {
        "add" => add(document, path, operation["value"].clone()).map_err(missing),
        "remove" => remove(document, path).map(drop).map_err(missing),
        "replace" => {
            remove(document, path).map_err(missing)?;
            add(document, path, operation["value"].clone()).map_err(missing)
        }
        "move" => {
            let value = remove(document, operation["from"].str()).map_err(missing)?;
            add(document, path, value).map_err(missing)
        }
        "copy" => {
            let value = find(document, operation["from"].str()).map_err(missing)?.clone();
            add(document, path, value).map_err(missing)
        }
        "test" => match find(document, path) {
            Ok(value) if *value == operation["value"] => Ok(()),
            Err(_) if operation["value"].is_null() => Ok(()),
            _ => Err(format!("testing value {path} failed: test failed")),
        },
        _ => Err(format!("Unexpected kind: {op}")),
    }
}

/// The tokens of a JSON pointer.
fn tokens(path: &str) -> Result<Vec<String>, String> {
    match path {
        "" => Ok(Vec::new()),
        path => {
            let rest = path.strip_prefix('/').ok_or_else(|| format!("invalid path {path:?}"))?;
            Ok(rest.split('/').map(|t| t.replace("~1", "/").replace("~0", "~")).collect())
        }
    }
}

fn find<'a>(document: &'a Value, path: &str) -> Result<&'a Value, String> {
    tokens(path)?.iter().try_fold(document, |value, token| child(value, token))
}

fn child<'a>(value: &'a Value, token: &str) -> Result<&'a Value, String> {
    match value {
        Value::Object(map) => map.get(token),
        Value::Array(items) => index(token, items.len()).and_then(|i| items.get(i)),
        _ => None,
    }
    .ok_or_else(|| "missing value".into())
}

/// An index as RFC 6901 writes it; negative ones count from the end, as the API server's library has it.
fn index(token: &str, len: usize) -> Option<usize> {
    match token.strip_prefix('-') {
        Some(back) => len.checked_sub(back.parse().ok()?),
        None => token.parse().ok(),
    }
}

fn parent_mut<'a>(document: &'a mut Value, tokens: &[String]) -> Result<&'a mut Value, String> {
    let mut value = document;
    for token in tokens {
        child(value, token)?;
        value = match value {
            Value::Object(_) => value.field_mut(token),
            _ => {
                let len = value.items().len();
                &mut value.array_mut()[index(token, len).expect("found above")]
            }
        };
    }
    Ok(value)
}

fn add(document: &mut Value, path: &str, new: Value) -> Result<(), String> {
    let tokens = tokens(path)?;
    let Some((last, parents)) = tokens.split_last() else {
        *document = new;
        return Ok(());
    };
    match parent_mut(document, parents)? {
        parent @ Value::Object(_) => parent.set(last, new),
        parent @ Value::Array(_) => {
            let items = parent.array_mut();
            let at = if last == "-" { Some(items.len()) } else { index(last, items.len()) };
            let at = at.filter(|i| *i <= items.len()).ok_or("invalid array index")?;
            items.insert(at, new);
        }
        _ => return Err("missing value".into()),
    }
    Ok(())
}

fn remove(document: &mut Value, path: &str) -> Result<Value, String> {
    let tokens = tokens(path)?;
    let Some((last, parents)) = tokens.split_last() else {
        return Ok(std::mem::take(document));
    };
    let parent = parent_mut(document, parents)?;
    child(parent, last)?;
    Ok(match parent {
        Value::Object(_) => parent.remove(last).expect("found above"),
        _ => {
            let at = index(last, parent.items().len()).expect("found above");
            parent.array_mut().remove(at)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn operations_do_what_the_rfc_says() {
        let doc = json!({"a": {"b": [1, 2]}, "m/n": 1});
        let cases = [
            (json!([{"op": "add", "path": "/a/b/1", "value": 9}]), json!({"a": {"b": [1, 9, 2]}, "m/n": 1})),
            (json!([{"op": "add", "path": "/a/b/-", "value": 3}]), json!({"a": {"b": [1, 2, 3]}, "m/n": 1})),
            (json!([{"op": "remove", "path": "/m~1n"}]), json!({"a": {"b": [1, 2]}})),
            (json!([{"op": "replace", "path": "/a/b", "value": 0}]), json!({"a": {"b": 0}, "m/n": 1})),
            (json!([{"op": "move", "from": "/a/b", "path": "/c"}]), json!({"a": {}, "c": [1, 2], "m/n": 1})),
            (
                json!([{"op": "copy", "from": "/a/b/0", "path": "/c"}]),
                json!({"a": {"b": [1, 2]}, "c": 1, "m/n": 1}),
            ),
            (json!([{"op": "test", "path": "/a/b/1", "value": 2}]), doc.clone()),
        ];
        for (patch, expected) in cases {
            assert_eq!(json_patch(&doc, &patch), Ok(expected), "{patch:?}");
        }
        for bad in [
            json!([{"op": "remove", "path": "/x"}]),
            json!([{"op": "replace", "path": "/x/y", "value": 1}]),
            json!([{"op": "add", "path": "/a/b/7", "value": 1}]),
            json!([{"op": "test", "path": "/a/b/1", "value": 3}]),
        ] {
            assert!(matches!(json_patch(&doc, &bad), Err(JsonPatchError::DoesNotApply(_))), "{bad:?}");
        }
        assert!(matches!(json_patch(&doc, &json!({"a": 1})), Err(JsonPatchError::Malformed(_))));
    }
}
