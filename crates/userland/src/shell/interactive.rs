//! The shell when somebody types: prompt, history, unfinished commands, notices of jobs.

use super::expand::{Halt, Log};
use super::run::{Frame, Unwind};
use super::{Shell, Style, parse};
use crate::editor::{Editor, Names, Outcome};
use crate::{Os, Read, Step, date};
use std::sync::Arc;

/// The files that an interactive shell reads at its start.
const START_FILES: [&str; 2] = ["/etc/bash.bashrc", ".bashrc"];

/// A prompt in the making.
#[derive(Clone, Default)]
pub(crate) struct Expansion {
    /// What its command substitutions gave so far.
    pub(crate) log: Log,
    /// `$?` as the last command left it, once the prompt is being made.
    status: Option<i32>,
    /// A command of it could not be run: the text is shown as it is.
    plain: bool,
}

impl Expansion {
    /// What is left when commands were ended before their time: those of the prompt itself are not tried again.
    pub(crate) fn given_up(self) -> Expansion {
        Expansion { plain: self.status.is_some(), status: self.status, log: Log::default() }
    }
}

impl Shell {
    /// Begins an interactive shell.
    pub(crate) fn begin_interactive(&mut self, os: &mut Os<'_>) {
        self.editor = Some(Box::default());
        self.interactive = true;
        if !self.variables.contains_key("PS1") {
            let prompt = match (self.style, os.ids().0) {
                (Style::Bash, _) => "\\u@\\h:\\w\\$ ",
                (Style::Ash, _) => "\\w \\$ ",
                (Style::Dash, 0) => "# ",
                (Style::Dash, _) => "$ ",
            };
            // A new variable.
            let _ = self.assign("PS1", prompt.into());
        }
        self.frames.push(Frame::Prompt(Expansion::default()));
        if self.style != Style::Bash {
            return;
        }
        for file in START_FILES.iter().rev() {
            let path = match file.starts_with('/') {
                true => file.to_string(),
                false => format!("{}/{file}", self.text("HOME")),
            };
            if let Ok(bytes) = os.read_file(&path) {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                self.frames.push(Frame::script(&text, super::run::Source::Sourced));
            }
        }
    }

    /// Reads a command from the terminal.
    pub(crate) fn prompt(&mut self, os: &mut Os<'_>, expansion: Expansion) -> Option<Step> {
        self.interrupted = false;
        let mut editor = self.editor.take()?;
        if !self.prompted && !self.show_prompt(os, &mut editor, expansion) {
            self.editor = Some(editor);
            return None;
        }
        self.frames.push(Frame::Prompt(Expansion::default()));
        let step = self.prompt_with(os, &mut editor);
        // `exit` leaves it as it is: the shell is interactive to its end.
        self.editor = Some(editor);
        step
    }

    /// Shows the prompt; `false`: a command of its text must be run first, and then this is done again.
    fn show_prompt(&mut self, os: &mut Os<'_>, editor: &mut Editor, mut expansion: Expansion) -> bool {
        if expansion.status.is_none() {
            if let Some(line) = self.typed.take() {
                os.tell_finished(line, self.status);
            }
            let group = os.group();
            os.set_foreground(group);
            let environment = self.environment();
            os.set_env(environment);
            self.notify_jobs(os);
        }
        self.status = *expansion.status.get_or_insert(self.status);
        let name = if self.unfinished.is_empty() { "PS1" } else { "PS2" };
        let template = self.text(name).to_string();
        let text = self.expand_prompt(os, &template);
        let prompt = match expansion.plain {
            true => text,
            false => match self.expand_variables(os, &text, &mut expansion.log) {
                Ok(prompt) => prompt,
                Err(Halt::Command(list)) => {
                    self.frames.push(Frame::Prompt(expansion));
                    self.start_substitution(os, list);
                    return false;
                }
                Err(Halt::Error(_)) => text,
            },
        };
        self.prompted = true;
        os.set_raw(true);
        editor.begin(os, &prompt);
        true
    }

