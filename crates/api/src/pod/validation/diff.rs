//! The difference between two specs as the server shows it: a unified diff of its internal type, whose fields have
//! Go's names and are all written. Mirrors apimachinery/pkg/util/diff.

use crate::schema::{Field, Struct, Type, schema};
use apimachinery::Value;
use sim::Order;

/// Fields of the internal PodSpec, in its order; they have the names that v1 gives them in Go.
const POD_SPEC: &str = "Volumes InitContainers Containers EphemeralContainers RestartPolicy \
    TerminationGracePeriodSeconds ActiveDeadlineSeconds DNSPolicy NodeSelector ServiceAccountName \
    AutomountServiceAccountToken NodeName SecurityContext ImagePullSecrets Hostname Subdomain SetHostnameAsFQDN \
    Affinity SchedulerName Tolerations HostAliases PriorityClassName Priority PreemptionPolicy DNSConfig \
    ReadinessGates RuntimeClassName Overhead EnableServiceLinks TopologySpreadConstraints OS SchedulingGates \
    ResourceClaims Resources HostnameOverride SchedulingGroup";
/// What the internal type keeps in the security context and v1 in the spec: names in JSON and in Go.
const HOST_FIELDS: [(&str, &str); 5] = [
    ("hostNetwork", "HostNetwork"),
    ("hostPID", "HostPID"),
    ("hostIPC", "HostIPC"),
    ("shareProcessNamespace", "ShareProcessNamespace"),
    ("hostUsers", "HostUsers"),
];
/// Lines around a change.
const CONTEXT: usize = 3;
/// How many lines of two texts are compared; of longer ones the changed middle is shown as a whole.
const MAX_COMPARED: usize = 1000;

/// The unified diff of two values of a type, such as `PodSpec`, each line with its break.
pub fn specs(type_name: &str, old: &Value, new: &Value) -> String {
    unified(&lines_of(type_name, old), &lines_of(type_name, new))
}

/// A pod template as the server shows it in one line: its metadata as v1 has it, its spec as its internal type.
pub fn template_in_go(template: &Value) -> String {
    let mut text = String::from("{");
    for key in ["labels", "annotations", "finalizers"] {
        if !template["metadata"][key].is_empty() {
            text.push_str(&format!("{key:?}:{},", template["metadata"][key].to_json()));
        }
    }
    text.push_str("\"Spec\":");
    for line in lines_of("PodSpec", &template["spec"]) {
        let line = line.trim_start();
        // What stands between a name and its value is there for readers.
        match line.split_once("\": ").filter(|(name, _)| name.starts_with('"') && !name.ends_with('\\')) {
            Some((name, value)) => text.push_str(&format!("{name}\":{value}")),
            None => text.push_str(line),
        }
    }
    text + "}"
}

fn lines_of(type_name: &str, spec: &Value) -> Vec<String> {
    let mut writer = Writer { lines: vec![String::new()], depth: 0, spec };
    let structure = schema().by_name(type_name).expect("a struct of the schema files");
    writer.object(structure, spec);
    writer.lines
}

/// Writes JSON of Go structs without tags, indented by one space.
struct Writer<'a> {
    lines: Vec<String>,
    depth: usize,
    spec: &'a Value,
}

