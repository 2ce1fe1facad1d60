//! `env printenv hostname uname whoami id pwd echo printf true false test [ basename dirname seq yes clear history nproc`

use super::support::{Spec, complain, name, need_operand, options};
use crate::{Flavor, Os, Program, SpawnError, Step, format, test};
use sim::Order;

/// Numbers that `seq` prints in one step.
const SEQ_STEP: usize = 500;

pub(super) fn printenv(os: &mut Os<'_>) -> i32 {
    let names = os.argv()[1..].to_vec();
    if names.is_empty() {
        let text: String = os.env().iter().map(|(n, v)| format!("{n}={v}\n")).collect();
        os.print(&text);
        return 0;
    }
    let mut code = 0;
    for name in names {
        match os.env().get(&name).cloned() {
            Some(value) => os.print(&format!("{value}\n")),
            None => code = 1,
        }
    }
    code
}

/// `env`: prints the environment, or becomes a program in a changed one.
#[derive(Clone)]
pub(super) struct Env;

impl Program for Env {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        let mut env = os.env().clone();
        let argv = os.argv()[1..].to_vec();
        let mut args = argv.iter().peekable();
        while let Some(arg) = args.peek() {
            match arg.as_str() {
                "-i" | "-" | "--ignore-environment" => env.clear(),
                "-u" | "--unset" => {
                    args.next();
                    env.remove(args.peek().map_or("", |n| n.as_str()));
                }
                "--" => {
                    args.next();
                    break;
                }
                option if option.starts_with('-') => {
                    let text = match option.strip_prefix("--") {
                        Some(_) => format!("unrecognized option '{option}'"),
                        None => format!("invalid option -- '{}'", &option[1..2]),
                    };
                    complain(os, &text);
                    os.eprint("Try 'env --help' for more information.\n");
                    return Step::Exit(125);
                }
                pair => match pair.split_once('=') {
                    Some((name, value)) => drop(env.insert(name.into(), value.into())),
                    None => break,
                },
            }
            args.next();
        }
        let command: Vec<String> = args.cloned().collect();
        if command.is_empty() {
            let text: String = env.iter().map(|(n, v)| format!("{n}={v}\n")).collect();
            os.print(&text);
            return Step::Exit(0);
        }
        os.set_env(env);
        match os.exec(&command) {
            Ok(()) => Step::Yield,
            Err(error) => Step::Exit(not_started(os, "env", &command[0], &error)),
        }
    }
}

/// Says why a program was not started, as `env`, `xargs`, `timeout` and `nice` do; the exit code.
pub(super) fn not_started(os: &mut Os<'_>, who: &str, program: &str, error: &SpawnError) -> i32 {
    let (text, code) = match error {
        SpawnError::NotFound => ("No such file or directory", 127),
        SpawnError::TooMany => ("Resource temporarily unavailable", 125),
        SpawnError::NotExecutable | SpawnError::IsDirectory => ("Permission denied", 126),
    };
    let program = match (os.flavor(), who) {
        (Flavor::Gnu, "xargs") => program.to_string(),
        (Flavor::Gnu, "timeout") => format!("failed to run command ‘{program}’"),
        (Flavor::Gnu, _) => format!("‘{program}’"),
        (Flavor::Busybox, _) => format!("can't execute '{program}'"),
    };
    os.eprint(&format!("{who}: {program}: {text}\n"));
    code
}

pub(super) fn hostname(os: &mut Os<'_>) -> i32 {
    let argv = os.argv()[1..].to_vec();
    match argv.first().map(|a| a.as_str()) {
        None | Some("-f" | "-s" | "--fqdn") => {
            let text = format!("{}\n", os.hostname());
            os.print(&text);
            0
        }
        Some("-i" | "-I") => {
            let hosts = os.read_file("/etc/hosts").unwrap_or_default();
            let hosts = String::from_utf8_lossy(&hosts).into_owned();
            let own = os.hostname().to_string();
            let line = hosts.lines().find(|l| l.split_whitespace().skip(1).any(|n| n == own));
            let address = line.and_then(|l| l.split_whitespace().next()).unwrap_or("127.0.0.1").to_string();
            os.print(&format!("{address}{}\n", if argv[0] == "-I" { " " } else { "" }));
            0
        }
        Some(option) if option.starts_with('-') => {
            complain(os, &format!("invalid option -- '{}'", option.trim_start_matches('-')));
            1
        }
        Some(_) => {
            complain(os, "you must be root to change the host name");
            1
        }
    }
}

