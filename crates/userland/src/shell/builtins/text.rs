//! `echo printf test [`, and `[[ ]]`

use crate::shell::ast::{Condition, Part};
use crate::shell::expand::{Halt, Log};
use crate::shell::{Shell, Style, pattern};
use crate::{Os, format, test as tests};

pub(super) fn echo(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    let text = format::echo(args, shell.style == Style::Dash);
    os.print(&text);
    shell.status = 0;
}

pub(super) fn printf(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    let (variable, args) = match args {
        [option, name, rest @ ..] if option == "-v" => (Some(name.clone()), rest),
        [option, rest @ ..] if option == "--" => (None, rest),
        rest => (None, rest),
    };
    let Some(template) = args.first() else {
        os.eprint("printf: usage: printf [-v var] format [arguments]\n");
        shell.status = 2;
        return;
    };
    let out = format::printf(template, &args[1..], os.now());
    shell.status = 0;
    for error in &out.errors {
        shell.builtin_error(os, "printf", error, 1);
    }
    match variable {
        None => os.print(&out.text),
        Some(name) => {
            if let Err(message) = shell.assign(&name, out.text) {
                shell.builtin_error(os, "printf", &message, 1);
            }
        }
    }
}

pub(super) fn test(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    evaluate(shell, os, "test", args);
}

pub(super) fn bracket(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    match args.split_last() {
        Some((last, args)) if last == "]" => evaluate(shell, os, "[", args),
        _ => shell.builtin_error(os, "[", "missing `]'", 2),
    }
}

fn evaluate(shell: &mut Shell, os: &mut Os<'_>, name: &str, args: &[String]) {
    // `-v name` asks the shell itself.
    if let [operator, variable] = args
        && operator == "-v"
    {
        shell.status = i32::from(shell.variables.get(variable).is_none_or(|v| v.text().is_none()));
        return;
    }
    match tests::evaluate(os, args) {
        Ok(yes) => shell.status = i32::from(!yes),
        Err(message) => shell.builtin_error(os, name, &message, 2),
    }
}

impl Shell {
    /// `[[ ]]`
    pub(crate) fn condition(&mut self, os: &mut Os<'_>, c: &Condition, log: &mut Log) -> Result<bool, Halt> {
        Ok(match c {
            Condition::Not(c) => !self.condition(os, c, log)?,
            Condition::And(a, b) => self.condition(os, a, log)? && self.condition(os, b, log)?,
            Condition::Or(a, b) => self.condition(os, a, log)? || self.condition(os, b, log)?,
            Condition::Word(word) => !self.expand_text(os, word, log)?.is_empty(),
            Condition::Unary(operator, word) => {
                let text = self.expand_text(os, word, log)?;
                match operator.as_str() {
                    "-v" => self.variables.get(&text).is_some_and(|v| v.text().is_some()),
                    operator => tests::evaluate(os, &[operator.into(), text]).map_err(Halt::Error)?,
                }
            }
            Condition::Binary(left, operator, right) => {
                let left = self.expand_text(os, left, log)?;
                match operator.as_str() {
                    "=" | "==" => pattern::matches(&self.expand_pattern(os, right, log)?, &left),
                    "!=" => !pattern::matches(&self.expand_pattern(os, right, log)?, &left),
                    "=~" => self.regex(os, &left, right, log)?,
                    "<" => left < self.expand_text(os, right, log)?,
                    ">" => left > self.expand_text(os, right, log)?,
                    "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" => {
                        let right = self.expand_text(os, right, log)?;
                        let (a, b) = (self.calculate(os, &left)?, self.calculate(os, &right)?);
                        tests::compare(operator, a, b)
                    }
                    operator => {
                        let right = self.expand_text(os, right, log)?;
                        tests::evaluate(os, &[left, operator.into(), right]).map_err(Halt::Error)?
                    }
                }
            }
        })
    }

    fn regex(&mut self, os: &mut Os<'_>, text: &str, word: &[Part], log: &mut Log) -> Result<bool, Halt> {
        let mut source = String::new();
        for part in word {
            let one = vec![part.clone()];
            let piece = self.expand_text(os, &one, log)?;
            match part {
                // What is quoted is taken as it is.
                Part::Quoted(_) => source.push_str(&crate::regex::escape(&piece)),
                _ => source.push_str(&piece),
            }
        }
        let regex = crate::regex::Regex::new(&source, true, false)
            .map_err(|_| Halt::Error(format!("[[: invalid regular expression `{source}'")))?;
        let found = regex.find(text, 0);
        let groups = match &found {
            None => Default::default(),
            Some(m) => (0..)
                .zip(
                    m.groups
                        .iter()
                        .map(|g| g.map_or(String::new(), |(a, b)| text.get(a..b).unwrap_or("").into())),
                )
                .collect(),
        };
        self.assign_data("BASH_REMATCH", crate::shell::variables::Data::Array(groups))
            .map_err(Halt::Error)?;
        Ok(found.is_some())
    }
}
