//! `export unset set shopt readonly local declare let shift alias unalias getopts`

use super::info::alias_line;
use crate::Os;
use crate::shell::parse::{ARRAY_SEPARATOR, is_name};
use crate::shell::run::{Frame, Unwind};
use crate::shell::variables::{Data, OPTIONS, OptionField, Variable};
use crate::shell::{MAX_DEFINITIONS, Shell, Style, escape};
use sim::collections::BTreeMap;

/// How a declaring builtin changes a variable.
#[derive(Clone, Copy, Default)]
struct Attributes {
    export: bool,
    unexport: bool,
    readonly: bool,
    array: bool,
    map: bool,
    integer: bool,
    global: bool,
}

/// Declares one `name`, `name=value` or `name=(…)`.
fn declare_one(shell: &mut Shell, os: &mut Os<'_>, builtin: &str, arg: &str, with: Attributes) {
    let (name, value) = match arg.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (arg, None),
    };
    let (name, append) = match name.strip_suffix('+') {
        Some(name) if value.is_some() => (name, true),
        _ => (name, false),
    };
    if !is_name(name) {
        return shell.builtin_error(os, builtin, &format!("`{arg}': not a valid identifier"), 1);
    }
    let data = match value {
        Some(text) if text.starts_with('(') && (text.contains(ARRAY_SEPARATOR) || text == "(") => {
            let elements = text[1..].split(ARRAY_SEPARATOR).skip(1).map(String::from);
            match with.map {
                true => Some(Data::Map(
                    elements
                        .filter_map(|e| Some((e.split_once('=')?.0.into(), e.split_once('=')?.1.into())))
                        .collect(),
                )),
                false => Some(Data::Array((0..).zip(elements).collect())),
            }
        }
        Some(text) if with.integer => match shell.calculate(os, text) {
            Ok(value) => Some(Data::Text(value.to_string())),
            Err(_) => {
                return shell.builtin_error(os, builtin, &format!("{text}: syntax error in expression"), 1);
            }
        },
        Some(text) if append => Some(Data::Text(format!("{}{text}", shell.text(name)))),
        Some(text) => Some(Data::Text(text.into())),
        None if shell.variables.contains_key(name) => None,
        None if with.map => Some(Data::Map(BTreeMap::new())),
        None if with.array => Some(Data::Array(BTreeMap::new())),
        None => Some(Data::Unset),
    };
    if let Some(data) = data
        && let Err(message) = shell.assign_data(name, data)
    {
        return shell.builtin_error(os, builtin, &message, 1);
    }
    if let Some(variable) = shell.variables.get_mut(name) {
        variable.exported = (variable.exported || with.export) && !with.unexport;
        variable.readonly |= with.readonly;
        variable.integer |= with.integer;
    }
}

/// Remembers a variable so that it is put back when the function ends.
fn hide(shell: &mut Shell, arg: &str) {
    let name = arg.split(['=', '+']).next().unwrap_or(arg).to_string();
    let old = shell.variables.get(&name).cloned();
    let function = shell.frames.iter_mut().rev().find_map(|f| match f {
        Frame::Function { locals, .. } => Some(locals),
        _ => None,
    });
    let Some(locals) = function else { return };
    if locals.iter().all(|(n, _)| *n != name) {
        locals.push((name.clone(), old));
        if !arg.contains('=') {
            shell.variables.insert(name, Variable::new(Data::Unset));
        } else {
            shell.variables.remove(&name);
        }
    }
}

pub(super) fn export(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    shell.status = 0;
    let (mut with, mut names) = (Attributes { export: true, ..Default::default() }, Vec::new());
    for arg in args {
        match arg.as_str() {
            "-p" | "--" => {}
            "-n" => with = Attributes { unexport: true, ..Default::default() },
            option if option.starts_with('-') => {
                return shell.bad_option(
                    os,
                    "export",
                    option,
                    "export [-fn] [name[=value] ...] or export -p",
                );
            }
            name => names.push(name),
        }
    }
    if names.is_empty() {
        let (head, all) = if shell.style == Style::Bash { ("declare -x", true) } else { ("export", false) };
        let show = |(name, v): (&String, &Variable)| match v.text() {
            Some(text) if all => format!("{head} {name}={}\n", escape::double_quote(text)),
            Some(text) => format!("{head} {name}='{text}'\n"),
            None => format!("{head} {name}\n"),
        };
        let text: String = shell.variables.iter().filter(|(_, v)| v.exported).map(show).collect();
        return os.print(&text);
    }
    names.into_iter().for_each(|name| declare_one(shell, os, "export", name, with));
}

