//! What the page fetches besides itself: files that lie beside its script.

use js_sys::Object;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Response, Url};

#[wasm_bindgen]
extern "C" {
    /// The address of the script that all this was started from: the files lie side by side.
    #[wasm_bindgen(thread_local_v2, js_namespace = ["import", "meta"], js_name = url)]
    static SCRIPT: String;
}

/// The address of a file that lies beside the page's script.
pub fn beside(name: &str) -> Result<String, JsValue> {
    Ok(SCRIPT.with(|script| Url::new_with_base(name, script))?.href())
}

/// Fetches a file whole. An answer that is no success is an error.
pub async fn fetch(address: &str) -> Result<Response, JsValue> {
    let window = web_sys::window().ok_or("no window")?;
    let response: Response = JsFuture::from(window.fetch_with_str(address)).await?.dyn_into()?;
    if !response.ok() {
        let name = address.rsplit('/').next().unwrap_or(address);
        return Err(format!("{name}: HTTP {}", response.status()).into());
    }
    Ok(response)
}

/// A file's text. The error is one line for the reader.
pub async fn text(address: &str) -> Result<String, String> {
    let read = async { JsFuture::from(fetch(address).await?.text()?).await };
    read.await.map(|text| text.as_string().unwrap_or_default()).map_err(why)
}

/// What a thrown value says.
pub fn why(error: JsValue) -> String {
    error.as_string().unwrap_or_else(|| String::from(Object::from(error).to_string()))
}
