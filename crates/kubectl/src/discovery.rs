//! What the server can do: its resources, asked once a command. Mirrors client-go/discovery and restmapper.

use crate::{Ctx, Error};
use apimachinery::{Request, Value};
use std::rc::Rc;

/// `Accept` of a server that can say everything in one answer.
const AGGREGATED: &str =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

/// A kind of thing that the server keeps: where it is and how it may be called.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    /// API group; empty for the core group.
    pub group: String,
    /// Version.
    pub version: String,
    /// Kind, such as `Pod`.
    pub kind: String,
    /// Plural, such as `pods`.
    pub plural: String,
    /// Singular, such as `pod`.
    pub singular: String,
    /// Short names, such as `po`.
    pub short_names: Vec<String>,
    /// Categories, such as `all`.
    pub categories: Vec<String>,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// What can be done with it, such as `get` and `list`.
    pub verbs: Vec<String>,
    /// Whether the version is the group's preferred one.
    pub preferred: bool,
}

impl Mapping {
    /// `apps/v1` or `v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// `deployments.apps` or `pods`.
    pub fn group_resource(&self) -> String {
        if self.group.is_empty() { self.plural.clone() } else { format!("{}.{}", self.plural, self.group) }
    }

    /// How objects are named in messages, before the slash: `deployment.apps` or `pod`.
    pub fn title(&self) -> String {
        let kind = self.kind.to_lowercase();
        if self.group.is_empty() { kind } else { format!("{kind}.{}", self.group) }
    }

    /// As Go prints a GroupVersionResource: `/v1, Resource=pods`.
    pub fn gvr(&self) -> String {
        format!("{}/{}, Resource={}", self.group, self.version, self.plural)
    }

    /// As Go prints a GroupVersionKind: `apps/v1, Kind=Deployment`.
    pub fn gvk(&self) -> String {
        format!("{}/{}, Kind={}", self.group, self.version, self.kind)
    }

    /// The path of the collection; an empty namespace means all of them.
    pub fn path(&self, namespace: &str) -> String {
        let root = if self.group.is_empty() { "/api" } else { "/apis" };
        let base = format!("{root}/{}", self.api_version());
        match namespace {
            "" => format!("{base}/{}", self.plural),
            _ if !self.namespaced => format!("{base}/{}", self.plural),
            namespace => format!("{base}/namespaces/{namespace}/{}", self.plural),
        }
    }

    /// Whether something can be done with it.
    pub fn can(&self, verb: &str) -> bool {
        self.verbs.iter().any(|v| v == verb)
    }
}

/// All resources, in the server's order.
#[derive(Debug, Default)]
pub struct Discovery(pub Vec<Rc<Mapping>>);

fn texts(value: &Value) -> Vec<String> {
    value.items().iter().map(|v| v.str().to_string()).collect()
}

impl Discovery {
    /// Asks the server.
    pub async fn ask(c: &Ctx) -> Result<Discovery, Error> {
        let mut found = Discovery::default();
        for root in ["/api", "/apis"] {
            let mut request = Request::get(root);
            request.accept = AGGREGATED.into();
            let answer = c.send(request).await?.value();
            if answer["kind"] == "APIGroupDiscoveryList" {
                answer["items"].items().iter().for_each(|group| found.add_group(group));
                continue;
            }
            for version in answer["versions"].items() {
                found.add_list(c, "", version.str(), true).await?;
            }
            for group in answer["groups"].items() {
                let preferred = group["preferredVersion"]["version"].str();
                for version in group["versions"].items() {
                    let version = version["version"].str();
                    found.add_list(c, group["name"].str(), version, version == preferred).await?;
                }
            }
        }
        Ok(found)
    }

    /// Adds a group of an APIGroupDiscoveryList.
    fn add_group(&mut self, group: &Value) {
        for (i, version) in group["versions"].items().iter().enumerate() {
            for r in version["resources"].items() {
                self.0.push(Rc::new(Mapping {
                    group: group.at("metadata.name").str().into(),
                    version: version["version"].str().into(),
                    kind: r.at("responseKind.kind").str().into(),
                    plural: r["resource"].str().into(),
                    singular: r["singularResource"].str().into(),
                    short_names: texts(&r["shortNames"]),
                    categories: texts(&r["categories"]),
                    namespaced: r["scope"] == "Namespaced",
                    verbs: texts(&r["verbs"]),
                    preferred: i == 0,
                }));
            }
        }
    }