    fn prompt_with(&mut self, os: &mut Os<'_>, editor: &mut Editor) -> Option<Step> {
        let mut ended = false;
        // What was typed after the line is left to whom the line will start.
        while !editor.has_line() {
            match os.read(0, 64 << 10) {
                Read::Data(data) => editor.feed(&data),
                Read::Empty => break,
                Read::End => {
                    ended = true;
                    break;
                }
            }
        }
        match editor.read(os, &|| self.names()) {
            Outcome::More if ended => self.end_of_input(os),
            Outcome::More => return Some(Step::Wait(None)),
            Outcome::End => self.end_of_input(os),
            Outcome::Interrupt => {
                let given_up = std::mem::take(&mut self.unfinished);
                if !given_up.is_empty() {
                    self.typed = Some(given_up.trim_end_matches('\n').to_string());
                }
                self.prompted = false;
                self.status = 130;
            }
            Outcome::Line(line) => {
                self.prompted = false;
                self.typed(os, editor, line);
            }
        }
        None
    }

    /// Ctrl-C drops what was typed or pasted ahead, as the terminal does.
    pub(crate) fn forget_typed(&mut self) {
        if let Some(editor) = &mut self.editor {
            editor.drop_input();
        }
    }

    /// What bash says when it ends.
    pub(crate) fn farewell(&self) -> &'static str {
        if self.login { "logout\n" } else { "exit\n" }
    }

    /// Ctrl-D.
    fn end_of_input(&mut self, os: &mut Os<'_>) {
        self.prompted = false;
        if !self.unfinished.is_empty() {
            let text = std::mem::take(&mut self.unfinished);
            if let Err(fault) = parse::Parser::new(&text, 1, self.bash, &self.aliases).complete_command() {
                self.line = text.lines().count() as u32;
                self.report_fault(os, &fault, "", "");
            }
            self.status = 2;
            return;
        }
        let farewell = if self.style == Style::Bash { self.farewell() } else { "\n" };
        os.print(farewell);
        self.unwind = Some(Unwind::Exit);
    }

    fn typed(&mut self, os: &mut Os<'_>, editor: &mut Editor, line: String) {
        let line = match self.recall_history(editor, &line) {
            Ok(line) => line,
            Err(message) => {
                self.complain_typed(os, &message);
                self.typed = Some(line);
                return;
            }
        };
        let mut text = std::mem::take(&mut self.unfinished);
        text.push_str(&line);
        text.push('\n');
        if super::split::is_joined(&text) && text.len() < parse::MAX_SOURCE {
            self.unfinished = text;
            return;
        }
        // All lists of the line; a line may hold several after a paste of a here-document.
        let mut parser = parse::Parser::new(&text, 1, self.bash, &self.aliases);
        match parser.complete_command() {
            Err(parse::Fault::Incomplete(_)) if text.len() < parse::MAX_SOURCE => {
                self.unfinished = text;
                return;
            }
            Ok(None) => return,
            Ok(Some(list)) => {
                os.set_raw(false);
                self.typed = Some(text.trim_end_matches('\n').to_string());
                self.frames.push(Frame::List { list: Arc::new(list), next: 0 });
            }
            Err(fault) => {
                self.report_fault(os, &fault, "", "");
                self.typed = Some(text.trim_end_matches('\n').to_string());
                self.status = 2;
            }
        }
        editor.remember(text.trim_end_matches('\n'));
    }

    fn complain_typed(&mut self, os: &mut Os<'_>, message: &str) {
        os.eprint(&format!("{}: {message}\n", self.label));
        self.status = 1;
    }

    /// `!!`, `!n` and `!text` at the start of a line.
    fn recall_history(&self, editor: &Editor, line: &str) -> Result<String, String> {
        let trimmed = line.trim_start();
        let next = trimmed.chars().nth(1);
        if self.style != Style::Bash || !trimmed.starts_with('!') || next.is_none_or(|c| " \t=([".contains(c))
        {
            return Ok(line.into());
        }
        let word: String = trimmed[1..].chars().take_while(|c| !c.is_whitespace()).collect();
        let history = editor.history();
        let found = match word.as_str() {
            "!" => history.last(),
            number if number.parse::<i64>().is_ok() => {
                let n: i64 = number.parse().unwrap_or(0);
                let at = if n < 0 { history.len() as i64 + n } else { n - 1 };
                usize::try_from(at).ok().and_then(|at| history.get(at))
            }
            prefix => history.iter().rev().find(|l| l.starts_with(prefix)),
        };
        match found {
            Some(found) => Ok(format!("{found}{}", &trimmed[1 + word.len()..])),
            None => Err(format!("!{word}: event not found")),
        }
    }

    fn names(&self) -> Names {
        let mut commands: Vec<String> = super::builtins::names().map(String::from).collect();
        commands.extend(self.functions.keys().cloned());
        commands.extend(self.aliases.keys().cloned());
        Names {
            commands,
            variables: self.variables.keys().filter(|n| !n.starts_with('_')).cloned().collect(),
            aliases: self.aliases.iter().map(|(n, v)| (n.clone(), v.clone())).collect(),
            home: self.text("HOME").into(),
        }
    }

    /// `\u@\h:\w\$ `
    fn expand_prompt(&mut self, os: &mut Os<'_>, template: &str) -> String {
        let mut out = String::new();
        let mut chars = template.chars();
        while let Some(c) = chars.next() {
            if c != '\\' || self.style == Style::Dash {
                out.push(c);
                continue;
            }
            let home = self.text("HOME").to_string();
            let cwd = os.cwd().to_string();
            let short = match cwd.strip_prefix(&home) {
                Some(rest) if !home.is_empty() && (rest.is_empty() || rest.starts_with('/')) => {
                    format!("~{rest}")
                }
                _ => cwd,
            };
            match chars.next() {
                Some('u') => {
                    let uid = os.ids().0;
                    out.push_str(&os.user_name(uid).unwrap_or_else(|| "I have no name!".into()));
                }
                Some('h') => out.push_str(os.hostname().split('.').next().unwrap_or("")),
                Some('H') => out.push_str(os.hostname()),
                Some('w') => out.push_str(&short),
                Some('W') => {
                    let last = short.rsplit('/').next().filter(|l| !l.is_empty()).unwrap_or(&short);
                    out.push_str(last);
                }
                Some('$') => out.push(if os.ids().0 == 0 { '#' } else { '$' }),
                Some('n') => out.push('\n'),
                Some('t') => out.push_str(&date::format("%H:%M:%S", os.now())),
                Some('A') => out.push_str(&date::format("%H:%M", os.now())),
                Some('d') => out.push_str(&date::format("%a %b %d", os.now())),
                Some('s') => out.push_str(&self.label),
                Some('j') => out.push_str(&self.jobs.len().to_string()),
                Some('e') => out.push('\x1b'),
                Some('0') => {
                    let code: String =
                        chars.clone().take_while(|c| ('0'..='7').contains(c)).take(2).collect();
                    for _ in code.chars() {
                        chars.next();
                    }
                    out.extend(u32::from_str_radix(&code, 8).ok().and_then(char::from_u32));
                }
                // They say what does not take room on the screen; the editor does not need to know.
                Some('[' | ']') => {}
                Some('\\') => out.push('\\'),
                Some(other) => out.extend(['\\', other]),
                None => out.push('\\'),
            }
        }
        out
    }

    /// `$name`, `${name}` and `$(command)` in a prompt.
    fn expand_variables(&mut self, os: &mut Os<'_>, text: &str, log: &mut Log) -> Result<String, Halt> {
        let aliases = Default::default();
        let word = parse::Parser::new(text, 1, self.bash, &aliases).text_word(text);
        log.rewind();
        match word {
            Ok(word) => self.expand_text(os, &word, log),
            Err(_) => Ok(text.into()),
        }
    }
}
