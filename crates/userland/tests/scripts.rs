//! Scripts and what the real bash made of them: `scripts/NAME.sh` with `NAME.out`, recorded by `scripts/record.sh`.

use sim::net::{Error, Request, RequestId, Response};
use sim::{Duration, Order, Time};
use std::path::Path;
use userland::{Command, Files, Kernel, Machine, Pid, Stream};

/// A kernel with a clock and no network.
struct Plain {
    now: Time,
    random: sim::Rng,
}

impl Kernel for Plain {
    fn now(&self) -> Time {
        self.now
    }
    fn random(&mut self) -> u64 {
        self.random.next_u64()
    }
    fn send(&mut self, _: Request) -> RequestId {
        RequestId(0)
    }
    fn poll(&mut self, _: RequestId) -> Option<Result<Response, Error>> {
        Some(Err(Error::NoRoute))
    }
    fn answer(&mut self, _: RequestId, _: Result<Response, Error>) {}
    fn external(&mut self, _: Pid, _: &Command) -> bool {
        false
    }
}

fn machine() -> Machine {
    let mut files = Files::new();
    files.put("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n");
    files.put("/etc/group", "root:x:0:\n");
    files.make_dirs("/scripts");
    userland::programs::install_all(&mut files);
    let mut machine = Machine::new("laptop", files);
    machine.boot(1000);
    machine
}

fn command(argv: &[&str]) -> Command {
    Command {
        argv: argv.iter().map(|a| a.to_string()).collect(),
        env: [("HOME", "/scripts"), ("LANG", "C.UTF-8")].map(|(n, v)| (n.to_string(), v.to_string())).into(),
        cwd: "/scripts".into(),
        ..Default::default()
    }
}

/// Runs a process to its end: standard output, standard error, exit code.
fn finish(machine: &mut Machine, pid: Pid, kernel: &mut Plain) -> (String, String, i32) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    for _ in 0..20_000 {
        machine.run(kernel);
        for (stream, bytes) in machine.take_output(pid) {
            if stream == Stream::Stdout { out.extend(bytes) } else { err.extend(bytes) }
        }
        if let Some(status) = machine.status(pid) {
            let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
            return (text(out), text(err), status.code());
        }
        match machine.wake() {
            Some(at) => kernel.now = at.max(kernel.now),
            None => kernel.now += Duration::from_millis(100),
        }
    }
    panic!("did not end; so far: {}{}", String::from_utf8_lossy(&out), String::from_utf8_lossy(&err));
}

fn kernel() -> Plain {
    Plain { now: Time::from_secs(1_700_000_000), random: sim::Rng::new(1) }
}

/// All in one text, as `record.sh` writes it.
fn run_script(name: &str, source: &str) -> String {
    let mut machine = machine();
    machine.files.put(&format!("/scripts/{name}"), source);
    let pid = machine.spawn(command(&["bash", name])).unwrap();
    let (out, err, code) = finish(&mut machine, pid, &mut kernel());
    format!("{out}--- stderr\n{err}--- exit {code}\n")
}

#[test]
fn scripts_do_what_bash_does() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let mut names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    names.order();
    let only = std::env::var("ONLY").unwrap_or_default();
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in names.iter().filter(|p| p.extension().is_some_and(|e| e == "sh")) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let Ok(expected) = std::fs::read_to_string(path.with_extension("out")) else { continue };
        if !name.contains(&only) {
            continue;
        }
        count += 1;
        let got = run_script(name, &std::fs::read_to_string(path).unwrap());
        if got != expected {
            wrong.push(name.to_string());
            let ours = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name).with_extension("out");
            std::fs::write(&ours, got).unwrap();
            println!("diff {} {}", path.with_extension("out").display(), ours.display());
        }
    }
    assert!(count > 0, "no script was run");
    assert!(wrong.is_empty(), "{} of {count} differ from bash: {wrong:?}", wrong.len());
}

#[test]
fn a_clone_in_the_middle_goes_on_by_itself() {
    let script = "touch /tmp/healthy; echo one; sleep 30; rm -f /tmp/healthy; x=$(sleep 5; echo two); echo $x; sleep 600";
    let mut first = machine();
    let mut kernel = kernel();
    let pid = first.spawn(command(&["sh", "-c", script])).unwrap();
    first.run(&mut kernel);
    assert!(first.files.exists("/tmp/healthy"));
    assert_eq!(first.wake(), Some(kernel.now + Duration::from_secs(30)));
    let mut second = first.clone();
    kernel.now += Duration::from_secs(30);
    first.run(&mut kernel);
    assert!(!first.files.exists("/tmp/healthy"));
    assert!(second.files.exists("/tmp/healthy"));
    // In the middle of a command substitution.
    let mut third = first.clone();
    for machine in [&mut second, &mut third] {
        let mut kernel = Plain { now: kernel.now, random: kernel.random.clone() };
        let (out, _, code) = finish(machine, pid, &mut kernel);
        assert_eq!((out.as_str(), code), ("one\ntwo\n", 0));
    }
    assert_eq!(first.take_output(pid), [(Stream::Stdout, b"one\n".to_vec())]);
}

#[test]
fn process_one_gets_only_what_it_handles() {
    use userland::Signal;
    let mut machine = Machine::new("pod", machine().files);
    let mut kernel = kernel();
    let plain = machine.spawn(command(&["sh", "-c", "sleep 100; echo end"])).unwrap();
    machine.run(&mut kernel);
    machine.signal(plain, Signal::Term);
    machine.run(&mut kernel);
    assert_eq!(machine.status(plain), None);
    machine.signal(plain, Signal::Kill);
    assert_eq!(machine.status(plain).unwrap().code(), 137);

    let mut machine = Machine::new("pod", machine.files.clone());
    let script = "trap 'echo bye; exit 3' TERM; while true; do sleep 1; done";
    let trapping = machine.spawn(command(&["sh", "-c", script])).unwrap();
    machine.run(&mut kernel);
    machine.signal(trapping, Signal::Term);
    let (out, _, code) = finish(&mut machine, trapping, &mut kernel);
    assert_eq!((out.as_str(), code), ("bye\n", 3));
}

#[test]
fn nothing_runs_forever() {
    let mut kernel = kernel();
    for (script, expected) in [
        ("f() { f; }; f", "maximum function nesting level exceeded"),
        (":(){ :|:& };:; wait", "Resource temporarily unavailable"),
        ("a=xxxxxxxxxx; while true; do a=$a$a; done", "value is larger than"),
        ("echo {1..100000}{1..100000}", "too many words"),
        ("yes | head -n 2", ""),
        ("x=$(yes)", "command substitution: more than"),
        ("eval eval eval \"$(printf 'eval %.0s' $(seq 500))\"", ""),
        ("alias a=b b=a; a", "not found"),
    ] {
        let mut machine = machine();
        let pid = machine.spawn(command(&["bash", "-c", script])).unwrap();
        let (_, err, _) = finish(&mut machine, pid, &mut kernel);
        assert!(err.contains(expected), "{script}: {err}");
    }
    let mut machine = machine();
    let pid = machine.spawn(command(&["bash", "-c", "while true; do :; done"])).unwrap();
    machine.run(&mut kernel);
    assert!(machine.wake().is_some_and(|at| at > kernel.now));
    assert_eq!(machine.usage().cpu_millis, 1000);
    machine.signal(pid, userland::Signal::Int);
    assert_eq!(machine.status(pid).unwrap().code(), 130);
}
