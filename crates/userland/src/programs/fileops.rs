//! `mkdir rmdir rm cp mv ln touch chmod chown readlink realpath du df stat truncate mktemp`

use super::support::{Args, Spec, complain, need_operand, options};
use crate::{FileError, Files, Flavor, Node, Os};

/// Nodes that one `rm -r`, `cp -r` or `chmod -R` touches.
const MAX_NODES: usize = 20_000;

fn spec(usage: &'static str, letters: &'static str, long: &'static [(&'static str, char)]) -> Spec {
    Spec { usage, letters, long, code: 1 }
}

/// Reads options and checks that there are operands.
fn begin(os: &mut Os<'_>, spec: &Spec) -> Result<Args, i32> {
    let args = options(os, spec)?;
    need_operand(os, &args, spec)?;
    Ok(args)
}

/// Does something to each operand; the exit code is 1 if any failed.
fn each(os: &mut Os<'_>, args: &Args, act: &mut dyn FnMut(&mut Os<'_>, &str) -> Result<(), String>) -> i32 {
    let mut code = 0;
    for operand in &args.operands {
        if let Err(text) = act(os, operand) {
            complain(os, &text);
            code = 1;
        }
    }
    code
}

pub(super) fn mkdir(os: &mut Os<'_>) -> i32 {
    let spec =
        spec("mkdir [OPTION]... DIRECTORY...", "pm:v", &[("parents", 'p'), ("mode", 'm'), ("verbose", 'v')]);
    let args = match begin(os, &spec) {
        Ok(args) => args,
        Err(code) => return code,
    };
    each(os, &args, &mut |os, dir| {
        let error = |e: FileError| format!("cannot create directory ‘{dir}’: {e}");
        let path = os.path(dir);
        if args.has('p') {
            let mut at = String::new();
            for part in path.split('/').filter(|p| !p.is_empty()) {
                at = format!("{at}/{part}");
                match os.files().stat(&at, true) {
                    Ok(stat) if stat.is_dir() => {}
                    Ok(_) => return Err(error(FileError::NotADirectory)),
                    Err(_) => make_dir(os, &at).map_err(error)?,
                }
            }
        } else {
            make_dir(os, &path).map_err(error)?;
        }
        if let Some(mode) = args.value('m').and_then(|m| u16::from_str_radix(m, 8).ok()) {
            os.change(&path).and_then(|f| f.set_mode(&path, mode)).map_err(error)?;
        }
        if args.has('v') {
            os.print(&format!("mkdir: created directory '{dir}'\n"));
        }
        Ok(())
    })
}

fn make_dir(os: &mut Os<'_>, path: &str) -> Result<(), FileError> {
    os.change(path)?.make_dir(path)?;
    os.own(path, true)
}

pub(super) fn rmdir(os: &mut Os<'_>) -> i32 {
    let args = match begin(os, &spec("rmdir DIRECTORY...", "p", &[("parents", 'p')])) {
        Ok(args) => args,
        Err(code) => return code,
    };
    each(os, &args, &mut |os, dir| {
        let path = os.path(dir);
        let done = os.change(&path).and_then(|f| f.remove(&path, true));
        done.map_err(|e| format!("failed to remove '{dir}': {e}"))
    })
}

pub(super) fn rm(os: &mut Os<'_>) -> i32 {
    let long = &[("recursive", 'r'), ("force", 'f'), ("verbose", 'v'), ("dir", 'd'), ("interactive", 'i')];
    let spec = spec("rm [OPTION]... [FILE]...", "rRfvdi", long);
    let args = match options(os, &spec) {
        Ok(args) => args,
        Err(code) => return code,
    };
    if !args.has('f')
        && let Err(code) = need_operand(os, &args, &spec)
    {
        return code;
    }
    let recursive = args.has('r') || args.has('R');
    each(os, &args, &mut |os, file| {
        let path = os.path(file);
        if matches!(file.trim_end_matches('/').rsplit('/').next(), Some("." | "..")) {
            return Err(format!("refusing to remove '.' or '..' directory: skipping '{file}'"));
        }
        if path == "/" {
            return Err("it is dangerous to operate recursively on '/'".into());
        }
        let stat = match os.files().stat(&path, false) {
            Ok(stat) => stat,
            Err(FileError::NotFound) if args.has('f') => return Ok(()),
            Err(e) => return Err(format!("cannot remove '{file}': {e}")),
        };
        if stat.is_dir() && !recursive && !args.has('d') {
            return Err(format!("cannot remove '{file}': Is a directory"));
        }
        let mut left = MAX_NODES;
        remove(os, &path, &mut left).map_err(|e| format!("cannot remove '{file}': {e}"))?;
        if args.has('v') {
            os.print(&format!("removed '{file}'\n"));
        }
        Ok(())
    })
}

