use super::{Args, Command, Flag, Needs, PROFILE, fail};
use crate::Spawn;
use client::{Frame, Input, Stream};
use std::future::poll_fn;
use std::task::Poll;
use userland::Read;

/// `minikube ssh`.
pub(super) const COMMAND: Command = Command {
    name: "ssh",
    short: "Log into the minikube environment (for debugging)",
    needs: Needs::Running,
    flags: &[Flag {
        name: "node",
        short: Some('n'),
        value: true,
        help: "the node; the control plane if none is named",
    }],
    run: |spawn, args| Box::pin(ssh(spawn, args)),
};

async fn ssh(spawn: &Spawn, args: &Args) -> i32 {
    let node = args.value("node").unwrap_or(PROFILE);
    let nodes = spawn.world.driver.nodes();
    let full = format!("{PROFILE}-{node}");
    let Some(node) = nodes.iter().find(|n| n.name == node || n.name == full) else {
        return fail(spawn, 80, &format!("GUEST_NODE_RETRIEVE: Node {node} does not exist."));
    };
    let terminal = spawn.machine.borrow().external_tty(spawn.pid, 0);
    match spawn.world.driver.ssh(&node.name, &args.words, terminal.is_some()) {
        Ok(mut stream) => {
            if let Some(size) = terminal {
                stream.write(Input::Resize(size.columns, size.rows));
            }
            spawn.machine.borrow_mut().external_raw(spawn.pid, terminal.is_some());
            let code = connect(spawn, stream.as_mut()).await;
            spawn.machine.borrow_mut().external_raw(spawn.pid, false);
            if code != 0 && !args.words.is_empty() {
                spawn.complain(&format!("ssh: Process exited with status {code}\n"));
            }
            code
        }
        Err(why) => fail(spawn, 89, &format!("GUEST_STATUS: {}", why.0)),
    }
}

/// Carries bytes both ways until the other side ends; gives its exit code.
async fn connect(spawn: &Spawn, stream: &mut dyn Stream) -> i32 {
    let mut at_end = false;
    poll_fn(|_| {
        while !at_end {
            match spawn.machine.borrow_mut().external_read_stdin(spawn.pid) {
                Read::Data(bytes) => stream.write(Input::Stdin(bytes)),
                Read::End => {
                    at_end = true;
                    stream.write(Input::Eof);
                }
                Read::Empty => break,
            }
        }
        loop {
            match stream.poll_next() {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(0),
                Poll::Ready(Some(Frame::Exit(code))) => return Poll::Ready(code),
                Poll::Ready(Some(Frame::Failed(why))) => {
                    spawn.complain(&format!("{why}\n"));
                    return Poll::Ready(255);
                }
                Poll::Ready(Some(frame)) => spawn.show(frame),
            }
        }
    })
    .await
}
