//! Containers: names, ports, environment, mounts, resources, probes, hooks.

use super::one_of;
use crate::meta::{
    config_key_errors, field_errors, not_negative, port, port_name_errors, port_number_or_name, protocol,
};
use apimachinery::labels::{dns1123_label_errors, qualified_name_errors};
use apimachinery::status::FieldError;
use apimachinery::{Quantity, Value};

/// Resources that containers can ask for without a domain.
const STANDARD_RESOURCES: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];
/// Resources that exist without a domain, for containers or elsewhere.
const KNOWN_RESOURCES: [&str; 12] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "storage",
    "pods",
    "services",
    "secrets",
    "configmaps",
    "replicationcontrollers",
    "resourcequotas",
    "persistentvolumeclaims",
    "requests.cpu",
];
/// Fields of the pod that the environment can show.
const ENV_FIELDS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// All containers of a pod spec. Mirrors validateContainers, validateInitContainers and validateEphemeralContainers.
pub fn validate_all(spec: &Value, path: &str) -> Vec<FieldError> {
    let containers = spec["containers"].items();
    if containers.is_empty() {
        return vec![FieldError::required(format!("{path}.containers"), "")];
    }
    let mut errors = Vec::new();
    for (i, container) in containers.iter().enumerate() {
        let path = format!("{path}.containers[{i}]");
        errors.extend(validate(container, spec, &path));
        if containers[..i].iter().any(|c| c["name"] == container["name"]) {
            errors.push(FieldError::duplicate(format!("{path}.name"), &container["name"]));
        }
        errors.extend(validate_hooks(container, &path));
        errors.extend(validate_probes(container, &path));
        errors.extend(restart_policy(container, &path));
    }
    errors.extend(host_port_conflicts(containers, &format!("{path}.containers")));
    errors.extend(validate_init(spec, path));
    for (i, container) in spec["ephemeralContainers"].items().iter().enumerate() {
        let path = format!("{path}.ephemeralContainers[{i}]");
        errors.extend(validate(container, spec, &path));
        for field in ["ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "resources"] {
            if !container[field].is_empty() {
                let detail = "cannot be set for an Ephemeral Container";
                errors.push(FieldError::forbidden(format!("{path}.{field}"), detail));
            }
        }
    }
    errors
}

fn validate_init(spec: &Value, path: &str) -> Vec<FieldError> {
    let (inits, containers) = (spec["initContainers"].items(), spec["containers"].items());
    let mut errors = Vec::new();
    for (i, container) in inits.iter().enumerate() {
        let path = format!("{path}.initContainers[{i}]");
        errors.extend(validate(container, spec, &path));
        let same = |c: &Value| c["name"] == container["name"];
        if inits[..i].iter().any(same) || containers.iter().any(same) {
            errors.push(FieldError::duplicate(format!("{path}.name"), &container["name"]));
        }
        errors.extend(restart_policy(container, &path));
        if container["restartPolicy"] == "Always" {
            errors.extend(validate_hooks(container, &path));
            errors.extend(validate_probes(container, &path));
        } else {
            for field in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
                if !container[field].is_null() {
                    let detail = "may not be set for init containers without restartPolicy=Always";
                    errors.push(FieldError::forbidden(format!("{path}.{field}"), detail));
                }
            }
        }
    }
    errors
}

/// Of a container's own restart policy only that of sidecars is simulated.
fn restart_policy(container: &Value, path: &str) -> Option<FieldError> {
    let policy = &container["restartPolicy"];
    if policy.is_null() {
        return None;
    }
    let at = format!("{path}.restartPolicy");
    let sidecar = path.contains("initContainers[") && policy == "Always";
    one_of(policy, at.clone(), &["Always", "Never", "OnFailure"])
        .or_else(|| (!sidecar).then(|| FieldError::forbidden(at, crate::unsimulated::DETAIL)))
}

