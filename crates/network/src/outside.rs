//! The rest of the world, as far as examples mention it: a few names, with what they answer.

use sim::net::{Error, HttpResponse, Payload, Response};

/// A site outside.
pub struct Site {
    /// Its names.
    pub names: &'static [&'static str],
    /// Its address.
    pub address: &'static str,
    status: u16,
    content_type: &'static str,
    body: &'static str,
}

/// The sites. An address of its own each; all of them listen on 80 and 443.
static SITES: &[Site] = &[
    Site {
        names: &["example.com", "www.example.com", "example.org", "www.example.org", "example.net"],
        address: "93.184.215.14",
        status: 200,
        content_type: "text/html",
        body: "<!doctype html>\n<html>\n<head><title>Example Domain</title></head>\n\
               <body><h1>Example Domain</h1><p>A site outside of the cluster, for examples.</p></body>\n</html>\n",
    },
    Site {
        names: &["kubernetes.io", "www.kubernetes.io"],
        address: "147.75.40.148",
        status: 200,
        content_type: "text/html",
        body: "<!doctype html>\n<html>\n<head><title>Kubernetes</title></head>\n<body><h1>Kubernetes</h1></body>\n</html>\n",
    },
    Site {
        names: &["google.com", "www.google.com"],
        address: "142.250.185.78",
        status: 200,
        content_type: "text/html",
        body: "<!doctype html>\n<html>\n<head><title>Google</title></head>\n<body></body>\n</html>\n",
    },
    Site {
        names: &["info.cern.ch"],
        address: "188.184.67.127",
        status: 200,
        content_type: "text/html",
        body: "<html><head></head><body><header>\n<title>http://info.cern.ch</title>\n</header>\n\n<h1>http://info.cern.ch - home of the first website</h1>\n</body></html>\n",
    },
    registry(&["registry-1.docker.io", "docker.io", "index.docker.io"], "98.85.153.80"),
    registry(&["registry.k8s.io"], "34.96.108.209"),
    registry(&["gcr.io"], "64.233.184.82"),
    registry(&["quay.io"], "44.194.193.124"),
    registry(&["ghcr.io"], "140.82.121.33"),
];

const fn registry(names: &'static [&'static str], address: &'static str) -> Site {
    let body = "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\",\"detail\":null}]}\n";
    Site { names, address, status: 401, content_type: "application/json", body }
}

/// The site with this name.
pub fn by_name(name: &str) -> Option<&'static Site> {
    SITES.iter().find(|site| site.names.contains(&name))
}

/// The site with this address.
pub fn by_address(address: &str) -> Option<&'static Site> {
    SITES.iter().find(|site| site.address == address)
}

impl Site {
    /// What it answers; `None` when it does not listen on that port.
    pub fn answer(&self, port: u16, payload: &Payload) -> Option<Result<Response, Error>> {
        if !matches!(port, 80 | 443) {
            return None;
        }
        Some(match payload {
            Payload::Http(_) => {
                Ok(Response::Http(HttpResponse::new(self.status, self.content_type, self.body)))
            }
            Payload::Bytes(_) => Err(Error::EmptyReply),
            Payload::Connect | Payload::Lookup(_) => Ok(Response::Connected),
        })
    }
}
