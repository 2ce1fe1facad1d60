//! Notices when the picture's pane has another size, whatever the reason: the window, the divider, a lesson beside it, the
//! page around the playground.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

/// Watches one element; no longer once it is dropped.
pub(super) struct Sizes {
    observer: ResizeObserver,
    watched: Option<Element>,
    /// What the observer calls: it lives as long as that.
    _tell: Closure<dyn FnMut()>,
}

impl Sizes {
    /// Tells `told` of each new size. `None` when the browser has no such observer.
    pub(super) fn new(told: Callback<()>) -> Option<Sizes> {
        let tell = Closure::<dyn FnMut()>::new(move || told.emit(()));
        let observer = ResizeObserver::new(tell.as_ref().unchecked_ref()).ok()?;
        Some(Sizes { observer, watched: None, _tell: tell })
    }

    /// Watches this element from now on, and no other.
    pub(super) fn watch(&mut self, element: Option<Element>) {
        if element == self.watched {
            return;
        }
        self.observer.disconnect();
        if let Some(element) = &element {
            self.observer.observe(element);
        }
        self.watched = element;
    }
}

impl Drop for Sizes {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