/// Mirrors validateContainerCommon.
fn validate(container: &Value, spec: &Value, path: &str) -> Vec<FieldError> {
    let at = |field: &str| format!("{path}.{field}");
    let mut errors = Vec::new();
    let (name, image) = (&container["name"], &container["image"]);
    match name.str() {
        "" => errors.push(FieldError::required(at("name"), "")),
        text => errors.extend(field_errors(dns1123_label_errors(text), &at("name"), name)),
    }
    if image.str().is_empty() {
        errors.push(FieldError::required(at("image"), ""));
    } else if image.str().trim() != image.str() {
        let detail = "must not have leading or trailing whitespace";
        errors.push(FieldError::invalid(at("image"), image, detail));
    }
    let policies = ["File", "FallbackToLogsOnError"];
    errors.extend(one_of(&container["terminationMessagePolicy"], at("terminationMessagePolicy"), &policies));
    errors.extend(validate_ports(container["ports"].items(), &at("ports")));
    errors.extend(validate_env(container["env"].items(), &at("env")));
    errors.extend(validate_env_from(container["envFrom"].items(), &at("envFrom")));
    errors.extend(validate_mounts(container, &spec["volumes"], &at("volumeMounts")));
    let policies = ["Always", "IfNotPresent", "Never"];
    errors.extend(one_of(&container["imagePullPolicy"], at("imagePullPolicy"), &policies));
    errors.extend(validate_resources(&container["resources"], &at("resources")));
    errors.extend(validate_security(&container["securityContext"], &at("securityContext")));
    errors
}

fn validate_ports(ports: &[Value], path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (i, entry) in ports.iter().enumerate() {
        let at = |field: &str| format!("{path}[{i}].{field}");
        let name = &entry["name"];
        if !name.str().is_empty() {
            let wrong = port_name_errors(name.str());
            if wrong.is_empty() && ports[..i].iter().any(|p| p["name"] == *name) {
                errors.push(FieldError::duplicate(at("name"), name));
            }
            errors.extend(wrong.iter().map(|e| FieldError::invalid(at("name"), name, e)));
        }
        if entry["containerPort"].int() == 0 {
            errors.push(FieldError::required(at("containerPort"), ""));
        } else {
            errors.extend(port(&entry["containerPort"], at("containerPort")));
        }
        if entry["hostPort"].int() != 0 {
            errors.extend(port(&entry["hostPort"], at("hostPort")));
        }
        errors.extend(protocol(&entry["protocol"], at("protocol")));
    }
    errors
}

/// Mirrors checkHostPortConflicts.
fn host_port_conflicts(containers: &[Value], path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut seen = Vec::new();
    for (i, container) in containers.iter().enumerate() {
        for (j, entry) in container["ports"].items().iter().enumerate() {
            let number = entry["hostPort"].int();
            let key = format!("{}/{}/{number}", entry["protocol"].str(), entry["hostIP"].str());
            if number == 0 {
                continue;
            }
            if seen.contains(&key) {
                let field = format!("{path}[{i}].ports[{j}].hostPort");
                errors.push(FieldError::duplicate(field, &Value::from(key)));
            } else {
                seen.push(key);
            }
        }
    }
    errors
}

fn validate_env(env: &[Value], path: &str) -> Vec<FieldError> {
    const NAME_RULE: &str =
        "a valid environment variable name must consist only of printable ASCII characters other than '='";
    let mut errors = Vec::new();
    for (i, entry) in env.iter().enumerate() {
        let path = format!("{path}[{i}]");
        let name = &entry["name"];
        if name.str().is_empty() {
            errors.push(FieldError::required(format!("{path}.name"), ""));
        } else if !name.str().bytes().all(|b| matches!(b, b' '..=b'~') && b != b'=') {
            errors.push(FieldError::invalid(format!("{path}.name"), name, NAME_RULE));
        }
        if !entry["valueFrom"].is_null() {
            errors.extend(validate_value_from(entry, &format!("{path}.valueFrom")));
        }
    }
    errors
}

