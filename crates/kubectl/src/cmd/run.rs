//! `kubectl run`. Mirrors kubectl/pkg/cmd/run.

use crate::builder::Info;
use crate::cmd::common::{self, DRY_RUN, DryRun, RECORD_FLAGS, SAVE_CONFIG, field_manager};
use crate::cmd::create::mapping;
use crate::cmd::{attach, delete, pods};
use crate::flags::{Flag, array, duration, on, switch, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error, go};
use apimachinery::patch::{json_patch, merge_patch, strategic_merge};
use apimachinery::{Body, Object, Request, Value, json, yaml};
use sim::Duration;
use std::rc::Rc;

/// `kubectl run`.
pub const COMMAND: Command = Command {
    name: "run",
    usage: "NAME --image=image [--env=\"key=value\"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]",
    short: "Run a particular image on the cluster",
    long: "Create and run a particular image in a pod.",
    examples: "# A pod\nkubectl run nginx --image=nginx\n# With a port, and a service for it\nkubectl run nginx --image=nginx --port=80 --expose\n# With variables and labels\nkubectl run web --image=web --env=\"DNS_DOMAIN=cluster\" --labels=\"app=web,env=prod\"\n# A shell that goes away with you\nkubectl run -i -t --rm busybox --image=busybox --restart=Never -- sh\n# With another command\nkubectl run nginx --image=nginx --command -- <cmd> <arg1> ... <argN>",
    flags: &[FLAGS, PRINT_FLAGS, RECORD_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    array("annotations", ' ', "Annotations of the pod."),
    switch("attach", ' ', "Wait for the pod, then attach to it; on with -i."),
    text("cascade", ' ', "background", "What happens with --rm to what the pod owns.").alone("background"),
    switch("command", ' ', "What follows -- is the command, not its arguments."),
    DRY_RUN,
    array("env", ' ', "Variables of the container."),
    switch("expose", ' ', "Create a ClusterIP service for the pod too; needs --port."),
    field_manager("kubectl-run"),
    text("image", ' ', "", "The image to run.").required(),
    text("image-pull-policy", ' ', "", "Always, IfNotPresent or Never."),
    text("labels", 'l', "", "Labels of the pod, separated by commas."),
    switch("leave-stdin-open", ' ', "Leave standard input open after the first attach."),
    text("override-type", ' ', "merge", "How --overrides is merged: json, merge, or strategic."),
    text("overrides", ' ', "", "JSON that changes the generated object."),
    duration("pod-running-timeout", "1m0s", "How long to wait for the pod to run."),
    text("port", ' ', "", "The port that the container listens on."),
    switch("privileged", ' ', "Run the container in privileged mode."),
    switch("quiet", 'q', "Print no prompts."),
    text("restart", ' ', "Always", "The restart policy: Always, OnFailure or Never."),
    switch("rm", ' ', "Delete the pod when it has ended; only when attached."),
    SAVE_CONFIG,
    switch("stdin", 'i', "Keep standard input open."),
    switch("tty", 't', "Allocate a terminal."),
    on("wait", ' ', "With --rm: wait until the pod is gone.").hidden(),
];

/// How often the pod is looked at.
const POLL: Duration = Duration::from_millis(200);

async fn run(c: &Ctx) -> Result<(), Error> {
    if c.args.is_empty() || c.dash == Some(0) {
        return Err(c.usage_error("NAME is required for run"));
    }
    let dry_run = DryRun::of(c)?;
    let attach = if c.given("attach") { c.on("attach") } else { c.on("stdin") };
    validate(c, attach, dry_run)?;
    let mut printer = common::printer(c, "created", dry_run)?;
    printer.typed = dry_run == DryRun::Client;
    let pod = overridden(c, pod(c)?)?;
    let pod = generated(c, pod, "pods", dry_run).await?;
    let mut objects = vec![pod.clone()];
    let mut errors = Vec::new();
    if c.on("expose") {
        match generated(c, service(c)?, "services", dry_run).await {
            Ok(service) => {
                printer.print(c, &service.object)?;
                objects.push(service);
            }
            Err(e) => errors.push(e),
        }
    }
    if !attach {
        printer.print(c, &pod.object)?;
        return Error::all(errors);
    }
    let result = attached(c, &pod).await;
    if c.on("rm") {
        let options = delete::Options {
            grace_period: -1,
            propagation: delete::propagation(c)?,
            dry_run,
            name_only: false,
        };
        for info in &objects {
            match delete::delete(c, info, &options).await {
                Err(e) if !e.is_not_found() => return Err(e),
                _ => {}
            }
        }
    }
    result
}

fn validate(c: &Ctx, attach: bool, dry_run: DryRun) -> Result<(), Error> {
    let image = c.text("image");
    if image.is_empty() {
        return Err("--image is required".into());
    }
    if !is_reference(image) {
        return Err(Error::Message(format!(
            "Invalid image name {}: invalid reference format",
            go::quote(image)
        )));
    }
    if c.on("tty") && !c.on("stdin") {
        return Err(c.usage_error("-i/--stdin is required for containers with -t/--tty=true"));
    }
    if c.on("expose") && c.text("port").is_empty() {
        return Err(c.usage_error("--port must be set when exposing a service"));
    }
    c.namespace()?;
    if !matches!(c.text("restart"), "" | "Always" | "OnFailure" | "Never") {
        return Err(c.usage_error(&format!("invalid restart policy: {}", c.text("restart"))));
    }
    if c.on("rm") && !attach {
        return Err(c.usage_error("--rm should only be used for attached containers"));
    }
    if attach && dry_run != DryRun::None {
        return Err(c.usage_error("--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)"));
    }
    if !matches!(c.text("image-pull-policy"), "" | "Always" | "IfNotPresent" | "Never") {
        return Err(c.usage_error(&format!("invalid image pull policy: {}", c.text("image-pull-policy"))));
    }
    Ok(())
}

/// Whether a text can name an image: `[host[:port]/]path[:tag][@digest]`. Mirrors distribution's ReferenceRegexp.
fn is_reference(image: &str) -> bool {
    let (name, digest) = image.split_once('@').map_or((image, None), |(n, d)| (n, Some(d)));
    let (name, tag) = match name.rsplit_once(':') {
        Some((n, t)) if !t.contains('/') => (n, Some(t)),
        _ => (name, None),
    };
    let mut parts: Vec<&str> = name.split('/').collect();
    let is_host =
        |p: &str| p.contains(['.', ':']) || p == "localhost" || p.chars().any(|c| c.is_ascii_uppercase());
    if parts.len() > 1 && is_host(parts[0]) {
        let host = parts.remove(0);
        if !host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c)) {
            return false;
        }
    }
    let fits = |p: &&str| {
        let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        ends(p.chars().next())
            && ends(p.chars().last())
            && p.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
    };
    let word = |t: &str| t.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
    let tag = tag.is_none_or(|t| (1..=128).contains(&t.len()) && word(t) && !t.starts_with(['.', '-']));
    let digest =
        digest.is_none_or(|d| d.split_once(':').is_some_and(|(a, h)| !a.is_empty() && h.len() >= 32));
    parts.iter().all(fits) && tag && digest
}