impl Writer<'_> {
    fn push(&mut self, text: &str) {
        self.lines.last_mut().expect("never empty").push_str(text);
    }

    fn next_line(&mut self) {
        self.lines.push(" ".repeat(self.depth));
    }

    fn open(&mut self, bracket: &str) {
        self.push(bracket);
        self.depth += 1;
    }

    fn item(&mut self, first: bool) {
        if !first {
            self.push(",");
        }
        self.next_line();
    }

    fn close(&mut self, bracket: &str) {
        self.depth -= 1;
        self.next_line();
        self.push(bracket);
    }

    fn object(&mut self, s: &'static Struct, value: &Value) {
        self.open("{");
        let mut first = true;
        if s.go.name == "PodSecurityContext" {
            for (name, go) in HOST_FIELDS {
                self.item(first);
                first = false;
                let flag = self.spec[name].as_bool();
                let plain = matches!(name, "hostNetwork" | "hostPID" | "hostIPC");
                let shown = match flag {
                    None if plain => "false".to_string(),
                    None => "null".into(),
                    Some(flag) => flag.to_string(),
                };
                self.push(&format!("\"{go}\": {shown}"));
            }
        }
        for field in ordered(s) {
            self.item(first);
            first = false;
            self.push(&format!("\"{}\": ", go_name(field)));
            self.field(field, &value[field.name]);
        }
        self.close("}");
    }

    fn field(&mut self, field: &'static Field, value: &Value) {
        let absent = value.is_null();
        match &field.ty {
            _ if absent && field.pointer => self.push("null"),
            Type::List(_) | Type::Map(..) | Type::Any(_) | Type::Bytes | Type::Time | Type::MicroTime
                if absent =>
            {
                self.push("null");
            }
            ty => self.value(ty, value),
        }
    }

    fn value(&mut self, ty: &'static Type, value: &Value) {
        match ty {
            Type::Struct(index) if schema().structure(*index).go.name == "LabelSelector" => self.json(value),
            Type::Struct(index) => self.object(schema().structure(*index), value),
            Type::List(item) if !value.is_empty() => {
                self.open("[");
                for (i, value) in value.items().iter().enumerate() {
                    self.item(i == 0);
                    self.value(item, value);
                }
                self.close("]");
            }
            Type::Map(_, _, item) if !value.is_empty() => {
                self.open("{");
                for (i, (key, value)) in value.fields().enumerate() {
                    self.item(i == 0);
                    self.push(&format!("{}: ", Value::from(key).to_json()));
                    self.value(item, value);
                }
                self.close("}");
            }
            Type::Bool => self.push(&value.is_true().to_string()),
            Type::Int32 | Type::Int64 => self.push(&value.int().to_string()),
            Type::String(_) => self.json(&Value::from(value.str())),
            Type::IntOrString if value.is_null() => self.push("0"),
            Type::Quantity if value.is_null() => self.push("\"0\""),
            _ => self.json(value),
        }
    }

    /// A value that writes itself as v1 does.
    fn json(&mut self, value: &Value) {
        // Go escapes what HTML would read.
        let text =
            value.to_json_pretty(" ").replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
        let mut lines = text.lines();
        self.push(lines.next().unwrap_or_default());
        for line in lines {
            self.next_line();
            self.push(line);
        }
    }
}

fn go_name(field: &Field) -> String {
    let mut name = String::new();
    field.write_go_name(&mut name).expect("a text takes every text");
    name
}