/// Mirrors validateEnvVarValueFrom.
fn validate_value_from(entry: &Value, path: &str) -> Vec<FieldError> {
    let from = &entry["valueFrom"];
    let mut errors = Vec::new();
    let mut sources = 0;
    for source in ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"] {
        if from[source].is_null() {
            continue;
        }
        sources += 1;
        let (value, path) = (&from[source], format!("{path}.{source}"));
        errors.extend(match source {
            "fieldRef" => validate_field_ref(value, &ENV_FIELDS, &path),
            "resourceFieldRef" => validate_resource_ref(value, &path),
            "fileKeyRef" => required(value, &path, &["volumeName", "path", "key"]),
            _ => validate_key_ref(value, &path),
        });
    }
    let nothing = Value::from("");
    let detail = match (sources, entry["value"].str()) {
        (0, _) => {
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
        }
        (_, value) if !value.is_empty() => "may not be specified when `value` is not empty",
        (1, _) => return errors,
        _ => "may not have more than one field specified at a time",
    };
    errors.push(FieldError::invalid(path, &nothing, detail));
    errors
}

fn required(value: &Value, path: &str, fields: &[&str]) -> Vec<FieldError> {
    let missing = fields.iter().filter(|field| value[**field].str().is_empty());
    missing.map(|field| FieldError::required(format!("{path}.{field}"), "")).collect()
}

fn validate_key_ref(value: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = required(value, path, &["name", "key"]);
    if !value["key"].str().is_empty() {
        errors.extend(field_errors(
            config_key_errors(value["key"].str()),
            &format!("{path}.key"),
            &value["key"],
        ));
    }
    errors
}

/// Mirrors validateObjectFieldSelector.
pub fn validate_field_ref(value: &Value, known: &[&str], path: &str) -> Vec<FieldError> {
    let field = value["fieldPath"].str();
    let at = format!("{path}.fieldPath");
    if field.is_empty() {
        return vec![FieldError::required(at, "")];
    }
    if let Some((map, key)) = field.strip_suffix("']").and_then(|rest| rest.split_once("['")) {
        let wrong = match map {
            "metadata.annotations" => qualified_name_errors(&key.to_lowercase()),
            "metadata.labels" => qualified_name_errors(key),
            _ => {
                let detail = "does not support subscript";
                return vec![FieldError::invalid(at, &Value::from(map), detail)];
            }
        };
        return field_errors(wrong, &at, &Value::from(key));
    }
    const EXIST: [&str; 4] =
        ["metadata.labels", "metadata.annotations", "spec.restartPolicy", "spec.schedulerName"];
    if known.contains(&field) {
        Vec::new()
    } else if ENV_FIELDS.contains(&field) || EXIST.contains(&field) {
        vec![FieldError::not_supported(at, &value["fieldPath"], known)]
    } else {
        let detail = format!("error converting fieldPath: field label not supported: {field}");
        vec![FieldError::invalid(at, &value["fieldPath"], &detail)]
    }
}

/// Mirrors validateContainerResourceFieldSelector.
pub fn validate_resource_ref(value: &Value, path: &str) -> Vec<FieldError> {
    const KNOWN: [&str; 6] = [
        "limits.cpu",
        "limits.ephemeral-storage",
        "limits.memory",
        "requests.cpu",
        "requests.ephemeral-storage",
        "requests.memory",
    ];
    let resource = &value["resource"];
    let at = format!("{path}.resource");
    match resource.str() {
        "" => vec![FieldError::required(at, "")],
        text if KNOWN.contains(&text) || text.contains("hugepages-") => Vec::new(),
        _ => vec![FieldError::not_supported(at, resource, &KNOWN)],
    }
}

fn validate_env_from(sources: &[Value], path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (i, source) in sources.iter().enumerate() {
        let path = format!("{path}[{i}]");
        let kinds = ["configMapRef", "secretRef"].into_iter().filter(|k| !source[*k].is_null());
        let kinds: Vec<&str> = kinds.collect();
        for kind in &kinds {
            errors.extend(required(&source[*kind], &format!("{path}.{kind}"), &["name"]));
        }
        let detail = match kinds.len() {
            0 => "must specify one of: `configMapRef` or `secretRef`",
            1 => continue,
            _ => "may not have more than one field specified at a time",
        };
        errors.push(FieldError::invalid(path, &Value::from(""), detail));
    }
    errors
}

