//! The machine behind one playground: the cluster, the laptop, the scene, and the frames that move them on.
//!
//! It runs outside of Yew: a frame moves virtual time on, feeds programs, draws requests, and tells the components only
//! what has changed. Whatever panics in here breaks this playground alone; see [`crate::panic`].

use crate::load::Load;
use crate::picture::dots::{Colors, DotCanvas};
use crate::terminal::ScreenHandle;
use cluster::{Boot, Cluster, Config, Handle};
use diagram::{Picture, Scene};
use shell::{Laptop, PageRequest, SessionId, World};
use sim::{Duration, Time};
use std::collections::VecDeque;
use std::rc::Rc;
use userland::{Files, Tty};
use vte::{Parser, Perform};

/// The most real time of a frame that counts: a page that was hidden does not leap ahead.
const MAX_FRAME_MS: f64 = 100.0;
/// How much of a frame may be spent on the simulation. What is left over is dropped: virtual time runs slower then.
const BUDGET_MS: f64 = 6.0;
/// The same for a frame in which the picture is drawn again, which takes its time, too.
const DRAWING_BUDGET_MS: f64 = 3.0;
/// The same while the cluster comes up and there is little else to look at.
const BOOT_BUDGET_MS: f64 = 60.0;
/// How far virtual time moves in one go before programs on the laptop are looked after again.
const SLICE: Duration = Duration::from_millis(20);
/// How far `skip` looks for something to happen.
const MAX_SKIP: Duration = Duration::from_secs(600);
/// The picture is drawn again at most this often, in milliseconds of the display. Requests move every frame.
const PICTURE_MS: f64 = 50.0;
/// With very many objects a look at them takes long: the next waits for so many times that.
const PICTURE_SHARE: f64 = 10.0;
/// How much of a long paste is typed in one frame, and of a long output is taken, in bytes.
const CHUNK: usize = 16 << 10;
/// The most terminals that a lesson opens.
const MAX_ASKED_TABS: usize = 4;
/// Ctrl-C.
const INTERRUPT: &[u8] = b"\x03";
/// What ends a paste.
const PASTE_END: &[u8] = b"\x1b[201~";
/// Ctrl-E Ctrl-U: what is typed already is put aside, where Ctrl-Y brings it back from.
const CLEAR_LINE: &[u8] = b"\x05\x15";
/// The most that is kept of what one command of the page prints, in bytes; the rest is only shown.
const MAX_RECORD: usize = 1 << 20;
/// The most ended commands that wait to be taken; the oldest are dropped.
const MAX_ENDED: usize = 256;
/// Terminal size that programs are told. Lines do not wrap, so columns matter only to those who ask.
const TTY: Tty = Tty { columns: 120, rows: 40 };

/// A terminal tab.
pub struct Tab {
    /// Its number, as it is named.
    pub number: u32,
    /// What it shows.
    pub screen: ScreenHandle,
    /// Counts changes.
    pub version: u32,
    session: SessionId,
    /// What was pasted and waits to be typed.
    typed: VecDeque<u8>,
    /// What was printed and waits to be shown. Until it is, no more is taken, and whoever prints has to wait.
    printed: VecDeque<u8>,
    /// What a command of the page has printed so far.
    record: Option<Vec<u8>>,
}

/// A command that was typed and has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// The number of the terminal.
    pub terminal: u32,
    /// What was typed.
    pub line: String,
    /// Its exit code.
    pub exit: i32,
    /// What it printed, as text, if the page has asked for it.
    pub output: Option<String>,
}

/// What has changed in a frame or after an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Anything that components show.
    pub anything: bool,
}

/// What was typed, beginning to end, and what changed: for those who look on. Taken by [`Engine::take_seen`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// Commands that have ended, the newest few hundred.
    pub ended: Vec<Ended>,
    /// Whether objects of the cluster have changed.
    pub objects: bool,
}

/// One playground.
pub struct Engine {
    /// The cluster, as everybody outside holds it.
    pub handle: Handle,
    /// What is drawn.
    pub picture: Rc<Picture>,
    /// The tabs.
    pub tabs: Vec<Tab>,
    /// Which tab is shown.
    pub active: usize,
    /// Whether virtual time stands still.
    pub paused: bool,
    /// Whether it waits for the rest of the program: nothing moves on.
    pub held: bool,
    boot: Option<Boot>,
    /// Virtual seconds a real second.
    pub speed: f64,
    /// Requests to a Service.
    pub load: Option<Load>,
    /// Whether `skip` is under way.
    pub skipping: bool,
    laptop: Laptop,
    scene: Scene,
    width: f64,
    canvas: Option<DotCanvas>,
    colors: Colors,
    last_frame: Option<f64>,
    display: f64,
    looked: f64,
    pause: f64,
    seconds: u64,
    next_tab: u32,
    skip_from: (Time, u64),
    slice_end: Time,
    seen: Seen,
    finished: Vec<(String, i32)>,
}

