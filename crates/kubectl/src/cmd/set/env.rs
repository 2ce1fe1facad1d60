//! `kubectl set env`. Mirrors set_env.go.

use super::{SET_FLAGS, change_containers, check, find, send_changes, wildcard};
use crate::builder::{Builder, FILE_FLAGS, Info};
use crate::cmd::common::{self, DryRun};
use crate::flags::{Flag, array, list, on, switch, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error, go};
use apimachinery::{Value, json};

/// `kubectl set env`.
pub const COMMAND: Command = Command {
    name: "env",
    usage: "RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N",
    short: "Update environment variables on a pod template",
    long: "Update environment variables of containers.\n\n \"-\" in place of variables reads them from standard input. A name with a trailing dash takes the variable away.",
    examples: "# A variable\nkubectl set env deployment/web STORAGE_DIR=/local\n# What there is\nkubectl set env deployment/web --list\n# Everything of a config map\nkubectl set env --from=configmap/cfg deployment/web\n# Without it\nkubectl set env deployment/web STORAGE_DIR-",
    flags: &[FLAGS, SET_FLAGS, FILE_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    text("containers", 'c', "*", "Names of containers; * stands for anything."),
    array("env", 'e', "Variables, as KEY=VALUE."),
    text("from", ' ', "", "Config map or secret whose keys become variables."),
    list("keys", ' ', "Only these keys of --from."),
    switch("list", ' ', "Print the variables."),
    on("overwrite", ' ', "Variables that are there already may change."),
    text("prefix", ' ', "", "What to put before the names of variables."),
    switch("resolve", ' ', "Print with --list what references lead to.").refused(),
];

async fn run(c: &Ctx) -> Result<(), Error> {
    let dry_run = DryRun::of(c)?;
    let is_variable = |a: &str| a == "-" || a.contains('=') && !a.starts_with('=') || a.ends_with('-');
    let first = c.args.iter().position(|a| is_variable(a)).unwrap_or(c.args.len());
    let (resources, words) = c.args.split_at(first);
    if words.iter().any(|w| !is_variable(w)) {
        let all = c.args.join(" ");
        return Err(Error::Message(format!(
            "all resources must be specified before environment changes: {all}"
        )));
    }
    let mut printer = common::printer(c, "env updated", dry_run)?;
    check(c, dry_run)?;
    if c.values("filename").is_empty() && resources.is_empty() {
        return Err(
            "one or more resources must be specified as <resource> <name> or <resource>/<name>".into()
        );
    }
    if c.on("list") && !c.text("output").is_empty() {
        return Err("--list and --output may not be specified together".into());
    }
    if !c.values("keys").is_empty() && c.text("from").is_empty() {
        return Err("when specifying --keys, a configmap or secret must be provided with --from".into());
    }
    let specs: Vec<String> = c.values("env").iter().chain(words).cloned().collect();
    let (mut set, remove) = parse(c, &specs).await?;
    set.extend(from(c).await?);
    for variable in &mut set {
        let name = format!("{}{}", c.text("prefix"), variable["name"].str());
        variable.set("name", name);
    }
    let mut errors = Vec::new();
    for info in find(c, resources).await? {
        errors.extend(one(c, &info, &set, &remove, dry_run, &mut printer).await.err());
    }
    Error::all(errors)
}

/// `KEY=VALUE` and `KEY-`; `-` stands for standard input. Mirrors parseIntoEnvVar.
async fn parse(c: &Ctx, specs: &[String]) -> Result<(Vec<Value>, Vec<String>), Error> {
    let (mut set, mut remove) = (Vec::new(), Vec::new());
    let mut add = |spec: &str| -> Result<(), Error> {
        let Some((name, value)) = spec.split_once('=') else {
            return Err(Error::Message(format!("unknown environment variable: {spec}")));
        };
        check_name(name)?;
        set.push(json!({"name": name, "value": value}));
        Ok(())
    };
    for spec in specs {
        if spec == "-" {
            let text = String::from_utf8_lossy(&c.read_stdin().await).into_owned();
            for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
                add(line)?;
            }
        } else if let (Some(name), false) = (spec.strip_suffix('-'), spec.contains('=')) {
            remove.push(name.to_string());
        } else {
            add(spec)?;
        }
    }
    if remove.iter().any(|r| set.iter().any(|v| v["name"] == r.as_str())) {
        return Err("can not both modify and remove the same environment variable in the same command".into());
    }
    Ok((set, remove))
}

/// Mirrors validation.IsEnvVarName (relaxed: printable ASCII but `=`).
fn check_name(name: &str) -> Result<(), Error> {
    if !name.is_empty() && name.chars().all(|c| (' '..='~').contains(&c) && c != '=') {
        return Ok(());
    }
    let why =
        "a valid environment variable name must consist only of printable ASCII characters other than '='";
    Err(Error::Message(format!("{} is not a valid key name: {why}", go::quote(name))))
}