    /// Adds an APIResourceList, asked for by itself.
    async fn add_list(&mut self, c: &Ctx, group: &str, version: &str, preferred: bool) -> Result<(), Error> {
        let path =
            if group.is_empty() { format!("/api/{version}") } else { format!("/apis/{group}/{version}") };
        let list = c.send(Request::get(path)).await?.value();
        for r in list["resources"].items() {
            if r["name"].str().contains('/') {
                continue; // a subresource
            }
            self.0.push(Rc::new(Mapping {
                group: group.into(),
                version: version.into(),
                kind: r["kind"].str().into(),
                plural: r["name"].str().into(),
                singular: match r["singularName"].str() {
                    "" => r["kind"].str().to_lowercase(),
                    name => name.into(),
                },
                short_names: texts(&r["shortNames"]),
                categories: texts(&r["categories"]),
                namespaced: r["namespaced"].is_true(),
                verbs: texts(&r["verbs"]),
                preferred,
            }));
        }
        Ok(())
    }

    /// The best of several: the preferred version first, else the server's order.
    fn best<'a>(&'a self, fits: &dyn Fn(&Mapping) -> bool) -> Option<&'a Rc<Mapping>> {
        let fit = |m: &&'a Rc<Mapping>| fits(m);
        self.0.iter().filter(fit).find(|m| m.preferred).or_else(|| self.0.iter().find(fit))
    }

    /// What a word such as `po`, `Deployment`, `deployments.apps` or `deployments.v1.apps` means.
    /// Mirrors resource.Builder.mappingFor.
    pub fn resource(&self, word: &str) -> Result<Rc<Mapping>, Error> {
        let lower = word.to_lowercase();
        let parts: Vec<&str> = lower.splitn(3, '.').collect();
        if let [name, version, group] = parts[..]
            && let Some(m) = self.named(name, word, &|m| m.group == group && m.version == version)
        {
            return Ok(m);
        }
        let (name, group) = lower.split_once('.').unwrap_or((&lower, ""));
        let exact = |m: &Mapping| group.is_empty() || m.group == group;
        let prefix = |m: &Mapping| m.group.starts_with(group);
        let found = self.named(name, word, &exact).or_else(|| self.named(name, word, &prefix));
        let plain = word.split('.').next().unwrap_or_default();
        found.ok_or_else(|| Error::Message(format!("the server doesn't have a resource type {plain:?}")))
    }

    /// Other resources that a short name could mean as well, as `group_resource`. Mirrors shortcutExpander.
    pub fn also(&self, word: &str) -> Vec<String> {
        let lower = word.to_lowercase();
        if self.0.iter().any(|m| m.plural == lower || m.singular == lower) {
            return Vec::new();
        }
        let mut names: Vec<String> = Vec::new();
        for m in self.0.iter().filter(|m| m.short_names.iter().any(|s| s == word)) {
            if !names.contains(&m.group_resource()) {
                names.push(m.group_resource());
            }
        }
        names.into_iter().skip(1).collect()
    }

    /// By its name in any case, or by a short name as it is.
    fn named(&self, name: &str, word: &str, fits: &dyn Fn(&Mapping) -> bool) -> Option<Rc<Mapping>> {
        let short = word.split('.').next().unwrap_or_default();
        self.best(&|m| (m.plural == name || m.singular == name) && fits(m))
            .or_else(|| self.best(&|m| m.short_names.iter().any(|s| s == short) && fits(m)))
            .cloned()
    }

    /// The resource of a kind.
    pub fn kind(&self, api_version: &str, kind: &str) -> Result<Rc<Mapping>, Error> {
        let fits = |m: &Mapping| m.kind == kind && m.api_version() == api_version && !m.plural.contains('/');
        self.best(&fits)
            .cloned()
            .ok_or_else(|| Error::Message(format!("no matches for kind {kind:?} in version {api_version:?}")))
    }

    /// The plural names of a category such as `all`, as `group_resource`; empty when there is no such category.
    pub fn category(&self, name: &str) -> Vec<String> {
        let mut names = Vec::new();
        for m in self.0.iter().filter(|m| m.categories.iter().any(|c| c == name)) {
            let name = m.group_resource();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}
