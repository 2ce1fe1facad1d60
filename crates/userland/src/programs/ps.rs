//! `ps`, `kill`

use super::support::complain;
use crate::{Flavor, Os, Pid, ProcessInfo, Signal, date};

pub(super) fn ps(os: &mut Os<'_>) -> i32 {
    let argv = os.argv()[1..].to_vec();
    let letters: String = argv.iter().map(|a| a.trim_start_matches('-')).collect();
    if os.flavor() == Flavor::Busybox {
        return busybox(os);
    }
    if let Some(c) = letters.chars().find(|c| !"aAeufxwlop,=".contains(*c) && !c.is_ascii_alphanumeric()) {
        complain(os, &format!("error: unsupported option '{c}'"));
        return 1;
    }
    let bsd =
        argv.iter().any(|a| !a.starts_with('-') && a.chars().all(char::is_alphabetic) && a.contains('u'));
    let full = argv.iter().any(|a| a.starts_with('-') && a.contains('f'));
    let all = letters.contains(['e', 'A', 'a', 'x']);
    if argv.iter().any(|a| a == "-o" || a.starts_with("-o")) {
        complain(os, "error: choosing columns is not supported");
        return 1;
    }
    let mine = os.processes().into_iter().find(|p| p.pid == os.pid()).and_then(|p| p.terminal);
    let rows: Vec<ProcessInfo> = os.processes().into_iter().filter(|p| all || p.terminal == mine).collect();
    let mut text = match (bsd, full) {
        (true, _) => {
            "USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n".to_string()
        }
        (_, true) => "UID          PID    PPID  C STIME TTY          TIME CMD\n".into(),
        _ => "    PID TTY          TIME CMD\n".into(),
    };
    for p in rows {
        let user = os.user_name(p.uid).unwrap_or(if p.uid == 0 { "root".into() } else { p.uid.to_string() });
        let tty = p.terminal.map_or("?".to_string(), |_| "pts/0".into());
        let command = p.argv.join(" ");
        let name = p.argv.first().map_or("", |a| a.rsplit('/').next().unwrap_or(a));
        let start = date::format("%H:%M", p.started);
        text.push_str(&match (bsd, full) {
            (true, _) => format!(
                "{user:<8} {:>7}  0.0  0.0   4364  3420 {tty:<8} {:<4} {start}   0:00 {command}\n",
                p.pid.0, p.state
            ),
            (_, true) => {
                format!("{user:<8} {:>7} {:>7}  0 {start} {tty:<8} 00:00:00 {command}\n", p.pid.0, p.parent.0)
            }
            _ => format!("{:>7} {tty:<8} 00:00:00 {name}\n", p.pid.0),
        });
    }
    os.print(&text);
    0
}

fn busybox(os: &mut Os<'_>) -> i32 {
    let mut text = String::from("PID   USER     TIME  COMMAND\n");
    for p in os.processes() {
        let user = os.user_name(p.uid).unwrap_or(if p.uid == 0 { "root".into() } else { p.uid.to_string() });
        text.push_str(&format!("{:>5} {user:<8}  0:00 {}\n", p.pid.0, p.argv.join(" ")));
    }
    os.print(&text);
    0
}

pub(super) fn kill(os: &mut Os<'_>) -> i32 {
    let mut args = os.argv()[1..].to_vec();
    let mut signal = Signal::Term;
    if let Some(option) = args.first().filter(|a| a.len() > 1 && a.starts_with('-')).cloned() {
        args.remove(0);
        let name = if option == "-s" && !args.is_empty() { args.remove(0) } else { option[1..].to_string() };
        match Signal::parse(&name) {
            Some(found) => signal = found,
            None => {
                complain(os, &format!("{name}: invalid signal"));
                return 1;
            }
        }
    }
    if args.is_empty() {
        os.eprint("Usage:\n kill [options] <pid> [...]\n");
        return 1;
    }
    let mut code = 0;
    for arg in args {
        let there = arg.parse::<i64>().map(|n| match n < 0 {
            true => os.kill_group(Pid(n.unsigned_abs() as u32), signal),
            false => os.kill(Pid(n as u32), signal),
        });
        let text = match there {
            Ok(true) => continue,
            Ok(false) => format!("sending signal to {arg} failed: No such process"),
            Err(_) => format!("cannot find process \"{arg}\""),
        };
        complain(os, &text);
        code = 1;
    }
    code
}

/// `pkill`, `killall`, `pgrep`: by name.
pub(super) fn by_name(os: &mut Os<'_>) -> i32 {
    let program = super::support::name(os);
    let mut args = os.argv()[1..].to_vec();
    let mut signal = Signal::Term;
    let mut full = false;
    while let Some(option) = args.first().filter(|a| a.len() > 1 && a.starts_with('-')).cloned() {
        args.remove(0);
        match Signal::parse(&option[1..]) {
            Some(found) => signal = found,
            None if option == "-f" => full = true,
            None => {
                complain(os, &format!("invalid option -- '{}'", &option[1..]));
                return 2;
            }
        }
    }
    let Some(wanted) = args.first().cloned() else {
        complain(os, "no matching criteria specified");
        return 2;
    };
    let own = os.pid();
    let matching = |p: &ProcessInfo| {
        let name = p.argv.first().map_or("", |a| a.rsplit('/').next().unwrap_or(a)).to_string();
        let text = if full { p.argv.join(" ") } else { name };
        p.pid != own
            && p.state != 'Z'
            && if program == "killall" { text == wanted } else { text.contains(&wanted) }
    };
    let found: Vec<Pid> = os.processes().iter().filter(|p| matching(p)).map(|p| p.pid).collect();
    for pid in &found {
        match program.as_str() {
            "pgrep" => os.print(&format!("{}\n", pid.0)),
            _ => {
                os.kill(*pid, signal);
            }
        }
    }
    if found.is_empty() && program == "killall" {
        complain(os, &format!("{wanted}: no process found"));
    }
    i32::from(found.is_empty())
}
