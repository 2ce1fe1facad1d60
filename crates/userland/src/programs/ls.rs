//! `ls`

use super::support::{Args, Spec, complain};
use crate::{Content, Device, Flavor, Node, Os, Stat, date, width};
use sim::Order;

const SPEC: Spec = Spec {
    usage: "ls [OPTION]... [FILE]...",
    letters: "laA1hdRrtSFpigonsCL",
    long: &[
        ("all", 'a'),
        ("almost-all", 'A'),
        ("human-readable", 'h'),
        ("directory", 'd'),
        ("recursive", 'R'),
        ("reverse", 'r'),
        ("classify", 'F'),
        ("inode", 'i'),
        ("dereference", 'L'),
    ],
    code: 2,
};

/// Directories that `-R` shows.
const MAX_DIRECTORIES: usize = 2_000;

type Row = (String, Stat);

pub(super) fn ls(os: &mut Os<'_>) -> i32 {
    let argv: Vec<String> = os.argv()[1..].iter().filter(|a| !a.starts_with("--color")).cloned().collect();
    let mut args = match super::support::parse(os, &SPEC, &argv, true) {
        Ok(args) => args,
        Err(code) => return code,
    };
    if args.operands.is_empty() {
        args.operands.push(".".into());
    }
    let (mut files, mut dirs, mut code) = (Vec::new(), Vec::new(), 0);
    for operand in args.operands.clone() {
        let path = os.path(&operand);
        match os
            .files()
            .stat(&path, !args.has('l') || args.has('L') || operand.ends_with('/'))
            .or_else(|_| os.files().stat(&path, false))
        {
            Ok(stat) if stat.is_dir() && !args.has('d') => dirs.push(operand),
            Ok(stat) => files.push((operand, stat)),
            Err(error) => {
                let text = match os.flavor() {
                    Flavor::Gnu => format!("cannot access '{operand}': {error}"),
                    Flavor::Busybox => format!("{operand}: {error}"),
                };
                complain(os, &text);
                code = if os.flavor() == Flavor::Gnu { 2 } else { 1 };
            }
        }
    }
    let titled = dirs.len() + files.len() > 1 || code != 0 && !dirs.is_empty() || args.has('R');
    let mut first = files.is_empty();
    sort(&args, &mut files);
    show(os, &args, &files);
    dirs.order();
    dirs.reverse();
    let mut count = 0;
    while let Some(dir) = dirs.pop() {
        count += 1;
        if count > MAX_DIRECTORIES {
            complain(os, &format!("more than {MAX_DIRECTORIES} directories"));
            return 2;
        }
        if titled {
            os.print(&format!("{}{dir}:\n", if first { "" } else { "\n" }));
        }
        first = false;
        show_dir(os, &args, &dir, &mut dirs);
    }
    code
}

fn show_dir(os: &mut Os<'_>, args: &Args, dir: &str, dirs: &mut Vec<String>) {
    let path = os.path(dir);
    let all = args.has('a');
    let mut rows: Vec<Row> = os.files().list(&path).unwrap_or_default();
    rows.retain(|(name, _)| all || args.has('A') || !name.starts_with('.'));
    if args.has('L') {
        for (name, stat) in &mut rows {
            if let Ok(target) = os.files().stat(&crate::Files::join(&path, name), true) {
                *stat = target;
            }
        }
    }
    sort(args, &mut rows);
    if args.has('R') {
        let inner = rows.iter().rev().filter(|(_, s)| s.is_dir());
        dirs.extend(inner.map(|(name, _)| format!("{}/{name}", dir.trim_end_matches('/'))));
    }
    if all {
        for name in ["..", "."] {
            if let Ok(stat) = os.files().stat(&crate::Files::join(&path, name), true) {
                rows.insert(0, (name.into(), stat));
            }
        }
    }
    if args.has('l') || args.has('n') || args.has('g') {
        let blocks: usize =
            rows.iter().map(|(_, s)| if s.is_link() { 0 } else { s.size().div_ceil(4096) * 4 }).sum();
        let total = if args.has('h') { human(blocks * 1024) } else { blocks.to_string() };
        os.print(&format!("total {total}\n"));
    }
    show(os, args, &rows);
}

fn sort(args: &Args, rows: &mut [Row]) {
    rows.order_by(|a, b| match () {
        () if args.has('t') => b.1.meta().modified.cmp(&a.1.meta().modified).then(a.0.cmp(&b.0)),
        () if args.has('S') => b.1.size().cmp(&a.1.size()).then(a.0.cmp(&b.0)),
        () => a.0.cmp(&b.0),
    });
    if args.has('r') {
        rows.reverse();
    }
}

fn decorated(args: &Args, name: &str, stat: &Stat) -> String {
    let mark = match () {
        () if !args.has('F') && !args.has('p') => "",
        () if stat.is_dir() => "/",
        () if args.has('p') => "",
        () if stat.is_link() => "@",
        () if stat.meta().mode & 0o111 != 0 => "*",
        () => "",
    };
    format!("{name}{mark}")
}