fn labels(c: &Ctx) -> Result<Value, Error> {
    let mut labels = Value::object();
    let text = c.text("labels");
    for part in text.split(',').filter(|_| !text.is_empty()) {
        match part.split_once('=') {
            Some(("", _)) => return Err("unexpected empty label key".into()),
            Some((key, value)) if !value.contains('=') => labels.set(key, value),
            _ => return Err(Error::Message(format!("unexpected label spec: {part}"))),
        }
    }
    if labels.is_empty() {
        labels.set("run", c.args[0].as_str());
    }
    Ok(labels)
}

fn port(c: &Ctx) -> Result<Option<i64>, Error> {
    match c.text("port") {
        "" => Ok(None),
        text => match text.parse() {
            Ok(port) => Ok(Some(port)),
            Err(_) => {
                Err(Error::Message(format!("strconv.Atoi: parsing {}: invalid syntax", go::quote(text))))
            }
        },
    }
}

/// Mirrors BasicPod.Generate.
fn pod(c: &Ctx) -> Result<Value, Error> {
    let name = c.args[0].as_str();
    let mut env = Vec::new();
    for text in c.values("env") {
        match text.split_once('=') {
            Some((key, value)) if !key.is_empty() => env.push(json!({"name": key, "value": value})),
            _ => return Err(Error::Message(format!("invalid env: {text}"))),
        }
    }
    let mut container = json!({"name": name, "image": c.text("image"), "resources": {}});
    if c.args.len() > 1 {
        container.set(if c.on("command") { "command" } else { "args" }, c.args[1..].to_vec());
    }
    if !env.is_empty() {
        container.set("env", env);
    }
    if let Some(port) = port(c)? {
        container.set("ports", Value::array([json!({"containerPort": port})]));
    }
    for (field, flag) in [("stdin", "stdin"), ("tty", "tty")] {
        if c.on(flag) {
            container.set(field, true);
        }
    }
    if c.on("stdin") && !c.on("leave-stdin-open") {
        container.set("stdinOnce", true);
    }
    if !c.text("image-pull-policy").is_empty() {
        container.set("imagePullPolicy", c.text("image-pull-policy"));
    }
    if c.on("privileged") {
        container.set_at("securityContext.privileged", true);
    }
    let restart = match c.text("restart") {
        "" if c.on("stdin") => "OnFailure",
        "" => "Always",
        policy => policy,
    };
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels(c)?},
        "spec": {"containers": [container], "dnsPolicy": "ClusterFirst", "restartPolicy": restart},
        "status": {},
    });
    for text in c.values("annotations") {
        let Some((key, value)) = text.split_once('=') else {
            return Err(Error::Message(format!("invalid annotations format: {text}")));
        };
        pod.at_mut("metadata.annotations").set(key, value);
    }
    Ok(pod)
}

