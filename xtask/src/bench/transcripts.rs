//! The scored scenarios, run by `kubarium run` and compared with what the real kubectl printed.

use crate::run::{Outcome, cargo, root, run, target};

/// This share of the commands must be identical, in percent; every other one is named in `known.txt`.
const LIMIT: &str = "92";

const FOLDER: &str = "tests/transcripts";

/// Runs every scenario of the folder and prints the score and the differences.
pub fn measure() -> Outcome {
    let folder = root().join(FOLDER);
    let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut scenarios: Vec<_> = entries.map_while(Result::ok).map(|entry| entry.path()).collect();
    // Every scenario has its recording beside it; known.txt has none.
    scenarios.retain(|path| {
        path.extension().is_some_and(|end| end == "txt") && path.with_extension("json").exists()
    });
    #[expect(clippy::disallowed_methods, reason = "not in the page")]
    scenarios.sort();
    let ours = target()?.join("transcripts");
    if ours.exists() {
        std::fs::remove_dir_all(&ours).map_err(|error| format!("{}: {error}", ours.display()))?;
    }
    let mut kubarium = cargo(&["run", "--quiet", "--package", "cli", "--bin", "kubarium", "--", "run"]);
    kubarium.args(scenarios).arg("--out").arg(&ours);
    run(kubarium)?;
    let mut compare =
        cargo(&["run", "--quiet", "--package", "tests", "--bin", "compare-transcripts", "--", FOLDER]);
    compare.arg(&ours).args(["--known", "tests/transcripts/known.txt", "--min", LIMIT, "--show", "1000"]);
    run(compare)
}
