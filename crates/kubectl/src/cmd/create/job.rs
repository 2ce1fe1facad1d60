//! `kubectl create job`. Mirrors create_job.go.

use super::{GENERATOR_FLAGS, finish};
use crate::builder::Builder;
use crate::cmd::common::name_from_args;
use crate::flags::{Flag, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error};
use apimachinery::{Value, json};

/// `kubectl create job`.
pub const COMMAND: Command = Command {
    name: "job",
    usage: "NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]",
    short: "Create a job with the specified name",
    examples: "# A job\nkubectl create job my-job --image=busybox\n# With a command\nkubectl create job my-job --image=busybox -- date\n# From a cron job\nkubectl create job test-job --from=cronjob/a-cronjob",
    flags: &[FLAGS, GENERATOR_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] =
    &[text("from", ' ', "", "The cron job to make a job from."), text("image", ' ', "", "The image to run.")];

async fn run(c: &Ctx) -> Result<(), Error> {
    let name = name_from_args(c)?;
    let command = &c.args[1..];
    if c.text("from").is_empty() == c.text("image").is_empty() {
        return Err("either --image or --from must be specified".into());
    }
    if !command.is_empty() && !c.text("from").is_empty() {
        return Err("cannot specify --from and command".into());
    }
    let job = match c.text("from") {
        "" => json!({
            "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
            "spec": {"template": template(name, c.text("image"), command, "Never")}, "status": {},
        }),
        from => from_cron_job(c, name, from).await?,
    };
    finish(c, job, "jobs", "failed to create job:").await
}

/// A pod template with one container, named after the job.
pub fn template(name: &str, image: &str, command: &[String], restart: &str) -> Value {
    let mut container = json!({"name": name, "image": image, "resources": {}});
    if !command.is_empty() {
        container.set("command", command.to_vec());
    }
    json!({"metadata": {}, "spec": {"containers": [container], "restartPolicy": restart}})
}

async fn from_cron_job(c: &Ctx, name: &str, from: &str) -> Result<Value, Error> {
    let infos = Builder::new(c)?.args(&[from.to_string()], false).find(c).await?.all()?;
    let [info] = infos.as_slice() else { return Err("from must be an existing cronjob".into()) };
    if info.mapping.kind != "CronJob" {
        return Err("from must be an existing cronjob".into());
    }
    let template = info.object.at("spec.jobTemplate");
    let mut annotations = template["metadata"]["annotations"].clone();
    annotations.set("cronjob.kubernetes.io/instantiate", "manual");
    let mut owner = info.object.controller_ref();
    owner.remove("blockOwnerDeletion");
    let mut job = json!({
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": {"name": name, "annotations": annotations, "ownerReferences": [owner]},
        "spec": &template["spec"], "status": {},
    });
    if !template["metadata"]["labels"].is_empty() {
        job.set_at("metadata.labels", &template["metadata"]["labels"]);
    }
    Ok(job)
}