fn remove(os: &mut Os<'_>, path: &str, left: &mut usize) -> Result<(), FileError> {
    *left = left.checked_sub(1).ok_or(FileError::Busy)?;
    let is_dir = os.files().stat(path, false)?.is_dir();
    if is_dir {
        for (name, _) in os.files().list(path)? {
            remove(os, &format!("{path}/{name}"), left)?;
        }
    }
    os.change(path)?.remove(path, is_dir)
}

/// Where a file goes: into the target if it is a directory.
fn destination(os: &Os<'_>, from: &str, to: &str) -> String {
    let path = os.path(to);
    match os.files().stat(&path, true) {
        Ok(stat) if stat.is_dir() => {
            let name = from.trim_end_matches('/').rsplit('/').next().unwrap_or(from);
            format!("{}/{name}", path.trim_end_matches('/'))
        }
        _ => path,
    }
}

/// Splits off the target of `cp`, `mv` and `ln`, and checks that there is one.
fn target(os: &mut Os<'_>, args: &mut Args) -> Result<String, i32> {
    let to = args.operands.pop().unwrap_or_default();
    if args.operands.is_empty() {
        let text = format!("missing destination file operand after '{to}'");
        complain(os, &text);
        let name = super::support::name(os);
        os.eprint(&format!("Try '{name} --help' for more information.\n"));
        return Err(1);
    }
    let is_dir = os.files().stat(&os.path(&to), true).is_ok_and(|s| s.is_dir());
    if args.operands.len() > 1 && !is_dir {
        complain(os, &format!("target '{to}': Not a directory"));
        return Err(1);
    }
    Ok(to)
}

pub(super) fn cp(os: &mut Os<'_>) -> i32 {
    let long = &[("recursive", 'r'), ("force", 'f'), ("verbose", 'v'), ("archive", 'a'), ("no-clobber", 'n')];
    let mut args = match begin(os, &spec("cp [OPTION]... SOURCE... DEST", "rRafvpndLPi", long)) {
        Ok(args) => args,
        Err(code) => return code,
    };
    let to = match target(os, &mut args) {
        Ok(to) => to,
        Err(code) => return code,
    };
    let recursive = args.has('r') || args.has('R') || args.has('a');
    each(os, &args, &mut |os, from| {
        let source = os.path(from);
        let stat = os.files().stat(&source, !recursive).map_err(|e| format!("cannot stat '{from}': {e}"))?;
        if stat.is_dir() && !recursive {
            return Err(format!("-r not specified; omitting directory '{from}'"));
        }
        if !os.may_read(from) {
            return Err(format!("cannot open '{from}' for reading: Permission denied"));
        }
        let path = destination(os, from, &to);
        if args.has('n') && os.files().exists(&path) {
            return Ok(());
        }
        let same = os.files().resolve(&path, true).ok() == os.files().resolve(&source, true).ok();
        if same {
            return Err(format!("'{from}' and '{to}' are the same file"));
        }
        if stat.is_dir() && path.starts_with(&format!("{}/", source.trim_end_matches('/'))) {
            return Err(format!("cannot copy a directory, '{from}', into itself, '{to}'"));
        }
        copy(os, stat.node, &path).map_err(|e| format!("cannot create regular file '{to}': {e}"))?;
        if args.has('v') {
            os.print(&format!("'{from}' -> '{to}'\n"));
        }
        Ok(())
    })
}

