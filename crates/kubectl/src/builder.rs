//! From the words and files of a command line to objects. Mirrors cli-runtime/pkg/resource.

use crate::discovery::Mapping;
use crate::env::FileKind;
use crate::flags::{Flag, list, switch, text};
use crate::{Ctx, Error};
use apimachinery::labels::Selector;
use apimachinery::yaml;
use apimachinery::{Object, Request, Value};
use std::rc::Rc;

/// The flags of commands that read files.
pub static FILE_FLAGS: &[Flag] = &[
    list("filename", 'f', "File, directory or - for standard input that says which resources are meant."),
    text("kustomize", 'k', "", "Directory with a kustomization."),
    switch("recursive", 'R', "Look into the directories of --filename too, all the way down."),
];

/// How deep `-R` looks, and how many files one command reads.
const MAX_DEPTH: usize = 16;
const MAX_FILES: usize = 1000;
/// How deep lists may lie in lists.
const MAX_FLATTEN: usize = 10_000;

const EXTENSIONS: [&str; 3] = [".json", ".yaml", ".yml"];
const STOP_VALIDATION: &str =
    "if you choose to ignore these errors, turn validation off with --validate=false";
const MISSING: &str = "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'";

/// One thing that a command is about.
#[derive(Clone, Debug)]
pub struct Info {
    /// What it is.
    pub mapping: Rc<Mapping>,
    /// Its namespace; empty for what has none.
    pub namespace: String,
    /// Its name; empty for a list.
    pub name: String,
    /// The file it came from; empty when it came from words.
    pub source: String,
    /// The object, a list, or null when it was not fetched.
    pub object: Object,
}

impl Info {
    /// Its path in the API.
    pub fn path(&self) -> String {
        match self.name.as_str() {
            "" => self.mapping.path(&self.namespace),
            name => format!("{}/{name}", self.mapping.path(&self.namespace)),
        }
    }

    /// As messages name it: `deployment.apps/web`.
    pub fn title(&self) -> String {
        format!("{}/{}", self.mapping.title(), self.name)
    }

    /// Fetches it as it is now.
    pub async fn get(&self, c: &Ctx) -> Result<Object, Error> {
        c.object(Request::get(self.path())).await
    }

    /// Takes over what the server said it is now.
    pub fn refresh(&mut self, object: Object) {
        if !object.name().is_empty() {
            self.name = object.name().into();
        }
        self.namespace = object.namespace().into();
        self.object = object;
    }
}

/// What a command asks for.
#[derive(Clone, Default)]
pub struct Builder {
    files: Vec<String>,
    kustomize: bool,
    recursive: bool,
    args: Vec<String>,
    selector: Option<String>,
    field_selector: Option<String>,
    namespace: String,
    require_namespace: bool,
    all_namespaces: bool,
    flatten: bool,
    latest: bool,
    local: bool,
    lazy: bool,
    strict: bool,
    single_type: bool,
    stop_at_error: bool,
    accept: String,
    query: Vec<(String, String)>,
    subresource: String,
}

/// What was found.
pub struct Found {
    /// One by one, in order; what could not be found is an error among them.
    pub items: Vec<Result<Info, Error>>,
    /// Whether the command line named exactly one thing.
    pub single: bool,
}

impl Found {
    /// All that was found, or the errors.
    pub fn all(self) -> Result<Vec<Info>, Error> {
        let (mut infos, mut errors) = (Vec::new(), Vec::new());
        for item in self.items {
            match item {
                Ok(info) => infos.push(info),
                Err(e) => errors.push(e),
            }
        }
        Error::all(errors).map(|()| infos)
    }
}

impl Builder {
    /// With the namespace of the command line and, where the command has them, the files of `-f`.
    pub fn new(c: &Ctx) -> Result<Builder, Error> {
        let (namespace, given) = c.namespace()?;
        let mut b = Builder { namespace, require_namespace: given, flatten: true, ..Builder::default() };
        if c.has_flag("filename") {
            b.files = c.values("filename").to_vec();
            b.recursive = c.has_flag("recursive") && c.on("recursive");
            b.kustomize = c.has_flag("kustomize") && !c.text("kustomize").is_empty();
        }
        Ok(b)
    }

