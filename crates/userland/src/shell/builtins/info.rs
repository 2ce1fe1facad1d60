//! `type command -v hash help history umask ulimit enable complete`

use crate::Os;
use crate::shell::{Shell, Style, builtins, escape};

const KEYWORDS: [&str; 21] = [
    "if", "then", "else", "elif", "fi", "case", "esac", "for", "select", "while", "until", "do", "done",
    "in", "function", "time", "{", "}", "!", "[[", "]]",
];

pub(super) fn type_(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    let (kind, path_only) =
        (args.first().is_some_and(|a| a == "-t"), args.first().is_some_and(|a| a == "-p"));
    let names = if args.first().is_some_and(|a| a.starts_with('-')) { &args[1..] } else { args };
    shell.status = 0;
    for name in names {
        let (word, text) = if let Some(value) = shell.aliases.get(name) {
            ("alias", format!("{name} is aliased to `{value}'"))
        } else if KEYWORDS.contains(&name.as_str()) {
            ("keyword", format!("{name} is a shell keyword"))
        } else if shell.functions.contains_key(name) {
            ("function", format!("{name} is a function"))
        } else if builtins::find(name).is_some() {
            ("builtin", format!("{name} is a shell builtin"))
        } else if let Ok(path) = find(shell, os, name) {
            ("file", if path_only { path } else { format!("{name} is {path}") })
        } else {
            if !kind && !path_only {
                let text = format!("{name}: not found");
                match shell.style {
                    Style::Bash => shell.complain(os, &format!("type: {text}")),
                    _ => os.print(&format!("{text}\n")),
                }
            }
            shell.status = if shell.style == Style::Bash { 1 } else { 127 };
            continue;
        };
        if kind {
            os.print(&format!("{word}\n"));
        } else if !path_only || word == "file" {
            os.print(&format!("{text}\n"));
        }
    }
}

fn find(shell: &Shell, os: &mut Os<'_>, name: &str) -> Result<String, crate::SpawnError> {
    os.set_env(shell.environment());
    os.find(name)
}

pub(super) fn command_v(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    shell.status = 0;
    for name in args {
        let text = if let Some(value) = shell.aliases.get(name) {
            format!("alias {name}='{value}'")
        } else if KEYWORDS.contains(&name.as_str())
            || shell.functions.contains_key(name)
            || builtins::find(name).is_some()
        {
            name.clone()
        } else if let Ok(path) = find(shell, os, name) {
            path
        } else {
            shell.status = if shell.style == Style::Bash { 1 } else { 127 };
            continue;
        };
        os.print(&format!("{text}\n"));
    }
}

pub(super) fn hash(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    shell.status = 0;
    for name in args.iter().filter(|a| !a.starts_with('-')) {
        if find(shell, os, name).is_err() && builtins::find(name).is_none() {
            shell.builtin_error(os, "hash", &format!("{name}: not found"), 1);
        }
    }
}

pub(super) fn help(shell: &mut Shell, os: &mut Os<'_>, _: &[String]) {
    os.print("These words are built into the shell:\n");
    let names: Vec<&str> = builtins::names().collect();
    for row in names.chunks(8) {
        os.print(&format!("  {}\n", row.join(" ")));
    }
    shell.status = 0;
}

pub(super) fn history(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    shell.status = 0;
    match args.first().map(|a| a.as_str()) {
        Some("-c") => return shell.editor.iter_mut().for_each(|e| e.clear_history()),
        Some(other) if other.parse::<usize>().is_err() => {
            let text = format!("{other}: numeric argument required");
            return shell.builtin_error(os, "history", &text, 1);
        }
        _ => {}
    }
    let lines = shell.editor.as_ref().map_or_else(|| shell.past.clone(), |e| e.history());
    let count = args.first().and_then(|a| a.parse().ok()).unwrap_or(lines.len());
    let skip = lines.len().saturating_sub(count);
    let text: String =
        lines.iter().enumerate().skip(skip).map(|(n, l)| format!("{:5}  {l}\n", n + 1)).collect();
    os.print(&text);
}

pub(super) fn umask(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    match args.first() {
        None => {
            os.print("0022\n");
            shell.status = 0;
        }
        Some(_) => shell.builtin_error(os, "umask", "changing the mask is not supported", 1),
    }
}

pub(super) fn ulimit(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    match args.first().map(|a| a.as_str()) {
        None | Some("-n") => {
            os.print(if args.is_empty() { "unlimited\n" } else { "256\n" });
            shell.status = 0;
        }
        Some(option) => shell.builtin_error(os, "ulimit", &format!("{option}: not supported"), 1),
    }
}

pub(super) fn unsupported(shell: &mut Shell, os: &mut Os<'_>, _: &[String]) {
    shell.builtin_error(os, "enable", "not supported", 1);
}

/// Completion of kubectl and minikube needs no setting up: `complete -o default -F __start_kubectl k` only tells that
/// an alias completes like its command, which it does anyway.
pub(super) fn complete(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    if args.is_empty() {
        return shell.builtin_error(os, "complete", "listing is not supported", 1);
    }
    shell.status = 0;
}

/// An alias as `alias` prints it.
pub(super) fn alias_line(name: &str, value: &str) -> String {
    let quoted = escape::quote(value);
    let quoted = if quoted == value { format!("'{value}'") } else { quoted };
    format!("alias {name}={quoted}\n")
}
