//! The part of the program that the page loads after the prompt.
//!
//! The build cuts the program in two (`tools/page/src/split.rs`, `web/later.txt`): what a first look needs, and the rest,
//! which comes while the reader looks. Until then virtual time stands still and what the reader does waits.
//! A program that was not cut, such as that of a build without an optimiser, is whole at once.

use crate::fetch;
use js_sys::{ArrayBuffer, Function, Object, Promise, Reflect, Uint8Array, WebAssembly};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// The custom section that names the second file.
const SECTION: &str = "later";
/// What the second file calls the exports of the first.
const FIRST: &str = "first";

thread_local! {
    /// The load that is under way or done. There is one program however many playgrounds a page has.
    static LOAD: RefCell<Option<Promise>> = const { RefCell::new(None) };
    /// Takes an address and promises the compiled module that lies there. Several instances of the program in one page
    /// share it.
    static LOADER: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Says who fetches and compiles the second part.
pub fn set_loader(loader: Function) {
    LOADER.with(|known| known.replace(Some(loader)));
}

/// Waits until the program is whole. An error is one line for the reader; the next call tries again.
pub async fn load() -> Result<(), String> {
    let promise =
        LOAD.with(|load| load.borrow_mut().get_or_insert_with(|| future_to_promise(whole())).clone());
    let result = JsFuture::from(promise).await;
    result.map(|_| ()).map_err(|error| {
        LOAD.with(|load| load.borrow_mut().take());
        fetch::why(error)
    })
}

async fn whole() -> Result<JsValue, JsValue> {
    let module: WebAssembly::Module = wasm_bindgen::module().unchecked_into();
    let Ok(section) = WebAssembly::Module::custom_sections(&module, SECTION).get(0).dyn_into::<ArrayBuffer>()
    else {
        return Ok(JsValue::UNDEFINED);
    };
    let name = String::from_utf8_lossy(&Uint8Array::new(&section).to_vec()).into_owned();
    let address = fetch::beside(&name)?;
    let imports = Object::new();
    Reflect::set(&imports, &FIRST.into(), &wasm_bindgen::exports())?;
    if let Some(loader) = LOADER.with(|loader| loader.borrow().clone()) {
        let promise: Promise = loader.call1(&JsValue::UNDEFINED, &address.into())?.dyn_into()?;
        let later: WebAssembly::Module = JsFuture::from(promise).await?.dyn_into()?;
        return JsFuture::from(WebAssembly::instantiate_module(&later, &imports)).await;
    }
    let response = fetch::fetch(&address).await?;
    let streams = response.headers().get("Content-Type")?.is_some_and(|kind| kind == "application/wasm");
    let compiled = if streams {
        WebAssembly::compile_streaming(&Promise::resolve(&JsValue::from(response)))
    } else {
        // Servers that do not know wasm's media type are many.
        WebAssembly::compile(&JsFuture::from(response.array_buffer()?).await?)
    };
    let later: WebAssembly::Module = JsFuture::from(compiled).await?.dyn_into()?;
    JsFuture::from(WebAssembly::instantiate_module(&later, &imports)).await
}