fn copy(os: &mut Os<'_>, node: Node, path: &str) -> Result<(), FileError> {
    if let (Node::Dir(_), Ok(stat)) = (&node, os.files().stat(path, true))
        && stat.is_dir()
    {
        // Into a directory that is there already: one entry after another.
        let entries = crate::Stat { node }.entries();
        for (name, stat) in entries {
            copy(os, stat.node, &format!("{path}/{name}"))?;
        }
        return Ok(());
    }
    // A file that is there keeps its identity: what has it open sees the new content.
    if let Node::File(crate::Content::Bytes(bytes), ..) = &node
        && os.files().stat(path, true).is_ok_and(|s| s.is_file())
    {
        let bytes = bytes.clone();
        return os.change(path)?.write(path, &bytes, false);
    }
    os.change(path)?.copy_node(node, path)?;
    os.own(path, true)
}

pub(super) fn mv(os: &mut Os<'_>) -> i32 {
    let long = &[("force", 'f'), ("verbose", 'v'), ("no-clobber", 'n')];
    let mut args = match begin(os, &spec("mv [OPTION]... SOURCE... DEST", "fvni", long)) {
        Ok(args) => args,
        Err(code) => return code,
    };
    let to = match target(os, &mut args) {
        Ok(to) => to,
        Err(code) => return code,
    };
    each(os, &args, &mut |os, from| {
        let source = os.path(from);
        os.files().stat(&source, false).map_err(|e| format!("cannot stat '{from}': {e}"))?;
        let path = destination(os, from, &to);
        if args.has('n') && os.files().exists(&path) {
            return Ok(());
        }
        let done = os
            .change(&source)
            .map(|_| ())
            .and_then(|()| os.change(&path))
            .and_then(|f| f.rename(&source, &path));
        done.map_err(|e| match e {
            FileError::Invalid => format!("cannot move '{from}' to a subdirectory of itself, '{to}'"),
            e => format!("cannot move '{from}' to '{to}': {e}"),
        })?;
        if args.has('v') {
            os.print(&format!("renamed '{from}' -> '{to}'\n"));
        }
        Ok(())
    })
}

pub(super) fn ln(os: &mut Os<'_>) -> i32 {
    let mut args = match begin(
        os,
        &spec("ln [OPTION]... TARGET LINK_NAME", "sfnv", &[("symbolic", 's'), ("force", 'f')]),
    ) {
        Ok(args) => args,
        Err(code) => return code,
    };
    if args.operands.len() == 1 {
        args.operands.push(".".into());
    }
    let to = match target(os, &mut args) {
        Ok(to) => to,
        Err(code) => return code,
    };
    let (symbolic, force) = (args.has('s'), args.has('f'));
    each(os, &args, &mut |os, from| {
        let path = destination(os, from, &to);
        let kind = if symbolic { "symbolic" } else { "hard" };
        let error = |e| format!("failed to create {kind} link '{to}': {e}");
        if force && os.files().stat(&path, false).is_ok_and(|s| !s.is_dir()) {
            os.change(&path).and_then(|f| f.remove(&path, false)).map_err(error)?;
        }
        if symbolic {
            return os.change(&path).and_then(|f| f.make_link(&path, from)).map_err(error);
        }
        Err("hard links are not supported; use ln -s".into())
    })
}

pub(super) fn touch(os: &mut Os<'_>) -> i32 {
    let args = match begin(os, &spec("touch [OPTION]... FILE...", "cam", &[("no-create", 'c')])) {
        Ok(args) => args,
        Err(code) => return code,
    };
    each(os, &args, &mut |os, file| {
        let path = os.path(file);
        let new = !os.files().exists(&path);
        if new && args.has('c') {
            return Ok(());
        }
        let text =
            if os.flavor() == Flavor::Gnu { format!("cannot touch '{file}'") } else { file.to_string() };
        let error = |e| format!("{text}: {e}");
        let now = os.now();
        if new {
            os.change(&path).and_then(|f| f.create(&path)).map_err(error)?;
            os.own(&path, true).map_err(error)?;
        }
        os.change(&path).and_then(|f| f.set_modified(&path, now)).map_err(error)
    })
}