/// Mirrors ValidateVolumeMounts.
fn validate_mounts(container: &Value, volumes: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mounts = container["volumeMounts"].items();
    for (i, mount) in mounts.iter().enumerate() {
        let at = |field: &str| format!("{path}[{i}].{field}");
        let (name, target) = (&mount["name"], &mount["mountPath"]);
        if name.str().is_empty() {
            errors.push(FieldError::required(at("name"), ""));
        }
        if !volumes.items().iter().any(|v| v["name"] == *name) {
            errors.push(FieldError::not_found(at("name"), name));
        }
        if target.str().is_empty() {
            errors.push(FieldError::required(at("mountPath"), ""));
        }
        if mounts[..i].iter().any(|m| m["mountPath"] == *target) {
            errors.push(FieldError::invalid(at("mountPath"), target, "must be unique"));
        }
        let sub = &mount["subPath"];
        if sub.str().starts_with('/') {
            errors.push(FieldError::invalid(at("subPath"), sub, "must be a relative path"));
        }
        if sub.str().split('/').any(|part| part == "..") {
            errors.push(FieldError::invalid(at("subPath"), sub, "must not contain '..'"));
        }
        if !mount["subPathExpr"].str().is_empty() && !sub.str().is_empty() {
            let detail = "subPathExpr and subPath are mutually exclusive";
            errors.push(FieldError::invalid(at("subPathExpr"), &mount["subPathExpr"], detail));
        }
    }
    for (i, device) in container["volumeDevices"].items().iter().enumerate() {
        let at = |field: &str| format!("{}[{i}].{field}", path.replace("volumeMounts", "volumeDevices"));
        for field in ["name", "devicePath"] {
            if device[field].str().is_empty() {
                errors.push(FieldError::required(at(field), ""));
            }
        }
    }
    errors
}

/// Mirrors ValidateResourceRequirements.
fn validate_resources(resources: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let parse = |v: &Value| Quantity::parse(v.str()).unwrap_or(Quantity::ZERO);
    for (list, name, amount) in
        ["limits", "requests"].iter().flat_map(|l| resources[*l].fields().map(move |(n, a)| (*l, n, a)))
    {
        let at = format!("{path}.{list}[{name}]");
        errors.extend(validate_container_resource_name(name, &at));
        if parse(amount).is_negative() {
            errors.push(FieldError::invalid(at.as_str(), amount, crate::meta::NOT_NEGATIVE));
        }
        if list != "requests" {
            continue;
        }
        let overcommit = !name.contains('/') && !name.starts_with("hugepages-");
        let Some(limit) = resources["limits"].get(name) else {
            if !overcommit {
                let detail = "Limit must be set for non overcommitable resources";
                errors.push(FieldError::required(format!("{path}.limits"), detail));
            }
            continue;
        };
        let at = format!("{path}.requests");
        if !overcommit && parse(amount) != parse(limit) {
            let detail = format!("must be equal to {name} limit of {}", limit.str());
            errors.push(FieldError::invalid(at, amount, &detail));
        } else if parse(amount) > parse(limit) {
            let detail = format!("must be less than or equal to {name} limit of {}", limit.str());
            errors.push(FieldError::invalid(at, amount, &detail));
        }
    }
    errors
}

/// What is wrong with the name of a resource that a container asks for. Mirrors ValidateContainerResourceName.
pub fn validate_container_resource_name(name: &str, path: &str) -> Vec<FieldError> {
    let shown = Value::from(name);
    let wrong = qualified_name_errors(name);
    if !wrong.is_empty() {
        return field_errors(wrong, path, &shown);
    }
    let mut errors = Vec::new();
    if !name.contains('/') && !name.starts_with("hugepages-") {
        if !KNOWN_RESOURCES.contains(&name) {
            let detail = "must be a standard resource type or fully qualified";
            errors.push(FieldError::invalid(path, &shown, detail));
        }
        if !STANDARD_RESOURCES.contains(&name) {
            errors.push(FieldError::invalid(path, &shown, "must be a standard resource for containers"));
        }
    }
    errors
}

