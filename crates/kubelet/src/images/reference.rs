/// The name of an image, taken apart. Mirrors distribution/reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Such as `docker.io`.
    pub registry: String,
    /// Such as `library/nginx`.
    pub repository: String,
    /// Such as `1.27`, or `sha256:...` where the image is named by its digest.
    pub tag: String,
    digest: bool,
}

/// A text that names no image (InvalidImageName).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidReference;

impl Reference {
    /// Reads a name as a pod writes it.
    pub fn parse(text: &str) -> Result<Reference, InvalidReference> {
        let (name, digest) = text.split_once('@').map_or((text, None), |(n, d)| (n, Some(d)));
        let slash = name.rfind('/').map_or(0, |i| i + 1);
        let (name, tag) = match name[slash..].find(':') {
            Some(i) => (&name[..slash + i], Some(&name[slash + i + 1..])),
            None => (name, None),
        };
        let (registry, repository) = match name.split_once('/') {
            Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => {
                (first, rest.to_string())
            }
            Some(_) => ("docker.io", name.to_string()),
            None => ("docker.io", format!("library/{name}")),
        };
        let registry = if registry == "index.docker.io" { "docker.io" } else { registry };
        let repository = match repository.contains('/') || registry != "docker.io" {
            true => repository,
            false => format!("library/{repository}"),
        };
        let part = |p: &str| {
            let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
            p.starts_with(inner)
                && p.ends_with(inner)
                && p.chars().all(|c| inner(c) || matches!(c, '.' | '_' | '-'))
        };
        let word = |t: &str| {
            !t.is_empty()
                && t.len() <= 128
                && !t.starts_with(['.', '-'])
                && t.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
        };
        let hex = |d: &str| {
            d.strip_prefix("sha256:")
                .is_some_and(|h| h.len() == 64 && h.bytes().all(|b| b.is_ascii_hexdigit()))
        };
        let good = !name.is_empty()
            && repository.split('/').all(part)
            && tag.is_none_or(word)
            && digest.is_none_or(hex);
        if !good {
            return Err(InvalidReference);
        }
        let wanted = digest.or(tag).unwrap_or("latest").to_string();
        Ok(Reference { registry: registry.into(), repository, tag: wanted, digest: digest.is_some() })
    }

    /// Registry and repository, without tag: `docker.io/library/nginx`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }

    /// The full name: `docker.io/library/nginx:1.27`.
    pub fn full(&self) -> String {
        format!("{}{}{}", self.name(), if self.digest { '@' } else { ':' }, self.tag)
    }

    /// The name by digest, as statuses show it.
    pub fn id(&self) -> String {
        let digest = if self.digest { self.tag.clone() } else { digest(&self.name(), &self.tag) };
        format!("{}@{digest}", self.name())
    }

    /// Whether it means the image of a tag.
    pub(crate) fn is_tag(&self, tag: &str) -> bool {
        if self.digest { digest(&self.name(), tag) == self.tag } else { self.tag == tag }
    }
}

/// A digest that is always the same for a name and tag.
fn digest(name: &str, tag: &str) -> String {
    let mut rng = sim::Rng::new(1).fork(&format!("{name}:{tag}"));
    let hex: String = (0..4).map(|_| format!("{:016x}", rng.next_u64())).collect();
    format!("sha256:{hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_completed_and_checked() {
        let full = |t: &str| Reference::parse(t).map(|r| r.full());
        let cases = [
            ("nginx", "docker.io/library/nginx:latest"),
            ("docker.io/redis:6.0.5", "docker.io/library/redis:6.0.5"),
            ("jocatalin/kubernetes-bootcamp:v2", "docker.io/jocatalin/kubernetes-bootcamp:v2"),
            ("gcr.io/google-samples/kubernetes-bootcamp:v1", "gcr.io/google-samples/kubernetes-bootcamp:v1"),
            ("localhost:5000/x", "localhost:5000/x:latest"),
        ];
        for (text, expected) in cases {
            assert_eq!(full(text).as_deref(), Ok(expected), "{text}");
        }
        for bad in ["Nginx:UPPER", "", "a b", "nginx:", "nginx@sha256:12", "-x", "a//b"] {
            assert_eq!(full(bad), Err(InvalidReference), "{bad}");
        }
        let by_tag = Reference::parse("nginx:1.27").unwrap();
        let by_digest = Reference::parse(&by_tag.id()).unwrap();
        assert!(by_digest.is_tag("1.27") && !by_digest.is_tag("1.26"));
    }
}
