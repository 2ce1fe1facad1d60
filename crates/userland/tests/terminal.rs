//! The line editor, as a terminal shows it: keys in, a screen out.

use sim::net::{Error, Request, RequestId, Response};
use sim::{Duration, Time};
use userland::{Command, Files, Kernel, Machine, Pid, Tty};

struct Plain(Time);

impl Kernel for Plain {
    fn now(&self) -> Time {
        self.0
    }
    fn random(&mut self) -> u64 {
        4
    }
    fn send(&mut self, _: Request) -> RequestId {
        RequestId(0)
    }
    fn poll(&mut self, _: RequestId) -> Option<Result<Response, Error>> {
        Some(Err(Error::NoRoute))
    }
    fn answer(&mut self, _: RequestId, _: Result<Response, Error>) {}
    fn external(&mut self, _: Pid, _: &Command) -> bool {
        true
    }
}

/// A session: a shell and what its terminal shows.
struct Session {
    machine: Machine,
    kernel: Plain,
    pid: Pid,
    lines: Vec<Vec<char>>,
    row: usize,
    column: usize,
}

impl Session {
    fn new() -> Session {
        let mut files = Files::new();
        userland::programs::install_all(&mut files);
        files.put("/etc/passwd", "root:x:0:0:root:/home:/bin/bash\n");
        files.put("/home/notes.txt", "note\n");
        files.make_dirs("/home/manifests");
        files.install_external("/usr/bin/kubectl");
        let mut machine = Machine::new("laptop", files);
        machine.boot(100);
        let command = Command {
            argv: vec!["bash".into()],
            env: [("HOME", "/home"), ("PS1", "\\w $ ")].map(|(n, v)| (n.to_string(), v.to_string())).into(),
            cwd: "/home".into(),
            tty: Some(Tty { columns: 80, rows: 24 }),
            stdin: true,
            ..Default::default()
        };
        let pid = machine.spawn(command).unwrap();
        let kernel = Plain(Time::from_secs(1_000));
        let mut session = Session { machine, kernel, pid, lines: vec![Vec::new()], row: 0, column: 0 };
        session.run();
        session
    }

    fn run(&mut self) {
        for _ in 0..200 {
            self.machine.run(&mut self.kernel);
            let output = self.machine.take_output(self.pid);
            for (_, bytes) in &output {
                self.show(&String::from_utf8_lossy(bytes));
            }
            match self.machine.wake() {
                Some(at) if at <= self.kernel.0 => {}
                Some(at) if at < self.kernel.0 + Duration::from_millis(50) => self.kernel.0 = at,
                _ if output.is_empty() => return,
                _ => {}
            }
        }
    }

    fn keys(&mut self, keys: &str) -> &mut Session {
        self.machine.write_stdin(self.pid, keys.as_bytes());
        self.run();
        self
    }

    /// The little of a terminal that the editor uses.
    fn show(&mut self, text: &str) {
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '\r' => self.column = 0,
                '\n' => {
                    self.row += 1;
                    self.lines.push(Vec::new());
                }
                '\x1b' => {
                    assert_eq!(chars.next(), Some('['));
                    let mut number = String::new();
                    let kind = loop {
                        match chars.next().unwrap() {
                            c if c.is_ascii_digit() || c == ';' || c == '?' => number.push(c),
                            c => break c,
                        }
                    };
                    match kind {
                        'K' => self.lines[self.row].truncate(self.column),
                        'D' => self.column = self.column.saturating_sub(number.parse().unwrap()),
                        _ => {}
                    }
                }
                '\x08' => self.column -= 1,
                c => {
                    // Chinese characters take two columns; the second is empty.
                    let wide = usize::from(c > '\u{2e80}');
                    let line = &mut self.lines[self.row];
                    line.resize(line.len().max(self.column + 1 + wide), ' ');
                    line[self.column] = c;
                    line[self.column + wide] = if wide > 0 { '\0' } else { c };
                    self.column += 1 + wide;
                }
            }
        }
    }

    fn line(&self) -> String {
        self.lines[self.row].iter().filter(|c| **c != '\0').collect::<String>().trim_end().into()
    }

    fn screen(&self) -> Vec<String> {
        self.lines.iter().map(|l| l.iter().collect::<String>().trim_end().to_string()).collect()
    }
}

#[test]
fn editing_keys() {
    let mut s = Session::new();
    assert_eq!(s.line(), "~ $");
    for (keys, expected) in [
        ("echo one", "~ $ echo one"),
        ("\x01X", "~ $ Xecho one"),
        ("\x05!\x1b[D\x1b[D?", "~ $ Xecho on?e!"),
        ("\x15", "~ $ e!"),
        ("\x19", "~ $ Xecho on?e!"),
        ("\x05\x17", "~ $ Xecho"),
        ("\x7f\x7f", "~ $ Xech"),
        ("\x01\x04", "~ $ ech"),
        ("\x0b", "~ $"),
        ("ab\x14", "~ $ ba"),
        ("\x15one two three\x1bb\x1bb\x1bd", "~ $ one  three"),
        ("\x01\x1b[1;5C-", "~ $ one-  three"),
        ("\x15\x0b你好\x1b[D們", "~ $ 你們好"),
    ] {
        s.keys(keys);
        assert_eq!(s.line(), expected, "after {keys:?}");
    }
}