fn validate_security(context: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = validate_ids(context, path);
    let escalation = &context["allowPrivilegeEscalation"];
    if escalation.as_bool() == Some(false) {
        if context["privileged"].is_true() {
            let detail = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
            errors.push(FieldError::invalid(path, context, detail));
        }
        let added = context["capabilities"]["add"].items();
        if added.iter().any(|c| *c == "CAP_SYS_ADMIN") {
            let detail =
                "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN";
            errors.push(FieldError::invalid(path, context, detail));
        }
    }
    errors
}

/// User and group ids of a security context, of a pod or a container.
pub fn validate_ids(context: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for field in ["runAsUser", "runAsGroup", "fsGroup"] {
        let id = &context[field];
        if id.as_i64().is_some_and(|n| !(0..=i64::from(i32::MAX)).contains(&n)) {
            let detail = "must be between 0 and 2147483647, inclusive";
            errors.push(FieldError::invalid(format!("{path}.{field}"), id, detail));
        }
    }
    errors
}

fn validate_hooks(container: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for hook in ["postStart", "preStop"] {
        let handler = &container["lifecycle"][hook];
        if !handler.is_null() {
            errors.extend(validate_handler(handler, &format!("{path}.lifecycle.{hook}")));
        }
    }
    errors
}

fn validate_probes(container: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for kind in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let probe = &container[kind];
        if probe.is_null() {
            continue;
        }
        let path = format!("{path}.{kind}");
        let at = |field: &str| format!("{path}.{field}");
        errors.extend(validate_handler(probe, &path));
        let numbers = [
            "initialDelaySeconds",
            "timeoutSeconds",
            "periodSeconds",
            "successThreshold",
            "failureThreshold",
        ];
        errors.extend(numbers.iter().filter_map(|field| not_negative(&probe[*field], at(field))));
        let grace = &probe["terminationGracePeriodSeconds"];
        if kind == "readinessProbe" && !grace.is_null() {
            let detail = "must not be set for readinessProbes";
            errors.push(FieldError::invalid(at("terminationGracePeriodSeconds"), grace, detail));
        } else if grace.as_i64().is_some_and(|n| n <= 0) {
            let detail = "must be greater than 0";
            errors.push(FieldError::invalid(at("terminationGracePeriodSeconds"), grace, detail));
        }
        if kind != "readinessProbe" && probe["successThreshold"].int() != 1 {
            errors.push(FieldError::invalid(at("successThreshold"), &probe["successThreshold"], "must be 1"));
        }
    }
    errors
}

/// What a probe or a hook does. Mirrors validateHandler.
fn validate_handler(handler: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut handlers = 0;
    for kind in ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] {
        let action = &handler[kind];
        if action.is_null() {
            continue;
        }
        let path = format!("{path}.{kind}");
        handlers += 1;
        if handlers > 1 {
            errors.push(FieldError::forbidden(path, "may not specify more than 1 handler type"));
            continue;
        }
        match kind {
            "exec" if action["command"].is_empty() => {
                errors.push(FieldError::required(format!("{path}.command"), ""));
            }
            "httpGet" => errors.extend(validate_http(action, &path)),
            "tcpSocket" => errors.extend(port_number_or_name(&action["port"], &format!("{path}.port"))),
            "grpc" => errors.extend(port(&action["port"], format!("{path}.port"))),
            _ => {}
        }
    }
    if handlers == 0 {
        errors.push(FieldError::required(path, "must specify a handler type"));
    }
    errors
}

fn validate_http(action: &Value, path: &str) -> Vec<FieldError> {
    const HEADER_RULE: &str = "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";
    let mut errors = Vec::new();
    if action["path"].str().is_empty() {
        errors.push(FieldError::required(format!("{path}.path"), ""));
    }
    errors.extend(port_number_or_name(&action["port"], &format!("{path}.port")));
    let scheme = &action["scheme"];
    if !matches!(scheme.str(), "HTTP" | "HTTPS") {
        errors.push(FieldError::not_supported(format!("{path}.scheme"), scheme, &["HTTP", "HTTPS"]));
    }
    for (i, header) in action["httpHeaders"].items().iter().enumerate() {
        let name = header["name"].str();
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            let field = format!("{path}.httpHeaders[{i}].name");
            errors.push(FieldError::invalid(field, &header["name"], HEADER_RULE));
        }
    }
    errors
}
