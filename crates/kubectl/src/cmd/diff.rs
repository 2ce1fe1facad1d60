//! `kubectl diff`. Mirrors kubectl/pkg/cmd/diff, with the comparing done here instead of by a program.

use crate::builder::{Builder, FILE_FLAGS, Info};
use crate::cmd::apply::make_patch;
use crate::cmd::common::{self, DryRun};
use crate::flags::{Flag, int, switch, text};
use crate::{Command, Ctx, Error};
use apimachinery::{Object, Request, Value, yaml};

/// `kubectl diff`.
pub const COMMAND: Command = Command {
    name: "diff",
    usage: "-f FILENAME",
    short: "Diff the live version against a would-be applied version",
    long: "Diff configurations specified by file name or stdin between the current online configuration, and the configuration as it would be if applied.\n\n The output is always YAML.\n\nExit status: 0 No differences were found. 1 Differences were found. >1 Kubectl failed with an error.",
    examples: "# What applying a file would change\nkubectl diff -f pod.yaml\n# What comes in on standard input\ncat service.yaml | kubectl diff -f -",
    flags: &[FLAGS, FILE_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    int("concurrency", ' ', "1", "How many objects are looked at together."),
    common::field_manager("kubectl-client-side-apply"),
    switch("force-conflicts", ' ', "With --server-side: take fields from their managers.").refused(),
    switch("prune", ' ', "Show what pruning would delete.").refused(),
    text("selector", 'l', "", "Labels to select by among what the files hold."),
    switch("server-side", ' ', "Let the server merge.").refused(),
    switch("show-managed-fields", ' ', "Keep managedFields."),
];

/// Lines of context around a change.
const CONTEXT: usize = 3;
/// Texts with more lines than this are not compared: the table of the comparison grows with the square.
const MAX_LINES: usize = 4000;

/// Every error's exit code, since 1 means that there are differences.
const FAILED: i32 = 2;

async fn run(c: &Ctx) -> Result<(), Error> {
    match differences(c).await {
        Ok(false) => Ok(()),
        Ok(true) => Err(Error::Exit(1)),
        Err(e) => Err(Error::Code(FAILED, Box::new(e))),
    }
}

async fn differences(c: &Ctx) -> Result<bool, Error> {
    if !c.args.is_empty() {
        return Err(c.usage_error(&format!("Unexpected args: [{}]", c.args.join(" "))));
    }
    if c.values("filename").is_empty() && c.text("kustomize").is_empty() {
        return Err("must specify one of -f and -k".into());
    }
    let (mut any, mut errors) = (false, Vec::new());
    for item in Builder::new(c)?.selector(c.text("selector")).find(c).await?.items {
        match async { one(c, &item?).await }.await {
            Ok(different) => any |= different,
            Err(e) => errors.push(e),
        }
    }
    Error::all(errors).map(|()| any)
}

async fn one(c: &Ctx, info: &Info) -> Result<bool, Error> {
    let live = match info.get(c).await {
        Ok(live) => Some(live),
        Err(e) if e.is_not_found() => None,
        Err(e) => return Err(e),
    };
    let merged = match &live {
        None => common::create(c, info, DryRun::Server, "").await?,
        Some(live) => merged(c, info, live).await?,
    };
    let shown = |object: &Object| {
        let mut value = object.0.clone();
        if !c.on("show-managed-fields") {
            value.remove_at("metadata.managedFields");
        }
        if info.mapping.kind == "Secret" {
            mask(&mut value);
        }
        yaml::to_string(&value)
    };
    let (old, new) = (live.as_ref().map(shown).unwrap_or_default(), shown(&merged));
    if old == new {
        return Ok(false);
    }
    let m = &info.mapping;
    let group = if m.group.is_empty() { String::new() } else { format!("{}.", m.group) };
    let file = format!("{group}{}.{}.{}.{}", m.version, m.kind, info.namespace, info.name);
    let (a, b) = (format!("/tmp/LIVE/{file}"), format!("/tmp/MERGED/{file}"));
    let lines = |text: &str| text.lines().map(String::from).collect::<Vec<_>>();
    let hunks = unified(&lines(&old), &lines(&new))?;
    c.out(&format!("diff -u -N {a} {b}\n--- {a}\n+++ {b}\n{hunks}"));
    Ok(true)
}

/// What the server would make of the object. Mirrors InfoObject.Merged.
async fn merged(c: &Ctx, info: &Info, live: &Object) -> Result<Object, Error> {
    let (patch, kind) = make_patch(info, live, &common::bare(&info.object)).map_err(|(e, _)| e)?;
    if patch.is_empty() {
        return Ok(live.clone());
    }
    let request = Request::patch(info.path(), kind, patch);
    c.object(common::writing(c, request, DryRun::Server, "")).await
}

/// Values of a Secret are not shown.
fn mask(secret: &mut Value) {
    if let Some(data) = secret["data"].as_object() {
        let hidden = data.iter().map(|(key, _)| (key.to_string(), Value::from("***")));
        let hidden: apimachinery::Map = hidden.collect();
        secret.set("data", hidden);
    }
}

/// One line of a comparison: kept (` `), taken out (`-`) or put in (`+`).
type Line<'a> = (char, &'a str);

