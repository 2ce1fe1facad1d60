//! Progress in the browser's own store. Without one (a private window, a sandbox) it lasts as long as the page.

use super::journal::Journal;
use apimachinery::{Map, Value};
use lessons::Progress;
use web_sys::Storage;

/// Where progress is kept.
const PROGRESS: &str = "kubarium.progress";
/// Where what was done in a lesson is kept: this, and the lesson's name.
const JOURNAL: &str = "kubarium.journal:";
/// The most lessons of which that is kept.
const MAX_JOURNALS: u32 = 40;
/// The most of it that goes into a file, in bytes: what browsers save from a link has a limit.
const MAX_EXPORT: usize = 500_000;
/// Where a file has it, by lesson.
const JOURNALS: &str = "journals";
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
        let _ = storage.set_item(PROGRESS, &progress.to_value().to_json());
    }
}

/// What was done in a lesson.
pub fn journal(lesson: &str) -> Option<String> {
    storage()?.get_item(&format!("{JOURNAL}{lesson}")).ok().flatten()
}

/// Keeps what was done in a lesson, unless it is too much.
pub fn keep_journal(journal: &Journal) {
    match journal.to_json() {
        Some(text) => put(&journal.lesson, &text),
        None => forget_journal(&journal.lesson),
    }
}

/// Forgets what was done in a lesson.
pub fn forget_journal(lesson: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&format!("{JOURNAL}{lesson}"));
    }
}

fn put(lesson: &str, text: &str) {
    let Some(storage) = storage() else { return };
    let key = format!("{JOURNAL}{lesson}");
    let known = lessons(&storage);
    if known.len() >= MAX_JOURNALS as usize && !known.iter().any(|name| name == lesson) {
        forget_journal(&known[0]);
    }
    let _ = storage.set_item(&key, text);
}

/// The lessons of which is kept what was done.
fn lessons(storage: &Storage) -> Vec<String> {
    let keys =
        (0..storage.length().unwrap_or_default()).filter_map(|index| storage.key(index).ok().flatten());
    keys.filter_map(|key| key.strip_prefix(JOURNAL).map(str::to_string)).collect()
}

/// An address that a link can save as a file: progress, and what was done in the lessons that were begun.
pub fn export(progress: &Progress) -> String {
    let mut journals = Map::default();
    let mut bytes = 0;
    for lesson in storage().map(|s| lessons(&s)).unwrap_or_default() {
        let Some(text) = journal(&lesson).filter(|text| bytes + text.len() < MAX_EXPORT) else { continue };
        if let (true, Ok(value)) = (progress.begun(&lesson), Value::from_json(&text)) {
            bytes += text.len();
            journals.put(&lesson, value);
        }
    }
    let mut value = progress.to_value();
    value.set(JOURNALS, journals);
    let text = String::from(js_sys::encode_uri_component(&value.to_json()));
    format!("data:application/json;charset=utf-8,{text}")
}

/// Reads such a file. What was done in lessons is kept at once; gives the progress and the lessons that were begun.
pub fn import(text: &str) -> Result<(Progress, Vec<String>), String> {
    let progress = Progress::from_json(text)?;
    let value = Value::from_json(text).map_err(|e| e.to_string())?;
    let mut begun = Vec::new();
    for (lesson, value) in value[JOURNALS].fields().take(MAX_JOURNALS as usize) {
        if progress.begun(lesson) {
            put(lesson, &value.to_json());
            begun.push(lesson.to_string());
        }
    }
    Ok((progress, begun))
}
