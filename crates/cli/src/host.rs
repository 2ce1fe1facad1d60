//! The one place that looks at the host's clock: real programs and real people move in real time.

use sim::Duration;

/// Measures real time between two looks at it.
#[allow(clippy::disallowed_types)] // virtual time is moved on by as much as real time has passed
pub(crate) struct Clock(std::time::Instant);

#[allow(clippy::disallowed_types)] // as above
impl Clock {
    pub(crate) fn start() -> Clock {
        Clock(std::time::Instant::now())
    }

    /// Real time since the last look, at most a second, so that a suspended process does not leap ahead.
    pub(crate) fn elapsed(&mut self) -> Duration {
        let now = std::time::Instant::now();
        let elapsed = now.duration_since(self.0);
        self.0 = now;
        elapsed.min(Duration::from_secs(1))
    }
}

/// The host's wall clock, for clients that compare the cluster's times with their own.
#[allow(clippy::disallowed_types)] // real kubectl prints ages by its own clock
pub(crate) fn now() -> sim::Time {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    sim::Time::from_secs(since.as_secs())
}

/// Rests in real time.
#[allow(clippy::disallowed_methods)] // nothing to do until a socket or a key has something
pub(crate) fn sleep(duration: Duration) {
    std::thread::sleep(duration);
}

/// The terminal in raw mode for as long as this lives. Where there is no `stty`, keys come line by line.
pub(crate) struct RawTerminal(());

impl RawTerminal {
    pub(crate) fn enter() -> RawTerminal {
        stty(&["raw", "-echo"]);
        RawTerminal(())
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        stty(&["sane"]);
    }
}

fn stty(args: &[&str]) {
    // Without a terminal (a pipe, a test) there is nothing to set.
    let _ = std::process::Command::new("stty").args(args).stderr(std::process::Stdio::null()).status();
}
