//! Open files, pipes, and the sinks that a host takes output from.

use crate::{Device, Pid, Stream};
use std::collections::VecDeque;
use std::sync::Arc;

/// What a pipe holds before its writer has to wait, as in Linux.
pub(crate) const PIPE_BYTES: usize = 64 << 10;
/// What a host's sink holds before its writer has to wait.
pub(crate) const SINK_BYTES: usize = 256 << 10;

/// Names an open file of a machine. Several processes and descriptors can share one, with one offset.
pub(crate) type OpenId = u32;

/// What is open.
#[derive(Clone, Debug)]
pub(crate) enum Open {
    Device(Device),
    PipeRead(u32),
    PipeWrite(u32),
    File(OpenedFile),
    Terminal(u32),
    Sink(u32, Stream),
}

/// An open file of the file system. It is found again by its path; when it was removed or replaced meanwhile, a reader
/// goes on in the content that it had, and what a writer writes vanishes with the file.
#[derive(Clone, Debug)]
pub(crate) struct OpenedFile {
    /// Real path.
    pub path: String,
    /// The file's number.
    pub id: u64,
    /// The content when it was opened.
    pub snapshot: Arc<Vec<u8>>,
    pub offset: usize,
    pub append: bool,
}

/// An open file and how many descriptors name it.
#[derive(Clone, Debug)]
pub(crate) struct OpenFile {
    pub open: Open,
    pub refs: u32,
}

/// A pipe.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pipe {
    pub data: VecDeque<u8>,
    /// Open read ends.
    pub readers: u32,
    /// Open write ends; a host's end counts.
    pub writers: u32,
    /// Processes to wake when something changes.
    pub waiting: Vec<Pid>,
}

/// Where output for the host is collected.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sink {
    pub chunks: Vec<(Stream, Vec<u8>)>,
    pub bytes: usize,
    /// Processes to wake when the host has taken what is there.
    pub waiting: Vec<Pid>,
}

impl Sink {
    /// Adds output; neighbours of one stream become one chunk.
    pub fn push(&mut self, stream: Stream, bytes: &[u8]) {
        self.bytes += bytes.len();
        match self.chunks.last_mut() {
            Some((last, data)) if *last == stream => data.extend_from_slice(bytes),
            _ => self.chunks.push((stream, bytes.to_vec())),
        }
    }
}
