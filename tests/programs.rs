//! What programs in containers and on the laptop say and do, and how their requests are remembered.

use client::{Place, RequestRecord};
use std::sync::Arc;
use tests::desk::Desk;

/// The requests so far whose URL, as it was sent or typed, has a part.
fn asked(desk: &Desk, part: &str) -> Vec<Arc<RequestRecord>> {
    let cluster = desk.handle.0.borrow();
    let has = |r: &RequestRecord| r.url.contains(part) || r.named.as_ref().is_some_and(|n| n.contains(part));
    cluster.requests().since(0).filter(|r| has(r)).cloned().collect()
}

#[test]
fn requests_are_remembered_by_what_was_asked_and_by_where_they_came() {
    let mut desk = Desk::new();
    let shop = Some(("default".to_string(), "shop".to_string()));
    desk.says("kubectl run shop --image=nginx --port=80 --expose", "pod/shop created", 0);
    desk.says("kubectl run box --image=busybox -- sleep 3600", "created", 0);
    desk.says("kubectl wait --for=condition=Ready pod/shop pod/box --timeout=60s", "condition met", 0);

    desk.says("kubectl exec box -- wget -qO- http://shop:80", "Welcome to nginx!", 0);
    let [by_name] = &asked(&desk, "http://shop:80/")[..] else { panic!("wget asks by name") };
    assert_eq!((&by_name.service, &by_name.pod), (&shop, &shop));

    let address = "$(kubectl get svc shop -o jsonpath={.spec.clusterIP})";
    let late = "curl: (28) Connection timed out after 3000 milliseconds";
    desk.says(&format!("curl -m 3 http://{address}"), late, 28);
    let lost = asked(&desk, "http://10.").pop().expect("it was sent");
    assert_eq!((&lost.from, &lost.service, &lost.pod), (&Place::Laptop, &shop, &None));

    let forward =
        "kubectl port-forward pod/shop 8080:80 >/dev/null & sleep 1; curl -s localhost:8080; kill %1";
    desk.says(forward, "Welcome to nginx!", 0);
    assert_eq!(asked(&desk, "http://localhost:8080/").len(), 1);
    let carried = asked(&desk, "http://shop:80/").pop().expect("it was carried there");
    assert_eq!((&carried.from, &carried.pod, &carried.result), (&Place::Laptop, &shop, &Ok(200)));

    let (text, _) = desk.run("kubectl exec shop -- curl -sv http://shop");
    let trying = text.lines().find(|l| l.starts_with("*   Trying 10.")).expect("an address is tried");
    let address = trying.trim_start_matches("*   Trying ").trim_end_matches(":80...");
    assert!(text.contains(&format!("* Connected to shop ({address}) port 80 (#0)\n")), "{text}");
}

#[test]
fn nginx_ends_and_reads_again_when_it_is_told_to() {
    let mut desk = Desk::new();
    desk.says("kubectl run web --image=nginx", "created", 0);
    desk.says("kubectl wait --for=condition=Ready pod/web --timeout=60s", "condition met", 0);
    desk.says("kubectl exec web -- nginx -s reload", "signal process started", 0);
    desk.says("kubectl logs web", "signal 1 (SIGHUP) received, reconfiguring", 0);
    desk.says("kubectl exec web -- curl -s localhost", "Welcome to nginx!", 0);
    desk.says("kubectl exec web -- nginx -s quit; sleep 5; kubectl get pod web", "1 (", 0);
    desk.says("kubectl logs web --previous", "[notice] 30#30: gracefully shutting down\n", 0);
    desk.says("kubectl logs web --previous", "[notice] 1#1: signal 3 (SIGQUIT) received, shutting down\n", 0);
    desk.says("kubectl exec web -- nginx -s now", "nginx: invalid option: \"-s now\"", 1);
}

#[test]
fn redis_wants_the_password_that_it_was_given() {
    let mut desk = Desk::new();
    desk.says("kubectl run db --image=redis -- --requirepass secret", "created", 0);
    desk.says("kubectl wait --for=condition=Ready pod/db --timeout=60s", "condition met", 0);
    desk.says("kubectl exec db -- redis-cli ping", "NOAUTH Authentication required.", 0);
    desk.says("kubectl exec db -- redis-cli -a secret --no-auth-warning ping", "PONG", 0);
    desk.says("kubectl exec db -- redis-cli -a wrong ping", "AUTH failed: WRONGPASS invalid", 0);
    desk.says("printf 'AUTH secret\\nPING\\n' | kubectl exec -i db -- redis-cli", "OK\nPONG\n", 0);
}

#[test]
fn users_have_a_home_and_names_have_addresses() {
    let mut desk = Desk::new();
    desk.says("kubectl run box --image=curlimages/curl --command -- sleep 3600", "created", 0);
    desk.says("kubectl wait --for=condition=Ready pod/box --timeout=60s", "condition met", 0);
    desk.says("kubectl exec box -- sh -c 'echo $HOME'", "/home/curl_user\n", 0);
    desk.says(
        "kubectl exec box -- getent hosts kubernetes",
        "10.96.0.1         kubernetes.default.svc.cluster.local  kubernetes.default.svc.cluster.local kubernetes\n",
        0,
    );
    desk.says("kubectl exec box -- getent hosts nowhere", "command terminated with exit code 2", 2);
}
