//! The part of the program that the page loads after the prompt.
//!
//! The build cuts the program in two (`tools/page/src/split.rs`, `web/later.txt`): what a first look needs, and the rest,
//! which comes while the reader looks. Until then virtual time stands still and what the reader does waits.
//! A program that was not cut, such as that of a build without an optimiser, is whole at once.

use js_sys::{ArrayBuffer, Object, Promise, Reflect, Uint8Array, WebAssembly};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{Response, Url};

/// The custom section that names the second file.
const SECTION: &str = "later";
/// What the second file calls the exports of the first.
const FIRST: &str = "first";

#[wasm_bindgen]
extern "C" {
    /// The address of the script that all this was started from: the files lie side by side.
    #[wasm_bindgen(thread_local_v2, js_namespace = ["import", "meta"], js_name = url)]
    static SCRIPT: String;
}

thread_local! {
    /// The load that is under way or done. There is one program however many playgrounds a page has.
    static LOAD: RefCell<Option<Promise>> = const { RefCell::new(None) };
}

/// Waits until the program is whole. An error is one line for the reader; the next call tries again.
pub async fn load() -> Result<(), String> {
    let promise =
        LOAD.with(|load| load.borrow_mut().get_or_insert_with(|| future_to_promise(fetch())).clone());
    let result = JsFuture::from(promise).await;
    result.map(|_| ()).map_err(|error| {
        LOAD.with(|load| load.borrow_mut().take());
        error.as_string().unwrap_or_else(|| String::from(Object::from(error).to_string()))
    })
}

async fn fetch() -> Result<JsValue, JsValue> {
    let module: WebAssembly::Module = wasm_bindgen::module().unchecked_into();
    let Ok(section) = WebAssembly::Module::custom_sections(&module, SECTION).get(0).dyn_into::<ArrayBuffer>()
    else {
        return Ok(JsValue::UNDEFINED);
    };
    let name = String::from_utf8_lossy(&Uint8Array::new(&section).to_vec()).into_owned();
    let address = SCRIPT.with(|script| Url::new_with_base(&name, script))?.href();
    let window = web_sys::window().ok_or("no window")?;
    let response: Response = JsFuture::from(window.fetch_with_str(&address)).await?.dyn_into()?;
    if !response.ok() {
        return Err(format!("{name}: HTTP {}", response.status()).into());
    }
    // Not compiled while it streams: servers that do not know wasm's media type are many.
    let bytes = JsFuture::from(response.array_buffer()?).await?;
    let later: WebAssembly::Module = JsFuture::from(WebAssembly::compile(&bytes)).await?.dyn_into()?;
    let imports = Object::new();
    Reflect::set(&imports, &FIRST.into(), &wasm_bindgen::exports())?;
    JsFuture::from(WebAssembly::instantiate_module(&later, &imports)).await
}
