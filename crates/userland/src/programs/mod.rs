//! The small programs: one file per program or family, one line each in [`PROGRAMS`].

mod awk;
mod base64;
mod cat;
mod curl;
mod cut;
mod diff;
mod dns;
mod fileops;
mod find;
mod grep;
mod head;
mod identity;
mod ls;
mod nc;
mod net;
mod ps;
mod refused;
mod run;
mod sed;
mod sort;
mod sudo;
mod support;
mod tee;
mod time;
mod tr;
mod uniq;
mod wc;
mod wget;

use crate::{Files, Make, shell};
use support::{Filtering, Once};

/// Every program: where its file stands, and what makes it.
const PROGRAMS: &[(&str, Make)] = &[
    ("/bin/bash", shell::make),
    ("/bin/sh", shell::make),
    ("/bin/ash", shell::make),
    ("/bin/dash", shell::make),
    ("/usr/bin/[", |_| Box::new(Once(identity::test_program))),
    ("/usr/bin/base64", |_| Filtering::boxed(base64::start)),
    ("/usr/bin/basename", |_| Box::new(Once(identity::basename))),
    ("/bin/cat", |_| Filtering::boxed(cat::start)),
    ("/bin/chmod", |_| Box::new(Once(fileops::chmod))),
    ("/bin/chown", |_| Box::new(Once(fileops::chown))),
    ("/usr/bin/clear", |_| Box::new(Once(identity::clear))),
    ("/bin/cp", |_| Box::new(Once(fileops::cp))),
    ("/usr/bin/cut", |_| Filtering::boxed(cut::start)),
    ("/bin/date", |_| Box::new(Once(time::date_program))),
    ("/bin/df", |_| Box::new(Once(fileops::df))),
    ("/usr/bin/dirname", |_| Box::new(Once(identity::dirname))),
    ("/usr/bin/du", |_| Box::new(Once(fileops::du))),
    ("/bin/echo", |_| Box::new(Once(identity::echo))),
    ("/bin/egrep", |_| Filtering::boxed(grep::start)),
    ("/usr/bin/env", |_| Box::new(identity::Env)),
    ("/bin/false", |_| Box::new(Once(identity::false_))),
    ("/bin/fgrep", |_| Filtering::boxed(grep::start)),
    ("/bin/grep", |_| Filtering::boxed(grep::start)),
    ("/usr/bin/head", |_| Filtering::boxed(head::start)),
    ("/bin/hostname", |_| Box::new(Once(identity::hostname))),
    ("/usr/bin/id", |_| Box::new(Once(identity::id))),
    ("/bin/kill", |_| Box::new(Once(ps::kill))),
    ("/usr/bin/killall", |_| Box::new(Once(ps::by_name))),
    ("/usr/bin/less", |_| Filtering::boxed(cat::pager)),
    ("/bin/ln", |_| Box::new(Once(fileops::ln))),
    ("/bin/ls", |_| Box::new(Once(ls::ls))),
    ("/bin/mkdir", |_| Box::new(Once(fileops::mkdir))),
    ("/bin/mktemp", |_| Box::new(Once(fileops::mktemp))),
    ("/bin/more", |_| Filtering::boxed(cat::pager)),
    ("/bin/mv", |_| Box::new(Once(fileops::mv))),
    ("/usr/bin/nproc", |_| Box::new(Once(identity::nproc))),
    ("/usr/bin/pgrep", |_| Box::new(Once(ps::by_name))),
    ("/usr/bin/pkill", |_| Box::new(Once(ps::by_name))),
    ("/usr/bin/printenv", |_| Box::new(Once(identity::printenv))),
    ("/usr/bin/printf", |_| Box::new(Once(identity::printf))),
    ("/bin/ps", |_| Box::new(Once(ps::ps))),
    ("/bin/pwd", |_| Box::new(Once(identity::pwd))),
    ("/bin/readlink", |_| Box::new(Once(fileops::readlink))),
    ("/usr/bin/realpath", |_| Box::new(Once(fileops::readlink))),
    ("/usr/bin/reset", |_| Box::new(Once(identity::clear))),
    ("/bin/rm", |_| Box::new(Once(fileops::rm))),
    ("/bin/rmdir", |_| Box::new(Once(fileops::rmdir))),
    ("/usr/bin/seq", |_| Box::<identity::Seq>::default()),
    ("/bin/sleep", |_| Box::<time::Sleep>::default()),
    ("/usr/bin/sort", |_| Filtering::boxed(sort::start)),
    ("/usr/bin/stat", |_| Box::new(Once(fileops::stat))),
    ("/usr/bin/tail", |_| Filtering::boxed(head::start)),
    ("/usr/bin/tee", |_| Filtering::boxed(tee::start)),
    ("/usr/bin/test", |_| Box::new(Once(identity::test_program))),
    ("/bin/touch", |_| Box::new(Once(fileops::touch))),
    ("/usr/bin/tr", |_| Filtering::boxed(tr::start)),
    ("/bin/true", |_| Box::new(Once(identity::true_))),
    ("/usr/bin/tty", |_| Box::new(Once(identity::tty))),
    ("/bin/uname", |_| Box::new(Once(identity::uname))),
    ("/usr/bin/uniq", |_| Filtering::boxed(uniq::start)),
    ("/usr/bin/uptime", |_| Box::new(Once(time::uptime))),
    ("/usr/bin/wc", |_| Filtering::boxed(wc::start)),
    ("/usr/bin/which", |_| Box::new(Once(fileops::which))),
    ("/usr/bin/whoami", |_| Box::new(Once(identity::whoami))),
    ("/usr/bin/awk", |_| Filtering::boxed(awk::start)),
    ("/usr/bin/cmp", |_| Box::new(Once(diff::cmp))),
    ("/usr/bin/curl", |_| Box::<curl::Curl>::default()),
    ("/usr/bin/diff", |_| Box::new(Once(diff::diff))),
    ("/usr/bin/dig", |_| Box::<dns::Dns>::default()),
    ("/usr/bin/docker", |_| Box::new(Once(refused::refused))),
    ("/usr/bin/find", |_| Box::<find::Find>::default()),
    ("/usr/bin/getent", |_| Box::<dns::Dns>::default()),
    ("/usr/bin/host", |_| Box::<dns::Dns>::default()),
    ("/usr/bin/jq", |_| Box::new(Once(refused::refused))),
    ("/usr/bin/nc", |_| Box::<nc::Nc>::default()),
    ("/usr/bin/nice", |_| Box::new(run::Become)),
    ("/usr/bin/nohup", |_| Box::new(run::Become)),
    ("/usr/bin/nslookup", |_| Box::<dns::Dns>::default()),
    ("/usr/bin/openssl", |_| Box::new(Once(refused::refused))),
    ("/bin/ping", |_| Box::new(Once(refused::refused))),
    ("/bin/sed", |_| Filtering::boxed(sed::start)),
    ("/usr/bin/setsid", |_| Box::new(run::Become)),
    ("/usr/bin/ssh", |_| Box::new(Once(refused::refused))),
    ("/usr/bin/sudo", |_| Box::new(sudo::Sudo)),
    ("/usr/bin/time", |_| Box::<run::TimeIt>::default()),
    ("/usr/bin/timeout", |_| Box::<run::Timeout>::default()),
    ("/usr/bin/traceroute", |_| Box::new(Once(refused::refused))),
    ("/usr/bin/watch", |_| Box::<run::Watch>::default()),
    ("/usr/bin/wget", |_| Box::<wget::Wget>::default()),
    ("/usr/bin/xargs", |_| Box::<run::Xargs>::default()),
    ("/usr/bin/yes", |_| Box::new(identity::Yes)),
];