#[test]
fn history_search_and_interrupt() {
    let mut s = Session::new();
    s.keys("echo first\recho second\r");
    assert_eq!(s.screen(), ["~ $ echo first", "first", "~ $ echo second", "second", "~ $"]);
    s.keys("\x1b[A\x1b[A");
    assert_eq!(s.line(), "~ $ echo first");
    s.keys("\x1b[B\x1b[B");
    assert_eq!(s.line(), "~ $");
    s.keys("\x12fir");
    assert_eq!(s.line(), "(reverse-i-search)`fir': echo first");
    s.keys("\r");
    assert_eq!(s.screen()[s.row - 1], "first");
    s.keys("printf half\r");
    assert_eq!(s.line(), "half~ $");
    s.keys("ab\x15echo\r");
    s.keys("typed\x03");
    assert_eq!((s.screen()[s.row - 1].as_str(), s.line().as_str()), ("~ $ typed^C", "~ $"));
    s.keys("sleep 1000; echo no\r").keys("\x03");
    assert_eq!(s.line(), "~ $");
    s.keys("echo $?\r");
    assert_eq!(s.screen()[s.row - 1], "130");
    s.keys("while true; do :; done\r");
    s.keys("\x03");
    assert_eq!(s.line(), "~ $");
    s.keys("cat\r").keys("line\r\x04");
    assert!(s.screen().ends_with(&["line".into(), "line".into(), "~ $".into()]));
    s.keys("\x04");
    assert_eq!(s.machine.status(s.pid).unwrap().code(), 0);
}

#[test]
fn pastes_and_unfinished_commands() {
    let mut s = Session::new();
    s.keys("\x1b[200~echo one\necho two\x1b[201~");
    assert_eq!(s.screen(), ["~ $ echo one", "one", "~ $ echo two"]);
    s.keys("\recho 'a\rb'\rcat <<E\rx\rE\r");
    assert_eq!(
        s.screen()[3..],
        ["two", "~ $ echo 'a", "> b'", "a", "b", "~ $ cat <<E", "> x", "> E", "x", "~ $"].map(String::from)[..]
    );
    s.keys("for i in 1 2\rdo echo $i; done\r");
    assert!(s.screen().ends_with(&["> do echo $i; done".into(), "1".into(), "2".into(), "~ $".into()]));
    s.keys("echo a \\\r  b # \\\r");
    assert!(s.screen().ends_with(&["~ $ echo a \\".into(), ">   b # \\".into(), "a b".into(), "~ $".into()]));
    s.keys("echo )\recho \"open\r\x04");
    assert!(s.screen().contains(&"bash: syntax error near unexpected token `)'".into()));
    let last = "> bash: unexpected EOF while looking for matching `\"'";
    assert!(s.screen().contains(&last.into()), "{:?}", s.screen());
}

#[test]
fn tab_completes_and_lists() {
    let mut s = Session::new();
    s.keys("cat no\t");
    assert_eq!(s.line(), "~ $ cat notes.txt");
    s.keys("\x15kube\t");
    assert_eq!(s.line(), "~ $ kubectl");
    s.keys("\x15cd m\t");
    assert_eq!(s.line(), "~ $ cd manifests/");
    s.keys("\x15readl\t");
    assert_eq!(s.line(), "~ $ readlink");
    // What the host knows comes later.
    s.keys("\x15kubectl get po\t");
    let asked = s.machine.take_completions();
    assert_eq!(asked[0].words, ["kubectl", "get", "po"]);
    s.machine.complete(asked[0].pid, vec!["pods".into(), "podtemplates".into()]);
    s.run();
    assert_eq!(s.line(), "~ $ kubectl get pod");
    s.keys("\t\t");
    let asked = s.machine.take_completions();
    s.machine.complete(asked[0].pid, vec!["pods".into(), "podtemplates".into()]);
    s.run();
    let asked = s.machine.take_completions();
    s.machine.complete(asked[0].pid, vec!["pods".into(), "podtemplates".into()]);
    s.run();
    assert!(s.screen().contains(&"pods          podtemplates".into()), "{:?}", s.screen());
}

#[test]
fn many_candidates_are_shown_only_if_wanted() {
    let shown = |s: &Session| s.screen().iter().any(|line| line.contains("readlink"));
    let mut s = Session::new();
    s.keys("\t\t");
    let question = s.line();
    assert!(
        question.starts_with("Display all 1") && question.ends_with(" possibilities? (y or n)"),
        "{question}"
    );
    s.keys("xn");
    assert!(s.line() == "~ $" && !shown(&s), "{:?}", s.screen());
    s.keys("\t\t\x05\x15echo a");
    assert!(s.line() == "~ $ echo a" && !shown(&s), "{:?}", s.screen());
    s.keys("\x15\t\ty");
    assert!(s.line() == "~ $" && shown(&s), "{:?}", s.screen());
}

