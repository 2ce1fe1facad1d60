//! Fields of the API whose effect a learner would look for and not find: asking for one is an error that names it.
//!
//! They are the fields marked `unsimulated` in the schema files. A value that asks for nothing (`false`, `0`, empty) is
//! taken as everywhere. Fields whose effect nothing here could show (capabilities, seccomp's RuntimeDefault, SELinux
//! labels) are not among them: they are stored and printed, as the real server does.

use crate::schema::{Field, Type, schema};
use apimachinery::Value;
use apimachinery::status::FieldError;

/// What the error says of a field.
pub const DETAIL: &str = "Kubarium does not simulate this field";

/// The errors for the fields of an object that are not simulated, `type_name` being its type in the schema table.
pub fn refused(type_name: &str, object: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if let Some(ty) = schema().type_by_name(type_name) {
        walk(ty, object, &mut String::new(), &mut errors);
    }
    errors
}

fn walk(ty: &Type, value: &Value, path: &mut String, errors: &mut Vec<FieldError>) {
    let length = path.len();
    match ty {
        Type::Struct(index) => {
            for field in schema().structure(*index).refusing() {
                look(field, &value[field.name], path, errors);
            }
        }
        Type::List(item) => {
            for (i, entry) in value.items().iter().enumerate() {
                path.push_str(&format!("[{i}]"));
                walk(item, entry, path, errors);
                path.truncate(length);
            }
        }
        _ => {}
    }
}

fn look(field: &Field, value: &Value, path: &mut String, errors: &mut Vec<FieldError>) {
    if value.is_null() {
        return;
    }
    let length = path.len();
    if length > 0 {
        path.push('.');
    }
    path.push_str(field.name);
    if !field.unsimulated {
        walk(&field.ty, value, path, errors);
    } else if asks(field.name, value) {
        errors.push(FieldError::forbidden(path.as_str(), DETAIL));
    }
    path.truncate(length);
}

/// Whether a value asks for something. `hostUsers` is the one switch whose effect begins when it is off.
fn asks(name: &str, value: &Value) -> bool {
    match value {
        Value::Bool(on) => *on == (name != "hostUsers"),
        Value::Int(n) => *n != 0,
        other => !other.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::{Object, json};

    fn errors_of(kind: &crate::Kind, object: Value) -> Vec<String> {
        let (mut object, _) = kind.decode(&object, crate::Strictness::Strict).expect("it decodes");
        kind.default(&mut object);
        let told = |e: &FieldError| e.message.ends_with(DETAIL).then(|| e.field.clone());
        kind.validate(&Object(object)).iter().filter_map(told).collect()
    }

    #[test]
    fn fields_without_effect_are_refused_by_their_path_wherever_they_stand() {
        let spec = json!({
            "hostPID": true, "shareProcessNamespace": true, "hostUsers": false,
            "resources": {"limits": {"cpu": "1"}},
            "securityContext": {"seccompProfile": {"type": "Localhost", "localhostProfile": "audit.json"}},
            "containers": [{"name": "c", "image": "nginx", "livenessProbe": {"grpc": {"port": 1}},
                "env": [{"name": "A", "valueFrom": {"fileKeyRef": {"volumeName": "v", "path": "p", "key": "k"}}}],
                "restartPolicyRules": [{"action": "Restart"}], "volumeDevices": [{"name": "v", "devicePath": "/d"}],
                "lifecycle": {"stopSignal": "SIGUSR1"}, "resources": {"claims": [{"name": "gpu"}]}}],
        });
        let pod =
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": (spec.clone())});
        let found = errors_of(&crate::pod::KIND, pod);
        let expected = [
            "spec.containers[0].env[0].valueFrom.fileKeyRef",
            "spec.containers[0].resources.claims",
            "spec.containers[0].restartPolicyRules",
            "spec.containers[0].volumeDevices",
            "spec.containers[0].livenessProbe.grpc",
            "spec.containers[0].lifecycle.stopSignal",
            "spec.hostPID",
            "spec.shareProcessNamespace",
            "spec.securityContext.seccompProfile.localhostProfile",
            "spec.hostUsers",
            "spec.resources",
        ];
        assert_eq!(found, expected);
        let template = json!({"metadata": {"labels": {"a": "b"}}, "spec": {
            "hostPID": true, "containers": [{"name": "c", "image": "nginx"}]}});
        let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"},
            "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": (template)}});
        assert_eq!(errors_of(&crate::deployment::KIND, deployment), ["spec.template.spec.hostPID"]);
    }

    #[test]
    fn what_the_documentation_recommends_and_nothing_could_show_is_taken() {
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {
            "hostPID": false, "shareProcessNamespace": false, "hostUsers": true, "hostIPC": true,
            "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{"name": "c", "image": "nginx", "securityContext": {
                "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
                "seLinuxOptions": {"level": "s0:c123,c456"}}}],
        }});
        assert_eq!(errors_of(&crate::pod::KIND, pod), Vec::<String>::new());
    }
}