    /// About these types and names. With `empty_selector`, a type alone means all of its objects.
    pub fn args(mut self, args: &[String], empty_selector: bool) -> Builder {
        self.args = args.to_vec();
        if empty_selector && args.len() == 1 && !args[0].contains('/') && self.selector.is_none() {
            self.selector = Some(String::new());
        }
        self
    }

    /// Only what this label selector selects; an empty text means no selector.
    pub fn selector(mut self, selector: &str) -> Builder {
        if !selector.is_empty() {
            self.selector = Some(selector.trim().into());
        }
        self
    }

    /// Only what this field selector selects; an empty text means no selector.
    pub fn field_selector(mut self, selector: &str) -> Builder {
        if !selector.is_empty() {
            self.field_selector = Some(selector.trim().into());
        }
        self
    }

    /// All objects of the types.
    pub fn all(mut self, all: bool) -> Builder {
        if all {
            self.selector = Some(String::new());
        }
        self
    }

    /// In all namespaces.
    pub fn all_namespaces(mut self, all: bool) -> Builder {
        if all {
            self.all_namespaces = true;
            self.namespace.clear();
            self.require_namespace = false;
        }
        self
    }

    /// Lists stay lists.
    pub fn keep_lists(mut self) -> Builder {
        self.flatten = false;
        self
    }

    /// What comes from files is fetched from the server.
    pub fn latest(mut self) -> Builder {
        self.latest = true;
        self
    }

    /// The server is not asked about what comes from files (`--local`).
    pub fn local(mut self, local: bool) -> Builder {
        self.local = local;
        self
    }

    /// What is named is not fetched.
    pub fn lazy(mut self) -> Builder {
        self.lazy = true;
        self
    }

    /// Documents without kind or apiVersion are refused as validation refuses them.
    pub fn validated(mut self, directive: &str) -> Builder {
        self.strict = !matches!(directive, "ignore" | "false");
        self
    }

    /// Not more than one type.
    pub fn single_type(mut self) -> Builder {
        self.single_type = true;
        self
    }

    /// Nothing is fetched after the first error.
    pub fn stop_at_error(mut self) -> Builder {
        self.stop_at_error = true;
        self
    }

    /// `Accept` of requests, and more query parameters.
    pub fn request(mut self, accept: &str, query: &[(&str, &str)]) -> Builder {
        self.accept = accept.into();
        self.query = query.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        self
    }

    /// About a subresource of what is named.
    pub fn subresource(mut self, subresource: &str) -> Builder {
        self.subresource = subresource.into();
        self
    }

    /// Finds it all. Errors about single objects are among the items; `Err` means that nothing was looked for.
    pub async fn find(mut self, c: &Ctx) -> Result<Found, Error> {
        if self.kustomize {
            return Err("--kustomize is not supported here".into());
        }
        let files = self.expand_files(c)?;
        self.expand_args(c).await?;
        let pairs = self.pairs()?;
        if !self.files.is_empty() {
            return self.find_in_files(c, files).await;
        }
        if self.selector.is_some() || self.field_selector.is_some() {
            return self.by_selector(c, pairs.is_some()).await;
        }
        let Some(pairs) = pairs else {
            return match self.args.first() {
                None => Err(MISSING.into()),
                Some(types) => {
                    for word in split(types) {
                        c.discovery().await?.resource(word)?;
                    }
                    Err("resource(s) were provided, but no name was specified".into())
                }
            };
        };
        self.by_name(c, pairs).await
    }

