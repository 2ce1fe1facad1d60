//! What the registries have. Each image is one file here with its data and its behaviour, and one line in [`ALL`].
//! A page or a test adds more with [`Images::register`].

pub(crate) mod base;
mod reference;
mod server;

mod agnhost;
mod bootcamp;
mod components;
mod database;
mod echoserver;
mod faulty;
mod guestbook;
mod hello_app;
mod hpa_example;
mod httpd;
mod linux;
mod nginx;
mod pause;
mod perl;
mod redis;
mod stress;

pub use reference::{InvalidReference, Reference};
use sim::Order;

use sim::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use userland::{Files, Flavor, Machine, Signal};

/// Every image that is built in.
const ALL: &[Definition] = &[
    agnhost::IMAGE,
    bootcamp::GOOGLE,
    bootcamp::JOCATALIN,
    components::API_SERVER,
    components::CONTROLLER_MANAGER,
    components::DNS,
    components::ETCD,
    components::METRICS,
    components::PROXY,
    components::SCHEDULER,
    components::STORAGE,
    database::MARIADB,
    database::MYSQL,
    database::POSTGRES,
    echoserver::ECHO_SERVER,
    echoserver::IMAGE,
    faulty::CRASH,
    faulty::LEAK,
    faulty::SLOW,
    guestbook::IMAGE,
    hello_app::IMAGE,
    hpa_example::IMAGE,
    httpd::IMAGE,
    linux::ALPINE,
    linux::BUSYBOX,
    linux::CURL,
    linux::DEBIAN,
    linux::UBUNTU,
    nginx::IMAGE,
    pause::IMAGE,
    perl::IMAGE,
    redis::IMAGE,
    stress::IMAGE,
];

/// An image that is built in, under all its names.
pub(crate) struct Definition {
    /// Full names without tags, such as `docker.io/library/nginx`.
    pub(crate) repositories: &'static [&'static str],
    /// Tags that exist.
    pub(crate) tags: &'static [&'static str],
    /// Makes the image of a tag.
    pub(crate) make: fn(tag: &str) -> Image,
}

/// Registries that exist although most of what is asked of them does not.
const REGISTRIES: [&str; 8] = [
    "docker.io",
    "gcr.io",
    "registry.k8s.io",
    "k8s.gcr.io",
    "quay.io",
    "ghcr.io",
    "mcr.microsoft.com",
    "public.ecr.aws",
];

/// What an image holds.
#[derive(Clone, Debug)]
pub struct Image {
    /// Compressed size in bytes: what Events say, and what a pull's time comes from.
    pub size: u64,
    /// User that its first process runs as; empty means root.
    pub user: String,
    /// Environment.
    pub env: Vec<(String, String)>,
    /// `ENTRYPOINT`.
    pub entrypoint: Vec<String>,
    /// `CMD`.
    pub cmd: Vec<String>,
    /// `WORKDIR`; empty means `/`.
    pub working_dir: String,
    /// Its files, programs among them.
    pub files: Files,
    /// `STOPSIGNAL`.
    pub stop_signal: Signal,
    /// Which family its small programs belong to.
    pub flavor: Flavor,
}

impl Image {
    /// An image of files that runs a program with arguments.
    pub fn new(size: u64, files: Files, flavor: Flavor, entrypoint: &[&str], cmd: &[&str]) -> Image {
        let texts = |list: &[&str]| list.iter().map(|t| t.to_string()).collect();
        Image {
            size,
            user: String::new(),
            env: Vec::new(),
            entrypoint: texts(entrypoint),
            cmd: texts(cmd),
            working_dir: String::new(),
            stop_signal: Signal::Term,
            files,
            flavor,
        }
    }

    /// An image with a small Linux (as busybox or alpine have it) that runs a shell script.
    pub fn script(size: u64, script: &str) -> Image {
        let mut files = base::busybox();
        files.put("/entrypoint.sh", script);
        Image::new(size, files, Flavor::Busybox, &["/bin/sh", "/entrypoint.sh"], &[])
    }

    /// With a variable of the environment.
    pub fn with_env(mut self, name: &str, value: &str) -> Image {
        self.env.push((name.into(), value.into()));
        self
    }

