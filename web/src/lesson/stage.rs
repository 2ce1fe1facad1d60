//! The cluster and the laptop as a lesson wants them.

use crate::engine::Engine;
use crate::panic::guard;
use cluster::{Config, Image};
use lessons::Lesson;
use shell::SessionId;
use sim::{Duration, Time};
use yew::Callback;

/// The grain of virtual time while a lesson is set up.
const GRAIN: Duration = Duration::from_millis(20);
/// The longest that the set-up may take, in virtual time.
const LIMIT: Duration = Duration::from_secs(900);
/// How long the page may be kept from its other work at a time, in milliseconds.
const SLICE_MS: f64 = 12.0;
/// Where a lesson's files lie.
pub const HOME: &str = "/home/learner";

/// A cluster that is set up.
struct Stage {
    engine: Engine,
    session: SessionId,
    printed: String,
    end: Time,
}

/// The cluster that a lesson begins with. It is set up in slices, so that the page stays awake. The error has what the
/// set-up printed.
pub async fn prepare(lesson: &Lesson, notice: &Callback<String>) -> Result<Engine, String> {
    let setup = &lesson.setup;
    let mut config = Config { nodes: setup.nodes, seed: setup.seed, ..Config::default() };
    for image in &setup.images {
        config.images.register(&image.name, Image::script(image.size, &image.script));
    }
    let mut engine = guard(notice, || Engine::new(config));
    engine.laptop().install_lesson_programs();
    engine.laptop().with_files(|files| {
        for (name, text) in &lesson.home {
            files.put(&format!("{HOME}/{name}"), text.as_str());
        }
    });
    let session = engine.laptop().run_script(&setup.script()).ok_or("the set-up could not be started")?;
    let end = engine.now() + LIMIT;
    let mut stage = Stage { engine, session, printed: String::new(), end };
    let clock = web_sys::window().and_then(|w| w.performance()).ok_or("no clock")?;
    loop {
        let begin = clock.now();
        let done = guard(notice, || {
            loop {
                if let Some(done) = stage.go_on() {
                    return Some(done);
                }
                if clock.now() - begin > SLICE_MS {
                    return None;
                }
            }
        });
        match done {
            Some(Ok(())) => return Ok(stage.engine),
            Some(Err(why)) => return Err(why),
            None => yew::platform::time::sleep(std::time::Duration::ZERO).await,
        }
    }
}

impl Stage {
    /// A grain of virtual time; gives how the set-up has ended.
    fn go_on(&mut self) -> Option<Result<(), String>> {
        let laptop = self.engine.laptop();
        laptop.poll();
        for (_, bytes) in laptop.take_output(self.session) {
            self.printed.push_str(&String::from_utf8_lossy(&bytes));
        }
        if let Some(status) = laptop.status(self.session) {
            laptop.close(self.session);
            let text = std::mem::take(&mut self.printed);
            return Some(if status.code() == 0 { Ok(()) } else { Err(text) });
        }
        if self.engine.now() >= self.end {
            return Some(Err(std::mem::take(&mut self.printed)));
        }
        self.engine.handle.0.borrow_mut().advance(GRAIN);
        None
    }
}
