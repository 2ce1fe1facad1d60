//! Jobs, as `kubectl` shows them and as their controllers drive them.

use sim::{Duration, Order};
use tests::desk::Desk;

/// A Job that runs a shell command.
fn job(name: &str, spec: &str, command: &str) -> String {
    format!(
        "cat <<'EOF' | kubectl apply -f -\napiVersion: batch/v1\nkind: Job\nmetadata: {{name: {name}}}\nspec:\n{spec}\n  \
         template: {{spec: {{restartPolicy: Never, containers: [{{name: c, image: busybox, command: [sh, -c, '{command}']}}]}}}}\nEOF"
    )
}

fn jsonpath(desk: &mut Desk, what: &str, path: &str) -> String {
    desk.run(&format!("kubectl get {what} -o jsonpath='{path}'")).0
}

fn pass(desk: &Desk, seconds: u64) {
    desk.handle.0.borrow_mut().advance(Duration::from_secs(seconds));
}

#[test]
fn a_job_runs_to_its_end_and_says_so() {
    let mut desk = Desk::new();
    desk.says(
        "kubectl create job hello --image=busybox:1.36 -- echo 'Hello World'",
        "job.batch/hello created",
        0,
    );
    desk.says("kubectl get jobs", "NAME    STATUS    COMPLETIONS   DURATION   AGE\nhello   Running   0/1", 0);
    desk.says(
        "kubectl wait --for=condition=complete job/hello --timeout=30s",
        "job.batch/hello condition met",
        0,
    );
    desk.says("kubectl logs job/hello", "Hello World\n", 0);
    desk.says("kubectl get jobs", "hello   Complete   1/1", 0);
    let text = desk.run("kubectl describe job hello").0;
    for line in [
        "Selector:         batch.kubernetes.io/controller-uid=",
        "Completion Mode:  NonIndexed",
        "Pods Statuses:    0 Active (0 Ready) / 1 Succeeded / 0 Failed",
        "job-controller  Created pod: hello-",
        "job-controller  Job completed",
    ] {
        assert!(text.contains(line), "{line:?} is not in\n{text}");
    }
    assert_eq!(jsonpath(&mut desk, "pods", "{.items[*].metadata.finalizers}"), "");
    desk.says("kubectl delete job hello", "job.batch \"hello\" deleted from default namespace", 0);
    pass(&desk, 5);
    desk.says("kubectl get pods", "No resources found", 0);
}

#[test]
fn pods_that_fail_are_replaced_more_and_more_slowly_until_the_limit() {
    let mut desk = Desk::new();
    desk.says(&job("fail", "  backoffLimit: 2", "exit 1"), "job.batch/fail created", 0);
    desk.says("kubectl wait --for=condition=failed job/fail --timeout=120s", "condition met", 0);
    let created = jsonpath(&mut desk, "pods", "{.items[*].metadata.creationTimestamp}");
    let mut times: Vec<_> = created.split(' ').filter_map(apimachinery::time::parse).collect();
    times.order();
    assert_eq!(times.len(), 3, "{created}");
    let apart: Vec<u64> = times.windows(2).map(|pair| pair[1].since(pair[0]).as_secs()).collect();
    assert!((10..=14).contains(&apart[0]) && (20..=24).contains(&apart[1]), "{apart:?}");
    desk.says("kubectl get job fail", "fail   Failed   0/1", 0);
    desk.says("kubectl describe job fail", "Warning  BackoffLimitExceeded", 0);
    // What is over is not counted twice.
    assert_eq!(jsonpath(&mut desk, "job/fail", "{.status.failed}"), "3");
}

#[test]
fn so_many_at_a_time_each_with_its_index() {
    let mut desk = Desk::new();
    let spec = "  completions: 5\n  parallelism: 2\n  completionMode: Indexed";
    desk.says(&job("many", spec, "echo index $JOB_COMPLETION_INDEX; sleep 2"), "created", 0);
    let mut most = 0;
    for _ in 0..40 {
        pass(&desk, 1);
        let active = jsonpath(&mut desk, "job/many", "{.status.active}");
        most = most.max(active.parse().unwrap_or(0));
    }
    assert_eq!(most, 2, "parallelism");
    assert_eq!(jsonpath(&mut desk, "job/many", "{.status.completedIndexes}"), "0-4");
    desk.says("kubectl logs -l batch.kubernetes.io/job-completion-index=3", "index 3\n", 0);
    desk.says("kubectl describe job many", "Completed Indexes:  0-4", 0);
    desk.says("kubectl patch job many -p '{\"spec\":{\"completions\":7}}'", "field is immutable", 1);
}

