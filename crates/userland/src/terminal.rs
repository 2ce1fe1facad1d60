//! The line discipline of a terminal: what lies between the keys and a process that reads lines.

use crate::{Pid, Signal, Tty};
use std::collections::VecDeque;

/// Longest line that can be typed to a program that does not edit lines itself, as in Linux.
const MAX_LINE: usize = 4096;
/// What may wait to be read before further keys are dropped.
const MAX_INPUT: usize = 4 << 20;
/// What may wait to be shown before a writer has to wait.
pub(crate) const OUTPUT_BYTES: usize = 256 << 10;

/// A terminal.
#[derive(Clone, Debug)]
pub(crate) struct Terminal {
    pub size: Tty,
    /// Every key is handed on as it is: a line editor is at work.
    raw: bool,
    /// The line that is being typed, when not raw.
    line: Vec<u8>,
    /// What can be read: a chunk per line; an empty chunk is an end of file.
    input: VecDeque<Vec<u8>>,
    waiting_bytes: usize,
    pub output: Vec<u8>,
    /// The process group that gets Ctrl-C and may read.
    pub foreground: Pid,
    /// The host has hung up.
    pub closed: bool,
    /// Processes to wake when something changes.
    pub waiting: Vec<Pid>,
}

impl Terminal {
    pub fn new(size: Tty, foreground: Pid) -> Terminal {
        Terminal {
            size,
            raw: false,
            line: Vec::new(),
            input: VecDeque::new(),
            waiting_bytes: 0,
            output: Vec::new(),
            foreground,
            closed: false,
            waiting: Vec::new(),
        }
    }

    /// Whether a line editor is at work.
    pub fn is_raw(&self) -> bool {
        self.raw
    }

    /// Keys come in. Returns the signals that they mean for the foreground group.
    pub fn keys(&mut self, bytes: &[u8]) -> Vec<Signal> {
        if self.raw {
            self.queue(bytes.to_vec());
            return Vec::new();
        }
        bytes.iter().filter_map(|&b| self.key(b)).collect()
    }

    fn key(&mut self, byte: u8) -> Option<Signal> {
        let signal = match byte {
            3 => Signal::Int,
            0x1a => Signal::Tstp,
            0x1c => Signal::Quit,
            _ => {
                self.edit(byte);
                return None;
            }
        };
        self.line.clear();
        self.input.clear();
        self.waiting_bytes = 0;
        self.output.extend([b'^', byte + 64]);
        Some(signal)
    }

    fn edit(&mut self, byte: u8) {
        match byte {
            b'\r' | b'\n' => {
                self.output.extend(b"\r\n");
                self.line.push(b'\n');
                let line = std::mem::take(&mut self.line);
                self.queue(line);
            }
            4 => {
                let line = std::mem::take(&mut self.line);
                self.queue(line);
            }
            0x7f | 8 => {
                let Some(c) = String::from_utf8_lossy(&self.line).chars().last() else { return };
                while self.line.pop().is_some_and(|b| b & 0xc0 == 0x80) {}
                for _ in 0..crate::width::of(c) {
                    self.output.extend(b"\x08 \x08");
                }
            }
            0x15 => {
                let width = crate::width::of_str(&String::from_utf8_lossy(&self.line));
                self.output.extend(b"\x08 \x08".repeat(width));
                self.line.clear();
            }
            0x1b => self.output.extend(b"^["),
            byte if self.line.len() < MAX_LINE && (byte >= b' ' || byte == b'\t') => {
                self.line.push(byte);
                self.output.push(byte);
            }
            _ => {}
        }
    }

    fn queue(&mut self, chunk: Vec<u8>) {
        if self.waiting_bytes + chunk.len() <= MAX_INPUT {
            self.waiting_bytes += chunk.len();
            self.input.push_back(chunk);
        }
    }

    /// Raw, or lines. What was typed ahead is kept.
    pub fn set_raw(&mut self, raw: bool) {
        if raw && !self.raw && !self.line.is_empty() {
            let line = std::mem::take(&mut self.line);
            self.queue(line);
        }
        self.raw = raw;
    }

    /// Reads up to `max` bytes; `None`: nothing there yet; empty: the end.
    pub fn read(&mut self, max: usize) -> Option<Vec<u8>> {
        let Some(mut chunk) = self.input.pop_front() else {
            return self.closed.then(Vec::new);
        };
        if chunk.len() > max {
            self.input.push_front(chunk.split_off(max));
        }
        self.waiting_bytes -= chunk.len();
        Some(chunk)
    }

    /// Output of a program: a newline also goes to the start of the line.
    pub fn write(&mut self, bytes: &[u8]) {
        for &b in bytes {
            if b == b'\n' {
                self.output.push(b'\r');
            }
            self.output.push(b);
        }
    }
}