/// A unified diff of lines.
fn unified(old: &[String], new: &[String]) -> Result<String, Error> {
    if old.len() > MAX_LINES || new.len() > MAX_LINES {
        return Err(Error::Message(format!("objects of more than {MAX_LINES} lines are not compared")));
    }
    let lines = compare(old, new);
    let changed: Vec<usize> = (0..lines.len()).filter(|&i| lines[i].0 != ' ').collect();
    let (mut out, mut at) = (String::new(), 0);
    while at < changed.len() {
        let start = changed[at].saturating_sub(CONTEXT);
        while at + 1 < changed.len() && changed[at + 1] - changed[at] <= 2 * CONTEXT {
            at += 1;
        }
        let end = (changed[at] + CONTEXT + 1).min(lines.len());
        at += 1;
        let count = |range: &[Line<'_>], other: char| range.iter().filter(|(mark, _)| *mark != other).count();
        let range = |before: usize, length: usize| match length {
            0 => format!("{before},0"),
            1 => format!("{}", before + 1),
            length => format!("{},{length}", before + 1),
        };
        let removed = range(count(&lines[..start], '+'), count(&lines[start..end], '+'));
        let added = range(count(&lines[..start], '-'), count(&lines[start..end], '-'));
        out.push_str(&format!("@@ -{removed} +{added} @@\n"));
        lines[start..end].iter().for_each(|(mark, line)| out.push_str(&format!("{mark}{line}\n")));
    }
    Ok(out)
}

/// The longest common subsequence, with what is between.
fn compare<'a>(old: &'a [String], new: &'a [String]) -> Vec<Line<'a>> {
    let width = new.len() + 1;
    let mut common = vec![0u16; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i * width + j] = match old[i] == new[j] {
                true => common[(i + 1) * width + j + 1] + 1,
                false => common[(i + 1) * width + j].max(common[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            lines.push((' ', old[i].as_str()));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || i < old.len() && common[(i + 1) * width + j] >= common[i * width + j + 1]
        {
            lines.push(('-', old[i].as_str()));
            i += 1;
        } else {
            lines.push(('+', new[j].as_str()));
            j += 1;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::unified;

    #[test]
    fn hunks_have_context_and_counts() {
        let lines =
            |text: &str| text.split(' ').filter(|l| !l.is_empty()).map(String::from).collect::<Vec<_>>();
        let diff = |a: &str, b: &str| unified(&lines(a), &lines(b)).unwrap();
        assert_eq!(diff("a b c d e f", "a b c x e f"), "@@ -1,6 +1,6 @@\n a\n b\n c\n-d\n+x\n e\n f\n");
        assert_eq!(diff("", "a b"), "@@ -0,0 +1,2 @@\n+a\n+b\n");
        assert_eq!(diff("a b", "a b"), "");
        let far = diff("a 1 2 3 4 5 6 7 8 b", "A 1 2 3 4 5 6 7 8 B");
        assert_eq!(far.matches("@@ -").count(), 2);
    }
}
