//! The frame: a bar on top, terminal and picture side by side, one line below that says what just happened.

mod anew;
mod keyboard;
mod sizes;
mod view;

use self::keyboard::belongs_to_prompt;
pub(crate) use self::keyboard::focus_prompt;
use self::sizes::Sizes;
use crate::browser::{PageView, host_of, port_and_path};
use crate::commands::Commands;
use crate::controls::Action;
use crate::editor::EditRequest;
use crate::embed::{self, Moment, Order, Page, Told};
use crate::engine::{Engine, Seen};
use crate::frames::Frames;
use crate::inspector::View;
use crate::later;
use crate::lesson::{self, Act};
use crate::load::Load;
use crate::panic::guard;
use crate::picture::Chosen;
use crate::picture::dots::{Colors, DotCanvas};
use crate::words::{self, Words};
use client::{Driver, Network, Place};
use cluster::{Cluster, Config, Image, Images};
use shell::PageRequest;
use sim::net::{self, HttpRequest, Payload};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlCanvasElement, HtmlElement};
use yew::prelude::*;

/// The most nodes that a page is asked for; more do not fit into a picture.
pub(crate) const MAX_NODES: usize = 100;

/// What an image that the page adds weighs: the time of its pull comes from this.
const REGISTERED_BYTES: u64 = 20_000_000;

/// The most things done by the reader that wait for the rest of the program.
const MAX_WAITING: usize = 10_000;

/// What a playground is made with.
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct AppProps {
    /// How many nodes the cluster has, the control plane's included: 1 to 100.
    pub nodes: usize,
    /// All randomness of the cluster comes from this.
    pub seed: u64,
    /// The lesson that is opened: `CHAPTER/LESSON`.
    pub lesson: Option<String>,
    /// A lesson by its address instead: a bundle.
    pub src: Option<String>,
    /// The reader's language; if it is not said, that of the page around, then the browser's.
    pub lang: Option<String>,
    /// Whether the page's address says which lesson is open. That is for a page that is a playground and nothing else.
    pub address: bool,
    /// What the page around it says.
    pub page: Page,
    /// Hears what happens.
    pub tell: Callback<Told>,
}

impl Default for AppProps {
    /// The cluster that the tutorials speak of.
    fn default() -> AppProps {
        let config = Config::default();
        AppProps {
            nodes: config.nodes,
            seed: config.seed,
            lesson: None,
            src: None,
            lang: None,
            address: false,
            page: Page::default(),
            tell: Callback::noop(),
        }
    }
}

impl AppProps {
    /// What is opened at once.
    fn opening(&self) -> Option<&String> {
        self.src.as_ref().or(self.lesson.as_ref())
    }

    fn config(&self, images: &Images) -> Config {
        let nodes = self.nodes.clamp(1, MAX_NODES);
        Config { nodes, seed: self.seed, images: images.clone(), ..Config::default() }
    }
}

/// What the parts call. They are made once: a part that gets the same ones and the same rest is not drawn again.
pub(crate) struct Calls {
    pub(crate) lesson: Callback<Act>,
    changed: Callback<()>,
    act: Callback<Action>,
    input: Callback<Vec<u8>>,
    open: Callback<String>,
    point: Callback<Option<Chosen>>,
    choose: Callback<Chosen>,
    view: Callback<View>,
    unchoose: Callback<()>,
    escape: Callback<KeyboardEvent>,
    reload: Callback<()>,
    close_browser: Callback<()>,
    edited: Callback<Option<String>>,
    propose: Callback<String>,
    sized: Callback<()>,
    pressed: Callback<PointerEvent>,
    key: Callback<KeyboardEvent>,
}

