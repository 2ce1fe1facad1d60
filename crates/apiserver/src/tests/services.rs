use super::*;
use apimachinery::rest::{MERGE_PATCH, STRATEGIC_PATCH};

fn service(name: &str, spec: Value) -> Value {
    let mut spec = spec;
    if spec["ports"].is_null() && spec["type"] != "ExternalName" {
        spec.set("ports", json!([{"port": 80}]));
    }
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec})
}

#[test]
fn addresses_and_ports_are_given_out_once() {
    let mut s = server();
    let mut seen = sim::collections::BTreeSet::new();
    for i in 0..50 {
        let made = post(&mut s, SERVICES, service(&format!("s{i}"), json!({"type": "NodePort"}))).unwrap();
        let ip = made.at("spec.clusterIP").str().to_string();
        let port = made.at("spec.ports")[0]["nodePort"].int();
        assert!((30000..=32767).contains(&port));
        assert_eq!(made.at("spec.clusterIPs"), &json!([ip.as_str()]));
        assert!(ip.starts_with("10.") && seen.insert(ip) && seen.insert(port.to_string()));
    }
}

#[test]
fn what_cannot_be_had_is_refused_in_the_real_words() {
    let mut s = server();
    let fixed =
        json!({"type": "NodePort", "clusterIP": "10.96.0.10", "ports": [{"port": 80, "nodePort": 30100}]});
    post(&mut s, SERVICES, service("first", fixed)).unwrap();
    let node_port = |port: i64| json!({"type": "NodePort", "ports": [{"port": 80, "nodePort": port}]});
    let cases = [
        (
            node_port(30100),
            "spec.ports[0].nodePort: Invalid value: 30100: provided port is already allocated",
        ),
        (
            node_port(80),
            "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767",
        ),
        // Ports are looked at before names are missed.
        (
            json!({"type": "NodePort", "ports": [{"port": 80, "nodePort": 31000, "name": "a"}, {"port": 81, "nodePort": 99}]}),
            "spec.ports[1].nodePort: Invalid value: 99: provided port is not in the valid range. The range of valid ports is 30000-32767",
        ),
        (
            json!({"clusterIP": "1.2.3.4"}),
            "spec.clusterIPs: Invalid value: [\"1.2.3.4\"]: failed to allocate IP 1.2.3.4: the provided network does not match the current range",
        ),
        (
            json!({"clusterIP": "10.96.0.10"}),
            "spec.clusterIPs: Invalid value: [\"10.96.0.10\"]: failed to allocate IP 10.96.0.10: provided IP is already allocated",
        ),
        (
            json!({"ipFamilyPolicy": "RequireDualStack"}),
            "spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not configured for dual-stack services",
        ),
    ];
    let unnamed =
        json!({"type": "NodePort", "ports": [{"port": 80, "name": "a"}, {"port": 81, "nodePort": 99}]});
    let range = "provided port is not in the valid range. The range of valid ports is 30000-32767";
    let first = format!("spec.ports[1].nodePort: Invalid value: 99: {range}");
    // What cannot be allocated is said before what is invalid.
    let cases = cases.into_iter().chain([(unnamed, first.as_str())]);
    for (spec, words) in cases {
        let error = post(&mut s, SERVICES, service("second", spec)).unwrap_err();
        assert_eq!(error.message(), format!("Service \"second\" is invalid: {words}"));
    }
}

#[test]
fn a_service_keeps_what_it_has_and_drops_what_its_type_does_not_need() {
    let mut s = server();
    let made = post(&mut s, SERVICES, service("web", json!({"type": "NodePort"}))).unwrap();
    let (ip, port) = (made.at("spec.clusterIP").clone(), made.at("spec.ports")[0]["nodePort"].int());
    let path = format!("{SERVICES}/web");
    let bare = service("web", json!({"type": "NodePort", "ports": [{"port": 8080}]}));
    let updated = put(&mut s, &path, bare).unwrap();
    assert_eq!((updated.at("spec.clusterIP"), updated.at("spec.ports")[0]["nodePort"].int()), (&ip, port));
    let plain = patch(&mut s, &path, MERGE_PATCH, json!({"spec": {"type": "ClusterIP"}})).unwrap();
    assert!(plain.at("spec.ports")[0]["nodePort"].is_null());
    assert_eq!(plain.at("spec.clusterIP"), &ip);
    let balanced = patch(&mut s, &path, STRATEGIC_PATCH, json!({"spec": {"type": "LoadBalancer"}})).unwrap();
    assert!(balanced.at("spec.ports")[0]["nodePort"].int() >= 30000);
    let outside = json!({"spec": {"type": "ExternalName", "externalName": "example.com"}});
    let outside = patch(&mut s, &path, MERGE_PATCH, outside).unwrap();
    assert!(outside.at("spec.clusterIP").is_null() && outside.at("spec.clusterIPs").is_null());
    let back =
        patch(&mut s, &path, MERGE_PATCH, json!({"spec": {"type": "ClusterIP", "externalName": null}}))
            .unwrap();
    assert!(!back.at("spec.clusterIP").str().is_empty());
}

#[test]
fn special_services() {
    let mut s = server();
    let headless = json!({"clusterIP": "None", "selector": {"app": "db"}});
    let made = post(&mut s, SERVICES, service("headless", headless)).unwrap();
    assert_eq!((made.at("spec.clusterIP").str(), made.at("spec.clusterIPs")[0].str()), ("None", "None"));
    assert_eq!(made.at("spec.ipFamilyPolicy").str(), "SingleStack");
    let local = json!({"type": "LoadBalancer", "externalTrafficPolicy": "Local", "externalIPs": ["1.2.3.4"]});
    let made = post(&mut s, SERVICES, service("local", local)).unwrap();
    assert!(made.at("spec.healthCheckNodePort").int() >= 30000);
    assert_eq!(made.at("spec.externalIPs"), &json!(["1.2.3.4"]));
    let named = json!({"type": "ExternalName", "externalName": "example.com"});
    let made = post(&mut s, SERVICES, service("named", named)).unwrap();
    assert!(made.at("spec.clusterIP").is_null() && made.at("spec.ipFamilies").is_null());
}

#[test]
fn an_address_is_for_life() {
    let mut s = server();
    post(&mut s, SERVICES, service("web", json!({}))).unwrap();
    let other = json!({"spec": {"clusterIP": "10.96.1.1"}});
    let error = patch(&mut s, &format!("{SERVICES}/web"), STRATEGIC_PATCH, other).unwrap_err();
    assert_eq!(
        error.message(),
        "Service \"web\" is invalid: spec.clusterIPs[0]: Invalid value: [\"10.96.1.1\"]: may not change once set"
    );
}

#[test]
fn a_dry_run_takes_no_port_and_so_does_not_look_at_the_range() {
    let mut s = server();
    let body = service("far", json!({"type": "NodePort", "ports": [{"port": 80, "nodePort": 99}]}));
    let request = Request::new(Method::Post, SERVICES).with("dryRun", "All").with_body(body.clone());
    assert_eq!(send(&mut s, request).unwrap().at("spec.ports")[0]["nodePort"].int(), 99);
    assert!(post(&mut s, SERVICES, body).unwrap_err().message().contains("not in the valid range"));
}