impl Engine {
    /// A new cluster with a laptop and one terminal.
    pub fn new(config: Config) -> Engine {
        let seed = config.seed;
        Engine::around(Cluster::new(config), seed)
    }

    /// The same, but the cluster comes up in the first frames: the prompt is there before it.
    pub fn starting(config: Config) -> Engine {
        let seed = config.seed;
        let (cluster, boot) = Cluster::starting(config);
        Engine::with(cluster, seed, Some(boot))
    }

    /// Around a cluster that is there already, such as one that was saved.
    pub fn around(cluster: Cluster, seed: u64) -> Engine {
        Engine::with(cluster, seed, None)
    }

    fn with(cluster: Cluster, seed: u64, boot: Option<Boot>) -> Engine {
        let handle = Handle::new(cluster);
        let shared = Rc::new(handle.clone());
        let world = World {
            transport: shared.clone(),
            clock: shared.clone(),
            network: shared.clone(),
            driver: shared,
            start_delay: Duration::ZERO,
        };
        let mut laptop = Laptop::new(world, seed);
        laptop.set_editor(true);
        let now = handle.0.borrow().now();
        let mut engine = Engine {
            handle,
            picture: Rc::default(),
            tabs: Vec::new(),
            active: 0,
            paused: false,
            held: false,
            boot,
            speed: 1.0,
            load: None,
            skipping: false,
            laptop,
            scene: Scene::default(),
            width: 640.0,
            canvas: None,
            colors: Colors::default(),
            last_frame: None,
            display: 0.0,
            looked: f64::NEG_INFINITY,
            pause: PICTURE_MS,
            seconds: 0,
            next_tab: 1,
            skip_from: (now, 0),
            slice_end: now,
            seen: Seen::default(),
            finished: Vec::new(),
        };
        engine.open_tab();
        engine.settle();
        engine
    }

    /// Opens a terminal and shows it. The shell has a limit; past it nothing happens.
    pub fn open_tab(&mut self) {
        if let Some(session) = self.laptop.open_session(TTY) {
            self.tabs.push(Tab {
                number: self.next_tab,
                screen: ScreenHandle::default(),
                version: 0,
                session,
                typed: VecDeque::new(),
                printed: VecDeque::new(),
                record: None,
            });
            self.next_tab += 1;
            self.active = self.tabs.len() - 1;
        }
    }

    /// Ends a terminal with what runs in it; the last one stays.
    pub fn close_tab(&mut self, index: usize) {
        if self.tabs.len() > 1 && index < self.tabs.len() {
            let tab = self.tabs.remove(index);
            self.laptop.close(tab.session);
            self.active = self.active.min(self.tabs.len() - 1);
        }
    }

    /// Something was typed or pasted into the shown terminal.
    pub fn input(&mut self, bytes: &[u8]) {
        let Some(tab) = self.tabs.get_mut(self.active) else { return };
        if bytes == INTERRUPT {
            // As a terminal does, it drops what was typed and printed before, but no half of a paste stays.
            if std::mem::take(&mut tab.typed).make_contiguous().ends_with(PASTE_END) {
                self.laptop.input(tab.session, PASTE_END);
            }
            tab.printed.clear();
            self.laptop.take_output(tab.session);
        } else if !tab.typed.is_empty() || bytes.len() > CHUNK {
            tab.typed.extend(bytes);
            return;
        }
        self.laptop.input(tab.session, bytes);
        self.settle();
    }

    /// Types a complete command and Enter into a terminal whose shell waits for one, the shown one if it does, and shows
    /// it. Gives the terminal's number; its end is seen with what it printed. `None`: there can be no more terminals.
    pub fn type_command(&mut self, command: &str) -> Option<u32> {
        let waits = |tab: &Tab| tab.record.is_none() && self.laptop.is_at_prompt(tab.session);
        let found = match self.tabs.get(self.active).filter(|tab| waits(tab)) {
            Some(_) => Some(self.active),
            None => self.tabs.iter().position(waits),
        };
        match found {
            Some(index) => {
                self.active = index;
                self.tabs[index].version += 1;
            }
            None => {
                let before = self.tabs.len();
                self.open_tab();
                if self.tabs.len() == before {
                    return None;
                }
                self.settle();
            }
        }
        let tab = self.tabs.get_mut(self.active)?;
        let (session, number) = (tab.session, tab.number);
        self.laptop.input(session, CLEAR_LINE);
        self.laptop.input(session, command.replace('\n', "\r").as_bytes());
        // What stands before the last Enter is the command itself, not what it prints.
        self.settle();
        self.tabs.get_mut(self.active)?.record = Some(Vec::new());
        self.laptop.input(session, b"\r");
        self.settle();
        Some(number)
    }