impl Calls {
    fn new(ctx: &Context<App>, frame: &NodeRef, by_mouse: &Rc<Cell<bool>>) -> Calls {
        let link = ctx.link();
        let (frame, mouse, keys) = (frame.clone(), by_mouse.clone(), by_mouse.clone());
        Calls {
            lesson: link.callback(Msg::Lesson),
            changed: link.callback(|()| Msg::Changed),
            act: link.callback(Msg::Act),
            input: link.callback(Msg::Input),
            open: link.callback(Msg::Open),
            point: link.callback(Msg::Point),
            choose: link.callback(|c| Msg::Choose(Some(c))),
            view: link.callback(Msg::View),
            unchoose: link.callback(|()| Msg::Choose(None)),
            escape: link
                .batch_callback(|event: KeyboardEvent| (event.key() == "Escape").then_some(Msg::Leave)),
            reload: link.callback(|()| Msg::Reload),
            close_browser: link.callback(|()| Msg::CloseBrowser),
            edited: link.callback(Msg::Edited),
            propose: link.callback(Msg::Propose),
            sized: link.callback(|()| Msg::Sized),
            pressed: Callback::from(move |event: PointerEvent| mouse.set(event.pointer_type() == "mouse")),
            key: Callback::from(move |event: KeyboardEvent| {
                keys.set(false);
                if belongs_to_prompt(&event) {
                    focus_prompt(&frame);
                }
            }),
        }
    }
}

/// One playground, whole.
pub struct App {
    pub(crate) calls: Calls,
    pub(crate) engine: Rc<RefCell<Engine>>,
    /// The reader's language, once its texts are there.
    pub(crate) words: Option<Words>,
    /// Lessons, once somebody has asked for one.
    pub(crate) lessons: Option<lesson::Shared>,
    /// Whether the lesson that was asked for at the start is still on its way.
    opening: bool,
    frames: Frames,
    saved: Rc<RefCell<Option<Cluster>>>,
    /// What stood here before the reader's reset.
    before: Option<Rc<RefCell<Engine>>>,
    broken: Option<String>,
    /// Whether the whole program is there, and what the reader did before it was. See [`later`].
    whole: bool,
    waiting: Vec<Msg>,
    /// Why the rest of the program could not be loaded.
    missing: Option<String>,
    pub(crate) notice: Callback<String>,
    pointed: Option<Chosen>,
    pub(crate) chosen: Option<(Chosen, View)>,
    browser: Option<PageView>,
    pub(crate) editing: Option<EditRequest>,
    pane: NodeRef,
    canvas: NodeRef,
    pub(crate) frame: NodeRef,
    /// What was pressed last was a mouse, not a key or a finger.
    pub(crate) by_mouse: Rc<Cell<bool>>,
    drawn_on: Option<HtmlCanvasElement>,
    sizes: Option<Sizes>,
    /// What gets the keyboard after the next render, as a selector.
    next_focus: Option<String>,
    pub(crate) measure: bool,
    theme: &'static str,
    /// Commands of the page around it, the images that it has added, and whether nobody can see the playground.
    commands: Commands,
    images: Images,
    hidden: bool,
}

/// What can happen to a playground.
pub enum Msg {
    /// Something of the engine has changed.
    Changed,
    /// Keys or a paste.
    Input(Vec<u8>),
    /// A control was used.
    Act(Action),
    /// Something is pointed at.
    Point(Option<Chosen>),
    /// Something was chosen, or nothing.
    Choose(Option<Chosen>),
    /// Another view of what was chosen.
    View(View),
    /// An address of the cluster is to be opened.
    Open(String),
    /// What the browser asked for has come.
    Loaded(PageView),
    /// The browser asks again.
    Reload,
    /// The browser is closed.
    CloseBrowser,
    /// Inspector and browser are left.
    Leave,
    /// A text was edited.
    Edited(Option<String>),
    /// A command that the page proposes is written at the prompt.
    Propose(String),
    /// The rest of the program is to be loaded.
    Load,
    /// The rest of the program is there, or it could not be loaded.
    Whole(Result<(), String>),
    /// Something may have another size.
    Sized,
    /// The engine has panicked.
    Broken(String),
    /// Go on from the last moment that was saved.
    Restore,
    /// Another theme.
    Theme,
    /// The next language.
    Language,
    /// The texts of the reader's language are there.
    Worded(Words),
    /// Something is done with lessons.
    Lesson(Act),
    /// The page around it asks for something.
    Order(Order),
}