/// Mirrors generateService.
fn service(c: &Ctx) -> Result<Value, Error> {
    let port = port(c)?.unwrap_or_default();
    let mut service = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": c.args[0].as_str()},
        "spec": {
            "ports": [{"port": port, "protocol": "TCP", "targetPort": port}], "selector": labels(c)?,
        },
        "status": {"loadBalancer": {}},
    });
    if !c.text("labels").is_empty() {
        service.set_at("metadata.labels", labels(c)?);
    }
    Ok(service)
}

/// With `--overrides`. Mirrors cmdutil.Overrider.
pub fn overridden(c: &Ctx, object: Value) -> Result<Value, Error> {
    let text = c.text("overrides");
    if text.is_empty() {
        return Ok(object);
    }
    let patch = yaml::parse_any(text).map_err(Error::Message)?;
    match c.text("override-type") {
        "merge" | "" => Ok(merge_patch(&object, &patch)),
        "json" => json_patch(&object, &patch)
            .map_err(|_| "the JSON patch of --overrides does not fit the object".into()),
        "strategic" => match api::merge_schema(object["apiVersion"].str(), object["kind"].str()) {
            Some(schema) => strategic_merge(&object, &patch, schema).map_err(|e| Error::Message(e.message)),
            None => Ok(merge_patch(&object, &patch)),
        },
        other => Err(Error::Message(format!("invalid override type: {other}"))),
    }
}

/// Creates an object that was generated, unless it is only to be printed. Mirrors createGeneratedObject.
pub async fn generated(c: &Ctx, object: Value, plural: &str, dry_run: DryRun) -> Result<Info, Error> {
    let (namespace, given) = c.namespace()?;
    let mut info = Info {
        mapping: Rc::new(mapping(&object, plural, true)),
        namespace: namespace.clone(),
        name: object.at("metadata.name").str().into(),
        source: String::new(),
        object: Object(object),
    };
    common::record(c, &mut info.object);
    if dry_run == DryRun::Client {
        if given {
            info.object.meta_mut().insert("namespace", namespace.into());
        }
        return Ok(info);
    }
    if c.on("save-config") {
        info.object = common::with_configuration(&info.object);
    }
    let made = common::create(c, &info, dry_run, "").await?;
    info.refresh(made);
    Ok(info)
}