/// What a slim Debian image has; the base of most images.
pub const DEBIAN: &[&str] = &[
    "bash", "sh", "dash", "[", "base64", "basename", "cat", "chmod", "chown", "clear", "cp", "cut", "date",
    "df", "diff", "dirname", "du", "echo", "egrep", "env", "false", "fgrep", "find", "getent", "grep",
    "head", "hostname", "id", "ln", "ls", "mkdir", "mktemp", "more", "mv", "nproc", "printenv", "printf",
    "pwd", "readlink", "realpath", "rm", "rmdir", "sed", "seq", "sleep", "sort", "stat", "tail", "tee",
    "test", "timeout", "touch", "tr", "true", "tty", "uname", "uniq", "wc", "which", "whoami", "xargs",
    "yes", "awk",
];

/// What busybox has (and alpine, which is built on it).
pub const BUSYBOX: &[&str] = &[
    "sh", "ash", "[", "awk", "base64", "basename", "cat", "chmod", "chown", "clear", "cp", "cut", "date",
    "df", "diff", "dirname", "du", "echo", "egrep", "env", "false", "fgrep", "find", "grep", "head",
    "hostname", "id", "kill", "killall", "less", "ln", "ls", "mkdir", "mktemp", "more", "mv", "nc", "nproc",
    "nslookup", "pgrep", "ping", "pkill", "printenv", "printf", "ps", "pwd", "readlink", "realpath", "reset",
    "rm", "rmdir", "sed", "seq", "sleep", "sort", "stat", "tail", "tee", "test", "time", "timeout", "touch",
    "tr", "true", "tty", "uname", "uniq", "uptime", "vi", "watch", "wc", "wget", "which", "whoami", "xargs",
    "yes",
];

/// Puts programs into a file system, each at its place. Names that no program has are passed over: an image may list
/// what it would have.
pub fn install(files: &mut Files, names: &[&str]) {
    for (path, make) in PROGRAMS {
        if path.rsplit('/').next().is_some_and(|name| names.contains(&name)) {
            files.install(path, *make);
        }
    }
}

/// Puts every program into a file system, as on today's distributions: all in `/usr/bin`, `/bin` is a link to it.
pub fn install_all(files: &mut Files) {
    files.make_dirs("/usr/bin");
    files.link("/bin", "usr/bin");
    for (path, make) in PROGRAMS {
        let name = path.rsplit('/').next().unwrap_or(path);
        files.install(&format!("/usr/bin/{name}"), *make);
    }
}
