//! Errors of the API, as metav1.Status. Mirrors apimachinery/pkg/api/errors.

use crate::{Value, json};

/// An answer that is no object: almost always an error.
#[derive(Clone, Debug, PartialEq)]
pub struct Status(pub Value);

/// One invalid field. Mirrors apimachinery/pkg/util/validation/field.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldError {
    /// Which kind of error, as `details.causes[].reason` says: `FieldValueInvalid`, `FieldValueRequired`, ...
    pub reason: &'static str,
    /// The path, such as `spec.containers[0].name`.
    pub field: String,
    /// What is wrong, with the value: `Required value`, `Invalid value: "x": must be ...`.
    pub message: String,
}

impl Status {
    /// A failure.
    pub fn new(code: u16, reason: &str, message: impl Into<String>) -> Status {
        let mut status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": message.into(), "code": code,
        });
        if !reason.is_empty() {
            status.set("reason", reason);
        }
        Status(status)
    }

    /// From the JSON of an answer.
    pub fn from_value(value: Value) -> Status {
        Status(value)
    }

    fn with_details(mut self, group: &str, kind: &str, name: &str) -> Status {
        for (key, text) in [("group", group), ("kind", kind), ("name", name)] {
            if !text.is_empty() {
                self.0.set_at(&format!("details.{key}"), text);
            }
        }
        self
    }

    /// 404. `resource` is plural, such as `pods` or `deployments`.
    pub fn not_found(group: &str, resource: &str, name: &str) -> Status {
        let message = format!("{} \"{name}\" not found", qualified(resource, group));
        Status::new(404, "NotFound", message).with_details(group, resource, name)
    }

    /// 409, it exists already.
    pub fn already_exists(group: &str, resource: &str, name: &str) -> Status {
        let message = format!("{} \"{name}\" already exists", qualified(resource, group));
        Status::new(409, "AlreadyExists", message).with_details(group, resource, name)
    }

    /// 409, it was changed in between.
    pub fn conflict(group: &str, resource: &str, name: &str, why: &str) -> Status {
        let message =
            format!("Operation cannot be fulfilled on {} \"{name}\": {why}", qualified(resource, group));
        Status::new(409, "Conflict", message).with_details(group, resource, name)
    }

    /// 422 with the fields that are wrong. `kind` is the kind's name, such as `Pod`. Mirrors errors.NewInvalid.
    pub fn invalid(group: &str, kind: &str, name: &str, errors: &[FieldError]) -> Status {
        let mut texts: Vec<String> = errors.iter().map(|e| format!("{}: {}", e.field, e.message)).collect();
        let mut seen = sim::collections::BTreeSet::new();
        texts.retain(|text| seen.insert(text.clone()));
        let list = match texts.as_slice() {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        let message = format!("{} \"{name}\" is invalid: {list}", qualified(kind, group));
        let mut status = Status::new(422, "Invalid", message).with_details(group, kind, name);
        let causes = errors
            .iter()
            .map(|e| json!({"reason": e.reason, "message": e.message.clone(), "field": e.field.clone()}));
        status.0.set_at("details.causes", Value::array(causes));
        status
    }

    /// 400.
    pub fn bad_request(message: impl Into<String>) -> Status {
        Status::new(400, "BadRequest", message)
    }

    /// 403.
    pub fn forbidden(group: &str, resource: &str, name: &str, why: &str) -> Status {
        let what = match name {
            "" => format!("{} is forbidden", qualified(resource, group)),
            name => format!("{} \"{name}\" is forbidden", qualified(resource, group)),
        };
        Status::new(403, "Forbidden", format!("{what}: {why}")).with_details(group, resource, name)
    }

    /// 405.
    pub fn method_not_supported(group: &str, resource: &str, verb: &str) -> Status {
        let message =
            format!("{verb} is not supported on resources of kind \"{}\"", qualified(resource, group));
        Status::new(405, "MethodNotAllowed", message).with_details(group, resource, "")
    }

    /// 500.
    pub fn internal_error(why: &str) -> Status {
        Status::new(500, "InternalError", format!("Internal error occurred: {why}"))
    }

    /// `code`.
    pub fn code(&self) -> u16 {
        self.0["code"].int() as u16
    }

    /// `reason`.
    pub fn reason(&self) -> &str {
        self.0["reason"].str()
    }

    /// `message`.
    pub fn message(&self) -> &str {
        self.0["message"].str()
    }

    /// Whether the object was not there.
    pub fn is_not_found(&self) -> bool {
        self.reason() == "NotFound"
    }

    /// Whether the object was changed in between.
    pub fn is_conflict(&self) -> bool {
        self.reason() == "Conflict"
    }

    /// Whether the object existed already.
    pub fn is_already_exists(&self) -> bool {
        self.reason() == "AlreadyExists"
    }
}

fn qualified(resource: &str, group: &str) -> String {
    if group.is_empty() { resource.into() } else { format!("{resource}.{group}") }
}

impl FieldError {
    /// The field is missing. `detail` may be empty.
    pub fn required(field: impl Into<String>, detail: &str) -> FieldError {
        let message = with_detail("Required value", detail);
        FieldError { reason: "FieldValueRequired", field: field.into(), message }
    }

    /// The value is wrong. Texts are quoted, other values are printed as Go prints them.
    pub fn invalid(field: impl Into<String>, value: &Value, detail: &str) -> FieldError {
        let message = with_detail(&format!("Invalid value: {value:?}"), detail);
        FieldError { reason: "FieldValueInvalid", field: field.into(), message }
    }

    /// The value is none of those that are possible, which are listed in the order given.
    pub fn not_supported(field: impl Into<String>, value: &Value, supported: &[&str]) -> FieldError {
        let list: Vec<String> = supported.iter().map(|s| format!("{s:?}")).collect();
        let message = format!("Unsupported value: {value:?}: supported values: {}", list.join(", "));
        FieldError { reason: "FieldValueNotSupported", field: field.into(), message }
    }

    /// The value stands twice.
    pub fn duplicate(field: impl Into<String>, value: &Value) -> FieldError {
        let message = format!("Duplicate value: {value:?}");
        FieldError { reason: "FieldValueDuplicate", field: field.into(), message }
    }

    /// What the value names is not there.
    pub fn not_found(field: impl Into<String>, value: &Value) -> FieldError {
        let message = format!("Not found: {value:?}");
        FieldError { reason: "FieldValueNotFound", field: field.into(), message }
    }

    /// The text is longer than this many bytes.
    pub fn too_long(field: impl Into<String>, max: usize) -> FieldError {
        let message = format!("Too long: may not be more than {max} bytes");
        FieldError { reason: "FieldValueTooLong", field: field.into(), message }
    }

    /// The list has more items than this.
    pub fn too_many(field: impl Into<String>, actual: usize, max: usize) -> FieldError {
        let message = format!("Too many: {actual}: must have at most {max} items");
        FieldError { reason: "FieldValueTooMany", field: field.into(), message }
    }

    /// The field may not be set or changed.
    pub fn forbidden(field: impl Into<String>, detail: &str) -> FieldError {
        FieldError {
            reason: "FieldValueForbidden",
            field: field.into(),
            message: with_detail("Forbidden", detail),
        }
    }
}

fn with_detail(text: &str, detail: &str) -> String {
    if detail.is_empty() { text.into() } else { format!("{text}: {detail}") }
}
