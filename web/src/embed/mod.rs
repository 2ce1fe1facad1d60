//! The door for the custom element (`web/element/kubarium.js`): what its script calls, and what it is told.
//!
//! The element makes one instance of the program for each playground, so that a panic in one harms no other. It gives a
//! place in its shadow root, options, and a function that hears what happens; it gets a [`Playground`].

mod options;
mod order;
mod told;

pub use options::{Options, Page, Shown};
pub use order::{Done, Ended, Order, Snapshot as Moment};
pub use told::Told;

use crate::app::{App, AppProps, Msg};
use crate::later;
use js_sys::{Function, Promise};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::Element;
use yew::{AppHandle, Callback, Renderer};

/// A playground that a page has mounted. Everything asked of it waits until the program is whole.
#[wasm_bindgen]
pub struct Playground {
    app: RefCell<Option<AppHandle<App>>>,
    tell: Callback<Told>,
    nodes: usize,
    seed: u64,
    /// What could not be read of the options the last time: it is told once, however often others change.
    complaints: RefCell<Vec<String>>,
}

/// A moment of a playground's cluster and of the files on its laptop, kept as long as the page keeps this.
#[wasm_bindgen]
pub struct Snapshot(Rc<Moment>);

/// Draws a playground into an empty element. `options` is read by [`Options::read`]; `tell` is called with the name of
/// what happened and its details ([`Told`]); `later` takes the address of the program's second part and promises its
/// compiled module.
#[wasm_bindgen]
pub fn mount(place: Element, options: &JsValue, tell: Function, later: Function) -> Playground {
    later::set_loader(later);
    let tell = Callback::from(move |told: Told| {
        // An exception of the page's own listeners is the page's.
        let _ = tell.call2(&JsValue::UNDEFINED, &told.name().into(), &told.detail());
    });
    let defaults = AppProps::default();
    let (nodes, seed) = (defaults.nodes, defaults.seed);
    let playground =
        Playground { app: RefCell::default(), tell, nodes, seed, complaints: RefCell::default() };
    let props = playground.props(options);
    *playground.app.borrow_mut() = Some(Renderer::<App>::with_root_and_props(place, props).render());
    playground
}

#[wasm_bindgen]
impl Playground {
    /// Other options: all of them. Another number of nodes or another seed is another cluster.
    pub fn set(&self, options: &JsValue) {
        let props = self.props(options);
        if let Some(app) = &mut *self.app.borrow_mut() {
            app.update(props);
        }
    }

    /// Types a command, or several, into a terminal that waits for one. Promises `{output, exit}` when all have ended.
    pub fn run(&self, command: String) -> Promise {
        self.promise(|done| Order::Run { text: command, done }, Ended::to_js)
    }

    /// Everything from the start.
    pub fn reset(&self) -> Promise {
        self.promise(Order::Reset, |()| JsValue::UNDEFINED)
    }

    /// Keeps the moment.
    pub fn snapshot(&self) -> Promise {
        self.promise(Order::Keep, |moment| Snapshot(moment).into())
    }

    /// Goes back to a moment. Its terminals are gone: there is a new one.
    pub fn restore(&self, snapshot: &Snapshot) -> Promise {
        let moment = snapshot.0.clone();
        self.promise(|done| Order::Restore { moment, done }, |()| JsValue::UNDEFINED)
    }

    /// Adds an image, a small Linux that runs a script, to the cluster's registries, and to those of every cluster that
    /// comes after a reset.
    #[wasm_bindgen(js_name = registerImage)]
    pub fn register_image(&self, name: String, script: String) -> Promise {
        self.promise(|done| Order::Register { name, script, done }, |()| JsValue::UNDEFINED)
    }

    /// Whether nobody can see it: then nothing moves but what the page itself has asked for.
    pub fn suspend(&self, hidden: bool) {
        self.send(Msg::Order(Order::Suspend(hidden)));
    }

    /// Its place may have another size.
    pub fn sized(&self) {
        self.send(Msg::Sized);
    }

    /// Ends it and empties its place.
    pub fn destroy(&self) {
        if let Some(app) = self.app.take() {
            app.destroy();
        }
    }
}

impl Playground {
    fn props(&self, options: &JsValue) -> AppProps {
        let (options, complaints) = Options::read(options);
        let known = self.complaints.replace(complaints.clone());
        for complaint in complaints.into_iter().filter(|complaint| !known.contains(complaint)) {
            self.tell.emit(Told::Error(complaint));
        }
        AppProps {
            nodes: options.nodes.unwrap_or(self.nodes),
            seed: options.seed.unwrap_or(self.seed),
            lesson: options.lesson,
            src: options.src,
            lang: options.lang,
            address: false,
            page: options.page,
            tell: self.tell.clone(),
        }
    }

    fn send(&self, msg: Msg) {
        if let Some(app) = &*self.app.borrow() {
            app.send_message(msg);
        }
    }

    /// Hands an order on and promises its outcome.
    fn promise<T: 'static>(
        &self,
        order: impl FnOnce(Callback<Result<T, String>>) -> Order,
        convert: fn(T) -> JsValue,
    ) -> Promise {
        let mut order = Some(order);
        Promise::new(&mut |resolve, reject| {
            let done = Callback::from(move |outcome: Result<T, String>| {
                // Settling a promise throws nothing.
                let _ = match outcome {
                    Ok(value) => resolve.call1(&JsValue::UNDEFINED, &convert(value)),
                    Err(why) => reject.call1(&JsValue::UNDEFINED, &js_sys::Error::new(&why)),
                };
            });
            if let Some(order) = order.take() {
                self.send(Msg::Order(order(done)));
            }
        })
    }
}
