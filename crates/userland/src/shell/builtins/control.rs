//! `: true false exit return break continue eval source exec command builtin`

use crate::shell::run::{Frame, Source, Unwind};
use crate::shell::{Shell, Style, builtins};
use crate::{Os, SpawnError};

/// How deep `source` and `eval` may be nested.
const MAX_TEXTS: usize = 200;

pub(super) fn colon(shell: &mut Shell, _: &mut Os<'_>, _: &[String]) {
    shell.status = 0;
}

pub(super) fn false_(shell: &mut Shell, _: &mut Os<'_>, _: &[String]) {
    shell.status = 1;
}

/// A status as an argument; without one, that of the last command.
fn status_argument(shell: &mut Shell, os: &mut Os<'_>, name: &str, args: &[String]) -> i32 {
    match args.first().map(|a| a.parse::<i64>()) {
        None => shell.status,
        Some(Ok(code)) => (code & 0xff) as i32,
        Some(Err(_)) => {
            shell.builtin_error(os, name, &format!("{}: numeric argument required", args[0]), 2);
            2
        }
    }
}

pub(super) fn exit(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    if shell.is_interactive() && shell.style == Style::Bash {
        os.eprint(shell.farewell());
    }
    shell.status = status_argument(shell, os, "exit", args);
    shell.unwind = Some(Unwind::Exit);
}

pub(super) fn return_(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    let inside = |f: &Frame| {
        matches!(f, Frame::Function { .. } | Frame::Script { source: Source::Sourced | Source::Trap(_), .. })
    };
    if !shell.frames.iter().any(inside) {
        let text = "can only `return' from a function or sourced script";
        return shell.builtin_error(os, "return", text, 2);
    }
    shell.status = status_argument(shell, os, "return", args);
    shell.unwind = Some(Unwind::Return);
}

fn leave_loops(shell: &mut Shell, os: &mut Os<'_>, name: &str, args: &[String]) -> Option<u32> {
    let count = match args.first() {
        None => 1,
        Some(text) => match text.parse::<i64>() {
            Ok(n) if n > 0 => n.min(1000) as u32,
            Ok(_) => {
                shell.builtin_error(os, name, &format!("{text}: loop count out of range"), 1);
                return None;
            }
            Err(_) => {
                shell.builtin_error(os, name, &format!("{text}: numeric argument required"), 128);
                return None;
            }
        },
    };
    shell.status = 0;
    let loops = shell.loops();
    if loops == 0 {
        if shell.style == Style::Bash {
            shell.builtin_error(os, name, "only meaningful in a `for', `while', or `until' loop", 0);
        }
        return None;
    }
    Some(count.min(loops))
}

pub(super) fn break_(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    shell.unwind = leave_loops(shell, os, "break", args).map(Unwind::Break);
}

pub(super) fn continue_(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    shell.unwind = leave_loops(shell, os, "continue", args).map(Unwind::Continue);
}

fn push_text(shell: &mut Shell, os: &mut Os<'_>, name: &str, text: &str, source: Source) {
    let texts = shell.frames.iter().filter(|f| matches!(f, Frame::Script { .. })).count();
    if texts >= MAX_TEXTS {
        shell.builtin_error(os, name, &format!("maximum nesting level exceeded ({MAX_TEXTS})"), 1);
        shell.unwind = Some(Unwind::Abort);
        return;
    }
    shell.status = 0;
    shell.frames.push(Frame::script(text, source));
}

pub(super) fn eval(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    push_text(shell, os, "eval", &args.join(" "), Source::Eval);
}

pub(super) fn source(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    let Some(name) = args.first() else {
        return shell.builtin_error(os, "source", "filename argument required", 2);
    };
    let path = match os.files().exists(&os.path(name)) || name.contains('/') {
        true => name.clone(),
        false => os.find(name).unwrap_or_else(|_| name.clone()),
    };
    match os.read_file(&path) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if args.len() > 1 {
                let parameters = std::mem::replace(&mut shell.parameters, args[1..].to_vec());
                // Put back like those of a function.
                shell.calls += 1;
                shell.frames.push(Frame::Function { parameters, locals: Vec::new() });
            }
            push_text(shell, os, "source", &text, Source::Sourced);
        }
        Err(error) => {
            shell.complain(os, &format!("{name}: {error}"));
            shell.status = 1;
        }
    }
}

/// `exec`: the program takes the place of the shell.
pub(super) fn exec(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    let args = if args.first().is_some_and(|a| a == "--") { &args[1..] } else { args };
    let Some(name) = args.first() else {
        shell.status = 0;
        return;
    };
    if name.starts_with('-') {
        return shell.bad_option(os, "exec", name, "exec [command [argument ...]] [redirection ...]");
    }
    let environment = shell.environment();
    os.set_env(environment);
    match os.exec(args) {
        Ok(()) => {
            // The step ends here; what is left of this shell is never looked at again.
            shell.frames.clear();
            shell.frames.push(Frame::Not);
            shell.traps.clear();
        }
        Err(error) => {
            let text = match error {
                SpawnError::NotFound if !name.contains('/') => "not found".to_string(),
                SpawnError::NotFound => "cannot execute: No such file or directory".into(),
                SpawnError::TooMany => "Resource temporarily unavailable".into(),
                SpawnError::NotExecutable | SpawnError::IsDirectory => {
                    "cannot execute: Permission denied".into()
                }
            };
            let status = if error == SpawnError::NotFound { 127 } else { 126 };
            shell.complain(os, &format!("exec: {name}: {text}"));
            shell.status = status;
            if !shell.is_interactive() {
                shell.unwind = Some(Unwind::Exit);
            }
        }
    }
}

/// `command`: without functions; `-v` and `-V` say what a name is.
pub(super) fn command(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    match args.first().map(|a| a.as_str()) {
        Some("-v") => super::info::command_v(shell, os, &args[1..]),
        Some("-V") => super::info::type_(shell, os, &args[1..]),
        Some("-p" | "--") => run(shell, os, &args[1..]),
        Some(option) if option.starts_with('-') => {
            shell.bad_option(os, "command", option, "command [-pVv] command [arg ...]");
        }
        _ => run(shell, os, args),
    }
}

fn run(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    let Some(name) = args.first() else {
        shell.status = 0;
        return;
    };
    match builtins::find(name) {
        Some(builtin) => builtin(shell, os, &args[1..]),
        None => {
            shell.start_program(os, args);
        }
    }
}

pub(super) fn builtin(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    let Some(name) = args.first() else {
        shell.status = 0;
        return;
    };
    match builtins::find(name) {
        Some(builtin) => builtin(shell, os, &args[1..]),
        None => shell.builtin_error(os, "builtin", &format!("{name}: not a shell builtin"), 1),
    }
}