pub(super) fn readonly(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    shell.status = 0;
    let names = args.iter().filter(|a| !a.starts_with('-'));
    let with = Attributes { readonly: true, ..Default::default() };
    names.for_each(|name| declare_one(shell, os, "readonly", name, with));
}

pub(super) fn local(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    if shell.calls == 0 {
        return shell.builtin_error(os, "local", "can only be used in a function", 1);
    }
    declare_with(shell, os, "local", args);
}

pub(super) fn declare(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    declare_with(shell, os, "declare", args);
}

fn declare_with(shell: &mut Shell, os: &mut Os<'_>, builtin: &str, args: &[String]) {
    shell.status = 0;
    let (mut with, mut names, mut print, mut functions) = (Attributes::default(), Vec::new(), false, false);
    for arg in args {
        let Some(letters) = arg.strip_prefix('-').or(arg.strip_prefix('+')).filter(|l| !l.is_empty()) else {
            names.push(arg.as_str());
            continue;
        };
        for letter in letters.chars() {
            match letter {
                'x' => (with.export, with.unexport) = (arg.starts_with('-'), arg.starts_with('+')),
                'r' => with.readonly = true,
                'a' => with.array = true,
                'A' => with.map = true,
                'i' => with.integer = true,
                'g' => with.global = true,
                'p' => print = true,
                'f' | 'F' => functions = true,
                other => {
                    let usage = format!("{builtin} [-aAfFgiprx] [name[=value] ...]");
                    return shell.bad_option(os, builtin, &format!("-{other}"), &usage);
                }
            }
        }
    }
    if functions {
        let known: Vec<&String> = shell.functions.keys().collect();
        let missing = names.iter().any(|n| !known.iter().any(|k| k == n));
        let text: String = match names.is_empty() {
            true => known.iter().map(|n| format!("declare -f {n}\n")).collect(),
            false => {
                names.iter().filter(|n| known.iter().any(|k| k == *n)).map(|n| format!("{n}\n")).collect()
            }
        };
        os.print(&text);
        shell.status = i32::from(missing);
        return;
    }
    if print || names.is_empty() {
        return print_variables(shell, os, builtin, &names);
    }
    for name in names {
        if shell.calls > 0 && !with.global {
            hide(shell, name);
        }
        declare_one(shell, os, builtin, name, with);
    }
}

fn print_variables(shell: &mut Shell, os: &mut Os<'_>, builtin: &str, names: &[&str]) {
    let mut text = String::new();
    for name in names {
        match shell.variables.get(*name) {
            Some(variable) => text.push_str(&show(name, variable)),
            None => shell.builtin_error(os, builtin, &format!("{name}: not found"), 1),
        }
    }
    if names.is_empty() {
        text = shell.variables.iter().map(|(n, v)| show(n, v)).collect();
    }
    os.print(&text);
}

fn show(name: &str, variable: &Variable) -> String {
    let mut letters = String::new();
    match variable.data {
        Data::Array(_) => letters.push('a'),
        Data::Map(_) => letters.push('A'),
        _ => {}
    }
    letters.extend(variable.integer.then_some('i'));
    letters.extend(variable.readonly.then_some('r'));
    letters.extend(variable.exported.then_some('x'));
    let letters = if letters.is_empty() { "-".into() } else { letters };
    let element = |(k, v): (String, &String)| format!("[{k}]={}", escape::double_quote(v));
    let value = match &variable.data {
        Data::Unset => String::new(),
        Data::Text(text) => format!("={}", escape::double_quote(text)),
        Data::Array(a) => {
            format!("=({})", a.iter().map(|(k, v)| element((k.to_string(), v))).collect::<Vec<_>>().join(" "))
        }
        Data::Map(m) => {
            format!("=({} )", m.iter().map(|(k, v)| element((k.clone(), v))).collect::<Vec<_>>().join(" "))
        }
    };
    format!("declare -{letters} {name}{value}\n")
}