impl Msg {
    /// Whether it may need more than the first part of the program.
    fn waits(&self) -> bool {
        use Msg::*;
        !matches!(
            self,
            Changed
                | Load
                | Whole(_)
                | Sized
                | Broken(_)
                | Theme
                | Language
                | Worded(_)
                | Order(embed::Order::Suspend(_))
        )
    }

    /// Plain letters at the prompt, which the first part can show.
    fn types(&self) -> bool {
        matches!(self, Msg::Input(bytes) if !bytes.iter().any(u8::is_ascii_control))
    }

    /// What is meant for the cluster that is on its way.
    fn concerns_cluster(&self) -> bool {
        matches!(self, Msg::Input(_) | Msg::Act(_) | Msg::Propose(_))
    }
}

impl Component for App {
    type Message = Msg;
    type Properties = AppProps;

    fn create(ctx: &Context<App>) -> App {
        let notice = ctx.link().callback(Msg::Broken);
        let mut engine = guard(&notice, || Engine::starting(ctx.props().config(&Images::default())));
        engine.held = true;
        let engine = Rc::new(RefCell::new(engine));
        let (frame, by_mouse) = (NodeRef::default(), Rc::new(Cell::new(false)));
        let calls = Calls::new(ctx, &frame, &by_mouse);
        let sized = calls.sized.clone();
        let frames = Frames::start(engine.clone(), notice.clone(), calls.changed.clone());
        App {
            calls,
            engine,
            words: None,
            lessons: None,
            opening: ctx.props().opening().is_some(),
            frames,
            saved: Rc::default(),
            before: None,
            broken: None,
            whole: false,
            waiting: Vec::new(),
            missing: None,
            notice,
            pointed: None,
            chosen: None,
            browser: None,
            editing: None,
            pane: NodeRef::default(),
            canvas: NodeRef::default(),
            frame,
            by_mouse,
            drawn_on: None,
            sizes: Sizes::new(sized),
            next_focus: None,
            measure: true,
            theme: ctx.props().page.theme.unwrap_or("auto"),
            commands: Commands::default(),
            images: Images::default(),
            hidden: false,
        }
    }

    fn changed(&mut self, ctx: &Context<App>, old: &AppProps) -> bool {
        let new = ctx.props();
        if new.page.theme != old.page.theme {
            self.theme = new.page.theme.unwrap_or("auto");
            self.drawn_on = None;
        }
        if (new.nodes, new.seed) != (old.nodes, old.seed) {
            self.reset(ctx);
        }
        if new.page.view != old.page.view {
            self.show_view(ctx);
        }
        if new.lang != old.lang {
            let wanted = self.language(ctx);
            ctx.link().send_future(async move { Msg::Worded(Words::load(wanted).await) });
        }
        if new.opening() != old.opening() {
            match new.opening() {
                _ if !self.whole => self.opening = new.opening().is_some(),
                Some(name) => lesson::hooks::act(self, ctx, Act::Open(name.clone())),
                None => lesson::hooks::act(self, ctx, Act::Leave),
            }
        }
        self.measure = true;
        true
    }

