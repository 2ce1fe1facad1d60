//! The tree of commands, and how a command line finds its command. Mirrors spf13/cobra.

use crate::{Ctx, Error, Flag};
use client::LocalFuture;

/// How a command runs.
pub type Run = for<'a> fn(&'a Ctx) -> LocalFuture<'a, Result<(), Error>>;

/// A command: one constant in one file.
pub struct Command {
    /// Its name.
    pub name: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// What follows the name in the usage line, such as `NAME --image=image`.
    pub usage: &'static str,
    /// One line.
    pub short: &'static str,
    /// The text at the top of its help; empty means `short`.
    pub long: &'static str,
    /// Examples, one a line; a line that begins with `#` explains the next one.
    pub examples: &'static str,
    /// Its flags, in groups that commands share.
    pub flags: &'static [&'static [Flag]],
    /// Its subcommands, in groups with titles.
    pub subs: &'static [(&'static str, &'static [&'static Command])],
    /// What it does; `None` for a mere group, which shows its help.
    pub run: Option<Run>,
}

impl Command {
    /// A command without anything; fill in the rest with `..Command::NEW`.
    pub const NEW: Command = Command {
        name: "",
        aliases: &[],
        usage: "",
        short: "",
        long: "",
        examples: "",
        flags: &[],
        subs: &[],
        run: None,
    };

    /// A command that the real kubectl has and this one does not: it is refused by name.
    pub const fn refused(name: &'static str, short: &'static str) -> Command {
        Command {
            name,
            short,
            run: Some(|c| Box::pin(async { Err(c.not_supported()) })),
            flags: ANY,
            ..Command::NEW
        }
    }

    /// Its own flags, in order of declaration.
    pub fn own_flags(&self) -> impl Iterator<Item = &'static Flag> {
        self.flags.iter().flat_map(|group| group.iter())
    }

    /// Its flags and those of every command.
    pub fn all_flags(&self) -> Vec<&'static Flag> {
        self.own_flags().chain(crate::globals::FLAGS.iter()).collect()
    }

    /// Its subcommands, in order.
    pub fn subcommands(&self) -> impl Iterator<Item = &'static Command> {
        self.subs.iter().flat_map(|(_, group)| group.iter().copied())
    }

    fn sub(&self, name: &str) -> Option<&'static Command> {
        self.subcommands().find(|s| s.name == name || s.aliases.contains(&name))
    }

    /// Whether its flags are not looked at, because it is refused anyway.
    pub fn takes_anything(&self) -> bool {
        std::ptr::eq(self.flags, ANY)
    }
}

static ANY: &[&[Flag]] = &[&[]];

/// The command that a command line means: from the root down to it, and the arguments without their names.
/// Mirrors cobra's Command.Find.
pub fn find(root: &'static Command, arguments: &[String]) -> (Vec<&'static Command>, Vec<String>) {
    let mut path = vec![root];
    let mut rest = arguments.to_vec();
    loop {
        let command = path[path.len() - 1];
        let flags = command.all_flags();
        let Some(index) = first_word(&flags, &rest) else { return (path, rest) };
        match command.sub(&rest[index]) {
            Some(sub) => {
                rest.remove(index);
                path.push(sub);
            }
            None => return (path, rest),
        }
    }
}

/// Where the first argument stands that is neither a flag nor a flag's value. Mirrors cobra's stripFlags.
pub fn first_word(flags: &[&Flag], arguments: &[String]) -> Option<usize> {
    let mut i = 0;
    while i < arguments.len() {
        let a = &arguments[i];
        let takes_value = if a.contains('=') {
            false
        } else if let Some(name) = a.strip_prefix("--") {
            !flags.iter().any(|f| f.name == name && !f.alone.is_empty()) && name != "help"
        } else {
            a.len() == 2
                && a.starts_with('-')
                && a != "-h"
                && !flags.iter().any(|f| a.ends_with(f.short) && !f.alone.is_empty())
        };
        match () {
            () if a == "--" => return None,
            () if takes_value && i + 2 >= arguments.len() => return None,
            () if takes_value => i += 2,
            () if a.is_empty() || a.starts_with('-') => i += 1,
            () => return Some(i),
        }
    }
    None
}

/// The commands whose names are near to what was typed. Mirrors cobra's SuggestionsFor (distance 2, or a prefix).
pub fn suggestions(root: &Command, typed: &str) -> Vec<&'static str> {
    let typed = typed.to_lowercase();
    let near = |c: &&'static Command| distance(&typed, c.name) <= 2 || c.name.starts_with(&typed);
    root.subcommands().filter(near).map(|c| c.name).collect()
}

/// Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