pub(super) fn unset(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    shell.status = 0;
    let functions = args.first().is_some_and(|a| a == "-f");
    if let Some(option) =
        args.iter().find(|a| a.starts_with('-') && !matches!(a.as_str(), "-f" | "-v" | "-n" | "--"))
    {
        return shell.bad_option(os, "unset", option, "unset [-f] [-v] [-n] [name ...]");
    }
    for name in args.iter().filter(|a| !a.starts_with('-')) {
        if functions {
            shell.functions.remove(name);
        } else if let Some((array, key)) = name.strip_suffix(']').and_then(|n| n.split_once('[')) {
            let index = shell.calculate(os, key).unwrap_or(0);
            match shell.variables.get_mut(array).map(|v| &mut v.data) {
                Some(Data::Array(a)) => drop(a.remove(&index)),
                Some(Data::Map(m)) => drop(m.remove(key)),
                _ => {}
            }
        } else if shell.variables.get(name).is_some_and(|v| v.readonly) {
            shell.builtin_error(os, "unset", &format!("{name}: cannot unset: readonly variable"), 1);
        } else if shell.variables.remove(name).is_none() {
            shell.functions.remove(name);
        }
    }
}

pub(super) fn shift(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    let count = args.first().map_or(Ok(1), |a| a.parse::<usize>());
    shell.status = match count {
        Ok(n) if n <= shell.parameters.len() => {
            shell.parameters.drain(..n);
            0
        }
        Ok(_) if shell.style == Style::Bash => 1,
        Ok(_) => {
            shell.complain(os, "shift: can't shift that many");
            shell.unwind = Some(Unwind::Exit);
            2
        }
        Err(_) => {
            let text = format!("{}: numeric argument required", args[0]);
            return shell.builtin_error(os, "shift", &text, 1);
        }
    };
}

pub(super) fn let_(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    shell.status = 1;
    for arg in args {
        match shell.calculate(os, arg) {
            Ok(value) => shell.status = i32::from(value == 0),
            Err(crate::shell::expand::Halt::Error(message)) => {
                return shell.builtin_error(os, "let", &message, 1);
            }
            Err(_) => {}
        }
    }
}

impl Shell {
    /// `set -x`: one letter. `Err`: there is none such; the status.
    pub(crate) fn set_flag(&mut self, os: &mut Os<'_>, letter: char, on: bool) -> Result<(), i32> {
        let known = OPTIONS.iter().find(|(l, ..)| *l == letter && letter != ' ');
        match (known, letter) {
            (Some((_, _, field)), _) => *field(&mut self.options) = on,
            // Job control, hashing, history expansion, brace expansion: as they are.
            (None, 'm' | 'h' | 'H' | 'B' | 'b' | 'E') => {}
            (None, letter) => {
                let sign = if on { '-' } else { '+' };
                self.bad_option(
                    os,
                    "set",
                    &format!("{sign}{letter}"),
                    "set [-abefnuvxC] [-o option] [arg ...]",
                );
                return Err(2);
            }
        }
        Ok(())
    }

    /// `set -o name`.
    pub(crate) fn set_option(&mut self, os: &mut Os<'_>, name: &str, on: bool) -> Result<(), i32> {
        match OPTIONS.iter().find(|(_, n, _)| *n == name) {
            Some((_, _, field)) => *field(&mut self.options) = on,
            None if matches!(
                name,
                "emacs" | "monitor" | "history" | "braceexpand" | "posix" | "errtrace"
            ) => {}
            None => {
                self.builtin_error(os, "set", &format!("{name}: invalid option name"), 2);
                return Err(2);
            }
        }
        Ok(())
    }
}

pub(super) fn set(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    shell.status = 0;
    if args.is_empty() {
        let show = |(name, v): (&String, &Variable)| Some(format!("{name}={}\n", escape::quote(v.text()?)));
        let text: String = shell.variables.iter().filter_map(show).collect();
        return os.print(&text);
    }
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        let on = arg.starts_with('-');
        match arg.as_str() {
            "--" => {
                shell.parameters = args[at + 1..].to_vec();
                return;
            }
            "-o" | "+o" => match args.get(at + 1) {
                Some(name) => {
                    at += 1;
                    if shell.set_option(os, name, on).is_err() {
                        return;
                    }
                }
                None => {
                    let mut options = shell.options.clone();
                    let state = |f: &OptionField, o: &mut _| if *f(o) { "on" } else { "off" };
                    let text: String = OPTIONS
                        .iter()
                        .map(|(_, n, f)| format!("{n:<15}\t{}\n", state(f, &mut options)))
                        .collect();
                    os.print(&text);
                }
            },
            text if text.len() > 1 && (on || text.starts_with('+')) => {
                for letter in text[1..].chars() {
                    if letter == 'o' {
                        at += 1;
                        let name = args.get(at).cloned().unwrap_or_default();
                        if shell.set_option(os, &name, on).is_err() {
                            return;
                        }
                    } else if shell.set_flag(os, letter, on).is_err() {
                        return;
                    }
                }
            }
            _ => {
                shell.parameters = args[at..].to_vec();
                return;
            }
        }
        at += 1;
    }
}

