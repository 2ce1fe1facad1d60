//! `sudo`: runs a command as root or as another user. Nobody is asked for a password.

use super::identity::not_started;
use super::support::complain;
use crate::{Os, Program, Step};

const USAGE: &str = "usage: sudo -h | -K | -k | -V\nusage: sudo [-EHinS] [-u user] [VAR=value] [-i | -s] [command [arg ...]]\n";

/// `sudo`
#[derive(Clone)]
pub(super) struct Sudo;

/// What a command line asks for.
#[derive(Default)]
struct Asked {
    user: String,
    /// `-i`: a login shell, in the user's home.
    login: bool,
    /// `-s`: a shell.
    shell: bool,
    variables: Vec<(String, String)>,
    argv: Vec<String>,
}

impl Program for Sudo {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        let asked = match parse(os) {
            Ok(asked) => asked,
            Err(code) => return Step::Exit(code),
        };
        let user = if asked.user.is_empty() { "root" } else { asked.user.as_str() };
        let user = user.strip_prefix('#').unwrap_or(user).to_string();
        let ids = os.ids_of(&user);
        let name = os.user_name(ids.0).or((ids.0 == 0).then(|| "root".into()));
        if ids.0 == 0 && !matches!(user.as_str(), "root" | "0") {
            os.eprint(&format!(
                "sudo: unknown user {user}\nsudo: error initializing audit plugin sudoers_audit\n"
            ));
            return Step::Exit(1);
        }
        let home = match ids.0 {
            0 => "/root".to_string(),
            _ => format!("/home/{}", name.clone().unwrap_or_default()),
        };
        let mut argv = asked.argv;
        if asked.login || asked.shell {
            let shell = if os.files().exists("/bin/bash") { "/bin/bash" } else { "/bin/sh" };
            let mut words = vec![shell.to_string()];
            if asked.login {
                words.push("-l".into());
                // A home that is not there leaves the directory as it is.
                let _ = os.set_cwd(&home);
            }
            if !argv.is_empty() {
                words.extend(["-c".into(), argv.join(" ")]);
            }
            argv = words;
        }
        let Some(command) = argv.first().cloned() else {
            os.eprint(USAGE);
            return Step::Exit(1);
        };
        let mut env = os.env().clone();
        let who = name.unwrap_or(user);
        for (key, value) in [("HOME", home), ("USER", who.clone()), ("LOGNAME", who)] {
            env.insert(key.into(), value);
        }
        env.extend(asked.variables);
        os.set_env(env);
        os.set_ids(ids);
        match os.exec(&argv) {
            Ok(()) => Step::Yield,
            Err(crate::SpawnError::NotFound) => {
                os.eprint(&format!("sudo: {command}: command not found\n"));
                Step::Exit(1)
            }
            Err(error) => Step::Exit(not_started(os, "sudo", &command, &error)),
        }
    }
}

/// Reads the command line; the exit code where it ends here.
fn parse(os: &mut Os<'_>) -> Result<Asked, i32> {
    let mut asked = Asked::default();
    let words = os.argv()[1..].to_vec();
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next_if(|w| w.starts_with('-') && w.len() > 1) {
        match word.as_str() {
            "--" => break,
            "-u" | "--user" => asked.user = words.next().unwrap_or_default(),
            "-i" | "--login" => asked.login = true,
            "-s" | "--shell" => asked.shell = true,
            // Credentials are not asked for, the environment stays, HOME is the user's.
            "-E" | "--preserve-env" | "-n" | "--non-interactive" | "-S" | "-H" | "--set-home" => {}
            "-k" | "-K" | "-v" if words.peek().is_none() => return Err(0),
            "-V" => {
                os.print("Sudo version 1.9.13p3\n");
                return Err(0);
            }
            "-h" | "--help" => {
                os.print(USAGE);
                return Err(0);
            }
            _ if word.starts_with("--user=") => asked.user = word[7..].into(),
            _ if word.starts_with("-u") => asked.user = word[2..].into(),
            _ => {
                complain(os, &format!("invalid option -- '{}'", word.trim_start_matches('-')));
                os.eprint(USAGE);
                return Err(1);
            }
        }
    }
    let is_assignment = |w: &String| {
        w.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        })
    };
    while let Some(word) = words.next_if(is_assignment) {
        asked.variables.extend(word.split_once('=').map(|(n, v)| (n.to_string(), v.to_string())));
    }
    asked.argv = words.collect();
    Ok(asked)
}
