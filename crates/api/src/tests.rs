//! What holds across kinds, against what the real server said.

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
