//! Somebody at the laptop of a cluster, who types commands and reads what they print.

use cluster::{Cluster, Config, Handle};
use shell::{Laptop, World};
use sim::Duration;
use std::rc::Rc;

/// How long a command may take, in virtual time, and the grain of that time.
const LIMIT: Duration = Duration::from_secs(300);
const GRAIN: Duration = Duration::from_millis(20);

/// A laptop and its cluster.
pub struct Desk {
    /// The cluster.
    pub handle: Handle,
    /// The laptop.
    pub laptop: Laptop,
}

impl Desk {
    /// With a new cluster.
    #[allow(clippy::new_without_default)] // it starts machines, which nobody expects of a default
    pub fn new() -> Desk {
        let handle = Handle::new(Cluster::new(Config::default()));
        let shared = Rc::new(handle.clone());
        let world = World {
            transport: shared.clone(),
            clock: shared.clone(),
            network: shared.clone(),
            driver: shared,
            start_delay: Duration::ZERO,
        };
        Desk { handle, laptop: Laptop::new(world, 1) }
    }

    /// What a script prints on both streams, and its exit code.
    pub fn run(&mut self, script: &str) -> (String, i32) {
        let session = self.laptop.run_script(script).expect("there is room for a process");
        let end = self.handle.0.borrow().now() + LIMIT;
        let mut text = Vec::new();
        loop {
            self.laptop.poll();
            text.extend(self.laptop.take_output(session).into_iter().flat_map(|(_, bytes)| bytes));
            if let Some(status) = self.laptop.status(session) {
                return (String::from_utf8_lossy(&text).into_owned(), status.code());
            }
            assert!(self.handle.0.borrow().now() < end, "{script} takes too long");
            self.handle.0.borrow_mut().advance(GRAIN);
        }
    }

    /// Checks that it prints a text, and its exit code.
    pub fn says(&mut self, script: &str, expected: &str, code: i32) {
        let (text, exit) = self.run(script);
        assert!(text.contains(expected) && exit == code, "{script}: exit {exit}\n{text}");
    }
}
