//! `find`: by name, type, depth and emptiness; `-print -delete -exec`

use super::identity::not_started;
use super::support::complain;
use crate::shell::pattern;
use crate::{Os, Pid, Program, Step};

/// Nodes that are looked at.
const MAX_NODES: usize = 50_000;

#[derive(Clone, Debug)]
enum Test {
    Name(String, bool),
    Path(String),
    Type(char),
    Empty,
    Size(char, usize),
    Not(Box<Test>),
    Or(Vec<Vec<Test>>),
    Print,
    Print0,
    Delete,
    Exec(Vec<String>, bool),
}

/// `find`
#[derive(Clone, Default)]
pub(super) struct Find {
    /// Commands of `-exec` still to run, the next one last.
    commands: Option<Vec<Vec<String>>>,
    child: Option<Pid>,
    code: i32,
}

struct Search {
    least: usize,
    most: usize,
    left: usize,
    alternatives: Vec<Vec<Test>>,
    acts: bool,
    commands: Vec<Vec<String>>,
    together: Option<(Vec<String>, Vec<String>)>,
    code: i32,
}

fn read_tests(args: &[String], search: &mut Search) -> Result<(), String> {
    let mut all: Vec<Vec<Test>> = vec![Vec::new()];
    let mut negate = false;
    let mut at = 0;
    while at < args.len() {
        let arg = args[at].as_str();
        at += 1;
        let mut value = || -> Result<String, String> {
            at += 1;
            args.get(at - 1).cloned().ok_or_else(|| format!("missing argument to `{arg}'"))
        };
        let test = match arg {
            "-name" => Test::Name(value()?, false),
            "-iname" => Test::Name(value()?.to_lowercase(), true),
            "-path" | "-wholename" => Test::Path(value()?),
            "-type" => Test::Type(value()?.chars().next().unwrap_or(' ')),
            "-empty" => Test::Empty,
            "-size" => {
                let text = value()?;
                let sign = text.chars().next().filter(|c| "+-".contains(*c));
                let digits = text.trim_start_matches(['+', '-']);
                let (number, unit) =
                    digits.split_at(digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len()));
                let unit = match unit {
                    "c" => 1,
                    "k" => 1024,
                    "M" => 1 << 20,
                    "" | "b" => 512,
                    _ => return Err(format!("invalid -size type `{unit}'")),
                };
                let number: usize =
                    number.parse().map_err(|_| format!("invalid argument `{text}' to `-size'"))?;
                Test::Size(sign.unwrap_or('='), number * unit)
            }
            "-maxdepth" => {
                search.most = value()?.parse().map_err(|_| "invalid -maxdepth".to_string())?;
                continue;
            }
            "-mindepth" => {
                search.least = value()?.parse().map_err(|_| "invalid -mindepth".to_string())?;
                continue;
            }
            "-print" => Test::Print,
            "-print0" => Test::Print0,
            "-delete" => Test::Delete,
            "-exec" => {
                let end = args[at..]
                    .iter()
                    .position(|a| a == ";" || a == "+")
                    .ok_or("missing argument to `-exec'")?;
                let command = args[at..at + end].to_vec();
                let together = args[at + end] == "+";
                at += end + 1;
                Test::Exec(command, together)
            }
            "!" | "-not" => {
                negate = !negate;
                continue;
            }
            "-o" | "-or" => {
                all.push(Vec::new());
                continue;
            }
            "-a" | "-and" => continue,
            "(" => {
                let mut depth = 1;
                let end = args[at..].iter().position(|a| {
                    depth += match a.as_str() {
                        "(" => 1,
                        ")" => -1,
                        _ => 0,
                    };
                    depth == 0
                });
                let end = end.ok_or("invalid expression; expected to find a ')' but didn't see one.")?;
                let outer = std::mem::take(&mut search.alternatives);
                read_tests(&args[at..at + end], search)?;
                at += end + 1;
                Test::Or(std::mem::replace(&mut search.alternatives, outer))
            }
            other => return Err(format!("unknown predicate `{other}'")),
        };
        search.acts |= matches!(test, Test::Print | Test::Print0 | Test::Delete | Test::Exec(..));
        let test = if std::mem::take(&mut negate) { Test::Not(Box::new(test)) } else { test };
        if let Some(last) = all.last_mut() {
            last.push(test);
        }
    }
    search.alternatives = all;
    Ok(())
}

