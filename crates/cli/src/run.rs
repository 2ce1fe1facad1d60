//! Runs scenarios in a fresh simulated shell and cluster, in virtual time.

use crate::scenario::{self, Step};
use crate::transcript::{self, Output, millis};
use apimachinery::{Value, json};
use client::Driver;
use cluster::{Cluster, Config, Handle};
use shell::{Laptop, World};
use sim::{Duration, Time};
use std::io::Write;
use std::path::Path;
use std::rc::Rc;
use userland::{Signal, Stream};

/// How long a person's kubectl call takes: until its first request, and after its end.
pub(crate) const START: Duration = Duration::from_millis(100);
pub(crate) const AFTER: Duration = Duration::from_millis(50);
/// How long one of its requests takes.
pub(crate) const REQUEST: Duration = Duration::from_millis(5);
/// The grain of virtual time while a command runs.
pub(crate) const GRAIN: Duration = Duration::from_millis(5);
/// How long a `#wait` may take, and how often it looks.
const WAIT_LIMIT: Duration = Duration::from_secs(90);
const WAIT_PAUSE: Duration = Duration::from_millis(250);
/// How long a command that was told to end may still take before it is killed.
pub(crate) const KILL_AFTER: Duration = Duration::from_secs(5);

/// What conditions of `#wait` may use.
const HELPERS: &str = r#"
avail() { kubectl rollout status "deployment/$1" --timeout=2s >/dev/null 2>&1; }
podhas() { kubectl get pods -A --no-headers 2>/dev/null | grep -v '^kube-system ' | grep -Eq "$1"; }
podcount() { [ "$(kubectl get pods --no-headers 2>/dev/null | wc -l)" -eq "$1" ]; }
gone() { ! podhas "$1"; }
"#;

/// Runs scenarios; writes a transcript each into `out`, or prints what a person would have seen.
pub fn run(files: &[String], out: Option<&Path>, config: &Config) -> Result<(), String> {
    if files.is_empty() {
        return Err("which scenarios?".into());
    }
    for file in files {
        let mut session = Session::new(config);
        let transcript = session.play_file(Path::new(file), out.is_none())?;
        if let Some(out) = out {
            let name = format!("{}.json", transcript["scenario"].str());
            std::fs::create_dir_all(out).map_err(|e| format!("{}: {e}", out.display()))?;
            std::fs::write(out.join(&name), transcript.to_json_pretty(" ") + "\n")
                .map_err(|e| format!("{name}: {e}"))?;
        }
    }
    Ok(())
}

/// Runs one scenario and prints the hash of the whole trace as its last line.
pub fn replay(files: &[String], config: &Config) -> Result<(), String> {
    let [file] = files else { return Err("one scenario, please".into()) };
    let mut session = Session::new(config);
    session.play_file(Path::new(file), true)?;
    crate::say!("{:016x}", session.trace());
    Ok(())
}

/// A fresh cluster and a fresh laptop beside it, to play a scenario in.
pub struct Session {
    handle: Handle,
    laptop: Laptop,
    start: Time,
}

impl Session {
    /// `minikube start` has just ended and the prompt is there.
    pub fn new(config: &Config) -> Session {
        let handle = Handle::new(Cluster::new(config.clone())).with_latency(REQUEST);
        let shared = Rc::new(handle.clone());
        let world = World {
            transport: shared.clone(),
            clock: shared.clone(),
            network: shared.clone(),
            driver: shared,
            start_delay: START,
        };
        let start = handle.0.borrow().now();
        Session { handle, laptop: Laptop::new(world, config.seed), start }
    }

    fn now(&self) -> Time {
        self.handle.0.borrow().now()
    }

    /// The hash of everything that has happened in the cluster.
    pub fn trace(&self) -> u64 {
        self.handle.0.borrow().trace()
    }

