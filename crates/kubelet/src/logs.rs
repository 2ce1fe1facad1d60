//! What a container wrote, line by line, and how it is read. Mirrors pkg/kubelet/kuberuntime/logs.

use crate::config::{MAX_LOG_BYTES, MAX_LOG_LINE, MAX_LOG_LINES};
use sim::Time;
use std::collections::VecDeque;

/// One line of a container's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Its number, counted from the container's first line: a follower asks for what comes after it.
    pub position: u64,
    /// When it was written.
    pub time: Time,
    /// Whether it came from standard error.
    pub stderr: bool,
    /// The text without its line end.
    pub text: Vec<u8>,
    /// Whether the line was ended; the last line of a process may not be.
    pub ended: bool,
}

/// Which lines are wanted, as PodLogOptions says it.
#[derive(Clone, Debug, Default)]
pub struct LogOptions {
    /// Of the container's previous instance.
    pub previous: bool,
    /// The last so many lines.
    pub tail: Option<usize>,
    /// Written at this time or later.
    pub since: Option<Time>,
    /// At most so many bytes.
    pub limit_bytes: Option<usize>,
    /// Only lines after this position: for following.
    pub after: Option<u64>,
}

/// The log of one container instance, bounded as a rotated file is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    lines: VecDeque<LogLine>,
    next: u64,
    bytes: usize,
}

impl Log {
    /// Takes what a process wrote at `now`.
    pub(crate) fn write(&mut self, now: Time, stderr: bool, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let open = self.lines.back_mut().filter(|l| !l.ended && l.stderr == stderr);
            let room = MAX_LOG_LINE - open.as_ref().map_or(0, |l| l.text.len().min(MAX_LOG_LINE));
            let newline = bytes.iter().position(|b| *b == b'\n');
            let take = newline.unwrap_or(bytes.len()).min(room);
            let ended = newline == Some(take) || take == room;
            match open {
                Some(line) => {
                    line.text.extend_from_slice(&bytes[..take]);
                    line.ended = ended;
                }
                None => {
                    self.next += 1;
                    let text = bytes[..take].to_vec();
                    self.lines.push_back(LogLine { position: self.next, time: now, stderr, text, ended });
                }
            }
            self.bytes += take;
            bytes = &bytes[(take + usize::from(newline == Some(take))).min(bytes.len())..];
        }
        while self.lines.len() > MAX_LOG_LINES || self.bytes > MAX_LOG_BYTES {
            self.bytes -= self.lines.pop_front().map_or(self.bytes, |l| l.text.len());
        }
    }

    /// The lines that the options ask for.
    pub(crate) fn read(&self, options: &LogOptions) -> Vec<LogLine> {
        let from = options.tail.map_or(0, |n| self.lines.len().saturating_sub(n));
        let mut left = options.limit_bytes.unwrap_or(usize::MAX);
        let mut out = Vec::new();
        for line in self.lines.iter().skip(from) {
            if options.since.is_some_and(|t| line.time < t)
                || options.after.is_some_and(|p| line.position <= p)
            {
                continue;
            }
            if left == 0 {
                break;
            }
            let mut line = line.clone();
            if line.text.len() + 1 > left {
                line.text.truncate(left);
                line.ended = false;
            }
            left = left.saturating_sub(line.text.len() + 1);
            out.push(line);
        }
        out
    }

    /// The last 80 lines or 2048 bytes, as a termination message of policy FallbackToLogsOnError has them.
    pub(crate) fn termination_tail(&self) -> String {
        let from = self.lines.len().saturating_sub(80);
        let text: String = self
            .lines
            .iter()
            .skip(from)
            .map(|l| String::from_utf8_lossy(&l.text).into_owned() + "\n")
            .collect();
        let cut = text.len().saturating_sub(2048);
        let cut = (cut..text.len()).find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        text[cut..].to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lines: &[LogLine]) -> Vec<String> {
        lines.iter().map(|l| String::from_utf8_lossy(&l.text).into_owned()).collect()
    }

    #[test]
    fn lines_are_joined_limited_and_selected() {
        let mut log = Log::default();
        let t = Time::from_secs(10);
        log.write(t, false, b"one\ntw");
        log.write(t, true, b"err\n");
        log.write(Time::from_secs(20), false, b"three\n\nfive");
        let all = log.read(&LogOptions::default());
        assert_eq!(texts(&all), ["one", "tw", "err", "three", "", "five"]);
        assert!(!all.last().unwrap().ended);
        let tail = LogOptions { tail: Some(2), ..Default::default() };
        assert_eq!(texts(&log.read(&tail)), ["", "five"]);
        let since =
            LogOptions { since: Some(Time::from_secs(20)), limit_bytes: Some(8), ..Default::default() };
        assert_eq!(texts(&log.read(&since)), ["three", "", "f"]);
        let after = LogOptions { after: Some(4), ..Default::default() };
        assert_eq!(texts(&log.read(&after)), ["", "five"]);
        for _ in 0..MAX_LOG_LINES {
            log.write(t, false, b"x\n");
        }
        assert_eq!(log.read(&LogOptions::default()).len(), MAX_LOG_LINES);
        log.write(t, false, &vec![b'y'; MAX_LOG_LINE + 1]);
        assert_eq!(log.read(&tail)[1].text, b"y");
    }
}