impl Search {
    fn holds(&mut self, os: &mut Os<'_>, test: &Test, path: &str) -> bool {
        let absolute = os.path(path);
        let Ok(stat) = os.files().stat(&absolute, false) else { return false };
        match test {
            Test::Name(wanted, fold) => {
                let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path);
                pattern::matches(wanted, &if *fold { name.to_lowercase() } else { name.to_string() })
            }
            Test::Path(wanted) => pattern::matches(wanted, path),
            Test::Type(kind) => match kind {
                'd' => stat.is_dir(),
                'f' => stat.is_file(),
                'l' => stat.is_link(),
                _ => false,
            },
            Test::Empty if stat.is_dir() => stat.entries().is_empty(),
            Test::Empty => stat.is_file() && stat.size() == 0,
            Test::Size(sign, bytes) => match sign {
                '+' => stat.size() > *bytes,
                '-' => stat.size() < *bytes,
                _ => stat.size() == *bytes,
            },
            Test::Not(test) => !self.holds(os, test, path),
            Test::Or(alternatives) => {
                alternatives.iter().any(|tests| tests.iter().all(|t| self.holds(os, t, path)))
            }
            Test::Print => {
                os.print(&format!("{path}\n"));
                true
            }
            Test::Print0 => {
                os.print(&format!("{path}\0"));
                true
            }
            Test::Delete => {
                let dir = stat.is_dir();
                let done = os.change(&absolute).and_then(|f| f.remove(&absolute, dir));
                if let Err(error) = &done {
                    complain(os, &format!("cannot delete ‘{path}’: {error}"));
                    self.code = 1;
                }
                done.is_ok()
            }
            Test::Exec(command, true) => {
                self.together.get_or_insert_with(|| (command.clone(), Vec::new())).1.push(path.into());
                true
            }
            Test::Exec(command, false) => {
                self.commands.push(command.iter().map(|a| a.replace("{}", path)).collect());
                true
            }
        }
    }

    fn walk(&mut self, os: &mut Os<'_>, path: &str, depth: usize) {
        let Some(left) = self.left.checked_sub(1) else { return };
        self.left = left;
        let deletes = self.alternatives.iter().flatten().any(|t| matches!(t, Test::Delete));
        if !deletes {
            self.visit(os, path, depth);
        }
        let stat = os.files().stat(&os.path(path), false);
        if depth < self.most && stat.as_ref().is_ok_and(|s| s.is_dir()) {
            for (name, _) in stat.map(|s| s.entries()).unwrap_or_default() {
                self.walk(os, &format!("{}/{name}", path.trim_end_matches('/')), depth + 1);
            }
        }
        if deletes {
            self.visit(os, path, depth);
        }
    }

    fn visit(&mut self, os: &mut Os<'_>, path: &str, depth: usize) {
        if depth < self.least {
            return;
        }
        let alternatives = self.alternatives.clone();
        let found = alternatives.iter().any(|tests| tests.iter().all(|t| self.holds(os, t, path)));
        if found && !self.acts {
            os.print(&format!("{path}\n"));
        }
    }
}

impl Find {
    fn search(&mut self, os: &mut Os<'_>) -> Result<(), i32> {
        let args = os.argv()[1..].to_vec();
        let end = args.iter().position(|a| a.starts_with('-') || a == "!" || a == "(").unwrap_or(args.len());
        let mut roots = args[..end].to_vec();
        if roots.is_empty() {
            roots.push(".".into());
        }
        let mut search = Search {
            least: 0,
            most: usize::MAX,
            left: MAX_NODES,
            alternatives: Vec::new(),
            acts: false,
            commands: Vec::new(),
            together: None,
            code: 0,
        };
        if let Err(text) = read_tests(&args[end..], &mut search) {
            complain(os, &text);
            return Err(1);
        }
        for root in roots {
            if let Err(error) = os.files().stat(&os.path(&root), false) {
                complain(os, &format!("‘{root}’: {error}"));
                search.code = 1;
                continue;
            }
            search.walk(os, &root, 0);
        }
        if let Some((command, paths)) = search.together.take() {
            let put = command.iter().filter(|a| *a != "{}").cloned().chain(paths).collect();
            search.commands.push(put);
        }
        search.commands.reverse();
        (self.commands, self.code) = (Some(search.commands), search.code);
        Ok(())
    }
}

impl Program for Find {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        let Some(commands) = &mut self.commands else {
            return match self.search(os) {
                Ok(()) => Step::Yield,
                Err(code) => Step::Exit(code),
            };
        };
        if let Some(child) = self.child {
            if os.wait(child).is_none() {
                return Step::Wait(None);
            }
            self.child = None;
        }
        let Some(command) = commands.pop() else { return Step::Exit(self.code) };
        match os.spawn(&command, &[]) {
            Ok(child) => {
                self.child = Some(child);
                Step::Wait(None)
            }
            Err(error) => Step::Exit(not_started(os, "find", &command[0], &error)),
        }
    }
}
