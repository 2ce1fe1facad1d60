//! Claims and volumes: made, bound, kept as long as they are used, and taken back.

use sim::Duration;
use tests::desk::Desk;

fn pass(desk: &Desk, seconds: u64) {
    desk.handle.0.borrow_mut().advance(Duration::from_secs(seconds));
}

fn apply(desk: &mut Desk, text: &str, says: &str) {
    desk.says(&format!("cat <<'EOF' | kubectl apply -f -\n{text}\nEOF"), says, 0);
}

fn jsonpath(desk: &mut Desk, what: &str, path: &str) -> String {
    desk.run(&format!("kubectl get {what} -o jsonpath='{path}'")).0
}

/// A pod on one node that runs a shell command with the claim `data` at /d.
fn pod(name: &str, command: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  nodeSelector: {{kubernetes.io/hostname: minikube-m02}}\n  \
         restartPolicy: Never\n  containers:\n  - {{name: c, image: \"busybox:1.36\", command: [sh, -c, '{command}'], \
         volumeMounts: [{{name: v, mountPath: /d}}]}}\n  volumes: [{{name: v, persistentVolumeClaim: {{claimName: data}}}}]"
    )
}

#[test]
fn a_claim_gets_a_volume_that_outlives_pods_and_goes_with_the_claim() {
    let mut desk = Desk::new();
    apply(&mut desk, &pod("w", "echo kept > /d/f; sleep 1000"), "pod/w created");
    pass(&desk, 2);
    desk.says("kubectl describe pod w", "persistentvolumeclaim \"data\" not found", 0);
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n\
                 spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}";
    apply(&mut desk, claim, "persistentvolumeclaim/data created");
    desk.says("kubectl wait --for=condition=Ready pod/w --timeout=60s", "condition met", 0);
    let volume = jsonpath(&mut desk, "pvc data", "{.spec.volumeName}");
    desk.says(
        "kubectl get pvc",
        &format!("data   Bound    {volume}   1Gi        RWO            standard"),
        0,
    );
    desk.says("kubectl get pv", "Delete           Bound    default/data   standard", 0);
    desk.says(
        "kubectl describe pvc data",
        &format!("Successfully provisioned volume {volume} using kubernetes.io/host-path"),
        0,
    );
    let changed =
        desk.run("kubectl patch pvc data -p '{\"spec\":{\"accessModes\":[\"ReadWriteMany\"]}}' 2>&1").0;
    let difference = "for bound claims\n@@ -1,6 +1,6 @@\n {\n  \"AccessModes\": [\n-  \"ReadWriteOnce\"\n+  \"ReadWriteMany\"\n  ],\n  \"Selector\": null,\n  \"Resources\": {\n";
    assert!(changed.contains(difference), "{changed}");
    // It is in use: it stays until the pod is gone.
    desk.says("kubectl delete pvc data --wait=false", "deleted", 0);
    desk.says("kubectl get pvc", "data   Terminating", 0);
    desk.says("kubectl delete pod w --grace-period=1", "deleted", 0);
    pass(&desk, 3);
    desk.says("kubectl get pvc,pv", "No resources found", 0);
}

#[test]
fn a_volume_of_ones_own_is_found_by_class_and_size_and_keeps_its_files() {
    let mut desk = Desk::new();
    for (name, size) in [("large", "5Gi"), ("fitting", "1Gi"), ("small", "100Mi")] {
        let volume = format!(
            "apiVersion: v1\nkind: PersistentVolume\nmetadata: {{name: {name}}}\nspec: {{capacity: {{storage: {size}}}, \
             accessModes: [ReadWriteOnce], storageClassName: manual, hostPath: {{path: /data/{name}}}}}"
        );
        apply(&mut desk, &volume, "created");
    }
    pass(&desk, 1);
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n\
                 spec: {accessModes: [ReadWriteOnce], storageClassName: manual, resources: {requests: {storage: 500Mi}}}";
    apply(&mut desk, claim, "created");
    pass(&desk, 1);
    assert_eq!(jsonpath(&mut desk, "pvc data", "{.spec.volumeName}"), "fitting");
    apply(&mut desk, &pod("w", "echo kept > /d/f"), "created");
    pass(&desk, 8);
    apply(&mut desk, &pod("r", "cat /d/f"), "created");
    pass(&desk, 8);
    desk.says("kubectl logs r", "kept\n", 0);
    desk.says("kubectl delete pvc data", "deleted", 0);
    pass(&desk, 1);
    desk.says("kubectl get pv fitting", "Retain           Released   default/data   manual", 0);
    let wrong = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: bad}\nspec: {accessModes: [Sometimes]}";
    let said = desk.run(&format!("cat <<'EOF' | kubectl apply -f -\n{wrong}\nEOF"));
    assert!(format!("{said:?}").contains("spec.resources[storage]: Required value"), "{said:?}");
}

#[test]
fn a_class_may_wait_for_the_first_pod() {
    let mut desk = Desk::new();
    let class = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: later}\nprovisioner: kubernetes.io/host-path\n\
                 volumeBindingMode: WaitForFirstConsumer";
    apply(&mut desk, class, "storageclass.storage.k8s.io/later created");
    desk.says(
        "kubectl get sc",
        "later                kubernetes.io/host-path   Delete          WaitForFirstConsumer",
        0,
    );
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n\
                 spec: {accessModes: [ReadWriteOnce], storageClassName: later, resources: {requests: {storage: 1Gi}}}";
    apply(&mut desk, claim, "created");
    pass(&desk, 20);
    desk.says("kubectl describe pvc data", "waiting for first consumer to be created before binding", 0);
    apply(&mut desk, &pod("w", "sleep 1000"), "created");
    desk.says("kubectl wait --for=condition=Ready pod/w --timeout=60s", "condition met", 0);
    desk.says("kubectl get pvc data", "Bound", 0);
}