/// The new permission bits that `755`, `+x`, `u=rw,g-w` make of the old ones.
fn new_mode(text: &str, old: u16, is_dir: bool) -> Option<u16> {
    if let Ok(mode) = u16::from_str_radix(text, 8) {
        return (mode <= 0o7777).then_some(mode);
    }
    let mut mode = old;
    for clause in text.split(',') {
        let at = clause.find(['+', '-', '='])?;
        let (who, rest) = clause.split_at(at);
        let mut mask = 0;
        for c in if who.is_empty() { "a" } else { who }.chars() {
            mask |= match c {
                'u' => 0o700,
                'g' => 0o070,
                'o' => 0o007,
                'a' => 0o777,
                _ => return None,
            };
        }
        let mut bits = 0;
        for c in rest[1..].chars() {
            bits |= match c {
                'r' => 0o444,
                'w' => 0o222,
                'x' => 0o111,
                'X' if is_dir || old & 0o111 != 0 => 0o111,
                'X' => 0,
                't' => 0o1000,
                's' => 0,
                _ => return None,
            };
        }
        match &rest[..1] {
            "+" => mode |= bits & (mask | 0o1000),
            "-" => mode &= !(bits & (mask | 0o1000)),
            _ => mode = mode & !mask | bits & mask,
        }
    }
    Some(mode)
}

pub(super) fn chmod(os: &mut Os<'_>) -> i32 {
    // `-x` is a mode, not an option.
    let argv = os.argv()[1..].to_vec();
    let (flags, mut operands): (Vec<_>, Vec<_>) =
        argv.into_iter().partition(|a| matches!(a.as_str(), "-R" | "-v" | "-f" | "--recursive"));
    if operands.len() < 2 {
        complain(os, if operands.is_empty() { "missing operand" } else { "missing operand after mode" });
        os.eprint("Try 'chmod --help' for more information.\n");
        return 1;
    }
    let text = operands.remove(0);
    if new_mode(&text, 0, false).is_none() {
        complain(os, &format!("invalid mode: ‘{text}’"));
        os.eprint("Try 'chmod --help' for more information.\n");
        return 1;
    }
    let recursive = flags.iter().any(|f| f == "-R" || f == "--recursive");
    let args = Args { operands, ..Default::default() };
    each(os, &args, &mut |os, file| {
        let path = os.path(file);
        os.files().stat(&path, true).map_err(|e| format!("cannot access '{file}': {e}"))?;
        let mut left = MAX_NODES;
        walk(os, &path, recursive, &mut left, &mut |os, path| {
            let stat = os.files().stat(path, true)?;
            let owner = stat.meta().uid == os.ids().0 || os.ids().0 == 0;
            let mode = new_mode(&text, stat.meta().mode, stat.is_dir()).ok_or(FileError::Invalid)?;
            if owner { os.change(path)?.set_mode(path, mode) } else { Err(FileError::Permission) }
        })
        .map_err(|e| format!("changing permissions of '{file}': {e}"))
    })
}