/// The variables of `--from`.
async fn from(c: &Ctx) -> Result<Vec<Value>, Error> {
    if c.text("from").is_empty() {
        return Ok(Vec::new());
    }
    let mut set = Vec::new();
    let wanted = c.values("keys");
    let source = Builder::new(c)?.args(&[c.text("from").to_string()], c.on("all"));
    for info in source.find(c).await?.all()? {
        let reference = match info.mapping.kind.as_str() {
            "ConfigMap" => "configMapKeyRef",
            "Secret" => "secretKeyRef",
            _ => return Err("unsupported resource specified in --from".into()),
        };
        for (key, _) in info.object["data"].fields() {
            if !wanted.is_empty() && !wanted.iter().any(|w| w == key) {
                continue;
            }
            let letters = key.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' });
            let name: String = letters.collect::<String>().to_uppercase();
            if name != key {
                c.err_line(&format!("Warning: key {key} transferred to {name}"));
            }
            set.push(
                json!({"name": name, "valueFrom": {(reference): {"name": info.name.as_str(), "key": key}}}),
            );
        }
    }
    Ok(set)
}

async fn one(
    c: &Ctx,
    info: &Info,
    set: &[Value],
    remove: &[String],
    dry_run: DryRun,
    printer: &mut crate::printers::Printer,
) -> Result<(), Error> {
    let mut object = info.object.clone();
    let pattern = c.text("containers");
    let (mut texts, mut taken) = (String::new(), Vec::new());
    let changed = change_containers(&mut object, &|name| wildcard(pattern, name), &mut |container| {
        let old = container["env"].items().to_vec();
        taken.extend(
            set.iter()
                .filter(|s| old.iter().any(|o| o["name"] == s["name"]))
                .map(|s| s["name"].str().to_string()),
        );
        let mut new = merged(&old, set);
        new.retain(|v| !remove.iter().any(|r| v["name"] == r.as_str()));
        if new.is_empty() {
            container.remove("env");
        } else {
            container.set("env", new);
        }
        texts.push_str(&format!(
            "# {} {}, container {}\n",
            info.mapping.kind,
            info.name,
            container["name"].str()
        ));
        container["env"].items().iter().for_each(|v| texts.push_str(&shown(v)));
    });
    let title = format!("{}/{}", info.mapping.plural, info.name);
    match changed {
        Err(why) => return Err(Error::Message(format!("error: {title} {why}\n"))),
        Ok(0) => {
            let kind = &info.mapping.kind;
            c.err_line(&format!(
                "Warning: {kind}/{} does not have any containers matching {}",
                info.name,
                go::quote(pattern)
            ));
        }
        Ok(_) => {}
    }
    if let (Some(name), false) = (taken.first(), c.on("overwrite")) {
        return Err(Error::Message(format!(
            "error: {title} '{name}' already has a value, and --overwrite is false\n"
        )));
    }
    if c.on("list") {
        c.out(&texts);
        return Ok(());
    }
    send_changes(c, info, object, dry_run, printer, "failed to patch env update to pod template:").await
}

/// Variables keep their places; new ones follow. Mirrors updateEnv.
fn merged(old: &[Value], set: &[Value]) -> Vec<Value> {
    let mut new: Vec<Value> = old.to_vec();
    for variable in set {
        match new.iter_mut().find(|v| v["name"] == variable["name"]) {
            Some(known) => *known = variable.clone(),
            None => new.push(variable.clone()),
        }
    }
    new
}

/// A variable in `--list`. Mirrors GetEnvVarRefString.
fn shown(variable: &Value) -> String {
    let (name, from) = (variable["name"].str(), &variable["valueFrom"]);
    let reference = |kind: &str, r: &Value| format!("{kind} {}, key {}", r["name"].str(), r["key"].str());
    let text = if !from["configMapKeyRef"].is_null() {
        reference("configmap", &from["configMapKeyRef"])
    } else if !from["secretKeyRef"].is_null() {
        reference("secret", &from["secretKeyRef"])
    } else if !from["fieldRef"].is_null() {
        format!("field path {}", from["fieldRef"]["fieldPath"].str())
    } else if !from["resourceFieldRef"].is_null() {
        let r = &from["resourceFieldRef"];
        let container = match r["containerName"].str() {
            "" => String::new(),
            name => format!("{name}/"),
        };
        format!("resource field {container}{}", r["resource"].str())
    } else {
        return format!("{name}={}\n", variable["value"].str());
    };
    format!("# {name} from {text}\n")
}