pub(super) fn uname(os: &mut Os<'_>) -> i32 {
    let long =
        &[("all", 'a'), ("kernel-name", 's'), ("nodename", 'n'), ("kernel-release", 'r'), ("machine", 'm')];
    let spec = Spec { usage: "uname [OPTION]...", letters: "asnrvmpio", long, code: 1 };
    let args = match options(os, &spec) {
        Ok(args) => args,
        Err(code) => return code,
    };
    let host = os.hostname().to_string();
    let fields = [
        ('s', "Linux"),
        ('n', host.as_str()),
        ('r', "6.8.0-generic"),
        ('v', "#1 SMP PREEMPT_DYNAMIC"),
        ('m', "x86_64"),
        ('o', "GNU/Linux"),
    ];
    let wanted = |l: char| args.has('a') || args.has(l) || l == 's' && args.options.is_empty();
    let words: Vec<&str> = fields.iter().filter(|(l, _)| wanted(*l)).map(|(_, w)| *w).collect();
    os.print(&format!("{}\n", words.join(" ")));
    0
}

pub(super) fn whoami(os: &mut Os<'_>) -> i32 {
    let uid = os.ids().0;
    match os.user_name(uid).or((uid == 0).then(|| "root".into())) {
        Some(name) => {
            os.print(&format!("{name}\n"));
            0
        }
        None => {
            complain(os, &format!("cannot find name for user ID {uid}"));
            1
        }
    }
}

pub(super) fn id(os: &mut Os<'_>) -> i32 {
    let long = &[("user", 'u'), ("group", 'g'), ("name", 'n'), ("groups", 'G')];
    let args = match options(os, &Spec { usage: "id [OPTION]... [USER]", letters: "ugnGr", long, code: 1 }) {
        Ok(args) => args,
        Err(code) => return code,
    };
    let (uid, gid) = args.operands.first().map_or(os.ids(), |user| os.ids_of(user));
    let root = |id: u32| (id == 0).then(|| "root".to_string());
    let mut groups = vec![gid];
    if args.operands.is_empty() {
        groups.extend(os.groups().iter().filter(|g| **g != gid));
        // As container runtimes set them: all in one list, in order.
        groups.order();
    }
    let (user, group) = (os.user_name(uid).or(root(uid)), |id: u32| os.group_name(id).or(root(id)));
    let short = |id: u32, name: Option<String>| name.filter(|_| args.has('n')).unwrap_or(id.to_string());
    let long = |id: u32, name: Option<String>| name.map_or(id.to_string(), |n| format!("{id}({n})"));
    let join = |texts: &mut dyn Iterator<Item = String>, with: &str| texts.collect::<Vec<_>>().join(with);
    let text = match () {
        () if args.has('u') => short(uid, user),
        () if args.has('g') => short(gid, group(gid)),
        () if args.has('G') => join(&mut groups.iter().map(|id| short(*id, group(*id))), " "),
        () => {
            let all = join(&mut groups.iter().map(|id| long(*id, group(*id))), ",");
            format!("uid={} gid={} groups={all}", long(uid, user), long(gid, group(gid)))
        }
    };
    os.print(&format!("{text}\n"));
    0
}

pub(super) fn pwd(os: &mut Os<'_>) -> i32 {
    let text = format!("{}\n", os.cwd());
    os.print(&text);
    0
}

pub(super) fn echo(os: &mut Os<'_>) -> i32 {
    let text = format::echo(&os.argv()[1..], false);
    os.print(&text);
    0
}

pub(super) fn printf(os: &mut Os<'_>) -> i32 {
    let argv = os.argv()[1..].to_vec();
    let Some(template) = argv.first() else {
        complain(os, "missing operand");
        return 1;
    };
    let out = format::printf(template, &argv[1..], os.now());
    os.print(&out.text);
    out.errors.iter().for_each(|error| complain(os, error));
    i32::from(!out.errors.is_empty())
}

pub(super) fn true_(_: &mut Os<'_>) -> i32 {
    0
}

pub(super) fn false_(_: &mut Os<'_>) -> i32 {
    1
}

pub(super) fn test_program(os: &mut Os<'_>) -> i32 {
    let mut args = os.argv()[1..].to_vec();
    if name(os) == "[" && args.pop().as_deref() != Some("]") {
        complain(os, "missing ']'");
        return 2;
    }
    match test::evaluate(os, &args) {
        Ok(yes) => i32::from(!yes),
        Err(message) => {
            complain(os, &message);
            2
        }
    }
}

pub(super) fn basename(os: &mut Os<'_>) -> i32 {
    let spec = Spec {
        usage: "basename NAME [SUFFIX]",
        letters: "as:",
        long: &[("multiple", 'a'), ("suffix", 's')],
        code: 1,
    };
    let args = match options(os, &spec) {
        Ok(args) => args,
        Err(code) => return code,
    };
    if let Err(code) = need_operand(os, &args, &spec) {
        return code;
    }
    let many = args.has('a') || args.has('s');
    let suffix = args.value('s').or(args.operands.get(1).filter(|_| !many).map(|s| s.as_str())).unwrap_or("");
    let names = if many { &args.operands[..] } else { &args.operands[..1] };
    for name in names {
        let base = name.trim_end_matches('/').rsplit('/').next().filter(|b| !b.is_empty()).unwrap_or("/");
        let base = base.strip_suffix(suffix).filter(|b| !b.is_empty()).unwrap_or(base);
        os.print(&format!("{base}\n"));
    }
    0
}

