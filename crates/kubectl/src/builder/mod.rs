//! From the words and files of a command line to objects. Mirrors cli-runtime/pkg/resource.

mod files;

use crate::discovery::Mapping;
use crate::flags::{Flag, list, switch, text};
use crate::{Ctx, Error};
use apimachinery::{Object, Request, Value};
use std::rc::Rc;

/// The flags of commands that read files.
pub static FILE_FLAGS: &[Flag] = &[
    list("filename", 'f', "File, directory or - for standard input that says which resources are meant."),
    text("kustomize", 'k', "", "Directory with a kustomization."),
    switch("recursive", 'R', "Look into the directories of --filename too, all the way down."),
];

/// How deep lists may lie in lists.
const MAX_FLATTEN: usize = 10_000;

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
                        c.resource(word).await?;
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
        let mut mappings: Vec<Rc<Mapping>> = Vec::new();
        for word in split(types) {
            let mapping = c.resource(word).await?;
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
        let mut infos = Vec::new();
        for (word, name) in &pairs {
            let mapping = c.resource(word).await?;
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
            let item = match info.name.as_str() {
                "" => Err("resource name may not be empty".into()),
                _ => self.fetch(c, info).await,
            };
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
    types.split(',')
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