    fn update(&mut self, ctx: &Context<App>, msg: Msg) -> bool {
        let early = !self.whole && msg.waits() && (self.opening || !(self.waiting.is_empty() && msg.types()));
        if early || (self.opening && msg.concerns_cluster()) {
            if self.waiting.len() < MAX_WAITING {
                self.waiting.push(msg);
            }
            return false;
        }
        if self.lessons.is_some() {
            lesson::hooks::note(self, &msg);
        }
        match msg {
            Msg::Changed => {
                self.begin(ctx);
                self.forget_before();
                self.page_requests(ctx);
                self.tell_seen(ctx);
            }
            Msg::Input(_) | Msg::Propose(_) if ctx.props().page.readonly => {}
            Msg::Input(bytes) => {
                self.save(&bytes);
                self.with(|e| e.input(&bytes));
                self.page_requests(ctx);
            }
            Msg::Act(action) => {
                self.act(ctx, action);
                // Whoever works with keys stays at the control; on a phone the keyboard stays closed.
                if self.by_mouse.get() {
                    focus_prompt(&self.frame);
                }
            }
            Msg::Point(what) => {
                let other = what != self.pointed;
                self.pointed = what;
                return other;
            }
            Msg::Choose(what) => self.choose(what),
            Msg::Leave => self.leave(),
            Msg::View(view) => {
                if let Some((_, shown)) = &mut self.chosen {
                    *shown = view;
                }
            }
            Msg::Open(address) => self.open(ctx, address),
            Msg::Loaded(view) => {
                // An answer to an address that was left in the meantime is of no use.
                if self.browser.as_ref().is_some_and(|b| b.address == view.address) {
                    self.browser = Some(view);
                }
            }
            Msg::Reload => {
                if let Some(view) = &self.browser {
                    self.open(ctx, view.address.clone());
                }
            }
            Msg::CloseBrowser => self.browser = None,
            Msg::Edited(text) => {
                if let Some(request) = self.editing.take() {
                    lesson::hooks::edited(self, &request, text);
                }
            }
            Msg::Propose(command) => {
                self.with(|e| e.input(command.as_bytes()));
                focus_prompt(&self.frame);
            }
            Msg::Load => self.load_later(ctx),
            Msg::Whole(Err(why)) => {
                ctx.props().tell.emit(Told::Error(why.clone()));
                self.missing = Some(why);
            }
            Msg::Whole(Ok(())) => {
                self.with(|e| e.held = false);
                self.begin(ctx);
            }
            Msg::Sized => self.measure = true,
            Msg::Broken(text) => {
                self.commands.give_up("the playground has broken");
                ctx.props().tell.emit(Told::Error(text.clone()));
                self.broken = Some(text);
            }
            Msg::Order(order) => self.obey(ctx, order),
            Msg::Restore => self.restore(ctx),
            Msg::Theme => self.next_theme(),
            Msg::Language => self.next_language(ctx),
            Msg::Worded(words) => {
                let first = self.words.replace(words).is_none();
                if let (true, Some(root)) = (ctx.props().address, root()) {
                    let _ = root.set_attribute("lang", words.language());
                }
                if first {
                    self.open_first(ctx);
                } else if let Some(lessons) = self.lessons.clone() {
                    lesson::hooks::language(self, &lessons);
                }
            }
            Msg::Lesson(act) => {
                let looks = act == Act::Look;
                let before = self.lesson_version();
                lesson::hooks::act(self, ctx, act);
                return !looks || self.lesson_version() != before;
            }
        }
        true
    }

    fn rendered(&mut self, ctx: &Context<App>, first: bool) {
        if first {
            self.load_later(ctx);
            let wanted = self.language(ctx);
            ctx.link().send_future(async move { Msg::Worded(Words::load(wanted).await) });
        }
        // Asking for a size makes the browser lay everything out, so it is asked only when it may have changed.
        let pane = self.pane.cast::<HtmlElement>().filter(|_| std::mem::take(&mut self.measure));
        let width = pane.map(|p| f64::from(p.client_width())).filter(|width| *width > 0.0);
        self.sizes.iter_mut().for_each(|sizes| sizes.watch(self.pane.cast()));
        let canvas = self.canvas.cast::<HtmlCanvasElement>();
        let new_canvas = canvas != self.drawn_on;
        let colors = if new_canvas { self.colors() } else { Colors::default() };
        let drawn = canvas.clone();
        let mut redrawn = false;
        self.with(|e| {
            redrawn = width.is_some_and(|w| e.resize(w));
            if new_canvas {
                e.set_canvas(canvas.and_then(DotCanvas::new), colors);
            }
        });
        self.drawn_on = drawn;
        if redrawn {
            self.calls.changed.emit(());
        }
        self.move_focus();
    }

