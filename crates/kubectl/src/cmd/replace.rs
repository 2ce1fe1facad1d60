//! `kubectl replace`. Mirrors kubectl/pkg/cmd/replace.

use crate::builder::{Builder, FILE_FLAGS, Info};
use crate::cmd::common::{
    self, DRY_RUN, DryRun, RECORD_FLAGS, SAVE_CONFIG, SUBRESOURCE, VALIDATE, field_manager,
};
use crate::cmd::delete::{self, propagation, wait_gone};
use crate::flags::{Flag, duration, int, switch, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error};
use apimachinery::Request;
use apimachinery::rest::Method;
use sim::Duration;

/// `kubectl replace`.
pub const COMMAND: Command = Command {
    name: "replace",
    usage: "-f FILENAME",
    short: "Replace a resource by file name or stdin",
    long: "Replace a resource by file name or stdin. The file has to hold the whole object, as 'kubectl get TYPE NAME -o yaml' prints it.\n\n Files may be JSON or YAML.",
    examples: "# With what a file holds\nkubectl replace -f ./pod.yaml\n# Delete it, then create it again\nkubectl replace --force -f ./pod.yaml",
    flags: &[FLAGS, FILE_FLAGS, PRINT_FLAGS, RECORD_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    text(
        "cascade",
        ' ',
        "background",
        "What happens to what a deleted resource owns: background, orphan or foreground.",
    )
    .alone("background"),
    DRY_RUN,
    field_manager("kubectl-replace"),
    switch("force", ' ', "Delete, then create again."),
    int("grace-period", ' ', "-1", "With --force: seconds that the old resource gets to end."),
    text("raw", ' ', "", "Path to PUT to, as it is.").refused(),
    SAVE_CONFIG,
    SUBRESOURCE,
    duration("timeout", "0s", "With --force: how long to wait for the old one to be gone."),
    VALIDATE,
    switch("wait", ' ', "With --force: wait until the old one is gone."),
];

async fn run(c: &Ctx) -> Result<(), Error> {
    let dry_run = DryRun::of(c)?;
    let validation = common::validation(c)?;
    if c.values("filename").is_empty() && c.text("kustomize").is_empty() {
        return Err("must specify one of -f and -k".into());
    }
    let force = c.on("force");
    for (flag, given) in [("grace-period", c.int("grace-period") >= 0), ("timeout", c.nanos("timeout") != 0)]
    {
        if given && !force {
            return Err(Error::Message(format!("--{flag} must have --force specified")));
        }
    }
    if force && dry_run != DryRun::None {
        return Err("--dry-run can not be used when --force is set".into());
    }
    let mut printer = common::printer(c, "replaced", dry_run)?;
    let found = Builder::new(c)?.validated(c.text("validate")).find(c).await?;
    let mut infos = found.items;
    if force {
        delete_all(c, &infos).await?;
    }
    let (mut errors, mut count) = (Vec::new(), 0);
    for item in infos.drain(..) {
        let result = async {
            let mut info = item?;
            common::record(c, &mut info.object);
            if c.on("save-config") {
                info.object = common::with_configuration(&info.object);
            }
            if dry_run != DryRun::Client {
                let made = match force {
                    true => common::create(c, &info, DryRun::None, validation).await,
                    false => put(c, &info, dry_run, validation)
                        .await
                        .map_err(|e| e.when("replacing", &info.source)),
                };
                info.refresh(made?);
            }
            count += 1;
            printer.print(c, &info.object)
        };
        errors.extend(result.await.err());
    }
    Error::all(errors)?;
    if force && count == 0 { Err("no objects passed to replace".into()) } else { Ok(()) }
}

/// PUTs an object over itself; without a resourceVersion it takes the one that is there. Mirrors Helper.Replace.
async fn put(c: &Ctx, info: &Info, dry_run: DryRun, validation: &str) -> Result<apimachinery::Object, Error> {
    let mut object = info.object.clone();
    if object.resource_version().is_empty() {
        // What is not there is sent as it is: the server says what is wrong with it.
        if let Ok(there) = info.get(c).await {
            object.meta_mut().insert("resourceVersion", there.resource_version().into());
        }
    }
    let path = match c.text("subresource") {
        "" => info.path(),
        subresource => format!("{}/{subresource}", info.path()),
    };
    let request = Request::new(Method::Put, path).with_body(object.0);
    c.object(common::writing(c, request, dry_run, validation)).await
}

/// `--force`: everything goes first.
async fn delete_all(c: &Ctx, infos: &[Result<Info, Error>]) -> Result<(), Error> {
    let options = delete::Options {
        grace_period: match c.int("grace-period") {
            n if n < 0 => -1,
            n => n,
        },
        propagation: propagation(c)?,
        dry_run: DryRun::None,
        name_only: c.text("output") == "name",
    };
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for info in infos {
        match info {
            Ok(info) => match delete::delete(c, info, &options).await {
                Ok(uid) => deleted.push((info.clone(), uid)),
                Err(e) if e.is_not_found() => {}
                Err(e) => errors.push(e),
            },
            Err(e) => errors.push(e.clone()),
        }
    }
    Error::all(errors)?;
    let timeout = match c.nanos("timeout") {
        0 => Duration::from_secs(300),
        nanos => Duration::from_nanos(nanos.max(0) as u64),
    };
    wait_gone(c, &deleted, timeout).await
}
