//! The cluster and the laptop as a lesson wants them.

use super::journal::Journal;
use super::open::View;
use crate::engine::Engine;
use crate::panic::guard;
use cluster::{Config, Image};
use lessons::{LESSON_FILE, Lesson, Player, Problem};
use shell::SessionId;
use sim::{Duration, Time};
use yew::Callback;

/// The grain of virtual time while a lesson is set up.
const GRAIN: Duration = Duration::from_millis(20);
/// How often goals are looked at while something is done again, in virtual time.
const LOOK: Duration = Duration::from_millis(100);
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

/// A lesson whose cluster is ready, and the learner in it.
pub struct Prepared {
    /// The lesson.
    pub lesson: Lesson,
    /// What could not be read of it.
    pub problems: Vec<Problem>,
    /// The machine.
    pub engine: Engine,
    /// The learner.
    pub player: Player,
    /// What was done before a reload, and is done again.
    pub journal: Journal,
}

/// The cluster that a lesson begins with; what `before` says is done again in it. All of it happens in slices, so that the
/// page stays awake. A set-up that fails is one of the problems: the lesson begins with what there is.
pub async fn prepare(
    lesson: Lesson,
    mut problems: Vec<Problem>,
    before: Option<String>,
    notice: &Callback<String>,
) -> Result<Prepared, String> {
    let setup = &lesson.setup;
    let mut config = Config { nodes: setup.nodes, seed: setup.seed, ..Config::default() };
    for image in &setup.images {
        config.images.register(&image.name, Image::script(image.size, &image.script));
    }
    let mut engine = guard(notice, || Engine::new(config));
    furnish(&mut engine, &lesson);
    let session = engine.laptop().run_script(&setup.script()).ok_or("the set-up could not be started")?;
    let end = engine.now() + LIMIT;
    let mut stage = Stage { engine, session, printed: String::new(), end };
    if let Err(printed) = in_slices(notice, || stage.go_on()).await {
        let what = format!("the set-up could not be done to its end: {}", printed.trim_end());
        problems.push(Problem::new(LESSON_FILE, what, "mend `cluster:`"));
    }
    let mut engine = stage.engine;
    engine.take_finished();
    let journal = before.and_then(|text| Journal::read(&text, &lesson.name, engine.now()));
    let mut again = Again {
        player: Player::new(&lesson, &View(engine.handle.clone())),
        journal: journal.unwrap_or_else(|| Journal::new(&lesson.name)),
        next: 0,
    };
    in_slices(notice, || again.go_on(&mut engine, &lesson)).await?;
    Ok(Prepared { player: again.player, journal: again.journal, lesson, problems, engine })
}

/// Puts a lesson's files and programs on the laptop.
pub fn furnish(engine: &mut Engine, lesson: &Lesson) {
    engine.laptop().install_lesson_programs();
    engine.laptop().with_files(|files| {
        for (name, text) in &lesson.home {
            files.put(&format!("{HOME}/{name}"), text.as_str());
        }
    });
}

/// Does a bit of work until it says how it has ended, and lets the page have its turns.
async fn in_slices(
    notice: &Callback<String>,
    mut work: impl FnMut() -> Option<Result<(), String>>,
) -> Result<(), String> {
    let clock = web_sys::window().and_then(|w| w.performance()).ok_or("no clock")?;
    loop {
        let begin = clock.now();
        let done = guard(notice, || {
            loop {
                let done = work();
                if done.is_some() || clock.now() - begin > SLICE_MS {
                    return done;
                }
            }
        });
        match done {
            Some(result) => return result,
            None => yew::platform::time::sleep(std::time::Duration::ZERO).await,
        }
    }
}

/// What was done before a reload.
struct Again {
    player: Player,
    journal: Journal,
    next: usize,
}

impl Again {
    /// A look of virtual time.
    fn go_on(&mut self, engine: &mut Engine, lesson: &Lesson) -> Option<Result<(), String>> {
        if engine.now() >= self.journal.end() {
            return Some(Ok(()));
        }
        let until = engine.now() + LOOK;
        while let Some((at, deed)) = self.journal.due(self.next, until) {
            engine.pass(at);
            deed.again(engine);
            self.next += 1;
        }
        engine.pass(until);
        let commands = engine.take_finished();
        self.player.look(lesson, &View(engine.handle.clone()), &commands);
        None
    }
}

impl Stage {
    /// A grain of virtual time; gives how the set-up has ended.
    fn go_on(&mut self) -> Option<Result<(), String>> {
        let now = self.engine.now();
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
        if now >= self.end {
            laptop.close(self.session);
            return Some(Err(std::mem::take(&mut self.printed)));
        }
        self.engine.handle.0.borrow_mut().advance(GRAIN);
        None
    }
}
