//! IngressClass: which controller an Ingress is for.

use crate::kind::{BASE, Kind, spec_changed};
use crate::meta::{age, column, immutable};
use apimachinery::labels::qualified_name_errors;
use apimachinery::status::FieldError;
use apimachinery::{Object, Resource, Value};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource = Resource {
    group: "networking.k8s.io",
    version: "v1",
    kind: "IngressClass",
    plural: "ingressclasses",
    namespaced: false,
};

/// Marks the class of Ingresses that name none.
const IS_DEFAULT: &str = "ingressclass.kubernetes.io/is-default-class";
/// The longest name of a controller.
const MAX_CONTROLLER: usize = 250;

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "ingressclass",
    schema: "IngressClass",
    defaults: |class| {
        let parameters = &class["spec"]["parameters"];
        if !parameters.is_null() && parameters["scope"].is_null() {
            class.set_at("spec.parameters.scope", "Cluster");
        }
    },
    validate,
    validate_update: |new, old| {
        let (now, before) = (&new["spec"]["controller"], &old["spec"]["controller"]);
        let mut errors = validate(new);
        errors.extend(immutable(now, before, "spec.controller"));
        errors
    },
    generation: Some(spec_changed),
    columns: &[column("Name"), column("Controller"), column("Parameters"), column("Age")],
    row,
    ..BASE
};

/// Whether Ingresses that name no class are of this one.
pub fn is_default(class: &Object) -> bool {
    class.annotation(IS_DEFAULT) == Some("true")
}

/// Mirrors validateIngressClassSpec.
fn validate(class: &Object) -> Vec<FieldError> {
    const FIELD: &str = "spec.controller";
    let spec = &class["spec"];
    let controller = &spec["controller"];
    let mut errors = Vec::new();
    if controller.str().len() > MAX_CONTROLLER {
        errors.push(FieldError::too_long(FIELD, MAX_CONTROLLER));
    }
    let has_path = controller.str().split_once('/').is_some_and(|(domain, path)| {
        !domain.is_empty() && qualified_name_errors(&format!("{domain}/x")).is_empty() && !path.is_empty()
    });
    match controller.str() {
        "" => errors.push(FieldError::required(FIELD, "")),
        _ if !has_path => {
            let detail = "must be a domain-prefixed path (such as \"acme.io/foo\")";
            errors.push(FieldError::invalid(FIELD, controller, detail));
        }
        _ => {}
    }
    errors.extend(parameters(&spec["parameters"]));
    errors
}

/// Mirrors validateIngressClassParametersReference.
fn parameters(parameters: &Value) -> Vec<FieldError> {
    if parameters.is_null() {
        return Vec::new();
    }
    let at = |field: &str| format!("spec.parameters.{field}");
    let mut errors = Vec::new();
    for field in ["kind", "name"] {
        if parameters[field].is_empty() {
            errors.push(FieldError::required(at(field), &format!("{field} is required")));
        }
    }
    let namespace = &parameters["namespace"];
    match parameters["scope"].str() {
        "Namespace" if namespace.is_null() => {
            let detail = "`parameters.scope` is set to 'Namespace'";
            errors.push(FieldError::required(at("namespace"), detail));
        }
        "Cluster" if !namespace.is_null() => {
            let detail = "`parameters.scope` is set to 'Cluster'";
            errors.push(FieldError::forbidden(at("namespace"), detail));
        }
        "Namespace" | "Cluster" => {}
        _ => errors.push(FieldError::not_supported(
            at("scope"),
            &parameters["scope"],
            &["Cluster", "Namespace"],
        )),
    }
    errors
}

/// Mirrors printIngressClass.
fn row(class: &Object, now: Time) -> Vec<Value> {
    let default = if is_default(class) { " (default)" } else { "" };
    let parameters = class.at("spec.parameters");
    let shown = match (parameters["kind"].str(), parameters["apiGroup"].str()) {
        ("", _) => "<none>".to_string(),
        (kind, "") => format!("{kind}/{}", parameters["name"].str()),
        (kind, group) => format!("{kind}.{group}/{}", parameters["name"].str()),
    };
    vec![
        format!("{}{default}", class.name()).into(),
        class.at("spec.controller").str().into(),
        shown.into(),
        age(class, now),
    ]
}