#[test]
fn jobs_in_the_background() {
    let mut s = Session::new();
    s.keys("sleep 10 &\rjobs\r");
    assert!(s.screen().contains(&"[1] 101".into()), "{:?}", s.screen());
    assert!(s.screen().contains(&"[1]+  Running                 sleep 10 &".into()), "{:?}", s.screen());
    s.kernel.0 += Duration::from_secs(11);
    s.run();
    s.keys("\r");
    assert!(s.screen().contains(&"[1]+  Done                    sleep 10".into()), "{:?}", s.screen());
    s.keys("sleep 100\r").keys("\x1a");
    assert!(s.screen().contains(&"[1]+  Stopped                 sleep 100".into()), "{:?}", s.screen());
    s.keys("fg\r").keys("\x03");
    assert_eq!(s.line(), "~ $");
    s.keys("kill %1\r");
    assert!(s.screen().contains(&"bash: kill: %1: no such job".into()), "{:?}", s.screen());
}

#[test]
fn long_and_strange_input_is_survived() {
    let mut s = Session::new();
    let long = "x".repeat(1 << 20);
    for chunk in long.as_bytes().chunks(64 << 10) {
        s.machine.write_stdin(s.pid, chunk);
        s.machine.run(&mut s.kernel);
        s.machine.take_output(s.pid);
    }
    s.run();
    s.keys("\x15");
    assert_eq!(s.line(), "~ $");
    let binary: Vec<u8> = (0..=255u8).filter(|b| !matches!(b, 3 | 4 | 10 | 13 | 26 | 28)).collect();
    s.machine.write_stdin(s.pid, &binary);
    s.run();
    s.keys("\x03").keys("\x07\x15echo fine\r");
    assert!(s.screen().contains(&"fine".into()));
    s.keys(":(){ :|:& };:\r");
    for _ in 0..20 {
        s.kernel.0 += Duration::from_secs(1);
        s.run();
    }
    s.keys("\x03").keys("\x03").keys("echo alive\r");
    assert!(s.screen().contains(&"alive".into()));
}

#[test]
fn interrupting_a_long_paste_drops_what_has_not_run() {
    let mut s = Session::new();
    let paste = format!("\x1b[200~{}\x1b[201~", "true\r".repeat(5_000));
    s.machine.write_stdin(s.pid, paste.as_bytes());
    s.machine.run(&mut s.kernel);
    s.keys("\x03").keys("echo alive\r");
    assert!(s.lines.len() < 2_500, "{} lines were run", s.lines.len());
    assert!(s.screen().iter().any(|line| line == "alive"));
}

#[test]
fn a_prompt_may_run_commands_and_leaves_the_status_alone() {
    let mut s = Session::new();
    s.keys("n=1; PS1='$(echo a; sleep 0.01; echo $n)$? $(false)> '\r");
    assert_eq!((s.screen()[s.row - 1].as_str(), s.line().as_str()), ("a", "10 >"));
    s.keys("n=7; false\r");
    assert_eq!(s.line(), "71 >");
    s.keys("(exit 3)\r").keys("echo $?\r");
    assert_eq!(s.screen()[s.row - 2], "3");
    s.keys("PS1='$(yes)$ '\r");
    s.keys("\x03").keys("echo still here\r");
    assert!(s.screen().iter().any(|l| l == "still here"), "{:?}", s.screen());
}

#[test]
fn sudo_is_root_and_any_other_user() {
    let mut s = Session::new();
    s.keys(
        "sudo -u nobody true; echo $?; sudo FOO=bar sh -c 'echo $FOO $(id -u) $HOME'; sudo; sudo -i pwd\r",
    );
    let screen = s.screen();
    for line in ["sudo: unknown user nobody", "1", "bar 0 /root"] {
        assert!(screen.iter().any(|l| l == line), "{line}: {screen:?}");
    }
    assert!(screen.iter().any(|l| l.starts_with("usage: sudo ")), "{screen:?}");
}

#[test]
fn an_output_can_be_read_like_a_file() {
    let mut s = Session::new();
    s.keys("diff <(echo a; echo b) <(echo a; echo c); while read n rest; do echo got $n; done < <(echo x y; echo z)\r");
    let screen = s.screen();
    for line in ["2c2", "< b", "> c", "got x", "got z"] {
        assert!(screen.iter().any(|l| l == line), "{line}: {screen:?}");
    }
    s.keys("(sleep 0.02; echo late > /tmp/l) & tail -F /tmp/l\r");
    s.kernel.0 += Duration::from_secs(3);
    s.run();
    assert!(s.screen().iter().any(|l| l == "late"), "{:?}", s.screen());
}
