//! `kubarium shell`: the page's terminal in a real one, for developers and for those who write lessons.

use crate::host::{self, Clock, RawTerminal};
use cli::lesson::{self, Delays, Stage};
use cluster::Config;
use lessons::{Desk, Index, Lesson, Player, Progress, Setup, Then};
use shell::PageRequest;
use sim::Duration;
use std::collections::VecDeque;
use std::io::{ErrorKind, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use userland::Tty;

/// How long the loop rests between two looks at keys and time.
const REST: Duration = Duration::from_millis(5);
/// The terminal's size, if it does not say.
const SIZE: Tty = Tty { columns: 120, rows: 40 };

/// How long a program that still runs shows nothing new before the next line of a file or a pipe is typed: by then it
/// reads, if it ever does.
const UNTIL_READ: Duration = Duration::from_secs(1);

/// Runs until the shell ends, with a lesson where there is one.
pub(crate) fn shell(config: Config, folder: Option<PathBuf>, language: &str) -> Result<(), String> {
    let mut keys = Keys::new();
    let mut progress = Progress::default();
    let Some(mut folder) = folder else {
        let setup = Setup { nodes: config.nodes, seed: config.seed, ..Setup::default() };
        let lesson = Lesson { setup, ..Lesson::default() };
        let _raw = RawTerminal::enter();
        return Sitting { stage: Stage::new(&lesson, Delays::default()), class: None }
            .run(&mut keys)
            .map(drop);
    };
    loop {
        let class = Class::open(&folder, language, progress)?;
        let stage = Stage::new(&class.lesson, Delays::default());
        let mut sitting = Sitting { stage, class: Some(class) };
        sitting.begin()?;
        let _raw = RawTerminal::enter();
        let then = sitting.run(&mut keys)?;
        progress = sitting.class.map(|class| class.progress).unwrap_or_default();
        match then {
            Then::Nothing => return Ok(()),
            Then::Reset => {}
            Then::Open(name) => folder = content(&folder).join(name),
        }
    }
}

/// The folder of all lessons, seen from one of them.
fn content(folder: &Path) -> PathBuf {
    let full = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    full.ancestors().nth(2).unwrap_or(&full).to_path_buf()
}

/// A lesson that is open, and who learns.
struct Class {
    lesson: Lesson,
    index: Index,
    language: String,
    progress: Progress,
    player: Option<Player>,
}

impl Class {
    fn open(folder: &Path, language: &str, progress: Progress) -> Result<Class, String> {
        let (lesson, problems) = Lesson::read(&lesson::name(folder), &lesson::read(folder)?);
        problems.iter().for_each(|problem| eprintln!("left out: {problem}"));
        // A lesson alone, outside of any list, is fine.
        let list = std::fs::read_to_string(content(folder).join("index.yaml")).unwrap_or_default();
        let index = if list.is_empty() { Index::default() } else { Index::read(&list).0 };
        Ok(Class { lesson, index, language: language.into(), progress, player: None })
    }
}

/// Somebody at the terminal.
struct Sitting {
    stage: Stage,
    class: Option<Class>,
}

impl Sitting {
    /// Sets the lesson up.
    fn begin(&mut self) -> Result<(), String> {
        let Some(class) = &mut self.class else { return Ok(()) };
        self.stage.set_up(&class.lesson)?;
        self.stage.laptop.install_lesson_programs();
        class.progress.reset(&class.lesson.name);
        class.player = Some(Player::new(&class.lesson, &self.stage.view()));
        Ok(())
    }

    /// Runs until the shell ends or another lesson is to be opened.
    fn run(&mut self, keys: &mut Keys) -> Result<Then, String> {
        let session = self.stage.laptop.open_session(SIZE).ok_or("the terminal could not be opened")?;
        if self.class.is_some() {
            self.stage.laptop.input(session, b"lesson\r");
        }
        let mut clock = Clock::start();
        loop {
            let elapsed = clock.elapsed();
            while let Some(bytes) = keys.next(elapsed) {
                self.stage.laptop.input(session, &bytes);
            }
            self.stage.handle.0.borrow_mut().advance(elapsed);
            self.stage.laptop.poll();
            let then = self.requests()?;
            keys.busy &= !self.look();
            for (_, bytes) in self.stage.laptop.take_output(session) {
                keys.quiet = Duration::ZERO;
                if !print(&bytes)? {
                    return Ok(Then::Nothing);
                }
            }
            if then != Then::Nothing {
                return Ok(then);
            }
            if self.stage.laptop.status(session).is_some() {
                return Ok(Then::Nothing);
            }
            host::sleep(REST);
        }
    }

    /// Does what only a page can do, as far as a terminal can.
    fn requests(&mut self) -> Result<Then, String> {
        let mut then = Then::Nothing;
        while let Some(request) = self.stage.laptop.take_page_request() {
            match request {
                PageRequest::Open(address) => {
                    print(format!("(a page would now open {address})\r\n").as_bytes())?;
                }
                PageRequest::Lesson { id, argv } => then = self.answer(id, &argv),
                // Nobody has said that there is an editor.
                PageRequest::Edit { id, .. } => self.stage.laptop.edited(id, None),
            }
        }
        self.stage.laptop.poll();
        Ok(then)
    }

    fn answer(&mut self, id: u64, argv: &[String]) -> Then {
        let view = self.stage.view();
        let answer = self.class.as_mut().and_then(|class| {
            let player = class.player.as_mut()?;
            let mut desk = Desk {
                index: &class.index,
                lesson: &class.lesson,
                player,
                progress: &class.progress,
                language: &class.language,
                world: &view,
            };
            Some(desk.answer(argv))
        });
        let Some(answer) = answer else {
            self.stage.laptop.answer_lesson(id, "no lesson is open\n".into(), 1);
            return Then::Nothing;
        };
        self.stage.laptop.answer_lesson(id, answer.text, answer.exit);
        answer.then
    }

    /// Looks at the goals; gives whether a command has ended.
    fn look(&mut self) -> bool {
        let commands = self.stage.laptop.take_finished();
        let ended = !commands.is_empty();
        let commands: Vec<(String, i32)> = commands.into_iter().map(|c| (c.line, c.exit)).collect();
        let view = self.stage.view();
        let Some(class) = &mut self.class else { return ended };
        let Some(player) = &mut class.player else { return ended };
        if !player.look(&class.lesson, &view, &commands).is_empty() {
            class.progress.note(&class.lesson, player);
        }
        ended
    }
}

/// Shows it; `false`: nobody looks any more.
fn print(bytes: &[u8]) -> Result<bool, String> {
    let mut stdout = std::io::stdout();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(e) => Err(e.to_string()),
    }
}

