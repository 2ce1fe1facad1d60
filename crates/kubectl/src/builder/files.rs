//! Objects from the files of `-f`.

use super::{Builder, Found, Info, flatten};
use crate::discovery::Mapping;
use crate::env::FileKind;
use crate::{Ctx, Error};
use apimachinery::labels::Selector;
use apimachinery::{Object, Request, Value, yaml};
use std::rc::Rc;

/// How deep `-R` looks, and how many files one command reads.
const MAX_DEPTH: usize = 16;
const MAX_FILES: usize = 1000;

const EXTENSIONS: [&str; 3] = [".json", ".yaml", ".yml"];
const STOP_VALIDATION: &str =
    "if you choose to ignore these errors, turn validation off with --validate=false";

impl Builder {
    /// The files that `-f` means, in order. Mirrors ExpandPathsToFileVisitors.
    pub(super) fn expand_files(&self, c: &Ctx) -> Result<Vec<String>, Error> {
        let mut files = Vec::new();
        let mut errors = Vec::new();
        for path in &self.files {
            if path == "-" {
                files.push(path.clone());
                continue;
            }
            if let Some(rest) = path.strip_prefix("https://").or_else(|| path.strip_prefix("http://")) {
                files.push(path.clone());
                if rest.is_empty() {
                    errors.push(Error::Message(format!("the URL passed to filename {path:?} is not valid")));
                }
                continue;
            }
            let before = files.len();
            match c.env.files.kind(path) {
                None => errors.push(Error::Message(format!("the path {path:?} does not exist"))),
                Some(FileKind::File) => files.push(path.clone()),
                Some(FileKind::Directory) => {
                    self.walk(c, path, 0, &mut files);
                    if files.len() == before && files.is_empty() {
                        let known = EXTENSIONS.join(" ");
                        errors.push(Error::Message(format!(
                            "error reading [{path}]: recognized file extensions are [{known}]"
                        )));
                    }
                }
            }
        }
        if files.len() > MAX_FILES {
            return Err(Error::Message(format!("more than {MAX_FILES} files")));
        }
        Error::all(errors).map(|()| files)
    }

    fn walk(&self, c: &Ctx, directory: &str, depth: usize, files: &mut Vec<String>) {
        let base = directory.trim_end_matches('/');
        for name in c.env.files.list(directory).unwrap_or_default() {
            let path = if base == "." { name.clone() } else { format!("{base}/{name}") };
            match c.env.files.kind(&path) {
                Some(FileKind::Directory) if self.recursive && depth < MAX_DEPTH => {
                    self.walk(c, &path, depth + 1, files);
                }
                Some(FileKind::File) if EXTENSIONS.iter().any(|e| name.ends_with(e)) => files.push(path),
                _ => {}
            }
        }
    }

    pub(super) async fn find_in_files(&self, c: &Ctx, files: Vec<String>) -> Result<Found, Error> {
        if let Some(first) = self.args.first() {
            return Err(Error::from(match first.contains('/') {
                true => "resource/name arguments cannot be provided when a path is specified",
                false => {
                    "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well"
                }
            }));
        }
        let selector = match &self.selector {
            None => Selector::default(),
            Some(text) => Selector::parse(text).map_err(|why| {
                Error::Message(format!("the provided selector {text:?} is not valid: {why}"))
            })?,
        };
        let single = files.len() == 1 && files[0] != "-";
        let mut found = Vec::new();
        for file in &files {
            match read_source(c, file).await {
                Ok((source, text)) => self.read_documents(c, &source, &text, &mut found).await,
                Err(e) => found.push(Err(e)),
            }
        }
        let mut items = Vec::new();
        for item in found {
            match item {
                Ok(info) if !selector.matches(info.object.labels()) => {}
                Ok(info) => items.push(self.finish(c, info).await),
                Err(e) => items.push(Err(e)),
            }
            if self.stop_at_error && items.last().is_some_and(|i: &Result<Info, Error>| i.is_err()) {
                break;
            }
        }
        Ok(Found { items, single })
    }

    /// The documents of one text; after a broken one, the rest of the text is not read. Mirrors StreamVisitor.
    async fn read_documents(&self, c: &Ctx, source: &str, text: &str, found: &mut Vec<Result<Info, Error>>) {
        for document in yaml::documents(text) {
            let value = match yaml::parse_any(document) {
                Ok(value) => value,
                Err(why) => {
                    found.push(Err(Error::Message(format!("error parsing {source}: {why}"))));
                    return;
                }
            };
            if value.is_null() {
                continue;
            }
            if let Some(why) = self.invalid(&value) {
                let message =
                    format!("error validating {source:?}: error validating data: {why}; {STOP_VALIDATION}");
                found.push(Err(Error::Message(message)));
                return;
            }
            match self.info_of(c, source, value).await {
                Ok(info) => {
                    if let Err(e) = flatten(c, info, found).await {
                        found.push(Err(e));
                    }
                }
                Err(e) => found.push(Err(e)),
            }
        }
    }

