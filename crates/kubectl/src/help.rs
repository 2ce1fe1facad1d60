//! Help texts: the structure of the real ones. Mirrors kubectl/pkg/util/templates.

use crate::command::Command;
use crate::flags::Flag;
use sim::Order;

/// Where an explanation of a flag is wrapped.
const WIDTH: usize = 100;

/// The help text of the last command of a path such as `kubectl create deployment`.
pub fn help(path: &[&'static Command]) -> String {
    let command = path[path.len() - 1];
    let names: Vec<&str> = path.iter().map(|c| c.name).collect();
    let mut out = String::new();
    out.push_str(if command.long.is_empty() { command.short } else { command.long });
    if command.long.is_empty() {
        out.push('.');
    }
    out.push_str("\n\n");
    if !command.aliases.is_empty() {
        out.push_str(&format!("Aliases:\n{}, {}\n\n", command.name, command.aliases.join(", ")));
    }
    if !command.examples.is_empty() {
        out.push_str("Examples:\n");
        for (i, line) in command.examples.lines().enumerate() {
            let gap = if i > 0 && line.starts_with('#') { "  \n" } else { "" };
            out.push_str(&format!("{gap}  {line}\n"));
        }
        out.push('\n');
    }
    for (title, commands) in command.subs {
        out.push_str(&subcommands(title, commands));
    }
    let mut flags: Vec<&Flag> = command.own_flags().filter(|f| !f.hidden && !f.refused).collect();
    flags.order_by_key(|f| f.name);
    if !flags.is_empty() {
        out.push_str(&format!("Options:\n{}", usages(&flags)));
    }
    if path.len() > 1 {
        let words = [&names.join(" "), command.usage].map(str::trim_end).join(" ");
        let options = if flags.is_empty() && command.subs.is_empty() { "" } else { " [options]" };
        out.push_str(&format!("Usage:\n  {}{options}\n\n", words.trim_end()));
    }
    if !command.subs.is_empty() {
        let names = names.join(" ");
        out.push_str(&format!(
            "Use \"{names} <command> --help\" for more information about a given command.\n"
        ));
    }
    out.push_str(
        "Use \"kubectl options\" for a list of global command-line options (applies to all commands).\n",
    );
    out
}

fn subcommands(title: &str, commands: &[&'static Command]) -> String {
    let width = commands.iter().map(|c| c.name.len()).max().unwrap_or_default().max(
        if title.starts_with("Available") {
            11 // cobra's least padding
        } else {
            13 // the longest name among kubectl's own
        },
    );
    let mut out = format!("{title}\n");
    let mut sorted = commands.to_vec();
    if title.starts_with("Available") {
        sorted.order_by_key(|c| c.name);
    }
    for c in sorted {
        out.push_str(&format!("  {:width$}   {}\n", c.name, c.short));
    }
    out + "\n"
}

/// The `Options:` part: every flag with its default and its explanation.
pub fn usages(flags: &[&Flag]) -> String {
    let mut out = String::new();
    for f in flags {
        let short = if f.short == ' ' { String::new() } else { format!("-{}, ", f.short) };
        let deprecated =
            if f.deprecated.is_empty() { String::new() } else { format!(" (DEPRECATED: {})", f.deprecated) };
        let text = wrap(&format!("{}{deprecated}", f.help)).replace('\n', "\n\t");
        out.push_str(&format!("    {short}--{}={}:\n\t{text}\n\n", f.name, f.shown_default()));
    }
    out
}

fn wrap(text: &str) -> String {
    let (mut out, mut column) = (String::new(), 0);
    for word in text.split(' ') {
        if column > 0 && column + 1 + word.len() > WIDTH {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += word.len();
    }
    out
}
