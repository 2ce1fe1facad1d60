//! Progress in the browser's own store. Without one (a private window, a sandbox) it lasts as long as the page.

use lessons::Progress;
use web_sys::Storage;

/// Where progress is kept.
const PROGRESS: &str = "kubarium.progress";
/// Where what was done in the lesson that is open is kept.
const JOURNAL: &str = "kubarium.journal";
/// The file that progress is exported to.
pub const FILE: &str = "kubarium-progress.json";

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

/// What was kept; nothing where it cannot be read.
pub fn progress() -> Progress {
    let text = storage().and_then(|s| s.get_item(PROGRESS).ok().flatten());
    text.and_then(|text| Progress::from_json(&text).ok()).unwrap_or_default()
}

/// Keeps it. A full or forbidden store loses it with the page, which is no reason to disturb a learner.
pub fn keep(progress: &Progress) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(PROGRESS, &progress.to_json());
    }
}

/// What was done in the lesson that was open last.
pub fn journal() -> Option<String> {
    storage()?.get_item(JOURNAL).ok().flatten()
}

/// Keeps what was done; `None` forgets it.
pub fn keep_journal(text: Option<&str>) {
    if let Some(storage) = storage() {
        let _ = match text {
            Some(text) => storage.set_item(JOURNAL, text),
            None => storage.remove_item(JOURNAL),
        };
    }
}

/// An address that a link can save as a file.
pub fn export(progress: &Progress) -> String {
    let text = String::from(js_sys::encode_uri_component(&progress.to_json()));
    format!("data:application/json;charset=utf-8,{text}")
}