pub(super) fn shopt(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    let on = args.first().is_some_and(|a| a == "-s");
    let off = args.first().is_some_and(|a| a == "-u");
    shell.status = 0;
    for name in args.iter().filter(|a| !a.starts_with('-')) {
        let field = match name.as_str() {
            "nullglob" => &mut shell.options.nullglob,
            "failglob" => &mut shell.options.failglob,
            "dotglob" => &mut shell.options.dotglob,
            // On already, or without a difference here.
            "expand_aliases" | "extglob" | "checkwinsize" | "histappend" | "cmdhist" | "autocd"
            | "lastpipe" => continue,
            _ => {
                shell.builtin_error(os, "shopt", &format!("{name}: invalid shell option name"), 1);
                continue;
            }
        };
        if on || off {
            *field = on;
        }
    }
}

pub(super) fn alias(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    shell.status = 0;
    if args.is_empty() || args[0] == "-p" {
        let text: String = shell.aliases.iter().map(|(n, v)| alias_line(n, v)).collect();
        return os.print(&text);
    }
    for arg in args {
        match arg.split_once('=') {
            Some((name, value)) if !name.is_empty() && shell.aliases.len() < MAX_DEFINITIONS => {
                shell.aliases.insert(name.into(), value.into());
            }
            Some(_) => shell.builtin_error(os, "alias", &format!("`{arg}': invalid alias name"), 1),
            None => match shell.aliases.get(arg) {
                Some(value) => {
                    let line = alias_line(arg, value);
                    os.print(&line);
                }
                None => shell.builtin_error(os, "alias", &format!("{arg}: not found"), 1),
            },
        }
    }
}

pub(super) fn unalias(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    shell.status = 0;
    for arg in args {
        if arg == "-a" {
            shell.aliases.clear();
        } else if shell.aliases.remove(arg).is_none() {
            shell.builtin_error(os, "unalias", &format!("{arg}: not found"), 1);
        }
    }
}

/// `getopts`: `OPTIND` counts arguments, `_OPTCHAR` letters within one.
pub(super) fn getopts(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    let [letters, name, rest @ ..] = args else {
        return shell.builtin_error(os, "getopts", "usage: getopts optstring name [arg ...]", 2);
    };
    let words = if rest.is_empty() { shell.parameters.clone() } else { rest.to_vec() };
    let index: usize = shell.text("OPTIND").parse().unwrap_or(1).max(1);
    let letter: usize = shell.text("_OPTCHAR").parse().unwrap_or(1).max(1);
    let set = |shell: &mut Shell, name: &str, value: String| drop(shell.assign(name, value));
    shell.variables.remove("OPTARG");
    let word = words.get(index - 1).filter(|w| w.len() > 1 && w.starts_with('-') && *w != "--");
    let Some(word) = word else {
        let end = index + usize::from(words.get(index - 1).is_some_and(|w| w == "--"));
        set(shell, "OPTIND", end.to_string());
        set(shell, name, "?".into());
        shell.status = 1;
        return;
    };
    let option = word.chars().nth(letter).unwrap_or('?');
    let more = word.chars().count() > letter + 1;
    let takes = letters.split_once(option).map(|(_, after)| after.starts_with(':'));
    let (mut next, mut next_letter) = if more { (index, letter + 1) } else { (index + 1, 1) };
    let silent = letters.starts_with(':');
    let mut found = option.to_string();
    match takes {
        Some(true) => {
            let tail: String = word.chars().skip(letter + 1).collect();
            let argument = if more { Some(tail) } else { words.get(index).cloned() };
            (next, next_letter) = (index + if more { 1 } else { 2 }, 1);
            match argument {
                Some(argument) => set(shell, "OPTARG", argument),
                None => {
                    found = if silent { ":".into() } else { "?".into() };
                    match silent {
                        true => set(shell, "OPTARG", option.to_string()),
                        false => {
                            os.eprint(&format!("{}: option requires an argument -- {option}\n", shell.name))
                        }
                    }
                }
            }
        }
        Some(false) => {}
        None => {
            found = "?".into();
            match silent {
                true => set(shell, "OPTARG", option.to_string()),
                false => os.eprint(&format!("{}: illegal option -- {option}\n", shell.name)),
            }
        }
    }
    set(shell, "OPTIND", next.to_string());
    set(shell, "_OPTCHAR", next_letter.to_string());
    set(shell, name, found);
    shell.status = 0;
}