fn show(os: &mut Os<'_>, args: &Args, rows: &[Row]) {
    if args.has('l') || args.has('n') || args.has('g') {
        return show_long(os, args, rows);
    }
    let names: Vec<String> = rows.iter().map(|(n, s)| decorated(args, n, s)).collect();
    if args.has('1') || !os.is_tty(1) && !args.has('C') || names.is_empty() {
        let text: String = names.iter().map(|n| format!("{n}\n")).collect();
        return os.print(&text);
    }
    let columns = os.tty().map_or(80, |t| usize::from(t.columns));
    os.print(&in_columns(&names, columns));
}

/// As many columns as fit, each as wide as it must be, filled downwards.
fn in_columns(names: &[String], columns: usize) -> String {
    let widths: Vec<usize> = names.iter().map(|n| width::of_str(n)).collect();
    let mut rows = 1;
    let layout = loop {
        let layout: Vec<usize> =
            widths.chunks(rows).map(|c| c.iter().max().copied().unwrap_or(0) + 2).collect();
        if layout.iter().sum::<usize>() <= columns + 2 || rows >= names.len() {
            break layout;
        }
        rows += 1;
    };
    let mut text = String::new();
    for row in 0..rows.min(names.len()) {
        let mut line = String::new();
        for (column, width) in layout.iter().enumerate() {
            let Some(name) = names.get(column * rows + row) else { break };
            line.push_str(name);
            line.push_str(&" ".repeat(width.saturating_sub(widths[column * rows + row])));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn show_long(os: &mut Os<'_>, args: &Args, rows: &[Row]) {
    let lines: Vec<[String; 6]> = rows
        .iter()
        .map(|(name, stat)| {
            let meta = stat.meta();
            let id =
                |name: Option<String>, id: u32| name.filter(|_| !args.has('n')).unwrap_or(id.to_string());
            let size = if args.has('h') { human(stat.size()) } else { stat.size().to_string() };
            let target = match &stat.node {
                Node::Link(target, _) => format!(" -> {target}"),
                _ => String::new(),
            };
            [
                mode(stat),
                stat.links().to_string(),
                id(os.user_name(meta.uid), meta.uid),
                id(os.group_name(meta.gid), meta.gid),
                size,
                format!("{} {}{target}", when(os, meta.modified), decorated(args, name, stat)),
            ]
        })
        .collect();
    let widest = |n: usize| lines.iter().map(|l| l[n].len()).max().unwrap_or(0);
    let (links, owner, group, size) = (widest(1), widest(2), widest(3), widest(4));
    let owner = if args.has('g') { 0 } else { owner };
    let text: String = lines
        .iter()
        .map(|l| {
            let user = if args.has('g') { String::new() } else { format!("{:<owner$} ", l[2]) };
            format!("{} {:>links$} {user}{:<group$} {:>size$} {}\n", l[0], l[1], l[3], l[4], l[5])
        })
        .collect();
    os.print(&text);
}

/// A time as `ls -l` shows it: the clock, or the year when it is more than half a year ago.
fn when(os: &Os<'_>, time: sim::Time) -> String {
    let recent = os.now().since(time).as_secs() < 15_778_476;
    date::format(if recent { "%b %e %H:%M" } else { "%b %e  %Y" }, time)
}

/// `drwxr-xr-x`
pub(super) fn mode(stat: &Stat) -> String {
    let kind = match &stat.node {
        Node::Dir(_) => 'd',
        Node::Link(..) => 'l',
        Node::File(Content::Device(Device::Descriptor(_)), ..) => 'l',
        Node::File(Content::Device(_), ..) => 'c',
        Node::File(..) => '-',
    };
    let bits = stat.meta().mode;
    let mut out = String::from(kind);
    for shift in [6, 3, 0] {
        let part = bits >> shift;
        out.push(if part & 4 != 0 { 'r' } else { '-' });
        out.push(if part & 2 != 0 { 'w' } else { '-' });
        // setuid, setgid and the sticky bit stand in the place of the x of owner, group and others.
        let special = bits >> (9 + shift / 3) & 1 != 0;
        let letter = if shift == 0 { 't' } else { 's' };
        out.push(match (part & 1 != 0, special) {
            (true, true) => letter,
            (false, true) => letter.to_ascii_uppercase(),
            (true, false) => 'x',
            (false, false) => '-',
        });
    }
    out
}

/// `1.5K`, `23M`
pub(super) fn human(bytes: usize) -> String {
    let (mut value, mut unit) = (bytes as f64, 0);
    while value >= 1024.0 && unit < 4 {
        value /= 1024.0;
        unit += 1;
    }
    let suffix = ["", "K", "M", "G", "T"][unit];
    match () {
        () if unit == 0 => bytes.to_string(),
        // Always rounded up.
        () if value < 10.0 => format!("{:.1}{suffix}", (value * 10.0).ceil() / 10.0),
        () => format!("{}{suffix}", value.ceil()),
    }
}
