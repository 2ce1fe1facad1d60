//! `kubarium shell`: the page's terminal in a real one, for developers.

use crate::host::{self, Clock, RawTerminal};
use cluster::{Cluster, Config, Handle};
use shell::{Laptop, PageRequest, World};
use sim::Duration;
use std::io::{Read, Write};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, channel};
use userland::Tty;

/// How long the loop rests between two looks at keys and time.
const REST: Duration = Duration::from_millis(5);
/// The terminal's size, if it does not say.
const SIZE: Tty = Tty { columns: 120, rows: 40 };

/// Runs until the shell ends.
pub(crate) fn shell(config: Config) -> Result<(), String> {
    let seed = config.seed;
    let handle = Handle::new(Cluster::new(config));
    let shared = Rc::new(handle.clone());
    let world = World {
        transport: shared.clone(),
        clock: shared.clone(),
        network: shared.clone(),
        driver: shared,
        start_delay: Duration::ZERO,
    };
    let mut laptop = Laptop::new(world, seed);
    let session = laptop.open_session(SIZE).ok_or("the terminal could not be opened")?;
    let _raw = RawTerminal::enter();
    let keys = keys();
    let mut clock = Clock::start();
    let mut stdout = std::io::stdout();
    loop {
        while let Ok(bytes) = keys.try_recv() {
            laptop.input(session, &bytes);
        }
        handle.0.borrow_mut().advance(clock.elapsed());
        laptop.poll();
        for (_, bytes) in laptop.take_output(session) {
            stdout.write_all(&bytes).map_err(|e| e.to_string())?;
        }
        while let Some(PageRequest::Open(address)) = laptop.take_page_request() {
            write!(stdout, "(a page would now open {address})\r\n").map_err(|e| e.to_string())?;
        }
        stdout.flush().map_err(|e| e.to_string())?;
        if laptop.status(session).is_some() {
            return Ok(());
        }
        host::sleep(REST);
    }
}

/// Keys as they are typed. The thread ends with the process, or at the end of input (which is sent as Ctrl-D).
fn keys() -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut chunk = [0; 4096];
        loop {
            let bytes = match std::io::stdin().read(&mut chunk) {
                Ok(0) | Err(_) => vec![4],
                Ok(n) => chunk[..n].to_vec(),
            };
            let end = bytes == [4];
            if sender.send(bytes).is_err() || end {
                return;
            }
        }
    });
    receiver
}
