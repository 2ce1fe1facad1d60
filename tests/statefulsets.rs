//! StatefulSets, as `kubectl` shows them and as their controller drives them.

use sim::Duration;
use tests::desk::Desk;

fn pass(desk: &Desk, seconds: u64) {
    desk.handle.0.borrow_mut().advance(Duration::from_secs(seconds));
}

fn names(desk: &mut Desk, what: &str) -> String {
    desk.run(&format!("kubectl get {what} -o jsonpath='{{.items[*].metadata.name}}'")).0
}

/// A StatefulSet of nginx with more of a spec.
fn apply(desk: &mut Desk, name: &str, more: &str) {
    let text = format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{clusterIP: None, selector: {{app: {name}}}, ports: [{{port: 80}}]}}\n\
         ---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: {name}}}\nspec:\n  serviceName: {name}\n{more}\n  \
         selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    \
         spec: {{containers: [{{name: nginx, image: \"nginx:1.25\", volumeMounts: [{{name: www, mountPath: /www}}]}}]}}\n  \
         volumeClaimTemplates:\n  - metadata: {{name: www}}\n    spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}"
    );
    desk.says(
        &format!("cat <<'EOF' | kubectl apply -f -\n{text}\nEOF"),
        &format!("statefulset.apps/{name} created"),
        0,
    );
}

#[test]
fn pods_come_one_after_the_other_and_go_the_other_way_round() {
    let mut desk = Desk::new();
    apply(&mut desk, "web", "  replicas: 3");
    pass(&desk, 1);
    assert_eq!(names(&mut desk, "pods"), "web-0", "the next one waits for it");
    desk.says(
        "kubectl rollout status sts/web --timeout=60s",
        "partitioned roll out complete: 3 new pods have been updated...",
        0,
    );
    desk.says("kubectl get sts", "NAME   READY   AGE\nweb    3/3", 0);
    assert_eq!(names(&mut desk, "pods"), "web-0 web-1 web-2");
    assert_eq!(names(&mut desk, "pvc"), "www-web-0 www-web-1 www-web-2");
    let text = desk.run("kubectl describe sts web").0;
    for line in [
        "Update Strategy:    RollingUpdate",
        "  Partition:        0",
        "Pods Status:        3 Running / 0 Waiting / 0 Succeeded / 0 Failed",
        "Create Claim www-web-0 Pod web-0 in StatefulSet web success",
        "Create Pod web-2 in StatefulSet web successful",
    ] {
        assert!(text.contains(line), "{line:?} is not in\n{text}");
    }
    // Each has a name of its own in the network, and its own files, also when it is made anew.
    desk.says(
        "kubectl exec web-0 -- sh -c 'hostname > /www/f; curl -s -o /dev/null -w %{http_code} web-1.web'",
        "200",
        0,
    );
    let uid = desk.run("kubectl get pod web-0 -o jsonpath='{.metadata.uid}'").0;
    desk.says("kubectl delete pod web-0", "deleted", 0);
    desk.says("kubectl wait --for=condition=Ready pod/web-0 --timeout=30s", "met", 0);
    assert_ne!(desk.run("kubectl get pod web-0 -o jsonpath='{.metadata.uid}'").0, uid);
    desk.says("kubectl scale sts web --replicas=1", "statefulset.apps/web scaled", 0);
    pass(&desk, 1);
    assert_eq!(names(&mut desk, "pods"), "web-0 web-1", "one after the other");
    pass(&desk, 10);
    assert_eq!(
        (names(&mut desk, "pods"), names(&mut desk, "pvc")),
        ("web-0".into(), "www-web-0 www-web-1 www-web-2".into())
    );
    desk.says("kubectl delete sts web", "statefulset.apps \"web\" deleted from default namespace", 0);
    pass(&desk, 5);
    assert_eq!(
        (names(&mut desk, "pods"), names(&mut desk, "pvc")),
        ("".into(), "www-web-0 www-web-1 www-web-2".into())
    );
}

#[test]
fn an_update_goes_from_the_highest_down_to_the_partition_and_back() {
    let mut desk = Desk::new();
    let spec = "  replicas: 3\n  podManagementPolicy: Parallel\n  updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 1}}";
    apply(&mut desk, "web", spec);
    pass(&desk, 1);
    assert_eq!(names(&mut desk, "pods"), "web-0 web-1 web-2", "all at once");
    desk.says("kubectl rollout status sts/web --timeout=60s", "roll out complete", 0);
    let images =
        |desk: &mut Desk| desk.run("kubectl get pods -o jsonpath='{.items[*].spec.containers[0].image}'").0;
    desk.says("kubectl set image sts/web nginx=nginx:1.26", "statefulset.apps/web image updated", 0);
    desk.says(
        "kubectl rollout status sts/web --timeout=60s",
        "partitioned roll out complete: 2 new pods have been updated...",
        0,
    );
    assert_eq!(images(&mut desk), "nginx:1.25 nginx:1.26 nginx:1.26");
    // One below the partition comes back as it was.
    desk.says("kubectl delete pod web-0", "deleted", 0);
    pass(&desk, 5);
    assert_eq!(images(&mut desk), "nginx:1.25 nginx:1.26 nginx:1.26");
    desk.says(
        "kubectl rollout history sts/web",
        "REVISION  CHANGE-CAUSE\n1         <none>\n2         <none>",
        0,
    );
    desk.says("kubectl rollout undo sts/web", "statefulset.apps/web rolled back", 0);
    desk.says("kubectl rollout status sts/web --timeout=60s", "complete", 0);
    assert_eq!(images(&mut desk), "nginx:1.25 nginx:1.25 nginx:1.25");
    desk.says("kubectl rollout restart sts/web", "statefulset.apps/web restarted", 0);
    desk.says("kubectl rollout status sts/web --timeout=60s", "complete", 0);
    desk.says("kubectl rollout pause sts/web", "statefulsets.apps \"web\" pausing is not supported", 1);
    let changed = desk.run("kubectl patch sts web -p '{\"spec\":{\"serviceName\":\"x\"}}'");
    assert!(
        format!("{changed:?}").contains("updates to statefulset spec for fields other than 'replicas'"),
        "{changed:?}"
    );
}