    /// Categories such as `all` become the types in them.
    async fn expand_args(&mut self, c: &Ctx) -> Result<(), Error> {
        let Some(first) = self.args.first().filter(|a| !a.contains('/')) else { return Ok(()) };
        if self.local {
            return Ok(());
        }
        let discovery = c.discovery().await?;
        let expand = |word: &str| match discovery.category(word) {
            names if names.is_empty() => word.to_string(),
            names => names.join(","),
        };
        self.args[0] = split(first).map(expand).collect::<Vec<_>>().join(",");
        Ok(())
    }

    /// The words as (type, name), or `None` when there are no names.
    fn pairs(&self) -> Result<Option<Vec<(String, String)>>, Error> {
        let slashes = self.args.iter().filter(|a| a.contains('/')).count();
        if slashes > 0 && slashes < self.args.len() {
            return Err("there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'".into());
        }
        if slashes > 0 {
            return self.args.iter().map(|a| pair(a)).collect::<Result<_, _>>().map(Some);
        }
        Ok(match self.args.as_slice() {
            [] | [_] => None,
            [types, names @ ..] => {
                let of_type = |t: &str| names.iter().map(|n| (t.to_string(), n.clone())).collect::<Vec<_>>();
                Some(split(types).flat_map(of_type).collect())
            }
        })
    }

    fn accepting(&self, request: Request) -> Request {
        let mut request = request;
        request.accept = self.accept.clone();
        request.query.extend(self.query.iter().cloned());
        request
    }

    async fn by_selector(&self, c: &Ctx, names: bool) -> Result<Found, Error> {
        if names {
            let slash = self.args.iter().any(|a| a.contains('/'));
            return Err(Error::from(match slash {
                true => "selectors and the all flag cannot be used when passing resource/name arguments",
                false => "name cannot be provided when a selector is specified",
            }));
        }
        let Some(types) = self.args.first() else {
            return Err("at least one resource must be specified to use a selector".into());
        };
        if !self.subresource.is_empty() {
            return Err("subresource cannot be used when bulk resources are specified".into());
        }
        let discovery = c.discovery().await?;
        let mut mappings: Vec<Rc<Mapping>> = Vec::new();
        for word in split(types) {
            let mapping = discovery.resource(word)?;
            if !mappings.contains(&mapping) {
                mappings.push(mapping);
            }
        }
        if mappings.len() > 1 && self.single_type {
            return Err("you may only specify a single resource type".into());
        }
        let (labels, fields) =
            (self.selector.as_deref().unwrap_or(""), self.field_selector.as_deref().unwrap_or(""));
        let mut items = Vec::new();
        for mapping in mappings {
            let namespace = if mapping.namespaced { self.namespace.clone() } else { String::new() };
            let mut request = self.accepting(Request::get(mapping.path(&namespace)));
            for (key, value) in [("labelSelector", labels), ("fieldSelector", fields)] {
                if !value.is_empty() {
                    request = request.with(key, value);
                }
            }
            match c.object(request).await {
                Ok(list) => {
                    let list =
                        Info { mapping, namespace, name: String::new(), source: String::new(), object: list };
                    if self.flatten { flatten(c, list, &mut items).await? } else { items.push(Ok(list)) }
                }
                Err(e) => {
                    items.push(Err(enhance_list_error(e, labels, fields, &mapping)));
                    if self.stop_at_error {
                        break;
                    }
                }
            }
        }
        Ok(Found { items, single: false })
    }

    async fn by_name(&self, c: &Ctx, pairs: Vec<(String, String)>) -> Result<Found, Error> {
        let discovery = c.discovery().await?;
        let mut infos = Vec::new();
        for (word, name) in &pairs {
            let mapping = discovery.resource(word)?;
            if mapping.namespaced && self.namespace.is_empty() {
                return Err(Error::from(match self.all_namespaces {
                    true => "a resource cannot be retrieved by name across all namespaces",
                    false => "namespace may not be empty when retrieving a resource by name",
                }));
            }
            let namespace = if mapping.namespaced { self.namespace.clone() } else { String::new() };
            infos.push(Info {
                mapping,
                namespace,
                name: name.clone(),
                source: String::new(),
                object: Object::default(),
            });
        }
        if self.single_type && infos.iter().any(|i| i.mapping != infos[0].mapping) {
            return Err("you may only specify a single resource type".into());
        }
        let single = infos.len() == 1;
        let mut items = Vec::new();
        for info in infos {
            let item = self.fetch(c, info).await;
            let failed = item.is_err();
            items.push(item);
            if failed && self.stop_at_error {
                break;
            }
        }
        Ok(Found { items, single })
    }

