//! A simulated cluster with terminals into which commands are typed, one after another, as a reader would.

use super::options::Place;
use super::samples::{Samples, Web};
use crate::run::{AFTER, GRAIN, KILL_AFTER, REQUEST, START};
use cluster::{Cluster, Config, Handle};
use shell::{Laptop, SessionId, World};
use sim::{Duration, Time};
use std::rc::Rc;
use userland::Tty;

/// The home of the reader's laptop, where commands begin.
pub(crate) const HOME: &str = "/home/learner";
/// The terminal: wide enough for `-o wide`.
const SIZE: Tty = Tty { columns: 160, rows: 50 };
/// What prompts are replaced by, so that the end of a command can be told from its output: the code of the last command
/// stands in it. And what asks for the rest of a command.
const PROMPT: &str = "\u{1}kubarium $?\u{2}";
const PROMPT_BEGIN: &str = "\u{1}kubarium ";
const PROMPT_END: char = '\u{2}';
const MORE: &str = "\u{1}more\u{2}";
/// The most that a command may print, in bytes.
const MAX_OUTPUT: usize = 1 << 20;
/// How long a shell on a node or in a pod may take to come up, and how long it must be silent before it is there.
const ARRIVE: Duration = Duration::from_secs(30);
const SILENCE: Duration = Duration::from_millis(500);
/// What kubectl says where a prompt may have come before anybody looked.
const ENTER: &str = "try pressing enter.\r\n";
/// How long a busy machine wants to be left alone.
const BUSY: Duration = Duration::from_millis(20);
/// The most steps of a busy machine that one command may take, whatever its time: five minutes of virtual time, which
/// are seconds of real time.
const MAX_BUSY: usize = 15_000;
/// How long a command of the background may print before the page goes on.
const SETTLE: Duration = Duration::from_secs(2);

/// What a command printed, and how it ended.
#[derive(Debug, Default)]
pub(crate) struct Ran {
    pub(crate) output: String,
    pub(crate) end: End,
    /// Its terminal had to be closed: variables and the working folder are gone.
    pub(crate) closed: bool,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum End {
    /// By itself, with this code.
    Code(i32),
    /// It was still running when its time was over.
    Late,
    /// It printed more than may be.
    Flood,
    /// The shell still waits for the rest of it.
    Open,
    /// It opened a shell elsewhere, in which the next commands are typed.
    Inside,
    /// It goes on in the background, or Ctrl-C was wanted.
    #[default]
    Wanted,
}

/// What a command may take.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Limit {
    /// It must end within this time.
    Within(Duration),
    /// Ctrl-C comes after this time, and is right.
    Interrupt(Duration),
}

/// A cluster, a laptop, and terminals on it.
pub(crate) struct Desk {
    handle: Handle,
    laptop: Laptop,
    web: Rc<Web>,
    session: SessionId,
    /// Terminals whose commands go on.
    background: Vec<SessionId>,
}

impl Desk {
    /// `minikube start` has just ended and the prompt is there.
    pub(crate) fn new(config: &Config, samples: Rc<Samples>) -> Result<Desk, String> {
        let handle = Handle::new(Cluster::new(config.clone())).with_latency(REQUEST);
        let shared = Rc::new(handle.clone());
        let web = Rc::new(Web::new(shared.clone(), samples));
        let world = World {
            transport: shared.clone(),
            clock: shared.clone(),
            network: web.clone(),
            driver: shared,
            start_delay: START,
        };
        let mut laptop = Laptop::new(world, config.seed);
        let session = open(&mut laptop)?;
        let mut desk = Desk { handle, laptop, web, session, background: Vec::new() };
        desk.settle(ARRIVE);
        Ok(desk)
    }

    /// Addresses of examples that were asked for and are not there, since the last call.
    pub(crate) fn take_missing(&self) -> Vec<String> {
        self.web.take_missing()
    }

    /// Virtual time.
    pub(crate) fn now(&self) -> Time {
        self.handle.0.borrow().now()
    }

    /// Lets virtual time pass.
    pub(crate) fn advance(&mut self, by: Duration) {
        self.handle.0.borrow_mut().advance(by);
        self.laptop.poll();
    }

