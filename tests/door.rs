//! The real kubectl through `kubarium serve`: what it cannot use is no API server.
//!
//! Takes kubectl from `$KUBECTL`, else from PATH, and says so where there is none. Its minor version may be another one
//! than the cluster's, so what is looked for are words that do not change between versions.

use fancy_regex::Regex;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// One command and what must be seen.
struct Step {
    /// After `kubectl`, as typed; single quotes hold words together, `$NAME` is what was kept.
    line: &'static str,
    /// Standard input.
    input: &'static str,
    /// The exit code.
    exit: i32,
    /// Patterns that stdout and stderr together must contain, each from the beginning of a line.
    says: &'static [&'static str],
    /// Keeps the first line of the output under this name.
    keep: &'static str,
}

const fn step(line: &'static str, says: &'static [&'static str]) -> Step {
    Step { line, input: "", exit: 0, says, keep: "" }
}

impl Step {
    const fn given(self, input: &'static str) -> Step {
        Step { input, ..self }
    }

    const fn fails(self) -> Step {
        Step { exit: 1, ..self }
    }

    const fn keep(self, keep: &'static str) -> Step {
        Step { keep, ..self }
    }
}

/// The kubectl commands of the tutorial "Kubernetes Basics", in its order, on one cluster.
const BASICS: &[Step] = &[
    // Create a cluster.
    step("version", &["Server Version: v1.36.2"]),
    step("cluster-info", &["Kubernetes control plane is running at http://127", "CoreDNS is running at"]),
    step("get nodes", &["NAME +STATUS +ROLES +AGE +VERSION", "minikube +Ready", "minikube-m02 +Ready"]),
    step("get nodes --help", &["Display one or many resources"]),
    // Deploy an app.
    step(
        "create deployment kubernetes-bootcamp --image=gcr.io/google-samples/kubernetes-bootcamp:v1",
        &["deployment.apps/kubernetes-bootcamp created"],
    ),
    // How far the controllers are by now is the machine's affair.
    step("get deployments", &["NAME +READY +UP-TO-DATE +AVAILABLE +AGE", r"kubernetes-bootcamp +\d/1 +\d "]),
    step("rollout status deployment/kubernetes-bootcamp", &["deployment \"kubernetes-bootcamp\" success"]),
    step(POD_NAME, &[r"kubernetes-bootcamp-66d5c96cb-\w{5}$"]).keep("POD_NAME"),
    // Explore.
    step("get pods", &["NAME +READY +STATUS +RESTARTS +AGE", r"$POD_NAME +1/1 +Running +0 "]),
    step(
        "describe pods",
        &["Name: +$POD_NAME$", "Status: +Running", r"IP: +10\.244\.", "QoS Class: +BestEffort", STARTED],
    ),
    step("logs $POD_NAME", &["Kubernetes Bootcamp App Started At: .* Running On: +$POD_NAME"]),
    // Expose.
    step(
        "get services",
        &["NAME +TYPE +CLUSTER-IP", r"kubernetes +ClusterIP +10\.96\.0\.1 +<none> +443/TCP"],
    ),
    step("expose deployment/kubernetes-bootcamp --type=NodePort --port 8080", &[EXPOSED]),
    step("get services", &[r"kubernetes-bootcamp +NodePort +10\.\S+ +<none> +8080:3\d{4}/TCP"]),
    step(
        "describe services/kubernetes-bootcamp",
        &[
            "Type: +NodePort",
            "Port: .*8080/TCP",
            "TargetPort: +8080/TCP",
            r"Endpoints: +10\.244\.\d\.\d+:8080$",
        ],
    ),
    step(NODE_PORT, &[r"3\d{4}$"]),
    step(
        "describe deployment",
        &["Name: +kubernetes-bootcamp$", "Replicas: +1 desired . 1 updated . 1 total . 1 available"],
    ),
    step("get pods -l app=kubernetes-bootcamp", &["$POD_NAME +1/1"]),
    step("get services -l app=kubernetes-bootcamp", &["kubernetes-bootcamp +NodePort"]),
    step("label pods $POD_NAME version=v1", &["pod/$POD_NAME labeled"]),
    step("label pod $POD_NAME run=v1", &["pod/$POD_NAME labeled"]),
    step("describe pods $POD_NAME", &["Labels: +app=kubernetes-bootcamp", " +run=v1$", " +version=v1$"]),
    step("get pods -l version=v1", &["$POD_NAME +1/1"]),
    step("get pods -l run=v1", &["$POD_NAME +1/1"]),
    step("get pods -l run=v2", &["No resources found in default namespace"]),
    step("delete service -l app=kubernetes-bootcamp", &["service \"kubernetes-bootcamp\" deleted"]),
    step("get services kubernetes-bootcamp", &[r"Error from server \(NotFound\): services "]).fails(),
    // Scale.
    step("expose deployment/kubernetes-bootcamp --type=LoadBalancer --port 8080", &[EXPOSED]),
    step("get rs", &["NAME +DESIRED +CURRENT +READY +AGE", "kubernetes-bootcamp-66d5c96cb +1 +1 +1 "]),
    step(
        "scale deployments/kubernetes-bootcamp --replicas=4",
        &["deployment.apps/kubernetes-bootcamp scaled"],
    ),
    step("rollout status deployment/kubernetes-bootcamp", &["deployment \"kubernetes-bootcamp\" success"]),
    step("get deployments", &["kubernetes-bootcamp +4/4 +4 +4 "]),
    step(
        "get pods -o wide",
        &["NAME .* IP +NODE ", r"kubernetes-bootcamp-\S+ .* 10\.244\.\d\.\d+ +minikube"],
    ),
    step(
        "describe deployments/kubernetes-bootcamp",
        &[
            "Replicas: +4 desired",
            r" +Normal +ScalingReplicaSet +\d+s +deployment-controller +Scaled up .* to 4",
        ],
    ),
    step("describe services/kubernetes-bootcamp", &["Type: +LoadBalancer", r"Endpoints: +10\.\S+:8080,10\."]),
    step(
        "scale deployments/kubernetes-bootcamp --replicas=2",
        &["deployment.apps/kubernetes-bootcamp scaled"],
    ),
    step("rollout status deployment/kubernetes-bootcamp", &["deployment \"kubernetes-bootcamp\" success"]),
    step("get deployments", &["kubernetes-bootcamp +2/2 +2 +2 "]),
    step("get pods -o wide", &[r"kubernetes-bootcamp-\S+ +1/1 +Terminating"]),
    step(
        "autoscale deployment kubernetes-bootcamp --min=2 --max=6 --cpu-percent=50",
        &["horizontalpodautoscaler.autoscaling/kubernetes-bootcamp autoscaled"],
    ),
    step("get hpa", &["kubernetes-bootcamp +Deployment/kubernetes-bootcamp .*<unknown>/50% +2 +6 "]),
    step(
        "delete hpa kubernetes-bootcamp",
        &["horizontalpodautoscaler.autoscaling \"kubernetes-bootcamp\" deleted"],
    ),
    step("run web --image=nginx --replicas=3", &["(?i:error): unknown flag: --replicas"]).fails(),
    // Update.
    step(
        "set image deployments/kubernetes-bootcamp kubernetes-bootcamp=docker.io/jocatalin/kubernetes-bootcamp:v2",
        &["deployment.apps/kubernetes-bootcamp image updated"],
    ),
    step("rollout status deployments/kubernetes-bootcamp", &["deployment \"kubernetes-bootcamp\" success"]),
    step("describe pods", &["Name: +kubernetes-bootcamp-7c5b86fcf9-", " +Image: +docker.io/jocatalin/"]),
    step(
        "set image deployments/kubernetes-bootcamp kubernetes-bootcamp=gcr.io/google-samples/kubernetes-bootcamp:v10",
        &["deployment.apps/kubernetes-bootcamp image updated"],
    ),
    // The controller needs a moment.
    step(UPDATED, &["deployment.apps/kubernetes-bootcamp condition met"]),
    step("get deployments", &["kubernetes-bootcamp +2/2 +1 +2 "]),
    step(AFFECTED_POD, &[r"kubernetes-bootcamp-7dbbbdf7b4-\w{5}$"]).keep("AFFECTED_POD"),
    step(PULL_FAILED, &["pod/$AFFECTED_POD condition met"]),
    step("get pods", &["$AFFECTED_POD +0/1 +(ErrImagePull|ImagePullBackOff) +0"]),
    step(
        "describe pod $AFFECTED_POD",
        &["Status: +Pending", r" +Warning +Failed +\S+ .*kubelet +Failed to pull image .*bootcamp:v10"],
    ),
    step("rollout history deployments/kubernetes-bootcamp", &["REVISION +CHANGE-CAUSE", "1 ", "2 ", "3 "]),
    step(
        "rollout undo deployments/kubernetes-bootcamp",
        &["deployment.apps/kubernetes-bootcamp rolled back"],
    ),
    step("rollout status deployments/kubernetes-bootcamp", &["deployment \"kubernetes-bootcamp\" success"]),
    step("rollout history deployments/kubernetes-bootcamp", &["1 ", "3 ", "4 "]),
    step("get pods", &[r"kubernetes-bootcamp-7c5b86fcf9-\w{5} +1/1 +Running"]),
    step(
        "delete deployments/kubernetes-bootcamp services/kubernetes-bootcamp",
        &["deployment.apps \"kubernetes-bootcamp\" deleted", "service \"kubernetes-bootcamp\" deleted"],
    ),
    step("get deployments,services kubernetes-bootcamp", &[r"Error from server \(NotFound\): deployments"])
        .fails(),
];

/// What the tutorial's text talks about, and what clients do that a real API server must understand.
const BEYOND: &[Step] = &[
    step("apply -f -", &["deployment.apps/web created", "service/web created"]).given(MANIFESTS),
    step("apply -f -", &["deployment.apps/web unchanged", "service/web unchanged"]).given(MANIFESTS),
    step("apply -f -", &["configmap/colours created"]).given(CONFIG_MAP),
    step("apply --server-side -f -", &["error: Server-side apply not available"]).given(CONFIG_MAP).fails(),
    step("create -f -", &[r"Error from server \(AlreadyExists\): "]).given(CONFIG_MAP).fails(),
    step("apply -f -", &[".*unknown field \"spec.replicaz\""]).given(WRONG_FIELD).fails(),
    step(
        "create deployment x --image=nginx --dry-run=server",
        &[r"deployment.apps/x created \(server dry run\)"],
    ),
    step(
        "create deployment x --image=nginx --dry-run=client -o yaml",
        &["kind: Deployment", "  replicas: 1"],
    ),
    step(
        "wait --for=condition=Available deployment/web --timeout=60s",
        &["deployment.apps/web condition met"],
    ),
    step("get pods -l app=web -o name", &[r"pod/web-\w+-\w{5}$"]),
    step("get service web -o yaml", &["kind: Service", "  - port: 80", "    targetPort: 80"]),
    step("get service web -o json", &[r#"    "kind": "Service""#]),
    step("get nodes -o 'jsonpath={.items[*].metadata.name}'", &["minikube minikube-m02 minikube-m03$"]),
    step("get pods -l app=web -o custom-columns=WHERE:.spec.nodeName", &["WHERE$", "minikube"]),
    step("get pods -A --sort-by=.metadata.name", &["NAMESPACE +NAME", "kube-system +coredns-"]),
    step("get nodes -L kubernetes.io/os --show-labels", &["NAME .*OS +LABELS", "minikube .*linux .*arch="]),
    step("get all", &["deployment.apps/web", "replicaset.apps/web-", "pod/web-", "service/web"]),
    step("patch deployment web -p '{\"spec\":{\"replicas\":3}}'", &["deployment.apps/web patched$"]),
    step(
        "patch deployment web --type=json -p '[{\"op\":\"test\",\"path\":\"/spec/replicas\",\"value\":3}]'",
        &["deployment.apps/web patched"],
    ),
    step("annotate deployment web kubernetes.io/change-cause=colours", &["deployment.apps/web annotated"]),
    step("set env deployment/web COLOUR=blue", &["deployment.apps/web env updated"]),
    step("rollout restart deployment/web", &["deployment.apps/web restarted"]),
    step("rollout status deployment/web", &["deployment \"web\" successfully rolled out"]),
    step("rollout pause deployment/web", &["deployment.apps/web paused"]),
    step("rollout resume deployment/web", &["deployment.apps/web resumed"]),
    step("rollout history deployment/web", &[r"\d+ +colours"]),
    step(
        "get events --field-selector reason=ScalingReplicaSet",
        &["LAST SEEN +TYPE", r"\S+ +Normal +Scaling"],
    ),
    step(
        "describe node minikube-m02",
        &["Name: +minikube-m02", "Non-terminated Pods:", "Allocated resources:"],
    ),
    step("cordon minikube-m02", &["node/minikube-m02 cordoned"]),
    step("get nodes", &["minikube-m02 +Ready,SchedulingDisabled"]),
    step(
        "drain minikube-m02 --ignore-daemonsets --force --delete-emptydir-data",
        &["node/minikube-m02 drained"],
    ),
    step("uncordon minikube-m02", &["node/minikube-m02 uncordoned"]),
    step("taint nodes minikube-m03 key=value:NoSchedule", &["node/minikube-m03 tainted"]),
    step("taint nodes minikube-m03 key-", &["node/minikube-m03 untainted"]),
    step(
        "api-resources --api-group=apps",
        &["NAME +SHORTNAMES", "deployments +deploy +apps/v1 +true +Deployment"],
    ),
    step("api-versions", &["apps/v1$", "v1$"]),
    step("top nodes", &["error: Metrics API not available"]).fails(),
    step("create namespace team", &["namespace/team created"]),
    step("run pause --image=registry.k8s.io/pause:3.10 -n team", &["pod/pause created"]),
    step("get pods -n team", &["pause +"]),
    step("create job once --image=busybox -n team -- true", &["job.batch/once created"]),
    step(
        "create cronjob often --image=busybox --schedule='*/5 * * * *' -n team -- true",
        &["cronjob.batch/often created"],
    ),
    step("create quota few --hard=pods=4 -n team", &["resourcequota/few created"]),
    step("get quota few -n team -o jsonpath={.spec.hard.pods}", &["^4$"]),
    step(
        "create pdb one --selector=app=web --min-available=1 -n team",
        &["poddisruptionbudget.policy/one created"],
    ),
    step("create ingress way --rule=host/path=web:80 -n team", &["ingress.networking.k8s.io/way created"]),
    step(
        "get cronjob,pdb,ingress -n team",
        &[
            r"cronjob.batch/often +\*/5",
            "poddisruptionbudget.policy/one +1 +N/A",
            "ingress.networking.k8s.io/way +<none> +host",
        ],
    ),
    step("create priorityclass high --value=10", &["priorityclass.scheduling.k8s.io/high created"]),
    step("delete priorityclass high", &["priorityclass.scheduling.k8s.io \"high\" deleted"]),
    step("delete namespace team", &["namespace \"team\" deleted"]),
    step("get namespace team", &[r"Error from server \(NotFound\): namespaces .team. not found"]).fails(),
    step("delete deployment/web service/web configmap/colours", &["deployment.apps \"web\" deleted"]),
    step("wait --for=delete pod -l app=web --timeout=60s", &[]),
];

const POD_NAME: &str =
    r#"get pods -o go-template --template '{{range .items}}{{.metadata.name}}{{"\n"}}{{end}}'"#;
const NODE_PORT: &str =
    "get services/kubernetes-bootcamp -o 'go-template={{(index .spec.ports 0).nodePort}}'";
const AFFECTED_POD: &str = r#"get pods --field-selector status.phase=Pending -o go-template --template '{{range .items}}{{.metadata.name}}{{"\n"}}{{end}}'"#;
const UPDATED: &str =
    "wait --timeout=60s deployment/kubernetes-bootcamp --for=jsonpath='{.status.updatedReplicas}'=1";
const PULL_FAILED: &str = "wait --timeout=60s pod/$AFFECTED_POD \
    --for=jsonpath='{.status.containerStatuses[0].state.waiting.reason}'=ErrImagePull";
const EXPOSED: &str = "service/kubernetes-bootcamp exposed";
/// With an age, which kubectl reckons by its own clock.
const STARTED: &str = r" +Normal +Started +\d+s +kubelet";

/// As YAML and as JSON.
const MANIFESTS: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: nginx
        image: nginx:1.27
        ports: [{containerPort: 80}]
---
{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
 "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}}
"#;

const CONFIG_MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: colours\ndata:\n  sky: blue\n";

const WRONG_FIELD: &str =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicaz: 2\n";

/// `kubarium serve`, ended with its owner.
struct Door {
    process: Child,
    address: String,
}

impl Door {
    /// Builds the program as this test was built, and starts it at a free port.
    fn open() -> Door {
        let here = std::env::current_exe().unwrap();
        let folder = here.ancestors().nth(2).unwrap();
        let profile = if folder.ends_with("release") { "release" } else { "dev" };
        let mut build = Command::new(env!("CARGO"));
        build.args([
            "build",
            "--quiet",
            "--locked",
            "--package",
            "cli",
            "--profile",
            profile,
            "--target-dir",
        ]);
        assert!(build.arg(folder.parent().unwrap()).status().unwrap().success(), "kubarium does not build");
        let mut serve = Command::new(folder.join(format!("kubarium{}", std::env::consts::EXE_SUFFIX)));
        let mut process =
            serve.args(["serve", "--port", "0"]).stdout(Stdio::piped()).spawn().expect("kubarium starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split_whitespace().find(|word| word.starts_with("http://"));
        let address = address.unwrap_or_else(|| panic!("no address in {line:?}")).to_string();
        Door { process, address }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        // It may have ended by itself, which the commands have shown.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What was typed, with everything that was kept put in.
#[derive(Default)]
struct Kept(Vec<(&'static str, String)>);

impl Kept {
    fn fill(&self, text: &str) -> String {
        self.0
            .iter()
            .fold(text.into(), |text: String, (name, value)| text.replace(&format!("${name}"), value))
    }
}

/// The words of a line; single quotes hold them together.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut quoted, mut open) = (Vec::new(), false, false);
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => open = false,
            _ if open => words.last_mut().map(|word: &mut String| word.push(c)).unwrap_or_default(),
            _ => {
                words.push(c.to_string());
                open = true;
            }
        }
    }
    words
}

/// Runs kubectl; its exit code and what it printed, stdout first. No request takes longer than a minute.
fn kubectl(program: &Path, door: &Door, home: &Path, line: &str, input: &str) -> (Option<i32>, String) {
    let mut command = Command::new(program);
    command.args(["--server", &door.address, "--request-timeout=60s"]).args(words(line));
    command.env_clear().env("HOME", home).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = pipes.spawn().expect("kubectl starts");
    // A kubectl that reads nothing has closed its end.
    let _ = process.stdin.take().unwrap().write_all(input.as_bytes());
    let output = process.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.code(), text.concat())
}

/// What is wrong with a step's outcome.
fn wrong(step: &Step, kept: &Kept, exit: Option<i32>, output: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if exit != Some(step.exit) {
        wrong.push(format!("exit code {exit:?}, not {}", step.exit));
    }
    for pattern in step.says {
        let pattern = kept.fill(pattern);
        let regex = Regex::new(&format!("(?m)^{pattern}")).expect("the patterns of this file are valid");
        if !regex.is_match(output).unwrap() {
            wrong.push(format!("no line /{pattern}/"));
        }
    }
    wrong
}

/// kubectl's path, from `$KUBECTL` or PATH.
fn find_kubectl() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("KUBECTL") {
        return Some(named.into());
    }
    let paths = std::env::var_os("PATH")?;
    let name = format!("kubectl{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&paths).map(|folder| folder.join(&name)).find(|file| file.is_file())
}

/// Says it past the test runner, which keeps the words of a test that passes.
fn say(text: &str) {
    std::io::stderr().write_all(format!("{text}\n").as_bytes()).unwrap();
}

/// Runs the steps in order and says how many were right.
fn play(name: &str, steps: &[Step]) {
    let Some(program) = find_kubectl() else {
        say(&format!("door: {name}: skipped, as there is no kubectl: name it in KUBECTL or put it on PATH"));
        return;
    };
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("door-{name}"));
    if home.exists() {
        std::fs::remove_dir_all(&home).unwrap();
    }
    std::fs::create_dir_all(&home).unwrap();
    let (door, mut kept, mut failures) = (Door::open(), Kept::default(), Vec::new());
    for step in steps {
        let line = kept.fill(step.line);
        let (exit, output) = kubectl(&program, &door, &home, &line, step.input);
        let wrong = wrong(step, &kept, exit, &output);
        if !wrong.is_empty() {
            failures.push(format!("$ kubectl {line}\n{output}--> {}\n", wrong.join("; ")));
        }
        if !step.keep.is_empty() {
            kept.0.push((step.keep, output.lines().next().unwrap_or_default().into()));
        }
    }
    say(&format!("door: {name}: {} of {} commands right", steps.len() - failures.len(), steps.len()));
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn the_tutorials_commands_work_with_the_real_kubectl() {
    play("basics", BASICS);
}

#[test]
fn what_other_clients_do_works_with_the_real_kubectl() {
    play("beyond", BEYOND);
}

#[test]
fn words_are_held_together_by_quotes() {
    assert_eq!(words("get -o 'a  b'=c  d"), ["get", "-o", "a  b=c", "d"]);
}