/// The fields in the order of the internal type: v1's own, but for the few that differ.
fn ordered(s: &'static Struct) -> Vec<&'static Field> {
    let mut fields: Vec<&Field> = s.fields.iter().collect();
    match s.go.name {
        "PodSpec" => {
            let place = |field: &&Field| POD_SPEC.split_whitespace().position(|name| name == go_name(field));
            fields.retain(|field| place(field).is_some());
            fields.order_by_key(place);
        }
        "Volume" => move_behind(&mut fields, "quobyte", "rbd"),
        "PodSecurityContext" => move_behind(&mut fields, "sysctls", "fsGroupChangePolicy"),
        _ => {}
    }
    fields
}

/// Puts a field behind another that comes later, or earlier.
fn move_behind(fields: &mut Vec<&'static Field>, name: &str, other: &str) {
    if let Some(from) = fields.iter().position(|f| f.name == name) {
        let field = fields.remove(from);
        let to = fields.iter().position(|f| f.name == other).map_or(from, |at| at + 1);
        fields.insert(to, field);
    }
}

/// One line of both texts: of the old one, the new one, or both.
#[derive(Clone, Copy, PartialEq)]
enum Edit {
    Keep,
    Delete,
    Insert,
}

fn unified(old: &[String], new: &[String]) -> String {
    let edits = edits(old, new);
    let mut out = String::new();
    let (mut at, mut places) = (0, Vec::with_capacity(edits.len() + 1));
    let (mut i, mut j) = (0, 0);
    for edit in &edits {
        places.push((i, j));
        i += usize::from(*edit != Edit::Insert);
        j += usize::from(*edit != Edit::Delete);
    }
    places.push((i, j));
    while let Some(first) = edits[at..].iter().position(|e| *e != Edit::Keep).map(|n| at + n) {
        // A hunk goes on while fewer than twice the context stays the same.
        let mut last = first;
        for (n, edit) in edits.iter().enumerate().skip(first) {
            if *edit != Edit::Keep {
                last = n;
            } else if n - last > 2 * CONTEXT {
                break;
            }
        }
        let (start, end) = (first.saturating_sub(CONTEXT).max(at), (last + 1 + CONTEXT).min(edits.len()));
        let (from, to) = (places[start], places[end]);
        out.push_str(&format!("@@ -{} +{} @@\n", range(from.0, to.0), range(from.1, to.1)));
        for (edit, (i, j)) in edits[start..end].iter().zip(&places[start..end]) {
            let (sign, line) = match edit {
                Edit::Keep => (' ', &old[*i]),
                Edit::Delete => ('-', &old[*i]),
                Edit::Insert => ('+', &new[*j]),
            };
            out.push(sign);
            out.push_str(line);
            out.push('\n');
        }
        at = end;
    }
    out
}

/// Where a hunk begins and how long it is, as unified diffs write it.
fn range(from: usize, to: usize) -> String {
    match to - from {
        1 => format!("{}", from + 1),
        0 => format!("{from},0"),
        n => format!("{},{n}", from + 1),
    }
}

fn edits(old: &[String], new: &[String]) -> Vec<Edit> {
    let same = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[same..], &new[same..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
    let mut edits = vec![Edit::Keep; same];
    if old.len() > MAX_COMPARED || new.len() > MAX_COMPARED {
        edits.extend(old.iter().map(|_| Edit::Delete));
        edits.extend(new.iter().map(|_| Edit::Insert));
    } else {
        edits.extend(longest_common(old, new));
    }
    edits.extend((0..tail).map(|_| Edit::Keep));
    edits
}

/// The edits that keep the longest common subsequence, deletions before insertions.
fn longest_common(old: &[String], new: &[String]) -> Vec<Edit> {
    let width = new.len() + 1;
    let mut length = vec![0u16; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            length[i * width + j] = match old[i] == new[j] {
                true => length[(i + 1) * width + j + 1] + 1,
                false => length[(i + 1) * width + j].max(length[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j, mut edits) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            edits.push(Edit::Keep);
            (i, j) = (i + 1, j + 1);
        } else if j == new.len()
            || (i < old.len() && length[(i + 1) * width + j] >= length[i * width + j + 1])
        {
            edits.push(Edit::Delete);
            i += 1;
        } else {
            edits.push(Edit::Insert);
            j += 1;
        }
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::json;

    fn pod(change: impl Fn(&mut Value)) -> Value {
        let mut spec = json!({
            "containers": [{
                "image": "nginx:1.27", "imagePullPolicy": "IfNotPresent", "name": "p", "resources": {},
                "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
                "volumeMounts": [{"mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "name": "kube-api-access-xnkst", "readOnly": true}],
            }],
            "dnsPolicy": "ClusterFirst", "enableServiceLinks": true, "nodeName": "minikube-m02",
            "restartPolicy": "Always", "securityContext": {}, "serviceAccountName": "default",
            "terminationGracePeriodSeconds": 30,
            "volumes": [{"name": "kube-api-access-xnkst", "projected": {"defaultMode": 420, "sources": [
                {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
                {"downwardAPI": {"items": [{"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}, "path": "namespace"}]}},
            ]}}],
        });
        change(&mut spec);
        spec
    }

    #[test]
    fn differences_stand_where_the_real_server_shows_them() {
        let old = pod(|_| {});
        let container = |key: &'static str, value: Value| {
            pod(move |spec| spec.field_mut("containers").array_mut()[0].set(key, value.clone()))
        };
        assert_eq!(
            specs("PodSpec", &old, &container("command", json!(["ls"]))),
            "@@ -93,7 +93,9 @@\n   {\n    \"Name\": \"p\",\n    \"Image\": \"nginx:1.27\",\n-   \"Command\": null,\n+   \"Command\": [\n+    \"ls\"\n+   ],\n    \"Args\": null,\n    \"WorkingDir\": \"\",\n    \"Ports\": null,\n"
        );
        assert_eq!(
            specs("PodSpec", &old, &container("ports", json!([{"containerPort": 81, "protocol": "TCP"}]))),
            "@@ -96,7 +96,15 @@\n    \"Command\": null,\n    \"Args\": null,\n    \"WorkingDir\": \"\",\n-   \"Ports\": null,\n+   \"Ports\": [\n+    {\n+     \"Name\": \"\",\n+     \"HostPort\": 0,\n+     \"ContainerPort\": 81,\n+     \"Protocol\": \"TCP\",\n+     \"HostIP\": \"\"\n+    }\n+   ],\n    \"EnvFrom\": null,\n    \"Env\": null,\n    \"Resources\": {\n"
        );
        assert_eq!(
            specs("PodSpec", &old, &pod(|spec| spec.set("nodeName", "minikube"))),
            "@@ -140,7 +140,7 @@\n  \"NodeSelector\": null,\n  \"ServiceAccountName\": \"default\",\n  \"AutomountServiceAccountToken\": null,\n- \"NodeName\": \"minikube-m02\",\n+ \"NodeName\": \"minikube\",\n  \"SecurityContext\": {\n   \"HostNetwork\": false,\n   \"HostPID\": false,\n"
        );
    }
}
