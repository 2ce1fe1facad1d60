use super::{find, has_controller_revisions, is_deployment, replica_sets, revision};
use crate::builder::{FILE_FLAGS, Info};
use crate::cmd::common::{self, CHANGE_CAUSE, DryRun};
use crate::describe;
use crate::flags::{Flag, int, text};
use crate::printers::PRINT_FLAGS;
use crate::printers::tabwriter::TabWriter;
use crate::{Command, Ctx, Error};
use apimachinery::{Object, Value};
use sim::collections::BTreeMap;

/// `kubectl rollout history`.
pub const COMMAND: Command = Command {
    name: "history",
    usage: "(TYPE NAME | TYPE/NAME) [flags]",
    short: "View rollout history",
    long: "View previous rollout revisions and configurations.",
    examples: "# All revisions\nkubectl rollout history deployment/web\n# One of them\nkubectl rollout history deployment/web --revision=3",
    flags: &[FLAGS, FILE_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    int("revision", ' ', "0", "The details of this revision; 0 lists them all."),
    text("selector", 'l', "", "Labels to select by."),
];

async fn run(c: &Ctx) -> Result<(), Error> {
    if c.int("revision") < 0 {
        return Err(Error::Message(format!("revision must be a positive integer: {}", c.int("revision"))));
    }
    let mut errors = Vec::new();
    for item in find(c).await?.items {
        errors.extend(async { show(c, &item?).await }.await.err());
    }
    Error::all(errors)
}

async fn show(c: &Ctx, info: &Info) -> Result<(), Error> {
    let wanted = c.int("revision");
    let sets: BTreeMap<i64, Object> = if is_deployment(&info.mapping) {
        let sets = replica_sets(c, &info.object).await?;
        sets.into_iter().filter_map(|rs| Some((revision(&rs)?, rs))).collect()
    } else if has_controller_revisions(&info.mapping) {
        // The object as it was, for each of its revisions.
        let revisions = super::controller_revisions(c, &info.object).await?;
        let as_it_was = |r: &Object| {
            let mut ds = info.object.clone();
            ds.set_at("spec.template", super::template_of(r));
            ds.meta_mut().insert("annotations", r.meta("annotations").clone());
            ds
        };
        revisions.iter().map(|(number, r)| (*number, as_it_was(r))).collect()
    } else {
        return Err(super::no_viewer("history viewer", &info.mapping));
    };
    if c.given("output") {
        let mut printer = common::printer(c, "", DryRun::None)?;
        let chosen = sets.iter().filter(|(r, _)| wanted == 0 || **r == wanted);
        let mut any = false;
        for (_, rs) in chosen {
            any = true;
            printer.print(c, rs)?;
        }
        return if any || wanted == 0 { Ok(()) } else { Err("unable to find the specified revision".into()) };
    }
    let text = match wanted {
        _ if sets.is_empty() => "No rollout history found.".to_string(),
        0 => overview(&sets),
        wanted => {
            let rs = sets.get(&wanted).ok_or("unable to find the specified revision")?;
            describe::pod_template(&template_with_cause(rs))
        }
    };
    let with_revision = if wanted > 0 { format!("with revision #{wanted}") } else { String::new() };
    let mut printer = common::printer(c, &format!("{with_revision}\n{text}"), DryRun::None)?;
    printer.print(c, &info.object)
}

/// The template of a revision; why it was made stands among its annotations.
fn template_with_cause(rs: &Object) -> Value {
    let mut template = rs.at("spec.template").clone();
    if let Some(cause) = rs.annotation(CHANGE_CAUSE).filter(|c| !c.is_empty()) {
        template.field_mut("metadata").field_mut("annotations").set(CHANGE_CAUSE, cause);
    }
    template
}

fn overview(sets: &BTreeMap<i64, Object>) -> String {
    let mut table = TabWriter::new(0, 2);
    table.write("REVISION\tCHANGE-CAUSE\n");
    for (number, rs) in sets {
        let cause = rs.annotation(CHANGE_CAUSE).filter(|c| !c.is_empty()).unwrap_or("<none>");
        table.write(&format!("{number}\t{cause}\n"));
    }
    table.flush()
}
