//! What holds across kinds, against what the real server said.

mod patches;
mod tables;

use crate::{KINDS, Strictness, by_kind, decode, schema::schema};
use apimachinery::{Value, json};

fn deployment(spec: Value) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": spec})
}

fn error(object: &Value) -> String {
    let kind = by_kind(object["apiVersion"].str(), object["kind"].str()).unwrap();
    decode(kind, object, Strictness::Strict).unwrap_err().message().to_string()
}

#[test]
fn every_kind_has_a_schema_and_a_cell_for_each_column() {
    for kind in KINDS {
        assert!(schema().by_name(kind.schema).is_some(), "{}", kind.schema);
        let mut object = json!({"metadata": {"name": "x"}});
        kind.default(&mut object);
        let row = (kind.row)(&object.into(), sim::Time::ZERO);
        assert_eq!(row.len(), kind.columns.len(), "{}", kind.schema);
    }
}

#[test]
fn a_deployment_gets_the_defaults_of_the_real_server() {
    let object = deployment(json!({
        "replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "strategy": {},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"image": "nginx", "name": "nginx", "resources": {}}]}},
    }));
    let kind = by_kind("apps/v1", "Deployment").unwrap();
    let (mut value, warnings) = decode(kind, &object, Strictness::Strict).unwrap();
    kind.default(&mut value);
    assert!(warnings.is_empty());
    let expected = json!({
        "progressDeadlineSeconds": 600, "replicas": 1, "revisionHistoryLimit": 10,
        "selector": {"matchLabels": {"app": "web"}},
        "strategy": {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}, "type": "RollingUpdate"},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "containers": [{
                    "image": "nginx", "imagePullPolicy": "Always", "name": "nginx", "resources": {},
                    "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
                }],
                "dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "schedulerName": "default-scheduler",
                "securityContext": {}, "terminationGracePeriodSeconds": 30,
            },
        },
    });
    assert_eq!(value["spec"], expected);
    assert_eq!(value["status"], json!({}));
}

#[test]
fn bad_fields_are_told_as_the_real_server_tells_them() {
    let template = json!({"spec": {"containers": [{"name": "c", "imagePullpolicy": "Always"}]}});
    assert_eq!(
        error(&deployment(json!({"replica": 3, "template": template}))),
        "Deployment in version \"v1\" cannot be handled as a Deployment: strict decoding error: \
         unknown field \"spec.replica\", unknown field \"spec.template.spec.containers[0].imagePullpolicy\""
    );
    let cases = [
        (
            deployment(json!({"replicas": "three"})),
            "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
        ),
        (
            json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"port": 8080}}),
            "json: cannot unmarshal number into Go struct field ConfigMap.data of type string",
        ),
        (
            json!({"apiVersion": "v1", "kind": "Secret", "data": {"password": "not-base64!"}}),
            "illegal base64 data at input byte 3",
        ),
        (
            json!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"resources": {"limits": {"cpu": "1x"}}}]}}),
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
        (
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": false}}),
            "json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.name of type string",
        ),
    ];
    for (object, expected) in cases {
        let kind = object["kind"].str().to_string();
        let expected = format!("{kind} in version \"v1\" cannot be handled as a {kind}: {expected}");
        assert_eq!(error(&object), expected);
    }
}

#[test]
fn a_strategic_patch_of_the_wrong_type_speaks_the_converters_words() {
    let kind = by_kind("apps/v1", "Deployment").unwrap();
    let patch = json!({"spec": {"replicas": "three"}});
    let patched = crate::decode_patched(
        kind,
        &deployment(patch["spec"].clone()),
        crate::Patched::Strategic(&patch),
        Strictness::Warn,
    );
    assert_eq!(
        patched.unwrap_err().0["details"]["causes"][0]["message"],
        "Invalid value: \"map[spec:map[replicas:three]]\": unrecognized type: int32"
    );
}

/// Decodes, defaults and validates a manifest as the server does for a create; the causes as kubectl lists them.
fn causes(manifest: &str) -> Vec<String> {
    let object = apimachinery::yaml::parse(manifest).unwrap();
    let kind = by_kind(object["apiVersion"].str(), object["kind"].str()).unwrap();
    let (mut value, _) = decode(kind, &object, Strictness::Strict).unwrap();
    kind.default(&mut value);
    if kind.resource.namespaced {
        value.set_at("metadata.namespace", "default");
    }
    let errors = kind.validate(&value.into());
    errors.iter().map(|e| format!("{}: {}", e.field, e.message)).collect()
}

/// Checks the causes against the beginnings of what the real server said.
fn expect(manifest: &str, expected: &[&str]) {
    let causes = causes(manifest);
    assert_eq!(causes.len(), expected.len(), "{causes:#?}");
    for (cause, expected) in causes.iter().zip(expected) {
        assert!(cause.starts_with(expected), "{cause}\n{expected}");
    }
}

