//! pause: keeps a sandbox open, and is handy as a container that does nothing.

use super::server::{Stop, WAIT};
use super::{Definition, Image};
use userland::{Files, Flavor, Os, Program, Signal, Step};

pub(super) const IMAGE: Definition = Definition {
    repositories: &["registry.k8s.io/pause", "k8s.gcr.io/pause", "gcr.io/google_containers/pause"],
    tags: &["latest", "2.0", "3.0", "3.1", "3.2", "3.5", "3.6", "3.7", "3.8", "3.9", "3.10", "3.10.1"],
    make: |_| {
        let mut files = Files::new();
        files.install("/pause", |_| Box::new(Pause::default()));
        let mut image = Image::new(320_368, files, Flavor::Gnu, &["/pause"], &[]);
        image.user = "65535:65535".into();
        image
    },
};

#[derive(Clone, Default)]
struct Pause {
    stop: Stop,
}

impl Program for Pause {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        if self.stop.wanted() {
            os.print("Shutting down, got signal: Terminated\n");
            return Step::Exit(0);
        }
        WAIT
    }

    fn dies_of(&mut self, signal: Signal) -> bool {
        self.stop.signal(signal)
    }
}