#[test]
fn jobs_end_by_their_deadline_rest_when_told_and_go_away() {
    let mut desk = Desk::new();
    let spec = "  activeDeadlineSeconds: 4\n  ttlSecondsAfterFinished: 3";
    desk.says(&job("late", spec, "sleep 100"), "created", 0);
    pass(&desk, 10);
    desk.says("kubectl get job late", "late   FailureTarget   0/1", 0);
    desk.says("kubectl wait --for=condition=failed job/late --timeout=60s", "condition met", 0);
    pass(&desk, 6);
    desk.says("kubectl get jobs,pods", "No resources found", 0);
    desk.says(&job("rest", "  suspend: true", "sleep 3"), "created", 0);
    pass(&desk, 3);
    desk.says("kubectl get job rest", "rest   Suspended   0/1", 0);
    desk.says("kubectl patch job rest -p '{\"spec\":{\"suspend\":false}}'", "patched", 0);
    desk.says("kubectl wait --for=condition=complete job/rest --timeout=60s", "condition met", 0);
    let wrong = "The Job \"bad\" is invalid: spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"";
    desk.says(&job("bad", "  backoffLimit: 1", "x").replace("Never", "Always"), wrong, 1);
}

#[test]
fn a_cron_job_starts_a_job_each_minute_and_keeps_the_last_three() {
    let mut desk = Desk::new();
    let create = "kubectl create cronjob tick --image=busybox:1.36 --schedule='* * * * *' -- date";
    desk.says(create, "cronjob.batch/tick created", 0);
    desk.says(
        "kubectl get cronjobs",
        "NAME   SCHEDULE    TIMEZONE   SUSPEND   ACTIVE   LAST SCHEDULE   AGE\ntick   * * * * *   <none>     False     0        <none>",
        0,
    );
    pass(&desk, 330);
    let names = jsonpath(&mut desk, "jobs", "{.items[*].metadata.name}");
    assert_eq!(names.split(' ').count(), 3, "{names}");
    let minute = |name: &str| name.strip_prefix("tick-").and_then(|n| n.parse::<u64>().ok()).unwrap();
    let minutes: Vec<u64> = names.split(' ').map(minute).collect();
    assert_eq!(minutes[2], minutes[0] + 2);
    let scheduled = jsonpath(&mut desk, "job", "{.items[2].metadata.annotations}");
    assert!(scheduled.contains(":00Z"), "on the minute: {scheduled}");
    let text = desk.run("kubectl describe cronjob tick").0;
    for line in [
        "Concurrency Policy:            Allow",
        "Parallelism:                   <unset>",
        "Active Jobs:         <none>",
        "cronjob-controller  Created job tick-",
        "condition: Complete",
        "cronjob-controller  Deleted job tick-",
    ] {
        assert!(text.contains(line), "{line:?} is not in\n{text}");
    }
    desk.says("kubectl create job now --from=cronjob/tick", "job.batch/now created", 0);
    desk.says("kubectl patch cronjob tick -p '{\"spec\":{\"suspend\":true}}'", "patched", 0);
    let before = jsonpath(&mut desk, "cronjob tick", "{.status.lastScheduleTime}");
    pass(&desk, 180);
    assert_eq!(jsonpath(&mut desk, "cronjob tick", "{.status.lastScheduleTime}"), before);
    desk.says("kubectl delete cronjob tick", "cronjob.batch \"tick\" deleted from default namespace", 0);
    pass(&desk, 60);
    desk.says("kubectl get jobs,pods", "No resources found", 0);
}

#[test]
fn a_cron_job_may_forbid_or_replace_what_still_runs() {
    let mut desk = Desk::new();
    for policy in ["Forbid", "Replace"] {
        let name = policy.to_lowercase();
        let create = format!(
            "kubectl create cronjob {name} --image=busybox:1.36 --schedule='* * * * *' --dry-run=client -o yaml -- sleep 1000 | \
             sed 's/  schedule/  concurrencyPolicy: {policy}\\n  schedule/' | kubectl apply -f -"
        );
        desk.says(&create, "created", 0);
    }
    pass(&desk, 150);
    let active =
        |desk: &mut Desk, name: &str| jsonpath(desk, &format!("cronjob {name}"), "{.status.active[*].name}");
    let minute = |name: &str| name.rsplit('-').next().unwrap().parse::<u64>().unwrap();
    let (first, last) = (minute(&active(&mut desk, "forbid")), minute(&active(&mut desk, "replace")));
    assert!(first < last, "{first} {last}");
    desk.says(
        "kubectl get events",
        "Not starting job because prior execution is running and concurrency policy is Forbid",
        0,
    );
}

#[test]
fn a_template_that_may_not_change_is_shown_as_the_server_has_it_inside() {
    let mut desk = Desk::new();
    desk.says("kubectl create job par --image=busybox:1.36 -- sleep 2", "job.batch/par created", 0);
    let patch = "kubectl patch job par --type=json -p='[{\"op\":\"replace\",\"path\":\"/spec/template/spec/containers/0/image\",\"value\":\"x\"}]'";
    let said = format!("{:?}", desk.run(patch)).replace('\\', "");
    for part in [
        "The Job \"par\" is invalid: spec.template: Invalid value: {\"labels\":{\"batch.kubernetes.io/controller-uid\":",
        "\"job-name\":\"par\"},\"Spec\":{\"Volumes\":null,\"InitContainers\":null,\"Containers\":[{\"Name\":\"par\",\"Image\":\"x\",\"Command\":[\"sleep\",\"2\"],\"Args\":null,",
        "\"SchedulingGroup\":null}}: field is immutable",
    ] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
}
