//! `cd pwd pushd popd dirs`

use crate::Os;
use crate::shell::{Shell, Style};

/// Directories that `pushd` remembers.
const MAX_STACK: usize = 100;

fn go(shell: &mut Shell, os: &mut Os<'_>, name: &str, path: &str) -> bool {
    let old = os.cwd().to_string();
    if let Err(error) = os.set_cwd(path) {
        let text = match shell.style {
            Style::Dash => format!("can't cd to {path}"),
            Style::Ash => format!("can't cd to {path}: {error}"),
            Style::Bash => format!("{path}: {error}"),
        };
        shell.builtin_error(os, name, &text, if shell.style == Style::Dash { 2 } else { 1 });
        return false;
    }
    let new = os.cwd().to_string();
    // Neither can be too long; a read-only PWD stays as it is, as in bash.
    let _ = shell.assign("OLDPWD", old);
    let _ = shell.assign("PWD", new);
    if let Some(v) = shell.variables.get_mut("OLDPWD") {
        v.exported = true;
    }
    shell.status = 0;
    true
}

pub(super) fn cd(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    let args: Vec<&String> =
        args.iter().filter(|a| !matches!(a.as_str(), "-L" | "-P" | "--" | "-e")).collect();
    if args.len() > 1 && shell.style == Style::Bash {
        return shell.builtin_error(os, "cd", "too many arguments", 1);
    }
    match args.first().map(|a| a.as_str()) {
        None => {
            let home = shell.text("HOME").to_string();
            if home.is_empty() {
                return shell.builtin_error(os, "cd", "HOME not set", 1);
            }
            go(shell, os, "cd", &home);
        }
        Some("-") => {
            let old = shell.text("OLDPWD").to_string();
            if old.is_empty() {
                return shell.builtin_error(os, "cd", "OLDPWD not set", 1);
            }
            if go(shell, os, "cd", &old) {
                let text = format!("{}\n", os.cwd());
                os.print(&text);
            }
        }
        Some("") => shell.status = 0,
        Some(option) if option.starts_with('-') => {
            shell.bad_option(os, "cd", option, "cd [-L|[-P [-e]] [-@]] [dir]");
        }
        Some(path) => {
            let path = path.to_string();
            go(shell, os, "cd", &path);
        }
    }
}

pub(super) fn pwd(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    let physical = args.first().is_some_and(|a| a == "-P");
    let cwd = os.cwd().to_string();
    let cwd = if physical { os.files().resolve(&cwd, true).unwrap_or(cwd) } else { cwd };
    os.print(&format!("{cwd}\n"));
    shell.status = 0;
}

/// The remembered directories live in a variable of the shell's own, one per line.
fn stack(shell: &Shell) -> Vec<String> {
    shell.text("_DIRSTACK").lines().map(String::from).collect()
}

fn show(shell: &mut Shell, os: &mut Os<'_>, stack: &[String]) {
    let home = shell.text("HOME").to_string();
    let tilde = |path: &str| match path.strip_prefix(&home) {
        Some(rest) if !home.is_empty() && (rest.is_empty() || rest.starts_with('/')) => format!("~{rest}"),
        _ => path.to_string(),
    };
    let mut all = vec![tilde(os.cwd())];
    all.extend(stack.iter().map(|d| tilde(d)));
    os.print(&format!("{}\n", all.join(" ")));
    let _ = shell.assign("_DIRSTACK", stack.join("\n"));
}

pub(super) fn pushd(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    let mut stack = stack(shell);
    let old = os.cwd().to_string();
    let target = match args.first() {
        Some(target) => target.clone(),
        None if stack.is_empty() => return shell.builtin_error(os, "pushd", "no other directory", 1),
        None => stack.remove(0),
    };
    if stack.len() >= MAX_STACK {
        return shell.builtin_error(os, "pushd", &format!("more than {MAX_STACK} directories"), 1);
    }
    if go(shell, os, "pushd", &target) {
        stack.insert(0, old);
        show(shell, os, &stack);
    }
}

pub(super) fn popd(shell: &mut Shell, os: &mut Os<'_>, _: &[String]) {
    let mut stack = stack(shell);
    if stack.is_empty() {
        return shell.builtin_error(os, "popd", "directory stack empty", 1);
    }
    let target = stack.remove(0);
    if go(shell, os, "popd", &target) {
        show(shell, os, &stack);
    }
}

pub(super) fn dirs(shell: &mut Shell, os: &mut Os<'_>, _: &[String]) {
    let stack = stack(shell);
    show(shell, os, &stack);
    shell.status = 0;
}
