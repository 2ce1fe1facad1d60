//! Where a lesson's links may lead: to the web, to a thing in the picture, to a view, to a file of the learner.

use api::Kind;
use apimachinery::Object;

/// The views of the picture that a lesson can open by `view:NAME`.
pub const VIEWS: [&str; 4] = ["cluster", "services", "nodes", "events"];

/// Where a link leads. Nothing else is ever a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// A page or a mail address: begins with `http://`, `https://` or `mailto:`.
    Web(String),
    /// A thing in the picture.
    Look(Look),
    /// A view, one of [`VIEWS`].
    View(String),
    /// A file in the learner's home directory.
    File(String),
}

/// A thing in the picture: `look:service/web`, or `look:pods/app=web` for those with a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The kind, such as `Service`.
    pub kind: &'static str,
    /// A name, or a label selector where it has a `=`.
    pub name: String,
}

impl Link {
    /// Reads a link's target. The error says why it is none.
    pub fn parse(target: &str) -> Result<Link, String> {
        let (scheme, rest) = target.split_once(':').ok_or("a link without http: or https:")?;
        match scheme {
            "http" | "https" if rest.starts_with("//") => Ok(Link::Web(target.into())),
            "mailto" => Ok(Link::Web(target.into())),
            "look" => Look::parse(rest).map(Link::Look),
            "view" if VIEWS.contains(&rest) => Ok(Link::View(rest.into())),
            "view" => Err(format!("there is no view {rest:?}")),
            "file" if is_file(rest) => Ok(Link::File(rest.into())),
            "file" => Err(format!("{rest:?} is no name of a file in the home directory")),
            _ => Err(format!("links to {scheme}: are not allowed")),
        }
    }
}

impl std::fmt::Display for Link {
    /// As it is written in Markdown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Link::Web(address) => f.write_str(address),
            Link::Look(look) => write!(f, "look:{}/{}", look.kind, look.name),
            Link::View(name) => write!(f, "view:{name}"),
            Link::File(name) => write!(f, "file:{name}"),
        }
    }
}

impl Look {
    fn parse(text: &str) -> Result<Look, String> {
        let (kind, name) = text.split_once('/').ok_or("a look: link without KIND/NAME")?;
        let known = kind_named(kind).ok_or_else(|| format!("there is no kind {kind:?}"))?;
        Ok(Look { kind: known.resource.kind, name: name.into() })
    }

    /// Whether an object is meant.
    pub fn means(&self, object: &Object) -> bool {
        if object.kind() != self.kind {
            return false;
        }
        match apimachinery::labels::Selector::parse(&self.name) {
            Ok(selector) if self.name.contains('=') => selector.matches(object.labels()),
            _ => object.name() == self.name,
        }
    }
}

/// A kind by its name, plural, singular or short name, in any case.
pub(crate) fn kind_named(name: &str) -> Option<&'static Kind> {
    let is_it = |kind: &&Kind| {
        let r = &kind.resource;
        [r.kind, r.plural, kind.singular].iter().chain(kind.short_names).any(|n| n.eq_ignore_ascii_case(name))
    };
    api::KINDS.iter().copied().filter(|k| k.storage != api::Storage::Body).find(is_it)
}

/// Whether a name stays in its folder.
pub(crate) fn is_file(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('/') && !name.split('/').any(|part| part == ".." || part.is_empty())
}
