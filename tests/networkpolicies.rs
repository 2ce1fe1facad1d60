//! NetworkPolicies, as `kubectl` shows them and as packets meet them.

use sim::Duration;
use tests::desk::Desk;

fn apply(desk: &mut Desk, text: &str) {
    desk.says(&format!("cat <<'EOF' | kubectl apply -f -\n{text}\nEOF"), "created", 0);
    desk.handle.0.borrow_mut().advance(Duration::from_secs(1));
}

/// What a pod's curl of an address says, in two seconds at most.
fn asks(desk: &mut Desk, pod: &str, url: &str) -> bool {
    let command = format!("kubectl exec {pod} -- curl -s -o /dev/null -m 2 -w %{{http_code}} {url}");
    desk.run(&command).0.contains("200")
}

#[test]
fn pods_that_a_policy_selects_are_open_for_what_is_allowed_alone() {
    let mut desk = Desk::new();
    for (name, labels) in [("web", "app=web"), ("front", "role=front"), ("other", "role=other")] {
        desk.says(
            &format!("kubectl run {name} --image=nginx:1.27 --labels={labels} --port=80"),
            "created",
            0,
        );
    }
    desk.says("kubectl expose pod web --port=80", "service/web exposed", 0);
    desk.says("kubectl wait --for=condition=Ready pod --all --timeout=60s", "met", 0);
    assert!(
        asks(&mut desk, "front", "web") && asks(&mut desk, "other", "web"),
        "without a policy all is open"
    );
    let front = desk.run("kubectl get pod front -o jsonpath='{.status.podIP}'").0;
    let policy = |name: &str, spec: &str| {
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: {name}}}\nspec: {spec}"
        )
    };
    apply(&mut desk, &policy("deny", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}"));
    assert!(!asks(&mut desk, "front", "web") && asks(&mut desk, "web", &front), "isolated for what comes in");
    desk.says("kubectl get pod web", "1/1     Running", 0);
    let allow = "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {role: front}}}], ports: [{port: 80}]}]}";
    apply(&mut desk, &policy("allow", allow));
    assert!(asks(&mut desk, "front", "web") && !asks(&mut desk, "other", "web"));
    // Without a way out there are no names either; an address range is a way.
    apply(
        &mut desk,
        &policy(
            "out",
            "{podSelector: {matchLabels: {role: front}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.244.0.0/16}}], ports: [{port: 80}]}]}",
        ),
    );
    assert!(!asks(&mut desk, "front", "web"), "no DNS");
    let ip = desk.run("kubectl get pod web -o jsonpath='{.status.podIP}'").0;
    assert!(asks(&mut desk, "front", &ip));
    desk.says("kubectl get netpol", "NAME    POD-SELECTOR   AGE\nallow   app=web", 0);
    let text = desk.run("kubectl describe netpol allow").0;
    for line in [
        "  PodSelector:     app=web",
        "    To Port: 80/TCP\n    From:\n      PodSelector: role=front",
        "  Not affecting egress traffic\n  Policy Types: Ingress",
    ] {
        assert!(text.contains(line), "{line:?} is not in\n{text}");
    }
    desk.says("kubectl delete netpol --all", "deleted", 0);
    desk.handle.0.borrow_mut().advance(Duration::from_secs(1));
    assert!(asks(&mut desk, "other", "web"));
}