fn walk(
    os: &mut Os<'_>,
    path: &str,
    recursive: bool,
    left: &mut usize,
    act: &mut dyn FnMut(&mut Os<'_>, &str) -> Result<(), FileError>,
) -> Result<(), FileError> {
    *left = left.checked_sub(1).ok_or(FileError::Busy)?;
    act(os, path)?;
    if recursive && os.files().stat(path, false).is_ok_and(|s| s.is_dir()) {
        for (name, _) in os.files().list(path)? {
            walk(os, &format!("{path}/{name}"), recursive, left, act)?;
        }
    }
    Ok(())
}

pub(super) fn chown(os: &mut Os<'_>) -> i32 {
    let mut args =
        match begin(os, &spec("chown [OPTION]... OWNER[:GROUP] FILE...", "Rvf", &[("recursive", 'R')])) {
            Ok(args) => args,
            Err(code) => return code,
        };
    let owner = args.operands.remove(0);
    let (uid, gid) = os.ids_of(&owner);
    let recursive = args.has('R');
    each(os, &args, &mut |os, file| {
        let path = os.path(file);
        os.files().stat(&path, true).map_err(|e| format!("cannot access '{file}': {e}"))?;
        if os.ids().0 != 0 {
            return Err(format!("changing ownership of '{file}': Operation not permitted"));
        }
        let mut left = MAX_NODES;
        let done =
            walk(os, &path, recursive, &mut left, &mut |os, path| os.change(path)?.set_owner(path, uid, gid));
        done.map_err(|e| format!("changing ownership of '{file}': {e}"))
    })
}

pub(super) fn readlink(os: &mut Os<'_>) -> i32 {
    let args = match begin(os, &spec("readlink [OPTION]... FILE...", "fenq", &[("canonicalize", 'f')])) {
        Ok(args) => args,
        Err(code) => return code,
    };
    let follow = args.has('f') || args.has('e') || super::support::name(os) == "realpath";
    let mut code = 0;
    for file in &args.operands {
        let path = os.path(file);
        let target = match follow {
            true => os.files().resolve(&path, true).ok(),
            false => match os.files().stat(&path, false).map(|s| s.node) {
                Ok(Node::Link(target, _)) => Some(target.to_string()),
                _ => None,
            },
        };
        match target {
            Some(target) => os.print(&format!("{target}{}", if args.has('n') { "" } else { "\n" })),
            None => code = 1,
        }
    }
    code
}

fn tree_size(files: &Files, path: &str, left: &mut usize) -> usize {
    if *left == 0 {
        return 0;
    }
    *left -= 1;
    let Ok(stat) = files.stat(path, false) else { return 0 };
    let own = stat.size().div_ceil(4096) * 4;
    let inner = if stat.is_dir() { files.list(path).unwrap_or_default() } else { Vec::new() };
    own + inner.iter().map(|(n, _)| tree_size(files, &format!("{path}/{n}"), left)).sum::<usize>()
}

pub(super) fn du(os: &mut Os<'_>) -> i32 {
    let spec = spec("du [OPTION]... [FILE]...", "shka", &[("summarize", 's'), ("human-readable", 'h')]);
    let mut args = match options(os, &spec) {
        Ok(args) => args,
        Err(code) => return code,
    };
    if args.operands.is_empty() {
        args.operands.push(".".into());
    }
    each(os, &args, &mut |os, file| {
        let path = os.path(file);
        os.files().stat(&path, true).map_err(|e| format!("cannot access '{file}': {e}"))?;
        let mut left = MAX_NODES;
        let size = tree_size(os.files(), &path, &mut left);
        let text = if args.has('h') { super::ls::human(size * 1024) } else { size.to_string() };
        os.print(&format!("{text}\t{file}\n"));
        Ok(())
    })
}

pub(super) fn df(os: &mut Os<'_>) -> i32 {
    let args = match options(os, &spec("df [OPTION]... [FILE]...", "hkTPa", &[("human-readable", 'h')])) {
        Ok(args) => args,
        Err(code) => return code,
    };
    let (used, limit) = (os.files().used(), os.files().limit());
    let percent = (used * 100).div_ceil(limit.max(1));
    let text = if args.has('h') {
        let human = super::ls::human;
        format!(
            "Filesystem      Size  Used Avail Use% Mounted on\noverlay        {:>5} {:>5} {:>5} {percent:>3}% /\n",
            human(limit),
            human(used),
            human(limit.saturating_sub(used))
        )
    } else {
        format!(
            "Filesystem     1K-blocks      Used Available Use% Mounted on\noverlay        {:>9} {:>9} {:>9} {percent:>3}% /\n",
            limit / 1024,
            used / 1024,
            limit.saturating_sub(used) / 1024
        )
    };
    os.print(&text);
    0
}

pub(super) fn stat(os: &mut Os<'_>) -> i32 {
    let args =
        match begin(os, &spec("stat [OPTION]... FILE...", "c:L", &[("format", 'c'), ("dereference", 'L')])) {
            Ok(args) => args,
            Err(code) => return code,
        };
    each(os, &args, &mut |os, file| {
        let stat = os
            .files()
            .stat(&os.path(file), args.has('L'))
            .map_err(|e| format!("cannot statx '{file}': {e}"))?;
        let meta = stat.meta();
        let kind = match () {
            () if stat.is_dir() => "directory",
            () if stat.is_link() => "symbolic link",
            () if stat.is_file() && stat.size() == 0 => "regular empty file",
            () if stat.is_file() => "regular file",
            () => "character special file",
        };
        let (user, group) = (os.user_name(meta.uid), os.group_name(meta.gid));
        let user = user.unwrap_or_else(|| "UNKNOWN".into());
        let group = group.unwrap_or_else(|| "UNKNOWN".into());
        let time = crate::date::format("%Y-%m-%d %H:%M:%S.000000000 +0000", meta.modified);
        let octal = format!("{:o}", meta.mode);
        let mode = super::ls::mode(&stat);
        let Some(format) = args.value('c') else {
            os.print(&format!(
                "  File: {file}\n  Size: {:<10}\tBlocks: {:<10} IO Block: 4096   {kind}\nAccess: (0{octal}/{mode})  \
                 Uid: ({:5}/{user:>8})   Gid: ({:5}/{group:>8})\nModify: {time}\n",
                stat.size(),
                stat.size().div_ceil(4096) * 8,
                meta.uid,
                meta.gid
            ));
            return Ok(());
        };
        let mut out = String::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            match chars.next() {
                Some('n') => out.push_str(file),
                Some('s') => out.push_str(&stat.size().to_string()),
                Some('a') => out.push_str(&octal),
                Some('A') => out.push_str(&mode),
                Some('u') => out.push_str(&meta.uid.to_string()),
                Some('g') => out.push_str(&meta.gid.to_string()),
                Some('U') => out.push_str(&user),
                Some('G') => out.push_str(&group),
                Some('F') => out.push_str(kind),
                Some('Y') => out.push_str(&meta.modified.as_secs().to_string()),
                Some('y') => out.push_str(&time),
                Some('%') => out.push('%'),
                other => {
                    return Err(format!("%{}: not supported", other.map_or(String::new(), String::from)));
                }
            }
        }
        os.print(&format!("{out}\n"));
        Ok(())
    })
}