    /// The commands typed into the terminals that have ended since the last call, with their exit codes.
    pub fn take_finished(&mut self) -> Vec<(String, i32)> {
        std::mem::take(&mut self.finished)
    }

    /// What is to be known of since the last call.
    pub fn take_seen(&mut self) -> Seen {
        std::mem::take(&mut self.seen)
    }

    /// A moment: the cluster and what lies on the laptop.
    pub fn moment(&self) -> (Cluster, Files) {
        (self.handle.0.borrow().clone(), self.laptop.with_files(|files| files.clone()))
    }

    /// Files on the laptop, instead of those that are there.
    pub fn set_files(&mut self, kept: Files) {
        self.laptop.with_files(|files| *files = kept);
    }

    /// Types the next part of what was pasted.
    fn type_on(&mut self) {
        for tab in self.tabs.iter_mut().filter(|t| !t.typed.is_empty()) {
            let part: Vec<u8> = tab.typed.drain(..tab.typed.len().min(CHUNK)).collect();
            self.laptop.input(tab.session, &part);
        }
    }

    /// Runs what can go on without virtual time, and shows it.
    pub fn settle(&mut self) -> Changed {
        if self.is_up() {
            self.handle.0.borrow_mut().advance(Duration::ZERO);
        }
        self.laptop.poll();
        self.look()
    }

    /// The next thing that the page is asked to do.
    pub fn take_page_request(&mut self) -> Option<PageRequest> {
        self.laptop.take_page_request()
    }

    /// The learner's laptop.
    pub fn laptop(&mut self) -> &mut Laptop {
        &mut self.laptop
    }

    /// Shows a terminal, counted from 1; opens those that are not there yet.
    pub fn show_terminal(&mut self, number: usize) {
        while self.tabs.len() < number.min(MAX_ASKED_TABS) {
            let before = self.tabs.len();
            self.open_tab();
            if self.tabs.len() == before {
                return;
            }
        }
        self.active = number.saturating_sub(1).min(self.tabs.len() - 1);
        self.tabs[self.active].version += 1;
        self.settle();
    }

    /// Lives on until then, without a display: for what is done again.
    pub fn pass(&mut self, until: Time) {
        while self.now() < until {
            self.type_on();
            self.advance_to(until.min(self.now() + SLICE));
        }
        self.settle();
    }

    /// The learner has edited a text.
    pub fn edited(&mut self, id: u64, text: Option<String>) {
        self.laptop.edited(id, text);
        self.settle();
    }

    /// The line that says what just happened.
    pub fn news(&self) -> Option<&diagram::News> {
        self.scene.news()
    }

    /// Virtual seconds since the cluster was ready.
    pub fn now(&self) -> Time {
        self.handle.0.borrow().now()
    }

    /// The second from which the picture counts down; always the same while nothing in it counts, so that it is not
    /// drawn again.
    pub fn countdown(&self) -> u64 {
        if self.picture.counts_down() { self.now().as_secs() } else { 0 }
    }

    /// The picture may have another width, in CSS pixels. Gives whether it has.
    pub fn resize(&mut self, width: f64) -> bool {
        let other = (width - self.width).abs() > 1.0;
        if other {
            self.width = width;
            self.redraw();
        }
        other
    }

    /// Where requests are drawn, and in which colours.
    pub fn set_canvas(&mut self, canvas: Option<DotCanvas>, colors: Colors) {
        (self.canvas, self.colors) = (canvas, colors);
        self.fit();
    }

    /// One step of at most a second: to the next thing that is due.
    pub fn step(&mut self) {
        let now = self.now();
        let next = self.handle.0.borrow().next_timer().unwrap_or(now).max(now);
        self.advance_to(next.min(now + Duration::from_secs(1)));
    }

    /// Runs on until something is there to be seen.
    pub fn skip(&mut self) {
        self.skipping = true;
        self.skip_from = (self.now(), self.handle.0.borrow().signals().end());
    }