    fn view(&self, ctx: &Context<App>) -> Html {
        self.draw(ctx)
    }
}

/// The element of the whole document.
fn root() -> Option<web_sys::Element> {
    web_sys::window()?.document()?.document_element()
}

impl App {
    /// Uses the engine, unless it has panicked before; what it did is shown by the render that follows.
    pub(crate) fn with(&self, run: impl FnOnce(&mut Engine)) {
        if let Ok(mut engine) = self.engine.try_borrow_mut() {
            guard(&self.notice, || run(&mut engine));
        }
    }

    /// Keeps the moment before a command, to go back to if something of ours breaks.
    pub(crate) fn save(&self, bytes: &[u8]) {
        if bytes.contains(&b'\r')
            && self.broken.is_none()
            && let Ok(engine) = self.engine.try_borrow()
        {
            *self.saved.borrow_mut() = Some(engine.handle.0.borrow().clone());
        }
    }

    /// What was asked for at the start is there, or does not come: what the reader has done meanwhile is done now.
    pub(crate) fn opened(&mut self, ctx: &Context<App>) {
        self.opening = false;
        for msg in std::mem::take(&mut self.waiting) {
            <App as Component>::update(self, ctx, msg);
        }
    }

    /// Goes to work once the program is whole and the cluster is up.
    fn begin(&mut self, ctx: &Context<App>) {
        let ready = self.engine.try_borrow().is_ok_and(|e| e.is_up() && !e.held);
        if ready && !self.whole {
            self.whole = true;
            ctx.props().tell.emit(Told::Ready);
            self.show_view(ctx);
            self.open_first(ctx);
        }
    }

    /// Opens what was asked for at the start, once the program is whole and the language is there.
    fn open_first(&mut self, ctx: &Context<App>) {
        match ctx.props().opening() {
            _ if !self.whole || self.words.is_none() => {}
            Some(name) => lesson::hooks::act(self, ctx, Act::Open(name.clone())),
            None => self.opened(ctx),
        }
    }

    fn lesson_version(&self) -> u32 {
        self.lessons.as_ref().map_or(0, |lessons| lessons.borrow().version)
    }

