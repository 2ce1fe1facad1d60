//! `kubectl create deployment`. Mirrors create_deployment.go.

use super::{GENERATOR_FLAGS, finish};
use crate::cmd::common::name_from_args;
use crate::flags::{Flag, int, list};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error};
use apimachinery::{Value, json, names};

/// `kubectl create deployment`.
pub const COMMAND: Command = Command {
    name: "deployment",
    aliases: &["deploy"],
    usage: "NAME --image=image -- [COMMAND] [args...]",
    short: "Create a deployment with the specified name",
    examples: "# A deployment of one pod\nkubectl create deployment web --image=nginx\n# With a command of its own\nkubectl create deployment sleeper --image=busybox -- sleep 3600\n# Three pods that listen on port 80\nkubectl create deployment web --image=nginx --replicas=3 --port=80",
    flags: &[FLAGS, GENERATOR_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    list("image", ' ', "Images to run; one container for each.").required(),
    int("port", ' ', "-1", "The port that the container listens on."),
    int("replicas", 'r', "1", "How many pods."),
];

async fn run(c: &Ctx) -> Result<(), Error> {
    let name = name_from_args(c)?;
    let command = &c.args[1..];
    // An empty --image= is an image all the same: the server says what it thinks of it.
    let images = c.values("image");
    if images.len() > 1 && !command.is_empty() {
        return Err("cannot specify multiple --image options and command".into());
    }
    let mut containers: Vec<Value> = images.iter().map(|image| container(c, image, command)).collect();
    if let (Some(first), true) = (containers.first_mut(), c.int("port") >= 0) {
        first.set("ports", Value::array([json!({"containerPort": c.int("port")})]));
    }
    let labels = json!({"app": name});
    let object = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "labels": labels.clone()},
        "spec": {
            "replicas": c.int("replicas"),
            "selector": {"matchLabels": labels.clone()},
            "strategy": {},
            "template": {"metadata": {"labels": labels.clone()}, "spec": {"containers": containers}},
        },
        "status": {},
    });
    finish(c, object, "deployments", "failed to create deployment:").await
}

/// A container named after its image: the last part of the path, without tag and digest.
fn container(c: &Ctx, image: &str, command: &[String]) -> Value {
    let last = image.rsplit('/').next().unwrap_or_default();
    let mut name = last.split([':', '@']).next().unwrap_or_default().to_string();
    if name.contains(['_', '.']) {
        let mut rng = sim::Rng::new(c.env.clock.now().as_micros());
        name = format!("{}-{}", name.replace(['_', '.'], "-"), names::random_suffix(&mut rng, 5));
    }
    let mut container = json!({"name": name, "image": image, "resources": {}});
    if !command.is_empty() {
        container.set("command", command.to_vec());
    }
    container
}