/// Waits for the pod, attaches, and gives back its exit code as an error. Mirrors handleAttachPod.
async fn attached(c: &Ctx, info: &Info) -> Result<(), Error> {
    let pod = wait(c, info, &|pod| {
        let ready =
            pod.at("status.conditions").items().iter().any(|s| s["type"] == "Ready" && s["status"] == "True");
        is_final(pod) || pod.at("status.phase") == &Value::from("Running") && ready
    })
    .await?;
    if is_final(&pod) {
        print_log(c, &pod).await?;
    } else {
        // What the container said before anybody was there to hear it.
        if let Err(e) = print_log(c, &pod).await {
            c.err_line(&format!("warning: couldn't fetch pre-attach logs: {}", e.text()));
        }
        if let Err(e) = attach::attach(c, &pod, "").await {
            c.err_line(&format!(
                "warning: couldn't attach to pod/{}, falling back to streaming logs: {}",
                pod.name(),
                e.text()
            ));
            print_log(c, &pod).await?;
        }
    }
    let restart = pod.at("spec.restartPolicy").str();
    if c.on("leave-stdin-open") || !matches!(restart, "Never" | "OnFailure") {
        return Ok(());
    }
    let only_success = restart == "OnFailure";
    let pod = wait(c, info, &|pod| match pod.at("status.phase").str() {
        "Succeeded" => true,
        "Failed" => !only_success,
        _ => false,
    })
    .await?;
    exit_code(&pod)
}

/// Prints what the pod's container has said so far.
async fn print_log(c: &Ctx, pod: &Object) -> Result<(), Error> {
    let container = pods::container_or_default(c, pod, "", c.on("quiet"))?;
    let path = api::pod::RESOURCE.object_path(pod.namespace(), pod.name());
    let request = Request::get(format!("{path}/log")).with("container", container);
    if let Body::Text(text) = c.send(request).await?.body {
        c.out(&text);
    }
    Ok(())
}

fn is_final(pod: &Object) -> bool {
    matches!(pod.at("status.phase").str(), "Succeeded" | "Failed")
}

fn exit_code(pod: &Object) -> Result<(), Error> {
    if pod.at("status.phase").str() == "Succeeded" {
        return Ok(());
    }
    let ended = &pod.at("status.containerStatuses")[0]["state"]["terminated"];
    let place = format!("{}/{}", pod.namespace(), pod.name());
    match ended["exitCode"].int() {
        0 => Err(Error::Message(format!("pod {place} failed with unknown exit code"))),
        code => {
            let why =
                format!("pod {place} terminated ({})\n{}", ended["reason"].str(), ended["message"].str());
            Err(Error::Code(code as i32, Box::new(Error::Plain(why))))
        }
    }
}

async fn wait(c: &Ctx, info: &Info, done: &dyn Fn(&Object) -> bool) -> Result<Object, Error> {
    let end = c.env.clock.now() + Duration::from_nanos(c.nanos("pod-running-timeout").max(0) as u64);
    loop {
        let pod = info.get(c).await?;
        if done(&pod) {
            return Ok(pod);
        }
        if c.env.clock.now() >= end {
            return Err("timed out waiting for the condition".into());
        }
        c.env.clock.sleep(POLL).await;
    }
}

#[cfg(test)]
mod tests {
    use super::is_reference;

    #[test]
    fn image_names_are_told_from_others() {
        for good in
            ["nginx", "nginx:1.27", "gcr.io/google-samples/kubernetes-bootcamp:v1", "localhost:5000/a/b"]
        {
            assert!(is_reference(good), "{good}");
        }
        for bad in ["bad image", "Nginx", "nginx:", "a//b", "-x", "nginx@sha256:1"] {
            assert!(!is_reference(bad), "{bad}");
        }
    }
}
