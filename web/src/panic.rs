//! What happens when something of ours panics: the playground it happened in shows a notice; others go on.

use gloo::timers::callback::Timeout;
use std::cell::RefCell;
use std::sync::Once;
use yew::Callback;

thread_local! {
    /// Who is told if what runs now panics.
    static ACTIVE: RefCell<Option<Callback<String>>> = const { RefCell::new(None) };
}

/// Runs something in the name of a playground: if it panics, `notice` is called afterwards with what was said.
pub fn guard<T>(notice: &Callback<String>, run: impl FnOnce() -> T) -> T {
    install();
    let before = ACTIVE.with(|a| a.replace(Some(notice.clone())));
    let result = run();
    ACTIVE.with(|a| *a.borrow_mut() = before);
    result
}

/// Sets the hook, once a page. It runs while the panic unwinds nothing: the call is simply over, so the notice waits
/// for a turn of its own.
fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let text = info.to_string();
            web_sys::console::error_1(&text.as_str().into());
            let notice = ACTIVE.with(|a| a.try_borrow_mut().ok().and_then(|mut a| a.take()));
            if let Some(notice) = notice {
                Timeout::new(0, move || notice.emit(text)).forget();
            }
        }));
    });
}