pub(super) fn mktemp(os: &mut Os<'_>) -> i32 {
    let args = match options(os, &spec("mktemp [OPTION]... [TEMPLATE]", "dp:t", &[("directory", 'd')])) {
        Ok(args) => args,
        Err(code) => return code,
    };
    let template = args.operands.first().cloned().unwrap_or_else(|| "/tmp/tmp.XXXXXXXXXX".into());
    let count = template.len() - template.trim_end_matches('X').len();
    if count < 3 {
        complain(os, &format!("too few X's in template ‘{template}’"));
        return 1;
    }
    const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut name = template.trim_end_matches('X').to_string();
    for _ in 0..count {
        name.push(LETTERS[(os.random() % 36) as usize] as char);
    }
    let path = os.path(&name);
    let done = if args.has('d') { make_dir(os, &path) } else { os.write_file(&path, b"") };
    match done {
        Ok(()) => {
            os.print(&format!("{name}\n"));
            0
        }
        Err(error) => {
            complain(os, &format!("failed to create file via template ‘{template}’: {error}"));
            1
        }
    }
}

/// `which`
pub(super) fn which(os: &mut Os<'_>) -> i32 {
    let mut code = 0;
    for name in &os.argv()[1..].to_vec() {
        match os.find(name) {
            Ok(path) => os.print(&format!("{path}\n")),
            Err(_) => code = 1,
        }
    }
    code
}
