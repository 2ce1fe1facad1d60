//! The frames of one playground: moves its engine on as often as the display shows something new.

use crate::engine::Engine;
use crate::panic::guard;
use client::LocalFuture;
use gloo::render::{AnimationFrame, request_animation_frame};
use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Context, Waker};
use yew::Callback;

/// The most things that wait for virtual time on behalf of the page.
const MAX_WAITING: usize = 64;

/// Frames that go on until this is dropped.
pub struct Frames {
    shared: Rc<Shared>,
}

struct Shared {
    engine: Rc<RefCell<Engine>>,
    notice: Callback<String>,
    changed: Callback<()>,
    waiting: RefCell<Vec<LocalFuture<'static, ()>>>,
    /// The next frame; taken away, the frames end.
    next: RefCell<Option<AnimationFrame>>,
    ended: std::cell::Cell<bool>,
    resting: std::cell::Cell<bool>,
}

impl Frames {
    /// Starts them. `changed` is called after a frame that changed something to be shown.
    pub fn start(engine: Rc<RefCell<Engine>>, notice: Callback<String>, changed: Callback<()>) -> Frames {
        let shared = Rc::new(Shared {
            engine,
            notice,
            changed,
            waiting: RefCell::default(),
            next: RefCell::default(),
            ended: std::cell::Cell::new(false),
            resting: std::cell::Cell::new(false),
        });
        request(&shared);
        Frames { shared }
    }

    /// No frames while this is so: nobody sees them.
    pub fn rest(&self, resting: bool) {
        if self.shared.resting.replace(resting) == resting {
            return;
        }
        match resting {
            true => drop(self.shared.next.take()),
            false => request(&self.shared),
        }
    }

    /// Waits for something that needs virtual time. Past the limit it is dropped.
    pub fn spawn(&self, future: LocalFuture<'static, ()>) {
        let mut waiting = self.shared.waiting.borrow_mut();
        if waiting.len() < MAX_WAITING {
            waiting.push(future);
        }
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        self.shared.ended.set(true);
        self.shared.next.borrow_mut().take();
    }
}

fn request(shared: &Rc<Shared>) {
    let weak = Rc::downgrade(shared);
    let frame = request_animation_frame(move |at| {
        if let Some(shared) = weak.upgrade().filter(|s| !s.ended.get()) {
            run(&shared, at);
            if !shared.resting.get() {
                request(&shared);
            }
        }
    });
    *shared.next.borrow_mut() = Some(frame);
}

fn run(shared: &Shared, at: f64) {
    let Some(performance) = web_sys::window().and_then(|w| w.performance()) else { return };
    let Ok(mut engine) = shared.engine.try_borrow_mut() else { return };
    let changed = guard(&shared.notice, || engine.frame(at, &|| performance.now()));
    drop(engine);
    let mut context = Context::from_waker(Waker::noop());
    let mut waiting = shared.waiting.take();
    waiting.retain_mut(|future| future.as_mut().poll(&mut context).is_pending());
    shared.waiting.borrow_mut().extend(waiting);
    if changed.anything {
        shared.changed.emit(());
    }
}