    /// Moves everything on to `at`, a time of the display in milliseconds; `clock` measures what that costs.
    pub fn frame(&mut self, at: f64, clock: &dyn Fn() -> f64) -> Changed {
        let first = self.last_frame.is_none();
        let elapsed = at - self.last_frame.replace(at).unwrap_or(at);
        let elapsed = elapsed.clamp(0.0, MAX_FRAME_MS);
        self.display += elapsed;
        let begin = clock();
        self.type_on();
        if self.boot.is_some() {
            // The first frame is the prompt's alone.
            return if first { Changed::default() } else { self.boot_on(begin, clock) };
        }
        if self.held {
            // Shown, but not moved on.
        } else if self.skipping {
            self.skip_on(begin, clock);
        } else if !self.paused {
            let until = self.now() + Duration::from_secs_f64(elapsed * self.speed / 1000.0);
            let budget = if self.is_picture_due() { DRAWING_BUDGET_MS } else { BUDGET_MS };
            while self.now() < until && clock() - begin < budget {
                self.instant(until);
            }
        } else {
            self.laptop.poll();
        }
        let (due, before) = (self.is_picture_due(), clock());
        let changed = self.look();
        if due {
            self.pause = PICTURE_MS.max((clock() - before) * PICTURE_SHARE);
        }
        self.draw_requests();
        changed
    }

    /// Whether the cluster is there to be asked.
    pub fn is_up(&self) -> bool {
        self.boot.is_none()
    }

    /// Brings the cluster up; nothing of it is shown before it is.
    fn boot_on(&mut self, begin: f64, clock: &dyn Fn() -> f64) -> Changed {
        while let Some(boot) = &mut self.boot
            && clock() - begin < BOOT_BUDGET_MS
        {
            if boot.step(&mut self.handle.0.borrow_mut()) {
                self.boot = None;
                self.slice_end = self.now();
            }
        }
        if self.is_up() {
            self.settle();
        }
        Changed { anything: self.is_up() }
    }

    /// Goes on to the next moment at which something is due in the cluster, or to the end of the slice, where programs on
    /// the laptop have their turn. Nothing smaller can be told apart, so a frame that is full ends here.
    fn instant(&mut self, until: Time) {
        let due = self.handle.0.borrow().next_timer();
        let end = self.slice_end.min(until);
        match due.filter(|at| *at < end) {
            Some(at) => self.handle.0.borrow_mut().advance_to(at),
            None => {
                self.advance_to(end);
                if self.now() >= self.slice_end {
                    self.slice_end = self.now() + SLICE.mul_f64(self.speed.max(1.0));
                }
            }
        }
    }

    fn is_picture_due(&self) -> bool {
        self.display - self.looked >= self.pause
    }

    fn advance_to(&mut self, at: Time) {
        self.handle.0.borrow_mut().advance_to(at);
        self.laptop.poll();
        if let Some(load) = &mut self.load {
            load.step(&mut self.handle.0.borrow_mut());
        }
    }

    fn skip_on(&mut self, begin: f64, clock: &dyn Fn() -> f64) {
        while clock() - begin < BUDGET_MS {
            let (from, signals) = self.skip_from;
            let seen = {
                let cluster = self.handle.0.borrow();
                let shown = |s: &client::Signal| {
                    !matches!(s.kind, client::SignalKind::Hop { .. } | client::SignalKind::End { .. })
                };
                cluster.signals().since(signals).any(shown) && cluster.now() > from
            };
            if seen || self.now() >= from + MAX_SKIP {
                self.skipping = false;
                return;
            }
            let next = self.handle.0.borrow().next_timer().unwrap_or(from + MAX_SKIP);
            self.advance_to(next.min(from + MAX_SKIP));
        }
    }

    /// Takes what has happened into what is shown.
    fn look(&mut self) -> Changed {
        let mut anything = false;
        for finished in self.laptop.take_finished() {
            let Some(tab) = self.tabs.iter_mut().find(|t| t.session == finished.session) else { continue };
            take_printed(&mut self.laptop, tab, finished.waiting);
            let output = tab.record.take().map(|bytes| transcript(&bytes));
            let (terminal, line, exit) = (tab.number, finished.line, finished.exit);
            if self.finished.len() >= MAX_ENDED {
                self.finished.remove(0);
            }
            self.finished.push((line.clone(), exit));
            self.seen.end(Ended { terminal, line, exit, output });
            anything = true;
        }
        for tab in &mut self.tabs {
            if tab.printed.is_empty() {
                take_printed(&mut self.laptop, tab, usize::MAX);
            }
            let mut screen = tab.screen.0.borrow_mut();
            if !tab.printed.is_empty() || screen.is_behind() {
                let part: Vec<u8> = tab.printed.drain(..tab.printed.len().min(CHUNK)).collect();
                screen.write(&part);
                tab.version += 1;
                anything = true;
            }
        }
        anything |= self.close_ended();
        self.scene.listen(&self.handle.0.borrow(), self.display);
        if self.is_picture_due() {
            self.looked = self.display;
            if self.scene.observe(&self.handle.0.borrow()) {
                self.seen.objects = true;
                self.redraw();
                anything = true;
            }
        }
        let seconds = self.now().as_secs();
        anything |= std::mem::replace(&mut self.seconds, seconds) != seconds;
        Changed { anything }
    }

