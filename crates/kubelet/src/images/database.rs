//! Databases that refuse to start without a password: mysql, mariadb, postgres. With one they are up and listen; what
//! clients say to them is not simulated.

use super::server::{self, Stop, WAIT};
use super::{Definition, Image, base};
use sim::net;
use userland::{Flavor, Os, Program, Signal, Step};

pub(super) const MYSQL: Definition = Definition {
    repositories: &["docker.io/library/mysql"],
    tags: &["latest", "5.6", "5.7", "8", "8.0", "8.4", "9", "9.0", "lts"],
    make: |_| image("MYSQL", "mysqld", 233_000_000),
};

pub(super) const MARIADB: Definition = Definition {
    repositories: &["docker.io/library/mariadb"],
    tags: &["latest", "10", "10.6", "11", "11.4", "lts"],
    make: |_| image("MARIADB", "mariadbd", 117_000_000),
};

pub(super) const POSTGRES: Definition = Definition {
    repositories: &["docker.io/library/postgres"],
    tags: &["latest", "13", "14", "15", "16", "17", "16-alpine", "17-alpine"],
    make: |_| image("POSTGRES", "postgres", 155_000_000),
};

fn image(kind: &str, program: &str, size: u64) -> Image {
    let mut files = base::debian();
    files.install(&format!("/usr/local/bin/{program}"), |_| Box::new(Database::default()));
    Image::new(size, files, Flavor::Gnu, &[], &[program]).with_env("KIND", kind)
}

#[derive(Clone, Default)]
struct Database {
    port: Option<u16>,
    stop: Stop,
}

impl Program for Database {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        if self.stop.wanted() {
            return Step::Exit(0);
        }
        let Some(port) = self.port else {
            return match start(os) {
                Ok(port) => {
                    self.port = Some(port);
                    os.listen(port);
                    os.claim_memory(360 << 20);
                    WAIT
                }
                Err(text) => {
                    os.eprint(&text);
                    Step::Exit(1)
                }
            };
        };
        while let Some((id, _, _)) = os.accept(port) {
            os.answer(id, Err(net::Error::Reset));
        }
        WAIT
    }

    fn dies_of(&mut self, signal: Signal) -> bool {
        self.stop.signal(signal)
    }
}

fn start(os: &mut Os<'_>) -> Result<u16, String> {
    let kind = os.var("KIND").to_string();
    let time = server::slash_time(os.now()).replace('/', "-");
    let set = |names: &[&str]| names.iter().any(|n| !os.var(n).is_empty());
    if kind == "POSTGRES" {
        let allowed = set(&["POSTGRES_PASSWORD"]) || os.var("POSTGRES_HOST_AUTH_METHOD") == "trust";
        if !allowed {
            return Err("Error: Database is uninitialized and superuser password is not specified.\n       You must specify \
                POSTGRES_PASSWORD to a non-empty value for the\n       superuser. For example, \"-e POSTGRES_PASSWORD=password\" on \
                \"docker run\".\n\n       You may also use \"POSTGRES_HOST_AUTH_METHOD=trust\" to allow all\n       connections without a \
                password. This is *not* recommended.\n".into());
        }
        os.eprint(&format!("{time}.000 UTC [1] LOG:  database system is ready to accept connections\n"));
        return Ok(5432);
    }
    let options = ["ROOT_PASSWORD", "ALLOW_EMPTY_PASSWORD", "RANDOM_ROOT_PASSWORD"];
    let mut names: Vec<String> = options.iter().map(|o| format!("MYSQL_{o}")).collect();
    if kind == "MARIADB" {
        names.extend(
            options.iter().map(|o| format!("MARIADB_{}", o.replace("EMPTY_PASSWORD", "EMPTY_ROOT_PASSWORD"))),
        );
    }
    let given = names.iter().any(|n| set(&[n.as_str()]));
    os.print(&format!("{time}+00:00 [Note] [Entrypoint]: Entrypoint script for {kind} Server started.\n"));
    if !given {
        let list: String = names.iter().map(|n| format!("    - {n}\n")).collect();
        return Err(format!(
            "{time}+00:00 [ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n    \
             You need to specify one of the following as an environment variable:\n{list}"
        ));
    }
    os.eprint(&format!("{time} 0 [System] [Server] ready for connections. port: 3306\n"));
    Ok(3306)
}
