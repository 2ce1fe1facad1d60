//! Brings what is missing. What cannot be brought is one line that says what to install.

use crate::run::{self, Outcome, ask, command, root, run, say, there};
use std::path::{Path, PathBuf};

const TARGET: &str = "wasm32-unknown-unknown";

/// The npm packages' folder, its lock file beside it.
const NPM: &str = "tools/npm";

/// The oldest Node that everything here works with.
const NODE: u32 = 20;

/// The compiler's part for the browser.
pub fn wasm_target() -> Outcome {
    let library = ask("rustc", &["--print", "target-libdir", "--target", TARGET]);
    if library.is_some_and(|path| Path::new(&path).is_dir()) {
        return Ok(());
    }
    say(&format!("bringing Rust's {TARGET} target"));
    run(command("rustup", &["target", "add", TARGET]))
        .map_err(|error| format!("{error}; install rustup from https://rustup.rs, then run this again"))
}

/// The compiler's formatter and lints.
pub fn components() -> Outcome {
    if ask("cargo", &["fmt", "--version"]).is_some() && ask("cargo", &["clippy", "--version"]).is_some() {
        return Ok(());
    }
    say("bringing rustfmt and clippy");
    run(command("rustup", &["component", "add", "rustfmt", "clippy"]))
}

/// The npm packages, if there is a Node to run them. `false` where there is none: the page is only larger then.
pub fn npm() -> Outcome<bool> {
    let version = ask("node", &["--version"]);
    let major =
        version.as_deref().and_then(|v| v.trim_start_matches('v').split('.').next()?.parse::<u32>().ok());
    if major.is_none_or(|major| major < NODE) || !there("npm") {
        say(&format!(
            "no Node {NODE} or later with npm: the page will be larger (install it from https://nodejs.org)"
        ));
        return Ok(false);
    }
    let lock = root().join(NPM).join("package-lock.json");
    let installed = root().join(NPM).join("node_modules/.package-lock.json");
    let time = |path: &Path| path.metadata().and_then(|file| file.modified()).ok();
    if time(&installed).is_some() && time(&installed) >= time(&lock) {
        return Ok(true);
    }
    say("bringing the optimiser (npm: binaryen, playwright-core; 120 MB on disk)");
    let mut npm = command("npm", &["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    npm.current_dir(root().join(NPM));
    run(npm).map_err(|error| format!("{error}; npm must reach its registry once"))?;
    Ok(true)
}

/// wasm-opt, where [`npm`] brought it.
pub fn wasm_opt() -> PathBuf {
    root().join(NPM).join("node_modules/binaryen/bin/wasm-opt")
}

/// A browser and its driver.
pub struct Browser {
    /// Chromium or Chrome.
    pub chromium: String,
    /// The driver of the same version.
    pub driver: String,
}

/// Finds Chromium and ChromeDriver; installs them where apt-get may.
pub fn browser() -> Outcome<Browser> {
    if let Some(found) = find_browser() {
        return Ok(found);
    }
    apt_install()?;
    find_browser().ok_or_else(|| HOW.to_string())
}

const HOW: &str = "no Chromium with ChromeDriver: install them (Debian: apt-get install chromium chromium-driver), \
                   or name them in CHROMIUM and CHROMEDRIVER";

fn find_browser() -> Option<Browser> {
    let find = |variable: &str, names: &[&str]| match std::env::var(variable) {
        Ok(named) => there(&named).then_some(named),
        Err(_) => names.iter().find_map(|name| which(name)).filter(|found| there(found)),
    };
    let chromium =
        find("CHROMIUM", &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])?;
    Some(Browser { chromium, driver: find("CHROMEDRIVER", &["chromedriver"])? })
}

/// The program's path, from PATH.
pub fn which(name: &str) -> Option<String> {
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())?;
    Some(found.to_string_lossy().into_owned())
}

/// Debian and Ubuntu, as root. Ubuntu's own packages are doors to snap, so there it may still not run afterwards.
fn apt_install() -> Outcome {
    if ask("id", &["-u"]).as_deref() != Some("0") || !there("apt-get") {
        return Err(HOW.into());
    }
    say("bringing Chromium and ChromeDriver by apt-get");
    let folder = run::target()?.join("apt");
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let apt = |arguments: &[&str]| {
        let mut apt = command("apt-get", arguments);
        // Some machines' own temporary folder is too small or too strict for the archives.
        apt.env("TMPDIR", &folder).env("DEBIAN_FRONTEND", "noninteractive");
        run(apt)
    };
    let install = ["install", "-y", "-q", "--no-install-recommends"];
    apt(&["update", "-q"])
        .and_then(|()| apt(&[&install[..], &["chromium", "chromium-driver"]].concat()))
        .or_else(|_| apt(&[&install[..], &["chromium-browser", "chromium-chromedriver"]].concat()))
        .map_err(|error| format!("{error}; {HOW}"))
}