    /// A terminal whose shell has ended closes; the last one is opened anew.
    fn close_ended(&mut self) -> bool {
        let Some(index) = self.tabs.iter().position(|t| self.laptop.status(t.session).is_some()) else {
            return false;
        };
        let tab = &mut self.tabs[index];
        let exit = self.laptop.status(tab.session).map_or(0, |status| status.code());
        if let Some(bytes) = tab.record.take() {
            let (terminal, output) = (tab.number, Some(transcript(&bytes)));
            self.seen.end(Ended { terminal, line: "exit".into(), exit, output });
        }
        if self.tabs.len() == 1 {
            self.open_tab();
        }
        self.close_tab(index);
        self.laptop.poll();
        true
    }

    fn redraw(&mut self) {
        self.picture = Rc::new(self.scene.picture(self.width));
        self.fit();
    }

    fn fit(&mut self) {
        if let Some(canvas) = &mut self.canvas {
            let density = web_sys::window().map_or(1.0, |w| w.device_pixel_ratio());
            canvas.fit(self.picture.width, self.picture.height, density);
        }
    }

    fn draw_requests(&mut self) {
        if let Some(canvas) = &mut self.canvas {
            let moment = self.scene.traffic_mut().moment(&self.picture, self.display, self.colors.still);
            canvas.draw(&moment, &self.colors);
        }
    }
}

impl Seen {
    fn end(&mut self, ended: Ended) {
        if self.ended.len() >= MAX_ENDED {
            self.ended.remove(0);
        }
        self.ended.push(ended);
    }
}

/// Takes what was printed. The first `recorded` bytes of it are those of the command that is recorded.
fn take_printed(laptop: &mut Laptop, tab: &mut Tab, recorded: usize) {
    let bytes: Vec<u8> = laptop.take_output(tab.session).into_iter().flat_map(|(_, b)| b).collect();
    if let Some(record) = &mut tab.record {
        let room = MAX_RECORD.saturating_sub(record.len());
        record.extend(&bytes[..bytes.len().min(recorded).min(room)]);
    }
    tab.printed.extend(bytes);
}

/// What a terminal has printed after Enter, as plain text without escape sequences. Its first line is the command's own,
/// which the line editor may have drawn once more, and is left out.
fn transcript(bytes: &[u8]) -> String {
    struct Text(String);
    impl Perform for Text {
        fn print(&mut self, c: char) {
            self.0.push(c);
        }
        fn execute(&mut self, byte: u8) {
            if matches!(byte, b'\n' | b'\t') {
                self.0.push(char::from(byte));
            }
        }
    }
    let mut text = Text(String::new());
    Parser::new().advance(&mut text, bytes);
    text.0.split_once('\n').map(|(_, output)| output.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_is_plain_text() {
        assert_eq!(transcript(b"\r\nNAME\tAGE\r\n\x1b[1mweb\x1b[0m  3s\r\n"), "NAME\tAGE\nweb  3s\n");
    }

    #[test]
    fn a_command_of_the_page_ends_with_what_it_printed_and_nothing_else() {
        let mut engine = Engine::new(Config::default());
        engine.input(b"half a li");
        let number = engine.type_command("for i in 1 2; do\n  echo line $i\ndone").unwrap();
        let mut ended = engine.take_seen().ended;
        assert_eq!(ended.remove(0).output.as_deref(), Some("line 1\nline 2\n"));
        assert_eq!(engine.type_command("false"), Some(number));
        let ended = engine.take_seen().ended;
        let last = ended.last().unwrap();
        assert_eq!((last.line.as_str(), last.exit, last.output.as_deref()), ("false", 1, Some("")));
        engine.type_command("sleep 5");
        assert_eq!(engine.type_command("printf x"), Some(number + 1), "the first terminal is busy");
        assert_eq!(engine.take_seen().ended[0].output.as_deref(), Some("x"));
        engine.type_command("fi");
        assert_eq!(engine.take_seen().ended[0].exit, 2, "what cannot be read has ended, too");
    }
}