    /// With the signal that asks it to end.
    pub(crate) fn with_stop_signal(mut self, signal: Signal) -> Image {
        self.stop_signal = signal;
        self
    }

    /// A machine with its files.
    pub(crate) fn machine(&self, hostname: &str) -> Machine {
        let mut machine = Machine::new(hostname, self.files.clone());
        machine.set_flavor(self.flavor);
        machine
    }
}

/// The images that can be pulled. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Images {
    registered: BTreeMap<String, Arc<Image>>,
    /// Built-in images that were asked for, made once.
    made: BTreeMap<String, Arc<Image>>,
    broken: BTreeSet<String>,
}

/// What a registry says when it is asked for an image.
pub(crate) enum Found {
    Image(Arc<Image>),
    /// The repository is there, the tag is not.
    NoTag,
    /// There is no such repository, or it is private.
    Denied,
    /// There is no such registry.
    NoRegistry,
    /// The registry answers with errors.
    Broken,
}

impl Images {
    /// The images that are built in.
    pub fn new() -> Images {
        Images::default()
    }

    /// Adds an image under a name such as `example.com/shop:2`, or replaces one. `false`: that is no name of an image.
    pub fn register(&mut self, name: &str, image: Image) -> bool {
        let Ok(reference) = Reference::parse(name) else { return false };
        self.registered.insert(reference.full(), Arc::new(image));
        true
    }

    /// Names of all images there are, with tags, sorted: for completion and help.
    pub fn names(&self) -> Vec<String> {
        let built_in = ALL
            .iter()
            .flat_map(|d| d.repositories.iter().flat_map(|r| d.tags.iter().map(move |t| format!("{r}:{t}"))));
        let mut names: Vec<String> = built_in.chain(self.registered.keys().cloned()).collect();
        names.order();
        names
    }

    pub(crate) fn set_broken(&mut self, name: &str, broken: bool) {
        let full = Reference::parse(name).map_or_else(|_| name.to_string(), |r| r.full());
        if broken {
            self.broken.insert(full);
        } else {
            self.broken.remove(&full);
        }
    }

    /// Asks the registry for an image.
    pub(crate) fn find(&mut self, reference: &Reference) -> Found {
        let full = reference.full();
        if self.broken.contains(&full) {
            return Found::Broken;
        }
        if let Some(image) = self.registered.get(&full) {
            return Found::Image(image.clone());
        }
        if let Some(image) = self.made.get(&full) {
            return Found::Image(image.clone());
        }
        let name = reference.name();
        let mut known = self.registered.keys().any(|k| k.rsplit_once(':').is_some_and(|(n, _)| n == name));
        for definition in ALL.iter().filter(|d| d.repositories.contains(&name.as_str())) {
            known = true;
            if let Some(tag) = definition.tags.iter().find(|t| reference.is_tag(t)) {
                let image = Arc::new((definition.make)(tag));
                self.made.insert(full, image.clone());
                return Found::Image(image);
            }
        }
        match () {
            () if known => Found::NoTag,
            () if !REGISTRIES.contains(&reference.registry.as_str()) => Found::NoRegistry,
            () if reference.registry == "docker.io" => Found::Denied,
            () => Found::NoTag,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_know_what_they_have() {
        let mut images = Images::new();
        let find = |images: &mut Images, name: &str| match images.find(&Reference::parse(name).unwrap()) {
            Found::Image(_) => "image",
            Found::NoTag => "no tag",
            Found::Denied => "denied",
            Found::NoRegistry => "no registry",
            Found::Broken => "broken",
        };
        let cases = [
            ("nginx", "image"),
            ("docker.io/library/nginx:1.27", "image"),
            ("nginx:does-not-exist", "no tag"),
            ("nonexistent-image", "denied"),
            ("gcr.io/no/such:1", "no tag"),
            ("example.org/x", "no registry"),
        ];
        for (name, expected) in cases {
            assert_eq!(find(&mut images, name), expected, "{name}");
        }
        images.set_broken("nginx:1.27", true);
        assert_eq!(find(&mut images, "nginx:1.27"), "broken");
        assert!(images.register("example.org/x:2", Image::script(1, "echo hi")));
        assert_eq!(
            (find(&mut images, "example.org/x:2"), find(&mut images, "example.org/x")),
            ("image", "no tag")
        );
    }
}
