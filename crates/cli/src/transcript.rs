//! Transcripts: what a scenario printed, as JSON. See `tests/transcripts/README.md`.

use apimachinery::{Value, json};
use sim::Duration;

/// What a command printed, and how it ended.
#[derive(Default)]
pub(crate) struct Output {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    /// Both, in order, as a person would have seen them.
    pub(crate) seen: Vec<u8>,
    pub(crate) exit: i32,
    pub(crate) timed_out: bool,
}

/// Milliseconds, to a tenth.
pub(crate) fn millis(d: Duration) -> Value {
    Value::Float((d.as_secs_f64() * 10_000.0).round() / 10.0)
}

/// The step of a command.
pub(crate) fn command(line: &str, output: &Output, took: Duration, at: Duration) -> Value {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut step = json!({
        "type": "cmd", "cmd": line, "stdout": text(&output.stdout), "stderr": text(&output.stderr),
        "exit": i64::from(output.exit), "ms": millis(took), "at_ms": at.as_millis() as u64,
    });
    if output.timed_out {
        step.set("timed_out", true);
    }
    step
}
