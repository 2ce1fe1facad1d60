//! Another cluster in place of the one that is shown.

use super::App;
use crate::engine::Engine;
use crate::frames::Frames;
use crate::lesson;
use crate::panic::guard;
use std::cell::RefCell;
use std::rc::Rc;
use yew::prelude::*;

impl App {
    /// The cluster as it was shortly before something broke.
    pub(super) fn restore(&mut self, ctx: &Context<App>) {
        let saved = self.saved.borrow_mut().take();
        let engine = guard(&self.notice, || match saved {
            Some(cluster) => Engine::around(cluster, ctx.props().seed),
            None => Engine::new(ctx.props().config(&self.images)),
        });
        self.replace(engine);
        if self.lessons.is_some() {
            lesson::hooks::restored(self);
        }
    }

    /// A new cluster.
    pub(super) fn reset(&mut self, ctx: &Context<App>) {
        let engine = guard(&self.notice, || Engine::new(ctx.props().config(&self.images)));
        self.replace(engine);
    }

    /// The reader's reset, which takes one click: the way back stays open until something runs in the new cluster.
    pub(super) fn start_over(&mut self, ctx: &Context<App>) {
        let old = self.engine.clone();
        let worth = self.broken.is_none() && old.try_borrow().is_ok_and(|e| !e.picture.is_empty());
        self.reset(ctx);
        self.before = worth.then_some(old);
    }

    /// Back to the cluster before the reset.
    pub(super) fn go_back(&mut self) {
        if let Some(before) = self.before.take() {
            self.put(before);
        }
    }

    /// Lets the cluster before the reset go as soon as the new one is used.
    pub(super) fn forget_before(&mut self) {
        if self.before.is_some() && self.engine.try_borrow().is_ok_and(|e| !e.picture.is_empty()) {
            self.before = None;
        }
    }

    pub(crate) fn replace(&mut self, mut engine: Engine) {
        engine.held = !self.whole;
        self.put(Rc::new(RefCell::new(engine)));
    }

    fn put(&mut self, engine: Rc<RefCell<Engine>>) {
        self.commands.give_up("the cluster was made anew");
        self.engine = engine;
        self.frames = Frames::start(self.engine.clone(), self.notice.clone(), self.calls.changed.clone());
        self.rest();
        self.measure = true;
        self.before = None;
        (self.broken, self.chosen, self.browser, self.editing, self.drawn_on) =
            (None, None, None, None, None);
    }
}
