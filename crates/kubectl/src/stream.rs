//! Carrying a process' streams between a container and the terminal: exec, attach and run use it.

use crate::env::Output;
use crate::{Ctx, Error};
use client::{Frame, Input, Stream};
use std::future::poll_fn;
use std::task::Poll;

/// Passes output on until the stream ends, and standard input in if that is wanted; gives back the exit code, if the
/// process ended with one.
pub async fn pump(
    c: &Ctx,
    mut stream: Box<dyn Stream>,
    stdin: bool,
    tty: bool,
) -> Result<Option<i32>, Error> {
    let io = c.env.io.clone();
    let size = io.terminal();
    if tty {
        io.set_raw(true);
        if let Some((columns, rows)) = size {
            stream.write(Input::Resize(columns, rows));
        }
    }
    let mut known = size;
    let mut reading = stdin;
    let mut code = None;
    let result = poll_fn(|_| {
        if tty && io.terminal() != known {
            known = io.terminal();
            if let Some((columns, rows)) = known {
                stream.write(Input::Resize(columns, rows));
            }
        }
        while reading {
            match io.poll_read() {
                Poll::Ready(Some(bytes)) => stream.write(Input::Stdin(bytes)),
                Poll::Ready(None) => {
                    stream.write(Input::Eof);
                    reading = false;
                }
                Poll::Pending => break,
            }
        }
        loop {
            match stream.poll_next() {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(Ok(code)),
                Poll::Ready(Some(Frame::Stdout(bytes))) => io.write(Output::Stdout, &bytes),
                Poll::Ready(Some(Frame::Stderr(bytes))) => io.write(Output::Stderr, &bytes),
                Poll::Ready(Some(Frame::Exit(exit))) => code = Some(exit),
                Poll::Ready(Some(Frame::Failed(why))) => return Poll::Ready(Err(Error::Message(why))),
                Poll::Ready(Some(Frame::Event(_))) => {}
            }
        }
    })
    .await;
    if tty {
        io.set_raw(false);
    }
    result
}
