//! `kubectl set image`. Mirrors set_image.go.

use super::{SET_FLAGS, change_containers, check, find, send_changes};
use crate::builder::FILE_FLAGS;
use crate::cmd::common::{self, DryRun, RECORD_FLAGS};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error, go};

/// `kubectl set image`.
pub const COMMAND: Command = Command {
    name: "image",
    usage: "(-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N",
    short: "Update the image of a pod template",
    long: "Update the images of containers.\n\n Works on pods and on what has a pod template: deployments, replica sets, daemon sets, stateful sets, jobs, cron jobs, replication controllers.",
    examples: "# One container's image\nkubectl set image deployment/web nginx=nginx:1.27\n# Those of all containers\nkubectl set image deployment/web '*=nginx:1.27'\n# In all deployments of the namespace\nkubectl set image deployments nginx=nginx:1.27 --all",
    flags: &[SET_FLAGS, FILE_FLAGS, PRINT_FLAGS, RECORD_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

async fn run(c: &Ctx) -> Result<(), Error> {
    let dry_run = DryRun::of(c)?;
    let mut printer = common::printer(c, "image updated", dry_run)?;
    let (resources, pairs) = common::resources_and_pairs(&c.args, "image")?;
    if let Some(bad) = pairs.iter().find(|p| !p.contains('=')) {
        return Err(Error::Message(format!("invalid image format: {bad}")));
    }
    let images: Vec<(&str, &str)> = pairs.iter().filter_map(|p| p.split_once('=')).collect();
    let infos = find(c, &resources).await?;
    check(c, dry_run)?;
    if images.is_empty() {
        return Err("at least one image update is required".into());
    }
    if images.len() > 1 && images.iter().any(|(name, _)| *name == "*") {
        return Err("all containers are already specified by *, but saw more than one container_name=container_image pairs".into());
    }
    let mut errors = Vec::new();
    for info in infos {
        let mut object = info.object.clone();
        let mut failed = false;
        for (name, image) in &images {
            match change_containers(&mut object, &|n| *name == "*" || n == *name, &mut |c| {
                c.set("image", *image)
            }) {
                Ok(0) => errors.push(Error::Message(format!(
                    "error: unable to find container named {}",
                    go::quote(name)
                ))),
                Ok(_) => {}
                Err(why) => {
                    errors.push(Error::Message(format!(
                        "error: {}/{} {why}\n",
                        info.mapping.plural, info.name
                    )));
                    failed = true;
                    break;
                }
            }
        }
        if !failed {
            let failure = "failed to patch image update to pod template:";
            errors.extend(send_changes(c, &info, object, dry_run, &mut printer, failure).await.err());
        }
    }
    Error::all(errors)
}