#[test]
fn a_pod_with_many_mistakes_hears_of_all_of_them() {
    let manifest = r#"
apiVersion: v1
kind: Pod
metadata: {name: bad, labels: {"badkey!": "x y"}}
spec:
  restartPolicy: Sometimes
  containers:
  - {name: C_1, ports: [{containerPort: 70000, protocol: HTTP}], resources: {limits: {cpu: 1}, requests: {cpu: 2}}}
  - {name: c2, image: "nginx", volumeMounts: [{name: nope, mountPath: /a}], imagePullPolicy: Never2}
  - {name: c2, image: "nginx", env: [{name: "1=2", value: x}], livenessProbe: {httpGet: {path: /, port: 0}, periodSeconds: -1}}
"#;
    expect(
        manifest,
        &[
            "metadata.labels: Invalid value: \"badkey!\": name part must consist of",
            "metadata.labels: Invalid value: \"x y\": a valid label must be an empty string or consist of",
            "spec.containers[0].name: Invalid value: \"C_1\": a lowercase RFC 1123 label must consist of",
            "spec.containers[0].image: Required value",
            "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
            "spec.containers[0].ports[0].protocol: Unsupported value: \"HTTP\": supported values: \"SCTP\", \"TCP\", \"UDP\"",
            "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1",
            "spec.containers[1].volumeMounts[0].name: Not found: \"nope\"",
            "spec.containers[1].imagePullPolicy: Unsupported value: \"Never2\": supported values: \"Always\", \"IfNotPresent\", \"Never\"",
            "spec.containers[2].env[0].name: Invalid value: \"1=2\": a valid environment variable name must consist only of printable ASCII characters other than '='",
            "spec.containers[2].name: Duplicate value: \"c2\"",
            "spec.containers[2].livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive",
            "spec.containers[2].livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0",
            "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"OnFailure\", \"Never\"",
        ],
    );
}

#[test]
fn other_kinds_hear_of_their_mistakes() {
    let deployment =
        |spec: &str| format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: x}}\nspec: {spec}\n");
    let containers = "spec: {containers: [{name: c, image: \"nginx:1.27\"}]}";
    expect(
        &deployment(&format!(
            "{{selector: {{matchLabels: {{app: x}}}}, template: {{metadata: {{labels: {{app: other}}}}, {containers}}}}}"
        )),
        &[
            "spec.template.metadata.labels: Invalid value: {\"app\":\"other\"}: `selector` does not match template `labels`",
        ],
    );
    expect(
        &deployment(&format!("{{template: {{metadata: {{labels: {{app: other}}}}, {containers}}}}}")),
        &[
            "spec.selector: Required value",
            "spec.template.metadata.labels: Invalid value: {\"app\":\"other\"}: `selector` does not match template `labels`",
        ],
    );
    expect(
        &deployment(&format!(
            "{{selector: {{matchLabels: {{app: web.}}}}, template: {{metadata: {{labels: {{app: web.}}}}, {containers}}}}}"
        )),
        &[
            "spec.selector.matchLabels: Invalid value: \"web.\": a valid label must be",
            "spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"web.\"}}: invalid label selector",
        ],
    );
    expect(
        &deployment(&format!(
            "{{strategy: {{type: Bogus}}, selector: {{matchLabels: {{a: b}}}}, template: {{metadata: {{labels: {{a: b}}}}, {containers}}}}}"
        )),
        &[
            "spec.strategy: Unsupported value: {\"Type\":\"Bogus\",\"RollingUpdate\":null}: supported values: \"Recreate\", \"RollingUpdate\"",
        ],
    );
    expect(
        "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {type: Bogus, ports: [{port: 80}]}\n",
        &[
            "spec.type: Unsupported value: \"Bogus\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"",
        ],
    );
    expect(
        "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 0}]}\n",
        &[
            "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
            "spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive",
        ],
    );
    expect(
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h}\n\
         spec: {minReplicas: 5, maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: good}}\n",
        &["spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`"],
    );
    expect(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {}\n",
        &["spec.containers: Required value"],
    );
}

#[test]
fn what_may_not_change_does_not() {
    let kind = by_kind("v1", "Pod").unwrap();
    let mut pod = json!({"metadata": {"name": "p", "namespace": "default"}, "spec": {"containers": [{"name": "p", "image": "nginx:1.27"}]}});
    pod = decode(kind, &pod, Strictness::Strict).unwrap().0;
    kind.default(&mut pod);
    let old = apimachinery::Object(pod.clone());
    let mut image = old.clone();
    image.at_mut("spec.containers").array_mut()[0].set("image", "nginx:1.28");
    assert_eq!(kind.validate_update(&image, &old), []);
    let mut command = old.clone();
    command.at_mut("spec.containers").array_mut()[0].set("command", json!(["ls"]));
    let errors = kind.validate_update(&command, &old);
    assert!(
        errors[0].message.starts_with(
            "Forbidden: pod updates may not change fields other than `spec.containers[*].image`"
        )
    );
    let kind = by_kind("v1", "Service").unwrap();
    let service = |ip: &str| {
        let mut s = apimachinery::Object(
            json!({"metadata": {"name": "s"}, "spec": {"clusterIP": ip, "clusterIPs": [ip], "ports": [{"port": 80}]}}),
        );
        kind.default(&mut s);
        s
    };
    let old = service("10.96.0.5");
    let mut new = service("10.96.1.1");
    kind.prepare_update(&mut new, &old);
    let error = &(kind.validate_update)(&new, &old)[0];
    assert_eq!(
        format!("{}: {}", error.field, error.message),
        "spec.clusterIPs[0]: Invalid value: [\"10.96.1.1\"]: may not change once set"
    );
}

#[test]
fn a_pod_of_a_real_cluster_is_read_and_written_as_it_is() {
    let text = include_str!("pod.yaml");
    let pod = apimachinery::yaml::parse(text).unwrap();
    let kind = by_kind("v1", "Pod").unwrap();
    let (mut read, unknown) = decode(kind, &pod, Strictness::Strict).unwrap();
    assert_eq!((&read, unknown), (&pod, Vec::new()));
    kind.default(&mut read);
    assert_eq!(read, pod);
    let pod = apimachinery::Object(pod);
    assert_eq!((kind.validate(&pod), kind.warnings(&pod, None)), (Vec::new(), Vec::new()));
    assert_eq!(apimachinery::yaml::to_string(&pod), text);
}