pub(super) fn dirname(os: &mut Os<'_>) -> i32 {
    let spec = Spec { usage: "dirname NAME...", letters: "", long: &[], code: 1 };
    let args = match options(os, &spec) {
        Ok(args) => args,
        Err(code) => return code,
    };
    if let Err(code) = need_operand(os, &args, &spec) {
        return code;
    }
    for name in &args.operands {
        let dir = match name.trim_end_matches('/').rsplit_once('/') {
            Some(("", _)) => "/",
            Some((dir, _)) => dir.trim_end_matches('/'),
            None if name.starts_with('/') => "/",
            None => ".",
        };
        os.print(&format!("{dir}\n"));
    }
    0
}

/// `seq`
#[derive(Clone, Default)]
pub(super) struct Seq {
    /// First, step, last; the format, the separator, and how many are printed.
    plan: Option<(f64, f64, f64, String, String, u64)>,
}

impl Program for Seq {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        let Some((first, step, last, format, separator, printed)) = &mut self.plan else {
            return match plan(os) {
                Ok(plan) => {
                    self.plan = Some(plan);
                    Step::Yield
                }
                Err(code) => Step::Exit(code),
            };
        };
        let mut text = String::new();
        for _ in 0..SEQ_STEP {
            let value = *first + *step * *printed as f64;
            // A little is allowed for sums of fractions.
            let over = if *step > 0.0 { value > *last + *step * 1e-9 } else { value < *last + *step * 1e-9 };
            if over {
                if *printed > 0 {
                    text.push('\n');
                }
                os.print(&text);
                return Step::Exit(0);
            }
            if *printed > 0 {
                text.push_str(separator);
            }
            text.push_str(&crate::format::sprintf(format, &[value.to_string()]));
            *printed += 1;
        }
        os.print(&text);
        Step::Yield
    }
}

fn plan(os: &mut Os<'_>) -> Result<(f64, f64, f64, String, String, u64), i32> {
    let argv = os.argv()[1..].to_vec();
    let (mut format, mut separator, mut wide, mut numbers) = (None, "\n".to_string(), false, Vec::new());
    let mut args = argv.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "-w" | "--equal-width" => wide = true,
            "-s" => separator = args.next().cloned().unwrap_or_default(),
            "-f" => format = args.next().cloned(),
            option if option.starts_with("-s") => separator = option[2..].into(),
            number => match number.parse::<f64>() {
                Ok(_) => numbers.push(number.to_string()),
                Err(_) => {
                    let text = match number.strip_prefix('-') {
                        Some(letters) => format!("invalid option -- '{letters}'"),
                        None => format!("invalid floating point argument: ‘{number}’"),
                    };
                    complain(os, &text);
                    os.eprint("Try 'seq --help' for more information.\n");
                    return Err(1);
                }
            },
        }
    }
    let (first, step, last) = match numbers.as_slice() {
        [last] => ("1", "1", last.as_str()),
        [first, last] => (first.as_str(), "1", last.as_str()),
        [first, step, last] => (first.as_str(), step.as_str(), last.as_str()),
        other => {
            let text = match other.get(3) {
                None => "missing operand".into(),
                Some(extra) => format!("extra operand ‘{extra}’"),
            };
            complain(os, &text);
            os.eprint("Try 'seq --help' for more information.\n");
            return Err(1);
        }
    };
    let places = |text: &str| text.split_once('.').map_or(0, |(_, d)| d.len());
    let places = places(first).max(places(step));
    let width = if wide { first.len().max(last.len()) } else { 0 };
    let format = format.unwrap_or_else(|| format!("%0{width}.{places}f"));
    let value = |text: &str| text.parse::<f64>().unwrap_or(0.0);
    if value(step) == 0.0 {
        complain(os, &format!("invalid Zero increment value: ‘{step}’"));
        return Err(1);
    }
    Ok((value(first), value(step), value(last), format, separator, 0))
}

/// `yes`
#[derive(Clone)]
pub(super) struct Yes;

impl Program for Yes {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        let words = os.argv()[1..].join(" ");
        let line = if words.is_empty() { "y\n".to_string() } else { format!("{words}\n") };
        let count = (4096 / line.len()).max(1);
        os.print(&line.repeat(count));
        Step::Yield
    }
}

/// `clear`, `reset`
pub(super) fn clear(os: &mut Os<'_>) -> i32 {
    os.print("\x1b[H\x1b[2J\x1b[3J");
    0
}

pub(super) fn nproc(os: &mut Os<'_>) -> i32 {
    os.print("2\n");
    0
}

pub(super) fn tty(os: &mut Os<'_>) -> i32 {
    let tty = os.is_tty(0);
    os.print(if tty { "/dev/pts/0\n" } else { "not a tty\n" });
    i32::from(!tty)
}