    /// Why a document is no object. Mirrors kubectl/pkg/validation getObjectKind.
    fn invalid(&self, value: &Value) -> Option<String> {
        if !self.strict {
            return None;
        }
        if value.as_object().is_none() {
            return Some("invalid object to validate".into());
        }
        let problem = |field: &str| match &value[field] {
            v if v.is_empty() => Some(format!("{field} not set")),
            Value::String(_) => None,
            _ => Some(format!("{field} isn't string type")),
        };
        let problems: Vec<String> = ["apiVersion", "kind"].into_iter().filter_map(problem).collect();
        match problems.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            many => Some(format!("[{}]", many.join(", "))),
        }
    }

    async fn info_of(&self, c: &Ctx, source: &str, value: Value) -> Result<Info, Error> {
        if let Some(why) = undecodable(&value) {
            return Err(Error::Message(format!("unable to decode {source:?}: {why}")));
        }
        let object = Object(value);
        let mapping = if self.local || object.kind() == "List" {
            Rc::new(local_mapping(&object))
        } else {
            c.discovery().await?.kind(object.api_version(), object.kind()).map_err(|e| {
                Error::Message(format!(
                    "resource mapping not found for name: {:?} namespace: {:?} from {source:?}: {}\nensure CRDs are installed first",
                    object.name(),
                    object.namespace(),
                    e.text()
                ))
            })?
        };
        Ok(Info {
            mapping,
            namespace: object.namespace().into(),
            name: object.name().into(),
            source: source.into(),
            object,
        })
    }

    /// Gives what comes from a file its namespace, and fetches it if that is wanted.
    async fn finish(&self, c: &Ctx, mut info: Info) -> Result<Info, Error> {
        if self.local {
            return Ok(info);
        }
        if !info.mapping.namespaced {
            if !info.namespace.is_empty() {
                info.namespace.clear();
                info.object.meta_mut().remove("namespace");
            }
        } else if info.namespace.is_empty() && !self.namespace.is_empty() {
            info.namespace = self.namespace.clone();
            info.object.meta_mut().insert("namespace", self.namespace.as_str().into());
        } else if self.require_namespace && info.namespace != self.namespace {
            return Err(Error::Message(format!(
                "the namespace from the provided object {0:?} does not match the namespace {1:?}. You must pass '--namespace={0}' to perform this operation.",
                info.namespace, self.namespace
            )));
        }
        if self.latest {
            if info.name.is_empty() {
                return Err("resource name may not be empty".into());
            }
            info.object = c.object(self.accepting(Request::get(info.path()))).await?;
        }
        Ok(info)
    }
}

/// What stands in an object without the server's knowledge of its plural.
fn local_mapping(object: &Object) -> Mapping {
    let (group, version) = object.api_version().rsplit_once('/').unwrap_or(("", object.api_version()));
    let singular = object.kind().to_lowercase();
    let plural = match singular.as_str() {
        s if s.ends_with('s') => format!("{s}es"),
        s if s.ends_with('y') => format!("{}ies", &s[..s.len() - 1]),
        s => format!("{s}s"),
    };
    Mapping {
        group: group.into(),
        version: version.into(),
        kind: object.kind().into(),
        namespaced: true,
        plural,
        singular,
        ..Mapping::default()
    }
}

/// The name and the text of what `-f` names.
async fn read_source(c: &Ctx, file: &str) -> Result<(String, String), Error> {
    if file == "-" {
        let bytes = c.read_stdin().await;
        return Ok(("STDIN".into(), String::from_utf8_lossy(&bytes).into_owned()));
    }
    if file.starts_with("http://") || file.starts_with("https://") {
        return crate::http::fetch(c, file).await.map(|text| (file.into(), text));
    }
    Ok((file.into(), String::from_utf8_lossy(&c.read_file(file)?).into_owned()))
}

/// Why kubectl itself cannot read an object's metadata: texts must be texts.
fn undecodable(value: &Value) -> Option<String> {
    let word = |v: &Value| match v {
        Value::Bool(_) => "bool",
        Value::Int(_) | Value::Float(_) => "number",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        _ => "",
    };
    let complain = |v: &Value, field: &str| {
        let what = word(v);
        (!what.is_empty())
            .then(|| format!("json: cannot unmarshal {what} into Go struct field ObjectMeta.metadata.{field} of type string"))
    };
    let meta = &value["metadata"];
    let plain = ["name", "namespace", "generateName"].into_iter().find_map(|f| complain(&meta[f], f));
    let maps = ["labels", "annotations"];
    plain.or_else(|| maps.into_iter().find_map(|f| meta[f].fields().find_map(|(_, v)| complain(v, f))))
}