    /// The language that is wanted, of those there are.
    fn language(&self, ctx: &Context<App>) -> &'static str {
        let around = root().and_then(|r| r.get_attribute("lang"));
        let browser = web_sys::window().and_then(|w| w.navigator().language());
        let kept = ctx.props().address.then(words::kept).flatten();
        let wanted = [ctx.props().lang.clone(), kept, around, browser];
        wanted.into_iter().flatten().find_map(|l| words::matching(&l)).unwrap_or("en")
    }

    fn next_language(&mut self, ctx: &Context<App>) {
        let now = self.words.unwrap_or_default().language();
        let all = words::LANGUAGES.iter().map(|(language, _)| *language);
        let next = all.clone().cycle().skip_while(|l| *l != now).nth(1).unwrap_or("en");
        if ctx.props().address {
            words::keep(next);
        }
        ctx.link().send_future(async move { Msg::Worded(Words::load(next).await) });
    }

    /// What goals see of the cluster.
    pub(crate) fn handle(&self) -> cluster::Handle {
        self.engine.borrow().handle.clone()
    }

    /// Whether the reader wants no motion.
    pub(crate) fn is_still(&self) -> bool {
        self.colors().still
    }

    /// Lets the page's address say which lesson is open, where that is wanted.
    pub(crate) fn address(&self, ctx: &Context<App>, lesson: Option<&str>) {
        let Some(window) = web_sys::window().filter(|_| ctx.props().address) else { return };
        let query = window.location().search().unwrap_or_default();
        let pairs = query.trim_start_matches('?').split('&');
        let mut pairs: Vec<String> =
            pairs.filter(|p| !p.is_empty() && !p.starts_with("lesson=")).map(String::from).collect();
        pairs.extend(lesson.map(|name| format!("lesson={name}")));
        let path = window.location().pathname().unwrap_or_default();
        let address = if pairs.is_empty() { path } else { format!("{path}?{}", pairs.join("&")) };
        if let Ok(history) = window.history() {
            // A sandbox may forbid it; the lesson is open all the same.
            let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&address));
        }
    }

    fn act(&mut self, ctx: &Context<App>, action: Action) {
        match action {
            Action::Reset if self.lessons.as_ref().is_some_and(|l| l.borrow().open.is_some()) => {
                self.calls.lesson.emit(Act::Restart);
            }
            Action::Reset => self.start_over(ctx),
            Action::Back => self.go_back(),
            Action::Pause => self.with(|e| e.paused = !e.paused),
            Action::Step => self.with(|e| {
                e.paused = true;
                e.step();
                e.settle();
            }),
            Action::Skip => self.with(Engine::skip),
            Action::Speed(speed) => self.with(|e| e.speed = speed),
            Action::Node(name, on) => self.with(|e| {
                // A node that is on the page is there; nothing to say if it has just gone.
                let _ = e.handle.act(if on { "start-node" } else { "stop-node" }, &name);
                e.settle();
            }),
            Action::OpenTab => self.with(|e| {
                e.open_tab();
                e.settle();
            }),
            Action::ShowTab(index) => self.with(|e| {
                e.active = index;
                if let Some(tab) = e.tabs.get_mut(index) {
                    tab.version += 1;
                }
            }),
            Action::CloseTab(index) => self.with(|e| e.close_tab(index)),
            Action::Target(service) => self.with(|e| {
                let now = e.now();
                e.load = Some(Load::new(&service, now));
            }),
            Action::Send => self.with(|e| {
                let handle = e.handle.clone();
                if let Some(load) = &mut e.load {
                    load.send(&mut handle.0.borrow_mut());
                }
                e.settle();
            }),
            Action::Rate(rate) => self.with(|e| {
                let now = e.now();
                if let Some(load) = &mut e.load {
                    load.set_rate(rate, now);
                }
            }),
        }
    }

    fn page_requests(&mut self, ctx: &Context<App>) {
        let mut requests = Vec::new();
        self.with(|e| requests.extend(std::iter::from_fn(|| e.take_page_request())));
        for request in requests {
            match request {
                PageRequest::Open(address) => self.open(ctx, address),
                PageRequest::Edit { id, name, text } => self.editing = Some(EditRequest { id, name, text }),
                PageRequest::Lesson { id, argv } => lesson::hooks::answer(self, id, &argv),
            }
        }
    }

    /// Tells the page what has happened, and goes on with its commands.
    fn tell_seen(&mut self, ctx: &Context<App>) {
        let mut commands = std::mem::take(&mut self.commands);
        let mut seen = Seen::default();
        let mut time = 0;
        self.with(|e| {
            seen = e.take_seen();
            commands.go_on(e, &seen.ended);
            time = e.now().as_secs();
        });
        self.commands = commands;
        self.rest();
        let tell = &ctx.props().tell;
        if seen.objects && self.whole {
            tell.emit(Told::Change { time });
        }
        for ended in seen.ended {
            tell.emit(Told::Command { line: ended.line, exit: ended.exit });
        }
    }

    /// Brings into view what the page wants to be seen.
    fn show_view(&mut self, ctx: &Context<App>) {
        let view = ctx.props().page.view.filter(|view| !matches!(*view, "terminal" | "picture"));
        if let (Some(view), true) = (view, self.whole) {
            lesson::hooks::show_view(self, view);
        }
    }

    /// Nothing moves while nobody sees it, unless the page waits for a command.
    fn rest(&self) {
        self.frames.rest(self.hidden && self.commands.is_empty());
    }

    /// Does what the page asks for.
    fn obey(&mut self, ctx: &Context<App>, order: Order) {
        match order {
            Order::Run { text, done } => {
                self.commands.push(&text, done);
                self.tell_seen(ctx);
            }
            Order::Reset(done) => {
                match self.lessons.as_ref().is_some_and(|lessons| lessons.borrow().open.is_some()) {
                    true => lesson::hooks::act(self, ctx, Act::Restart),
                    false => self.reset(ctx),
                }
                done.emit(Ok(()));
            }
            Order::Keep(done) => {
                let mut kept = Err("the playground has broken".to_string());
                self.with(|e| {
                    let (cluster, files) = e.moment();
                    kept = Ok(Rc::new(Moment { cluster, files }));
                });
                done.emit(kept);
            }
            Order::Restore { moment, done } => {
                let engine = guard(&self.notice, || {
                    let mut engine = Engine::around(moment.cluster.clone(), ctx.props().seed);
                    engine.set_files(moment.files.clone());
                    engine
                });
                self.replace(engine);
                done.emit(Ok(()));
            }
            Order::Register { name, script, done } => {
                let image = Image::script(REGISTERED_BYTES, &script);
                let mut good = self.images.register(&name, image.clone());
                self.with(|e| good &= e.handle.0.borrow_mut().register_image(&name, image));
                done.emit(if good { Ok(()) } else { Err(format!("{name:?} is no name of an image")) });
            }
            Order::Suspend(hidden) => {
                self.hidden = hidden;
                self.rest();
            }
        }
    }

    fn open(&mut self, ctx: &Context<App>, address: String) {
        self.browser = Some(PageView { address: address.clone(), answer: None });
        let Ok(engine) = self.engine.try_borrow() else { return };
        let handle = engine.handle.clone();
        let (port, path) = port_and_path(&address);
        let host = host_of(&address).to_string();
        let mut http = HttpRequest::get(&path);
        http.headers.push(("Host".into(), format!("{host}:{port}")));
        let request = net::Request { host, port, payload: Payload::Http(http), timeout: None };
        let loaded = ctx.link().callback(Msg::Loaded);
        self.frames.spawn(Box::pin(async move {
            let answer = match Network::send(&handle, Place::Laptop, request).await {
                Ok(net::Response::Http(r)) => Ok((r.status, String::from_utf8_lossy(&r.body).into_owned())),
                Ok(_) => Err("the answer is not HTTP".to_string()),
                Err(error) => Err(error.to_string()),
            };
            loaded.emit(PageView { address, answer: Some(answer) });
        }));
    }

    fn colors(&self) -> Colors {
        let style = web_sys::window().zip(self.frame.cast::<web_sys::Element>());
        let style = style.and_then(|(w, e)| w.get_computed_style(&e).ok().flatten());
        let value = |name: &str| {
            style
                .as_ref()
                .and_then(|s| s.get_property_value(name).ok())
                .unwrap_or_default()
                .trim()
                .to_string()
        };
        Colors {
            request: value("--kubarium-request"),
            answer: value("--kubarium-answer"),
            failed: value("--kubarium-failed"),
            ground: value("--kubarium-ground"),
            still: value("--still") == "1",
        }
    }

    fn next_theme(&mut self) {
        self.theme = match self.theme {
            "auto" => "light",
            "light" => "dark",
            _ => "auto",
        };
        self.drawn_on = None; // the colours of requests are read again
    }

    /// Loads the rest of the program, now or once more.
    fn load_later(&mut self, ctx: &Context<App>) {
        self.missing = None;
        // At once, not after what the page has to do next: it is fetched and compiled while the cluster comes up.
        let done = ctx.link().callback(Msg::Whole);
        spawn_local(async move { done.emit(later::load().await) });
    }
}
