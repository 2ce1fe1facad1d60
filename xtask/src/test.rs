//! `cargo xtask test`: everything that must hold, stage by stage, with counts at the end.
//!
//! A stage that fails does not stop the others, unless they stand on it. What counts is each test that a stage
//! reports; a stage that reports none (formatting, lints, the build) counts as one.

use crate::build::{page_command, page_tool};
use crate::run::{Background, Outcome, cargo, command, follow, root, run, say, target};
use crate::setup;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Crates whose tests run in a browser.
const IN_BROWSER: [&str; 1] = ["web"];

/// The program that only stands beside the browser's driver: two calls into a crate of others, 150 crates to compile.
const UNLINTED: &str = "bindgen";

/// What a stage counted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Counts {
    passed: u32,
    failed: u32,
    skipped: u32,
}

/// One stage: its name and what it does. An `Err` is a failure beyond those that were counted.
type Stage = (&'static str, fn(&mut Counts) -> Outcome);

/// Every stage, in order; those of the page stand on `page`.
const STAGES: [Stage; 8] = [
    ("format", format),
    ("lint", lint),
    ("native", native),
    ("transcripts", transcripts),
    ("page", page),
    ("wasm", wasm),
    ("browser", browser),
    ("trunk", trunk),
];

/// Runs the named stages, or all.
pub fn test(arguments: &[String]) -> Outcome {
    if let Some(word) = arguments.iter().find(|word| !STAGES.iter().any(|(name, _)| name == word)) {
        let names: Vec<&str> = STAGES.iter().map(|(name, _)| *name).collect();
        return Err(format!("test: no stage {word}; there are {}", names.join(", ")));
    }
    let mut all = Counts::default();
    let mut lines = Vec::new();
    let start = Instant::now();
    for (name, stage) in
        STAGES.iter().filter(|(name, _)| arguments.is_empty() || arguments.iter().any(|a| a == name))
    {
        say(&format!("\n== {name}"));
        let begun = Instant::now();
        let mut counts = Counts::default();
        let outcome = stage(&mut counts);
        if let Err(error) = &outcome {
            println!("{name}: {error}");
        }
        settle(&mut counts, &outcome);
        lines.push(format!("{name:11} {:6.1} s  {}", begun.elapsed().as_secs_f32(), sentence(counts)));
        all = Counts {
            passed: all.passed + counts.passed,
            failed: all.failed + counts.failed,
            skipped: all.skipped + counts.skipped,
        };
    }
    say(&format!("\n== all in {:.0} s", start.elapsed().as_secs_f32()));
    lines.iter().for_each(|line| println!("{line}"));
    println!("{}", sentence(all));
    if all.failed == 0 { Ok(()) } else { Err("not everything holds".into()) }
}

/// A stage that counted nothing is one check; one that failed has failed at least once.
fn settle(counts: &mut Counts, outcome: &Outcome) {
    match outcome {
        Ok(()) if *counts == Counts::default() => counts.passed = 1,
        Err(_) if counts.failed == 0 => counts.failed = 1,
        _ => {}
    }
}

fn sentence(counts: Counts) -> String {
    let skipped = if counts.skipped > 0 { format!(", {} skipped", counts.skipped) } else { String::new() };
    format!("{} passed, {} failed{skipped}", counts.passed, counts.failed)
}

fn format(_: &mut Counts) -> Outcome {
    setup::components()?;
    run(cargo(&["fmt", "--all", "--check"]))
}

fn lint(_: &mut Counts) -> Outcome {
    setup::components()?;
    run(cargo(&[
        "clippy",
        "--locked",
        "--workspace",
        "--exclude",
        UNLINTED,
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))?;
    let browser = IN_BROWSER.iter().flat_map(|name| ["--package", name]);
    let mut clippy = cargo(&["clippy", "--target", "wasm32-unknown-unknown", "--all-targets"]);
    clippy.args(browser).args(["--", "-D", "warnings"]);
    setup::wasm_target()?;
    run(clippy)
}

fn native(counts: &mut Counts) -> Outcome {
    let tests = cargo(&["test", "--locked", "--workspace", "--exclude", UNLINTED, "--no-fail-fast"]);
    count(tests, counts, cargo_counts)
}

/// What the real kubectl printed, against ours: the bar, and the list of known differences.
fn transcripts(_: &mut Counts) -> Outcome {
    crate::bench::bench(&["transcripts".into()])
}

/// What it may weigh is a bar: `cargo xtask bench first-load`.
fn page(_: &mut Counts) -> Outcome {
    run(page_command("build", "index.html", "dist")?)
}

fn wasm(counts: &mut Counts) -> Outcome {
    setup::wasm_target()?;
    let browser = setup::browser()?;
    let mut tests =
        cargo(&["test", "--target", "wasm32-unknown-unknown", "--no-fail-fast", "--lib", "--tests"]);
    tests.args(IN_BROWSER.iter().flat_map(|name| ["--package", name]));
    tests
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", bindgen_tool("test-runner")?)
        .env("CHROMEDRIVER", &browser.driver)
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", webdriver_json(&browser.chromium)?)
        .env("WASM_BINDGEN_TEST_TIMEOUT", "120")
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60");
    count(tests, counts, cargo_counts)
}

fn browser(counts: &mut Counts) -> Outcome {
    // A page that could not be built again is not tested in its old form.
    run(page_command("build", "index.html", "dist")?)?;
    in_browser(Path::new("dist"), counts)
}

/// The same tests on the page that Trunk builds.
fn trunk(counts: &mut Counts) -> Outcome {
    let Some(trunk) = setup::which("trunk") else {
        println!(
            "trunk is not on PATH: its page is not tested (cargo install trunk --version 0.21.14 --locked)"
        );
        counts.skipped += 1;
        return Ok(());
    };
    setup::npm()?;
    let dist = target()?.join("trunk");
    let mut build = command(trunk, &["build", "--offline", "--skip-version-check", "--dist"]);
    run({
        build.arg(&dist).env("PATH", path_for_trunk()?);
        build
    })?;
    in_browser(&dist, counts)
}

/// Runs tests/browser/*.test.mjs against the page in the folder.
fn in_browser(folder: &Path, counts: &mut Counts) -> Outcome {
    if !setup::npm()? {
        return Err("the browser tests need Node 20 or later: https://nodejs.org".into());
    }
    let browser = setup::browser()?;
    let tests = browser_tests()?;
    if tests.is_empty() {
        return Err("there are no tests in tests/browser".into());
    }
    let (_server, address) =
        Background::start(page_tool(&["host", &folder.to_string_lossy(), "--port", "0"])?)?;
    let mut node = command("node", &["--test", "--test-reporter=spec", "--test-concurrency=1"]);
    node.args(tests).env("KUBARIUM_URL", address).env("CHROMIUM", &browser.chromium);
    count(node, counts, node_counts)
}

fn browser_tests() -> Outcome<Vec<PathBuf>> {
    let folder = root().join("tests/browser");
    let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut tests: Vec<PathBuf> = entries.map_while(Result::ok).map(|entry| entry.path()).collect();
    tests.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    #[expect(clippy::disallowed_methods, reason = "not in the page")]
    tests.sort();
    Ok(tests)
}

/// Runs the tests and adds up what they report.
fn count(tests: std::process::Command, counts: &mut Counts, read: fn(&str, &mut Counts)) -> Outcome {
    let before = *counts;
    let well = follow(tests, |line| read(line, counts))?;
    match well {
        true if *counts == before => Err("no test has run".into()),
        true => Ok(()),
        false => Err("some tests failed".into()),
    }
}

/// `test result: ok. 3 passed; 0 failed; 1 ignored; …`, of cargo and of wasm-bindgen's runner.
fn cargo_counts(line: &str, counts: &mut Counts) {
    let Some(rest) = line.trim_start().strip_prefix("test result:") else { return };
    for part in rest.split([';', '.']) {
        let mut words = part.split_whitespace();
        let (number, what) = (words.next().and_then(|word| word.parse::<u32>().ok()), words.next());
        match (number, what) {
            (Some(number), Some("passed")) => counts.passed += number,
            (Some(number), Some("failed")) => counts.failed += number,
            (Some(number), Some("ignored")) => counts.skipped += number,
            _ => {}
        }
    }
}

/// `ℹ pass 3`, of Node's runner.
fn node_counts(line: &str, counts: &mut Counts) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let ["ℹ", what, number] = words[..] else { return };
    let Ok(number) = number.parse::<u32>() else { return };
    match what {
        "pass" => counts.passed += number,
        "fail" | "cancelled" => counts.failed += number,
        "skipped" | "todo" => counts.skipped += number,
        _ => {}
    }
}

/// Builds one of wasm-bindgen's own programs and gives its path.
fn bindgen_tool(name: &str) -> Outcome<PathBuf> {
    run(cargo(&["build", "--package", "bindgen"]))?;
    Ok(target()?.join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}

/// A PATH with wasm-bindgen at Cargo.lock's version in front: Trunk takes it from there.
fn path_for_trunk() -> Outcome<std::ffi::OsString> {
    let folder = target()?.join("for-trunk");
    let io = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(&folder).map_err(io)?;
    let name = format!("wasm-bindgen{}", std::env::consts::EXE_SUFFIX);
    std::fs::copy(bindgen_tool("bindgen")?, folder.join(name)).map_err(io)?;
    let old = std::env::var_os("PATH").unwrap_or_default();
    let paths = [folder.clone()].into_iter().chain(std::env::split_paths(&old));
    std::env::join_paths(paths).map_err(|error| error.to_string())
}

/// How the driver starts the browser. A file, because that is how the runner takes it.
fn webdriver_json(chromium: &str) -> Outcome<PathBuf> {
    let options = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ];
    let options = options.map(|option| format!("\"{option}\"")).join(", ");
    let text = format!("{{\"goog:chromeOptions\": {{\"binary\": {chromium:?}, \"args\": [{options}]}}}}\n");
    let file = target()?.join("webdriver.json");
    std::fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_the_runners_print() {
        let mut counts = Counts::default();
        cargo_counts(
            "test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out",
            &mut counts,
        );
        cargo_counts("test a::b ... ok", &mut counts);
        node_counts("ℹ pass 3", &mut counts);
        node_counts("ℹ fail 1", &mut counts);
        assert_eq!(counts, Counts { passed: 15, failed: 3, skipped: 1 });
        assert_eq!(sentence(counts), "15 passed, 3 failed, 1 skipped");
    }

    #[test]
    fn a_silent_stage_is_one_check_and_a_failed_one_never_passes() {
        let mut silent = Counts::default();
        settle(&mut silent, &Ok(()));
        assert_eq!(sentence(silent), "1 passed, 0 failed");
        let mut broken = Counts { passed: 4, ..Counts::default() };
        settle(&mut broken, &Err("a test binary crashed".into()));
        assert_eq!(sentence(broken), "4 passed, 1 failed");
    }
}