    /// Puts a file into the home, if nothing is there.
    pub(crate) fn put(&mut self, name: &str, content: Vec<u8>) {
        let path = format!("{HOME}/{name}");
        self.laptop.with_files(|files| {
            if !files.exists(&path) {
                files.put(&path, content);
                own(files, name);
            }
        });
    }

    /// Opens a shell on a node or in a pod, to type into until [`Desk::leave`]. An error is what it printed instead.
    pub(crate) fn enter(&mut self, place: &Place) -> Result<(), String> {
        let command = match place {
            Place::Node(None) => "minikube ssh".to_string(),
            Place::Node(Some(name)) => format!("minikube ssh -n {name}"),
            Place::Pod(name) => format!("kubectl exec -it {name} -- sh"),
        };
        self.type_line(&command);
        match self.wait(Limit::Within(ARRIVE), true) {
            (_, End::Inside) => Ok(()),
            (text, End::Code(code)) => {
                Err(format!("`{command}` ended with code {code}: {}", clean(&text).trim()))
            }
            (text, _) => Err(format!("`{command}` opened no shell: {}", clean(&text).trim())),
        }
    }

    /// Back to the laptop.
    pub(crate) fn leave(&mut self) {
        self.type_line("exit");
        self.settle(ARRIVE);
    }

    /// Types a command and waits for its end.
    pub(crate) fn run(&mut self, command: &str, limit: Limit) -> Ran {
        let (mut ran, session) = (Ran::default(), self.session);
        for line in command.lines() {
            self.type_line(line);
            let (text, end) = self.wait(limit, opens_shell(command));
            ran = Ran { output: ran.output + &clean(&text), end, closed: self.session != session };
            if !matches!(end, End::Code(_) | End::Open) || ran.closed {
                break;
            }
        }
        if ran.end == End::Open {
            self.interrupt();
        }
        self.advance(AFTER);
        ran
    }

    /// Types a command into a new terminal and lets it go on there. It may end, too.
    pub(crate) fn start(&mut self, command: &str) -> Result<Ran, String> {
        let other = open(&mut self.laptop)?;
        let home = std::mem::replace(&mut self.session, other);
        self.settle(ARRIVE);
        for line in command.lines() {
            self.type_line(line);
        }
        let said = self.settle(SETTLE);
        self.session = home;
        self.background.push(other);
        let said = after_echo(&said);
        Ok(match ended(said) {
            Some((text, code)) => Ran { output: clean(text), end: End::Code(code), closed: false },
            None => Ran { output: clean(said), end: End::Wanted, closed: false },
        })
    }

    /// As a paste, so that a tab is a tab.
    fn type_line(&mut self, line: &str) {
        let keys = format!("\x1b[200~{line}\x1b[201~\r");
        self.laptop.input(self.session, keys.as_bytes());
    }

    /// What was printed since the last look.
    fn look(&mut self, said: &mut String) {
        self.laptop.poll();
        for (_, bytes) in self.laptop.take_output(self.session) {
            said.push_str(&String::from_utf8_lossy(&bytes));
        }
    }

    /// Waits until nothing has been printed for a moment.
    fn settle(&mut self, limit: Duration) -> String {
        let (mut said, mut quiet, mut passed) = (String::new(), Duration::ZERO, Duration::ZERO);
        while quiet < SILENCE && passed < limit {
            let before = said.len();
            self.look(&mut said);
            quiet = if said.len() == before && !said.is_empty() { quiet + GRAIN } else { Duration::ZERO };
            passed += GRAIN;
            self.handle.0.borrow_mut().advance(GRAIN);
        }
        said
    }

