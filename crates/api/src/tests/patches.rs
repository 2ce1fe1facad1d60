//! Strategic merge patches with the merge keys of the schema, as kubectl makes them and the server applies them.

use crate::merge_schema;
use apimachinery::patch::{
    strategic_merge, three_way_merge_patch, three_way_strategic_patch, two_way_strategic_patch,
};
use apimachinery::{Value, json};

fn deployment(containers: Value) -> Value {
    json!({"metadata": {"labels": {"app": "web"}}, "spec": {"replicas": 3, "template": {"spec": {"containers": containers}}}})
}

#[test]
fn a_patched_container_is_found_by_its_name_and_new_ones_come_first() {
    let schema = merge_schema("apps/v1", "Deployment").unwrap();
    let live = deployment(
        json!([{"name": "nginx", "image": "nginx:1.25", "ports": [{"containerPort": 80, "protocol": "TCP"}]}]),
    );
    let patched = |patch: Value| strategic_merge(&live, &patch, schema).unwrap();
    let containers = |v: &Value| v["spec"]["template"]["spec"]["containers"].clone();
    let image = patched(deployment(json!([{"name": "nginx", "image": "nginx:1.26"}])));
    assert_eq!(
        containers(&image),
        json!([{"name": "nginx", "image": "nginx:1.26", "ports": [{"containerPort": 80, "protocol": "TCP"}]}])
    );
    let side = containers(&patched(deployment(json!([{"name": "side", "image": "redis:7"}]))));
    assert_eq!((side[0]["name"].str(), side[1]["name"].str()), ("side", "nginx"));
    let gone = containers(&patched(deployment(json!([{"name": "nginx", "$patch": "delete"}]))));
    assert_eq!(gone, json!([]));
    let replaced = patched(deployment(json!([{"$patch": "replace"}, {"name": "x", "image": "y"}])));
    assert_eq!(containers(&replaced), json!([{"name": "x", "image": "y"}]));
    let removed =
        patched(json!({"spec": {"replicas": null}, "metadata": {"labels": {"app": null, "a": "b"}}}));
    assert_eq!(removed["metadata"]["labels"], json!({"a": "b"}));
    assert!(removed["spec"]["replicas"].is_null());
}

#[test]
fn a_strategy_keeps_only_the_fields_it_names() {
    let schema = merge_schema("apps/v1", "Deployment").unwrap();
    let live = json!({"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}});
    let patch = json!({"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}});
    assert_eq!(
        strategic_merge(&live, &patch, schema).unwrap(),
        json!({"spec": {"strategy": {"type": "Recreate"}}})
    );
    let made =
        two_way_strategic_patch(&live, &json!({"spec": {"strategy": {"type": "Recreate"}}}), schema).unwrap();
    assert_eq!(
        made,
        json!({"spec": {"strategy": {"$retainKeys": ["type"], "rollingUpdate": null, "type": "Recreate"}}})
    );
    let bad = json!({"spec": {"strategy": {"$retainKeys": [], "type": "Recreate"}}});
    let error = strategic_merge(&live, &bad, schema).unwrap_err();
    assert!(error.bad_request && error.message == "invalid patch format of retainKeys");
}

#[test]
fn apply_sends_what_changed_and_what_was_taken_out() {
    let schema = merge_schema("apps/v1", "Deployment").unwrap();
    let applied = deployment(json!([{"name": "a", "image": "a:1"}, {"name": "b", "image": "b:1"}]));
    let live = deployment(json!([
        {"name": "a", "image": "a:1", "imagePullPolicy": "IfNotPresent"},
        {"name": "b", "image": "b:1", "imagePullPolicy": "IfNotPresent"},
        {"name": "injected", "image": "c:1"},
    ]));
    let patch = |modified: &Value| three_way_strategic_patch(&applied, modified, &live, schema).unwrap();
    // The order is said again when the live list is another one.
    assert_eq!(
        patch(&applied)["spec"]["template"]["spec"],
        json!({"$setElementOrder/containers": [{"name": "a"}, {"name": "b"}]})
    );
    assert_eq!(three_way_strategic_patch(&applied, &applied, &applied, schema).unwrap(), json!({}));
    let modified = deployment(json!([{"name": "a", "image": "a:2"}]));
    let sent = patch(&modified);
    assert_eq!(
        sent,
        json!({"spec": {"template": {"spec": {
            "$setElementOrder/containers": [{"name": "a"}],
            "containers": [{"image": "a:2", "name": "a"}, {"$patch": "delete", "name": "b"}],
        }}}})
    );
    let result = strategic_merge(&live, &sent, schema).unwrap();
    assert_eq!(
        result["spec"]["template"]["spec"]["containers"],
        json!([{"name": "a", "image": "a:2", "imagePullPolicy": "IfNotPresent"}, {"name": "injected", "image": "c:1"}])
    );
    let mut fewer = applied.clone();
    fewer.field_mut("spec").remove("replicas");
    fewer.set_at("metadata.labels", json!({"app": "other"}));
    let sent = three_way_strategic_patch(&applied, &fewer, &applied, schema).unwrap();
    assert_eq!(sent, json!({"metadata": {"labels": {"app": "other"}}, "spec": {"replicas": null}}));
}

#[test]
fn sets_of_texts_and_ports_merge() {
    let schema = merge_schema("v1", "Service").unwrap();
    let live =
        json!({"metadata": {"finalizers": ["a", "b"]}, "spec": {"ports": [{"port": 80, "nodePort": 30080}]}});
    let wanted =
        json!({"metadata": {"finalizers": ["b", "c"]}, "spec": {"ports": [{"port": 80}, {"port": 443}]}});
    let patch = three_way_strategic_patch(&live, &wanted, &live, schema).unwrap();
    assert_eq!(
        patch["metadata"],
        json!({"$deleteFromPrimitiveList/finalizers": ["a"], "$setElementOrder/finalizers": ["b", "c"], "finalizers": ["c"]})
    );
    let result = strategic_merge(&live, &patch, schema).unwrap();
    assert_eq!(result["metadata"]["finalizers"], json!(["b", "c"]));
    let modified = json!({"spec": {"ports": [{"port": 80}, {"port": 443}]}});
    let patch = three_way_strategic_patch(&modified, &modified, &live, schema).unwrap();
    let result = strategic_merge(&live, &patch, schema).unwrap();
    assert_eq!(result["spec"]["ports"], json!([{"port": 80, "nodePort": 30080}, {"port": 443}]));
}

#[test]
fn kinds_without_a_schema_are_merged_field_by_field() {
    let (applied, live) = (json!({"spec": {"a": 1, "b": [1]}}), json!({"spec": {"a": 1, "b": [1], "c": 3}}));
    let modified = json!({"spec": {"b": [2]}});
    assert_eq!(three_way_merge_patch(&applied, &modified, &live), json!({"spec": {"a": null, "b": [2]}}));
}