    async fn fetch(&self, c: &Ctx, mut info: Info) -> Result<Info, Error> {
        if !self.lazy {
            let subresource = if self.subresource.is_empty() { "" } else { "/" };
            let path = format!("{}{subresource}{}", info.path(), self.subresource);
            info.object = c.object(self.accepting(Request::get(path))).await?;
        }
        Ok(info)
    }

    /// The files that `-f` means, in order. Mirrors ExpandPathsToFileVisitors.
    fn expand_files(&self, c: &Ctx) -> Result<Vec<String>, Error> {
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

    async fn find_in_files(&self, c: &Ctx, files: Vec<String>) -> Result<Found, Error> {
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
                Ok(info) if self.flatten => {
                    if let Err(e) = flatten(c, info, found).await {
                        found.push(Err(e));
                    }
                }
                other => found.push(other),
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

/// A list's items one by one, in order; what is no list stays.
async fn flatten(c: &Ctx, info: Info, found: &mut Vec<Result<Info, Error>>) -> Result<(), Error> {
    let is_list = |o: &Value| o["kind"].str().ends_with("List") && o["items"].as_array().is_some();
    if !is_list(&info.object) {
        found.push(Ok(info));
        return Ok(());
    }
    let of_kind = info.object.kind().strip_suffix("List").unwrap_or_default().to_string();
    let mut queue = vec![info.object.0.clone()];
    let mut next = 0;
    while next < queue.len() && queue.len() < MAX_FLATTEN {
        let list = queue[next].clone();
        next += 1;
        if is_list(&list) {
            queue.extend(list["items"].items().iter().cloned());
            continue;
        }
        let mut object = Object(list);
        if object.kind().is_empty() && !of_kind.is_empty() {
            object.set("apiVersion", info.mapping.api_version());
            object.set("kind", of_kind.as_str());
        }
        let mapping = if object.kind() == info.mapping.kind {
            Ok(info.mapping.clone())
        } else {
            let known = c.discovery().await?.kind(object.api_version(), object.kind());
            known.map_err(|e| Error::Message(format!("unable to recognize {}", e.text())))
        };
        found.push(mapping.map(|mapping| Info {
            mapping,
            namespace: object.namespace().into(),
            name: object.name().into(),
            source: info.source.clone(),
            object,
        }));
    }
    Ok(())
}

fn split(types: &str) -> impl Iterator<Item = &str> {
    types.split(',').filter(|t| !t.is_empty())
}

fn pair(argument: &str) -> Result<(String, String), Error> {
    let parts: Vec<&str> = argument.split('/').collect();
    match parts[..] {
        [kind, name] if !kind.is_empty() && !name.is_empty() && split(kind).count() == 1 => {
            Ok((kind.into(), name.into()))
        }
        [_, _] => Err("arguments in resource/name form must have a single resource and name".into()),
        _ => Err("arguments in resource/name form may not have more than one slash".into()),
    }
}

/// Mirrors resource.EnhanceListError.
fn enhance_list_error(error: Error, labels: &str, fields: &str, mapping: &Mapping) -> Error {
    if !matches!(error.reason(), "BadRequest" | "NotFound") {
        return error;
    }
    let what = mapping.gvr();
    error.context(&match (labels, fields) {
        ("", "") => format!("Unable to list {what:?}"),
        _ => {
            format!("Unable to find {what:?} that match label selector {labels:?}, field selector {fields:?}")
        }
    })
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