/// What is typed. A person's keys are handed on as they come. Lines of a file or a pipe are typed one by one, each when
/// the command before has ended or seems to read, and after them Ctrl-D until all has ended.
struct Keys {
    read: Receiver<Vec<u8>>,
    person: bool,
    /// Bytes of a file or a pipe that were not typed yet.
    waiting: VecDeque<u8>,
    ended: bool,
    /// Whether what was typed last still runs, as far as one knows.
    busy: bool,
    /// How long nothing was shown or typed.
    quiet: Duration,
}

impl Keys {
    fn new() -> Keys {
        let person = std::io::stdin().is_terminal();
        let waiting = VecDeque::new();
        Keys { read: keys(), person, waiting, ended: false, busy: true, quiet: Duration::ZERO }
    }

    /// What is typed next, if anything is; `elapsed` since it was asked before.
    fn next(&mut self, elapsed: Duration) -> Option<Vec<u8>> {
        loop {
            match self.read.try_recv() {
                Ok(bytes) if self.person => return Some(bytes),
                Ok(bytes) => self.waiting.extend(bytes),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    self.ended = true;
                    break;
                }
            }
        }
        self.quiet += elapsed;
        if self.busy && self.quiet < UNTIL_READ {
            return None;
        }
        let line = self.waiting.iter().position(|b| *b == b'\n').map(|at| at + 1);
        let line = line.or((self.ended && !self.waiting.is_empty()).then_some(self.waiting.len()));
        let typed = match line {
            Some(end) => {
                let line: Vec<u8> = self.waiting.drain(..end).filter(|b| *b != b'\n').collect();
                [line.as_slice(), b"\r"].concat()
            }
            None if self.ended => vec![4],
            None => return None,
        };
        self.busy = true;
        self.quiet = Duration::ZERO;
        Some(typed)
    }
}

/// What comes from standard input. The thread ends with the process, or at the end of input.
fn keys() -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut chunk = [0; 4096];
        while let Ok(count @ 1..) = std::io::stdin().read(&mut chunk) {
            if sender.send(chunk[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    receiver
}