    /// Waits for the next prompt; gives what stands between the line that was typed and the prompt. With `shell`, the
    /// prompt may be that of a shell elsewhere, which then gets ours.
    fn wait(&mut self, limit: Limit, shell: bool) -> (String, End) {
        let (Limit::Within(longest) | Limit::Interrupt(longest)) = limit;
        let (mut said, mut passed, mut quiet) = (String::new(), Duration::ZERO, Duration::ZERO);
        let mut busy = 0;
        loop {
            let before = said.len();
            self.look(&mut said);
            quiet = if said.len() == before { quiet + GRAIN } else { Duration::ZERO };
            // Looked for only when something new has come, as it may be much.
            let text = after_echo(&said);
            if shell && quiet == SILENCE && text.ends_with(ENTER) {
                self.laptop.input(self.session, b"\r");
            }
            if shell && quiet == SILENCE && looks_like_prompt(text) {
                let text = text.rsplit_once('\n').map_or(String::new(), |(text, _)| format!("{text}\n"));
                // No shell expands these itself in the same way.
                self.type_line(&format!("PS1=$(printf '{}') PS2=$(printf '{}')", octal(PROMPT), octal(MORE)));
                return match self.wait(Limit::Within(ARRIVE), false).1 {
                    End::Code(_) => (text, End::Inside),
                    end => (text, end),
                };
            }
            if said.len() != before {
                if let Some((text, code)) = ended(text) {
                    return (text.into(), End::Code(code));
                }
                if let Some((text, _)) = text.split_once(MORE) {
                    return (text.into(), End::Open);
                }
            }
            if let Some(status) = self.laptop.status(self.session) {
                let text = text.to_string();
                self.renew();
                return (text, End::Code(status.code()));
            }
            if said.len() > MAX_OUTPUT {
                self.interrupt();
                return (String::new(), End::Flood);
            }
            if passed >= longest || busy > MAX_BUSY {
                let text = text.to_string();
                self.interrupt();
                let wanted = matches!(limit, Limit::Interrupt(_));
                return (text, if wanted { End::Wanted } else { End::Late });
            }
            let step = self.step();
            busy += usize::from(step > GRAIN);
            passed += step;
            self.handle.0.borrow_mut().advance(step);
        }
    }

    /// The next step of virtual time: a busy machine does not want to be looked at sooner than it says.
    fn step(&self) -> Duration {
        let wake = self.laptop.wake().map_or(Duration::ZERO, |at| at.since(self.now()));
        if wake <= BUSY { wake.max(GRAIN) } else { GRAIN }
    }

    /// Ctrl-C; a program that does not mind it loses its terminal.
    fn interrupt(&mut self) {
        self.laptop.input(self.session, b"\x03");
        let (mut said, mut passed) = (String::new(), Duration::ZERO);
        while passed < KILL_AFTER {
            said.clear();
            self.look(&mut said);
            if ended(&said).is_some() {
                return;
            }
            passed += GRAIN;
            self.handle.0.borrow_mut().advance(GRAIN);
        }
        self.renew();
    }

    /// A new terminal instead of one that has ended or hangs.
    fn renew(&mut self) {
        self.laptop.close(self.session);
        // There was a terminal just now, so there is room for one.
        if let Ok(session) = open(&mut self.laptop) {
            self.session = session;
            self.settle(ARRIVE);
        }
    }
}

/// A terminal whose shell shows our prompts.
fn open(laptop: &mut Laptop) -> Result<SessionId, String> {
    let profile = format!("{HOME}/.bashrc");
    let text = format!("PS1='{PROMPT}' PS2='{MORE}'; rm -f ~/.bashrc\n");
    laptop.with_files(|files| {
        files.put(&profile, text);
        own(files, ".bashrc");
    });
    laptop.open_session(SIZE).ok_or_else(|| "there is no room for another terminal".to_string())
}

/// Whether a command opens a shell elsewhere for somebody to type into, or a program that is given input.
fn opens_shell(command: &str) -> bool {
    let words: Vec<&str> = command.split_whitespace().collect();
    let typed = ["-it", "-ti", "-i", "--stdin", "attach"];
    words.starts_with(&["minikube", "ssh"])
        || words.first() == Some(&"kubectl") && words.iter().any(|word| typed.contains(word))
}

/// Whether output ends as shells do that wait for a command: `/ # `, `root@web-0:/# `, `docker@minikube:~$ `.
fn looks_like_prompt(text: &str) -> bool {
    let text = clean(text);
    let last = text.rsplit('\n').next().unwrap_or("");
    last.ends_with("# ") || last.ends_with("$ ")
}

/// Control characters as `printf` reads them.
fn octal(text: &str) -> String {
    text.replace('\u{1}', "\\001").replace('\u{2}', "\\002")
}

/// What is in the home belongs to its owner, with the folders on the way.
fn own(files: &mut userland::Files, name: &str) {
    let ends = name.match_indices('/').map(|(at, _)| at).chain([name.len()]);
    for end in ends {
        // It was put there just now.
        let _ = files.set_owner(&format!("{HOME}/{}", &name[..end]), 1000, 1000);
    }
}

