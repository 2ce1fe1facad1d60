//! A lesson as it is fetched: a bundle, or a folder as its author keeps it, from any server that hands out its files.

use crate::fetch;
use js_sys::{Promise, decode_uri_component, encode_uri_component};
use lessons::{LESSON_FILE, Lesson, Named, Problem, Source};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::Url;

/// What a bundle's name ends with.
const BUNDLE: &str = ".json";

/// What has come of a lesson.
#[derive(Clone, Debug, PartialEq)]
pub enum Come {
    /// A bundle.
    Bundle(String),
    /// A folder by its name: its files, and what did not come.
    Folder(String, Source, Vec<Problem>),
}

impl Come {
    /// The lesson, in one language, and what is left out of it. The error says why there is none.
    pub fn read(self) -> Result<(Lesson, Vec<Problem>), String> {
        let (name, source, mut problems) = match self {
            Come::Bundle(text) => return Lesson::from_bundle(&text),
            Come::Folder(name, source, problems) => (name, source, problems),
        };
        let (mut lesson, found) = Lesson::read(&name, &source);
        problems.extend(found);
        if lesson.texts.is_empty() {
            let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
            return Err(lines.join("\n"));
        }
        problems.extend(lesson.fit_to_text());
        Ok((lesson, problems))
    }
}

/// One of the project's own lessons, in English where it is not there in a language.
pub async fn own(name: &str, language: &str) -> Result<Come, String> {
    let address = |language: &str| fetch::beside(&format!("lessons/{name}.{language}{BUNDLE}"));
    let own = fetch::text(&address(language).map_err(fetch::why)?).await;
    match own {
        Err(_) if language != "en" => fetch::text(&address("en").map_err(fetch::why)?).await,
        own => own,
    }
    .map(Come::Bundle)
}

/// A lesson by its address: what ends in `.json` is a bundle, all else a folder or its `lesson.yaml`.
pub async fn at(address: &str, language: &str) -> Result<Come, String> {
    let page = web_sys::window().and_then(|w| w.document()).and_then(|d| d.base_uri().ok().flatten());
    let url = Url::new_with_base(address, &page.unwrap_or_default()).map_err(fetch::why)?;
    let path = url.pathname();
    if path.ends_with(BUNDLE) {
        return fetch::text(&url.href()).await.map(Come::Bundle);
    }
    let folder = path.strip_suffix(LESSON_FILE).unwrap_or(&path).trim_end_matches('/').to_string();
    url.set_pathname(&format!("{folder}/"));
    folder_at(&url, name(&folder), language).await
}

/// `CHAPTER/LESSON`: the last two folders of a path.
fn name(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let name = parts[parts.len().saturating_sub(2)..].join("/");
    decode_uri_component(&name).map(String::from).unwrap_or(name)
}

async fn folder_at(folder: &Url, name: String, language: &str) -> Result<Come, String> {
    let yaml = come(begin(folder, LESSON_FILE)).await?;
    let named = Named::in_yaml(&yaml);
    // All at the same time.
    let files: Vec<(&String, Promise)> = named.files.iter().map(|f| (f, begin(folder, f))).collect();
    let mut problems = Vec::new();
    let mut source = vec![(LESSON_FILE.to_string(), yaml)];
    for language in named.languages_for(language) {
        let file = format!("{language}.md");
        match come(begin(folder, &file)).await {
            Ok(text) => {
                source.push((file, text));
                break;
            }
            Err(why) => problems.push(missing(&file, why)),
        }
    }
    for (file, promise) in files {
        match come(promise).await {
            Ok(text) => source.push((file.clone(), text)),
            Err(why) => problems.push(missing(file, why)),
        }
    }
    let text = Lesson::read(&name, &Source::new(source.clone())).0;
    let more = text.linked_files().into_iter().filter(|file| !source.iter().any(|(known, _)| known == file));
    let more: Vec<(String, Promise)> = more.map(|f| (f.to_string(), begin(folder, f))).collect();
    for (file, promise) in more {
        match come(promise).await {
            Ok(text) => source.push((file, text)),
            Err(why) => problems.push(missing(&file, why)),
        }
    }
    Ok(Come::Folder(name, Source::new(source), problems))
}

fn missing(file: &str, why: String) -> Problem {
    let code = why.split_once("HTTP ").map(|(_, code)| format!("it cannot be fetched: HTTP {code}"));
    Problem::new(file, code.unwrap_or(why), "put it beside lesson.yaml")
}

/// Begins to fetch a file of a folder.
fn begin(folder: &Url, file: &str) -> Promise {
    let parts: Vec<String> = file.split('/').map(|part| String::from(encode_uri_component(part))).collect();
    let address = format!("{}{}", folder.href(), parts.join("/"));
    future_to_promise(async move {
        let answer = fetch::fetch(&address).await?;
        // Many servers answer with a page of theirs where there is no file.
        if answer.headers().get("Content-Type")?.is_some_and(|kind| kind.starts_with("text/html")) {
            return Err("the server has a page in its place".into());
        }
        JsFuture::from(answer.text()?).await
    })
}

/// Waits for it.
async fn come(file: Promise) -> Result<String, String> {
    JsFuture::from(file)
        .await
        .map(|text| text.as_string().unwrap_or_default())
        .map_err(|e: JsValue| fetch::why(e))
}