    fn play_file(&mut self, file: &Path, show: bool) -> Result<Value, String> {
        let named = |e: String| format!("{}: {e}", file.display());
        let text = std::fs::read_to_string(file).map_err(|e| named(e.to_string()))?;
        let name = file.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        self.play(&name, &text, show).map_err(named)
    }

    /// Plays a scenario's text and gives its transcript; `show` prints it as it goes. The error names the line.
    pub fn play(&mut self, name: &str, text: &str, show: bool) -> Result<Value, String> {
        let scenario = scenario::parse(text)?;
        let steps: Vec<Value> = scenario.steps.iter().map(|step| self.step(step, show)).collect();
        Ok(json!({"scenario": name, "title": scenario.title, "steps": steps}))
    }

    fn step(&mut self, step: &Step, show: bool) -> Value {
        let begin = self.now();
        match step {
            Step::Command { line, timeout } => {
                let output = self.command(line, *timeout);
                let took = self.now().since(begin);
                self.advance(AFTER);
                if show {
                    // A closed pipe ends us at the next line; there is nothing to say to it.
                    let mut stdout = std::io::stdout().lock();
                    let _ = writeln!(stdout, "$ {line}").and_then(|()| stdout.write_all(&output.seen));
                }
                transcript::command(line, &output, took, begin.since(self.start))
            }
            Step::File { name, content } => {
                let path = format!("/home/learner/{name}");
                self.laptop.with_files(|files| files.put(&path, content.as_str()));
                json!({"type": "file", "name": name, "content": content})
            }
            Step::Wait(condition) => {
                let ok = self.wait(condition);
                json!({"type": "wait", "condition": condition, "ok": ok, "ms": millis(self.now().since(begin))})
            }
            Step::Sleep(duration) => {
                self.advance(*duration);
                json!({"type": "sleep", "seconds": Value::Float(duration.as_secs_f64())})
            }
            Step::Fault { verb, name } => {
                if let Err(why) = self.handle.act(verb_of(verb), name) {
                    eprintln!("kubarium: {verb} {name}: {}", why.0);
                }
                json!({"type": "fault", "verb": verb, "node": name})
            }
        }
    }

    fn advance(&mut self, by: Duration) {
        self.handle.0.borrow_mut().advance(by);
        self.laptop.poll();
    }

    fn wait(&mut self, condition: &str) -> bool {
        let end = self.now() + WAIT_LIMIT;
        loop {
            let output = self.command(&format!("{HELPERS}\n{condition}"), Duration::from_secs(30));
            if output.exit == 0 || self.now() >= end {
                return output.exit == 0;
            }
            self.advance(WAIT_PAUSE);
        }
    }

    /// Runs a line to its end; past its limit it is told to end, then killed.
    fn command(&mut self, line: &str, timeout: Duration) -> Output {
        let mut output = Output::default();
        let Some(session) = self.laptop.run_script(line) else {
            output.stderr = b"bash: fork: Resource temporarily unavailable\n".to_vec();
            output.exit = 254;
            return output;
        };
        let deadline = self.now() + timeout;
        loop {
            self.laptop.poll();
            for (stream, bytes) in self.laptop.take_output(session) {
                output.seen.extend_from_slice(&bytes);
                match stream {
                    Stream::Stdout => output.stdout.extend(bytes),
                    Stream::Stderr => output.stderr.extend(bytes),
                }
            }
            if let Some(status) = self.laptop.status(session) {
                output.exit = status.code();
                break;
            }
            let now = self.now();
            if now >= deadline && !output.timed_out {
                output.timed_out = true;
                self.laptop.signal(session, Signal::Term);
            } else if now >= deadline + KILL_AFTER {
                self.laptop.signal(session, Signal::Kill);
            }
            self.handle.0.borrow_mut().advance(GRAIN);
        }
        self.laptop.close(session);
        output
    }
}

/// A scenario's verbs stop and start the kubelet alone, as where the transcripts were recorded.
fn verb_of(verb: &str) -> &str {
    if verb == "stop-node" { "stop-kubelet" } else { verb }
}