/// What stands behind the line that was typed, which the terminal shows again.
fn after_echo(said: &str) -> &str {
    said.split_once("\r\n").map_or("", |(_, rest)| rest)
}

/// The text before the next prompt, and the code in it.
fn ended(text: &str) -> Option<(&str, i32)> {
    let (before, rest) = text.split_once(PROMPT_BEGIN)?;
    let (code, _) = rest.split_once(PROMPT_END)?;
    Some((before, code.parse().ok()?))
}

/// Text as a person would have seen it: without escape sequences, and of a line that was written over, the last.
fn clean(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        let end = match after.strip_prefix('[') {
            Some(sequence) => sequence.find(|c: char| ('@'..='~').contains(&c)).map(|at| at + 2),
            None => after.chars().next().map(char::len_utf8),
        };
        rest = &after[end.unwrap_or(after.len())..];
    }
    plain.push_str(rest);
    let line = |line: &str| {
        let body = line.trim_end_matches(['\r', '\n']);
        let end = if line.ends_with('\n') { "\n" } else { "" };
        body.rsplit('\r').next().unwrap_or("").to_string() + end
    };
    plain.split_inclusive('\n').map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desk() -> Desk {
        Desk::new(&Config::default(), Rc::default()).unwrap()
    }

    fn run(desk: &mut Desk, command: &str) -> (String, End) {
        let ran = desk.run(command, Limit::Within(Duration::from_secs(5)));
        (ran.output, ran.end)
    }

    #[test]
    fn commands_share_a_shell_and_end_with_a_code() {
        let mut desk = desk();
        assert_eq!(run(&mut desk, "x='a\tb'"), ("".into(), End::Code(0)));
        assert_eq!(run(&mut desk, "echo \"$x\"; false"), ("a\tb\n".into(), End::Code(1)));
        assert_eq!(run(&mut desk, "cat <<E\none\n  two\nE"), ("one\n  two\n".into(), End::Code(0)));
        assert_eq!(run(&mut desk, "printf abc"), ("abc".into(), End::Code(0)));
        assert_eq!(run(&mut desk, "nosuch"), ("bash: nosuch: command not found\n".into(), End::Code(127)));
        assert_eq!(run(&mut desk, "ls -a ~ | grep bashrc"), ("".into(), End::Code(1)));
    }

    #[test]
    fn what_does_not_end_is_ended_and_the_shell_lives_on() {
        let mut desk = desk();
        run(&mut desk, "x=1");
        assert_eq!(run(&mut desk, "cat").1, End::Late);
        assert_eq!(run(&mut desk, "while :; do :; done").1, End::Late);
        assert_eq!(run(&mut desk, "yes").1, End::Flood);
        assert_eq!(run(&mut desk, "echo $x"), ("1\n".into(), End::Code(0)));
        assert_eq!(run(&mut desk, "echo 'x"), ("".into(), End::Open));
        assert_eq!(run(&mut desk, "exit 3").1, End::Code(3));
        assert_eq!(run(&mut desk, "echo new"), ("new\n".into(), End::Code(0)));
    }

    #[test]
    fn commands_run_on_nodes_too() {
        let mut desk = desk();
        desk.enter(&Place::Node(Some("minikube-m02".into()))).unwrap();
        assert_eq!(run(&mut desk, "hostname"), ("minikube-m02\n".into(), End::Code(0)));
        desk.leave();
        assert_eq!(run(&mut desk, "hostname"), ("laptop\n".into(), End::Code(0)));
        assert!(desk.enter(&Place::Pod("pod/none".into())).unwrap_err().contains("NotFound"));
        assert_eq!(run(&mut desk, "minikube ssh"), ("".into(), End::Inside));
        assert_eq!(run(&mut desk, "hostname; false"), ("minikube\n".into(), End::Code(1)));
        run(&mut desk, "exit");
        assert_eq!(run(&mut desk, "hostname"), ("laptop\n".into(), End::Code(0)));
    }

    #[test]
    fn a_line_that_was_written_over_counts_once() {
        assert_eq!(clean("\x1b[1mbold\x1b[0m\r\n10%\r99%\r100%\r\n"), "bold\n100%\n");
    }
}
